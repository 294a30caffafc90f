//! How API keys stand in the database, and the answers that are given again.

use epix_core::id::AuthorityId;
use rusqlite::{Connection, Row, params};

use super::audit;
use super::value::{digest, from_json, from_time, id, json, optional_time, time};
use crate::audit::AuditEvent;
use crate::store::{ApiKey, Claim, Claimed, KeyId, StoreError, TokenHash};

/// Keeps a key, or replaces the one of the same id.
pub(super) fn keep(connection: &Connection, key: &ApiKey, event: &AuditEvent) -> Result<(), StoreError> {
    audit::append(connection, event)?;
    connection
        .prepare_cached(
            "INSERT INTO api_key (id, authority, name, scopes, hash, created_at, expires_at, revoked_at)
             VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)
             ON CONFLICT (id) DO UPDATE SET name = excluded.name, scopes = excluded.scopes,
             expires_at = excluded.expires_at, revoked_at = excluded.revoked_at",
        )?
        .execute(params![
            key.id.as_str(),
            key.authority.as_str(),
            key.name,
            json(&key.scopes)?,
            key.hash.as_bytes(),
            time(key.created_at),
            key.expires_at.map(time),
            key.revoked_at.map(time)
        ])?;
    Ok(())
}

const COLUMNS: &str = "SELECT id, authority, name, scopes, hash, created_at, expires_at, revoked_at FROM api_key";

/// Finds a key by its public half.
pub(super) fn find(connection: &Connection, id: &KeyId) -> Result<Option<ApiKey>, StoreError> {
    let mut statement = connection.prepare_cached(&format!("{COLUMNS} WHERE id = ?1"))?;
    let mut rows = statement.query([id.as_str()])?;
    rows.next()?.map(read).transpose()
}

/// Lists the keys of an authority.
pub(super) fn all(connection: &Connection, authority: &AuthorityId) -> Result<Vec<ApiKey>, StoreError> {
    let mut statement = connection.prepare_cached(&format!("{COLUMNS} WHERE authority = ?1 ORDER BY id"))?;
    let mut rows = statement.query([authority.as_str()])?;
    let mut keys = Vec::new();
    while let Some(row) = rows.next()? {
        keys.push(read(row)?);
    }
    Ok(keys)
}

fn read(row: &Row<'_>) -> Result<ApiKey, StoreError> {
    let text: String = row.get(0)?;
    let unreadable = || StoreError::Corrupt { what: "a key has an id that this program never writes".to_owned() };
    Ok(ApiKey {
        id: KeyId::parse(&text).ok_or_else(unreadable)?,
        authority: id(row, 1)?,
        name: row.get(2)?,
        scopes: from_json(row, 3)?,
        hash: TokenHash::from_bytes(row.get(4)?),
        created_at: from_time(row, 5)?,
        expires_at: optional_time(row, 6)?,
        revoked_at: optional_time(row, 7)?,
    })
}

/// Claims a change, unless it was claimed before.
pub(super) fn claim(connection: &Connection, claim: &Claim) -> Result<Claimed, StoreError> {
    forget(connection, claim)?;
    let claimed = match before(connection, claim)? {
        Some(claimed) => claimed,
        None => Claimed::Yours,
    };
    if claimed == Claimed::Yours {
        write(connection, claim, None)?;
    }
    Ok(claimed)
}

/// Gives up the claims without an answer: who made them is gone, because one process at a time holds the file.
pub(super) fn release(connection: &Connection) -> Result<(), StoreError> {
    let open = "SELECT EXISTS (SELECT 1 FROM kept_answer WHERE answer IS NULL)";
    // Looked for first: a file that cannot be written can still be read.
    if connection.query_row(open, [], |row| row.get(0))? {
        connection.execute("DELETE FROM kept_answer WHERE answer IS NULL", [])?;
    }
    Ok(())
}

/// What is too old to be asked for again.
fn forget(connection: &Connection, claim: &Claim) -> Result<(), StoreError> {
    connection
        .prepare_cached("DELETE FROM kept_answer WHERE authority = ?1 AND begun_at <= ?2")?
        .execute([claim.authority.as_str(), &time(claim.at - Claim::KEPT)])?;
    Ok(())
}

fn before(connection: &Connection, claim: &Claim) -> Result<Option<Claimed>, StoreError> {
    let mut statement = connection.prepare_cached(
        "SELECT request, begun_at, answer FROM kept_answer WHERE authority = ?1 AND caller = ?2 AND key = ?3",
    )?;
    let mut rows = statement.query([claim.authority.as_str(), &claim.caller, &claim.key])?;
    let Some(row) = rows.next()? else { return Ok(None) };
    Ok(Some(claim.meets(digest(row, 0)?, from_time(row, 1)?, row.get(2)?)))
}

fn write(connection: &Connection, claim: &Claim, answer: Option<&str>) -> Result<(), StoreError> {
    connection
        .prepare_cached(
            "INSERT INTO kept_answer (authority, caller, key, request, begun_at, answer)
             VALUES (?1, ?2, ?3, ?4, ?5, ?6)
             ON CONFLICT (authority, caller, key) DO UPDATE SET begun_at = excluded.begun_at, answer = excluded.answer",
        )?
        .execute(params![
            claim.authority.as_str(),
            claim.caller,
            claim.key,
            claim.request.as_bytes(),
            time(claim.at),
            answer
        ])?;
    Ok(())
}

/// Keeps the answer to a claimed change, or gives the claim up.
pub(super) fn settle(connection: &Connection, claim: &Claim, answer: Option<&str>) -> Result<(), StoreError> {
    if answer.is_some() {
        return write(connection, claim, answer);
    }
    connection
        .prepare_cached("DELETE FROM kept_answer WHERE authority = ?1 AND caller = ?2 AND key = ?3")?
        .execute([claim.authority.as_str(), &claim.caller, &claim.key])?;
    Ok(())
}
