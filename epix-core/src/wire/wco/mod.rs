//! Toolkit 3.0, the WCO model (WCO Data Model 3.11), as a **draft**: six elements are published, the rest is inferred.
//!
//! The message is laid out otherwise than the model, so `shape.rs` carries a permit over and back; what has no place there is
//! listed as lost, box by box.

mod names;
mod shape;
mod values;

use super::codec::{Codec, Written};
use super::describe::Occurs;
use super::form::FormError;
use super::message;
use super::trace::Trace;
use super::tree::Node;
use super::view::View;
use crate::permit::Permit;
use crate::report::Finding;
use crate::version::WCO_DRAFT;
use names::{PREFIXES, Wco};

/// How this version is read and written. It has no place for box 14, so no document of it can be endorsed.
pub(super) const CODEC: Codec = Codec { read, write, endorse: |_, _| Err(FormError::NoBox14(WCO_DRAFT.label)) };

fn read(root: Node<'_, '_>, view: &View) -> (Permit, Vec<Finding>, Trace) {
    let (permit, findings, trace) = message::read::<Wco>(root, view);
    (permit.pruned(), findings, trace)
}

/// Writes a permit as a stand-alone document of the draft, saying what it could not carry.
pub fn write(permit: &Permit) -> Written {
    message::write::<Wco>(permit, &WCO_DRAFT, PREFIXES, None)
}

/// Every path of the version with how often it may stand and its attributes, in document order, the root first.
pub fn described_paths() -> Vec<(String, Occurs, &'static [&'static str])> {
    message::described_paths::<Wco>(&WCO_DRAFT)
}
