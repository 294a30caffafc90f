//! What is a permit found by, and what does a list say of it? Made from the document and from what happened to it.

use std::collections::BTreeSet;

use chrono::{DateTime, NaiveDate, Utc};
use epix_core::permit::{Moment, Permit, TradeParty};
use serde::{Deserialize, Serialize};

use super::status::{Facts, State, Status};
use crate::store::{Entry, Keyword, PermitEvent, PermitRecord};

/// What a list says of a permit without opening its document.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Card {
    /// The code of box 1: import, export, re-export, other.
    pub document_type: Option<String>,
    /// The day of issue.
    pub issued: Option<NaiveDate>,
    /// The last day of validity.
    pub last_day: Option<NaiveDate>,
    /// The scientific names, each once, in the order of the positions.
    pub species: Vec<String>,
    /// Who sends it.
    pub consignor: Option<String>,
    /// Who receives it.
    pub consignee: Option<String>,
    /// The state until the end of the last day.
    pub before: State,
    /// The state from then on.
    pub after: State,
}

impl Card {
    /// The state at a moment.
    pub fn state(&self, at: DateTime<Utc>) -> State {
        let is_over = self.last_day.is_some_and(|last| at.date_naive() > last);
        if is_over { self.after } else { self.before }
    }
}

/// The terms of a kind of question, so that whoever enters and whoever asks name them alike.
pub(super) mod term {
    use chrono::{Datelike as _, NaiveDate};

    use super::{BTreeSet, Keyword, State};
    use epix_core::id::Country;

    /// A country of import.
    pub(in crate::service) fn country(country: Country) -> Keyword {
        Keyword::of("country", country.as_str())
    }

    /// A state, whether before or after the last day.
    pub(in crate::service) fn state(state: State) -> Keyword {
        Keyword::of("state", state.word())
    }

    /// The month of issue.
    pub(in crate::service) fn issued(day: NaiveDate) -> Keyword {
        Keyword::of("issued", &format!("{:04}-{:02}", day.year(), day.month()))
    }

    /// The month of the last day.
    pub(in crate::service) fn last_day(day: NaiveDate) -> Keyword {
        Keyword::of("last-day", &format!("{:04}-{:02}", day.year(), day.month()))
    }

    /// The words of a text: letters and digits in small letters, of at least two characters.
    pub(in crate::service) fn words(text: &str) -> BTreeSet<Keyword> {
        let lower = text.to_lowercase();
        let words = lower.split(|letter: char| !letter.is_alphanumeric()).filter(|word| word.chars().nth(1).is_some());
        words.map(|word| Keyword::of("word", word)).collect()
    }
}

/// The longest word or name that is entered: a sender's whim must not fill the catalogue.
const LONGEST: usize = 200;

/// The most words of one permit that are entered: no honest permit names a tenth of them.
const MOST_WORDS: usize = 2_000;

/// The entry of a permit that is stored for the first time.
pub fn entry(permit: &Permit) -> Entry {
    entry_with(permit, &Status::default())
}

/// The entry of a permit after one more event; `permit` is the document that the authority issued last.
pub fn entry_after(permit: &Permit, record: &PermitRecord, event: &PermitEvent) -> Entry {
    entry_with(permit, &Status::of(record).followed_by(record.revision + 1, event))
}

/// The entry of a permit as it stands.
pub fn entry_of(permit: &Permit, record: &PermitRecord) -> Entry {
    entry_with(permit, &Status::of(record))
}

fn entry_with(permit: &Permit, status: &Status<'_>) -> Entry {
    let card = card(permit, status);
    let named = [&card.consignor, &card.consignee].into_iter().flatten().map(String::as_str);
    let number = permit.document.number.iter().map(|number| number.as_str());
    let common = permit.consignment.items.iter().flat_map(|item| item.products());
    let common = common.flat_map(|product| product.common_names.iter()).map(|name| name.as_str());
    let texts = number.chain(card.species.iter().map(String::as_str)).chain(named).chain(common);
    let words = texts.flat_map(term::words).filter(|word| word.as_str().len() <= LONGEST);
    let mut terms: BTreeSet<Keyword> = words.take(MOST_WORDS).collect();
    terms.extend(permit.destination().map(term::country));
    terms.extend([card.before, card.after].map(term::state));
    terms.extend(card.issued.map(term::issued));
    terms.extend(card.last_day.map(term::last_day));
    let card = serde_json::to_string(&card).expect("texts, days and words always serialise");
    Entry { terms, card }
}

fn card(permit: &Permit, status: &Status<'_>) -> Card {
    let facts = Facts::of(permit);
    let as_of = |last_day| status.state(&Facts { last_day, ..facts.clone() }, DateTime::UNIX_EPOCH);
    let mut species: Vec<String> = Vec::new();
    for name in permit.consignment.items.iter().flat_map(|item| item.scientific_names()) {
        let name = shortened(name.as_str());
        if !species.contains(&name) && species.len() < MOST_WORDS / 10 {
            species.push(name);
        }
    }
    let name = |party: &Option<TradeParty>| party.as_ref()?.name.as_ref().map(|name| shortened(name.as_str()));
    Card {
        document_type: permit.document.document_type.as_ref().map(|kind| kind.code.as_str().to_owned()),
        issued: permit.document.issued.as_ref().map(Moment::date),
        last_day: facts.last_day,
        species,
        consignor: name(&permit.consignment.consignor),
        consignee: name(&permit.consignment.consignee),
        before: as_of(None),
        after: as_of(Some(NaiveDate::MIN)),
    }
}

fn shortened(text: &str) -> String {
    text.chars().take(LONGEST).collect()
}
