//! From bytes to a document that may be stored: the whole story of receiving, in one short function.

use crate::check;
use crate::check::knowledge::Knowledge;
use crate::check::policy::{Decision, Policy, decide};
use crate::check::profile::Profile;
use crate::check::stages::{self, Checked};
use crate::id::{Country, PermitNumber, Sha256Digest};
use crate::permit::Permit;
use crate::report::{Layer, Report};
use crate::version::ToolkitVersion;
use crate::wire::Received;

mod signed;

pub use crate::check::stages::Reading;
pub use signed::{Judged, Requirement, Sealing, Signature, judge, receive_signed};

/// A document that was looked at in every layer and accepted. Only this can be stored as a permit.
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
    /// What could be read of it, where anything could.
    pub reading: Option<Reading>,
}

/// Looks at a document in every layer: what can be stored, or what is wrong with it.
///
/// The document may be a stand-alone permit or a whole EPIX answer that carries one.
///
/// # Errors
/// [`Rejected`] with the report that names every error and its place.
///
/// ```
/// use epix_core::receive::receive;
/// let refused = receive(b"<!DOCTYPE x><x/>").unwrap_err();
/// assert_eq!(refused.report.rule_ids(), ["EPIX-GUARD-04"]);
/// ```
pub fn receive(bytes: &[u8]) -> Result<Accepted, Box<Rejected>> {
    receive_with(bytes, &Policy::default(), &Knowledge::default())
}

/// Looks at a document in every layer, with what is known beside it, and decides by a policy.
///
/// # Errors
/// [`Rejected`] with the report; [`decide`] with the same policy tells for which rules.
pub fn receive_with(bytes: &[u8], policy: &Policy, knowledge: &Knowledge<'_>) -> Result<Accepted, Box<Rejected>> {
    let checked = stages::run(bytes, policy, knowledge);
    let decision = decide(&checked.report, policy);
    settle(bytes, checked, decision)
}

/// Takes back a document that was accepted once, or one that was made from it here: it must still be readable, and its rules
/// are not asked again, as they may have changed since.
///
/// # Errors
/// [`Rejected`] when it cannot be read without errors.
pub fn receive_again(bytes: &[u8]) -> Result<Accepted, Box<Rejected>> {
    let mut checked = stages::read(bytes);
    let decision = decide(&checked.report, &Policy::default());
    checked.report.skip(Layer::Rules, "it was accepted before, and rules are not asked twice");
    settle(bytes, checked, decision)
}

fn settle(bytes: &[u8], checked: Checked, decision: Decision) -> Result<Accepted, Box<Rejected>> {
    let Checked { reading, report } = checked;
    let number = reading.as_ref().and_then(|reading| check::number_of(&reading.permit).ok());
    match (reading, number) {
        (Some(reading), Some(number)) if decision.is_accepted() => {
            let Reading { received: Received { version, document, .. }, permit, .. } = reading;
            Ok(Accepted { bytes: document.into_bytes(), version, number, permit, report })
        }
        (reading, _) => Err(Box::new(Rejected { bytes: bytes.to_vec(), report, reading })),
    }
}

/// Opens and reads a document as far as it goes, with the report of every layer up to reading.
pub fn inspect(bytes: &[u8]) -> (Option<Reading>, Report) {
    let Checked { reading, report } = stages::read(bytes);
    (reading, report)
}

/// Opens a document and holds it against its schema, and looks no further: guard, well-formed, version, schema.
pub fn inspect_schema(bytes: &[u8]) -> (Option<Received>, Report) {
    stages::open(bytes)
}

/// The same, and holds the document against a narrower form of its version too, such as the guide form of toolkit 2.0.
pub fn inspect_within(bytes: &[u8], profile: &Profile) -> (Option<Received>, Report) {
    stages::open_within(bytes, profile)
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

    /// What was said about it: notes, warnings, and errors that the policy does not refuse.
    pub fn report(&self) -> &Report {
        &self.report
    }
}
