//! How permits stand in the database: the key, the documents, the events.

use epix_core::id::{AuthorityId, PermitNumber, Sha256Digest};
use rusqlite::{Connection, OptionalExtension as _, Row, params};

use super::proofs;
use super::value::{
    Packed, column, digest, from_json, from_time, id, json, number, optional_id, packed, time, toolkit,
};
use super::{audit, catalogue, notices};
use crate::store::commands::Kept;
use crate::store::packed::{PackedAttachment, PackedDocument, PackedProof, PackedVersion};
use crate::store::{Append, Inserted, NewPermit, PermitRecord, RecordedEvent, StoreError, TokenHash, VersionRow};

/// Which permit a row belongs to: authority and normalised number.
struct Key<'a> {
    authority: &'a str,
    number: &'a str,
}

fn key<'a>(authority: &'a AuthorityId, number: &'a PermitNumber) -> Key<'a> {
    Key { authority: authority.as_str(), number: number.normalised() }
}

/// Stores a permit, or finds that the same one is kept already.
pub(super) fn insert(
    connection: &Connection,
    permit: &NewPermit,
    document: &Packed,
    attachments: &[PackedAttachment],
    proof: Option<&PackedProof>,
) -> Result<Inserted, StoreError> {
    audit::append(connection, &permit.audit)?;
    let (authority, number) = (&permit.audit.authority, permit.accepted.number());
    let key = key(authority, number);
    if let Some(token) = kept_token(connection, &key)? {
        let kept = kept(connection, &key, document.digest, token)?;
        return permit.compare(kept.as_ref());
    }
    let issued = permit.issued();
    let token = permit.token.as_ref().map(TokenHash::as_bytes);
    let destination = permit.accepted.destination();
    connection
        .prepare_cached(
            "INSERT INTO permit (authority, number, written, destination, token, revision, stored_at)
             VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)",
        )?
        .execute(params![
            key.authority,
            key.number,
            number.raw(),
            destination.as_ref().map(|country| country.as_str()),
            token,
            column(issued.sequence)?,
            time(issued.at)
        ])?;
    let version = permit.version();
    insert_version(connection, &key, &version, document, version.ordinal)?;
    insert_attachments(connection, &key, version.ordinal, attachments)?;
    if let Some(proof) = proof {
        proofs::keep(connection, key.authority, key.number, version.ordinal, proof)?;
    }
    insert_event(connection, &key, &issued)?;
    catalogue::enter(connection, key.authority, key.number, &permit.entry)?;
    Ok(Inserted::Created)
}

/// The token of a permit; outer `None` when there is no such permit.
fn kept_token(connection: &Connection, key: &Key<'_>) -> Result<Option<Option<TokenHash>>, StoreError> {
    let token: Option<Option<[u8; 32]>> = connection
        .prepare_cached("SELECT token FROM permit WHERE authority = ?1 AND number = ?2")?
        .query_row([key.authority, key.number], |row| row.get(0))
        .optional()?;
    Ok(token.map(|token| token.map(TokenHash::from_bytes)))
}

/// What is kept of the version with these bytes; `None` when there is none.
fn kept(
    connection: &Connection,
    key: &Key<'_>,
    bytes: Sha256Digest,
    token: Option<TokenHash>,
) -> Result<Option<Kept>, StoreError> {
    let mut statement = connection.prepare_cached(
        "SELECT attachments_of FROM permit_version WHERE authority = ?1 AND number = ?2 AND digest = ?3",
    )?;
    let found: Option<u32> =
        statement.query_row(params![key.authority, key.number, bytes.as_bytes()], |row| row.get(0)).optional()?;
    let Some(ordinal) = found else {
        return Ok(None);
    };
    let mut statement = connection.prepare_cached(
        "SELECT name, digest FROM attachment WHERE authority = ?1 AND number = ?2 AND ordinal = ?3 ORDER BY position",
    )?;
    let mut rows = statement.query(params![key.authority, key.number, ordinal])?;
    let mut attachments = Vec::new();
    while let Some(row) = rows.next()? {
        attachments.push((row.get(0)?, digest(row, 1)?));
    }
    Ok(Some(Kept { token, attachments }))
}

/// Appends an event, and the document it made, when the permit is at the revision on which it was decided.
pub(super) fn append(
    connection: &Connection,
    change: &Append,
    document: Option<&PackedDocument>,
) -> Result<u64, StoreError> {
    audit::append(connection, &change.audit)?;
    let key = key(&change.audit.authority, &change.number);
    let revision = revision(connection, &key)?.ok_or(StoreError::NotFound { number: change.number.clone() })?;
    change.check(revision)?;
    let recorded = change.recorded();
    insert_event(connection, &key, &recorded)?;
    if recorded.event.is_told() {
        notices::append(connection, key.authority, key.number, recorded.sequence)?;
    }
    connection
        .prepare_cached("UPDATE permit SET revision = ?3 WHERE authority = ?1 AND number = ?2")?
        .execute(params![key.authority, key.number, column(recorded.sequence)?])?;
    if let Some(document) = document {
        append_version(connection, &key, change, document)?;
    }
    catalogue::enter(connection, key.authority, key.number, &change.entry)?;
    Ok(recorded.sequence)
}

fn revision(connection: &Connection, key: &Key<'_>) -> Result<Option<u64>, StoreError> {
    let mut statement =
        connection.prepare_cached("SELECT revision FROM permit WHERE authority = ?1 AND number = ?2")?;
    let mut rows = statement.query([key.authority, key.number])?;
    rows.next()?.map(|row| number(row, 0)).transpose()
}

fn append_version(
    connection: &Connection,
    key: &Key<'_>,
    change: &Append,
    document: &PackedDocument,
) -> Result<(), StoreError> {
    let (newest, attachments_of): (u32, u32) = connection
        .prepare_cached(
            "SELECT ordinal, attachments_of FROM permit_version WHERE authority = ?1 AND number = ?2
             ORDER BY ordinal DESC LIMIT 1",
        )?
        .query_row([key.authority, key.number], |row| Ok((row.get(0)?, row.get(1)?)))?;
    let Some((version, destination)) = change.version(newest + 1) else {
        return Ok(());
    };
    let attachments_of = if document.attachments.is_some() { version.ordinal } else { attachments_of };
    insert_version(connection, key, &version, &document.content, attachments_of)?;
    insert_attachments(connection, key, version.ordinal, document.attachments.as_deref().unwrap_or_default())?;
    if let Some(proof) = &document.proof {
        proofs::keep(connection, key.authority, key.number, version.ordinal, proof)?;
    }
    connection
        .prepare_cached("UPDATE permit SET destination = ?3 WHERE authority = ?1 AND number = ?2")?
        .execute(params![key.authority, key.number, destination.as_ref().map(|country| country.as_str())])?;
    Ok(())
}

fn insert_version(
    connection: &Connection,
    key: &Key<'_>,
    version: &VersionRow,
    document: &Packed,
    attachments_of: u32,
) -> Result<(), StoreError> {
    connection
        .prepare_cached(
            "INSERT INTO permit_version
             (authority, number, ordinal, toolkit, digest, size, reason, stored_at, attachments_of, content)
             VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10)",
        )?
        .execute(params![
            key.authority,
            key.number,
            version.ordinal,
            version.toolkit.spec().label,
            document.digest.as_bytes(),
            column(document.size)?,
            json(&version.reason)?,
            time(version.at),
            attachments_of,
            document.content
        ])?;
    Ok(())
}

fn insert_attachments(
    connection: &Connection,
    key: &Key<'_>,
    ordinal: u32,
    attachments: &[PackedAttachment],
) -> Result<(), StoreError> {
    for (position, PackedAttachment { name, content }) in (1_i64..).zip(attachments) {
        connection
            .prepare_cached(
                "INSERT INTO attachment (authority, number, ordinal, position, name, digest, size, content)
                 VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)",
            )?
            .execute(params![
                key.authority,
                key.number,
                ordinal,
                position,
                name,
                content.digest.as_bytes(),
                column(content.size)?,
                content.content
            ])?;
    }
    Ok(())
}

fn insert_event(connection: &Connection, key: &Key<'_>, recorded: &RecordedEvent) -> Result<(), StoreError> {
    connection
        .prepare_cached(
            "INSERT INTO permit_event (authority, number, sequence, at, party, fingerprint, body)
             VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)",
        )?
        .execute(params![
            key.authority,
            key.number,
            column(recorded.sequence)?,
            time(recorded.at),
            recorded.party.as_ref().map(|party| party.as_str()),
            recorded.fingerprint.as_ref().map(Sha256Digest::as_bytes),
            json(&recorded.event)?
        ])?;
    Ok(())
}

/// Finds everything about a permit but its documents.
pub(super) fn find(
    connection: &Connection,
    authority: &AuthorityId,
    number: &PermitNumber,
) -> Result<Option<PermitRecord>, StoreError> {
    let key = key(authority, number);
    let mut statement = connection.prepare_cached(
        "SELECT written, destination, token, revision, stored_at FROM permit WHERE authority = ?1 AND number = ?2",
    )?;
    let mut rows = statement.query([key.authority, key.number])?;
    let Some(row) = rows.next()? else {
        return Ok(None);
    };
    let token: Option<[u8; 32]> = row.get(2)?;
    Ok(Some(PermitRecord {
        authority: authority.clone(),
        number: id(row, 0)?,
        destination: optional_id(row, 1)?,
        token: token.map(TokenHash::from_bytes),
        revision: self::number(row, 3)?,
        versions: versions(connection, &key)?,
        events: events(connection, &key)?,
        stored_at: from_time(row, 4)?,
    }))
}

fn versions(connection: &Connection, key: &Key<'_>) -> Result<Vec<VersionRow>, StoreError> {
    let mut statement = connection.prepare_cached(
        "SELECT ordinal, toolkit, digest, size, reason, stored_at FROM permit_version
         WHERE authority = ?1 AND number = ?2 ORDER BY ordinal",
    )?;
    let mut rows = statement.query([key.authority, key.number])?;
    let mut versions = Vec::new();
    while let Some(row) = rows.next()? {
        versions.push(version(row)?);
    }
    Ok(versions)
}

fn version(row: &Row<'_>) -> Result<VersionRow, StoreError> {
    Ok(VersionRow {
        ordinal: number(row, 0)?,
        toolkit: toolkit(row, 1)?,
        digest: digest(row, 2)?,
        size: number(row, 3)?,
        reason: from_json(row, 4)?,
        at: from_time(row, 5)?,
    })
}

fn events(connection: &Connection, key: &Key<'_>) -> Result<Vec<RecordedEvent>, StoreError> {
    let mut statement = connection.prepare_cached(
        "SELECT sequence, at, party, fingerprint, body FROM permit_event
         WHERE authority = ?1 AND number = ?2 ORDER BY sequence",
    )?;
    let mut rows = statement.query([key.authority, key.number])?;
    let mut events = Vec::new();
    while let Some(row) = rows.next()? {
        let fingerprint: Option<[u8; 32]> = row.get(3)?;
        events.push(RecordedEvent {
            sequence: number(row, 0)?,
            at: from_time(row, 1)?,
            party: optional_id(row, 2)?,
            fingerprint: fingerprint.map(Sha256Digest::from_bytes),
            event: from_json(row, 4)?,
        });
    }
    Ok(events)
}

/// Reads one document of a permit, as it is kept, with what travels with it.
pub(super) fn document(
    connection: &Connection,
    authority: &AuthorityId,
    number: &PermitNumber,
    ordinal: u32,
) -> Result<Option<PackedVersion>, StoreError> {
    let key = key(authority, number);
    let mut statement = connection.prepare_cached(
        "SELECT toolkit, attachments_of, digest, size, content FROM permit_version
         WHERE authority = ?1 AND number = ?2 AND ordinal = ?3",
    )?;
    let mut rows = statement.query(params![key.authority, key.number, ordinal])?;
    let Some(row) = rows.next()? else {
        return Ok(None);
    };
    Ok(Some(PackedVersion {
        toolkit: toolkit(row, 0)?,
        content: packed(row, 2)?,
        attachments: attachments(connection, &key, row.get(1)?)?,
    }))
}

fn attachments(connection: &Connection, key: &Key<'_>, ordinal: u32) -> Result<Vec<PackedAttachment>, StoreError> {
    let mut statement = connection.prepare_cached(
        "SELECT name, digest, size, content FROM attachment
         WHERE authority = ?1 AND number = ?2 AND ordinal = ?3 ORDER BY position",
    )?;
    let mut rows = statement.query(params![key.authority, key.number, ordinal])?;
    let mut attachments = Vec::new();
    while let Some(row) = rows.next()? {
        attachments.push(PackedAttachment { name: row.get(0)?, content: packed(row, 1)? });
    }
    Ok(attachments)
}

/// Lists numbers in the order of their normalised form.
pub(super) fn numbers(
    connection: &Connection,
    authority: &AuthorityId,
    after: Option<&PermitNumber>,
    limit: usize,
) -> Result<Vec<PermitNumber>, StoreError> {
    let mut statement = connection
        .prepare_cached("SELECT written FROM permit WHERE authority = ?1 AND number > ?2 ORDER BY number LIMIT ?3")?;
    let after = after.map_or("", PermitNumber::normalised);
    let mut rows = statement.query(params![authority.as_str(), after, column(limit)?])?;
    let mut numbers = Vec::new();
    while let Some(row) = rows.next()? {
        numbers.push(id(row, 0)?);
    }
    Ok(numbers)
}
