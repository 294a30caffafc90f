//! What is kept, and what keeping it promises: the storage trait, its row types, and the door to every backend.
//!
//! A store knows no XML, no HTTP and no rules of trade. It keeps bytes, versions, events, parties and the audit, each for
//! one authority. Decisions are made above it, from a [`PermitRecord`]; the store guards them by *compare and append*: an
//! event carries the revision on which it was decided and is refused when another one came first.
//!
//! Every command writes its audit line in the same transaction, and every future resolves only when that is durable. A
//! refused command writes nothing: whoever wants the refusal in the audit records it.

mod availability;
mod catalogue;
mod columns;
mod commands;
mod copying;
mod counted;
mod error;
mod keys;
mod look;
mod memory;
mod pace;
mod packed;
mod party;
mod place;
mod postgres;
mod queue;
mod quota;
mod remembered;
mod remote;
mod revocation;
mod rows;
mod sqlite;
#[cfg(test)]
mod suite;
mod tables;
mod verify;

use std::path::Path;
use std::sync::Arc;

use async_trait::async_trait;
use epix_core::id::{AuthorityId, Fingerprint, PartyId, PermitNumber};
use epix_core::version::ToolkitVersion;

pub use availability::{Availability, Day, Hours, Offset};
pub use catalogue::{Entry, Found, Keyword, Listed, Search};
pub use commands::{Append, Attachments, Inserted, NewDocument, NewPermit, Refusal, Standing};
pub use copying::{Comparison, CopyError, Copying};
pub use error::{Difference, StoreError};
pub use keys::{Access, ApiKey, Claim, Claimed, KeyId};
use look::look_in_turn;
pub use look::{Basis, Looked, Memory, Sought};
pub use memory::MemoryStore;
pub use pace::{Alarm, Allowance, Left, Spent};
pub use party::{EndpointEntry, Grant, Party, Role, Speaks, Term, Terms, Webhook};
pub use place::Place;
pub use postgres::PostgresStore;
#[cfg(test)]
use postgres::TestDatabase;
pub use quota::{Quotas, SUPPRESSED};
pub use remote::{Control, RemoteStore};
pub use revocation::{IssuerName, KnownLists, RevocationList};
pub use rows::{
    Attachment, Authority, Evidence, Ledger, Notice, PermitEvent, PermitRecord, Proof, Proven, RecordedEvent,
    RefusedDocument, Rendition, StoredDocument, TokenHash, VersionReason, VersionRow,
};
pub use sqlite::SqliteStore;
pub use verify::{AuditError, PAGE, Scope, look_at_audit, verify_audit};

use self::place::Backend;
use crate::audit::{AuditEvent, AuditLine, Head};

/// Keeps what the gateway must not lose. The same suite of tests holds for every implementation.
#[async_trait]
pub trait Store: Send + Sync {
    /// Makes an authority known, or corrects its country and name; audited only when something changed.
    async fn declare(&self, authority: Authority, audit: AuditEvent) -> Result<(), StoreError>;

    /// Stores a permit under the number of its document. The same bytes again change nothing.
    async fn insert(&self, permit: NewPermit) -> Result<Inserted, StoreError>;

    /// Appends an event, and the document it made, to a permit; gives the new revision.
    async fn append(&self, change: Append) -> Result<u64, StoreError>;

    /// Finds everything about a permit but its documents, as of one moment.
    async fn find(&self, authority: &AuthorityId, number: &PermitNumber) -> Result<Option<PermitRecord>, StoreError>;

    /// Reads one document of a permit, checked against its digest.
    async fn document(
        &self,
        authority: &AuthorityId,
        number: &PermitNumber,
        ordinal: u32,
    ) -> Result<Option<StoredDocument>, StoreError>;

    /// Reads what the verdict on the signature of a document rested on; `None` where it came without one, or was signed here.
    async fn proven(
        &self,
        authority: &AuthorityId,
        number: &PermitNumber,
        ordinal: u32,
    ) -> Result<Option<Proven>, StoreError>;

    /// Reads the rendition of one document of a permit in a toolkit version, where one is kept.
    async fn rendition(
        &self,
        authority: &AuthorityId,
        number: &PermitNumber,
        ordinal: u32,
        toolkit: ToolkitVersion,
    ) -> Result<Option<Rendition>, StoreError>;

    /// Keeps a rendition of a document of a permit; where there is one already, that one stands. Gives the one that is kept.
    async fn keep_rendition(
        &self,
        number: PermitNumber,
        rendition: Rendition,
        audit: AuditEvent,
    ) -> Result<Rendition, StoreError>;

    /// Lists numbers in the order of their normalised form, from behind one of them.
    async fn numbers(
        &self,
        authority: &AuthorityId,
        after: Option<&PermitNumber>,
        limit: usize,
    ) -> Result<Vec<PermitNumber>, StoreError>;

    /// Finds permits by their entries, in the order of normalised numbers; each look is bounded.
    async fn search(&self, authority: &AuthorityId, search: &Search) -> Result<Found, StoreError>;

    /// Enters a permit that was stored without an entry; one that has its entry keeps it.
    async fn enter(&self, authority: &AuthorityId, number: &PermitNumber, entry: Entry) -> Result<(), StoreError>;

    /// Keeps a key of the audit event's authority; the same id again replaces it.
    async fn keep_key(&self, key: ApiKey, audit: AuditEvent) -> Result<(), StoreError>;

    /// Finds a key by its public half, whether or not it is still taken.
    async fn key(&self, id: &KeyId) -> Result<Option<ApiKey>, StoreError>;

    /// Lists the keys of an authority by id.
    async fn keys(&self, authority: &AuthorityId) -> Result<Vec<ApiKey>, StoreError>;

    /// Claims a change that is to be made once; what was claimed longer ago than [`Claim::KEPT`] is forgotten.
    async fn claim(&self, claim: Claim) -> Result<Claimed, StoreError>;

    /// Keeps the answer to a claimed change; `None` gives the claim up, as nothing was done.
    async fn settle(&self, claim: Claim, answer: Option<String>) -> Result<(), StoreError>;

    /// Writes an audit line alone: reads and refusals. Beyond the quota a stranger's line is counted instead.
    async fn record(&self, event: AuditEvent, standing: Standing) -> Result<(), StoreError>;

    /// Finds what a read rests on, from memory where it may: a store that is far away remembers.
    async fn look(&self, sought: &Sought<'_>, _memory: Memory) -> Result<Looked, StoreError> {
        look_in_turn(self, sought).await
    }

    /// Writes the audit line of an answer whose basis still holds. False when it does not: then nothing is written, what
    /// was remembered is forgotten, and whoever answers looks again.
    async fn record_on(&self, _basis: &Basis, event: AuditEvent, standing: Standing) -> Result<bool, StoreError> {
        self.record(event, standing).await.map(|()| true)
    }

    /// Lists the parties of an authority by id.
    async fn parties(&self, authority: &AuthorityId) -> Result<Vec<Party>, StoreError>;

    /// Replaces the parties of the audit event's authority.
    async fn apply_parties(&self, parties: Vec<Party>, audit: AuditEvent) -> Result<(), StoreError>;

    /// Finds where a certificate is registered; suspended parties too.
    async fn registrations(&self, fingerprint: &Fingerprint) -> Result<Vec<(AuthorityId, Party)>, StoreError>;

    /// Lists what partners are to be told, oldest first, from behind a sequence: a notice stands as soon as its event does.
    async fn notices(&self, authority: &AuthorityId, after: u64, limit: usize) -> Result<Vec<Notice>, StoreError>;

    /// Finds how far a party has been told; 0 before the first time.
    async fn told(&self, authority: &AuthorityId, party: &PartyId) -> Result<u64, StoreError>;

    /// Remembers how far a party of the audit event's authority has been told; never less far than before.
    async fn advance(&self, party: &PartyId, sequence: u64, audit: AuditEvent) -> Result<(), StoreError>;

    /// Keeps a refused document apart; beyond the quota the oldest of the authority are dropped.
    async fn keep_refused(&self, refusal: Refusal) -> Result<(), StoreError>;

    /// Lists the refused documents of an authority, oldest first, from behind a sequence.
    async fn refused(
        &self,
        authority: &AuthorityId,
        after: u64,
        limit: usize,
    ) -> Result<Vec<RefusedDocument>, StoreError>;

    /// Lists the audit lines of a chain, oldest first, from behind a sequence.
    async fn audit_lines(
        &self,
        authority: &AuthorityId,
        shard: u32,
        after: u64,
        limit: usize,
    ) -> Result<Vec<AuditLine>, StoreError>;

    /// Lists where every chain ends, in the order of authority and shard.
    async fn heads(&self) -> Result<Vec<Head>, StoreError>;

    /// Closes the chains of the audit event's authority for good, and begins a new one with the event; gives its head.
    async fn begin_shard(&self, audit: AuditEvent) -> Result<Head, StoreError>;

    /// Removes the lines of a chain of the audit event's authority up to this one, and gives how many there were.
    async fn purge_audit(&self, up_to: Head, audit: AuditEvent) -> Result<u64, StoreError>;

    /// Says whether the store can still read and write; what it says was tried, by writing.
    async fn health(&self) -> Result<(), StoreError>;

    /// Asks for a work that one process does for all that share the store; false while another one does it. Who was told that
    /// it leads asks again before each piece of the work: it loses the work with its connection.
    async fn lead(&self, _work: &str) -> Result<bool, StoreError> {
        Ok(true)
    }

    /// Tells what callers took of their limits at this process, and gives what they have left at all that share the store; `None`
    /// where none do.
    async fn share_pace(&self, _spent: &[Spent]) -> Result<Option<Vec<Left>>, StoreError> {
        Ok(None)
    }

    /// Passes revocation lists on to all processes that share the store, where they are newer than what was passed on before; gives
    /// those that are newer than what is known here, and `None` where nobody shares it.
    async fn share_lists(
        &self,
        _news: &[RevocationList],
        _known: &KnownLists,
    ) -> Result<Option<Vec<RevocationList>>, StoreError> {
        Ok(None)
    }

    /// What it counts of itself, for the operator's tools.
    fn collectors(&self) -> Vec<Box<dyn prometheus::core::Collector>> {
        Vec::new()
    }
}

/// Opens an existing store.
///
/// # Errors
/// What the backend says, for instance [`StoreError::Missing`].
pub async fn open(place: &Place) -> Result<Arc<dyn Store>, StoreError> {
    Ok(match &place.backend {
        Backend::Memory => Arc::new(MemoryStore::new(place.quotas)),
        Backend::Sqlite(path) => Arc::new(SqliteStore::open(path, place.quotas)?.remembering(place.memory)),
        Backend::Postgres(database) => {
            Arc::new(PostgresStore::open(database, place.quotas).await?.remembering(place.memory))
        }
    })
}

/// Creates an empty store, and opens it.
///
/// # Errors
/// [`StoreError::Occupied`], or what the backend says.
pub async fn create(place: &Place) -> Result<Arc<dyn Store>, StoreError> {
    Ok(match &place.backend {
        Backend::Memory => Arc::new(MemoryStore::new(place.quotas)),
        Backend::Sqlite(path) => Arc::new(SqliteStore::create(path, place.quotas)?.remembering(place.memory)),
        Backend::Postgres(database) => {
            Arc::new(PostgresStore::create(database, place.quotas).await?.remembering(place.memory))
        }
    })
}

/// Copies the file of a store into a new one, as of one moment, while a server uses it.
///
/// # Errors
/// [`StoreError::Occupied`] when the file is there already, or what the backend says.
pub fn copy_file(from: &Path, to: &Path) -> Result<(), StoreError> {
    sqlite::copy_database(from, to)
}

/// Looks at every page of a file that nobody has open; gives what is wrong.
///
/// # Errors
/// [`StoreError::NotOurs`], [`StoreError::Newer`], or what the backend says.
pub fn check_file(path: &Path) -> Result<Vec<String>, StoreError> {
    sqlite::check_database(path)
}
