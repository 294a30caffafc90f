//! Boxes 10 and 12b: where do the specimens come from: the wild, a farm, before the Convention?

use super::context::{has_conditions, is_kind, kingdom_of_source, kingdom_word, leaves, lines, names};
use super::row::{Need, Row, Span};
use crate::check::knowledge::Kingdom;
use crate::codes::Grade::{Certain, Inferred, Recalled};
use crate::codes::{List, Lookup, lookup};
use crate::permit::{Appendix, DocumentType, Item, LineItem, ModelPath, Moment, Permit, Purpose, Source, at};
use crate::report::{RuleId, Severity};

pub(super) const ROWS: &[Row] = &[
    Row {
        id: RuleId("EPIX-SOURCE-01"),
        catalogue: "F12",
        form_box: "10",
        sentence: "a position must give the source of the specimens",
        remedy: "give the source code in box 10, such as W for wild",
        source: "Res. Conf. 12.3; UNEP-WCMC checks",
        test: |permit, _, found| {
            for (i, j, _, _) in lines(permit).filter(|(_, _, _, line)| line.source.is_none()) {
                found.at(|| at!(consignment.items[i].lines[j].source));
            }
        },
        ..Row::USUAL
    },
    Row {
        id: RuleId("EPIX-SOURCE-02"),
        catalogue: "F24",
        form_box: "10",
        sentence: "the source must be a code of the list of sources",
        remedy: "write one of A, C, D, F, I, O, R, U, W, X, Y",
        source: "trade database guide 9; UNEP-WCMC checks",
        needs: &[Need::Day],
        test: |permit, context, found| {
            let Some(day) = context.day else { return };
            for (i, j, source) in sources(permit) {
                if lookup(List::Sources, source.as_str(), day).is_unknown() {
                    found.add(|| (path(i, j), format!("{:?} is none", source.as_str())));
                }
            }
        },
        ..Row::USUAL
    },
    Row {
        id: RuleId("EPIX-SOURCE-03"),
        catalogue: "F24",
        form_box: "10",
        sentence: "the source should be in use on the day of issue",
        remedy: "write the code that was used on that day; X came in 2013, Y in 2019",
        source: "trade database guide 9",
        grade: Inferred,
        severity: Severity::Warning,
        needs: &[Need::Day],
        test: |permit, context, found| {
            let Some(day) = context.day else { return };
            for (i, j, source) in sources(permit) {
                if let Lookup::NotYet(entry) | Lookup::Former(entry) = lookup(List::Sources, source.as_str(), day) {
                    let from = entry.from.map(|from| from.to_string()).unwrap_or_default();
                    found.add(|| (path(i, j), format!("{source} is in use from {from}")));
                }
            }
        },
        ..Row::USUAL
    },
    Row {
        id: RuleId("EPIX-SOURCE-04"),
        catalogue: "F24",
        form_box: "7, 10",
        sentence: "sources A and Y are for plants, C, F and R for animals",
        remedy: "compare the source (box 10) with the species (box 7)",
        source: "UNEP-WCMC checks; DEFRA application rules",
        needs: &[Need::Species],
        test: |permit, context, found| {
            let Some(species) = context.knowledge.species else { return };
            for (i, j, _, line) in lines(permit) {
                let Some(of_source) = line.source.as_ref().and_then(kingdom_of_source) else { continue };
                let Some(taxon) = names(line).find_map(|name| species.named(name)) else { continue };
                if taxon.kingdom != of_source {
                    let (is, due) = (kingdom_word(taxon.kingdom), kingdom_word(of_source));
                    found.add(|| (path(i, j), format!("{} is of {is}, the source of {due}", taxon.accepted)));
                }
            }
        },
        ..Row::USUAL
    },
    Row {
        id: RuleId("EPIX-SOURCE-05"),
        catalogue: "F25",
        form_box: "10",
        sentence: "source D must stand with Appendix I",
        remedy: "write Appendix I, or source C or A",
        source: "Convention Art. VII(4); trade database guide 9",
        test: |permit, _, found| {
            for (i, j, _, line) in of_source(permit, Source::CommerciallyBred) {
                if let Some(other) = line.appendix.as_ref().filter(|appendix| **appendix != Appendix::One) {
                    found.add(|| (path(i, j), format!("it stands with Appendix {other}")));
                }
            }
        },
        ..Row::USUAL
    },
    Row {
        id: RuleId("EPIX-SOURCE-06"),
        catalogue: "F25",
        form_box: "12b",
        sentence: "an animal of source D should come with the number of its registered operation",
        remedy: "give the registration number of the breeding operation in box 12b",
        source: "Res. Conf. 12.3; Res. Conf. 12.10",
        grade: Recalled,
        severity: Severity::Warning,
        versions: Span::BUT_WCO,
        test: |permit, context, found| {
            for (i, _, item, line) in of_source(permit, Source::CommerciallyBred) {
                if !names_operation(item) && context.kingdom(line) != Some(Kingdom::Plants) {
                    found.at(|| at!(consignment.items[i].procedures[0].previous_documents[0]));
                }
            }
        },
        ..Row::USUAL
    },
    Row {
        id: RuleId("EPIX-SOURCE-07"),
        catalogue: "F26",
        form_box: "12b",
        sentence: "a pre-Convention specimen should come with its date of acquisition, or box 5 say what is known",
        remedy: "give the date of acquisition in box 12b, or a statement in box 5 that it was before the listing",
        source: "Convention Art. VII(2); Res. Conf. 13.6",
        grade: Recalled,
        severity: Severity::Warning,
        versions: Span::BUT_WCO,
        test: |permit, _, found| {
            for (i, _, item, _) in of_source(permit, Source::PreConvention) {
                if acquired(item).is_none() {
                    found.at(|| at!(consignment.items[i].procedures[0].acquired));
                }
            }
        },
        ..Row::USUAL
    },
    Row {
        id: RuleId("EPIX-SOURCE-08"),
        catalogue: "F26",
        form_box: "12b",
        sentence: "a pre-Convention specimen must have been acquired before its species was first listed",
        remedy: "compare the date in box 12b with the first listing; give the true source",
        source: "Convention Art. VII(2)",
        needs: &[Need::Species],
        test: |permit, context, found| {
            let Some(species) = context.knowledge.species else { return };
            for (i, _, item, line) in of_source(permit, Source::PreConvention) {
                let listed = names(line).find_map(|name| species.first_listed(name));
                let (Some((k, acquired)), Some(listed)) = (acquired(item), listed) else { continue };
                if acquired.date() >= listed {
                    let words = || format!("acquired on {}, listed on {listed}", acquired.date());
                    found.add(|| (at!(consignment.items[i].procedures[k].acquired), words()));
                }
            }
        },
        ..Row::USUAL
    },
    Row {
        id: RuleId("EPIX-SOURCE-09"),
        form_box: "12b",
        sentence: "a specimen should be acquired before the permit for it is issued",
        remedy: "compare the date of acquisition (box 12b) with the date of issue (box 13)",
        source: "order of things",
        grade: Inferred,
        severity: Severity::Warning,
        needs: &[Need::Day],
        test: |permit, context, found| {
            let Some(day) = context.day else { return };
            for (i, item) in super::context::items(permit) {
                if let Some((k, acquired)) = acquired(item).filter(|(_, acquired)| acquired.date() > day) {
                    let words = || format!("acquired on {}, issued on {day}", acquired.date());
                    found.add(|| (at!(consignment.items[i].procedures[k].acquired), words()));
                }
            }
        },
        ..Row::USUAL
    },
    Row {
        id: RuleId("EPIX-SOURCE-10"),
        catalogue: "F28",
        form_box: "5, 10",
        sentence: "source U must be justified in box 5",
        remedy: "say in box 5 why the source is not known",
        source: "trade database guide 9",
        grade: Certain,
        severity: Severity::Warning,
        lenient: Some("on receipt a person asks back; whether a text justifies anything no program can tell"),
        test: |permit, _, found| {
            if !has_conditions(permit) {
                of_source(permit, Source::Unknown).for_each(|(i, j, _, _)| found.at(|| path(i, j)));
            }
        },
        ..Row::USUAL
    },
    Row {
        id: RuleId("EPIX-SOURCE-11"),
        catalogue: "F29",
        form_box: "5a, 10",
        sentence: "an import permit must not be granted for commercial trade in wild specimens of Appendix I",
        remedy: "compare purpose (box 5a) and source (box 10); such an import is not permitted",
        source: "Convention Art. III(3)(c)",
        test: |permit, _, found| {
            if is_kind(permit, &DocumentType::Import) {
                commercial_in_appendix_one(permit).for_each(|(i, j)| found.at(|| path(i, j)));
            }
        },
        ..Row::USUAL
    },
    Row {
        id: RuleId("EPIX-SOURCE-12"),
        catalogue: "F29",
        form_box: "5a, 10",
        sentence: "commercial trade in specimens of Appendix I that are not bred or propagated calls for a second look",
        remedy: "ask for the import permit, which cannot be granted for commercial purposes",
        source: "Convention Art. III(2)(d), III(3)(c); UNEP-WCMC checks",
        grade: Certain,
        severity: Severity::Warning,
        lenient: Some("the purpose of export may differ from that of import, which decides"),
        test: |permit, _, found| {
            if leaves(permit) {
                commercial_in_appendix_one(permit).for_each(|(i, j)| found.at(|| path(i, j)));
            }
        },
        ..Row::USUAL
    },
    Row {
        id: RuleId("EPIX-SOURCE-13"),
        catalogue: "F30",
        form_box: "10",
        sentence: "an animal of Appendix I bred for trade should have source D",
        remedy: "write D with the number of the registered operation, or another purpose than T",
        source: "Res. Conf. 12.3; Res. Conf. 12.10",
        grade: Recalled,
        severity: Severity::Warning,
        test: |permit, _, found| {
            for (i, j, _, line) in of_source(permit, Source::BredInCaptivity) {
                if line.appendix == Some(Appendix::One) && permit.document.purposes.contains(&Purpose::Commercial) {
                    found.at(|| path(i, j));
                }
            }
        },
        ..Row::USUAL
    },
    Row {
        id: RuleId("EPIX-SOURCE-14"),
        catalogue: "F31",
        form_box: "10, 12",
        sentence: "a specimen from the sea should have HS or the State of the vessel's flag as its origin",
        remedy: "give HS or the flag State in box 12",
        source: "Res. Conf. 14.6",
        grade: Recalled,
        severity: Severity::Warning,
        test: |permit, _, found| {
            for (i, _, item, _) in of_source(permit, Source::Marine) {
                if item.origin.as_ref().is_none_or(|origin| origin.ids.is_empty()) {
                    found.at(|| at!(consignment.items[i].origin.ids[0]));
                }
            }
        },
        ..Row::USUAL
    },
    Row {
        id: RuleId("EPIX-SOURCE-15"),
        catalogue: "F31",
        form_box: "7, 10",
        sentence: "source X is for species that live in the sea",
        remedy: "compare the source (box 10) with the species (box 7)",
        source: "trade database guide 9; Res. Conf. 14.6",
        grade: Recalled,
        severity: Severity::Warning,
        needs: &[Need::Species],
        test: |permit, context, found| {
            let Some(species) = context.knowledge.species else { return };
            for (i, j, _, line) in of_source(permit, Source::Marine) {
                let taxon = names(line).find_map(|name| species.named(name));
                if let Some(taxon) = taxon.filter(|taxon| !taxon.is_marine) {
                    found.add(|| (path(i, j), format!("{} does not", taxon.accepted)));
                }
            }
        },
        ..Row::USUAL
    },
];

fn path(i: usize, j: usize) -> ModelPath {
    at!(consignment.items[i].lines[j].source)
}

fn sources(permit: &Permit) -> impl Iterator<Item = (usize, usize, &Source)> {
    lines(permit).filter_map(|(i, j, _, line)| Some((i, j, line.source.as_ref()?)))
}

fn of_source(permit: &Permit, wanted: Source) -> impl Iterator<Item = (usize, usize, &Item, &LineItem)> {
    lines(permit).filter(move |(_, _, _, line)| line.source.as_ref() == Some(&wanted))
}

/// Specimens of Appendix I for trade that are neither bred, propagated, seized nor pre-Convention.
fn commercial_in_appendix_one(permit: &Permit) -> impl Iterator<Item = (usize, usize)> {
    let is_commercial = permit.document.purposes.contains(&Purpose::Commercial);
    let concerned = move |line: &LineItem| {
        let source = matches!(
            line.source,
            Some(Source::Wild | Source::BornInCaptivity | Source::Ranched | Source::Marine | Source::Unknown)
        );
        is_commercial && source && line.appendix == Some(Appendix::One)
    };
    lines(permit).filter(move |(_, _, _, line)| concerned(line)).map(|(i, j, _, _)| (i, j))
}

/// True where box 12b names an operation, in either of the places that senders use.
fn names_operation(item: &Item) -> bool {
    item.procedures.iter().any(|procedure| {
        let named = procedure.previous_documents.iter().any(|document| !document.ids.is_empty());
        named || !procedure.categories.is_empty()
    })
}

/// The date of acquisition with the ordinal of its procedure.
fn acquired(item: &Item) -> Option<(usize, &Moment)> {
    item.procedures.iter().enumerate().find_map(|(k, procedure)| Some((k, procedure.acquired.as_ref()?)))
}
