//! What may be known beside the document? Each source of knowledge is a trait; what is absent is said, not guessed.
//!
//! The core knows no clock, no species and no other permit. Who calls it may: a gateway its permits, an authority a copy of
//! the listings. A rule that needs what is absent is reported as skipped, with the reason.

use chrono::NaiveDate;

use crate::id::{Country, PermitNumber};
use crate::permit::{Appendix, Item, Permit, Purpose, Quantity, Source};

/// What is known beside the document. The default knows nothing and takes the document for one that was received.
#[derive(Clone, Copy, Default)]
pub struct Knowledge<'k> {
    /// The day of judging.
    pub today: Option<NaiveDate>,
    /// Whether the document is ours or another authority's.
    pub occasion: Occasion,
    /// Names, listings, distribution.
    pub species: Option<&'k dyn Species>,
    /// Export quotas.
    pub quotas: Option<&'k dyn Quotas>,
    /// Recommendations to suspend trade.
    pub suspensions: Option<&'k dyn Suspensions>,
    /// Other permits.
    pub permits: Option<&'k dyn Permits>,
    /// What authorities have told of their documents.
    pub authorities: Option<&'k dyn Authorities>,
}

/// On which occasion a document is judged.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Occasion {
    /// We are about to issue it: our own habits count.
    Issue,
    /// Another authority issued it.
    #[default]
    Receipt,
}

/// A kingdom of living things.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kingdom {
    /// Animals.
    Animals,
    /// Plants.
    Plants,
}

/// What is known of a name.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Taxon {
    /// The accepted name; the name itself where it is accepted.
    pub accepted: String,
    /// Its kingdom.
    pub kingdom: Kingdom,
    /// True for what lives in the sea.
    pub is_marine: bool,
}

/// Names, listings, distribution. Names come as written on the permit; `None` means that nothing is known.
pub trait Species {
    /// What a name stands for; `None` for a name that the table does not have.
    fn named(&self, name: &str) -> Option<Taxon>;
    /// The Appendices in which a taxon stands on a day, for a population where listings are split; none when unlisted.
    fn listed(&self, name: &str, population: Option<Country>, day: NaiveDate) -> Option<Vec<Appendix>>;
    /// The day of the first listing.
    fn first_listed(&self, name: &str) -> Option<NaiveDate>;
    /// Whether it lives in the wild in a country.
    fn lives_in(&self, name: &str, country: Country) -> Option<bool>;
    /// Whether a specimen of this term can come from the taxon.
    fn yields(&self, name: &str, term: &str) -> Option<bool>;
    /// Whether the annotation of the listing (`#5`, …) covers a specimen of this term.
    fn annotation_covers(&self, name: &str, term: &str, day: NaiveDate) -> Option<bool>;
}

/// Export quotas.
pub trait Quotas {
    /// The quota of a country for a taxon and term in a calendar year; `None` where there is none.
    fn quota(&self, exporter: Country, name: &str, term: Option<&str>, year: i32) -> Option<Quantity>;
}

/// A trade that may be suspended.
#[derive(Debug, Clone, Copy)]
pub struct Trade<'t> {
    /// Country of export or re-export.
    pub exporter: Option<Country>,
    /// Country of import.
    pub importer: Option<Country>,
    /// Scientific name as written.
    pub name: &'t str,
    /// Source.
    pub source: Option<&'t Source>,
    /// Purpose.
    pub purpose: Option<&'t Purpose>,
    /// The day.
    pub day: NaiveDate,
}

/// Recommendations to suspend trade, and bans that a Party has told of.
pub trait Suspensions {
    /// What suspends a trade, in words such as the number of a Notification; `None` when nothing does.
    fn against(&self, trade: &Trade<'_>) -> Option<String>;
}

/// Other permits.
pub trait Permits {
    /// Whether another document of this country has this number.
    fn is_taken(&self, issuer: Country, number: &PermitNumber) -> bool;
    /// Whether an import permit is on file that covers a position of an export permit: importer, species, quantity.
    fn import_is_granted(&self, permit: &Permit, item: &Item) -> bool;
}

/// What authorities have told of their documents.
pub trait Authorities {
    /// Whether a country uses security stamps (box 5b); `None` where it has not told.
    fn uses_stamps(&self, country: Country, day: NaiveDate) -> Option<bool>;
}
