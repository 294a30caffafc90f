//! How permits stand in the database: the key, the documents, the events.

use std::collections::BTreeSet;

use chrono::{DateTime, Utc};
use epix_core::id::{AuthorityId, Fingerprint, PartyId, PermitNumber, Sha256Digest};
use epix_core::version::VERSIONS;
use serde::Deserialize;
use serde::de::DeserializeOwned;
use tokio_postgres::Row;

use super::known::{Asked, Key, Known, Permit, Version, key};
use super::plan::Plan;
use super::readers::Readers;
use super::value::{Packed, column, from_time, id, json, number as whole, optional_id, text, time, values};
use super::writer::Command;
use super::{catalogue, proofs};
use crate::audit::from_timestamp;
use crate::store::columns::{optional_digest, unreadable};
use crate::store::packed::{PackedAttachment, PackedDocument, PackedProof};
use crate::store::{
    Append, Inserted, NewPermit, PermitEvent, PermitRecord, RecordedEvent, StoreError, TokenHash, VersionReason,
    VersionRow,
};

/// Stores a permit, or finds that the same one is kept already.
pub(super) struct Insert {
    pub(super) permit: NewPermit,
    pub(super) document: Packed,
    pub(super) attachments: Vec<PackedAttachment>,
    pub(super) proof: Option<PackedProof>,
}

impl Insert {
    fn key(&self) -> Key {
        key(&self.permit.audit.authority, self.permit.accepted.number())
    }
}

impl Command for Insert {
    type Answer = Inserted;

    fn authority(&self) -> Option<&AuthorityId> {
        Some(&self.permit.audit.authority)
    }

    fn ask(&self, asked: &mut Asked) {
        asked.permits.insert(self.key());
    }

    fn decide(&self, known: &mut Known, plan: &mut Plan) -> Result<Inserted, StoreError> {
        let (permit, key) = (&self.permit, self.key());
        plan.write(&permit.audit)?;
        if let Some(kept) = known.permits.get(&key) {
            return permit.compare(kept.with_bytes(self.document.digest).as_ref());
        }
        let (issued, version) = (permit.issued(), permit.version());
        plan.push(
            "INSERT INTO permit (authority, number, written, destination, token, revision, stored_at)
             VALUES ($1, $2, $3, $4, $5, $6, $7)",
            values![
                key.0.clone(),
                key.1.clone(),
                permit.accepted.number().raw().to_owned(),
                permit.accepted.destination().map(|country| country.to_string()),
                permit.token.as_ref().map(|token| token.as_bytes().to_vec()),
                column(issued.sequence)?,
                time(issued.at)
            ],
        );
        let kept = keep_version(plan, &key, &version, &self.document, version.ordinal, &self.attachments)?;
        if let Some(proof) = &self.proof {
            proofs::keep(plan, &key, version.ordinal, proof)?;
        }
        keep_event(plan, &key, &issued)?;
        catalogue::enter(plan, &key, &BTreeSet::new(), &permit.entry)?;
        let (revision, terms) = (issued.sequence, Some(permit.entry.terms.clone()));
        known.permits.insert(key, Permit { token: permit.token, revision, terms, versions: vec![kept] });
        Ok(Inserted::Created)
    }
}

/// Appends an event, and the document it made, when the permit is at the revision on which it was decided.
pub(super) struct AppendEvent {
    pub(super) change: Append,
    pub(super) document: Option<PackedDocument>,
}

impl AppendEvent {
    fn key(&self) -> Key {
        key(&self.change.audit.authority, &self.change.number)
    }
}

impl Command for AppendEvent {
    type Answer = u64;

    fn authority(&self) -> Option<&AuthorityId> {
        Some(&self.change.audit.authority)
    }

    fn ask(&self, asked: &mut Asked) {
        asked.permits.insert(self.key());
        if self.change.event.is_told() {
            asked.authorities.insert(self.change.audit.authority.to_string());
        }
    }

    fn decide(&self, known: &mut Known, plan: &mut Plan) -> Result<u64, StoreError> {
        let (change, key) = (&self.change, self.key());
        plan.write(&change.audit)?;
        let permit = known.permits.get_mut(&key).ok_or(StoreError::NotFound { number: change.number.clone() })?;
        change.check(permit.revision)?;
        let recorded = change.recorded();
        keep_event(plan, &key, &recorded)?;
        plan.push(
            "UPDATE permit SET revision = $3 WHERE authority = $1 AND number = $2",
            values![key.0.clone(), key.1.clone(), column(recorded.sequence)?],
        );
        if let Some(document) = &self.document {
            let version = keep_next_version(plan, &key, permit, change, document)?;
            permit.versions.extend(version);
        }
        catalogue::enter(plan, &key, permit.terms.as_ref().unwrap_or(&BTreeSet::new()), &change.entry)?;
        permit.terms = Some(change.entry.terms.clone());
        permit.revision = recorded.sequence;
        if change.event.is_told() {
            let last = known.notices.entry(key.0.clone()).or_insert(0);
            *last += 1;
            plan.push(
                "INSERT INTO notice (authority, sequence, number, event) VALUES ($1, $2, $3, $4)",
                values![key.0.clone(), *last, key.1.clone(), column(recorded.sequence)?],
            );
        }
        Ok(recorded.sequence)
    }
}

fn keep_next_version(
    plan: &mut Plan,
    key: &Key,
    permit: &Permit,
    change: &Append,
    document: &PackedDocument,
) -> Result<Option<Version>, StoreError> {
    let newest = permit.versions.last();
    let Some((version, destination)) = change.version(newest.map_or(1, |newest| newest.ordinal + 1)) else {
        return Ok(None);
    };
    let before = newest.map_or(version.ordinal, |newest| newest.attachments_of);
    let attachments_of = if document.attachments.is_some() { version.ordinal } else { before };
    let attachments = document.attachments.as_deref().unwrap_or_default();
    let kept = keep_version(plan, key, &version, &document.content, attachments_of, attachments)?;
    if let Some(proof) = &document.proof {
        proofs::keep(plan, key, version.ordinal, proof)?;
    }
    plan.push(
        "UPDATE permit SET destination = $3 WHERE authority = $1 AND number = $2",
        values![key.0.clone(), key.1.clone(), destination.map(|country| country.to_string())],
    );
    Ok(Some(kept))
}

fn keep_version(
    plan: &mut Plan,
    key: &Key,
    version: &VersionRow,
    document: &Packed,
    attachments_of: u32,
    attachments: &[PackedAttachment],
) -> Result<Version, StoreError> {
    plan.push(
        "INSERT INTO permit_version
         (authority, number, ordinal, toolkit, digest, size, reason, stored_at, attachments_of, content)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)",
        values![
            key.0.clone(),
            key.1.clone(),
            i64::from(version.ordinal),
            version.toolkit.spec().label,
            document.digest.as_bytes().to_vec(),
            column(document.size)?,
            json(&version.reason)?,
            time(version.at),
            i64::from(attachments_of),
            document.content.clone()
        ],
    );
    for (position, PackedAttachment { name, content }) in (1_i64..).zip(attachments) {
        plan.push(
            "INSERT INTO attachment (authority, number, ordinal, position, name, digest, size, content)
             VALUES ($1, $2, $3, $4, $5, $6, $7, $8)",
            values![
                key.0.clone(),
                key.1.clone(),
                i64::from(version.ordinal),
                position,
                name.clone(),
                content.digest.as_bytes().to_vec(),
                column(content.size)?,
                content.content.clone()
            ],
        );
    }
    let attachments = attachments.iter().map(|file| (file.name.clone(), file.content.digest)).collect();
    Ok(Version { ordinal: version.ordinal, digest: document.digest, attachments_of, attachments })
}

fn keep_event(plan: &mut Plan, key: &Key, recorded: &RecordedEvent) -> Result<(), StoreError> {
    plan.push(
        "INSERT INTO permit_event (authority, number, sequence, at, party, fingerprint, body)
         VALUES ($1, $2, $3, $4, $5, $6, $7)",
        values![
            key.0.clone(),
            key.1.clone(),
            column(recorded.sequence)?,
            time(recorded.at),
            recorded.party.as_ref().map(ToString::to_string),
            recorded.fingerprint.map(|fingerprint| fingerprint.as_bytes().to_vec()),
            json(&recorded.event)?
        ],
    );
    Ok(())
}

/// A permit with its lists: one statement, so that all of it is as of one moment.
macro_rules! permits_where {
    ($condition:literal) => {
        concat!(
            "SELECT authority, written, destination, token, revision, stored_at,
                (SELECT json_agg(json_build_object('ordinal', ordinal, 'toolkit', toolkit, 'digest', encode(digest, 'hex'),
                                 'size', size, 'reason', reason, 'at', own.stored_at) ORDER BY ordinal)::text
                 FROM permit_version AS own
                 WHERE own.authority = permit.authority AND own.number = permit.number) AS versions,
                (SELECT json_agg(json_build_object('sequence', sequence, 'at', at, 'party', party,
                                 'fingerprint', encode(fingerprint, 'hex'), 'body', body) ORDER BY sequence)::text
                 FROM permit_event AS own
                 WHERE own.authority = permit.authority AND own.number = permit.number) AS events
             FROM permit WHERE ",
            $condition
        )
    };
}
pub(super) use permits_where;

/// Finds everything about a permit but its documents.
pub(super) async fn find(
    readers: &Readers,
    authority: &AuthorityId,
    number: &PermitNumber,
) -> Result<Option<PermitRecord>, StoreError> {
    let sql = permits_where!("authority = $1 AND number = $2");
    let rows = readers.ask(sql, &[&authority.as_str(), &number.normalised()]).await?;
    rows.first().map(record).transpose()
}

/// Reads a row of [`permits_where`].
pub(super) fn record(row: &Row) -> Result<PermitRecord, StoreError> {
    let list = |column| unreadable(row, column);
    let versions: Vec<ListedVersion> = listed(&text(row, 6)?).ok_or_else(|| list(6))?;
    let events: Vec<ListedEvent> = listed(&text(row, 7)?).ok_or_else(|| list(7))?;
    let token = optional_digest(row, 3)?.map(|token| TokenHash::from_bytes(*token.as_bytes()));
    Ok(PermitRecord {
        authority: id(row, 0)?,
        number: id(row, 1)?,
        destination: optional_id(row, 2)?,
        token,
        revision: whole(row, 4)?,
        versions: versions.into_iter().map(|v| v.read().ok_or_else(|| list(6))).collect::<Result<_, _>>()?,
        events: events.into_iter().map(|e| e.read().ok_or_else(|| list(7))).collect::<Result<_, _>>()?,
        stored_at: from_time(row, 5)?,
    })
}

/// Rows of another table, as the database lists them.
fn listed<T: DeserializeOwned>(text: &str) -> Option<Vec<T>> {
    serde_json::from_str(text).ok()
}

#[derive(Deserialize)]
struct ListedVersion {
    ordinal: u32,
    toolkit: String,
    digest: Sha256Digest,
    size: u64,
    reason: String,
    at: String,
}

impl ListedVersion {
    fn read(self) -> Option<VersionRow> {
        let spec = VERSIONS.iter().find(|spec| spec.label == self.toolkit)?;
        let reason: VersionReason = serde_json::from_str(&self.reason).ok()?;
        let (toolkit, at) = (spec.version, from_timestamp(&self.at)?);
        Some(VersionRow { ordinal: self.ordinal, toolkit, digest: self.digest, size: self.size, reason, at })
    }
}

#[derive(Deserialize)]
struct ListedEvent {
    sequence: u64,
    at: String,
    party: Option<PartyId>,
    fingerprint: Option<Fingerprint>,
    body: String,
}

impl ListedEvent {
    fn read(self) -> Option<RecordedEvent> {
        let event: PermitEvent = serde_json::from_str(&self.body).ok()?;
        let at: DateTime<Utc> = from_timestamp(&self.at)?;
        Some(RecordedEvent { sequence: self.sequence, at, party: self.party, fingerprint: self.fingerprint, event })
    }
}

/// Lists numbers in the order of their normalised form.
pub(super) async fn numbers(
    readers: &Readers,
    authority: &AuthorityId,
    after: Option<&PermitNumber>,
    limit: usize,
) -> Result<Vec<PermitNumber>, StoreError> {
    let sql = "SELECT written FROM permit WHERE authority = $1 AND number > $2 ORDER BY number LIMIT $3";
    let after = after.map_or("", PermitNumber::normalised);
    let rows = readers.ask(sql, &[&authority.as_str(), &after, &column(limit)?]).await?;
    rows.iter().map(|row| id(row, 0)).collect()
}
