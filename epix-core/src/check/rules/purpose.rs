//! Box 5a: what for?

use super::context::lines;
use super::pairs;
use super::row::{Need, Row};
use crate::codes::Grade::{Certain, Recalled};
use crate::codes::{List, lookup};
use crate::permit::{Purpose, at};
use crate::report::{RuleId, Severity};

pub(super) const ROWS: &[Row] = &[
    Row {
        id: RuleId("EPIX-PURPOSE-01"),
        catalogue: "F09",
        form_box: "5a",
        sentence: "a permit must give the purpose of the transaction",
        remedy: "give one purpose code, such as T for commercial",
        source: "trade database guide 9; Res. Conf. 12.3",
        test: |permit, _, found| {
            if permit.document.purposes.is_empty() {
                found.at(|| at!(document.purposes[0]));
            }
        },
        ..Row::USUAL
    },
    Row {
        id: RuleId("EPIX-PURPOSE-02"),
        catalogue: "F09",
        form_box: "5a",
        sentence: "the purpose must be a code of the list of purposes",
        remedy: "write one of B, E, G, H, L, M, N, P, Q, S, T, Z",
        source: "trade database guide 9",
        needs: &[Need::Day],
        test: |permit, context, found| {
            let Some(day) = context.day else { return };
            for (i, purpose) in permit.document.purposes.iter().enumerate() {
                if !lookup(List::Purposes, purpose.as_str(), day).is_current() {
                    found.add(|| (at!(document.purposes[i]), format!("{:?} is none", purpose.as_str())));
                }
            }
        },
        ..Row::USUAL
    },
    Row {
        id: RuleId("EPIX-PURPOSE-03"),
        catalogue: "F09",
        form_box: "5a",
        sentence: "a permit should give one purpose",
        remedy: "leave the purpose for which most of the consignment travels",
        source: "Res. Conf. 12.3",
        grade: Recalled,
        severity: Severity::Warning,
        test: |permit, _, found| {
            let count = permit.document.purposes.len();
            if count > 1 {
                found.add(|| (at!(document.purposes[1]), format!("there are {count}")));
            }
        },
        ..Row::USUAL
    },
    Row {
        id: RuleId("EPIX-PURPOSE-04"),
        catalogue: "F23",
        form_box: "5a, 9",
        sentence: "the purpose should go with the description of the specimens",
        remedy: "compare purpose and term; UNEP-WCMC asks back about such pairs",
        source: "UNEP-WCMC checks of 2018",
        grade: Certain,
        severity: Severity::Warning,
        lenient: Some("UNEP-WCMC asks back about such pairs and does not refuse them"),
        test: |permit, _, found| {
            let [purpose] = permit.document.purposes.as_slice() else { return };
            if matches!(purpose, Purpose::Unlisted(_)) {
                return;
            }
            for (i, j, _, line) in lines(permit) {
                let products = line.product.iter().flat_map(|product| &product.terms);
                for (k, term) in products.enumerate() {
                    let term = term.code.as_str();
                    if pairs::purposes(term).is_some_and(|purposes| !purposes.contains(purpose.as_str())) {
                        let path = || at!(consignment.items[i].lines[j].product.terms[k]);
                        found.add(|| (path(), format!("{term} is not expected for purpose {purpose}")));
                    }
                }
            }
        },
        ..Row::USUAL
    },
];
