//! From bytes to a document that may be stored: the whole story of receiving, in one short function.

use crate::id::{Country, PermitNumber, Sha256Digest};
use crate::permit::Permit;
use crate::report::Report;
use crate::version::ToolkitVersion;

/// A document that was looked at in every layer and found good. Only this can be stored as a permit.
#[derive(Debug, Clone)]
pub struct Accepted {
    bytes: Vec<u8>,
    version: ToolkitVersion,
    number: PermitNumber,
    permit: Permit,
    report: Report,
}

/// A document that was refused, with its bytes and the report that says why.
#[derive(Debug, Clone)]
pub struct Rejected {
    /// What was received.
    pub bytes: Vec<u8>,
    /// Why it was refused.
    pub report: Report,
}

impl Accepted {
    /// The stand-alone document: what is stored, untouched.
    pub fn bytes(&self) -> &[u8] {
        &self.bytes
    }

    /// Digest of [`Accepted::bytes`].
    pub fn digest(&self) -> Sha256Digest {
        Sha256Digest::of(&self.bytes)
    }

    /// The toolkit version it is written in.
    pub fn version(&self) -> ToolkitVersion {
        self.version
    }

    /// The number of the permit (box 1).
    pub fn number(&self) -> &PermitNumber {
        &self.number
    }

    /// The country of import (boxes 3, 3a).
    pub fn destination(&self) -> Option<Country> {
        self.permit.destination()
    }

    /// The permit as it was read.
    pub fn permit(&self) -> &Permit {
        &self.permit
    }

    /// What was said about it: notes and warnings, no error.
    pub fn report(&self) -> &Report {
        &self.report
    }
}
