//! What travels: exporter, importer, positions, quantities, endorsement (boxes 3, 4, 7 to 12b, 14, 15).

use serde::{Deserialize, Serialize};

use super::code::{Appendix, Source};
use super::document::ReferencedDocument;
use super::moment::Moment;
use super::party::{Location, TradeCountry, TradeParty};
use super::quantity::Quantity;
use super::value::{Coded, Identifier, Text, Word};

/// The consignment covered by the permit.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Consignment {
    /// Exporter or re-exporter (box 4).
    pub consignor: Option<TradeParty>,
    /// Importer (box 3); the country of its address is the country of import (box 3a).
    pub consignee: Option<TradeParty>,
    /// Bill of lading or air waybill (box 15).
    pub transport_document: Option<ReferencedDocument>,
    /// Export endorsement: when, where and by whom the consignment was examined (box 14).
    pub examinations: Vec<Examination>,
    /// The positions of the form (blocks A, B, C …).
    pub items: Vec<Item>,
    /// Country of import (box 3a) where it is named apart from the consignee; only toolkit 1.0 has a place for it.
    pub import_country: Option<TradeCountry>,
}

/// An examination at the border (box 14).
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Examination {
    /// When.
    pub occurred: Option<Moment>,
    /// Quantity found; on a position, what really left.
    pub quantity: Option<Quantity>,
    /// Where.
    pub place: Option<Location>,
    /// Who certified it.
    pub certifiers: Vec<TradeParty>,
}

/// One position (block) of the form.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Item {
    /// Letter of the block; the key of `ConfirmQuantities`.
    pub ids: Vec<Identifier>,
    /// Identifying marks, tags, rings, microchips (box 9).
    pub marks: Vec<ShippingMarks>,
    /// Country of origin (box 12).
    pub origin: Option<TradeCountry>,
    /// Country of last re-export (box 12a).
    pub last_reexport: Option<TradeCountry>,
    /// Permit of the country of origin and certificate of last re-export (boxes 12, 12a).
    pub documents: Vec<ReferencedDocument>,
    /// Carrier of the permitted quantity (box 11).
    pub packages: Vec<Package>,
    /// Species and specimen (boxes 7 to 10).
    pub lines: Vec<LineItem>,
    /// What was found at examination (box 14).
    pub examinations: Vec<Examination>,
    /// Quota, operation, date of acquisition (boxes 11a, 12b).
    pub procedures: Vec<RegulatoryProcedure>,
}

/// Marks on a package or specimen.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct ShippingMarks {
    /// One mark or number each.
    pub markings: Vec<Text>,
}

/// A package; of it the toolkit carries the quantity.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Package {
    /// Permitted quantity with unit (box 11).
    pub quantity: Option<Quantity>,
}

/// Species and specimen, Appendix and source.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct LineItem {
    /// Appendix (box 10).
    pub appendix: Option<Appendix>,
    /// Source (box 10).
    pub source: Option<Source>,
    /// The species and the specimen.
    pub product: Option<TradeProduct>,
}

/// The species and the specimen (boxes 7 to 9).
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct TradeProduct {
    /// Identifier given by the seller (box 9, inferred).
    pub seller_assigned_id: Option<Identifier>,
    /// Identifiers given by the producer (box 9, inferred).
    pub manufacturer_assigned_ids: Vec<Identifier>,
    /// Description of the specimens in words (box 9).
    pub descriptions: Vec<Text>,
    /// Description of the specimens as term code (box 9).
    pub terms: Vec<Coded<Word>>,
    /// Common names (box 8).
    pub common_names: Vec<Text>,
    /// Scientific names (box 7).
    pub scientific_names: Vec<Text>,
}

/// Quota, operation, date of acquisition (boxes 11a, 12b).
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct RegulatoryProcedure {
    /// Category; disputed: shown in box 12b by one consumer, an operation number to another.
    pub categories: Vec<Coded<Word>>,
    /// Exported so far in the calendar year (box 11a).
    pub used_to_date: Option<Quantity>,
    /// Annual quota (box 11a).
    pub annual_quota: Option<Quantity>,
    /// Date of acquisition of a pre-Convention specimen (box 12b).
    pub acquired: Option<Moment>,
    /// Document naming the operation (box 12b).
    pub previous_documents: Vec<ReferencedDocument>,
}

impl Consignment {
    /// Says the country of import (box 3a) in one place: the address of the consignee takes what it does not say itself.
    ///
    /// What the address contradicts stays apart.
    pub fn settle_import_country(&mut self) {
        let Some(mut apart) = self.import_country.take() else { return };
        let address = self.consignee.get_or_insert_default().address.get_or_insert_default();
        if address.may_be_in(&apart) {
            if address.country.is_none() {
                let mut ids = std::mem::take(&mut apart.ids).into_iter();
                (address.country, address.further_countries) = (ids.next(), ids.collect());
            }
            if address.country_names.is_empty() {
                address.country_names = std::mem::take(&mut apart.names);
            }
            apart.ids.retain(|id| address.country.as_ref() != Some(id) && !address.further_countries.contains(id));
            apart.names.retain(|name| !address.country_names.contains(name));
        }
        self.import_country = (apart != TradeCountry::default()).then_some(apart);
    }

    /// Names the country of import (box 3a) apart from the consignee, where only the address of the consignee says it.
    pub fn name_import_country(&mut self) {
        let address = self.consignee.as_ref().and_then(|consignee| consignee.address.as_ref());
        let (None, Some(address)) = (&self.import_country, address) else { return };
        // Schemes and languages stay where they are: they are facts of the address.
        let id = |id: &Identifier| Identifier { scheme: None, scheme_agency: None, ..id.clone() };
        let name = |name: &Text| {
            let mut name = name.clone();
            name.language = None;
            name
        };
        let country = TradeCountry {
            ids: address.country.iter().chain(&address.further_countries).map(id).collect(),
            names: address.country_names.iter().map(name).collect(),
            subdivisions: Vec::new(),
        };
        self.import_country = (country != TradeCountry::default()).then_some(country);
    }
}

impl Item {
    /// The letter of the position; the first one where a sender gave several.
    pub fn id(&self) -> Option<&Identifier> {
        self.ids.first()
    }

    /// The permitted quantity (box 11); the first one where a sender gave several packages.
    pub fn permitted(&self) -> Option<&Quantity> {
        self.packages.iter().find_map(|package| package.quantity.as_ref())
    }

    /// The quantity that customs certified (box 14).
    pub fn endorsed(&self) -> Option<&Quantity> {
        self.examinations.iter().find_map(|examination| examination.quantity.as_ref())
    }

    /// All scientific names of the position, in order (box 7).
    pub fn scientific_names(&self) -> impl Iterator<Item = &Text> {
        self.products().flat_map(|product| &product.scientific_names)
    }

    /// All products of the position, in order.
    pub fn products(&self) -> impl Iterator<Item = &TradeProduct> {
        self.lines.iter().filter_map(|line| line.product.as_ref())
    }

    /// The permit of the country of origin (box 12).
    pub fn origin_permit(&self) -> Option<&ReferencedDocument> {
        self.document_where(|kind| kind.is_origin())
    }

    /// The certificate of last re-export (box 12a).
    pub fn reexport_certificate(&self) -> Option<&ReferencedDocument> {
        self.document_where(|kind| kind.is_reexport())
    }

    fn document_where(&self, wanted: impl Fn(&super::DocumentType) -> bool) -> Option<&ReferencedDocument> {
        self.documents.iter().find(|document| document.document_type.as_ref().is_some_and(|kind| wanted(&kind.code)))
    }
}
