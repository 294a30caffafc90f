//! What can go wrong in a store, sorted by who must act.

use std::error::Error;
use std::path::PathBuf;
use std::sync::Arc;

use epix_core::id::{AuthorityId, Fingerprint, PartyId, PermitNumber};
use serde::{Deserialize, Serialize};

/// Why a store did not do what it was asked. Nothing was changed, unless the variant says otherwise.
#[derive(Debug, Clone, thiserror::Error)]
pub enum StoreError {
    // The caller must act: decide again, or answer that it cannot be.
    /// The authority keeps no permit under this number.
    #[error("no permit {number} is kept")]
    NotFound {
        /// The number that was asked for.
        number: PermitNumber,
    },
    /// Another event came first: read the permit again and decide again.
    #[error("the permit is at revision {revision} already")]
    Conflict {
        /// The revision at which the permit is now.
        revision: u64,
    },
    /// Something else is kept under this number.
    #[error("permit {number} is kept with {what}")]
    Different {
        /// The number that was to be stored.
        number: PermitNumber,
        /// What differs.
        what: Difference,
    },
    /// One certificate may stand under one party of an authority only.
    #[error("certificate {fingerprint} stands under {first} and under {second}")]
    CertificateTaken {
        /// The certificate.
        fingerprint: Fingerprint,
        /// One party that claims it.
        first: PartyId,
        /// The other one.
        second: PartyId,
    },
    /// A list of parties names one of them twice.
    #[error("party {party} is named twice")]
    PartyTwice {
        /// The party.
        party: PartyId,
    },
    /// The audit has no such line.
    #[error("the audit of {authority} has no line {sequence} of this hash in shard {shard}")]
    NoLine {
        /// Whose chain.
        authority: AuthorityId,
        /// Which part of it.
        shard: u32,
        /// The number that was named.
        sequence: u64,
    },

    // The operator must act: the configuration and the store do not fit.
    /// No authority of this id was declared.
    #[error("authority {authority} is not declared in this store")]
    UnknownAuthority {
        /// The id that was used.
        authority: AuthorityId,
    },
    /// The place names no backend of this build.
    #[error("no storage backend is called {scheme:?}")]
    UnknownBackend {
        /// What stands before the colon.
        scheme: String,
    },
    /// There is no store at this place; it is never created by the way.
    #[error("there is no store at {place}")]
    Missing {
        /// Where it was looked for.
        place: String,
    },
    /// There is something at this place already; a store is never created over it.
    #[error("there is something at {place} already")]
    Occupied {
        /// Where the store was to be created.
        place: String,
    },
    /// The file or database is one of something else.
    #[error("{place} is not a store of this program")]
    NotOurs {
        /// Which.
        place: String,
    },
    /// The store was written by a newer build; an older one would not know what it must keep.
    #[error("the store has layout {found}, this build knows layouts up to {supported}: use the newer build")]
    Newer {
        /// The layout of the store.
        found: i64,
        /// The newest layout that this build knows.
        supported: i64,
    },
    /// The store is a copy that was not finished.
    #[error(
        "the store at {place} is a copy of {from} that is not finished: finish it with copy-store, or empty the place"
    )]
    Unfinished {
        /// Where it is.
        place: String,
        /// Where its rows come from.
        from: String,
    },
    /// Others use the store, and what is to be done is done by nobody else meanwhile.
    #[error("the store at {place} is in use: stop the servers and commands that work on it")]
    InUse {
        /// Which store.
        place: String,
    },
    /// The store is being copied, and nobody may write it.
    #[error("the store is being copied: it can be used again when that is done")]
    Copying,
    /// Another process holds the store.
    #[error("the store is held by another process, which locks {}", path.display())]
    Locked {
        /// The lock file.
        path: PathBuf,
    },
    /// The database would not survive a loss of power as it is set.
    #[error("the database runs with {setting} = {found}, which does not survive a loss of power")]
    NotDurable {
        /// The setting.
        setting: &'static str,
        /// What it is set to.
        found: String,
    },

    // The operator must act: a backup is needed.
    /// What is kept is no longer what was stored.
    #[error("the store is damaged: {what}")]
    Corrupt {
        /// What is damaged.
        what: String,
    },

    // Nobody can act on one call: try later, look at the machine.
    /// The store was closed or has stopped. A command that was under way may have been done.
    #[error("the store is not available")]
    Unavailable,
    /// The backend failed.
    #[error("the storage backend failed")]
    Backend {
        /// What it said.
        #[source]
        source: Arc<dyn Error + Send + Sync>,
    },
}

impl StoreError {
    /// Wraps what a backend said.
    pub(crate) fn backend(source: impl Error + Send + Sync + 'static) -> StoreError {
        StoreError::Backend { source: Arc::new(source) }
    }
}

/// What differs between what is kept and what came under the same number.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, thiserror::Error)]
pub enum Difference {
    /// Other bytes; they may come as a new version with a reason.
    #[error("other bytes")]
    Bytes,
    /// Another token.
    #[error("another token")]
    Token,
    /// Other attachments.
    #[error("other attachments")]
    Attachments,
    /// The new version's box 1 has another number.
    #[error("another number in box 1")]
    Number,
}
