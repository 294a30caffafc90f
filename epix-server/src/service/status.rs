//! What state a permit is in: a pure fold over its events, and which of its documents answers which operation.
//!
//! ```text
//! ISSUED ──confirm (export)──> FINAL ──confirm (import)──> USED        a voided confirmation counts as never made
//!    └──────────cancel─────────> CANCELLED
//! ```

use std::collections::BTreeMap;

use epix_core::id::{Amount, PositionId, Sha256Digest};

use crate::store::{Ledger, PermitEvent, PermitRecord, VersionReason, VersionRow};

/// A confirmation that stands.
#[derive(Debug, Clone, Copy)]
pub struct Standing<'r> {
    /// Sequence of its event.
    pub sequence: u64,
    /// What was confirmed, every position of the permit.
    pub positions: &'r BTreeMap<PositionId, Amount>,
    /// What makes a repetition recognisable.
    pub identity: Sha256Digest,
}

/// The state of a permit.
#[derive(Debug, Clone, Copy, Default)]
pub struct Status<'r> {
    /// Why it was cancelled, if it was.
    pub cancelled: Option<&'r str>,
    /// What left the issuing country.
    pub exported: Option<Standing<'r>>,
    /// What arrived.
    pub imported: Option<Standing<'r>>,
}

impl<'r> Status<'r> {
    /// Folds the events of a permit.
    pub fn of(record: &'r PermitRecord) -> Status<'r> {
        let mut status = Status::default();
        for recorded in &record.events {
            match &recorded.event {
                PermitEvent::Confirmed { ledger, positions, identity, .. } => {
                    let standing = Standing { sequence: recorded.sequence, positions, identity: *identity };
                    *status.book(*ledger) = Some(standing);
                }
                PermitEvent::Voided { sequence, .. } => status.void(*sequence),
                PermitEvent::Cancelled { reason } => status.cancelled = Some(reason),
                PermitEvent::Issued | PermitEvent::Reissued { .. } => {}
            }
        }
        status
    }

    fn book(&mut self, ledger: Ledger) -> &mut Option<Standing<'r>> {
        match ledger {
            Ledger::Export => &mut self.exported,
            Ledger::Import => &mut self.imported,
        }
    }

    fn void(&mut self, sequence: u64) {
        for book in [&mut self.exported, &mut self.imported] {
            if book.is_some_and(|standing| standing.sequence == sequence) {
                *book = None;
            }
        }
    }

    /// The word for people.
    pub fn word(&self) -> &'static str {
        match self {
            Status { cancelled: Some(_), .. } => "cancelled",
            Status { imported: Some(_), .. } => "used",
            Status { exported: Some(_), .. } => "final",
            _ => "issued",
        }
    }
}

/// The document that `GetNonFinal` serves: the last one that the authority issued.
pub fn issued_version(record: &PermitRecord) -> Option<&VersionRow> {
    record.versions.iter().rev().find(|version| !matches!(version.reason, VersionReason::Endorsed { .. }))
}

/// The document with box 14 that shows a confirmation.
pub(super) fn endorsed_version<'r>(record: &'r PermitRecord, confirmation: &Standing<'_>) -> Option<&'r VersionRow> {
    let shows = |version: &&VersionRow| matches!(version.reason, VersionReason::Endorsed { event, .. } if event == confirmation.sequence);
    record.versions.iter().find(shows)
}
