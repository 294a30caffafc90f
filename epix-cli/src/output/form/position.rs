//! What stands in the boxes of one position (block A, B, C …)?

use epix_core::permit::{Item, LineItem, Quantity, ReferencedDocument, RegulatoryProcedure, TradeCountry};

use super::super::words;
use super::Sheet;
use super::boxes::{examined_by, identifier, moment, named, text, texts};

/// Boxes 7 to 12b, and what box 14 says of this position.
pub(super) fn position(item: &Item, sheet: &mut Sheet) {
    let letters: Vec<&str> = item.ids.iter().map(|id| id.as_str()).collect();
    let letters = if letters.is_empty() { "without letter".to_owned() } else { letters.join(", ") };
    sheet.heading(&format!("Position {letters}"));
    sheet.row("7", "Scientific name", item.scientific_names().map(text));
    sheet.row("8", "Common name", item.products().flat_map(|product| &product.common_names).map(text));
    description(item, sheet);
    sheet.row("10", "Appendix and source", item.lines.iter().filter_map(appendix_and_source));
    let packages = item.packages.iter().filter_map(|package| package.quantity.as_ref());
    sheet.row("11", "Quantity permitted", packages.map(quantity));
    sheet.row("11a", "Total exported/quota", item.procedures.iter().filter_map(quota));
    let origin = item.origin_permit();
    sheet.row("12", "Country of origin", country(item.origin.as_ref()));
    sheet.part("Permit no., date", origin.and_then(number_and_date));
    let reexport = item.reexport_certificate();
    sheet.row("12a", "Country of last re-export", country(item.last_reexport.as_ref()));
    sheet.part("Certificate no., date", reexport.and_then(number_and_date));
    for document in &item.documents {
        let is_shown = [origin, reexport].into_iter().flatten().any(|shown| std::ptr::eq(shown, document));
        if !is_shown {
            sheet.part("Other document", referred(document));
        }
    }
    sheet.row("12b", "Operation or acquisition", item.procedures.iter().flat_map(operation));
    endorsement(item, sheet);
}

/// Description with marks and numbers (box 9).
fn description(item: &Item, sheet: &mut Sheet) {
    let products = || item.products();
    let terms = products().flat_map(|product| &product.terms).map(|term| term.code.as_str().to_owned());
    let descriptions = products().flat_map(|product| texts(&product.descriptions));
    sheet.row("9", "Description of specimens", terms.chain(descriptions));
    let marks = item.marks.iter().flat_map(|marks| &marks.markings);
    sheet.part("Marks and numbers", marks.map(text));
    let by_seller = products().filter_map(|product| product.seller_assigned_id.as_ref());
    let by_maker = products().flat_map(|product| &product.manufacturer_assigned_ids);
    sheet.part("Identifiers", by_seller.chain(by_maker).map(identifier));
}

fn appendix_and_source(line: &LineItem) -> Option<String> {
    let parts: Vec<String> =
        line.appendix.iter().map(words::appendix).chain(line.source.iter().map(words::source)).collect();
    (!parts.is_empty()).then(|| parts.join(", "))
}

/// A quantity with its unit as written: `2.75 KGM`; no unit means number of specimens.
pub(super) fn quantity(quantity: &Quantity) -> String {
    let unit = quantity.unit.as_ref().map(|unit| format!(" {unit}")).unwrap_or_default();
    format!("{}{unit}", quantity.amount)
}

fn quota(procedure: &RegulatoryProcedure) -> Option<String> {
    let (used, quota) = (procedure.used_to_date.as_ref(), procedure.annual_quota.as_ref());
    let shown = |part: Option<&Quantity>| part.map_or_else(|| "-".to_owned(), quantity);
    (used.is_some() || quota.is_some()).then(|| format!("{}/{}", shown(used), shown(quota)))
}

fn country(country: Option<&TradeCountry>) -> Option<String> {
    country.and_then(|country| named(&country.names, &country.ids))
}

/// Number and date of a document: `XC12345, 2026-01-05T00:24:00Z`.
pub(super) fn number_and_date(document: &ReferencedDocument) -> Option<String> {
    let name = named(&document.names, &document.ids);
    let parts: Vec<String> = name.into_iter().chain(document.issued.as_ref().map(moment)).collect();
    (!parts.is_empty()).then(|| parts.join(", "))
}

/// The same with the type in front.
pub(super) fn referred(document: &ReferencedDocument) -> Option<String> {
    let kind = document.document_type.as_ref().map(|kind| words::document_type(&kind.code));
    let parts: Vec<String> = kind.into_iter().chain(number_and_date(document)).collect();
    (!parts.is_empty()).then(|| parts.join(": "))
}

/// Number of the operation, or date of acquisition (box 12b).
fn operation(procedure: &RegulatoryProcedure) -> Vec<String> {
    let categories = procedure.categories.iter().map(|category| category.code.as_str().to_owned());
    let documents = procedure.previous_documents.iter().filter_map(number_and_date);
    let acquired = procedure.acquired.iter().map(|date| format!("acquired {}", moment(date)));
    categories.chain(documents).chain(acquired).collect()
}

fn endorsement(item: &Item, sheet: &mut Sheet) {
    let found = item.examinations.iter().filter_map(|examination| examination.quantity.as_ref());
    sheet.row("14", "Quantity confirmed", found.map(quantity));
    for examination in &item.examinations {
        examined_by(sheet, examination);
    }
}
