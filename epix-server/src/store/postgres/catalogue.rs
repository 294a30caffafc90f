//! How what permits are found by stands in the database, and how they are found: along the rarest term, in the order of numbers.

use std::collections::BTreeSet;

use epix_core::id::{AuthorityId, PermitNumber};
use tokio_postgres::Row;
use tokio_postgres::types::ToSql;

use super::known::{Asked, Key, Known, key};
use super::plan::Plan;
use super::readers::Readers;
use super::value::{Columns as _, column, from_json, from_time, id, json, number, optional_id, values};
use super::writer::Command;
use crate::store::{Entry, Found, Keyword, Listed, Search, StoreError};

/// Enters a permit anew: terms that it no longer has are taken out.
pub(super) fn enter(plan: &mut Plan, key: &Key, before: &BTreeSet<Keyword>, entry: &Entry) -> Result<(), StoreError> {
    let texts =
        |terms: &mut dyn Iterator<Item = &Keyword>| terms.map(|term| term.as_str().to_owned()).collect::<Vec<_>>();
    let gone = texts(&mut before.difference(&entry.terms));
    if !gone.is_empty() {
        plan.push(
            "DELETE FROM permit_term WHERE authority = $1 AND number = $2 AND term = ANY ($3::text[])",
            values![key.0.clone(), key.1.clone(), gone],
        );
    }
    let new = texts(&mut entry.terms.difference(before));
    if !new.is_empty() {
        plan.push(
            "INSERT INTO permit_term (authority, term, number) SELECT $1, term, $2 FROM unnest($3::text[]) AS new (term)",
            values![key.0.clone(), key.1.clone(), new],
        );
    }
    plan.push(
        "UPDATE permit SET entry = $3 WHERE authority = $1 AND number = $2",
        values![key.0.clone(), key.1.clone(), json(entry)?],
    );
    Ok(())
}

/// Enters a permit that has no entry yet.
pub(super) struct EnterLate {
    pub(super) authority: AuthorityId,
    pub(super) number: PermitNumber,
    pub(super) entry: Entry,
}

impl Command for EnterLate {
    type Answer = ();

    fn authority(&self) -> Option<&AuthorityId> {
        None
    }

    fn ask(&self, asked: &mut Asked) {
        asked.permits.insert(key(&self.authority, &self.number));
    }

    fn decide(&self, known: &mut Known, plan: &mut Plan) -> Result<(), StoreError> {
        let key = key(&self.authority, &self.number);
        let unknown = || StoreError::NotFound { number: self.number.clone() };
        let permit = known.permits.get_mut(&key).ok_or_else(unknown)?;
        if permit.terms.is_none() {
            enter(plan, &key, &BTreeSet::new(), &self.entry)?;
            permit.terms = Some(self.entry.terms.clone());
        }
        Ok(())
    }
}

/// What a found row tells, and whether all terms hold.
macro_rules! permits_from {
    ($rest:literal) => {
        concat!(
            "SELECT permit.written, permit.destination, permit.revision, permit.stored_at, permit.entry,
                (SELECT count(*) FROM permit_term AS other
                 WHERE other.authority = permit.authority AND other.number = permit.number
                 AND other.term = ANY ($5::text[])) = cardinality($5::text[])
             FROM ",
            $rest
        )
    };
}

const ALONG_A_TERM: &str = permits_from!(
    "permit_term AS held JOIN permit ON permit.authority = held.authority AND permit.number = held.number
     WHERE held.authority = $1 AND held.number > $2 AND held.number >= $3 AND held.number < $4
     AND held.term = $7 ORDER BY held.number LIMIT $6"
);

const ALL: &str = permits_from!(
    "permit WHERE authority = $1 AND number > $2 AND number >= $3 AND number < $4 ORDER BY number LIMIT $6"
);

const WITHOUT_ENTRY: &str = permits_from!(
    "permit WHERE authority = $1 AND number > $2 AND number >= $3 AND number < $4 AND entry IS NULL
     ORDER BY number LIMIT $6"
);

/// Looks at permits in the order of their numbers, until enough was found or looked at.
pub(super) async fn search(readers: &Readers, authority: &AuthorityId, search: &Search) -> Result<Found, StoreError> {
    let term = rarest(readers, authority, search).await?.map(Keyword::as_str);
    let all = search.terms.iter().map(Keyword::as_str).filter(|other| Some(*other) != term);
    let others: Vec<&str> = if search.without_entry { Vec::new() } else { all.collect() };
    let (authority, after) = (authority.as_str(), search.after.as_ref().map_or("", PermitNumber::normalised));
    // Behind every number that begins so: no letter of a number comes after it.
    let end = format!("{}\u{10ffff}", search.prefix);
    let look_at = column(search.look_at)?;
    let mut wanted: Vec<&(dyn ToSql + Sync)> = vec![&authority, &after, &search.prefix, &end, &others, &look_at];
    let rows = match &term {
        Some(term) => {
            wanted.push(term);
            readers.ask(ALONG_A_TERM, &wanted).await?
        }
        None if search.without_entry => readers.ask(WITHOUT_ENTRY, &wanted).await?,
        None => readers.ask(ALL, &wanted).await?,
    };
    let mut found = Found::default();
    for (seen, row) in (1..).zip(&rows) {
        if !found.take(search, seen, listed(row)?, row.try_get(5)?) {
            break;
        }
    }
    Ok(found)
}

fn listed(row: &Row) -> Result<Listed, StoreError> {
    Ok(Listed {
        number: id(row, 0)?,
        destination: optional_id(row, 1)?,
        revision: number(row, 2)?,
        stored_at: from_time(row, 3)?,
        card: optional_entry(row, 4)?.map(|entry| entry.card),
    })
}

/// Reads the entry of a permit, where it has one.
pub(super) fn optional_entry(row: &Row, column: usize) -> Result<Option<Entry>, StoreError> {
    row.text(column)?.map(|_| from_json(row, column)).transpose()
}

/// Terms that more permits have than this are equally frequent to us: counting on would cost more than it saves.
const COUNTED: i64 = 200;

const COUNTS: &str = "
    SELECT (SELECT count(*) FROM (SELECT 1 FROM permit_term AS held
            WHERE held.authority = $1 AND held.term = asked.term AND held.number > $3 LIMIT $4) AS counted)
    FROM unnest($2::text[]) WITH ORDINALITY AS asked (term, place) ORDER BY asked.place";

/// The term that the fewest permits have, from where the search goes on.
async fn rarest<'s>(
    readers: &Readers,
    authority: &AuthorityId,
    search: &'s Search,
) -> Result<Option<&'s Keyword>, StoreError> {
    if search.without_entry || search.terms.len() < 2 {
        return Ok(search.terms.first().filter(|_| !search.without_entry));
    }
    let after = search.after.as_ref().map_or("", PermitNumber::normalised);
    let terms: Vec<&str> = search.terms.iter().map(Keyword::as_str).collect();
    let rows = readers.ask(COUNTS, &[&authority.as_str(), &terms, &after, &COUNTED]).await?;
    let counts = rows.iter().map(|row| number::<i64>(row, 0)).collect::<Result<Vec<_>, _>>()?;
    Ok(counts.into_iter().zip(&search.terms).min_by_key(|(count, _)| *count).map(|(_, term)| term))
}
