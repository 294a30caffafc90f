//! The four EPIX operations as SOAP 1.1 messages: reading requests, writing answers and faults, and the other way round.
//!
//! ```text
//! server:  bytes ─> request::read ─> Request          answer::write_* / fault::write ─> bytes
//! client:  request::write ─> bytes                    answer::read ─> Answer (a fault is an answer too)
//! ```
//! Dispatch goes by namespace URIs, never by prefixes. What the public contract does not say (the answers of
//! `ConfirmQuantities` and `ServiceState`, the fault detail) is this project's choice and stands in `docs/contract.md`.

pub mod answer;
mod dialect;
mod envelope;
pub mod fault;
mod message;
mod original;
pub mod package;
pub mod request;

pub use answer::{Answer, Attachment, Attachments};
pub use dialect::{DIALECTS, Dialect, DialectSpec};
pub use fault::{Blame, Fact, Fault, FaultCode};
pub use original::{OriginalCaller, with_call_id};
pub use package::{Package, PackageError};
pub use request::{Call, CertificateKey, Refused, Request};
