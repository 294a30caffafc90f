//! Between bytes and the model: guard, open, view, read, write; XML names live only below this folder.
//!
//! ```text
//! bytes ─> guard ─> open (sniff) ─> Received {document, view} ─> codec.read ─> Permit
//!                                              Permit ─> codec.write ─> bytes, losses
//!          json: Permit <─> our own JSON form, no version of the toolkit
//!          form: stand-alone <─> inside an answer, by re-tagging the root only
//! ```

mod bare;
pub mod carry;
mod codec;
mod dates;
pub mod describe;
mod edit;
mod endorse;
pub mod form;
pub mod guard;
pub mod json;
mod message;
mod open;
mod place;
pub mod reader;
pub mod rules;
mod shape;
mod stands;
mod tag;
mod trace;
pub mod tree;
pub mod v1;
pub mod v2;
pub mod v3;
mod versions;
mod view;
pub mod wco;
pub mod writer;

pub use carry::Within;
pub use codec::{Codec, Endorsement, Loss, Written};
pub(crate) use open::open_with;
pub use open::{Received, open, read};
pub use place::path_of;
pub(crate) use place::position;
pub use trace::Trace;
pub use versions::codec;
pub use view::View;
