//! Box 11: how much?

use super::context::{Context, cites_unit, items, shown, terms};
use super::row::{Need, Row};
use crate::codes::Grade::{Inferred, Recalled};
use crate::permit::{Amount, Item, Quantity, at};
use crate::report::{RuleId, Severity};

pub(super) const ROWS: &[Row] = &[
    Row {
        id: RuleId("EPIX-QUANTITY-01"),
        catalogue: "F12",
        form_box: "11",
        sentence: "a position must give the quantity",
        remedy: "give quantity and unit in box 11",
        source: "Res. Conf. 12.3; UNEP-WCMC checks",
        test: |permit, _, found| {
            for (i, _) in items(permit).filter(|(_, item)| item.permitted().is_none()) {
                found.at(|| at!(consignment.items[i].packages[0].quantity));
            }
        },
        ..Row::USUAL
    },
    Row {
        id: RuleId("EPIX-QUANTITY-02"),
        catalogue: "F22",
        form_box: "11",
        sentence: "a quantity must be more than nothing",
        remedy: "give the quantity that may travel, or leave the position out",
        source: "UNEP-WCMC checks; DEFRA application rules",
        test: |permit, _, found| {
            for (i, item) in items(permit) {
                for (k, quantity) in quantities(item) {
                    if quantity.amount <= Amount::ZERO {
                        let path = || at!(consignment.items[i].packages[k].quantity);
                        found.add(|| (path(), format!("it is {}", shown(quantity))));
                    }
                }
            }
        },
        ..Row::USUAL
    },
    Row {
        id: RuleId("EPIX-QUANTITY-03"),
        catalogue: "F22",
        form_box: "9, 11",
        sentence: "a number of live specimens must be whole",
        remedy: "count live specimens, or give their weight with its unit",
        source: "UNEP-WCMC checks; DEFRA application rules",
        needs: &[Need::Day],
        test: |permit, context, found| {
            for (i, item) in items(permit).filter(|(_, item)| has_term(item, "LIV")) {
                for (k, quantity) in quantities(item) {
                    if is_count(quantity, context) && !quantity.amount.is_whole() {
                        let path = || at!(consignment.items[i].packages[k].quantity);
                        found.add(|| (path(), format!("it is {}", shown(quantity))));
                    }
                }
            }
        },
        ..Row::USUAL
    },
    Row {
        id: RuleId("EPIX-QUANTITY-04"),
        form_box: "11",
        sentence: "a position should give one quantity",
        remedy: "give the sum; the first quantity is taken",
        source: "toolkit 2.0 (one package in each block)",
        grade: Inferred,
        severity: Severity::Warning,
        test: |permit, _, found| {
            for (i, item) in items(permit) {
                if let Some((k, _)) = quantities(item).nth(1) {
                    found.at(|| at!(consignment.items[i].packages[k].quantity));
                }
            }
        },
        ..Row::USUAL
    },
    Row {
        id: RuleId("EPIX-QUANTITY-05"),
        catalogue: "F44",
        form_box: "9, 11",
        sentence: "hunting trophies should be counted by animals, in whole numbers",
        remedy: "count one trophy for each animal, whatever parts of it travel",
        source: "guidelines for annual reports",
        grade: Recalled,
        severity: Severity::Warning,
        needs: &[Need::Day],
        test: |permit, context, found| {
            for (i, item) in items(permit).filter(|(_, item)| has_term(item, "TRO")) {
                for (k, quantity) in quantities(item) {
                    if !is_count(quantity, context) || !quantity.amount.is_whole() {
                        let path = || at!(consignment.items[i].packages[k].quantity);
                        found.add(|| (path(), format!("it is {}", shown(quantity))));
                    }
                }
            }
        },
        ..Row::USUAL
    },
];

/// The quantities of a position with the ordinals of their packages.
fn quantities(item: &Item) -> impl Iterator<Item = (usize, &Quantity)> {
    item.packages.iter().enumerate().filter_map(|(k, package)| Some((k, package.quantity.as_ref()?)))
}

pub(super) fn has_term(item: &Item, term: &str) -> bool {
    item.lines.iter().flat_map(terms).any(|written| written == term)
}

/// True for a number of specimens, however the unit says so.
fn is_count(quantity: &Quantity, context: &Context<'_>) -> bool {
    context.day.and_then(|day| cites_unit(quantity, day)) == Some("NAR")
}
