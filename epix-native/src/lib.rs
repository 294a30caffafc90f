//! Which C library functions does the gateway need, and how are they called without danger?
//!
//! This is the only crate of the workspace that may contain `unsafe`. Each module wraps one service of a C library as a
//! few safe functions over Rust strings and bytes; nothing here knows what a permit is. Every `unsafe` block says in a
//! `SAFETY` comment why it is sound.
//!
//! * [`schema`]: does a document obey an XML schema? (libxml2)
//! * [`signature`]: does a signature over bytes hold, and who vouches for the signer? (OpenSSL)

#![deny(unsafe_op_in_unsafe_fn)]
#![deny(clippy::undocumented_unsafe_blocks)]

pub mod schema;
pub mod signature;
