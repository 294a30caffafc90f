//! Which codes does the standard know, what do they mean, and on which days are they valid?
//!
//! Each list is a data file below `data/`, one row per code and span: a code may mean one thing until a day and another
//! after it (`COS` was coral sand and is cosmetics). Looking up therefore takes a day. Nothing here changes a document,
//! and nothing is refused here: a rule asks, and decides what the answer weighs.
//!
//! ```
//! use chrono::NaiveDate;
//! use epix_core::codes::{Language, List, lookup};
//!
//! let day = NaiveDate::from_ymd_opt(2026, 3, 1).unwrap();
//! let answer = lookup(List::Terms, "COS", day);
//! assert!(answer.is_current());
//! assert_eq!(answer.entry().unwrap().name(Language::French), "cosmétiques");
//! ```

mod alias;
pub mod country;
mod entry;
mod language;
mod list;
pub mod page;
mod table;
#[cfg(test)]
mod tests;
pub mod unit;

use chrono::NaiveDate;

pub use alias::{Hint, hint};
pub use entry::{Entry, Grade};
pub use language::Language;
pub use list::{List, UnknownList};
pub use table::{Edition, reference};

/// What a list says about a code on a day.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Lookup {
    /// Valid on that day.
    Current(&'static Entry),
    /// Not valid yet; the entry says from when.
    NotYet(&'static Entry),
    /// Valid until an earlier day; [`Entry::replaced_by`] names what is written today, where one knows.
    Former(&'static Entry),
    /// Not on the list.
    Unknown,
}

impl Lookup {
    /// True when the code is valid on the day that was asked for.
    pub fn is_current(&self) -> bool {
        matches!(self, Lookup::Current(_))
    }

    /// True when the code is not on the list, on any day.
    pub fn is_unknown(&self) -> bool {
        matches!(self, Lookup::Unknown)
    }

    /// The row that answers: of several spans the one in which the day lies, else the last before it, else the next.
    pub fn entry(&self) -> Option<&'static Entry> {
        match self {
            Lookup::Current(entry) | Lookup::NotYet(entry) | Lookup::Former(entry) => Some(entry),
            Lookup::Unknown => None,
        }
    }
}

/// Looks a code up as written (case and white space matter; see [`hint`]) on a day.
pub fn lookup(list: List, code: &str, day: NaiveDate) -> Lookup {
    if let Some(entry) = spans(list, code).find(|entry| entry.is_valid_on(day)) {
        return Lookup::Current(entry);
    }
    let ended = spans(list, code).filter(|entry| entry.until.is_some_and(|until| until < day));
    if let Some(entry) = ended.max_by_key(|entry| entry.until) {
        return Lookup::Former(entry);
    }
    spans(list, code).min_by_key(|entry| entry.from).map_or(Lookup::Unknown, Lookup::NotYet)
}

/// The rows of a list, in the order of its file.
pub fn entries(list: List) -> &'static [Entry] {
    &table::of(list).entries
}

/// The rows of one code, oldest first; several where its meaning changed.
pub fn spans(list: List, code: &str) -> impl Iterator<Item = &'static Entry> {
    table::of(list).spans(code)
}

/// Which edition of a list answers: put it into every report that a list helped to judge.
pub fn edition(list: List) -> &'static Edition {
    &table::of(list).edition
}
