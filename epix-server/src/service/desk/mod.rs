//! What an authority does with its own permits: takes them in, changes their state, looks them up. For its clerks' commands and for
//! its systems that call by key alike; partners have the exchange.

mod change;
mod error;
mod intake;
mod look;

use std::sync::Arc;

use epix_core::check::policy::Policies;
use epix_core::id::PermitNumber;
use epix_core::permit::Permit;
use epix_core::receive;

pub use change::Book;
pub use error::DeskError;
pub use intake::{Stored, Submission};
pub use look::{Filter, Hits, Row};

use super::status::{Facts, State, Status, issued_version};
use crate::audit::{AuditEvent, AuditLine, OK};
use crate::notary::Notary;
use crate::store::{Authority, Party, PermitRecord, Standing, Store, StoredDocument};

/// The authority's own side of the gateway.
#[derive(Clone)]
pub struct Desk {
    store: Arc<dyn Store>,
    notary: Arc<Notary>,
    policies: Arc<Policies>,
}

/// Who does something, for which authority: the audit line of it, in which operation, permit and digest are still to be filled in.
#[derive(Debug, Clone)]
pub struct Deed<'a> {
    /// Whose permits.
    pub authority: &'a Authority,
    /// Who, when, from where.
    pub audit: AuditEvent,
}

impl Deed<'_> {
    /// The audit line of an operation on a permit.
    pub(in crate::service) fn event(&self, operation: &str, number: Option<&PermitNumber>) -> AuditEvent {
        let (operation, permit) = (operation.to_owned(), number.cloned());
        AuditEvent { operation, permit, ..self.audit.clone() }
    }
}

impl Desk {
    /// Puts the parts together.
    pub fn new(store: Arc<dyn Store>, notary: Arc<Notary>, policies: Arc<Policies>) -> Desk {
        Desk { store, notary, policies }
    }

    /// Everything about a permit but its documents.
    ///
    /// # Errors
    /// [`DeskError::PermitUnknown`], or what the store says.
    pub async fn record(&self, authority: &Authority, number: &PermitNumber) -> Result<PermitRecord, DeskError> {
        let found = self.store.find(&authority.id, number).await?;
        found.ok_or_else(|| DeskError::PermitUnknown { number: number.clone() })
    }

    /// One document of a permit, the reading of it durably in the audit; without an ordinal the one that was issued last.
    ///
    /// # Errors
    /// [`DeskError::PermitUnknown`] where there is none, or what the store says.
    pub async fn read(
        &self,
        deed: &Deed<'_>,
        number: &PermitNumber,
        ordinal: Option<u32>,
    ) -> Result<(PermitRecord, StoredDocument), DeskError> {
        let record = self.record(deed.authority, number).await?;
        let unknown = || DeskError::PermitUnknown { number: number.clone() };
        let ordinal = ordinal.or_else(|| issued_version(&record).map(|version| version.ordinal)).ok_or_else(unknown)?;
        let document = self.store.document(&record.authority, number, ordinal).await?.ok_or_else(unknown)?;
        let mut audit = deed.event("read", Some(number));
        audit.document_digest = Some(document.digest);
        self.store.record(audit, Standing::Registered).await?;
        Ok((record, document))
    }

    /// Everything about a permit but its documents, the look durably in the audit.
    ///
    /// # Errors
    /// [`DeskError::PermitUnknown`], or what the store says.
    pub async fn show(&self, deed: &Deed<'_>, number: &PermitNumber) -> Result<(PermitRecord, State), DeskError> {
        let record = self.record(deed.authority, number).await?;
        let state = Status::of(&record).state(&self.facts(&record).await?, deed.audit.at);
        self.store.record(deed.event("show", Some(number)), Standing::Registered).await?;
        Ok((record, state))
    }

    /// Writes down what was done or asked in vain.
    ///
    /// # Errors
    /// What the store says.
    pub async fn write_down(&self, deed: &Deed<'_>, operation: &str, outcome: &str) -> Result<(), DeskError> {
        let mut audit = deed.event(operation, None);
        audit.outcome = outcome.to_owned();
        Ok(self.store.record(audit, Standing::Registered).await?)
    }

    /// The register of parties, the look at it durably in the audit.
    ///
    /// # Errors
    /// What the store says.
    pub async fn parties(&self, deed: &Deed<'_>) -> Result<Vec<Party>, DeskError> {
        self.write_down(deed, "parties", OK).await?;
        Ok(self.store.parties(&deed.authority.id).await?)
    }

    /// Lines of the audit from behind a sequence, the look at them durably in the audit.
    ///
    /// # Errors
    /// What the store says.
    pub async fn audit(
        &self,
        deed: &Deed<'_>,
        shard: u32,
        after: u64,
        limit: usize,
    ) -> Result<Vec<AuditLine>, DeskError> {
        self.write_down(deed, "audit", OK).await?;
        Ok(self.store.audit_lines(&deed.authority.id, shard, after, limit).await?)
    }

    /// The permit as the document says it that the authority issued last.
    async fn issued(&self, record: &PermitRecord) -> Result<Permit, DeskError> {
        let damaged = || DeskError::Damaged { number: record.number.clone() };
        let ordinal = issued_version(record).ok_or_else(damaged)?.ordinal;
        let document = self.store.document(&record.authority, &record.number, ordinal).await?.ok_or_else(damaged)?;
        receive::inspect(&document.bytes).0.map(|reading| reading.permit).ok_or_else(damaged)
    }

    /// What the document that was issued last says about the life of the permit.
    ///
    /// # Errors
    /// What the store says, or that the document can no longer be read.
    pub async fn facts(&self, record: &PermitRecord) -> Result<Facts, DeskError> {
        Ok(Facts::of(&self.issued(record).await?))
    }
}
