//! Who did what, when, and with what outcome: the audit event, the chain that shows when one was touched, and what proves it.
//!
//! Every authority has its own chain per shard. A line's hash covers the hash of the line before it, so that an edited,
//! dropped, reordered or inserted line is named by [`verify`]. What a chain alone cannot show is a tail that was cut off
//! together with its head, or a chain that was written anew: [`Checkpoint`]s over all heads, signed with a key that the
//! database does not hold, show that. An [export](ExportReader) carries both, and is verified where no store is.

mod chain;
mod checkpoint;
mod event;
mod export;
mod follow;
mod known;
mod line;
mod time;

pub use chain::{Break, ChainBreak, verify};
pub use checkpoint::{Checkpoint, SignedCheckpoint};
pub use epix_native::signature::{BareKey, KeyError, PublicKey};
pub use event::{Actor, AuditEvent, OK, RequestId};
pub use export::{Entry, ExportError, ExportReader, FORM, Header, Stretch};
pub use follow::{Beginning, Flaw, Followed, Follower, Verdict};
pub use known::{CheckpointBreak, CheckpointFlaw, Checkpoints, Cut, Signatures, Summary};
pub use line::{AuditLine, Head};
pub use time::{from_timestamp, timestamp};
