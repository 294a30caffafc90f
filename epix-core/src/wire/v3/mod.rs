//! Toolkit 3.0, the UN/CEFACT model (library D22A), as an **inferred draft**: not the published message, never official.
//!
//! Nearly everything stands as in 2.0. Other are the names of context and header, the order of a few elements, dates and
//! indicators (elements in elements), and two elements that the library has no more. What the draft cannot carry: what 2.0
//! cannot either, and of the date of a referenced document the fraction of a second.
//! What D22A has beyond 2.0 (status, cancellation, attachments, taxon codes …) is refused by the reader, because nobody can
//! say yet whether 3.0 uses it.

mod adapt;
mod names;
mod values;

use super::codec::{Codec, Endorsement, Written};
use super::describe::Occurs;
use super::endorse::{self, Box14};
use super::form::FormError;
use super::message;
use crate::permit::Permit;
use crate::version::V3_DRAFT;
use names::{COMPONENTS, PREFIXES, UNQUALIFIED, Version3};

/// How this version is read and written.
pub(super) const CODEC: Codec = Codec { read: message::read::<Version3>, write, endorse };

/// Writes a permit as a stand-alone document of the draft, saying what it could not carry.
pub fn write(permit: &Permit) -> Written {
    message::write::<Version3>(permit, &V3_DRAFT, PREFIXES, None)
}

/// Inserts box 14 into an issued document of the draft and leaves every other byte.
///
/// # Errors
/// [`FormError`] when the document is not well-formed, which cannot be for one that was accepted.
pub fn endorse(document: &str, endorsement: &Endorsement) -> Result<String, FormError> {
    endorse::endorse::<Version3>(document, endorsement, &BOX_14)
}

/// Every path of the version with how often it may stand and its attributes, in document order, the root first.
pub fn described_paths() -> Vec<(String, Occurs, &'static [&'static str])> {
    message::described_paths::<Version3>(&V3_DRAFT)
}

const BOX_14: Box14 = Box14 {
    namespace: COMPONENTS,
    values: &[(UNQUALIFIED, "udt")],
    event: "ExaminationTransportEvent",
    item: "IncludedSupplyChainConsignmentItem",
    procedure: "ApplicableCrossBorderRegulatoryProcedure",
};
