//! The parts of the model that toolkit 1.0 lays out otherwise, as it lays them out, and the way there and back.

use super::super::carry::Carrier;
use super::super::describe::{Content, Shape};
use super::super::reader::Reader;
use super::super::tree::Node;
use super::super::writer::Writer;
use super::names::Version1;
use crate::permit::{Address, Coded, Identifier, Text, TradeCountry, Word};

/// A country with its state or province as an element of its own.
#[derive(Debug, Clone, Default)]
pub(super) struct Country {
    pub(super) ids: Vec<Identifier>,
    pub(super) names: Vec<Text>,
    pub(super) subdivision: Option<SubDivision>,
}

/// A state or province.
#[derive(Debug, Clone, Default)]
pub(super) struct SubDivision {
    pub(super) names: Vec<Text>,
}

/// An address whose country is an element of its own.
#[derive(Debug, Clone, Default)]
pub(super) struct PostalAddress {
    pub(super) postcodes: Vec<Coded<Word>>,
    pub(super) post_office_box: Option<Text>,
    pub(super) streets: Vec<Text>,
    pub(super) city: Option<Text>,
    pub(super) country: Option<TradeCountry>,
}

impl From<TradeCountry> for Country {
    fn from(country: TradeCountry) -> Country {
        let TradeCountry { ids, names, subdivisions } = country;
        let subdivision = (!subdivisions.is_empty()).then_some(SubDivision { names: subdivisions });
        Country { ids, names, subdivision }
    }
}

impl From<Country> for TradeCountry {
    fn from(country: Country) -> TradeCountry {
        let Country { ids, names, subdivision } = country;
        TradeCountry { ids, names, subdivisions: subdivision.map(|found| found.names).unwrap_or_default() }
    }
}

impl From<Address> for PostalAddress {
    fn from(address: Address) -> PostalAddress {
        let Address { postcodes, post_office_box, streets, city, .. } = address;
        let ids = address.country.into_iter().chain(address.further_countries).collect();
        let country = TradeCountry { ids, names: address.country_names, subdivisions: address.subdivisions };
        let country = (country != TradeCountry::default()).then_some(country);
        PostalAddress { postcodes, post_office_box, streets, city, country }
    }
}

impl From<PostalAddress> for Address {
    fn from(address: PostalAddress) -> Address {
        let PostalAddress { postcodes, post_office_box, streets, city, country } = address;
        let TradeCountry { ids, names, subdivisions } = country.unwrap_or_default();
        let mut ids = ids.into_iter();
        let (country, further_countries) = (ids.next(), ids.collect());
        Address {
            postcodes,
            post_office_box,
            streets,
            city,
            country,
            further_countries,
            country_names: names,
            subdivisions,
        }
    }
}

/// Describes parts of the model by what they are laid out as.
macro_rules! laid_out {
    ($($type:ty as $layout:ty;)+) => {$(
        impl Content<Version1> for $type {
            fn shape() -> Shape {
                <$layout as Content<Version1>>::shape()
            }

            fn read(node: Node<'_, '_>, reader: &mut Reader<'_>) -> Option<$type> {
                <$layout as Content<Version1>>::read(node, reader).map(<$type>::from)
            }

            fn write(&self, name: &str, writer: &mut Writer) {
                Content::<Version1>::write(&<$layout>::from(self.clone()), name, writer);
            }

            fn carried(&self, carrier: &mut Carrier<'_>) -> Option<$type> {
                Content::<Version1>::carried(&<$layout>::from(self.clone()), carrier).map(<$type>::from)
            }
        }
    )+};
}

laid_out! {
    TradeCountry as Country;
    Address as PostalAddress;
}
