//! Who did what, when, and with what outcome: the audit event, and the chain that shows when one was touched.
//!
//! Every authority has its own chain per shard. A line's hash covers the hash of the line before it, so that an edited,
//! dropped, reordered or inserted line is named by [`verify`].

mod chain;
mod event;
mod line;
mod time;

pub use chain::{Break, ChainBreak, verify};
pub use event::{Actor, AuditEvent, OK, RequestId};
pub use line::{AuditLine, Head};
pub use time::{from_timestamp, timestamp};
