//! Who did what, and the chain that shows when one was touched: the audit of the core, under the name by which the server knows it.

pub use epix_core::audit::{
    Actor, AuditEvent, AuditLine, BareKey, Break, ChainBreak, Checkpoint, Checkpoints, Entry, ExportReader, FORM, Flaw,
    Followed, Follower, Head, Header, KeyError, OK, PublicKey, RequestId, SignedCheckpoint, Stretch, Verdict,
    from_timestamp, timestamp, verify,
};
