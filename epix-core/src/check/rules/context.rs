//! What does a rule look at beside the permit, and how does it ask what all rules ask?

use std::borrow::Cow;

use chrono::NaiveDate;

use crate::check::knowledge::{Kingdom, Knowledge, Occasion};
use crate::codes::unit::Unit;
use crate::codes::{List, hint};
use crate::id::Country;
use crate::permit::{Address, DocumentType, Item, LineItem, Permit, Quantity, Source, TradeParty};
use crate::version::ToolkitVersion;

/// What a rule may look at beside the permit.
pub struct Context<'c> {
    /// The version in which the document is written.
    pub version: ToolkitVersion,
    /// The day of issue (box 13), by which codes are looked up.
    pub day: Option<NaiveDate>,
    /// What is known beside the document.
    pub knowledge: &'c Knowledge<'c>,
}

impl<'c> Context<'c> {
    /// The context of a permit.
    pub fn of(permit: &Permit, version: ToolkitVersion, knowledge: &'c Knowledge<'c>) -> Context<'c> {
        Context { version, day: permit.document.issued.as_ref().map(|issued| issued.date()), knowledge }
    }

    /// True for a document that we issue ourselves.
    pub fn is_own(&self) -> bool {
        self.knowledge.occasion == Occasion::Issue
    }

    /// The kingdom of a position: of its species where a table is at hand, else of its term or source where that tells.
    pub(super) fn kingdom(&self, line: &LineItem) -> Option<Kingdom> {
        let species = self.knowledge.species;
        let named = species.and_then(|species| names(line).find_map(|name| species.named(name)));
        named.map(|taxon| taxon.kingdom).or_else(|| terms(line).find_map(super::pairs::kingdom))
    }
}

/// What sort of document it is (box 1).
pub(super) fn kind(permit: &Permit) -> Option<&DocumentType> {
    permit.document.document_type.as_ref().map(|coded| &coded.code)
}

pub(super) fn is_kind(permit: &Permit, wanted: &DocumentType) -> bool {
    kind(permit) == Some(wanted)
}

/// True for export permits and re-export certificates, which leave the country that issued them.
pub(super) fn leaves(permit: &Permit) -> bool {
    matches!(kind(permit), Some(DocumentType::Export | DocumentType::ReExport))
}

/// True where box 5 says something; whether it justifies an omission is for a person to see.
pub(super) fn has_conditions(permit: &Permit) -> bool {
    !permit.document.conditions.is_empty()
}

/// The country of a party, where it is two letters.
pub(super) fn country_of(party: Option<&TradeParty>) -> Option<Country> {
    Country::parse(country_code(party)?).ok()
}

/// The country of a party as written.
pub(super) fn country_code(party: Option<&TradeParty>) -> Option<&str> {
    Some(party?.address.as_ref()?.country.as_ref()?.as_str())
}

/// True for an address that says more than the country.
pub(super) fn has_address(party: Option<&TradeParty>) -> bool {
    let Some(Address { postcodes, post_office_box, streets, city, subdivisions, .. }) =
        party.and_then(|party| party.address.as_ref())
    else {
        return false;
    };
    !streets.is_empty()
        || !postcodes.is_empty()
        || !subdivisions.is_empty()
        || city.is_some()
        || post_office_box.is_some()
}

/// The positions with their ordinals.
pub(super) fn items(permit: &Permit) -> impl Iterator<Item = (usize, &Item)> {
    permit.consignment.items.iter().enumerate()
}

/// All lines of all positions, with both ordinals.
pub(super) fn lines(permit: &Permit) -> impl Iterator<Item = (usize, usize, &Item, &LineItem)> {
    items(permit).flat_map(|(i, item)| item.lines.iter().enumerate().map(move |(j, line)| (i, j, item, line)))
}

/// The scientific names of a line, as written but for the white space around them.
pub(super) fn names(line: &LineItem) -> impl Iterator<Item = &str> {
    line.product.iter().flat_map(|product| &product.scientific_names).map(|name| name.as_str().trim())
}

/// The term codes of a line.
pub(super) fn terms(line: &LineItem) -> impl Iterator<Item = &str> {
    line.product.iter().flat_map(|product| &product.terms).map(|term| term.code.as_str())
}

/// The terms for what is alive and travels as such.
pub(super) fn is_live(term: &str) -> bool {
    matches!(term, "LIV" | "EGL" | "FIG" | "CUL" | "GRS" | "PUP")
}

/// The kingdom that a source code speaks of.
pub(super) fn kingdom_of_source(source: &Source) -> Option<Kingdom> {
    match source {
        Source::ArtificiallyPropagated | Source::AssistedProduction => Some(Kingdom::Plants),
        Source::BredInCaptivity | Source::BornInCaptivity | Source::Ranched => Some(Kingdom::Animals),
        _ => None,
    }
}

pub(super) fn kingdom_word(kingdom: Kingdom) -> &'static str {
    match kingdom {
        Kingdom::Animals => "animals",
        Kingdom::Plants => "plants",
    }
}

/// The unit as CITES writes it today; `None` where nobody can say. No unit is the number of specimens.
pub(super) fn cites_unit(quantity: &Quantity, day: NaiveDate) -> Option<&'static str> {
    let code = quantity.unit.as_ref().map_or("", |unit| unit.as_str());
    match Unit::read(code, day) {
        Unit::Specimens => Some("NAR"),
        Unit::Known { cites, .. } => match cites.entry() {
            Some(entry) if entry.until.is_none() => Some(entry.code),
            Some(entry) => <[&str; 1]>::try_from(entry.replaced_by.as_slice()).ok().map(|[code]| code),
            None => hint(List::Units, code).map(|hint| hint.code),
        },
        Unit::Ambiguous { .. } | Unit::Unknown => None,
    }
}

/// True where two quantities are of one unit, as written or as understood.
pub(super) fn is_same_unit(one: &Quantity, other: &Quantity, day: Option<NaiveDate>) -> bool {
    let understood = || {
        let day = day?;
        Some(cites_unit(one, day)? == cites_unit(other, day)?)
    };
    one.unit == other.unit || understood().unwrap_or(false)
}

/// A quantity in words: `10 NAR`, `5`.
pub(super) fn shown(quantity: &Quantity) -> String {
    let unit = quantity.unit.as_ref().map_or(Cow::Borrowed(""), |unit| format!(" {unit}").into());
    format!("{}{unit}", quantity.amount)
}
