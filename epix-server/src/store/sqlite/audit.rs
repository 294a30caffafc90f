//! How the chains of audit lines stand in the database.

use epix_core::id::AuthorityId;
use rusqlite::{Connection, OptionalExtension as _, params};

use super::value::{column, digest, id, number};
use crate::audit::{AuditEvent, AuditLine, Head};
use crate::store::StoreError;

/// The shard that this store writes: one process at a time holds the file, so one is enough.
const SHARD: u32 = 0;

/// Begins the chain of a new authority.
pub(super) fn begin(connection: &Connection, authority: &AuthorityId) -> Result<(), StoreError> {
    let head = Head::genesis(authority.clone(), SHARD);
    connection
        .prepare_cached("INSERT INTO audit_head (authority, shard, sequence, hash) VALUES (?1, ?2, ?3, ?4)")?
        .execute(params![authority.as_str(), SHARD, column(head.sequence)?, head.hash.as_bytes()])?;
    Ok(())
}

/// Puts an event at the end of its authority's chain.
pub(super) fn append(connection: &Connection, event: &AuditEvent) -> Result<(), StoreError> {
    let line = AuditLine::chain(&head(connection, &event.authority)?, event);
    let authority = line.authority.as_str();
    connection
        .prepare_cached(
            "INSERT INTO audit_line (authority, shard, sequence, previous, hash, body) VALUES (?1, ?2, ?3, ?4, ?5, ?6)",
        )?
        .execute(params![
            authority,
            line.shard,
            column(line.sequence)?,
            line.previous.as_bytes(),
            line.hash.as_bytes(),
            line.body
        ])?;
    connection
        .prepare_cached("UPDATE audit_head SET sequence = ?3, hash = ?4 WHERE authority = ?1 AND shard = ?2")?
        .execute(params![authority, line.shard, column(line.sequence)?, line.hash.as_bytes()])?;
    Ok(())
}

fn head(connection: &Connection, authority: &AuthorityId) -> Result<Head, StoreError> {
    let found = connection
        .prepare_cached("SELECT sequence, hash FROM audit_head WHERE authority = ?1 AND shard = ?2")?
        .query_row(params![authority.as_str(), SHARD], |row| {
            let (sequence, hash) = (number(row, 0), digest(row, 1));
            Ok(sequence.and_then(|sequence| Ok((sequence, hash?))))
        })
        .optional()?;
    let (sequence, hash) = found.ok_or_else(|| StoreError::UnknownAuthority { authority: authority.clone() })??;
    Ok(Head { authority: authority.clone(), shard: SHARD, sequence, hash })
}

/// Lists the lines of a chain from behind one of them.
pub(super) fn lines(
    connection: &Connection,
    authority: &AuthorityId,
    shard: u32,
    after: u64,
    limit: usize,
) -> Result<Vec<AuditLine>, StoreError> {
    let mut statement = connection.prepare_cached(
        "SELECT sequence, previous, hash, body FROM audit_line
         WHERE authority = ?1 AND shard = ?2 AND sequence > ?3 ORDER BY sequence LIMIT ?4",
    )?;
    let mut rows = statement.query(params![authority.as_str(), shard, column(after)?, column(limit)?])?;
    let mut lines = Vec::new();
    while let Some(row) = rows.next()? {
        lines.push(AuditLine {
            authority: authority.clone(),
            shard,
            sequence: number(row, 0)?,
            previous: digest(row, 1)?,
            hash: digest(row, 2)?,
            body: row.get(3)?,
        });
    }
    Ok(lines)
}

/// Lists where every chain ends.
pub(super) fn heads(connection: &Connection) -> Result<Vec<Head>, StoreError> {
    let mut statement = connection
        .prepare_cached("SELECT authority, shard, sequence, hash FROM audit_head ORDER BY authority, shard")?;
    let mut rows = statement.query([])?;
    let mut heads = Vec::new();
    while let Some(row) = rows.next()? {
        heads.push(Head {
            authority: id(row, 0)?,
            shard: number(row, 1)?,
            sequence: number(row, 2)?,
            hash: digest(row, 3)?,
        });
    }
    Ok(heads)
}
