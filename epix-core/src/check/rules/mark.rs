//! Box 9: do the specimens carry the marks that the Conference of the Parties asks for?

use super::context::{items, names};
use super::quantity::has_term;
use super::row::{Row, Span};
use crate::codes::Grade::Recalled;
use crate::permit::{Item, at};
use crate::report::{RuleId, Severity};

pub(super) const ROWS: &[Row] = &[
    Row {
        id: RuleId("EPIX-MARK-01"),
        catalogue: "F44",
        form_box: "9",
        sentence: "trophies and skins of leopard, markhor and rhinoceros should have their tag numbers",
        remedy: "give the numbers of the tags in box 9",
        source: "Res. Conf. 10.14, 10.15, 13.5",
        grade: Recalled,
        severity: Severity::Warning,
        versions: Span::SINCE_2,
        test: |permit, _, found| {
            for (i, _) in items(permit).filter(|(_, item)| is_tagged_trophy(item) && !is_marked(item)) {
                found.at(|| at!(consignment.items[i].marks[0]));
            }
        },
        ..Row::USUAL
    },
    Row {
        id: RuleId("EPIX-MARK-02"),
        catalogue: "F44",
        form_box: "11a",
        sentence: "trophies and skins of leopard, markhor and rhinoceros should have their quota",
        remedy: "give the total exported and the quota in box 11a",
        source: "Res. Conf. 10.14, 10.15, 13.5",
        grade: Recalled,
        severity: Severity::Warning,
        test: |permit, _, found| {
            let is_export = super::context::is_kind(permit, &crate::permit::DocumentType::Export);
            for (i, item) in items(permit).filter(|(_, item)| is_export && is_tagged_trophy(item)) {
                if !item.procedures.iter().any(|procedure| procedure.annual_quota.is_some()) {
                    found.at(|| at!(consignment.items[i].procedures[0].annual_quota));
                }
            }
        },
        ..Row::USUAL
    },
    Row {
        id: RuleId("EPIX-MARK-03"),
        catalogue: "F44",
        form_box: "9",
        sentence: "tusks should have their marks: country, year, serial number, weight",
        remedy: "give the marks in box 9, such as KE 00/127/14",
        source: "Res. Conf. 10.10",
        grade: Recalled,
        severity: Severity::Warning,
        versions: Span::SINCE_2,
        test: |permit, _, found| {
            for (i, _) in items(permit).filter(|(_, item)| has_term(item, "TUS") && !is_marked(item)) {
                found.at(|| at!(consignment.items[i].marks[0]));
            }
        },
        ..Row::USUAL
    },
    Row {
        id: RuleId("EPIX-MARK-04"),
        catalogue: "F45",
        form_box: "9",
        sentence: "caviar should have the code of its label",
        remedy: "give the label code in box 9, such as HUS/W/RU/2000/xxxx/yyyy",
        source: "Res. Conf. 12.7",
        grade: Recalled,
        severity: Severity::Warning,
        test: |permit, _, found| {
            for (i, item) in items(permit).filter(|(_, item)| has_term(item, "CAV")) {
                if !texts(item).flat_map(str::split_whitespace).any(is_caviar_label) {
                    found.at(|| at!(consignment.items[i].marks[0]));
                }
            }
        },
        ..Row::USUAL
    },
    Row {
        id: RuleId("EPIX-MARK-05"),
        catalogue: "F46",
        form_box: "9",
        sentence: "skins of crocodilians should have their tag numbers",
        remedy: "give the numbers of the tags in box 9",
        source: "Res. Conf. 11.12",
        grade: Recalled,
        severity: Severity::Warning,
        versions: Span::SINCE_2,
        test: |permit, _, found| {
            let is_skin = |item: &Item| ["SKI", "SID", "SKP", "TAI"].iter().any(|term| has_term(item, term));
            for (i, _) in items(permit).filter(|(_, item)| is_skin(item) && is_crocodilian(item) && !is_marked(item)) {
                found.at(|| at!(consignment.items[i].marks[0]));
            }
        },
        ..Row::USUAL
    },
];

fn is_marked(item: &Item) -> bool {
    item.marks.iter().any(|marks| !marks.markings.is_empty())
}

/// All that is said of the specimens: marks and descriptions.
fn texts(item: &Item) -> impl Iterator<Item = &str> {
    let marks = item.marks.iter().flat_map(|marks| &marks.markings);
    marks.chain(item.products().flat_map(|product| &product.descriptions)).map(|text| text.as_str())
}

fn is_tagged_trophy(item: &Item) -> bool {
    let is_trophy = ["TRO", "SKI", "HOR"].iter().any(|term| has_term(item, term));
    let is_named = |name: &str| {
        ["Panthera pardus", "Capra falconeri", "Diceros bicornis", "Ceratotherium simum"]
            .iter()
            .any(|species| name.starts_with(species))
    };
    is_trophy && item.lines.iter().flat_map(names).any(is_named)
}

fn is_crocodilian(item: &Item) -> bool {
    let genera = [
        "Alligator",
        "Caiman",
        "Crocodylus",
        "Gavialis",
        "Mecistops",
        "Melanosuchus",
        "Osteolaemus",
        "Paleosuchus",
        "Tomistoma",
    ];
    let genus_of = |name: &str| genera.contains(&name.split(' ').next().unwrap_or_default());
    item.lines.iter().flat_map(names).any(genus_of)
}

/// Species, source, country, year, and more behind: `HUS/W/RU/2000/…`.
fn is_caviar_label(word: &str) -> bool {
    let mut parts = word.split('/');
    let mut letters = |width: usize| {
        let is_word = |part: &str| part.len() == width && part.bytes().all(|byte| byte.is_ascii_uppercase());
        parts.next().is_some_and(is_word)
    };
    let begins = letters(3) && letters(1) && letters(2);
    begins && parts.next().is_some_and(|year| year.len() == 4 && year.bytes().all(|byte| byte.is_ascii_digit()))
}

#[cfg(test)]
mod tests {
    use super::is_caviar_label;

    #[test]
    fn a_caviar_label_is_told_from_other_marks() {
        assert!(is_caviar_label("BAE/C/XA/2026/0007/L14"));
        assert!(!["BAE/C/XA", "KE", "BAE/C/XA/26/7", ""].into_iter().any(is_caviar_label));
    }
}
