//! Box 11: in which unit is counted or weighed?

use super::context::{Context, cites_unit, items, terms};
use super::found::Found;
use super::pairs;
use super::row::{Need, Row};
use crate::codes::Grade::{Certain, Inferred};
use crate::codes::unit::Unit;
use crate::codes::{Language, List, Lookup, hint};
use crate::permit::{Permit, at};
use crate::report::{RuleId, Severity};

pub(super) const ROWS: &[Row] = &[
    Row {
        id: RuleId("EPIX-UNIT-01"),
        catalogue: "F20",
        form_box: "11",
        sentence: "a unit must be one of CITES or of UN/ECE Recommendation 20",
        remedy: "write KGM, GRM, LTR, MLT, MTR, MTK, MTQ, CMQ or NAR, or no unit for the number of specimens",
        source: "trade database guide 9; UN/ECE Recommendation 20",
        grade: Certain,
        severity: Severity::Warning,
        lenient: Some("Recommendation 20 has two thousand codes, of which only those of permits are kept here"),
        needs: &[Need::Day],
        test: |permit, context, found| {
            each_unit(permit, context, found, |code, unit| {
                let hint =
                    || hint(List::Units, code).map_or_else(String::new, |hint| format!("; {} may be meant", hint.code));
                matches!(unit, Unit::Unknown).then(|| format!("{code:?} is none{}", hint()))
            });
        },
        ..Row::USUAL
    },
    Row {
        id: RuleId("EPIX-UNIT-02"),
        catalogue: "F20",
        form_box: "11",
        sentence: "a unit should be in use on the day of issue",
        remedy: "write the unit of the guidelines of May 2021: KGM, GRM, LTR, MLT, MTR, MTK, MTQ, CMQ or NAR",
        source: "trade database guide 9",
        grade: Inferred,
        severity: Severity::Warning,
        needs: &[Need::Day],
        test: |permit, context, found| {
            each_unit(permit, context, found, |code, unit| {
                let Unit::Known { cites: Lookup::Former(entry), rec20 } = unit else { return None };
                let until = entry.until?;
                let instead = match entry.replaced_by.as_slice() {
                    [] => String::new(),
                    codes => format!("; {} is written instead", codes.join(" or ")),
                };
                let words = || format!("{code} ({}) was until {until}{instead}", entry.name(Language::English));
                (!rec20.is_current()).then(words)
            });
        },
        ..Row::USUAL
    },
    Row {
        id: RuleId("EPIX-UNIT-03"),
        catalogue: "F20",
        form_box: "11",
        sentence: "a unit is best one that CITES uses, not any of UN/ECE Recommendation 20",
        remedy: "convert to KGM, GRM, LTR, MLT, MTR, MTK, MTQ, CMQ or NAR",
        source: "trade database guide 9; UN/ECE Recommendation 20; toolkit 2.0",
        grade: Certain,
        severity: Severity::Note,
        lenient: Some("both lists are valid in a message"),
        needs: &[Need::Day],
        test: |permit, context, found| {
            each_unit(permit, context, found, |code, unit| {
                let Unit::Known { cites: Lookup::Unknown | Lookup::Former(_), rec20: Lookup::Current(entry) } = unit
                else {
                    return None;
                };
                Some(format!("{code} is {}", entry.name(Language::English)))
            });
        },
        ..Row::USUAL
    },
    Row {
        id: RuleId("EPIX-UNIT-04"),
        catalogue: "F20",
        form_box: "11",
        sentence: "a unit must not mean one thing in CITES and another in UN/ECE Recommendation 20",
        remedy: "write CMT for centimetres; ask the issuing authority what it meant",
        source: "trade database guide 9; UN/ECE Recommendation 20",
        grade: Certain,
        severity: Severity::Warning,
        lenient: Some("the schema allows the code, and nobody else can tell what was meant"),
        needs: &[Need::Day],
        test: |permit, context, found| {
            each_unit(permit, context, found, |code, unit| {
                let Unit::Ambiguous { cites, rec20 } = unit else { return None };
                let (one, other) = (cites.name(Language::English), rec20.name(Language::English));
                Some(format!("{code} is {one} in the one and {other} in the other"))
            });
        },
        ..Row::USUAL
    },
    Row {
        id: RuleId("EPIX-UNIT-05"),
        catalogue: "F21",
        form_box: "9, 11",
        sentence: "the unit should go with the description of the specimens",
        remedy: "compare unit and term; UNEP-WCMC asks back about such pairs",
        source: "UNEP-WCMC checks of 2018",
        grade: Certain,
        severity: Severity::Warning,
        lenient: Some("UNEP-WCMC asks back about such pairs and does not refuse them"),
        needs: &[Need::Day],
        test: |permit, context, found| {
            let Some(day) = context.day else { return };
            for (i, item) in items(permit) {
                let mut terms = item.lines.iter().flat_map(terms);
                let (Some(term), None) = (terms.next(), terms.next()) else { continue };
                let Some(units) = pairs::units(term) else { continue };
                for (k, package) in item.packages.iter().enumerate() {
                    let unit = package.quantity.as_ref().and_then(|quantity| cites_unit(quantity, day));
                    if let Some(unit) = unit.filter(|unit| !units.split(' ').any(|known| known == *unit)) {
                        let path = || at!(consignment.items[i].packages[k].quantity);
                        found.add(|| (path(), format!("{unit} is not expected for {term}")));
                    }
                }
            }
        },
        ..Row::USUAL
    },
];

/// Asks about each unit that is written in box 11, with what it means on the day of issue.
fn each_unit(
    permit: &Permit,
    context: &Context<'_>,
    found: &mut Found,
    objection: impl Fn(&str, Unit) -> Option<String>,
) {
    let Some(day) = context.day else { return };
    for (i, item) in items(permit) {
        for (k, package) in item.packages.iter().enumerate() {
            let Some(code) = package.quantity.as_ref().and_then(|quantity| quantity.unit.as_ref()) else { continue };
            if let Some(words) = objection(code.as_str(), Unit::read(code.as_str(), day)) {
                found.add(|| (at!(consignment.items[i].packages[k].quantity), words));
            }
        }
    }
}
