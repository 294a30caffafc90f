//! Who and where: parties, persons, addresses, places.

use serde::{Deserialize, Serialize};

use super::value::{Coded, Identifier, Text, Word};

/// A person or organisation named on the permit.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct TradeParty {
    /// Identifiers of the party.
    pub ids: Vec<Identifier>,
    /// Name of the party.
    pub name: Option<Text>,
    /// Postal address.
    pub address: Option<Address>,
    /// Person representing the party.
    pub representative: Option<Person>,
    /// Persons who sign with authority.
    pub signatories: Vec<Person>,
}

/// A person, of whom the toolkit carries the name.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Person {
    /// The name.
    pub name: Option<Text>,
}

/// A postal address.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Address {
    /// Postcodes; senders may give several.
    pub postcodes: Vec<Coded<Word>>,
    /// Post office box.
    pub post_office_box: Option<Text>,
    /// Street, one entry per line.
    pub streets: Vec<Text>,
    /// City.
    pub city: Option<Text>,
    /// Country, ISO 3166-1 alpha-2.
    pub country: Option<Identifier>,
    /// More codes of the country behind the first one; only toolkit 1.0 has a place for them.
    pub further_countries: Vec<Identifier>,
    /// Names of the country.
    pub country_names: Vec<Text>,
    /// State or province.
    pub subdivisions: Vec<Text>,
}

impl Address {
    /// True when the address says the same country, or none at all.
    pub(super) fn may_be_in(&self, country: &TradeCountry) -> bool {
        match (&self.country, country.ids.first()) {
            (Some(own), Some(other)) => own.value == other.value,
            _ => self.country_names.is_empty() || self.country_names.iter().any(|name| country.names.contains(name)),
        }
    }
}

/// A place: a port, a place of issue or signature.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Location {
    /// Codes of the place (UN/LOCODE is the natural scheme: inferred, no source names one).
    pub ids: Vec<Identifier>,
    /// Names of the place.
    pub names: Vec<Text>,
}

/// A country of origin, of last re-export or of import.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct TradeCountry {
    /// Country codes, ISO 3166-1 alpha-2 and the special codes of CITES (XX, XV, ZZ).
    pub ids: Vec<Identifier>,
    /// Names of the country.
    pub names: Vec<Text>,
    /// State or province; only toolkit 1.0 has a place for it.
    pub subdivisions: Vec<Text>,
}
