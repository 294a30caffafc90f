//! How authorities and their parties stand in the database.

use std::collections::BTreeMap;

use epix_core::id::{AuthorityId, Fingerprint, PartyId};
use rusqlite::types::ValueRef;
use rusqlite::{Connection, OptionalExtension as _, Row, params};

use super::audit;
use super::value::{day, digest, from_json, id, json, optional_day, optional_time, time};
use crate::audit::AuditEvent;
use crate::store::{Authority, Party, StoreError, Term};

/// Makes an authority known, or corrects what is known of it.
pub(super) fn declare(connection: &Connection, authority: &Authority, event: &AuditEvent) -> Result<(), StoreError> {
    let (key, country, name) = (authority.id.as_str(), authority.country.as_str(), authority.name.as_str());
    let known: Option<(String, String)> = connection
        .prepare_cached("SELECT country, name FROM authority WHERE id = ?1")?
        .query_row([key], |row| Ok((row.get(0)?, row.get(1)?)))
        .optional()?;
    match &known {
        Some((known_country, known_name)) if known_country == country && known_name == name => return Ok(()),
        Some(_) => {
            connection.execute("UPDATE authority SET country = ?2, name = ?3 WHERE id = ?1", [key, country, name])?;
        }
        None => {
            connection
                .execute("INSERT INTO authority (id, country, name) VALUES (?1, ?2, ?3)", [key, country, name])?;
            audit::begin(connection, &authority.id)?;
        }
    }
    audit::append(connection, event)
}

/// Replaces the parties of an authority; the caller has made sure that none is named twice.
pub(super) fn replace(connection: &Connection, parties: &[Party], event: &AuditEvent) -> Result<(), StoreError> {
    audit::append(connection, event)?;
    let authority = event.authority.as_str();
    connection.execute("UPDATE authority SET register = register + 1 WHERE id = ?1", [authority])?;
    connection.execute("DELETE FROM party WHERE authority = ?1", [authority])?;
    for party in parties {
        insert(connection, authority, party)?;
    }
    Ok(())
}

fn insert(connection: &Connection, authority: &str, party: &Party) -> Result<(), StoreError> {
    let operations = party.operations.as_ref().map(json).transpose()?;
    connection
        .prepare_cached(
            "INSERT INTO party (authority, id, name, country, roles, operations, suspended, terms)
             VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)",
        )?
        .execute(params![
            authority,
            party.id.as_str(),
            party.name,
            party.country.as_str(),
            json(&party.roles)?,
            operations,
            party.suspended,
            json(&party.terms)?
        ])?;
    for (fingerprint, term) in &party.certificates {
        connection
            .prepare_cached(
                "INSERT INTO party_certificate (fingerprint, authority, party, valid_from, valid_until, expires_at)
                 VALUES (?1, ?2, ?3, ?4, ?5, ?6)",
            )?
            .execute(params![
                fingerprint.as_bytes(),
                authority,
                party.id.as_str(),
                term.from.map(day),
                term.until.map(day),
                term.expires.map(time)
            ])?;
    }
    Ok(())
}

/// Lists the parties of an authority.
pub(super) fn all(connection: &Connection, authority: &AuthorityId) -> Result<Vec<Party>, StoreError> {
    let found = select(connection, "authority = ?1 ORDER BY id", authority.as_str())?;
    Ok(found.into_iter().map(|(_, party)| party).collect())
}

/// Finds where a certificate is registered.
pub(super) fn registrations(
    connection: &Connection,
    fingerprint: &Fingerprint,
) -> Result<Vec<(AuthorityId, Party)>, StoreError> {
    let condition =
        "(authority, id) IN (SELECT authority, party FROM party_certificate WHERE fingerprint = ?1) ORDER BY authority";
    select(connection, condition, fingerprint.as_bytes())
}

fn select(
    connection: &Connection,
    condition: &'static str,
    key: impl rusqlite::ToSql,
) -> Result<Vec<(AuthorityId, Party)>, StoreError> {
    let mut statement = connection.prepare_cached(&format!(
        "SELECT authority, id, name, country, roles, operations, suspended, terms FROM party WHERE {condition}"
    ))?;
    let mut rows = statement.query([key])?;
    let mut found = Vec::new();
    while let Some(row) = rows.next()? {
        let (authority, mut party) = read(row)?;
        party.certificates = certificates(connection, &authority, &party.id)?;
        found.push((authority, party));
    }
    Ok(found)
}

fn read(row: &Row<'_>) -> Result<(AuthorityId, Party), StoreError> {
    let by_role = row.get_ref(5)? == ValueRef::Null;
    let party = Party {
        id: id(row, 1)?,
        name: row.get(2)?,
        country: id(row, 3)?,
        roles: from_json(row, 4)?,
        certificates: BTreeMap::new(),
        operations: if by_role { None } else { Some(from_json(row, 5)?) },
        suspended: row.get(6)?,
        terms: from_json(row, 7)?,
    };
    Ok((id(row, 0)?, party))
}

fn certificates(
    connection: &Connection,
    authority: &AuthorityId,
    party: &PartyId,
) -> Result<BTreeMap<Fingerprint, Term>, StoreError> {
    let mut statement = connection.prepare_cached(
        "SELECT fingerprint, valid_from, valid_until, expires_at FROM party_certificate
         WHERE authority = ?1 AND party = ?2",
    )?;
    let mut rows = statement.query([authority.as_str(), party.as_str()])?;
    let mut found = BTreeMap::new();
    while let Some(row) = rows.next()? {
        let term = Term { from: optional_day(row, 1)?, until: optional_day(row, 2)?, expires: optional_time(row, 3)? };
        found.insert(digest(row, 0)?, term);
    }
    Ok(found)
}
