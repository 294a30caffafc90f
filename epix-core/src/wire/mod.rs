//! Between bytes and the model: guard, open, view, read, write; XML names live only below this folder.
//!
//! ```text
//! bytes ─> guard ─> open (sniff) ─> Received {document, view} ─> v2::read ─> Permit
//!                                              Permit ─> v2::write ─> bytes
//!          form: stand-alone <─> inside an answer, by re-tagging the root only
//! ```

mod codec;
pub mod describe;
mod edit;
mod endorse;
pub mod form;
pub mod guard;
mod message;
mod open;
mod place;
pub mod reader;
pub mod rules;
mod tag;
pub mod v2;
mod view;
pub mod writer;

pub use codec::{Codec, Endorsement, Loss, ReadTree, Written, codec};
pub(crate) use open::open_with;
pub use open::{Received, open};
pub use place::path_of;
pub use view::View;
