//! What a store can be told to do: each command with the audit line that is written in the same transaction.
//!
//! Whose books, who and when stand once, in the command's audit event, so that the two can never differ.

use std::collections::{BTreeMap, BTreeSet};

use chrono::{DateTime, SubsecRound as _, Utc};
use epix_core::id::{Country, PermitNumber, Sha256Digest};
use epix_core::receive::Accepted;
use serde::{Deserialize, Serialize};

use super::catalogue::Entry;
use super::party::Party;
use super::rows::{Attachment, Authority, PermitEvent, Proven, RecordedEvent, TokenHash, VersionReason, VersionRow};
use super::{Difference, StoreError};
use crate::audit::{AuditEvent, Head};

/// A permit to be stored for the first time.
#[derive(Debug, Clone)]
pub struct NewPermit {
    /// The document; only an accepted one can be stored.
    pub accepted: Accepted,
    /// What a caller's token must hash to; `None` for a permit without token.
    pub token: Option<TokenHash>,
    /// What travels with it.
    pub attachments: Vec<Attachment>,
    /// What the verdict on its signature rested on.
    pub proven: Option<Proven>,
    /// What it is found by.
    pub entry: Entry,
    /// Who stores it, for whom, when.
    pub audit: AuditEvent,
}

/// What storing a permit did.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum Inserted {
    /// It is new.
    Created,
    /// The same bytes are kept already: nothing changed but the audit.
    Unchanged,
}

/// One more event of a permit, decided on a known revision.
#[derive(Debug, Clone)]
pub struct Append {
    /// Which permit of the audit event's authority.
    pub number: PermitNumber,
    /// The revision on which the decision was made; any other is a [`StoreError::Conflict`].
    pub expected_revision: u64,
    /// What happened.
    pub event: PermitEvent,
    /// The document that the event made, if it made one.
    pub document: Option<NewDocument>,
    /// What the permit is found by from now on.
    pub entry: Entry,
    /// Who did it, for whom, when.
    pub audit: AuditEvent,
}

/// One more document of a permit. What the gateway made itself is received like anybody's document, so that what
/// cannot be accepted cannot be stored here either.
#[derive(Debug, Clone)]
pub struct NewDocument {
    /// The document.
    pub accepted: Accepted,
    /// Why it exists.
    pub reason: VersionReason,
    /// What travels with it.
    pub attachments: Attachments,
    /// What the verdict on its signature rested on.
    pub proven: Option<Proven>,
}

/// What travels with a new document.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub enum Attachments {
    /// The same as with the version before.
    AsBefore,
    /// These.
    These(Vec<Attachment>),
}

/// A document that was refused, to be kept apart.
#[derive(Debug, Clone)]
pub struct Refusal {
    /// What came.
    pub bytes: Vec<u8>,
    /// The report that says why, as JSON.
    pub report: String,
    /// Who sent it, to whom, when.
    pub audit: AuditEvent,
}

/// Whether the caller whose call is recorded is known.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum Standing {
    /// The operator or a registered party: every line is kept.
    Registered,
    /// Anybody else: lines are kept up to a quota, see [`super::Quotas`].
    Stranger,
}

/// The time of a command as stores keep it: to the microsecond.
pub(super) fn time_of(audit: &AuditEvent) -> DateTime<Utc> {
    audit.at.trunc_subsecs(6)
}

impl NewPermit {
    /// The event with which every history begins.
    pub(super) fn issued(&self) -> RecordedEvent {
        recorded(1, PermitEvent::Issued, &self.audit)
    }

    /// The row of the first document.
    pub(super) fn version(&self) -> VersionRow {
        version(1, &self.accepted, VersionReason::Received, &self.audit)
    }

    /// Compares with what is kept under the same number: `None` when no version has the bytes that came. A token or
    /// attachments that did not come say nothing.
    pub(super) fn compare(&self, kept: Option<&Kept>) -> Result<Inserted, StoreError> {
        let different = |what| Err(StoreError::Different { number: self.accepted.number().clone(), what });
        let Some(kept) = kept else {
            return different(Difference::Bytes);
        };
        if self.token.is_some() && self.token != kept.token {
            return different(Difference::Token);
        }
        if !self.attachments.is_empty() && imprint(&self.attachments) != kept.attachments {
            return different(Difference::Attachments);
        }
        Ok(Inserted::Unchanged)
    }
}

/// What is kept under the number of a permit that comes again.
#[derive(Debug)]
pub(super) struct Kept {
    /// The token of the permit.
    pub(super) token: Option<TokenHash>,
    /// Names and digests of what travels with the version that has the same bytes.
    pub(super) attachments: Vec<(String, Sha256Digest)>,
}

/// Names and digests of attachments.
pub(super) fn imprint(attachments: &[Attachment]) -> Vec<(String, Sha256Digest)> {
    attachments.iter().map(|file| (file.name.clone(), Sha256Digest::of(&file.content))).collect()
}

impl Append {
    /// The event in its place in the history.
    pub(super) fn recorded(&self) -> RecordedEvent {
        recorded(self.expected_revision + 1, self.event.clone(), &self.audit)
    }

    /// The row of the new document and where it sends the permit, if there is one.
    pub(super) fn version(&self, ordinal: u32) -> Option<(VersionRow, Option<Country>)> {
        let document = self.document.as_ref()?;
        let version = version(ordinal, &document.accepted, document.reason.clone(), &self.audit);
        Some((version, document.accepted.destination()))
    }

    /// Refuses a change that was decided on another revision, or a document of another permit.
    pub(super) fn check(&self, revision: u64) -> Result<(), StoreError> {
        if revision != self.expected_revision {
            return Err(StoreError::Conflict { revision });
        }
        match &self.document {
            Some(document) if document.accepted.number().normalised() != self.number.normalised() => {
                Err(StoreError::Different { number: self.number.clone(), what: Difference::Number })
            }
            _ => Ok(()),
        }
    }
}

fn recorded(sequence: u64, event: PermitEvent, audit: &AuditEvent) -> RecordedEvent {
    RecordedEvent {
        sequence,
        at: time_of(audit),
        party: audit.actor.party.clone(),
        fingerprint: audit.actor.fingerprint,
        event,
    }
}

fn version(ordinal: u32, accepted: &Accepted, reason: VersionReason, audit: &AuditEvent) -> VersionRow {
    VersionRow {
        ordinal,
        toolkit: accepted.version(),
        digest: accepted.digest(),
        size: accepted.bytes().len() as u64,
        reason,
        at: time_of(audit),
    }
}

/// Refuses to declare one authority in the books of another.
pub(super) fn check_declared(authority: &Authority, audit: &AuditEvent) -> Result<(), StoreError> {
    if authority.id != audit.authority {
        return Err(StoreError::UnknownAuthority { authority: audit.authority.clone() });
    }
    Ok(())
}

/// Refuses to purge one authority's audit in the books of another.
pub(super) fn check_purged(up_to: &Head, audit: &AuditEvent) -> Result<(), StoreError> {
    if up_to.authority != audit.authority {
        return Err(StoreError::UnknownAuthority { authority: audit.authority.clone() });
    }
    Ok(())
}

/// What is said of a line that is not there.
pub(super) fn no_line(head: &Head) -> StoreError {
    StoreError::NoLine { authority: head.authority.clone(), shard: head.shard, sequence: head.sequence }
}

/// Refuses a list of parties that names one twice, or one certificate under two of them.
pub(super) fn check_parties(parties: &[Party]) -> Result<(), StoreError> {
    let mut named = BTreeSet::new();
    let mut owners = BTreeMap::new();
    for party in parties {
        if !named.insert(&party.id) {
            return Err(StoreError::PartyTwice { party: party.id.clone() });
        }
        for fingerprint in party.certificates.keys() {
            if let Some(first) = owners.insert(*fingerprint, &party.id) {
                let (first, second) = (first.clone(), party.id.clone());
                return Err(StoreError::CertificateTaken { fingerprint: *fingerprint, first, second });
            }
        }
    }
    Ok(())
}
