//! How the chains of audit lines stand in the database.

use epix_core::id::AuthorityId;
use rusqlite::{Connection, OptionalExtension as _, params};

use super::value::{column, digest, id, number};
use crate::audit::{AuditEvent, AuditLine, Head};
use crate::store::StoreError;
use crate::store::commands::no_line;

/// Begins the first chain of a new authority.
pub(super) fn begin(connection: &Connection, authority: &AuthorityId) -> Result<(), StoreError> {
    begin_at(connection, &Head::genesis(authority.clone(), 0))
}

/// Closes the chains of an authority and begins the next one.
pub(super) fn begin_shard(connection: &Connection, event: &AuditEvent) -> Result<Head, StoreError> {
    let authority = &event.authority;
    let last = head(connection, authority)?;
    connection
        .prepare_cached("UPDATE audit_head SET closed = 1 WHERE authority = ?1")?
        .execute([authority.as_str()])?;
    begin_at(connection, &Head::genesis(authority.clone(), last.shard + 1))?;
    append(connection, event)?;
    head(connection, authority)
}

fn begin_at(connection: &Connection, head: &Head) -> Result<(), StoreError> {
    connection
        .prepare_cached("INSERT INTO audit_head (authority, shard, sequence, hash) VALUES (?1, ?2, ?3, ?4)")?
        .execute(params![head.authority.as_str(), head.shard, column(head.sequence)?, head.hash.as_bytes()])?;
    Ok(())
}

/// Puts an event at the end of its authority's chain.
pub(super) fn append(connection: &Connection, event: &AuditEvent) -> Result<(), StoreError> {
    put(connection, &AuditLine::chain(&head(connection, &event.authority)?, event))
}

/// Puts a line at the end of its chain, where it must belong.
pub(super) fn put(connection: &Connection, line: &AuditLine) -> Result<(), StoreError> {
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

/// Where the chain ends that is written: one process at a time holds the file, so there is one that is not closed.
fn head(connection: &Connection, authority: &AuthorityId) -> Result<Head, StoreError> {
    let sql = "SELECT shard, sequence, hash FROM audit_head WHERE authority = ?1 AND closed = 0 ORDER BY shard DESC";
    let mut statement = connection.prepare_cached(sql)?;
    let mut rows = statement.query([authority.as_str()])?;
    let unknown = || StoreError::UnknownAuthority { authority: authority.clone() };
    let row = rows.next()?.ok_or_else(unknown)?;
    Ok(Head { authority: authority.clone(), shard: number(row, 0)?, sequence: number(row, 1)?, hash: digest(row, 2)? })
}

/// Removes the lines of a chain up to one of them: where the chain begins is noted first, and lets them go.
pub(super) fn purge(connection: &Connection, up_to: &Head, event: &AuditEvent) -> Result<u64, StoreError> {
    let (authority, shard, last) = (up_to.authority.as_str(), up_to.shard, column(up_to.sequence)?);
    let sql = "SELECT 1 FROM audit_line WHERE authority = ?1 AND shard = ?2 AND sequence = ?3 AND hash = ?4";
    let line = params![authority, shard, last, up_to.hash.as_bytes()];
    connection.query_row(sql, line, |_| Ok(())).optional()?.ok_or_else(|| no_line(up_to))?;
    connection.execute(
        "INSERT INTO audit_start (authority, shard, sequence, hash) VALUES (?1, ?2, ?3, ?4)
         ON CONFLICT (authority, shard) DO UPDATE SET sequence = excluded.sequence, hash = excluded.hash",
        line,
    )?;
    let sql = "DELETE FROM audit_line WHERE authority = ?1 AND shard = ?2 AND sequence <= ?3";
    let removed = connection.execute(sql, params![authority, shard, last])?;
    append(connection, event)?;
    Ok(removed as u64)
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
