//! Boxes 12 and 12a: from where, and by way of where?

use super::appendix::population;
use super::context::{country_of, has_conditions, is_kind, items, names};
use super::found::Found;
use super::party::unknown_country;
use super::row::{Need, Row, Span};
use crate::codes::Grade::{Certain, Inferred, Recalled};
use crate::codes::country::is_user_assigned;
use crate::id::Country;
use crate::permit::{
    Appendix, DocumentType, Item, LineItem, ModelPath, Moment, Permit, ReferencedDocument, Source, TradeCountry, at,
};
use crate::report::{RuleId, Severity};

pub(super) const ROWS: &[Row] = &[
    Row {
        id: RuleId("EPIX-ORIGIN-01"),
        catalogue: "F32",
        form_box: "12a",
        sentence: "an export permit must leave box 12a blank",
        remedy: "leave out the country and the certificate of last re-export, or issue a re-export certificate",
        source: "form of the EPIX viewer (footnote of box 12a); Res. Conf. 12.3",
        test: |permit, _, found| {
            for (i, item) in of_kind(permit, DocumentType::Export) {
                if item.last_reexport.is_some() {
                    found.at(|| at!(consignment.items[i].last_reexport));
                } else if let Some(k) = position(item, Which::LastReExport) {
                    found.at(|| at!(consignment.items[i].documents[k]));
                }
            }
        },
        ..Row::USUAL
    },
    Row {
        id: RuleId("EPIX-ORIGIN-02"),
        catalogue: "F32",
        form_box: "12",
        sentence: "an export permit must not name a permit of the country of origin",
        remedy: "leave out number and date in box 12, or issue a re-export certificate",
        source: "form of the EPIX viewer (footnote of box 12); Res. Conf. 12.3",
        test: |permit, _, found| {
            for (i, item) in of_kind(permit, DocumentType::Export) {
                if let Some(k) = position(item, Which::Origin) {
                    found.at(|| at!(consignment.items[i].documents[k]));
                }
            }
        },
        ..Row::USUAL
    },
    Row {
        id: RuleId("EPIX-ORIGIN-03"),
        catalogue: "F32",
        form_box: "12",
        sentence: "the country of origin on an export permit should be the country of export",
        remedy: "issue a re-export certificate for specimens of another origin",
        source: "Convention Art. III to V; Res. Conf. 12.3",
        grade: Inferred,
        severity: Severity::Warning,
        test: |permit, _, found| {
            let Some(exporter) = country_of(permit.consignment.consignor.as_ref()) else { return };
            for (i, item) in of_kind(permit, DocumentType::Export).filter(|(_, item)| !is_from_the_sea(item)) {
                if let Some(origin) = code_of(item.origin.as_ref()).filter(|origin| *origin != exporter) {
                    let words = || format!("it is {origin}, and the exporter is in {exporter}");
                    found.add(|| (at!(consignment.items[i].origin), words()));
                }
            }
        },
        ..Row::USUAL
    },
    Row {
        id: RuleId("EPIX-ORIGIN-04"),
        catalogue: "F33",
        form_box: "12",
        sentence: "a re-export certificate must name the country of origin, its permit and the date, or say in box 5 why not",
        remedy: "give country, permit number and date of origin in box 12, or the reason for leaving them out in box 5",
        source: "50 CFR 23.23; Res. Conf. 12.3",
        versions: Span::BUT_WCO,
        test: |permit, _, found| {
            if !has_conditions(permit) {
                origins_missing(permit, found);
            }
        },
        ..Row::USUAL
    },
    Row {
        id: RuleId("EPIX-ORIGIN-05"),
        catalogue: "F33",
        form_box: "5, 12",
        sentence: "where a re-export certificate leaves out part of box 12, box 5 should say why",
        remedy: "read in box 5 whether it gives the reason; no program can tell",
        source: "50 CFR 23.23; Res. Conf. 12.3",
        grade: Certain,
        severity: Severity::Warning,
        lenient: Some("box 5 has a text, which may be the reason"),
        versions: Span::BUT_WCO,
        test: |permit, _, found| {
            if has_conditions(permit) {
                origins_missing(permit, found);
            }
        },
        ..Row::USUAL
    },
    Row {
        id: RuleId("EPIX-ORIGIN-06"),
        catalogue: "F33",
        form_box: "12a",
        sentence: "box 12a should give country, certificate number and date of the last re-export together",
        remedy: "give all three in box 12a, or none and the reason in box 5",
        source: "Res. Conf. 12.3",
        grade: Recalled,
        severity: Severity::Warning,
        versions: Span::BUT_WCO,
        test: |permit, _, found| {
            for (i, item) in of_kind(permit, DocumentType::ReExport) {
                let given = item.last_reexport.is_some() || position(item, Which::LastReExport).is_some();
                if let Some(missing) = missing(item, Which::LastReExport).filter(|_| given) {
                    found.add(|| (missing.path(i), format!("the {} is missing", missing.what)));
                }
            }
        },
        ..Row::USUAL
    },
    Row {
        id: RuleId("EPIX-ORIGIN-07"),
        catalogue: "F34",
        form_box: "12",
        sentence: "the country of origin on a re-export certificate should not be the country that issues it",
        remedy: "issue an export permit for specimens of the own country",
        source: "UNEP-WCMC checks",
        grade: Certain,
        severity: Severity::Warning,
        lenient: Some("UNEP-WCMC asks back and does not refuse; specimens come home and leave again"),
        test: |permit, _, found| {
            let Some(issuer) = permit.issuing_country() else { return };
            for (i, item) in of_kind(permit, DocumentType::ReExport) {
                if code_of(item.origin.as_ref()) == Some(issuer) {
                    found.add(|| (at!(consignment.items[i].origin), format!("both are {issuer}")));
                }
            }
        },
        ..Row::USUAL
    },
    Row {
        id: RuleId("EPIX-ORIGIN-08"),
        catalogue: "F35",
        form_box: "12, 12a",
        sentence: "the permit of origin, the last re-export and the permit itself should follow one another in time",
        remedy: "compare the dates of boxes 12, 12a and 13",
        source: "order of things",
        grade: Inferred,
        severity: Severity::Warning,
        needs: &[Need::Day],
        test: |permit, context, found| {
            let Some(day) = context.day else { return };
            for (i, item) in items(permit) {
                let day_of =
                    |which| document(item, which).and_then(|(k, document)| Some((k, document.issued.as_ref()?)));
                let (origin, last) = (day_of(Which::Origin), day_of(Which::LastReExport));
                let mut before = last.map_or(day, |(_, last)| last.date());
                for (k, issued) in last.into_iter().filter(|(_, last)| last.date() > day) {
                    out_of_order(found, i, k, issued);
                    before = day;
                }
                for (k, issued) in origin.into_iter().filter(|(_, origin)| origin.date() > before.min(day)) {
                    out_of_order(found, i, k, issued);
                }
            }
        },
        ..Row::USUAL
    },
    Row {
        id: RuleId("EPIX-ORIGIN-09"),
        catalogue: "F07",
        form_box: "12",
        sentence: "the country of origin must be a code of ISO 3166-1, XX for unknown, or HS for the sea",
        remedy: "write the two capital letters of the country",
        source: "ISO 3166-1; trade database guide 9",
        needs: &[Need::Day],
        test: |permit, context, found| {
            for (i, item) in items(permit) {
                for (k, id) in item.origin.iter().flat_map(|origin| &origin.ids).enumerate() {
                    unknown_country(Some(id.as_str()), context, found, || at!(consignment.items[i].origin.ids[k]));
                }
            }
        },
        ..Row::USUAL
    },
    Row {
        id: RuleId("EPIX-ORIGIN-10"),
        catalogue: "F07",
        form_box: "12a",
        sentence: "the country of last re-export must be a code of ISO 3166-1",
        remedy: "write the two capital letters of the country",
        source: "ISO 3166-1; trade database guide 9",
        needs: &[Need::Day],
        test: |permit, context, found| {
            for (i, item) in items(permit) {
                for (k, id) in item.last_reexport.iter().flat_map(|country| &country.ids).enumerate() {
                    let path = || at!(consignment.items[i].last_reexport.ids[k]);
                    unknown_country(Some(id.as_str()), context, found, path);
                }
            }
        },
        ..Row::USUAL
    },
    Row {
        id: RuleId("EPIX-ORIGIN-11"),
        form_box: "12, 12a",
        sentence: "a document named in a position should be the permit of origin (E, 861) or the last re-export (R, 811)",
        remedy: "write E for the permit of the country of origin, R for the certificate of last re-export",
        source: "toolkit 2.0; EPIX messages",
        grade: Inferred,
        severity: Severity::Warning,
        test: |permit, _, found| {
            for (i, item) in items(permit) {
                for (k, document) in item.documents.iter().enumerate() {
                    let kind = document.document_type.as_ref().map(|coded| &coded.code);
                    if !kind.is_some_and(|kind| kind.is_origin() || kind.is_reexport()) {
                        let words =
                            kind.map_or_else(|| "it has no type".to_owned(), |kind| format!("its type is {kind}"));
                        found.add(|| (at!(consignment.items[i].documents[k].document_type), words));
                    }
                }
            }
        },
        ..Row::USUAL
    },
    Row {
        id: RuleId("EPIX-ORIGIN-12"),
        form_box: "12, 12a",
        sentence: "a position should name one permit of origin and one certificate of last re-export",
        remedy: "name one of each; the first one is taken",
        source: "toolkit 2.0; EPIX messages",
        grade: Inferred,
        severity: Severity::Warning,
        test: |permit, _, found| {
            for (i, item) in items(permit) {
                for which in [Which::Origin, Which::LastReExport] {
                    let second = item.documents.iter().enumerate().filter(|(_, document)| which.is(document)).nth(1);
                    if let Some((k, _)) = second {
                        found.at(|| at!(consignment.items[i].documents[k]));
                    }
                }
            }
        },
        ..Row::USUAL
    },
    Row {
        id: RuleId("EPIX-ORIGIN-13"),
        catalogue: "F37",
        form_box: "7, 12",
        sentence: "a wild specimen should come from a country where its species lives",
        remedy: "compare the country of origin (box 12) with the range of the species",
        source: "UNEP-WCMC checks",
        grade: Certain,
        severity: Severity::Warning,
        lenient: Some("UNEP-WCMC asks back and does not refuse; ranges are never known for good"),
        needs: &[Need::Species],
        test: |permit, context, found| {
            let Some(species) = context.knowledge.species else { return };
            for (i, item) in items(permit) {
                let Some(country) = population(permit, item).filter(|country| !is_user_assigned(*country)) else {
                    continue;
                };
                let wild = item.lines.iter().filter(|line| line.source == Some(Source::Wild));
                for name in wild.flat_map(names).filter(|name| species.lives_in(name, country) == Some(false)) {
                    found.add(|| (at!(consignment.items[i].origin), format!("{name} does not live in {country}")));
                }
            }
        },
        ..Row::USUAL
    },
    Row {
        id: RuleId("EPIX-ORIGIN-14"),
        catalogue: "F36",
        form_box: "10",
        sentence: "an export permit for Appendix I must follow an import permit that covers it",
        remedy: "ask the importer for the import permit before the export permit is issued",
        source: "Convention Art. III(2)(d)",
        needs: &[Need::Own, Need::Permits],
        test: |permit, context, found| {
            let Some(permits) = context.knowledge.permits else { return };
            for (i, item) in of_kind(permit, DocumentType::Export) {
                // Bred and propagated specimens are treated as of Appendix II (Art. VII(4)).
                let is_strict = |line: &LineItem| {
                    line.appendix == Some(Appendix::One) && line.source != Some(Source::CommerciallyBred)
                };
                if item.lines.iter().any(is_strict) && !permits.import_is_granted(permit, item) {
                    found.at(|| at!(consignment.items[i]));
                }
            }
        },
        ..Row::USUAL
    },
];

/// Which of the two documents of a position.
#[derive(Clone, Copy)]
enum Which {
    Origin,
    LastReExport,
}

impl Which {
    fn is(self, document: &ReferencedDocument) -> bool {
        let kind = document.document_type.as_ref().map(|coded| &coded.code);
        kind.is_some_and(|kind| match self {
            Which::Origin => kind.is_origin(),
            Which::LastReExport => kind.is_reexport(),
        })
    }

    fn country(self, item: &Item) -> Option<&TradeCountry> {
        match self {
            Which::Origin => item.origin.as_ref(),
            Which::LastReExport => item.last_reexport.as_ref(),
        }
    }
}

/// What is missing of box 12 or 12a.
struct Missing {
    what: &'static str,
    which: Which,
    document: Option<usize>,
}

impl Missing {
    /// Where it would stand, or the nearest thing.
    fn path(&self, i: usize) -> ModelPath {
        match (self.document, self.which) {
            (Some(k), _) => at!(consignment.items[i].documents[k]),
            (None, Which::Origin) => at!(consignment.items[i].origin),
            (None, Which::LastReExport) => at!(consignment.items[i].last_reexport),
        }
    }
}

/// The first thing missing of the three that box 12 or 12a holds.
fn missing(item: &Item, which: Which) -> Option<Missing> {
    let document = document(item, which);
    let place = document.map(|(k, _)| k);
    let country = which.country(item).filter(|country| !country.ids.is_empty());
    let what = match (country, document) {
        (None, _) => "country",
        (_, None) => "document",
        (_, Some((_, document))) if document.ids.is_empty() => "number of the document",
        (_, Some((_, document))) if document.issued.is_none() => "date of the document",
        _ => return None,
    };
    Some(Missing { what, which, document: place.filter(|_| country.is_some()) })
}

fn origins_missing(permit: &Permit, found: &mut Found) {
    for (i, item) in of_kind(permit, DocumentType::ReExport) {
        if let Some(missing) = missing(item, Which::Origin) {
            found.add(|| (missing.path(i), format!("the {} is missing", missing.what)));
        }
    }
}

fn out_of_order(found: &mut Found, i: usize, k: usize, issued: &Moment) {
    let path = || at!(consignment.items[i].documents[k].issued);
    found.add(|| (path(), format!("{} is too late", issued.date())));
}

fn of_kind(permit: &Permit, kind: DocumentType) -> impl Iterator<Item = (usize, &Item)> {
    items(permit).filter(move |_| is_kind(permit, &kind))
}

fn document(item: &Item, which: Which) -> Option<(usize, &ReferencedDocument)> {
    item.documents.iter().enumerate().find(|(_, document)| which.is(document))
}

fn position(item: &Item, which: Which) -> Option<usize> {
    document(item, which).map(|(k, _)| k)
}

fn code_of(country: Option<&TradeCountry>) -> Option<Country> {
    Country::parse(country?.ids.first()?.as_str()).ok()
}

fn is_from_the_sea(item: &Item) -> bool {
    item.lines.iter().any(|line| line.source == Some(Source::Marine))
}
