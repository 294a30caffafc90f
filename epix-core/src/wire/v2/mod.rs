//! Toolkit 2.0 (`CITESEPermit`, 2013): the open form as seen on the wire.

mod names;
mod values;

use super::carry::Within;
use super::codec::{Codec, Endorsement, Written};
use super::describe::Occurs;
use super::endorse::{self, Box14};
use super::form::FormError;
use super::message;
use crate::permit::Permit;
use crate::version::V2;
pub(super) use names::Version2;

/// How this version is read and written.
pub(super) const CODEC: Codec =
    Codec { read: message::read::<Version2>, write: |permit| write_within(permit, None), endorse };

/// Writes a permit as a stand-alone 2.0 document, whatever that cannot carry.
pub fn write(permit: &Permit) -> String {
    write_within(permit, None).document
}

/// Writes a permit as a stand-alone 2.0 document, within the limits of a narrower set of elements if there are any.
pub fn write_within(permit: &Permit, within: Option<&dyn Within>) -> Written {
    message::write::<Version2>(permit, &V2, names::PREFIXES, within)
}

/// Inserts box 14 into an issued 2.0 document and leaves every other byte.
///
/// # Errors
/// [`FormError`] when the document is not well-formed, which cannot be for one that was accepted.
pub fn endorse(document: &str, endorsement: &Endorsement) -> Result<String, FormError> {
    endorse::endorse::<Version2>(document, endorsement, &BOX_14)
}

/// Every path of the version with how often it may stand and its attributes, in document order, the root first.
pub fn described_paths() -> Vec<(String, Occurs, &'static [&'static str])> {
    message::described_paths::<Version2>(&V2)
}

const BOX_14: Box14 = Box14 {
    namespace: V2.component_namespace,
    values: &[],
    event: "ExaminationTransportEvent",
    item: "IncludedSupplyChainConsignmentItem",
    procedure: "ApplicableCrossBorderRegulatoryProcedure",
};
