//! A permit without XML: what the paper form of Res. Conf. 12.3 (Annex 2) says, whatever version carried it.
//!
//! The model holds boxes 1 to 15, every attribute that carries meaning, and the message context. It knows no element
//! names; the descriptions in `wire` bind it to a toolkit version. Lists keep their order, texts their line breaks,
//! dates their zone, unknown codes their letters.

pub mod boxes;
mod code;
mod consignment;
mod document;
mod facts;
mod moment;
mod party;
mod path;
mod quantity;
mod value;

pub use code::{Appendix, DocumentType, Purpose, SignatoryRole, Source};
pub use consignment::{
    Consignment, Examination, Item, LineItem, Package, RegulatoryProcedure, ShippingMarks, TradeProduct,
};
pub use document::{
    Authentication, ContextParameter, Document, DocumentContext, DocumentVersion, Period, ReferencedDocument,
};
pub use facts::Fact;
pub use moment::Moment;
pub use party::{Address, Location, Person, TradeCountry, TradeParty};
pub(crate) use path::at;
pub use path::{ModelPath, Step};
pub use quantity::Quantity;
pub(crate) use value::collapse;
pub use value::{Coded, Identifier, Text, ValueError, Word, is_xml_blank, is_xml_char};

use serde::{Deserialize, Serialize};

pub use crate::id::Amount;
use crate::id::Country;

/// A CITES permit or certificate.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Permit {
    /// The processing context of the message.
    pub context: DocumentContext,
    /// The permit as a document.
    pub document: Document,
    /// What travels.
    pub consignment: Consignment,
}

impl Permit {
    /// The country that issued the permit: the address of the issuing Management Authority (box 6).
    ///
    /// `None` when it is absent or no two-letter code.
    pub fn issuing_country(&self) -> Option<Country> {
        country_of(self.document.issuing_authority.as_ref()?.provider.as_ref()?)
    }

    /// The country of import (box 3a): the address of the consignee, else the country that toolkit 1.0 names apart.
    pub fn destination(&self) -> Option<Country> {
        let named_apart = || Country::parse(self.consignment.import_country.as_ref()?.ids.first()?.as_str()).ok();
        self.consignment.consignee.as_ref().and_then(country_of).or_else(named_apart)
    }

    /// The validity (box 2): the document's own period, or the copy of it that some senders put into a reference.
    pub fn validity(&self) -> Option<&Period> {
        let copy = || self.document.references.iter().find_map(|reference| reference.validity.as_ref());
        self.document.validity.as_ref().or_else(copy)
    }

    /// True when customs has certified quantities (box 14): then the document is final.
    pub fn is_endorsed(&self) -> bool {
        self.consignment.items.iter().any(|item| item.endorsed().is_some())
    }
}

fn country_of(party: &TradeParty) -> Option<Country> {
    let code = party.address.as_ref()?.country.as_ref()?;
    Country::parse(code.as_str()).ok()
}
