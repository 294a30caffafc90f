//! Box 9: what kind of specimen?

use super::context::{Context, items, kingdom_of_source, kingdom_word, lines, names, terms};
use super::found::Found;
use super::pairs;
use super::row::{Need, Row};
use crate::codes::Grade::{Certain, Inferred};
use crate::codes::{Entry, Language, List, Lookup, hint, lookup, spans};
use crate::permit::{LineItem, ModelPath, Permit, at};
use crate::report::{RuleId, Severity};

pub(super) const ROWS: &[Row] = &[
    Row {
        id: RuleId("EPIX-TERM-01"),
        catalogue: "F12",
        form_box: "9",
        sentence: "a position must describe the specimens, in words or by a term code",
        remedy: "give the term code, such as LIV or SKI, and a description",
        source: "Res. Conf. 12.3; UNEP-WCMC checks",
        test: |permit, _, found| {
            for (i, item) in items(permit) {
                let is_described = |line: &LineItem| {
                    terms(line).next().is_some() || line.product.iter().any(|product| !product.descriptions.is_empty())
                };
                if !item.lines.iter().any(is_described) {
                    found.at(|| at!(consignment.items[i].lines[0].product.terms[0]));
                }
            }
        },
        ..Row::USUAL
    },
    Row {
        id: RuleId("EPIX-TERM-02"),
        catalogue: "F18",
        form_box: "9",
        sentence: "a term must be a code of the list of descriptions of specimens",
        remedy: "write the code of the guidelines, such as LIV for live",
        source: "trade database guide 9; UNEP-WCMC checks",
        needs: &[Need::Day],
        test: |permit, context, found| {
            each_term(permit, context, found, |term, answer| {
                let hint =
                    || hint(List::Terms, term).map_or_else(String::new, |hint| format!("; {} may be meant", hint.code));
                answer.is_unknown().then(|| format!("{term:?} is none{}", hint()))
            });
        },
        ..Row::USUAL
    },
    Row {
        id: RuleId("EPIX-TERM-03"),
        catalogue: "F18",
        form_box: "9",
        sentence: "a term should be in use on the day of issue",
        remedy: "write the code that the guidelines of that day have",
        source: "trade database guide 9",
        grade: Inferred,
        severity: Severity::Warning,
        needs: &[Need::Day],
        test: |permit, context, found| {
            each_term(permit, context, found, |_, answer| match answer {
                Lookup::Former(entry) => Some(former(entry)),
                Lookup::NotYet(entry) => {
                    let from = entry.from.map(|day| day.to_string()).unwrap_or_default();
                    Some(format!("{} ({}) is in use from {from}", entry.code, entry.name(Language::English)))
                }
                Lookup::Current(_) | Lookup::Unknown => None,
            });
        },
        ..Row::USUAL
    },
    Row {
        id: RuleId("EPIX-TERM-04"),
        catalogue: "F18",
        form_box: "9",
        sentence: "a term that changed its meaning is read with that of the day of issue",
        remedy: "compare the term with the description in words",
        source: "trade database guides 8 and 9",
        grade: Inferred,
        severity: Severity::Note,
        needs: &[Need::Day],
        test: |permit, context, found| {
            each_term(permit, context, found, |term, answer| {
                let Lookup::Current(entry) = answer else { return None };
                let other = spans(List::Terms, term).find(|other| *other != entry)?;
                let (now, then) = (entry.name(Language::English), other.name(Language::English));
                Some(format!("{term} is {now} here; at other times it is {then}"))
            });
        },
        ..Row::USUAL
    },
    Row {
        id: RuleId("EPIX-TERM-05"),
        catalogue: "F19",
        form_box: "9, 10",
        sentence: "term and source should speak of the same kingdom",
        remedy: "compare the term (box 9) with the source (box 10)",
        source: "meaning of the codes; UNEP-WCMC checks",
        grade: Inferred,
        severity: Severity::Warning,
        test: |permit, _, found| {
            for (i, j, _, line) in lines(permit) {
                let Some(of_source) = line.source.as_ref().and_then(kingdom_of_source) else { continue };
                for (k, term) in terms(line).enumerate() {
                    if let Some(of_term) = pairs::kingdom(term).filter(|of_term| *of_term != of_source) {
                        let (one, other) = (kingdom_word(of_term), kingdom_word(of_source));
                        let words = || format!("{term} is of {one}, the source is of {other}");
                        found.add(|| (at!(consignment.items[i].lines[j].product.terms[k]), words()));
                    }
                }
            }
        },
        ..Row::USUAL
    },
    Row {
        id: RuleId("EPIX-TERM-06"),
        catalogue: "F19",
        form_box: "7, 9",
        sentence: "a specimen of this kind should be one that the species yields",
        remedy: "compare the term (box 9) with the species (box 7)",
        source: "UNEP-WCMC checks",
        grade: Certain,
        severity: Severity::Warning,
        lenient: Some("UNEP-WCMC asks back about such pairs and does not refuse them"),
        needs: &[Need::Species],
        test: |permit, context, found| {
            let Some(species) = context.knowledge.species else { return };
            each_pair(permit, found, |name, term| {
                (species.yields(name, term) == Some(false)).then(|| format!("{term} is not expected of {name}"))
            });
        },
        ..Row::USUAL
    },
    Row {
        id: RuleId("EPIX-TERM-07"),
        catalogue: "F47",
        form_box: "9",
        sentence: "a part of a plant needs a permit only where the annotation of its listing covers it",
        remedy: "compare the term with the annotation (#) of the listing",
        source: "Appendices (annotations with #)",
        grade: Certain,
        severity: Severity::Warning,
        lenient: Some("a document for what is not covered does no harm, and a term may be meant more widely"),
        needs: &[Need::Day, Need::Species],
        test: |permit, context, found| {
            let (Some(species), Some(day)) = (context.knowledge.species, context.day) else { return };
            each_pair(permit, found, |name, term| {
                let is_covered = species.annotation_covers(name, term, day);
                (is_covered == Some(false)).then(|| format!("{term} of {name} is not covered"))
            });
        },
        ..Row::USUAL
    },
    Row {
        id: RuleId("EPIX-TERM-08"),
        form_box: "9",
        sentence: "a specimen should have one term",
        remedy: "put specimens of another kind into a position of their own",
        source: "Res. Conf. 12.3; toolkit 2.0",
        grade: Inferred,
        severity: Severity::Warning,
        test: |permit, _, found| {
            for (i, j, _, line) in lines(permit) {
                let count = terms(line).count();
                if count > 1 {
                    let path = || at!(consignment.items[i].lines[j].product.terms[1]);
                    found.add(|| (path(), format!("it has {count}")));
                }
            }
        },
        ..Row::USUAL
    },
];

fn former(entry: &Entry) -> String {
    let until = entry.until.map(|day| day.to_string()).unwrap_or_default();
    let instead = match entry.replaced_by.as_slice() {
        [] => String::new(),
        codes => format!("; {} is written instead", codes.join(" or ")),
    };
    format!("{} ({}) was in use until {until}{instead}", entry.code, entry.name(Language::English))
}

/// Asks about each term with what the list says of it on the day of issue.
fn each_term(
    permit: &Permit,
    context: &Context<'_>,
    found: &mut Found,
    objection: impl Fn(&str, Lookup) -> Option<String>,
) {
    let Some(day) = context.day else { return };
    for (i, j, _, line) in lines(permit) {
        for (k, term) in terms(line).enumerate() {
            if let Some(words) = objection(term, lookup(List::Terms, term, day)) {
                found.add(|| (at!(consignment.items[i].lines[j].product.terms[k]), words));
            }
        }
    }
}

/// Asks about each term with the first name of its line.
fn each_pair(permit: &Permit, found: &mut Found, objection: impl Fn(&str, &str) -> Option<String>) {
    let path = |i, j, k| -> ModelPath { at!(consignment.items[i].lines[j].product.terms[k]) };
    for (i, j, _, line) in lines(permit) {
        let Some(name) = names(line).next() else { continue };
        for (k, term) in terms(line).enumerate() {
            if let Some(words) = objection(name, term) {
                found.add(|| (path(i, j, k), words));
            }
        }
    }
}
