//! Boxes 3, 3a and 4: who sends to whom, and from where to where?

use super::context::{Context, country_code, country_of, has_address, is_kind, kind};
use super::found::Found;
use super::row::{Need, Row};
use crate::codes::Grade::{Certain, Inferred, Recalled};
use crate::codes::{Language, Lookup, country};
use crate::id::Country;
use crate::permit::{DocumentType, ModelPath, Permit, TradeParty, at};
use crate::report::{RuleId, Severity};

const NAMED: &str = "Convention Art. VI; 50 CFR 23.23; Reg. (EC) 865/2006";

pub(super) const ROWS: &[Row] = &[
    Row {
        id: RuleId("EPIX-PARTY-01"),
        catalogue: "F06",
        form_box: "3",
        sentence: "a permit must name the importer",
        remedy: "give the full name of the importer in box 3",
        source: NAMED,
        test: |permit, _, found| {
            if !is_owners(permit) && name(importer(permit)).is_none() {
                found.at(|| at!(consignment.consignee.name));
            }
        },
        ..Row::USUAL
    },
    Row {
        id: RuleId("EPIX-PARTY-02"),
        catalogue: "F06",
        form_box: "3",
        sentence: "a permit must give the address of the importer",
        remedy: "give street, city and postcode of the importer in box 3",
        source: NAMED,
        test: |permit, _, found| {
            if !is_owners(permit) && !has_address(importer(permit)) {
                found.at(|| at!(consignment.consignee.address));
            }
        },
        ..Row::USUAL
    },
    Row {
        id: RuleId("EPIX-PARTY-03"),
        catalogue: "F06",
        form_box: "3a",
        sentence: "a permit must name the country of import",
        remedy: "give the country of the importer's address in box 3a",
        source: NAMED,
        test: |permit, _, found| {
            if !is_owners(permit) && import_code(permit).is_none() {
                found.at(|| at!(consignment.consignee.address.country));
            }
        },
        ..Row::USUAL
    },
    Row {
        id: RuleId("EPIX-PARTY-04"),
        catalogue: "F06",
        form_box: "4",
        sentence: "a permit must name the exporter or re-exporter",
        remedy: "give the full name of the exporter in box 4",
        source: NAMED,
        test: |permit, _, found| {
            if name(exporter(permit)).is_none() {
                found.at(|| at!(consignment.consignor.name));
            }
        },
        ..Row::USUAL
    },
    Row {
        id: RuleId("EPIX-PARTY-05"),
        catalogue: "F06",
        form_box: "4",
        sentence: "a permit must give the address of the exporter or re-exporter",
        remedy: "give street, city and postcode of the exporter in box 4",
        source: NAMED,
        test: |permit, _, found| {
            if !has_address(exporter(permit)) {
                found.at(|| at!(consignment.consignor.address));
            }
        },
        ..Row::USUAL
    },
    Row {
        id: RuleId("EPIX-PARTY-06"),
        catalogue: "F06",
        form_box: "4",
        sentence: "a permit must name the country of export or re-export",
        remedy: "give the country of the exporter's address in box 4",
        source: NAMED,
        test: |permit, _, found| {
            if country_code(exporter(permit)).is_none() {
                found.at(|| at!(consignment.consignor.address.country));
            }
        },
        ..Row::USUAL
    },
    Row {
        id: RuleId("EPIX-PARTY-07"),
        catalogue: "F07",
        form_box: "3a",
        sentence: "the country of import must be a code of ISO 3166-1",
        remedy: "write the two capital letters of the country",
        source: "ISO 3166-1; UNEP-WCMC checks",
        needs: &[Need::Day],
        test: |permit, context, found| {
            unknown_country(import_code(permit), context, found, || import_path(permit));
        },
        ..Row::USUAL
    },
    Row {
        id: RuleId("EPIX-PARTY-08"),
        catalogue: "F07",
        form_box: "4",
        sentence: "the country of export must be a code of ISO 3166-1, or HS for the sea",
        remedy: "write the two capital letters of the country",
        source: "ISO 3166-1; UNEP-WCMC checks",
        needs: &[Need::Day],
        test: |permit, context, found| {
            let path = || at!(consignment.consignor.address.country);
            unknown_country(country_code(exporter(permit)), context, found, path);
        },
        ..Row::USUAL
    },
    Row {
        id: RuleId("EPIX-PARTY-09"),
        catalogue: "F07",
        form_box: "3a, 4, 6",
        sentence: "a country should have its code on the day of issue",
        remedy: "write the code of the country that is there today",
        source: "ISO 3166-1 and 3166-3",
        grade: Inferred,
        severity: Severity::Warning,
        needs: &[Need::Day],
        test: |permit, context, found| {
            former_country(import_code(permit), context, found, || import_path(permit));
            former_country(country_code(exporter(permit)), context, found, || {
                at!(consignment.consignor.address.country)
            });
            let issuer = || at!(document.issuing_authority.provider.address.country);
            former_country(country_code(authority(permit)), context, found, issuer);
        },
        ..Row::USUAL
    },
    Row {
        id: RuleId("EPIX-PARTY-10"),
        catalogue: "F07",
        form_box: "3a",
        sentence: "the country of import should not be the country of export",
        remedy: "compare the countries of boxes 3a and 4",
        source: "Res. Conf. 12.3; UNEP-WCMC checks",
        grade: Recalled,
        severity: Severity::Warning,
        test: |permit, _, found| {
            let (Some(to), Some(from)) = (permit.destination(), country_of(exporter(permit))) else { return };
            if to == from && !is_owners(permit) {
                found.add(|| (import_path(permit), format!("both are {to}")));
            }
        },
        ..Row::USUAL
    },
    Row {
        id: RuleId("EPIX-PARTY-11"),
        form_box: "4, 6",
        sentence: "an export permit or re-export certificate should be issued in the exporter's country, an import permit in the importer's",
        remedy: "compare the country of the Management Authority (box 6) with boxes 3a and 4",
        source: "Convention Art. III to V",
        grade: Inferred,
        severity: Severity::Warning,
        test: |permit, _, found| {
            let (concerned, path): (_, fn(&Permit) -> ModelPath) = match kind(permit) {
                Some(DocumentType::Import) => (permit.destination(), import_path),
                Some(DocumentType::Export | DocumentType::ReExport) => {
                    (country_of(exporter(permit)), |_| at!(consignment.consignor.address.country))
                }
                _ => return,
            };
            let (Some(party), Some(issuer)) = (concerned, permit.issuing_country()) else { return };
            if party != issuer {
                found.add(|| (path(permit), format!("it is {party}, and {issuer} issued the permit")));
            }
        },
        ..Row::USUAL
    },
    Row {
        id: RuleId("EPIX-PARTY-12"),
        form_box: "3a, 4, 6",
        sentence: "a country must be written in capital letters",
        remedy: "write the two capital letters of the country",
        source: "ISO 3166-1",
        grade: Certain,
        severity: Severity::Note,
        lenient: Some("two letters are read as the same country in any case"),
        test: |permit, _, found| {
            let mut small = |code: Option<&str>, path: fn() -> ModelPath| {
                let Some((code, country)) = code.and_then(|code| Some((code, Country::parse(code).ok()?))) else {
                    return;
                };
                if code != country.as_str() {
                    found.add(|| (path(), format!("it is {code:?}")));
                }
            };
            small(country_code(importer(permit)), || at!(consignment.consignee.address.country));
            small(country_code(exporter(permit)), || at!(consignment.consignor.address.country));
            small(country_code(authority(permit)), || at!(document.issuing_authority.provider.address.country));
        },
        ..Row::USUAL
    },
];

fn importer(permit: &Permit) -> Option<&TradeParty> {
    permit.consignment.consignee.as_ref()
}

/// The country of import as written: of the importer's address, else where toolkit 1.0 names it apart.
fn import_code(permit: &Permit) -> Option<&str> {
    let named_apart = || permit.consignment.import_country.as_ref()?.ids.first().map(|id| id.as_str());
    country_code(importer(permit)).or_else(named_apart)
}

fn import_path(permit: &Permit) -> ModelPath {
    match (country_code(importer(permit)), &permit.consignment.import_country) {
        (None, Some(_)) => at!(consignment.import_country.ids[0]),
        _ => at!(consignment.consignee.address.country),
    }
}

fn exporter(permit: &Permit) -> Option<&TradeParty> {
    permit.consignment.consignor.as_ref()
}

pub(super) fn authority(permit: &Permit) -> Option<&TradeParty> {
    permit.document.issuing_authority.as_ref()?.provider.as_ref()
}

pub(super) fn name(party: Option<&TradeParty>) -> Option<&str> {
    party?.name.as_ref().map(|name| name.as_str())
}

/// True for documents that may travel with their owner, who is exporter and importer: passports, instruments, exhibitions.
fn is_owners(permit: &Permit) -> bool {
    is_kind(permit, &DocumentType::Other)
}

/// Objects to a code that no list has. Codes that ISO 3166-1 leaves to its users pass: they are for tests, and for those who agreed on them.
pub(super) fn unknown_country(
    code: Option<&str>,
    context: &Context<'_>,
    found: &mut Found,
    path: impl FnOnce() -> ModelPath,
) {
    let (Some(code), Some(day)) = (code, context.day) else { return };
    let known = Country::parse(code)
        .is_ok_and(|letters| country::is_user_assigned(letters) || !country::look_up(letters, day).is_unknown());
    if !known {
        found.add(|| {
            let hint = country::hint(code).map(|hint| format!("; {} may be meant", hint.code)).unwrap_or_default();
            (path(), format!("{code:?} is none{hint}"))
        });
    }
}

/// Objects to a code that was or will be.
fn former_country(code: Option<&str>, context: &Context<'_>, found: &mut Found, path: impl FnOnce() -> ModelPath) {
    let (Some(code), Some(day)) = (code, context.day) else { return };
    let Ok(letters) = Country::parse(code) else { return };
    if country::is_user_assigned(letters) {
        return;
    }
    if let Lookup::Former(entry) | Lookup::NotYet(entry) = country::look_up(letters, day) {
        found.add(|| (path(), format!("{code} ({}) has none on {day}", entry.name(Language::English))));
    }
}
