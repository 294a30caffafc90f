//! The commands' end of the control socket: a store that asks a server.

use std::io;
use std::path::Path;

use async_trait::async_trait;
use epix_core::id::{AuthorityId, Fingerprint, PartyId, PermitNumber};
use epix_core::version::ToolkitVersion;
use serde::de::DeserializeOwned;
use serde_json::Value;
use tokio::io::{AsyncBufReadExt as _, AsyncWriteExt as _, BufReader};
use tokio::net::UnixStream;
use tokio::sync::Mutex;

use super::message::{Ask, Trouble};
use crate::audit::{AuditEvent, AuditLine, Head};
use crate::store::{
    ApiKey, Append, Authority, Claim, Claimed, Entry, Found, Inserted, KeyId, NewPermit, Notice, Party, PermitRecord,
    Proven, Refusal, RefusedDocument, Rendition, Search, Standing, Store, StoreError, StoredDocument,
};

/// The store of a server that is running.
#[derive(Debug)]
pub struct RemoteStore {
    /// One question at a time: a command has one line of thought.
    stream: Mutex<BufReader<UnixStream>>,
}

impl RemoteStore {
    /// Connects to the server that listens at a path.
    ///
    /// # Errors
    /// When nobody listens there.
    pub async fn connect(path: &Path) -> io::Result<RemoteStore> {
        let stream = UnixStream::connect(path).await?;
        Ok(RemoteStore { stream: Mutex::new(BufReader::new(stream)) })
    }

    async fn ask<T: DeserializeOwned>(&self, ask: Ask) -> Result<T, StoreError> {
        let mut text = serde_json::to_string(&ask).map_err(StoreError::backend)?;
        text.push('\n');
        let mut stream = self.stream.lock().await;
        stream.get_mut().write_all(text.as_bytes()).await.map_err(StoreError::backend)?;
        let mut line = String::new();
        // A server that stops hangs up; what was asked last may have been done.
        if stream.read_line(&mut line).await.map_err(StoreError::backend)? == 0 {
            return Err(StoreError::Unavailable);
        }
        let outcome: Result<Value, Trouble> = serde_json::from_str(&line).map_err(StoreError::backend)?;
        serde_json::from_value(outcome?).map_err(StoreError::backend)
    }
}

#[async_trait]
impl Store for RemoteStore {
    async fn declare(&self, authority: Authority, audit: AuditEvent) -> Result<(), StoreError> {
        self.ask(Ask::Declare(authority, audit)).await
    }

    async fn insert(&self, permit: NewPermit) -> Result<Inserted, StoreError> {
        self.ask(Ask::insert(permit)).await
    }

    async fn append(&self, change: Append) -> Result<u64, StoreError> {
        self.ask(Ask::append(change)).await
    }

    async fn find(&self, authority: &AuthorityId, number: &PermitNumber) -> Result<Option<PermitRecord>, StoreError> {
        self.ask(Ask::Find(authority.clone(), number.clone())).await
    }

    async fn document(
        &self,
        authority: &AuthorityId,
        number: &PermitNumber,
        ordinal: u32,
    ) -> Result<Option<StoredDocument>, StoreError> {
        self.ask(Ask::Document(authority.clone(), number.clone(), ordinal)).await
    }

    async fn proven(
        &self,
        authority: &AuthorityId,
        number: &PermitNumber,
        ordinal: u32,
    ) -> Result<Option<Proven>, StoreError> {
        self.ask(Ask::Proven(authority.clone(), number.clone(), ordinal)).await
    }

    async fn rendition(
        &self,
        authority: &AuthorityId,
        number: &PermitNumber,
        ordinal: u32,
        toolkit: ToolkitVersion,
    ) -> Result<Option<Rendition>, StoreError> {
        self.ask(Ask::Rendition(authority.clone(), number.clone(), ordinal, toolkit)).await
    }

    async fn keep_rendition(
        &self,
        number: PermitNumber,
        rendition: Rendition,
        audit: AuditEvent,
    ) -> Result<Rendition, StoreError> {
        self.ask(Ask::KeepRendition(number, rendition, audit)).await
    }

    async fn numbers(
        &self,
        authority: &AuthorityId,
        after: Option<&PermitNumber>,
        limit: usize,
    ) -> Result<Vec<PermitNumber>, StoreError> {
        self.ask(Ask::Numbers(authority.clone(), after.cloned(), limit)).await
    }

    async fn search(&self, authority: &AuthorityId, search: &Search) -> Result<Found, StoreError> {
        self.ask(Ask::Search(authority.clone(), search.clone())).await
    }

    async fn enter(&self, authority: &AuthorityId, number: &PermitNumber, entry: Entry) -> Result<(), StoreError> {
        self.ask(Ask::Enter(authority.clone(), number.clone(), entry)).await
    }

    async fn keep_key(&self, key: ApiKey, audit: AuditEvent) -> Result<(), StoreError> {
        self.ask(Ask::KeepKey(key, audit)).await
    }

    async fn key(&self, id: &KeyId) -> Result<Option<ApiKey>, StoreError> {
        self.ask(Ask::Key(id.clone())).await
    }

    async fn keys(&self, authority: &AuthorityId) -> Result<Vec<ApiKey>, StoreError> {
        self.ask(Ask::Keys(authority.clone())).await
    }

    async fn claim(&self, claim: Claim) -> Result<Claimed, StoreError> {
        self.ask(Ask::Claim(claim)).await
    }

    async fn settle(&self, claim: Claim, answer: Option<String>) -> Result<(), StoreError> {
        self.ask(Ask::Settle(claim, answer)).await
    }

    async fn record(&self, event: AuditEvent, standing: Standing) -> Result<(), StoreError> {
        self.ask(Ask::Record(event, standing)).await
    }

    async fn parties(&self, authority: &AuthorityId) -> Result<Vec<Party>, StoreError> {
        self.ask(Ask::Parties(authority.clone())).await
    }

    async fn apply_parties(&self, parties: Vec<Party>, audit: AuditEvent) -> Result<(), StoreError> {
        self.ask(Ask::ApplyParties(parties, audit)).await
    }

    async fn registrations(&self, fingerprint: &Fingerprint) -> Result<Vec<(AuthorityId, Party)>, StoreError> {
        self.ask(Ask::Registrations(*fingerprint)).await
    }

    async fn notices(&self, authority: &AuthorityId, after: u64, limit: usize) -> Result<Vec<Notice>, StoreError> {
        self.ask(Ask::Notices(authority.clone(), after, limit)).await
    }

    async fn told(&self, authority: &AuthorityId, party: &PartyId) -> Result<u64, StoreError> {
        self.ask(Ask::Told(authority.clone(), party.clone())).await
    }

    async fn advance(&self, party: &PartyId, sequence: u64, audit: AuditEvent) -> Result<(), StoreError> {
        self.ask(Ask::Advance(party.clone(), sequence, audit)).await
    }

    async fn keep_refused(&self, refusal: Refusal) -> Result<(), StoreError> {
        self.ask(Ask::keep_refused(refusal)).await
    }

    async fn refused(
        &self,
        authority: &AuthorityId,
        after: u64,
        limit: usize,
    ) -> Result<Vec<RefusedDocument>, StoreError> {
        self.ask(Ask::Refused(authority.clone(), after, limit)).await
    }

    async fn audit_lines(
        &self,
        authority: &AuthorityId,
        shard: u32,
        after: u64,
        limit: usize,
    ) -> Result<Vec<AuditLine>, StoreError> {
        self.ask(Ask::AuditLines(authority.clone(), shard, after, limit)).await
    }

    async fn heads(&self) -> Result<Vec<Head>, StoreError> {
        self.ask(Ask::Heads).await
    }

    async fn begin_shard(&self, audit: AuditEvent) -> Result<Head, StoreError> {
        self.ask(Ask::BeginShard(audit)).await
    }

    async fn purge_audit(&self, up_to: Head, audit: AuditEvent) -> Result<u64, StoreError> {
        self.ask(Ask::PurgeAudit(up_to, audit)).await
    }

    async fn health(&self) -> Result<(), StoreError> {
        self.ask(Ask::Health).await
    }
    /// The server at the other end does its work itself.
    async fn lead(&self, _work: &str) -> Result<bool, StoreError> {
        Ok(false)
    }
}
