//! What state a permit is in: a pure fold over its events, and which of its documents answers which operation.
//!
//! ```text
//! ISSUED ──confirm (export)──────────────────> FINAL ──confirm (import)──> USED   a voided confirmation counts as never made
//!    │ └──confirm a part──> IN USE ──last part, expiry──^
//!    ├──expiry──> EXPIRED (a late export still makes it final)
//!    └──────────> CANCELLED | REPLACED | LOST | RETURNED
//! ISSUED, IN USE, FINAL, EXPIRED <──resume── SUSPENDED
//! ```

use std::collections::BTreeMap;

use chrono::{DateTime, NaiveDate, Utc};
use epix_core::id::{Amount, PermitNumber, PositionId, Sha256Digest};
use epix_core::permit::Permit;
use serde::{Deserialize, Serialize};

use super::error::CallError;
use super::ledger::{self, Positions};
use crate::store::{Ledger, PermitEvent, PermitRecord, VersionReason, VersionRow};

/// Quantities by position.
pub type Quantities = BTreeMap<PositionId, Amount>;

/// The states that a permit can be in.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum State {
    /// Issued by the authority, and nothing else.
    Issued,
    /// Part of it has left; more may.
    InUse,
    /// What left is certified.
    Final,
    /// What left has arrived.
    Used,
    /// Past its last day, and nothing has left.
    Expired,
    /// Not to be relied on for the time being.
    Suspended,
    /// Cancelled by the authority.
    Cancelled,
    /// Another permit stands in its place.
    Replaced,
    /// Reported as lost or stolen.
    Lost,
    /// Given back unused.
    Returned,
}

impl State {
    /// Every state.
    pub const ALL: [State; 10] = [
        State::Issued,
        State::InUse,
        State::Final,
        State::Used,
        State::Expired,
        State::Suspended,
        State::Cancelled,
        State::Replaced,
        State::Lost,
        State::Returned,
    ];

    /// The word for people.
    pub fn word(self) -> &'static str {
        match self {
            State::Issued => "issued",
            State::InUse => "in use",
            State::Final => "final",
            State::Used => "used",
            State::Expired => "expired",
            State::Suspended => "suspended",
            State::Cancelled => "cancelled",
            State::Replaced => "replaced",
            State::Lost => "lost",
            State::Returned => "returned",
        }
    }
}

/// A confirmation that stands.
#[derive(Debug, Clone, Copy)]
pub struct Standing<'r> {
    /// Sequence of its event.
    pub sequence: u64,
    /// What was confirmed, every position of the permit.
    pub positions: &'r Quantities,
    /// What makes a repetition recognisable.
    pub identity: Sha256Digest,
    /// True when it may not be the last one.
    pub is_part: bool,
}

/// How a permit ended, for good.
#[derive(Debug, Clone, Copy)]
pub enum Ended<'r> {
    /// It was cancelled.
    Cancelled,
    /// Another one stands in its place.
    Replaced {
        /// Which.
        by: &'r PermitNumber,
    },
    /// It was reported as lost or stolen.
    Lost,
    /// It was given back unused.
    Returned,
}

/// What the document itself says about its life.
#[derive(Debug, Clone, Default)]
pub struct Facts {
    /// What is permitted (box 11).
    pub permitted: Quantities,
    /// What box 14 certified on arrival, where it did.
    pub endorsed: Option<Quantities>,
    /// The last day of validity, as it was written.
    pub last_day: Option<NaiveDate>,
}

impl Facts {
    /// Reads them; of a permit that names a position twice no quantities are known.
    pub fn of(permit: &Permit) -> Facts {
        let positions = Positions::of(permit).ok();
        let end = permit.validity().and_then(|validity| validity.end.as_ref());
        Facts {
            permitted: positions.as_ref().map(Positions::permitted).unwrap_or_default(),
            endorsed: positions.and_then(|positions| positions.endorsed()),
            last_day: end.map(epix_core::permit::Moment::date),
        }
    }

    /// Is this moment after the last day?
    pub fn is_over(&self, at: DateTime<Utc>) -> bool {
        self.last_day.is_some_and(|last| at.date_naive() > last)
    }
}

/// What has happened to a permit, as it stands.
#[derive(Debug, Clone, Default)]
pub struct Status<'r> {
    /// How it ended, if it did.
    pub ended: Option<Ended<'r>>,
    /// True while it is suspended.
    pub suspended: bool,
    /// What left the issuing country, oldest first.
    pub exported: Vec<Standing<'r>>,
    /// What arrived, oldest first.
    pub imported: Vec<Standing<'r>>,
}

impl<'r> Status<'r> {
    /// Folds the events of a permit.
    pub fn of(record: &'r PermitRecord) -> Status<'r> {
        let mut status = Status::default();
        for recorded in &record.events {
            status.take(recorded.sequence, &recorded.event);
        }
        status
    }

    /// The same after one more event.
    #[must_use]
    pub fn followed_by(mut self, sequence: u64, event: &'r PermitEvent) -> Status<'r> {
        self.take(sequence, event);
        self
    }

    fn take(&mut self, sequence: u64, event: &'r PermitEvent) {
        match event {
            PermitEvent::Confirmed { ledger, positions, identity, part, .. } => {
                let standing = Standing { sequence, positions, identity: *identity, is_part: *part };
                self.book_mut(*ledger).push(standing);
            }
            PermitEvent::Voided { sequence, .. } => {
                self.exported.retain(|standing| standing.sequence != *sequence);
                self.imported.retain(|standing| standing.sequence != *sequence);
            }
            PermitEvent::Suspended { .. } => self.suspended = true,
            PermitEvent::Resumed { .. } => self.suspended = false,
            PermitEvent::Cancelled { .. } => self.ended = Some(Ended::Cancelled),
            PermitEvent::Replaced { by, .. } => self.ended = Some(Ended::Replaced { by }),
            PermitEvent::Lost { .. } => self.ended = Some(Ended::Lost),
            PermitEvent::Returned { .. } => self.ended = Some(Ended::Returned),
            PermitEvent::Issued | PermitEvent::Reissued { .. } | PermitEvent::Replaces { .. } => {}
        }
    }

    /// The confirmations that stand in a book.
    pub fn book(&self, ledger: Ledger) -> &[Standing<'r>] {
        match ledger {
            Ledger::Export => &self.exported,
            Ledger::Import => &self.imported,
        }
    }

    fn book_mut(&mut self, ledger: Ledger) -> &mut Vec<Standing<'r>> {
        match ledger {
            Ledger::Export => &mut self.exported,
            Ledger::Import => &mut self.imported,
        }
    }

    /// Refuses what nobody may do with a permit that ended or is suspended.
    ///
    /// # Errors
    /// [`CallError`] that says how.
    pub fn check_open(&self) -> Result<(), CallError> {
        match self.ended {
            Some(Ended::Cancelled) => Err(CallError::Cancelled),
            Some(Ended::Replaced { by }) => Err(CallError::Replaced { by: by.clone() }),
            Some(Ended::Lost) => Err(CallError::Lost),
            Some(Ended::Returned) => Err(CallError::Returned),
            None if self.suspended => Err(CallError::Suspended),
            None => Ok(()),
        }
    }

    /// The state at a moment.
    pub fn state(&self, facts: &Facts, at: DateTime<Utc>) -> State {
        match self.ended {
            Some(Ended::Cancelled) => State::Cancelled,
            Some(Ended::Replaced { .. }) => State::Replaced,
            Some(Ended::Lost) => State::Lost,
            Some(Ended::Returned) => State::Returned,
            None if self.suspended => State::Suspended,
            None => self.state_beneath(facts, at),
        }
    }

    /// True when the events alone say the state: what was confirmed in one piece needs no look into the document.
    pub fn speaks_for_itself(&self) -> bool {
        !self.exported.is_empty() && self.exported.iter().all(|standing| !standing.is_part)
    }

    /// The state at a moment, whether it is suspended or not.
    pub fn state_beneath(&self, facts: &Facts, at: DateTime<Utc>) -> State {
        let is_over = facts.is_over(at);
        let Some(exported) = self.exported_in_all(facts) else {
            return if is_over { State::Expired } else { State::Issued };
        };
        let is_in_parts = self.exported.iter().any(|standing| standing.is_part);
        if is_in_parts && !is_over && exported != facts.permitted {
            return State::InUse;
        }
        let has_arrived = !self.imported.is_empty() && (!is_in_parts || ledger::sum(&self.imported) == exported);
        if has_arrived { State::Used } else { State::Final }
    }

    /// Has at least as much left as has arrived?
    pub fn covers_what_arrived(&self, facts: &Facts) -> bool {
        let Some(exported) = self.exported_in_all(facts) else { return self.imported.is_empty() };
        let covered = |(position, amount): (&PositionId, &Amount)| {
            *amount <= exported.get(position).copied().unwrap_or(Amount::ZERO)
        };
        ledger::sum(&self.imported).iter().all(covered)
    }

    /// What left in all: what was confirmed here, else what box 14 certified on arrival.
    pub fn exported_in_all(&self, facts: &Facts) -> Option<Quantities> {
        if self.exported.is_empty() { facts.endorsed.clone() } else { Some(ledger::sum(&self.exported)) }
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
