//! How what permits are found by stands in the database, and how they are found: along the rarest term, in the order of numbers.

use std::collections::BTreeSet;

use epix_core::id::{AuthorityId, PermitNumber};
use rusqlite::types::ValueRef;
use rusqlite::{CachedStatement, Connection, OptionalExtension as _, Row, params};

use super::value::{column, from_json, from_time, id, json, number, optional_id};
use crate::store::{Entry, Found, Keyword, Listed, Search, StoreError};

/// Enters a permit anew: terms that it no longer has are taken out.
pub(super) fn enter(connection: &Connection, authority: &str, number: &str, entry: &Entry) -> Result<(), StoreError> {
    let before = entry_of(connection, authority, number)?.map(|before| before.terms).unwrap_or_default();
    for term in before.difference(&entry.terms) {
        connection
            .prepare_cached("DELETE FROM permit_term WHERE authority = ?1 AND term = ?2 AND number = ?3")?
            .execute([authority, term.as_str(), number])?;
    }
    for term in entry.terms.difference(&before) {
        connection
            .prepare_cached("INSERT INTO permit_term (authority, term, number) VALUES (?1, ?2, ?3)")?
            .execute([authority, term.as_str(), number])?;
    }
    connection.prepare_cached("UPDATE permit SET entry = ?3 WHERE authority = ?1 AND number = ?2")?.execute([
        authority,
        number,
        &json(entry)?,
    ])?;
    Ok(())
}

/// Enters a permit that has no entry yet.
pub(super) fn enter_late(
    connection: &Connection,
    authority: &AuthorityId,
    number: &PermitNumber,
    entry: &Entry,
) -> Result<(), StoreError> {
    let (authority, normalised) = (authority.as_str(), number.normalised());
    let is_without: Option<bool> = connection
        .prepare_cached("SELECT entry IS NULL FROM permit WHERE authority = ?1 AND number = ?2")?
        .query_row([authority, normalised], |row| row.get(0))
        .optional()?;
    match is_without {
        None => Err(StoreError::NotFound { number: number.clone() }),
        Some(false) => Ok(()),
        Some(true) => enter(connection, authority, normalised, entry),
    }
}

fn entry_of(connection: &Connection, authority: &str, number: &str) -> Result<Option<Entry>, StoreError> {
    let mut statement = connection.prepare_cached("SELECT entry FROM permit WHERE authority = ?1 AND number = ?2")?;
    let mut rows = statement.query([authority, number])?;
    match rows.next()? {
        Some(row) => optional_entry(row, 0),
        None => Ok(None),
    }
}

fn optional_entry(row: &Row<'_>, column: usize) -> Result<Option<Entry>, StoreError> {
    if row.get_ref(column)? == ValueRef::Null { Ok(None) } else { from_json(row, column).map(Some) }
}

/// What a found row tells; the last column says whether every other term holds too.
const COLUMNS: &str = "permit.written, permit.destination, permit.revision, permit.stored_at, permit.entry";

/// Looks at permits in the order of their numbers, until enough was found or looked at.
pub(super) fn search(connection: &Connection, authority: &AuthorityId, search: &Search) -> Result<Found, StoreError> {
    let term = rarest(connection, authority, search)?;
    let others: BTreeSet<&Keyword> = search.terms.iter().filter(|other| Some(*other) != term).collect();
    let others = if search.without_entry { "[]".to_owned() } else { json(&others)? };
    let after = search.after.as_ref().map_or("", PermitNumber::normalised);
    // Behind every number that begins so: no letter of a number comes after it.
    let end = format!("{}\u{10ffff}", search.prefix);
    let mut statement = statement(connection, search, term)?;
    let key = term.map_or("", Keyword::as_str);
    let wanted = params![authority.as_str(), after, search.prefix, end, others, column(search.look_at)?, key];
    let mut rows = statement.query(wanted)?;
    let mut found = Found::default();
    let mut seen = 0;
    while let Some(row) = rows.next()? {
        seen += 1;
        if !found.take(search, seen, listed(row)?, row.get(5)?) {
            break;
        }
    }
    Ok(found)
}

fn statement<'c>(
    connection: &'c Connection,
    search: &Search,
    term: Option<&Keyword>,
) -> Result<CachedStatement<'c>, StoreError> {
    let has_others = "(SELECT count(*) FROM permit_term AS other
          WHERE other.authority = permit.authority AND other.number = permit.number
          AND other.term IN (SELECT value FROM json_each(?5))) = json_array_length(?5)";
    let sql = match term {
        // CROSS JOIN keeps the order: along the term, then to the permit.
        Some(_) => format!(
            "SELECT {COLUMNS}, {has_others} FROM permit_term AS held CROSS JOIN permit
             ON permit.authority = held.authority AND permit.number = held.number
             WHERE held.authority = ?1 AND held.term = ?7 AND held.number > ?2 AND held.number >= ?3
             AND held.number < ?4 ORDER BY held.number LIMIT ?6"
        ),
        None => {
            // Left to itself SQLite would go through every permit of a full store at each start.
            let (index, only) = match search.without_entry {
                true => ("INDEXED BY permit_without_entry", "AND entry IS NULL"),
                false => ("", ""),
            };
            format!(
                "SELECT {COLUMNS}, {has_others} FROM permit {index}
                 WHERE authority = ?1 AND number > ?2 AND number >= ?3 AND number < ?4 {only} AND ?7 = ''
                 ORDER BY number LIMIT ?6"
            )
        }
    };
    Ok(connection.prepare_cached(&sql)?)
}

fn listed(row: &Row<'_>) -> Result<Listed, StoreError> {
    Ok(Listed {
        number: id(row, 0)?,
        destination: optional_id(row, 1)?,
        revision: number(row, 2)?,
        stored_at: from_time(row, 3)?,
        card: optional_entry(row, 4)?.map(|entry| entry.card),
    })
}

/// Terms that more permits have than this are equally frequent to us: counting on would cost more than it saves.
const COUNTED: i64 = 200;

/// The term that the fewest permits have, from where the search goes on.
fn rarest<'s>(
    connection: &Connection,
    authority: &AuthorityId,
    search: &'s Search,
) -> Result<Option<&'s Keyword>, StoreError> {
    if search.without_entry || search.terms.len() < 2 {
        return Ok(search.terms.first().filter(|_| !search.without_entry));
    }
    let after = search.after.as_ref().map_or("", PermitNumber::normalised);
    let mut rarest = None;
    for term in &search.terms {
        let count: i64 = connection
            .prepare_cached(
                "SELECT count(*) FROM (SELECT 1 FROM permit_term
                 WHERE authority = ?1 AND term = ?2 AND number > ?3 LIMIT ?4)",
            )?
            .query_row(params![authority.as_str(), term.as_str(), after, COUNTED], |row| row.get(0))?;
        if rarest.is_none_or(|(fewest, _)| count < fewest) {
            rarest = Some((count, term));
        }
    }
    Ok(rarest.map(|(_, term)| term))
}
