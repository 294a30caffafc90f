//! The store for many servers: one PostgreSQL database, any number of processes.
//!
//! Each process writes over one connection, in batches, and reads over a pool. Two processes meet only where they change the
//! same permit, or number the notices of one authority; each writes a shard of the audit of its own.

mod audit;
mod background;
mod catalogue;
mod counted;
mod documents;
mod keys;
mod known;
#[cfg(test)]
mod layouts;
mod line;
mod looks;
mod notices;
mod pace;
mod parties;
mod permits;
mod plan;
mod proofs;
mod readers;
mod refused;
mod renditions;
mod revocation;
mod schema;
mod session;
#[cfg(test)]
mod suite;
mod tables;
#[cfg(test)]
mod testing;
mod value;
mod writer;

use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};

use async_trait::async_trait;
use epix_core::id::{AuthorityId, Fingerprint, PartyId, PermitNumber};
use epix_core::version::ToolkitVersion;
use tokio::runtime::{Builder, Runtime};

use self::background::Background;
use self::counted::Counted;
use self::known::Known;
use self::line::Line;
use self::plan::Plan;
use self::readers::Readers;
use self::schema::Wanted;
use self::session::Session;
pub(super) use self::tables::PostgresTables;
#[cfg(test)]
pub(super) use self::testing::TestDatabase;
use self::writer::{Command, Writer};
use super::commands::{check_declared, check_parties, check_purged};
use super::packed::{Packed, PackedAttachment, PackedDocument, PackedProof};
use super::place::Database;
use super::quota::StrangerQuota;
use super::remembered::Remembered;
use super::{
    ApiKey, Append, Authority, Basis, Claim, Claimed, Entry, Found, Inserted, KeyId, KnownLists, Left, Looked, Memory,
    NewPermit, Notice, Party, PermitRecord, Proven, Quotas, Refusal, RefusedDocument, Rendition, RevocationList,
    Search, Sought, Spent, Standing, Store, StoreError, StoredDocument,
};
use crate::audit::{AuditEvent, AuditLine, Head};

/// A store in a PostgreSQL database.
#[derive(Debug)]
pub struct PostgresStore {
    // The order is the order of closing: the writer ends the threads on which the others' connections live.
    readers: Readers,
    background: Background,
    writer: Writer,
    remembered: Arc<Remembered>,
    counted: Counted,
    strangers: StrangerQuota,
    quotas: Quotas,
    /// How often the limits were shared.
    shared: AtomicU32,
}

impl PostgresStore {
    /// Opens an existing store, bringing an older layout up to date.
    ///
    /// # Errors
    /// [`StoreError::Missing`], [`StoreError::NotOurs`], [`StoreError::Newer`], [`StoreError::NotDurable`], or what
    /// PostgreSQL says.
    pub(super) async fn open(database: &Database, quotas: Quotas) -> Result<PostgresStore, StoreError> {
        PostgresStore::start(database, quotas, Wanted::Store).await
    }

    /// Makes an empty store in an empty database (or schema) and opens it.
    ///
    /// # Errors
    /// [`StoreError::Occupied`], else as for [`PostgresStore::open`].
    pub(super) async fn create(database: &Database, quotas: Quotas) -> Result<PostgresStore, StoreError> {
        PostgresStore::start(database, quotas, Wanted::Nothing).await
    }

    /// The same, remembering so many bytes at most.
    #[must_use]
    pub(super) fn remembering(self, bytes: usize) -> PostgresStore {
        self.remembered.hold_at_most(bytes);
        self
    }

    async fn start(database: &Database, quotas: Quotas, wanted: Wanted<'static>) -> Result<PostgresStore, StoreError> {
        let runtime = threads()?;
        let line = Line::to(database, runtime.handle().clone())?;
        let begun = begin(&runtime, &line, wanted, database.place()).await;
        let session = match begun {
            Ok(session) => session,
            Err(error) => {
                // Nobody may wait for threads where others are waited for.
                runtime.shutdown_background();
                return Err(error);
            }
        };
        let counted = Counted::new();
        let remembered = Arc::new(Remembered::new());
        let readers = Readers::new(&line, database.connections, counted.reading.clone())?;
        let background = Background::new(line.clone());
        let writer = Writer::start(runtime, line, session, remembered.clone(), counted.writing.clone())?;
        Ok(PostgresStore {
            readers,
            background,
            writer,
            remembered,
            counted,
            strangers: StrangerQuota::new(quotas),
            quotas,
            shared: AtomicU32::new(1),
        })
    }
}

/// The threads on which all connections live: one is enough to move bytes.
fn threads() -> Result<Runtime, StoreError> {
    Builder::new_multi_thread()
        .worker_threads(1)
        .thread_name("store-lines")
        .enable_all()
        .build()
        .map_err(StoreError::backend)
}

async fn begin(runtime: &Runtime, line: &Line, wanted: Wanted<'static>, place: String) -> Result<Session, StoreError> {
    let line = line.clone();
    let begun = runtime.spawn(async move {
        let (client, _) = line.open().await?;
        schema::check_durable(&client).await?;
        schema::prepare(&client, wanted, &place).await?;
        Session::begin(&line).await
    });
    begun.await.map_err(|_| StoreError::Unavailable)?
}

/// Shows that the writer can write, by writing what is there already.
struct Ping;

impl Command for Ping {
    type Answer = ();

    fn authority(&self) -> Option<&AuthorityId> {
        None
    }

    fn decide(&self, _: &mut Known, plan: &mut Plan) -> Result<(), StoreError> {
        plan.push("UPDATE epix_layout SET title = title WHERE step = 1", Vec::new());
        Ok(())
    }
}

#[async_trait]
impl Store for PostgresStore {
    async fn declare(&self, authority: Authority, audit: AuditEvent) -> Result<(), StoreError> {
        check_declared(&authority, &audit)?;
        self.writer.run(parties::Declare { authority, audit }).await
    }

    async fn insert(&self, permit: NewPermit) -> Result<Inserted, StoreError> {
        let document = Packed::of(permit.accepted.bytes())?;
        let attachments = PackedAttachment::all(&permit.attachments)?;
        let proof = PackedProof::of(permit.proven.as_ref())?;
        self.writer.run(permits::Insert { permit, document, attachments, proof }).await
    }

    async fn append(&self, change: Append) -> Result<u64, StoreError> {
        let document = PackedDocument::of(change.document.as_ref())?;
        let (authority, number) = (change.audit.authority.clone(), change.number.clone());
        let appended = self.writer.run(permits::AppendEvent { change, document }).await;
        // What is remembered of it would be found outdated anyway; it is cheaper to know at once.
        self.remembered.forget_permit(&authority, &number);
        appended
    }

    async fn find(&self, authority: &AuthorityId, number: &PermitNumber) -> Result<Option<PermitRecord>, StoreError> {
        permits::find(&self.readers, authority, number).await
    }

    async fn document(
        &self,
        authority: &AuthorityId,
        number: &PermitNumber,
        ordinal: u32,
    ) -> Result<Option<StoredDocument>, StoreError> {
        documents::find(&self.readers, &self.remembered, authority, number, ordinal).await
    }

    async fn proven(
        &self,
        authority: &AuthorityId,
        number: &PermitNumber,
        ordinal: u32,
    ) -> Result<Option<Proven>, StoreError> {
        proofs::find(&self.readers, authority, number, ordinal).await
    }

    async fn rendition(
        &self,
        authority: &AuthorityId,
        number: &PermitNumber,
        ordinal: u32,
        toolkit: ToolkitVersion,
    ) -> Result<Option<Rendition>, StoreError> {
        renditions::find(&self.readers, &self.remembered, authority, number, ordinal, toolkit).await
    }

    async fn keep_rendition(
        &self,
        number: PermitNumber,
        rendition: Rendition,
        audit: AuditEvent,
    ) -> Result<Rendition, StoreError> {
        let content = Packed::of(&rendition.bytes)?;
        self.writer.run(renditions::Keep { number, rendition, content, audit }).await
    }

    async fn numbers(
        &self,
        authority: &AuthorityId,
        after: Option<&PermitNumber>,
        limit: usize,
    ) -> Result<Vec<PermitNumber>, StoreError> {
        permits::numbers(&self.readers, authority, after, limit).await
    }

    async fn search(&self, authority: &AuthorityId, search: &Search) -> Result<Found, StoreError> {
        catalogue::search(&self.readers, authority, search).await
    }

    async fn enter(&self, authority: &AuthorityId, number: &PermitNumber, entry: Entry) -> Result<(), StoreError> {
        let (authority, number) = (authority.clone(), number.clone());
        self.writer.run(catalogue::EnterLate { authority, number, entry }).await
    }

    async fn keep_key(&self, key: ApiKey, audit: AuditEvent) -> Result<(), StoreError> {
        self.writer.run(keys::KeepKey { key, audit }).await
    }

    async fn key(&self, id: &KeyId) -> Result<Option<ApiKey>, StoreError> {
        keys::find(&self.readers, id).await
    }

    async fn keys(&self, authority: &AuthorityId) -> Result<Vec<ApiKey>, StoreError> {
        keys::all(&self.readers, authority).await
    }

    async fn claim(&self, claim: Claim) -> Result<Claimed, StoreError> {
        self.writer.run(keys::Make(claim)).await
    }

    async fn settle(&self, claim: Claim, answer: Option<String>) -> Result<(), StoreError> {
        self.writer.run(keys::Settle { claim, answer }).await
    }

    async fn record(&self, event: AuditEvent, standing: Standing) -> Result<(), StoreError> {
        match self.strangers.admit(event, standing) {
            Some(event) => self.writer.run(audit::Record(event)).await,
            None => Ok(()),
        }
    }

    async fn look(&self, sought: &Sought<'_>, memory: Memory) -> Result<Looked, StoreError> {
        looks::look(&self.readers, &self.remembered, &self.counted, sought, memory).await
    }

    async fn record_on(&self, basis: &Basis, event: AuditEvent, standing: Standing) -> Result<bool, StoreError> {
        let Some(event) = self.strangers.admit(event, standing) else {
            return Ok(true);
        };
        let holds = self.writer.run(audit::RecordOn { basis: basis.clone(), event }).await?;
        if !holds {
            self.counted.outdated.inc();
            self.remembered.forget(basis);
        }
        Ok(holds)
    }

    async fn parties(&self, authority: &AuthorityId) -> Result<Vec<Party>, StoreError> {
        parties::all(&self.readers, authority).await
    }

    async fn apply_parties(&self, parties: Vec<Party>, audit: AuditEvent) -> Result<(), StoreError> {
        check_parties(&parties)?;
        let replaced = self.writer.run(parties::Replace { parties, audit }).await;
        self.remembered.forget_registers();
        replaced
    }

    async fn registrations(&self, fingerprint: &Fingerprint) -> Result<Vec<(AuthorityId, Party)>, StoreError> {
        parties::registrations(&self.readers, fingerprint).await
    }

    async fn notices(&self, authority: &AuthorityId, after: u64, limit: usize) -> Result<Vec<Notice>, StoreError> {
        notices::all(&self.readers, authority, after, limit).await
    }

    async fn told(&self, authority: &AuthorityId, party: &PartyId) -> Result<u64, StoreError> {
        notices::told(&self.readers, authority, party).await
    }

    async fn advance(&self, party: &PartyId, sequence: u64, audit: AuditEvent) -> Result<(), StoreError> {
        self.writer.run(notices::Advance { party: party.clone(), sequence, audit }).await
    }

    async fn keep_refused(&self, refusal: Refusal) -> Result<(), StoreError> {
        let (content, quotas) = (Packed::of(&refusal.bytes)?, self.quotas);
        self.writer.run(refused::Keep { refusal, content, quotas }).await
    }

    async fn refused(
        &self,
        authority: &AuthorityId,
        after: u64,
        limit: usize,
    ) -> Result<Vec<RefusedDocument>, StoreError> {
        refused::all(&self.readers, authority, after, limit).await
    }

    async fn audit_lines(
        &self,
        authority: &AuthorityId,
        shard: u32,
        after: u64,
        limit: usize,
    ) -> Result<Vec<AuditLine>, StoreError> {
        audit::lines(&self.readers, authority, shard, after, limit).await
    }

    async fn heads(&self) -> Result<Vec<Head>, StoreError> {
        audit::heads(&self.readers).await
    }

    async fn begin_shard(&self, audit: AuditEvent) -> Result<Head, StoreError> {
        self.writer.run(audit::BeginShard(audit)).await
    }

    async fn purge_audit(&self, up_to: Head, audit: AuditEvent) -> Result<u64, StoreError> {
        check_purged(&up_to, &audit)?;
        self.writer.run(audit::Purge { up_to, audit }).await
    }

    async fn lead(&self, work: &str) -> Result<bool, StoreError> {
        self.background.lead(work).await
    }

    async fn share_pace(&self, spent: &[Spent]) -> Result<Option<Vec<Left>>, StoreError> {
        let left = pace::share(&self.background, spent).await?;
        if self.shared.fetch_add(1, Ordering::Relaxed).is_multiple_of(pace::FORGOTTEN_EVERY) {
            pace::forget(&self.background).await?;
        }
        Ok(Some(left))
    }

    async fn share_lists(
        &self,
        news: &[RevocationList],
        known: &KnownLists,
    ) -> Result<Option<Vec<RevocationList>>, StoreError> {
        Ok(Some(revocation::share(&self.background, news, known).await?))
    }

    async fn health(&self) -> Result<(), StoreError> {
        self.readers.ask("SELECT 1", &[]).await?;
        self.writer.run(Ping).await
    }

    fn collectors(&self) -> Vec<Box<dyn prometheus::core::Collector>> {
        let mut collectors = self.writer.counted().collectors();
        collectors.extend(self.counted.collectors());
        collectors.push(self.remembered.collector());
        collectors
    }
}
