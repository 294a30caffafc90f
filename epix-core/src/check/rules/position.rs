//! The positions of the form: is there at least one, and can each be told from the others?

use std::collections::BTreeSet;

use super::context::items;
use super::row::{Need, Row};
use crate::codes::Grade::{Inferred, Recalled};
use crate::permit::at;
use crate::report::{RuleId, Severity};

pub(super) const ROWS: &[Row] = &[
    Row {
        id: RuleId("EPIX-ITEM-01"),
        catalogue: "F10",
        form_box: "7-12",
        sentence: "a permit must have at least one position",
        remedy: "give the specimens, each kind in a position of its own",
        source: "EPIX messages; toolkit 2.0",
        test: |permit, _, found| {
            if permit.consignment.items.is_empty() {
                found.at(|| at!(consignment.items[0]));
            }
        },
        ..Row::USUAL
    },
    Row {
        id: RuleId("EPIX-ITEM-02"),
        catalogue: "F10",
        form_box: "7-12",
        sentence: "a position must have its letter",
        remedy: "letter the positions A, B, C and so on",
        source: "EPIX messages (the key of ConfirmQuantities); toolkit 2.0",
        test: |permit, _, found| {
            for (i, _) in items(permit).filter(|(_, item)| item.ids.is_empty()) {
                found.at(|| at!(consignment.items[i].ids[0]));
            }
        },
        ..Row::USUAL
    },
    Row {
        id: RuleId("EPIX-ITEM-03"),
        catalogue: "F10",
        form_box: "7-12",
        sentence: "two positions must not have the same letter",
        remedy: "letter the positions A, B, C and so on",
        source: "EPIX messages (the key of ConfirmQuantities)",
        test: |permit, _, found| {
            let mut seen = BTreeSet::new();
            for (i, item) in items(permit) {
                let Some(id) = item.id() else { continue };
                if !seen.insert(id.as_str()) {
                    found.add(|| (at!(consignment.items[i].ids[0]), format!("{:?} stands before", id.as_str())));
                }
            }
        },
        ..Row::USUAL
    },
    Row {
        id: RuleId("EPIX-ITEM-04"),
        catalogue: "F10",
        form_box: "7-12",
        sentence: "the letter of a position must not hold white space",
        remedy: "letter the positions A, B, C and so on",
        source: "EPIX service description (the key of ConfirmQuantities)",
        test: |permit, _, found| {
            for (i, item) in items(permit) {
                if item.id().is_some_and(|id| id.as_str().contains(char::is_whitespace)) {
                    found.at(|| at!(consignment.items[i].ids[0]));
                }
            }
        },
        ..Row::USUAL
    },
    Row {
        id: RuleId("EPIX-ITEM-05"),
        catalogue: "F10",
        form_box: "7-12",
        sentence: "positions should be lettered in their order",
        remedy: "letter the positions in the order in which they stand",
        source: "toolkit 2.0; EPIX messages",
        grade: Inferred,
        severity: Severity::Note,
        test: |permit, _, found| {
            let mut last = "";
            for (i, item) in items(permit) {
                let Some(id) = item.id() else { continue };
                let before = std::mem::replace(&mut last, id.as_str());
                // 10 stands behind 9.
                if (last.len(), last) < (before.len(), before) {
                    found.add(|| (at!(consignment.items[i].ids[0]), format!("{last} stands behind {before}")));
                }
            }
        },
        ..Row::USUAL
    },
    Row {
        id: RuleId("EPIX-ITEM-06"),
        catalogue: "F11",
        form_box: "7-12",
        sentence: "a permit of our own with more than four positions needs an annex page on paper",
        remedy: "state the number of pages on the printed permit",
        source: "Res. Conf. 12.3",
        grade: Recalled,
        severity: Severity::Note,
        needs: &[Need::Own],
        test: |permit, _, found| {
            if permit.consignment.items.len() > 4 {
                found.at(|| at!(consignment.items[4]));
            }
        },
        ..Row::USUAL
    },
    Row {
        id: RuleId("EPIX-ITEM-07"),
        form_box: "7-12",
        sentence: "a position should have one letter",
        remedy: "give each position one letter; the first one is taken",
        source: "EPIX messages (the key of ConfirmQuantities)",
        grade: Inferred,
        severity: Severity::Warning,
        test: |permit, _, found| {
            for (i, item) in items(permit).filter(|(_, item)| item.ids.len() > 1) {
                found.add(|| (at!(consignment.items[i].ids[1]), format!("it has {}", item.ids.len())));
            }
        },
        ..Row::USUAL
    },
    Row {
        id: RuleId("EPIX-ITEM-08"),
        form_box: "7-12",
        sentence: "a position should hold one kind of specimen",
        remedy: "put each kind of specimen into a position of its own",
        source: "toolkit 2.0 (one line of goods in each block); Res. Conf. 12.3",
        grade: Inferred,
        severity: Severity::Warning,
        test: |permit, _, found| {
            for (i, item) in items(permit).filter(|(_, item)| item.lines.len() > 1) {
                found.add(|| (at!(consignment.items[i].lines[1]), format!("it has {} lines", item.lines.len())));
            }
        },
        ..Row::USUAL
    },
];
