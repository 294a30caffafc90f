//! Toolkit 1.0 (`CBFShip`, 2010): as seen on the wire.

mod adapted;
mod names;
mod values;

use super::codec::{Codec, Endorsement, Written};
use super::describe::Occurs;
use super::endorse::{self, Box14};
use super::form::FormError;
use super::message;
use crate::permit::Permit;
use crate::version::V1;
use names::Version1;

/// How this version is read and written.
pub(super) const CODEC: Codec = Codec { read: message::read::<Version1>, write, endorse };

/// Writes a permit as a stand-alone 1.0 document, saying what that cannot carry.
pub fn write(permit: &Permit) -> Written {
    message::write::<Version1>(permit, &V1, names::PREFIXES, None)
}

/// Inserts box 14 into an issued 1.0 document and leaves every other byte.
///
/// # Errors
/// [`FormError`] when the document is not well-formed, which cannot be for one that was accepted.
pub fn endorse(document: &str, endorsement: &Endorsement) -> Result<String, FormError> {
    endorse::endorse::<Version1>(document, endorsement, &BOX_14)
}

/// Every path of the version with how often it may stand and its attributes, in document order, the root first.
pub fn described_paths() -> Vec<(String, Occurs, &'static [&'static str])> {
    message::described_paths::<Version1>(&V1)
}

const BOX_14: Box14 = Box14 {
    namespace: V1.component_namespace,
    values: &[],
    event: "ExaminationTransportEvent",
    item: "IncludedSupplyChainConsignmentItem",
    procedure: "ApplicableCrossBorderGovernmentProcedure",
};
