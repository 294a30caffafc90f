//! What does the unit of a quantity mean: a unit of CITES, one of Rec 20, both, or one thing here and another there?
//!
//! CITES had letters of its own until the guidelines of May 2021 and writes Rec 20 codes since; the toolkit allows both.
//! A blank unit is the number of specimens.

use chrono::NaiveDate;

use super::table::Row;
use super::{Entry, List, Lookup, lookup, spans};

/// How well a Rec 20 code carries a unit of CITES.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Fit {
    /// The same quantity, nothing to convert.
    Exact,
    /// What the sender meant is an assumption.
    Approximate,
    /// Rec 20 has no such unit.
    None,
}

/// The way from a unit of CITES to Rec 20.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Crosswalk {
    /// The Rec 20 code; `None` exactly where the fit is [`Fit::None`].
    pub rec20: Option<&'static str>,
    /// How well it carries the unit.
    pub fit: Fit,
}

impl Crosswalk {
    /// Reads the two columns of the list of units; `None` in a list that has none.
    pub(super) fn read(row: &Row<'_>) -> Result<Option<Crosswalk>, String> {
        let fit = match (row.cell("fit"), row.cell("rec20")) {
            ("", "") => return Ok(None),
            ("exact", code) if !code.is_empty() => Fit::Exact,
            ("approximate", code) if !code.is_empty() => Fit::Approximate,
            ("none", "") => Fit::None,
            (fit, code) => return Err(format!("{fit:?} does not go with the Rec 20 code {code:?}")),
        };
        let rec20 = Some(row.cell("rec20")).filter(|code| !code.is_empty());
        Ok(Some(Crosswalk { rec20, fit }))
    }
}

/// What a unit code means on a day.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Unit {
    /// No unit was written: the quantity is the number of specimens.
    Specimens,
    /// One meaning, whichever list the sender wrote from.
    Known {
        /// What the list of CITES says; [`Lookup::Unknown`] for a unit that only Rec 20 has.
        cites: Lookup,
        /// What Rec 20 says; [`Lookup::Unknown`] for a unit that only CITES has.
        rec20: Lookup,
    },
    /// One thing in CITES and another in Rec 20: nobody knows without knowing the sender's list.
    Ambiguous {
        /// What CITES means by it, now or formerly.
        cites: &'static Entry,
        /// What Rec 20 means by it.
        rec20: &'static Entry,
    },
    /// On neither list (of Rec 20 only the units are kept that a permit may carry).
    Unknown,
}

impl Unit {
    /// Says what a code means on a day; white space alone counts as blank, else the code is taken as written.
    ///
    /// ```
    /// use chrono::NaiveDate;
    /// use epix_core::codes::unit::Unit;
    ///
    /// let day = NaiveDate::from_ymd_opt(2026, 3, 1).unwrap();
    /// assert_eq!(Unit::read("", day), Unit::Specimens);
    /// assert!(Unit::read("KGM", day).is_cites());
    /// assert!(!Unit::read("KIL", day).is_cites());
    /// assert!(matches!(Unit::read("CTM", day), Unit::Ambiguous { .. }));
    /// ```
    pub fn read(code: &str, day: NaiveDate) -> Unit {
        if code.trim().is_empty() {
            return Unit::Specimens;
        }
        let (cites, rec20) = (lookup(List::Units, code, day), lookup(List::Rec20Units, code, day));
        match (cites.entry(), rec20.entry()) {
            (None, None) => Unit::Unknown,
            (Some(cites), Some(rec20)) if !is_same(cites, rec20) => Unit::Ambiguous { cites, rec20 },
            _ => Unit::Known { cites, rec20 },
        }
    }

    /// True for a unit that CITES has on that day, the blank one included; never for an ambiguous one.
    pub fn is_cites(&self) -> bool {
        match self {
            Unit::Specimens => true,
            Unit::Known { cites, .. } => cites.is_current(),
            Unit::Ambiguous { .. } | Unit::Unknown => false,
        }
    }

    /// True for a unit that Rec 20 has on that day; never for the blank or an ambiguous one.
    pub fn is_rec20(&self) -> bool {
        matches!(self, Unit::Known { rec20, .. } if rec20.is_current())
    }
}

/// The same letters mean the same where the crosswalk leads from the one to the other.
fn is_same(cites: &Entry, rec20: &Entry) -> bool {
    cites.crosswalk.and_then(|crosswalk| crosswalk.rec20) == Some(rec20.code)
}

/// The Rec 20 code for a unit of CITES, old ones included; `None` for a code that CITES never had.
pub fn crosswalk(cites: &str) -> Option<Crosswalk> {
    spans(List::Units, cites).last().and_then(Entry::crosswalk)
}
