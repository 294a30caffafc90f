//! Who did what, and the chain that shows when one was touched: the audit of the core, under the name by which the server knows it.

pub use epix_core::audit::{
    Actor, AuditEvent, AuditLine, Break, ChainBreak, Head, OK, RequestId, from_timestamp, timestamp, verify,
};
