//! What stands in the boxes that a permit has once?

use epix_core::permit::{
    Address, Authentication, Examination, Identifier, Location, Moment, Permit, Person, Text, TradeParty,
};

use super::super::words;
use super::Sheet;
use super::position::{number_and_date, referred};

/// Boxes 1 to 6.
pub(super) fn before_positions(permit: &Permit, sheet: &mut Sheet) {
    let document = &permit.document;
    sheet.row("1", "Permit/certificate no.", document.number.as_ref().map(identifier));
    sheet.part("Type", document.document_type.as_ref().map(|kind| words::document_type(&kind.code)));
    sheet.part("Title", texts(&document.names));
    sheet
        .part("Original or copy", document.is_copy.map(|is_copy| if is_copy { "copy" } else { "original" }.to_owned()));
    let validity = permit.validity();
    sheet.row("2", "Valid until", validity.and_then(|period| period.end.as_ref()).map(moment));
    sheet.part("Valid from", validity.and_then(|period| period.start.as_ref()).map(moment));
    let consignee = permit.consignment.consignee.as_ref();
    sheet.row("3", "Importer", party(consignee));
    country_of_import(permit, sheet);
    sheet.row("4", "Exporter/re-exporter", with_country(permit.consignment.consignor.as_ref()));
    signature(sheet, "Applicant", document.applicant.as_ref());
    sheet.row("5", "Special conditions", texts(&document.conditions));
    let purposes = document.purposes.iter().map(words::purpose);
    sheet.row("5a", "Purpose of the transaction", purposes.chain(document.purpose_text.iter().map(text)));
    let authority = document.issuing_authority.as_ref();
    sheet.row("5b", "Security stamp no.", authority.into_iter().flat_map(|block| &block.ids).map(identifier));
    sheet.row("6", "Management Authority", with_country(authority.and_then(|block| block.provider.as_ref())));
    if let Some(block) = authority {
        signed(sheet, block);
    }
}

/// Box 3a, which toolkit 1.0 says in two places; what the importer's address contradicts is shown beside it.
fn country_of_import(permit: &Permit, sheet: &mut Sheet) {
    let mut consignment = permit.consignment.clone();
    consignment.settle_import_country();
    let address = consignment.consignee.as_ref().and_then(|party| party.address.as_ref());
    sheet.row("3a", "Country of import", address.and_then(country));
    let apart = consignment.import_country.as_ref();
    if let Some(apart) = apart.and_then(|apart| named(&apart.names, &apart.ids)) {
        sheet.part("Named apart", Some(apart));
    }
}

/// Boxes 13 to 15.
pub(super) fn after_positions(permit: &Permit, sheet: &mut Sheet) {
    let document = &permit.document;
    sheet.heading("Issue and endorsement");
    sheet.row("13", "Issued at", document.place_of_issue.as_ref().and_then(place));
    sheet.part("Issued on", document.issued.as_ref().map(moment));
    signature(sheet, "Issuing official", document.issuing_official.as_ref());
    let endorsed = permit.consignment.items.iter().filter_map(|item| {
        let letter = item.id().map_or("?", |id| id.as_str());
        item.endorsed().map(|quantity| format!("{letter}: {}", super::position::quantity(quantity)))
    });
    sheet.row("14", "Export endorsement", endorsed);
    for examination in &permit.consignment.examinations {
        examined(sheet, examination);
    }
    signature(sheet, "Examining authority", document.examining_authority.as_ref());
    let waybill = permit.consignment.transport_document.as_ref();
    sheet.row("15", "Bill of lading/air waybill", waybill.and_then(number_and_date));
    sheet.part("Refers to", document.references.iter().filter_map(referred));
}

/// When, where and by whom something was examined (box 14).
pub(super) fn examined(sheet: &mut Sheet, examination: &Examination) {
    sheet.part("Quantity examined", examination.quantity.as_ref().map(super::position::quantity));
    examined_by(sheet, examination);
}

/// The same for a position, whose quantity stands in a box of its own.
pub(super) fn examined_by(sheet: &mut Sheet, examination: &Examination) {
    sheet.part("Examined on", examination.occurred.as_ref().map(moment));
    sheet.part("Examined at", examination.place.as_ref().and_then(place));
    for certifier in &examination.certifiers {
        sheet.part("Certified by", with_country(Some(certifier)));
    }
}

/// A signature block: who, and when, where and with which statement.
fn signature(sheet: &mut Sheet, title: &str, block: Option<&Authentication>) {
    let Some(block) = block else { return };
    sheet.part(title, with_country(block.provider.as_ref()));
    sheet.part("Stamp or seal", block.ids.iter().map(identifier));
    signed(sheet, block);
}

fn signed(sheet: &mut Sheet, block: &Authentication) {
    sheet.part("Signed on", block.signed.as_ref().map(moment));
    sheet.part("Signed at", block.place.as_ref().and_then(place));
    sheet.part("Statement", block.statement.as_ref().map(text));
}

/// A text as written.
pub(super) fn text(text: &Text) -> String {
    text.as_str().to_owned()
}

/// Texts as written, one after the other.
pub(super) fn texts(all: &[Text]) -> Vec<String> {
    all.iter().map(text).collect()
}

/// An identifier as written.
pub(super) fn identifier(identifier: &Identifier) -> String {
    identifier.as_str().to_owned()
}

/// A date and time as written.
pub(super) fn moment(moment: &Moment) -> String {
    moment.as_str().to_owned()
}

/// Names of a place with its codes: `Port of Neverland (XAPRT)`.
pub(super) fn place(place: &Location) -> Option<String> {
    named(&place.names, &place.ids)
}

/// Names with codes behind them, or whichever there is.
pub(super) fn named(names: &[Text], ids: &[Identifier]) -> Option<String> {
    let names: Vec<String> = names.iter().map(|name| name.as_str().trim().to_owned()).collect();
    let ids: Vec<&str> = ids.iter().map(Identifier::as_str).collect();
    match (names.is_empty(), ids.is_empty()) {
        (true, true) => None,
        (true, false) => Some(ids.join(", ")),
        (false, true) => Some(names.join(", ")),
        (false, false) => Some(format!("{} ({})", names.join(", "), ids.join(", "))),
    }
}

/// The lines of a party without its country, which has a box of its own.
fn party(party: Option<&TradeParty>) -> Vec<String> {
    let Some(party) = party else { return Vec::new() };
    let mut lines: Vec<String> = party.name.iter().map(text).collect();
    lines.extend(party.ids.iter().map(|id| format!("id {}", identifier(id))));
    lines.extend(person("represented by", party.representative.as_ref()));
    lines.extend(party.signatories.iter().filter_map(|signatory| person("signed by", Some(signatory))));
    lines.extend(party.address.iter().flat_map(address));
    lines
}

fn with_country(of: Option<&TradeParty>) -> Vec<String> {
    let mut lines = party(of);
    lines.extend(of.and_then(|party| party.address.as_ref()).and_then(country));
    lines
}

fn person(how: &str, person: Option<&Person>) -> Option<String> {
    person?.name.as_ref().map(|name| format!("{how} {}", name.as_str().trim()))
}

fn address(address: &Address) -> Vec<String> {
    let mut lines = texts(&address.streets);
    lines.extend(address.post_office_box.iter().map(|number| format!("P.O. box {}", number.as_str().trim())));
    let postcodes = address.postcodes.iter().map(|postcode| postcode.code.as_str().to_owned());
    let city: Vec<String> = postcodes.chain(address.city.iter().map(|city| city.as_str().trim().to_owned())).collect();
    lines.push(city.join(" "));
    lines.extend(texts(&address.subdivisions));
    lines
}

fn country(address: &Address) -> Option<String> {
    named(&address.country_names, address.country.as_slice())
}
