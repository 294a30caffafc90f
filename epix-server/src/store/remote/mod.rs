//! How do the operator's commands work while a server holds the store? They ask it, over a socket beside the store.
//!
//! [`Control`] is the server's end and does on its own store what it is asked; [`RemoteStore`] is the other end and keeps the
//! same promises by passing every question on. A line of JSON asks, a line of JSON answers. The socket is for the owner of the
//! store (and root) only: whoever may open the file may also ask, and nobody else.

mod client;
mod message;
mod serve;

pub use client::RemoteStore;
pub(super) use message::base64;
pub use serve::Control;
