//! What is in the books of one authority, and what commands do to them?

use std::collections::{BTreeMap, VecDeque};

use epix_core::id::{PartyId, PermitNumber};

use super::permit::Permit;
use crate::audit::{AuditEvent, AuditLine, Head};
use crate::store::commands::time_of;
use crate::store::{
    ApiKey, Append, Authority, Claim, Claimed, Found, Inserted, KeyId, NewPermit, Notice, Party, Quotas, Refusal,
    RefusedDocument, Rendition, Search, StoreError,
};

/// What is kept for one authority. Every command checks first and changes then, so that a refused one leaves no trace.
#[derive(Debug)]
pub(super) struct Books {
    pub(super) authority: Authority,
    pub(super) permits: BTreeMap<String, Permit>,
    pub(super) parties: Vec<Party>,
    pub(super) notices: Vec<Notice>,
    pub(super) told: BTreeMap<PartyId, u64>,
    pub(super) refused: VecDeque<RefusedDocument>,
    refused_ever: u64,
    pub(super) keys: BTreeMap<KeyId, ApiKey>,
    claims: BTreeMap<(String, String), (Claim, Option<String>)>,
    pub(super) lines: Vec<AuditLine>,
    /// Where the chains end to which nothing is written any more.
    pub(super) closed: Vec<Head>,
    pub(super) head: Head,
}

impl Books {
    pub(super) fn begin(authority: Authority) -> Books {
        let head = Head::genesis(authority.id.clone(), 0);
        Books {
            authority,
            permits: BTreeMap::new(),
            parties: Vec::new(),
            notices: Vec::new(),
            told: BTreeMap::new(),
            refused: VecDeque::new(),
            refused_ever: 0,
            keys: BTreeMap::new(),
            claims: BTreeMap::new(),
            lines: Vec::new(),
            closed: Vec::new(),
            head,
        }
    }

    pub(super) fn write(&mut self, event: &AuditEvent) {
        let line = AuditLine::chain(&self.head, event);
        self.head = line.head();
        self.lines.push(line);
    }

    pub(super) fn insert(&mut self, permit: &NewPermit) -> Result<Inserted, StoreError> {
        let inserted = match self.permits.get(permit.accepted.number().normalised()) {
            Some(kept) => permit.compare(kept.with_bytes(permit.accepted.bytes()).as_ref())?,
            None => Inserted::Created,
        };
        if inserted == Inserted::Created {
            let kept = Permit::begin(permit);
            self.permits.insert(kept.record.number.normalised().to_owned(), kept);
        }
        self.write(&permit.audit);
        Ok(inserted)
    }

    pub(super) fn append(&mut self, change: &Append) -> Result<u64, StoreError> {
        let not_found = || StoreError::NotFound { number: change.number.clone() };
        let permit = self.permits.get_mut(change.number.normalised()).ok_or_else(not_found)?;
        change.check(permit.record.revision)?;
        permit.append(change);
        let revision = permit.record.revision;
        if change.event.is_told() {
            let sequence = self.notices.len() as u64 + 1;
            let (number, at) = (permit.record.number.clone(), time_of(&change.audit));
            self.notices.push(Notice { sequence, number, at, event: change.event.clone() });
        }
        self.write(&change.audit);
        Ok(revision)
    }

    pub(super) fn keep_rendition(
        &mut self,
        number: &PermitNumber,
        rendition: Rendition,
        audit: &AuditEvent,
    ) -> Result<Rendition, StoreError> {
        let not_found = || StoreError::NotFound { number: number.clone() };
        let permit = self.permits.get_mut(number.normalised()).ok_or_else(not_found)?;
        permit.document(rendition.ordinal).ok_or_else(not_found)?;
        if permit.rendition(rendition.ordinal, rendition.toolkit).is_none() {
            permit.renditions.push(rendition.clone());
        }
        let kept = permit.rendition(rendition.ordinal, rendition.toolkit).unwrap_or(rendition);
        self.write(audit);
        Ok(kept)
    }

    pub(super) fn keep_refused(&mut self, refusal: Refusal, quotas: Quotas) {
        self.write(&refusal.audit);
        if refusal.bytes.len() as u64 > quotas.refused_bytes {
            return;
        }
        self.refused_ever += 1;
        let (sequence, at) = (self.refused_ever, time_of(&refusal.audit));
        self.refused.push_back(RefusedDocument { sequence, at, report: refusal.report, bytes: refusal.bytes });
        while self.refused.len() as u64 > quotas.refused_documents || self.refused_bytes() > quotas.refused_bytes {
            self.refused.pop_front();
        }
    }

    pub(super) fn search(&self, search: &Search) -> Found {
        let after = search.after.as_ref().map_or("", PermitNumber::normalised);
        let mut found = Found::default();
        let behind = self.permits.iter().filter(|(number, _)| number.as_str() > after);
        for (seen, (_, permit)) in (1..).zip(behind) {
            if !found.take(search, seen, permit.listed(), permit.has(search)) {
                break;
            }
        }
        found
    }

    pub(super) fn claim(&mut self, claim: Claim) -> Claimed {
        self.claims.retain(|_, (other, _)| claim.at - other.at < Claim::KEPT);
        let key = (claim.caller.clone(), claim.key.clone());
        let claimed = match self.claims.get(&key) {
            Some((before, answer)) => claim.meets(before.request, before.at, answer.clone()),
            None => Claimed::Yours,
        };
        if claimed == Claimed::Yours {
            self.claims.insert(key, (claim, None));
        }
        claimed
    }

    pub(super) fn settle(&mut self, claim: Claim, answer: Option<String>) {
        let key = (claim.caller.clone(), claim.key.clone());
        match answer {
            Some(_) => drop(self.claims.insert(key, (claim, answer))),
            None => drop(self.claims.remove(&key)),
        }
    }

    fn refused_bytes(&self) -> u64 {
        self.refused.iter().map(|document| document.bytes.len() as u64).sum()
    }
}
