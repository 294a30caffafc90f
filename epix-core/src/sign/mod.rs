//! Who signed a document, and is it still what was signed? Made and checked by one narrow profile of XML signatures.
//!
//! ```text
//! make    document ─> canonical ─> digest ─> SignedInfo ─> key ─> Signature, beside the document or within it
//! verify  document ─> place (take the signature out) ─> structure (element by element) ─> canonical ─> digest, value
//!                  ─> chain, moment, usage, revocation ─> Seal {signer, covers} and the bytes that were covered
//! ```
//! A signature covers the canonical stand-alone form of a permit, and nothing of it is ever dereferenced: the caller
//! supplies the bytes. What is read afterwards is [`verify::Verdict::covered`]: exactly the bytes that were signed.

pub mod canonical;
pub mod make;
mod names;
pub mod place;
pub mod profile;
pub mod rules;
pub mod seal;
mod structure;
pub mod verify;

/// The name of the attachment that carries the signature of a permit in an answer.
pub const ATTACHMENT: &str = "permit.sig.xml";

pub use epix_native::signature::{Anchors, Certificate, KeyError, KeyKind, SoftwareKey};
pub use make::{SignError, Signer, sign};
pub use place::Place;
pub use profile::Profile;
pub use seal::Seal;
pub use verify::{Question, Signers, Trust, Verdict, verify};
