//! How authorities and their parties stand in the database.

use std::collections::BTreeMap;

use chrono::NaiveDate;
use epix_core::id::{AuthorityId, Fingerprint};
use serde::Deserialize;
use tokio_postgres::Row;
use tokio_postgres::types::ToSql;

use super::known::{Asked, Known};
use super::plan::Plan;
use super::readers::Readers;
use super::value::{Columns as _, day, from_json, id, json, number, text, time, values};
use super::writer::Command;
use crate::audit::{AuditEvent, from_timestamp};
use crate::store::columns::unreadable;
use crate::store::{Authority, Party, StoreError, Term};

/// Makes an authority known, or corrects what is known of it.
pub(super) struct Declare {
    pub(super) authority: Authority,
    pub(super) audit: AuditEvent,
}

impl Command for Declare {
    type Answer = ();

    fn authority(&self) -> Option<&AuthorityId> {
        Some(&self.authority.id)
    }

    fn ask(&self, asked: &mut Asked) {
        asked.authorities.insert(self.authority.id.to_string());
    }

    fn decide(&self, known: &mut Known, plan: &mut Plan) -> Result<(), StoreError> {
        let Authority { id, country, name } = &self.authority;
        let values = values![id.to_string(), country.to_string(), name.clone()];
        match known.authorities.get(id.as_str()) {
            Some(kept) if *kept == self.authority => return Ok(()),
            Some(_) => plan.push("UPDATE authority SET country = $2, name = $3 WHERE id = $1", values),
            None => {
                plan.push("INSERT INTO authority (id, country, name) VALUES ($1, $2, $3)", values);
                plan.expect_chain(id);
            }
        }
        plan.write(&self.audit)?;
        known.authorities.insert(id.to_string(), self.authority.clone());
        Ok(())
    }
}

/// Replaces the parties of an authority; the caller has made sure that none is named twice.
pub(super) struct Replace {
    pub(super) parties: Vec<Party>,
    pub(super) audit: AuditEvent,
}

impl Command for Replace {
    type Answer = ();

    fn authority(&self) -> Option<&AuthorityId> {
        Some(&self.audit.authority)
    }

    /// Two lists at once would be mixed.
    fn ask(&self, asked: &mut Asked) {
        asked.authorities.insert(self.audit.authority.to_string());
    }

    fn decide(&self, _: &mut Known, plan: &mut Plan) -> Result<(), StoreError> {
        plan.write(&self.audit)?;
        let authority = self.audit.authority.as_str();
        plan.push("UPDATE authority SET register = register + 1 WHERE id = $1", values![authority.to_owned()]);
        plan.push("DELETE FROM party WHERE authority = $1", values![authority.to_owned()]);
        self.parties.iter().try_for_each(|party| keep(plan, authority, party))
    }
}

fn keep(plan: &mut Plan, authority: &str, party: &Party) -> Result<(), StoreError> {
    plan.push(
        "INSERT INTO party (authority, id, name, country, roles, operations, suspended, terms)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8)",
        values![
            authority.to_owned(),
            party.id.to_string(),
            party.name.clone(),
            party.country.to_string(),
            json(&party.roles)?,
            party.operations.as_ref().map(json).transpose()?,
            i64::from(party.suspended),
            json(&party.terms)?
        ],
    );
    for (fingerprint, term) in &party.certificates {
        plan.push(
            "INSERT INTO party_certificate (fingerprint, authority, party, valid_from, valid_until, expires_at)
             VALUES ($1, $2, $3, $4, $5, $6)",
            values![
                fingerprint.as_bytes().to_vec(),
                authority.to_owned(),
                party.id.to_string(),
                term.from.map(day),
                term.until.map(day),
                term.expires.map(time)
            ],
        );
    }
    Ok(())
}

/// A party with its certificates: one statement, so that no party is seen between two lists.
macro_rules! parties_where {
    ($condition:literal) => {
        concat!(
            "SELECT authority, id, name, country, roles, operations, suspended, terms,
                (SELECT json_agg(json_build_object('fingerprint', encode(fingerprint, 'hex'), 'from', valid_from,
                                                   'until', valid_until, 'expires', expires_at))::text
                 FROM party_certificate AS own WHERE own.authority = party.authority AND own.party = party.id),
                (SELECT sum(register)::bigint FROM authority)
             FROM party WHERE ",
            $condition
        )
    };
}
pub(super) use parties_where;

/// Lists the parties of an authority.
pub(super) async fn all(readers: &Readers, authority: &AuthorityId) -> Result<Vec<Party>, StoreError> {
    let found = select(readers, parties_where!("authority = $1 ORDER BY id"), &authority.as_str()).await?;
    Ok(found.into_iter().map(|(_, party)| party).collect())
}

/// Finds where a certificate is registered.
pub(super) async fn registrations(
    readers: &Readers,
    fingerprint: &Fingerprint,
) -> Result<Vec<(AuthorityId, Party)>, StoreError> {
    let sql = parties_where!(
        "(authority, id) IN (SELECT authority, party FROM party_certificate WHERE fingerprint = $1) ORDER BY authority"
    );
    select(readers, sql, &fingerprint.as_bytes().as_slice()).await
}

async fn select(
    readers: &Readers,
    sql: &'static str,
    key: &(dyn ToSql + Sync),
) -> Result<Vec<(AuthorityId, Party)>, StoreError> {
    readers.ask(sql, &[key]).await?.iter().map(read).collect()
}

/// Reads a row of [`parties_where`].
pub(super) fn read(row: &Row) -> Result<(AuthorityId, Party), StoreError> {
    let by_role = row.text(5)?.is_none();
    let party = Party {
        id: id(row, 1)?,
        name: text(row, 2)?,
        country: id(row, 3)?,
        roles: from_json(row, 4)?,
        certificates: certificates(row)?,
        operations: if by_role { None } else { Some(from_json(row, 5)?) },
        suspended: number::<i64>(row, 6)? != 0,
        terms: from_json(row, 7)?,
    };
    Ok((id(row, 0)?, party))
}

/// How often the registers had been replaced, all of them together, when a row of [`parties_where`] was read.
pub(super) fn registers(row: &Row) -> Result<u64, StoreError> {
    number(row, 9)
}

#[derive(Deserialize)]
struct Listed {
    fingerprint: Fingerprint,
    from: Option<NaiveDate>,
    until: Option<NaiveDate>,
    expires: Option<String>,
}

fn certificates(row: &Row) -> Result<BTreeMap<Fingerprint, Term>, StoreError> {
    let mut certificates = BTreeMap::new();
    if row.text(8)?.is_none() {
        return Ok(certificates);
    }
    let listed: Vec<Listed> = from_json(row, 8)?;
    for Listed { fingerprint, from, until, expires } in listed {
        let moment = |text: String| from_timestamp(&text).ok_or_else(|| unreadable(row, 8));
        certificates.insert(fingerprint, Term { from, until, expires: expires.map(moment).transpose()? });
    }
    Ok(certificates)
}
