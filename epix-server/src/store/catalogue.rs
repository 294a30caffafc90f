//! What permits are found by: terms that the service chooses, and what a list says of a permit without opening it.

use std::collections::BTreeSet;

use chrono::{DateTime, Utc};
use epix_core::id::{Country, PermitNumber};
use serde::{Deserialize, Serialize};

/// One thing that a permit is found by, such as a word of a name. The store compares terms and knows no meaning of theirs.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Keyword(String);

impl Keyword {
    /// A term of a kind: terms of different kinds are never equal.
    pub fn of(kind: &str, text: &str) -> Keyword {
        Keyword(format!("{kind}:{text}"))
    }

    /// The text of the term.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// The entry of a permit in the catalogue.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Entry {
    /// What it is found by.
    pub terms: BTreeSet<Keyword>,
    /// What a list says of it, as JSON of the service's own.
    pub card: String,
}

/// What is looked for.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Search {
    /// Only permits that were never entered; then terms find nothing.
    pub without_entry: bool,
    /// The normalised number begins so; empty for all.
    pub prefix: String,
    /// All of these hold.
    pub terms: BTreeSet<Keyword>,
    /// Only behind this number.
    pub after: Option<PermitNumber>,
    /// At most so many are given.
    pub limit: usize,
    /// At most so many are looked at, so that rare things are no reason to look at everything in one go.
    pub look_at: usize,
}

impl Default for Search {
    fn default() -> Search {
        let (prefix, terms) = Default::default();
        Search { without_entry: false, prefix, terms, after: None, limit: 100, look_at: 1_000 }
    }
}

/// What was found, in the order of normalised numbers.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Found {
    /// The permits.
    pub permits: Vec<Listed>,
    /// Behind which number the search goes on; `None` when all was looked at.
    pub reached: Option<PermitNumber>,
}

/// A permit as a list tells it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Listed {
    /// Its number, as written.
    pub number: PermitNumber,
    /// The country of import.
    pub destination: Option<Country>,
    /// The number of its events.
    pub revision: u64,
    /// When it was stored.
    pub stored_at: DateTime<Utc>,
    /// The card of its entry, where it has one.
    pub card: Option<String>,
}

impl Found {
    /// Adds what was looked at, until enough was found or seen: `false` then.
    pub(super) fn take(&mut self, search: &Search, seen: usize, listed: Listed, is_meant: bool) -> bool {
        let number = listed.number.clone();
        if is_meant {
            self.permits.push(listed);
        }
        let is_enough = self.permits.len() >= search.limit || seen >= search.look_at;
        if is_enough {
            self.reached = Some(number);
        }
        !is_enough
    }
}
