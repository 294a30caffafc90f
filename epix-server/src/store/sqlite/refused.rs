//! How refused documents stand in the database, and how the oldest make room.

use epix_core::id::AuthorityId;
use rusqlite::{Connection, params};

use super::value::{Packed, column, from_time, number, packed, time};
use super::{audit, time_of};
use crate::store::{Quotas, Refusal, RefusedDocument, StoreError};

/// Keeps a refused document, and drops the oldest ones beyond the quota.
pub(super) fn keep(
    connection: &Connection,
    refusal: &Refusal,
    content: &Packed,
    quotas: Quotas,
) -> Result<(), StoreError> {
    audit::append(connection, &refusal.audit)?;
    if content.size > quotas.refused_bytes {
        return Ok(()); // It would push out all others and then itself.
    }
    let authority = refusal.audit.authority.as_str();
    connection
        .prepare_cached(
            "INSERT INTO refused_document (authority, at, report, digest, size, content)
             VALUES (?1, ?2, ?3, ?4, ?5, ?6)",
        )?
        .execute(params![
            authority,
            time(time_of(&refusal.audit)),
            refusal.report,
            content.digest.as_bytes(),
            column(content.size)?,
            content.content
        ])?;
    // Counted from the newest: whatever stands beyond one of the limits goes.
    connection
        .prepare_cached(
            "DELETE FROM refused_document WHERE sequence IN (
                 SELECT sequence FROM (
                     SELECT sequence, row_number() OVER newest AS count, sum(size) OVER newest AS bytes
                     FROM refused_document WHERE authority = ?1 WINDOW newest AS (ORDER BY sequence DESC))
                 WHERE count > ?2 OR bytes > ?3)",
        )?
        .execute(params![authority, column(quotas.refused_documents)?, column(quotas.refused_bytes)?])?;
    Ok(())
}

/// Lists the refused documents of an authority from behind one of them.
pub(super) fn all(
    connection: &Connection,
    authority: &AuthorityId,
    after: u64,
    limit: usize,
) -> Result<Vec<RefusedDocument>, StoreError> {
    let mut statement = connection.prepare_cached(
        "SELECT sequence, at, report, digest, size, content FROM refused_document
         WHERE authority = ?1 AND sequence > ?2 ORDER BY sequence LIMIT ?3",
    )?;
    let mut rows = statement.query(params![authority.as_str(), column(after)?, column(limit)?])?;
    let mut found = Vec::new();
    while let Some(row) = rows.next()? {
        let sequence = number(row, 0)?;
        let bytes = packed(row, 3)?.unpack(&format!("refused document {sequence} of {authority}"))?;
        found.push(RefusedDocument { sequence, at: from_time(row, 1)?, report: row.get(2)?, bytes });
    }
    Ok(found)
}
