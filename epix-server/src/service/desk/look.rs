//! Looking up permits: by country, number, state, species, days, party, words; page by page, each page bounded.

use chrono::{DateTime, Datelike as _, NaiveDate, Utc};
use epix_core::id::{Country, PermitNumber};
use epix_core::receive;

use super::{Desk, DeskError};
use crate::service::catalogue::{self, Card, term};
use crate::service::{State, issued_version};
use crate::store::{Authority, Listed, Search};

/// How many permits are looked at for one page, so that whoever looks for something rare is answered soon too.
const LOOKED_AT: usize = 2_000;

/// How many of them are asked of the store at once.
const AT_ONCE: usize = 500;

/// What is looked for; whatever is said has to hold.
#[derive(Debug, Clone, Default)]
pub struct Filter {
    /// The country of import.
    pub country: Option<Country>,
    /// How the number begins; white space and case do not count.
    pub number: Option<String>,
    /// The state now.
    pub state: Option<State>,
    /// Words of a scientific name.
    pub species: Option<String>,
    /// Words of the name of consignor or consignee.
    pub party: Option<String>,
    /// Words of number, species, common names or parties.
    pub text: Option<String>,
    /// Issued on this day or later.
    pub issued_from: Option<NaiveDate>,
    /// Issued on this day or before.
    pub issued_until: Option<NaiveDate>,
    /// Valid until this day or later.
    pub valid_from: Option<NaiveDate>,
    /// Valid until this day or before.
    pub valid_until: Option<NaiveDate>,
}

/// A page of what was found.
#[derive(Debug, Default)]
pub struct Hits {
    /// The permits, in the order of their numbers.
    pub rows: Vec<Row>,
    /// Behind which number the next page begins; `None` when there is none. A page may be short, even empty, and have a next one.
    pub next: Option<PermitNumber>,
}

/// A permit in a list.
#[derive(Debug)]
pub struct Row {
    /// What the store tells.
    pub listed: Listed,
    /// What its document says; `None` for one that is not entered yet.
    pub card: Option<Card>,
}

impl Desk {
    /// Looks up a page of permits.
    ///
    /// # Errors
    /// What the store says.
    pub async fn look_up(
        &self,
        authority: &Authority,
        filter: &Filter,
        after: Option<PermitNumber>,
        limit: usize,
        at: DateTime<Utc>,
    ) -> Result<Hits, DeskError> {
        let mut search = Search { look_at: AT_ONCE, limit, ..filter.search(after) };
        let mut hits = Hits::default();
        let mut looked_at = 0;
        loop {
            let found = self.store.search(&authority.id, &search).await?;
            for listed in found.permits {
                let row = Row::of(listed);
                let number = row.listed.number.clone();
                if !filter.holds(&row, at) {
                    continue;
                }
                hits.rows.push(row);
                if hits.rows.len() == limit {
                    hits.next = Some(number);
                    return Ok(hits);
                }
            }
            looked_at += AT_ONCE;
            search.after = found.reached;
            if search.after.is_none() || looked_at >= LOOKED_AT {
                hits.next = search.after;
                return Ok(hits);
            }
        }
    }

    /// Enters permits that were stored by a build that knew no catalogue; gives how many were entered.
    ///
    /// # Errors
    /// What the store says.
    pub async fn enter_what_is_missing(&self, authority: &Authority) -> Result<usize, DeskError> {
        let mut search = Search { without_entry: true, limit: AT_ONCE, look_at: AT_ONCE, ..Search::default() };
        let mut entered = 0;
        loop {
            let found = self.store.search(&authority.id, &search).await?;
            for listed in found.permits {
                entered += usize::from(self.enter(authority, &listed.number).await?);
            }
            search.after = found.reached;
            if search.after.is_none() {
                return Ok(entered);
            }
        }
    }

    /// Enters one; a document that can no longer be read stays without, and is told by whoever asks for it.
    async fn enter(&self, authority: &Authority, number: &PermitNumber) -> Result<bool, DeskError> {
        let record = self.record(authority, number).await?;
        let Some(version) = issued_version(&record) else { return Ok(false) };
        let document = self.store.document(&authority.id, number, version.ordinal).await?;
        let Some(reading) = document.and_then(|document| receive::inspect(&document.bytes).0) else { return Ok(false) };
        let entry = catalogue::entry_of(&reading.permit, &record);
        self.store.enter(&authority.id, number, entry).await?;
        Ok(true)
    }
}

impl Row {
    fn of(listed: Listed) -> Row {
        let card = listed.card.as_deref().and_then(|card| serde_json::from_str(card).ok());
        Row { listed, card }
    }
}

impl Filter {
    /// What the store is asked: everything that it can tell by terms.
    fn search(&self, after: Option<PermitNumber>) -> Search {
        let words = [&self.species, &self.party, &self.text].into_iter().flatten().flat_map(|text| term::words(text));
        let mut terms: std::collections::BTreeSet<_> = words.collect();
        terms.extend(self.country.map(term::country));
        terms.extend(self.state.map(term::state));
        terms.extend(one_month(self.issued_from, self.issued_until).map(term::issued));
        terms.extend(one_month(self.valid_from, self.valid_until).map(term::last_day));
        let number = self.number.as_deref().unwrap_or_default();
        let prefix = PermitNumber::parse(number).map(|number| number.normalised().to_owned()).unwrap_or_default();
        Search { prefix, terms, after, ..Search::default() }
    }

    /// What terms cannot tell.
    fn holds(&self, row: &Row, at: DateTime<Utc>) -> bool {
        let Some(card) = &row.card else { return !self.needs_a_card() };
        let parties = [&card.consignor, &card.consignee];
        self.state.is_none_or(|state| card.state(at) == state)
            && self.species.as_ref().is_none_or(|words| has_words(words, card.species.iter()))
            && self.party.as_ref().is_none_or(|words| has_words(words, parties.into_iter().flatten()))
            && is_between(card.issued, self.issued_from, self.issued_until)
            && is_between(card.last_day, self.valid_from, self.valid_until)
    }

    fn needs_a_card(&self) -> bool {
        let days = [self.issued_from, self.issued_until, self.valid_from, self.valid_until];
        let texts = [&self.species, &self.party, &self.text];
        self.state.is_some() || days.iter().any(Option::is_some) || texts.iter().any(|text| text.is_some())
    }
}

/// Does one of these texts have all the words?
fn has_words<'t>(words: &str, texts: impl Iterator<Item = &'t String>) -> bool {
    let wanted = term::words(words);
    texts.into_iter().any(|text| wanted.is_subset(&term::words(text)))
}

fn is_between(day: Option<NaiveDate>, from: Option<NaiveDate>, until: Option<NaiveDate>) -> bool {
    match day {
        Some(day) => from.is_none_or(|from| day >= from) && until.is_none_or(|until| day <= until),
        None => from.is_none() && until.is_none(),
    }
}

/// A day of the month in which both lie, where they lie in one.
fn one_month(from: Option<NaiveDate>, until: Option<NaiveDate>) -> Option<NaiveDate> {
    let (from, until) = (from?, until?);
    ((from.year(), from.month()) == (until.year(), until.month())).then_some(from)
}
