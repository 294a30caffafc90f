//! What is a country code to the Convention: a Party since when, a territory of which Party, or no country at all?

use chrono::NaiveDate;

use super::table::Row;
use super::{Entry, Hint, List, Lookup, lookup, spans};
use crate::id::Country;

/// What sort of place a code of the list of countries names.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Kind {
    /// A country of its own.
    Country,
    /// A territory; who answers for it is told where the source tells it.
    Territory,
    /// A regional organisation that is a Party: the European Union.
    Union,
}

/// What a place is to the Convention.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Standing {
    /// What sort of place it is.
    pub kind: Kind,
    /// The Party that a territory depends on, where the source names one.
    pub part_of: Option<&'static str>,
    /// The day on which the Convention entered into force for it; `None` for who is no Party of its own.
    pub party_from: Option<NaiveDate>,
}

impl Standing {
    /// Reads the three columns of the list of countries; `None` in a list that has none.
    pub(super) fn read(row: &Row<'_>) -> Result<Option<Standing>, String> {
        let kind = match row.cell("kind") {
            "" => return Ok(None),
            "country" => Kind::Country,
            "territory" => Kind::Territory,
            "union" => Kind::Union,
            other => return Err(format!("{other:?} is no kind of place")),
        };
        let part_of = Some(row.cell("part_of")).filter(|code| !code.is_empty());
        Ok(Some(Standing { kind, part_of, party_from: row.day("party_from")? }))
    }
}

/// Looks a code up where a country may stand: among the countries, then among the special codes.
///
/// A code that is valid on that day in either list wins over one that was or will be.
pub fn look_up(country: Country, day: NaiveDate) -> Lookup {
    let as_country = lookup(List::Countries, country.as_str(), day);
    if as_country.is_current() {
        return as_country;
    }
    let as_special = lookup(List::SpecialCodes, country.as_str(), day);
    if as_special.is_current() || as_country.is_unknown() { as_special } else { as_country }
}

/// Guesses which code was meant where a country stands; `None` for a country or a special code, rightly written.
pub fn hint(text: &str) -> Option<Hint> {
    if spans(List::SpecialCodes, text).next().is_some() {
        return None;
    }
    super::hint(List::Countries, text).or_else(|| super::hint(List::SpecialCodes, text))
}

/// The day on which the Convention entered into force for a country; `None` for who is no Party of its own.
///
/// ```
/// use epix_core::codes::country::party_since;
/// use epix_core::id::Country;
///
/// let since = party_since(Country::parse("CH").unwrap()).unwrap();
/// assert_eq!(since.to_string(), "1975-07-01");
/// ```
pub fn party_since(country: Country) -> Option<NaiveDate> {
    spans(List::Countries, country.as_str()).filter_map(Entry::standing).find_map(|standing| standing.party_from)
}

/// True for a Party on that day. A territory is no Party of its own: ask for the country it is part of.
pub fn is_party(country: Country, day: NaiveDate) -> bool {
    party_since(country).is_some_and(|since| since <= day)
}

/// True for the codes that ISO 3166-1 leaves to its users: `AA`, `QM` to `QZ`, `XA` to `XZ`, `ZZ`.
///
/// Tests and sample messages name invented countries with them, CITES its special codes.
pub fn is_user_assigned(country: Country) -> bool {
    matches!(country.as_str().as_bytes(), b"AA" | b"ZZ" | [b'Q', b'M'..=b'Z'] | [b'X', b'A'..=b'Z'])
}
