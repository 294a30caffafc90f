//! A store that forgets: for tests, with the same promises minus durability.

mod books;
mod permit;

use std::collections::BTreeMap;
use std::sync::{Mutex, MutexGuard, PoisonError};

use async_trait::async_trait;
use epix_core::id::{AuthorityId, Fingerprint, PartyId, PermitNumber};
use epix_core::version::ToolkitVersion;

use self::books::Books;
use self::permit::Permit;
use super::commands::{check_declared, check_parties, check_purged, no_line};
use super::quota::StrangerQuota;
use super::{
    ApiKey, Append, Authority, Claim, Claimed, Entry, Found, Inserted, KeyId, NewPermit, Notice, Party, PermitRecord,
    Proven, Quotas, Refusal, RefusedDocument, Rendition, Search, Standing, Store, StoreError, StoredDocument,
};
use crate::audit::{AuditEvent, AuditLine, Head};

/// A store in memory.
#[derive(Debug)]
pub struct MemoryStore {
    books: Mutex<BTreeMap<AuthorityId, Books>>,
    strangers: StrangerQuota,
    quotas: Quotas,
}

impl MemoryStore {
    /// An empty store.
    pub fn new(quotas: Quotas) -> MemoryStore {
        MemoryStore { books: Mutex::default(), strangers: StrangerQuota::new(quotas), quotas }
    }

    fn all(&self) -> MutexGuard<'_, BTreeMap<AuthorityId, Books>> {
        self.books.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Changes the books of an authority.
    fn change<T>(
        &self,
        authority: &AuthorityId,
        work: impl FnOnce(&mut Books) -> Result<T, StoreError>,
    ) -> Result<T, StoreError> {
        let mut all = self.all();
        let books = all.get_mut(authority).ok_or(StoreError::UnknownAuthority { authority: authority.clone() })?;
        work(books)
    }

    /// Reads the books of an authority; nothing is known of one that was not declared.
    fn read<T: Default>(&self, authority: &AuthorityId, question: impl FnOnce(&Books) -> T) -> T {
        self.all().get(authority).map(question).unwrap_or_default()
    }
}

#[async_trait]
impl Store for MemoryStore {
    async fn declare(&self, authority: Authority, audit: AuditEvent) -> Result<(), StoreError> {
        check_declared(&authority, &audit)?;
        let mut all = self.all();
        let books = match all.get_mut(&authority.id) {
            Some(books) if books.authority == authority => return Ok(()),
            Some(books) => books,
            None => all.entry(authority.id.clone()).or_insert(Books::begin(authority.clone())),
        };
        books.authority = authority;
        books.write(&audit);
        Ok(())
    }

    async fn insert(&self, permit: NewPermit) -> Result<Inserted, StoreError> {
        self.change(&permit.audit.authority, |books| books.insert(&permit))
    }

    async fn append(&self, change: Append) -> Result<u64, StoreError> {
        self.change(&change.audit.authority, |books| books.append(&change))
    }

    async fn find(&self, authority: &AuthorityId, number: &PermitNumber) -> Result<Option<PermitRecord>, StoreError> {
        let find = |books: &Books| books.permits.get(number.normalised()).map(|permit| permit.record.clone());
        Ok(self.read(authority, find))
    }

    async fn document(
        &self,
        authority: &AuthorityId,
        number: &PermitNumber,
        ordinal: u32,
    ) -> Result<Option<StoredDocument>, StoreError> {
        Ok(self.read(authority, |books| books.permits.get(number.normalised())?.document(ordinal)))
    }

    async fn proven(
        &self,
        authority: &AuthorityId,
        number: &PermitNumber,
        ordinal: u32,
    ) -> Result<Option<Proven>, StoreError> {
        Ok(self.read(authority, |books| books.permits.get(number.normalised())?.proofs.get(&ordinal).cloned()))
    }

    async fn rendition(
        &self,
        authority: &AuthorityId,
        number: &PermitNumber,
        ordinal: u32,
        toolkit: ToolkitVersion,
    ) -> Result<Option<Rendition>, StoreError> {
        Ok(self.read(authority, |books| books.permits.get(number.normalised())?.rendition(ordinal, toolkit)))
    }

    async fn keep_rendition(
        &self,
        number: PermitNumber,
        rendition: Rendition,
        audit: AuditEvent,
    ) -> Result<Rendition, StoreError> {
        self.change(&audit.authority, |books| books.keep_rendition(&number, rendition, &audit))
    }

    async fn numbers(
        &self,
        authority: &AuthorityId,
        after: Option<&PermitNumber>,
        limit: usize,
    ) -> Result<Vec<PermitNumber>, StoreError> {
        let after = after.map_or("", PermitNumber::normalised);
        let behind = |permit: &&Permit| permit.record.number.normalised() > after;
        let number = |permit: &Permit| permit.record.number.clone();
        Ok(self.read(authority, |books| books.permits.values().filter(behind).take(limit).map(number).collect()))
    }

    async fn search(&self, authority: &AuthorityId, search: &Search) -> Result<Found, StoreError> {
        Ok(self.read(authority, |books| books.search(search)))
    }

    async fn enter(&self, authority: &AuthorityId, number: &PermitNumber, entry: Entry) -> Result<(), StoreError> {
        self.change(authority, |books| {
            let not_found = || StoreError::NotFound { number: number.clone() };
            books.permits.get_mut(number.normalised()).ok_or_else(not_found)?.entry.get_or_insert(entry);
            Ok(())
        })
    }

    async fn keep_key(&self, key: ApiKey, audit: AuditEvent) -> Result<(), StoreError> {
        self.change(&audit.authority, |books| {
            books.keys.insert(key.id.clone(), key);
            books.write(&audit);
            Ok(())
        })
    }

    async fn key(&self, id: &KeyId) -> Result<Option<ApiKey>, StoreError> {
        Ok(self.all().values().find_map(|books| books.keys.get(id).cloned()))
    }

    async fn keys(&self, authority: &AuthorityId) -> Result<Vec<ApiKey>, StoreError> {
        Ok(self.read(authority, |books| books.keys.values().cloned().collect()))
    }

    async fn claim(&self, claim: Claim) -> Result<Claimed, StoreError> {
        let authority = claim.authority.clone();
        self.change(&authority, |books| Ok(books.claim(claim)))
    }

    async fn settle(&self, claim: Claim, answer: Option<String>) -> Result<(), StoreError> {
        let authority = claim.authority.clone();
        self.change(&authority, |books| {
            books.settle(claim, answer);
            Ok(())
        })
    }

    async fn record(&self, event: AuditEvent, standing: Standing) -> Result<(), StoreError> {
        let Some(event) = self.strangers.admit(event, standing) else {
            return Ok(());
        };
        self.change(&event.authority, |books| {
            books.write(&event);
            Ok(())
        })
    }

    async fn parties(&self, authority: &AuthorityId) -> Result<Vec<Party>, StoreError> {
        Ok(self.read(authority, |books| books.parties.clone()))
    }

    async fn apply_parties(&self, mut parties: Vec<Party>, audit: AuditEvent) -> Result<(), StoreError> {
        check_parties(&parties)?;
        parties.sort_by(|a, b| a.id.cmp(&b.id));
        self.change(&audit.authority, |books| {
            books.parties = parties;
            books.write(&audit);
            Ok(())
        })
    }

    async fn registrations(&self, fingerprint: &Fingerprint) -> Result<Vec<(AuthorityId, Party)>, StoreError> {
        let mut found = Vec::new();
        for (authority, books) in self.all().iter() {
            let party = books.parties.iter().find(|party| party.certificates.contains_key(fingerprint));
            found.extend(party.map(|party| (authority.clone(), party.clone())));
        }
        Ok(found)
    }

    async fn notices(&self, authority: &AuthorityId, after: u64, limit: usize) -> Result<Vec<Notice>, StoreError> {
        let behind = |notice: &&Notice| notice.sequence > after;
        Ok(self.read(authority, |books| books.notices.iter().filter(behind).take(limit).cloned().collect()))
    }

    async fn told(&self, authority: &AuthorityId, party: &PartyId) -> Result<u64, StoreError> {
        Ok(self.read(authority, |books| books.told.get(party).copied().unwrap_or(0)))
    }

    async fn advance(&self, party: &PartyId, sequence: u64, audit: AuditEvent) -> Result<(), StoreError> {
        self.change(&audit.authority, |books| {
            let told = books.told.entry(party.clone()).or_insert(0);
            *told = sequence.max(*told);
            books.write(&audit);
            Ok(())
        })
    }

    async fn keep_refused(&self, refusal: Refusal) -> Result<(), StoreError> {
        let authority = refusal.audit.authority.clone();
        self.change(&authority, |books| {
            books.keep_refused(refusal, self.quotas);
            Ok(())
        })
    }

    async fn refused(
        &self,
        authority: &AuthorityId,
        after: u64,
        limit: usize,
    ) -> Result<Vec<RefusedDocument>, StoreError> {
        let behind = |document: &&RefusedDocument| document.sequence > after;
        Ok(self.read(authority, |books| books.refused.iter().filter(behind).take(limit).cloned().collect()))
    }

    async fn audit_lines(
        &self,
        authority: &AuthorityId,
        shard: u32,
        after: u64,
        limit: usize,
    ) -> Result<Vec<AuditLine>, StoreError> {
        let wanted = |line: &&AuditLine| line.shard == shard && line.sequence > after;
        Ok(self.read(authority, |books| books.lines.iter().filter(wanted).take(limit).cloned().collect()))
    }

    async fn heads(&self) -> Result<Vec<Head>, StoreError> {
        Ok(self.all().values().flat_map(|books| books.closed.iter().chain([&books.head])).cloned().collect())
    }

    async fn begin_shard(&self, audit: AuditEvent) -> Result<Head, StoreError> {
        self.change(&audit.authority, |books| {
            let next = Head::genesis(audit.authority.clone(), books.head.shard + 1);
            books.closed.push(std::mem::replace(&mut books.head, next));
            books.write(&audit);
            Ok(books.head.clone())
        })
    }

    async fn purge_audit(&self, up_to: Head, audit: AuditEvent) -> Result<u64, StoreError> {
        check_purged(&up_to, &audit)?;
        self.change(&audit.authority, |books| {
            let known = books.lines.iter().any(|line| line.head() == up_to);
            known.then_some(()).ok_or_else(|| no_line(&up_to))?;
            let before = books.lines.len();
            books.lines.retain(|line| line.shard != up_to.shard || line.sequence > up_to.sequence);
            let removed = before - books.lines.len();
            books.write(&audit);
            Ok(removed as u64)
        })
    }

    async fn health(&self) -> Result<(), StoreError> {
        Ok(())
    }
}
