//! The embedded store: one SQLite file, one process, one writer, many readers.

mod audit;
mod catalogue;
mod copy;
mod keys;
mod notices;
mod parties;
mod permits;
mod proofs;
mod readers;
mod refused;
mod renditions;
mod schema;
#[cfg(test)]
mod suite;
mod tables;
mod value;
mod writer;

use std::fs::{File, OpenOptions, TryLockError};
use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use epix_core::id::{AuthorityId, Fingerprint, PartyId, PermitNumber};
use epix_core::version::ToolkitVersion;
use rusqlite::config::DbConfig;
use rusqlite::{Connection, ErrorCode, OpenFlags};

pub(super) use self::copy::{check_database, copy_database};
use self::readers::Readers;
#[cfg(test)]
pub(super) use self::suite::{columns, steps};
pub(super) use self::tables::{SqliteTables, tables};
use self::writer::Writer;
use super::commands::{check_declared, check_parties, check_purged, time_of};
use super::packed::{Packed, PackedAttachment, PackedDocument, PackedProof, PackedRendition, PackedVersion};
use super::quota::StrangerQuota;
use super::remembered::{Remembered, key};
use super::{
    ApiKey, Append, Authority, Claim, Claimed, Entry, Found, Inserted, KeyId, NewPermit, Notice, Party, PermitRecord,
    Proven, Quotas, Refusal, RefusedDocument, Rendition, Search, Standing, Store, StoreError, StoredDocument,
};
use crate::audit::{AuditEvent, AuditLine, Head};

/// How long to wait for a lock of the database: only a person's `sqlite3` can hold one, our lock file keeps others out.
const BUSY: Duration = Duration::from_secs(5);

/// More than the statements that this module has.
const CACHED_STATEMENTS: usize = 64;

/// A store in one SQLite file.
#[derive(Debug)]
pub struct SqliteStore {
    // The order is the order of closing: the writer's connection is the last and tidies up the file, then the lock goes.
    readers: Readers,
    writer: Writer,
    remembered: Arc<Remembered>,
    strangers: StrangerQuota,
    quotas: Quotas,
    _lock: File,
}

impl SqliteStore {
    /// Opens an existing store, bringing an older layout up to date.
    ///
    /// # Errors
    /// [`StoreError::Missing`], [`StoreError::Locked`], [`StoreError::NotOurs`], [`StoreError::Newer`],
    /// [`StoreError::Unfinished`], [`StoreError::NotDurable`], or what SQLite says.
    pub fn open(path: &Path, quotas: Quotas) -> Result<SqliteStore, StoreError> {
        // The lock belongs to the file, by whatever link it was reached.
        let path = path.canonicalize().map_err(|error| match error.kind() {
            io::ErrorKind::NotFound => StoreError::Missing { place: path.display().to_string() },
            _ => StoreError::backend(error),
        })?;
        let lock = lock(&path)?;
        let connection = connect(&path)?;
        schema::recognise(&connection, &path)?;
        SqliteStore::start(&path, lock, connection, quotas)
    }

    /// Creates an empty store and opens it.
    ///
    /// # Errors
    /// [`StoreError::Occupied`], else as for [`SqliteStore::open`].
    pub fn create(path: &Path, quotas: Quotas) -> Result<SqliteStore, StoreError> {
        create_private(path)?;
        let path = path.canonicalize().map_err(StoreError::backend)?;
        let lock = lock(&path)?;
        let connection = connect(&path)?;
        schema::claim(&connection)?;
        SqliteStore::start(&path, lock, connection, quotas)
    }

    /// The same, remembering so many bytes at most.
    #[must_use]
    pub fn remembering(self, bytes: usize) -> SqliteStore {
        self.remembered.hold_at_most(bytes);
        self
    }

    fn start(path: &Path, lock: File, mut connection: Connection, quotas: Quotas) -> Result<SqliteStore, StoreError> {
        make_durable(&connection)?;
        schema::migrate(&mut connection)?;
        keys::release(&connection)?;
        let strangers = StrangerQuota::new(quotas);
        let writer = Writer::start(connection)?;
        let (readers, remembered) = (Readers::new(path), Arc::new(Remembered::new()));
        Ok(SqliteStore { readers, writer, remembered, strangers, quotas, _lock: lock })
    }
}

/// Creates the file for its owner only: it will hold personal data.
fn create_private(path: &Path) -> Result<(), StoreError> {
    let mut options = OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    match options.open(path) {
        Ok(_) => Ok(()),
        Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {
            Err(StoreError::Occupied { place: path.display().to_string() })
        }
        Err(error) => Err(StoreError::backend(error)),
    }
}

/// Takes the lock beside the database. It is left to the operating system to release it, so that a killed process leaves
/// none behind; the lock file itself stays, because removing it would race with the next owner.
fn lock(path: &Path) -> Result<File, StoreError> {
    let mut name = path.as_os_str().to_owned();
    name.push(".lock");
    let path = PathBuf::from(name);
    let file = OpenOptions::new().write(true).create(true).truncate(false).open(&path).map_err(StoreError::backend)?;
    match file.try_lock() {
        Ok(()) => Ok(file),
        Err(TryLockError::WouldBlock) => Err(StoreError::Locked { path }),
        Err(TryLockError::Error(error)) => Err(StoreError::backend(error)),
    }
}

fn connect(path: &Path) -> Result<Connection, StoreError> {
    connect_for(path, OpenFlags::SQLITE_OPEN_READ_WRITE)
}

/// A connection that reads, or reads and writes.
fn connect_for(path: &Path, what: OpenFlags) -> Result<Connection, StoreError> {
    let connection = Connection::open_with_flags(path, what | OpenFlags::SQLITE_OPEN_NO_MUTEX)?;
    connection.busy_timeout(BUSY)?;
    connection.set_prepared_statement_cache_capacity(CACHED_STATEMENTS);
    // Built with STAT4, SQLite compiles a cached statement anew whenever a value that is bound to it changes: for every call.
    connection.set_db_config(DbConfig::SQLITE_DBCONFIG_ENABLE_QPSG, true)?;
    Ok(connection)
}

/// Sets what makes an acknowledged change survive a loss of power, and reads it back: a build or a file system may
/// silently do less.
fn make_durable(connection: &Connection) -> Result<(), StoreError> {
    for (setting, value, kept) in
        [("journal_mode", "WAL", "wal"), ("synchronous", "FULL", "2"), ("foreign_keys", "ON", "1")]
    {
        connection.pragma_update_and_check(None, setting, value, |_| Ok(())).or_else(|error| match error {
            // Most settings answer nothing when they are set.
            rusqlite::Error::QueryReturnedNoRows => Ok(()),
            other => Err(other),
        })?;
        let found = connection.pragma_query_value(None, setting, |row| value::as_text(row.get_ref(0)?))?;
        if found != kept {
            return Err(StoreError::NotDurable { setting, found });
        }
    }
    Ok(())
}

impl From<rusqlite::Error> for StoreError {
    fn from(error: rusqlite::Error) -> StoreError {
        match error.sqlite_error_code() {
            Some(ErrorCode::DatabaseCorrupt | ErrorCode::NotADatabase) => {
                StoreError::Corrupt { what: error.to_string() }
            }
            _ => StoreError::backend(error),
        }
    }
}

#[async_trait]
impl Store for SqliteStore {
    async fn declare(&self, authority: Authority, audit: AuditEvent) -> Result<(), StoreError> {
        check_declared(&authority, &audit)?;
        self.writer.run(move |connection| parties::declare(connection, &authority, &audit)).await
    }

    async fn insert(&self, permit: NewPermit) -> Result<Inserted, StoreError> {
        let document = Packed::of(permit.accepted.bytes())?;
        let attachments = PackedAttachment::all(&permit.attachments)?;
        let proof = PackedProof::of(permit.proven.as_ref())?;
        let work = move |connection: &Connection| {
            permits::insert(connection, &permit, &document, &attachments, proof.as_ref())
        };
        self.writer.run(work).await
    }

    async fn append(&self, change: Append) -> Result<u64, StoreError> {
        let document = PackedDocument::of(change.document.as_ref())?;
        let (authority, number) = (change.audit.authority.clone(), change.number.clone());
        let remembered = self.remembered.clone();
        let forget = move || remembered.forget_permit(&authority, &number);
        self.writer.run_then(move |connection| permits::append(connection, &change, document.as_ref()), forget).await
    }

    async fn find(&self, authority: &AuthorityId, number: &PermitNumber) -> Result<Option<PermitRecord>, StoreError> {
        let ask = || self.readers.ask(|connection| permits::find(connection, authority, number));
        self.remembered.permit_or(authority, number, ask)
    }

    async fn document(
        &self,
        authority: &AuthorityId,
        number: &PermitNumber,
        ordinal: u32,
    ) -> Result<Option<StoredDocument>, StoreError> {
        if let Some(document) = self.remembered.document(key(authority, number), ordinal) {
            return Ok(Some(document));
        }
        let kept = self.readers.ask(|connection| permits::document(connection, authority, number, ordinal))?;
        let Some(kept) = kept else { return Ok(None) };
        let document = kept.unpack(Packed::unpack, &PackedVersion::name(authority, number, ordinal))?;
        self.remembered.learn_document(key(authority, number), ordinal, kept);
        Ok(Some(document))
    }

    async fn proven(
        &self,
        authority: &AuthorityId,
        number: &PermitNumber,
        ordinal: u32,
    ) -> Result<Option<Proven>, StoreError> {
        self.readers.ask(|connection| proofs::find(connection, authority, number, ordinal))
    }

    async fn rendition(
        &self,
        authority: &AuthorityId,
        number: &PermitNumber,
        ordinal: u32,
        toolkit: ToolkitVersion,
    ) -> Result<Option<Rendition>, StoreError> {
        if let Some(rendition) = self.remembered.rendition(key(authority, number), ordinal, toolkit) {
            return Ok(Some(rendition));
        }
        let kept = self.readers.ask(|connection| renditions::find(connection, authority, number, ordinal, toolkit))?;
        let Some(kept) = kept else { return Ok(None) };
        let name = PackedRendition::name(authority, number, ordinal, toolkit);
        let rendition = kept.unpack(ordinal, toolkit, Packed::unpack, &name)?;
        self.remembered.learn_rendition(key(authority, number), ordinal, toolkit, kept);
        Ok(Some(rendition))
    }

    async fn keep_rendition(
        &self,
        number: PermitNumber,
        rendition: Rendition,
        audit: AuditEvent,
    ) -> Result<Rendition, StoreError> {
        let content = Packed::of(&rendition.bytes)?;
        self.writer.run(move |connection| renditions::keep(connection, &number, rendition, &content, &audit)).await
    }

    async fn numbers(
        &self,
        authority: &AuthorityId,
        after: Option<&PermitNumber>,
        limit: usize,
    ) -> Result<Vec<PermitNumber>, StoreError> {
        self.readers.ask(|connection| permits::numbers(connection, authority, after, limit))
    }

    async fn search(&self, authority: &AuthorityId, search: &Search) -> Result<Found, StoreError> {
        self.readers.ask(|connection| catalogue::search(connection, authority, search))
    }

    async fn enter(&self, authority: &AuthorityId, number: &PermitNumber, entry: Entry) -> Result<(), StoreError> {
        let (authority, number) = (authority.clone(), number.clone());
        self.writer.run(move |connection| catalogue::enter_late(connection, &authority, &number, &entry)).await
    }

    async fn keep_key(&self, key: ApiKey, audit: AuditEvent) -> Result<(), StoreError> {
        self.writer.run(move |connection| keys::keep(connection, &key, &audit)).await
    }

    async fn key(&self, id: &KeyId) -> Result<Option<ApiKey>, StoreError> {
        self.readers.ask(|connection| keys::find(connection, id))
    }

    async fn keys(&self, authority: &AuthorityId) -> Result<Vec<ApiKey>, StoreError> {
        self.readers.ask(|connection| keys::all(connection, authority))
    }

    async fn claim(&self, claim: Claim) -> Result<Claimed, StoreError> {
        self.writer.run(move |connection| keys::claim(connection, &claim)).await
    }

    async fn settle(&self, claim: Claim, answer: Option<String>) -> Result<(), StoreError> {
        self.writer.run(move |connection| keys::settle(connection, &claim, answer.as_deref())).await
    }

    async fn record(&self, event: AuditEvent, standing: Standing) -> Result<(), StoreError> {
        let Some(event) = self.strangers.admit(event, standing) else {
            return Ok(());
        };
        self.writer.run(move |connection| audit::append(connection, &event)).await
    }

    async fn parties(&self, authority: &AuthorityId) -> Result<Vec<Party>, StoreError> {
        self.readers.ask(|connection| parties::all(connection, authority))
    }

    async fn apply_parties(&self, parties: Vec<Party>, audit: AuditEvent) -> Result<(), StoreError> {
        check_parties(&parties)?;
        let remembered = self.remembered.clone();
        let forget = move || remembered.forget_registers();
        self.writer.run_then(move |connection| parties::replace(connection, &parties, &audit), forget).await
    }

    async fn registrations(&self, fingerprint: &Fingerprint) -> Result<Vec<(AuthorityId, Party)>, StoreError> {
        let ask = || self.readers.ask(|connection| parties::registrations(connection, fingerprint));
        self.remembered.registrations_or(fingerprint, ask)
    }

    async fn notices(&self, authority: &AuthorityId, after: u64, limit: usize) -> Result<Vec<Notice>, StoreError> {
        self.readers.ask(|connection| notices::all(connection, authority, after, limit))
    }

    async fn told(&self, authority: &AuthorityId, party: &PartyId) -> Result<u64, StoreError> {
        self.readers.ask(|connection| notices::told(connection, authority, party))
    }

    async fn advance(&self, party: &PartyId, sequence: u64, audit: AuditEvent) -> Result<(), StoreError> {
        let party = party.clone();
        self.writer.run(move |connection| notices::advance(connection, &party, sequence, &audit)).await
    }

    async fn keep_refused(&self, refusal: Refusal) -> Result<(), StoreError> {
        let content = Packed::of(&refusal.bytes)?;
        let quotas = self.quotas;
        self.writer.run(move |connection| refused::keep(connection, &refusal, &content, quotas)).await
    }

    async fn refused(
        &self,
        authority: &AuthorityId,
        after: u64,
        limit: usize,
    ) -> Result<Vec<RefusedDocument>, StoreError> {
        self.readers.ask(|connection| refused::all(connection, authority, after, limit))
    }

    async fn audit_lines(
        &self,
        authority: &AuthorityId,
        shard: u32,
        after: u64,
        limit: usize,
    ) -> Result<Vec<AuditLine>, StoreError> {
        self.readers.ask(|connection| audit::lines(connection, authority, shard, after, limit))
    }

    async fn heads(&self) -> Result<Vec<Head>, StoreError> {
        self.readers.ask(audit::heads)
    }

    async fn begin_shard(&self, event: AuditEvent) -> Result<Head, StoreError> {
        self.writer.run(move |connection| audit::begin_shard(connection, &event)).await
    }

    async fn purge_audit(&self, up_to: Head, event: AuditEvent) -> Result<u64, StoreError> {
        check_purged(&up_to, &event)?;
        self.writer.run(move |connection| audit::purge(connection, &up_to, &event)).await
    }

    async fn health(&self) -> Result<(), StoreError> {
        self.readers.ask(|connection| Ok(connection.query_row("SELECT 1", [], |_| Ok(()))?))?;
        // Writes what is there already: an empty transaction would succeed on a file that cannot be written.
        self.writer.run(schema::claim).await
    }

    fn collectors(&self) -> Vec<Box<dyn prometheus::core::Collector>> {
        let mut collectors = self.writer.counted().collectors();
        collectors.push(self.remembered.collector());
        collectors
    }
}
