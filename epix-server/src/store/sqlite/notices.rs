//! How notices for partners stand in the database: pointers to events, and how far each party has been told.

use epix_core::id::{AuthorityId, PartyId};
use rusqlite::{Connection, OptionalExtension as _, params};

use super::audit;
use super::value::{column, from_json, from_time, id, number};
use crate::audit::AuditEvent;
use crate::store::{Notice, StoreError};

/// Puts an event at the end of what partners are told.
pub(super) fn append(connection: &Connection, authority: &str, permit: &str, event: u64) -> Result<(), StoreError> {
    connection
        .prepare_cached(
            "INSERT INTO notice (authority, sequence, number, event)
             SELECT ?1, coalesce(max(sequence), 0) + 1, ?2, ?3 FROM notice WHERE authority = ?1",
        )?
        .execute(params![authority, permit, column(event)?])?;
    Ok(())
}

/// Lists notices from behind one of them.
pub(super) fn all(
    connection: &Connection,
    authority: &AuthorityId,
    after: u64,
    limit: usize,
) -> Result<Vec<Notice>, StoreError> {
    let mut statement = connection.prepare_cached(
        "SELECT notice.sequence, permit.written, permit_event.at, permit_event.body
         FROM notice
         JOIN permit ON permit.authority = notice.authority AND permit.number = notice.number
         JOIN permit_event ON permit_event.authority = notice.authority AND permit_event.number = notice.number
              AND permit_event.sequence = notice.event
         WHERE notice.authority = ?1 AND notice.sequence > ?2 ORDER BY notice.sequence LIMIT ?3",
    )?;
    let mut rows = statement.query(params![authority.as_str(), column(after)?, column(limit)?])?;
    let mut notices = Vec::new();
    while let Some(row) = rows.next()? {
        notices.push(Notice {
            sequence: number(row, 0)?,
            number: id(row, 1)?,
            at: from_time(row, 2)?,
            event: from_json(row, 3)?,
        });
    }
    Ok(notices)
}

/// How far a party has been told; 0 before the first time.
pub(super) fn told(connection: &Connection, authority: &AuthorityId, party: &PartyId) -> Result<u64, StoreError> {
    let found = connection
        .prepare_cached("SELECT sequence FROM notice_told WHERE authority = ?1 AND party = ?2")?
        .query_row([authority.as_str(), party.as_str()], |row| Ok(number(row, 0)))
        .optional()?;
    found.unwrap_or(Ok(0))
}

/// Remembers how far a party has been told; never less far than before.
pub(super) fn advance(
    connection: &Connection,
    party: &PartyId,
    sequence: u64,
    event: &AuditEvent,
) -> Result<(), StoreError> {
    audit::append(connection, event)?;
    connection
        .prepare_cached(
            "INSERT INTO notice_told (authority, party, sequence) VALUES (?1, ?2, ?3)
             ON CONFLICT (authority, party) DO UPDATE SET sequence = excluded.sequence
             WHERE excluded.sequence > notice_told.sequence",
        )?
        .execute(params![event.authority.as_str(), party.as_str(), column(sequence)?])?;
    Ok(())
}
