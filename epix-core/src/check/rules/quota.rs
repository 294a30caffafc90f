//! Box 11a: how much of the year's quota is used? And does anything suspend the trade?

use chrono::Datelike;

use super::context::{country_of, is_kind, is_same_unit, items, names, shown, terms};
use super::row::{Need, Row};
use crate::check::knowledge::Trade;
use crate::codes::Grade::{Certain, Inferred, Recalled};
use crate::permit::{DocumentType, Item, Permit, Quantity, RegulatoryProcedure, at};
use crate::report::{RuleId, Severity};

pub(super) const ROWS: &[Row] = &[
    Row {
        id: RuleId("EPIX-QUOTA-01"),
        catalogue: "F39",
        form_box: "11a",
        sentence: "the total exported should not be more than the quota",
        remedy: "compare the two numbers of box 11a; ask the issuing authority",
        source: "Res. Conf. 14.7",
        grade: Certain,
        severity: Severity::Warning,
        lenient: Some("a quota may have been raised; the issuing authority is asked"),
        test: |permit, _, found| {
            for (i, k, _, procedure) in procedures(permit) {
                let (Some(used), Some(quota)) = (&procedure.used_to_date, &procedure.annual_quota) else { continue };
                if used.amount > quota.amount {
                    let words = || format!("{} of {}", shown(used), shown(quota));
                    found.add(|| (at!(consignment.items[i].procedures[k].used_to_date), words()));
                }
            }
        },
        ..Row::USUAL
    },
    Row {
        id: RuleId("EPIX-QUOTA-02"),
        catalogue: "F39",
        form_box: "11a",
        sentence: "box 11a should give the total exported and the quota together",
        remedy: "give both numbers, such as 500/1000",
        source: "Res. Conf. 12.3",
        grade: Recalled,
        severity: Severity::Warning,
        test: |permit, _, found| {
            for (i, k, _, procedure) in procedures(permit) {
                match (&procedure.used_to_date, &procedure.annual_quota) {
                    (Some(_), None) => found.at(|| at!(consignment.items[i].procedures[k].used_to_date)),
                    (None, Some(_)) => found.at(|| at!(consignment.items[i].procedures[k].annual_quota)),
                    _ => {}
                }
            }
        },
        ..Row::USUAL
    },
    Row {
        id: RuleId("EPIX-QUOTA-03"),
        catalogue: "F39",
        form_box: "11, 11a",
        sentence: "the quota should be counted in the unit of the permitted quantity",
        remedy: "write boxes 11 and 11a in one unit",
        source: "Res. Conf. 12.3",
        grade: Inferred,
        severity: Severity::Warning,
        test: |permit, context, found| {
            for (i, k, item, procedure) in procedures(permit) {
                let Some(permitted) = item.permitted() else { continue };
                let differs = |quantity: &&Quantity| !is_same_unit(quantity, permitted, context.day);
                if let Some(used) = procedure.used_to_date.as_ref().filter(differs) {
                    let words = || format!("{} beside {}", shown(used), shown(permitted));
                    found.add(|| (at!(consignment.items[i].procedures[k].used_to_date), words()));
                } else if let Some(quota) = procedure.annual_quota.as_ref().filter(differs) {
                    let words = || format!("{} beside {}", shown(quota), shown(permitted));
                    found.add(|| (at!(consignment.items[i].procedures[k].annual_quota), words()));
                }
            }
        },
        ..Row::USUAL
    },
    Row {
        id: RuleId("EPIX-QUOTA-04"),
        catalogue: "F39",
        form_box: "11, 11a",
        sentence: "the total exported should include the permit itself",
        remedy: "add the quantity of box 11 to the total of box 11a",
        source: "Res. Conf. 12.3",
        grade: Recalled,
        severity: Severity::Warning,
        test: |permit, context, found| {
            for (i, k, item, procedure) in procedures(permit) {
                let (Some(used), Some(permitted)) = (&procedure.used_to_date, item.permitted()) else { continue };
                if is_same_unit(used, permitted, context.day) && used.amount < permitted.amount {
                    let words = || format!("{} in all, {} on this permit", shown(used), shown(permitted));
                    found.add(|| (at!(consignment.items[i].procedures[k].used_to_date), words()));
                }
            }
        },
        ..Row::USUAL
    },
    Row {
        id: RuleId("EPIX-QUOTA-05"),
        catalogue: "F39",
        form_box: "11a",
        sentence: "only an export permit has a quota",
        remedy: "leave box 11a blank on other documents",
        source: "Res. Conf. 12.3",
        grade: Recalled,
        severity: Severity::Warning,
        test: |permit, _, found| {
            if is_kind(permit, &DocumentType::ReExport) || is_kind(permit, &DocumentType::Import) {
                for (i, k, _, _) in procedures(permit).filter(|(_, _, _, procedure)| has_quota(procedure)) {
                    found.at(|| at!(consignment.items[i].procedures[k]));
                }
            }
        },
        ..Row::USUAL
    },
    Row {
        id: RuleId("EPIX-QUOTA-06"),
        catalogue: "F39",
        form_box: "11a",
        sentence: "an export under a quota should give the quota",
        remedy: "give the total exported and the quota in box 11a",
        source: "Res. Conf. 14.7; Res. Conf. 12.3",
        grade: Certain,
        severity: Severity::Warning,
        lenient: Some("the table of quotas may be newer than the permit"),
        needs: &[Need::Day, Need::Quotas],
        test: |permit, context, found| {
            let (Some(quotas), Some(day)) = (context.knowledge.quotas, context.day) else { return };
            for_exports(permit, |i, item, exporter, name, term| {
                let is_given = item.procedures.iter().any(has_quota);
                if let Some(quota) = quotas.quota(exporter, name, term, day.year()).filter(|_| !is_given) {
                    let words = || format!("{} for {name} in {}", shown(&quota), day.year());
                    found.add(|| (at!(consignment.items[i].procedures[0]), words()));
                }
            });
        },
        ..Row::USUAL
    },
    Row {
        id: RuleId("EPIX-QUOTA-07"),
        catalogue: "F39",
        form_box: "11a",
        sentence: "the total exported should not be more than the published quota",
        remedy: "compare box 11a with the quota that the Secretariat publishes; ask the issuing authority",
        source: "Res. Conf. 14.7",
        grade: Certain,
        severity: Severity::Warning,
        lenient: Some("the table of quotas may be older than the permit"),
        needs: &[Need::Day, Need::Quotas],
        test: |permit, context, found| {
            let (Some(quotas), Some(day)) = (context.knowledge.quotas, context.day) else { return };
            for_exports(permit, |i, item, exporter, name, term| {
                let Some(quota) = quotas.quota(exporter, name, term, day.year()) else { return };
                for (k, procedure) in item.procedures.iter().enumerate() {
                    let Some(used) = &procedure.used_to_date else { continue };
                    if is_same_unit(used, &quota, context.day) && used.amount > quota.amount {
                        let words = || format!("{} of {}", shown(used), shown(&quota));
                        found.add(|| (at!(consignment.items[i].procedures[k].used_to_date), words()));
                    }
                }
            });
        },
        ..Row::USUAL
    },
    Row {
        id: RuleId("EPIX-QUOTA-08"),
        catalogue: "F38",
        form_box: "4, 7",
        sentence: "a permit must not be for a trade that is suspended",
        remedy: "read the Notification; ask the Secretariat where the permit says more than it",
        source: "Notifications to the Parties; UNEP-WCMC checks",
        needs: &[Need::Day, Need::Suspensions],
        test: |permit, context, found| {
            let (Some(suspensions), Some(day)) = (context.knowledge.suspensions, context.day) else { return };
            let exporter = country_of(permit.consignment.consignor.as_ref());
            let purpose = permit.document.purposes.first();
            for (i, j, _, line) in super::context::lines(permit) {
                for (k, name) in names(line).enumerate() {
                    let source = line.source.as_ref();
                    let trade = Trade { exporter, importer: permit.destination(), name, source, purpose, day };
                    if let Some(words) = suspensions.against(&trade) {
                        found.add(|| (at!(consignment.items[i].lines[j].product.scientific_names[k]), words));
                    }
                }
            }
        },
        ..Row::USUAL
    },
];

/// The procedures of all positions with both ordinals.
fn procedures(permit: &Permit) -> impl Iterator<Item = (usize, usize, &Item, &RegulatoryProcedure)> {
    items(permit)
        .flat_map(|(i, item)| item.procedures.iter().enumerate().map(move |(k, procedure)| (i, k, item, procedure)))
}

fn has_quota(procedure: &RegulatoryProcedure) -> bool {
    procedure.used_to_date.is_some() || procedure.annual_quota.is_some()
}

/// Asks about each position of an export permit with its exporter, its first name and its first term.
fn for_exports(permit: &Permit, mut ask: impl FnMut(usize, &Item, crate::id::Country, &str, Option<&str>)) {
    let Some(exporter) = country_of(permit.consignment.consignor.as_ref()) else { return };
    if !is_kind(permit, &DocumentType::Export) {
        return;
    }
    for (i, item) in items(permit) {
        let Some(name) = item.lines.iter().flat_map(names).next() else { continue };
        ask(i, item, exporter, name, item.lines.iter().flat_map(terms).next());
    }
}
