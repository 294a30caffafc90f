//! Boxes 14 and 15: what really left, when, where, and who saw it?

use super::context::{is_same_unit, items, shown};
use super::row::Row;
use crate::codes::Grade::{Certain, Inferred, Recalled};
use crate::permit::{Authentication, Examination, Location, Moment, Permit, Quantity, at};
use crate::report::{RuleId, Severity};

const ENDORSED: &str = "Convention App. IV; Res. Conf. 12.3 (Rev. CoP14), Annex 1";

pub(super) const ROWS: &[Row] = &[
    Row {
        id: RuleId("EPIX-ENDORSE-01"),
        catalogue: "L01",
        form_box: "11, 14",
        sentence: "no more should leave than is permitted",
        remedy: "compare box 14 with box 11; ask the authority that examined the consignment",
        source: "Res. Conf. 12.3",
        grade: Recalled,
        severity: Severity::Warning,
        test: |permit, context, found| {
            for (i, item) in items(permit) {
                let Some(permitted) = item.permitted() else { continue };
                for (k, left) in endorsed(&item.examinations) {
                    if left.amount > permitted.amount && is_same_unit(left, permitted, context.day) {
                        let words = || format!("{} of {}", shown(left), shown(permitted));
                        found.add(|| (at!(consignment.items[i].examinations[k].quantity), words()));
                    }
                }
            }
        },
        ..Row::USUAL
    },
    Row {
        id: RuleId("EPIX-ENDORSE-02"),
        catalogue: "L01",
        form_box: "14",
        sentence: "an endorsed permit must give the date of export",
        remedy: "ask customs for the date of the examination",
        source: ENDORSED,
        grade: Certain,
        severity: Severity::Warning,
        lenient: Some("quantities may be confirmed before the rest of box 14 is filled"),
        test: |permit, _, found| {
            if permit.is_endorsed() && days(permit).next().is_none() {
                found.at(|| at!(consignment.examinations[0].occurred));
            }
        },
        ..Row::USUAL
    },
    Row {
        id: RuleId("EPIX-ENDORSE-03"),
        catalogue: "L01",
        form_box: "14",
        sentence: "an endorsed permit must give the port of export",
        remedy: "ask customs for the place of the examination",
        source: ENDORSED,
        grade: Certain,
        severity: Severity::Warning,
        lenient: Some("EPIX confirms quantities without a place"),
        test: |permit, _, found| {
            let of_events = events(permit).filter_map(|event| event.place.as_ref());
            let of_signature = examiner(permit).and_then(|examiner| examiner.place.as_ref());
            let is_told = |place: &Location| !place.names.is_empty() || !place.ids.is_empty();
            if permit.is_endorsed() && !of_events.chain(of_signature).any(is_told) {
                found.at(|| at!(consignment.examinations[0].place));
            }
        },
        ..Row::USUAL
    },
    Row {
        id: RuleId("EPIX-ENDORSE-04"),
        catalogue: "L01",
        form_box: "14",
        sentence: "an endorsed permit must name who examined the consignment",
        remedy: "ask customs for the name of authority and officer",
        source: ENDORSED,
        grade: Certain,
        severity: Severity::Warning,
        lenient: Some("quantities may be confirmed before the rest of box 14 is filled"),
        test: |permit, _, found| {
            let is_certified = events(permit).any(|event| !event.certifiers.is_empty());
            if permit.is_endorsed() && !is_certified && examiner(permit).is_none_or(|who| who.provider.is_none()) {
                found.at(|| at!(consignment.examinations[0].certifiers[0]));
            }
        },
        ..Row::USUAL
    },
    Row {
        id: RuleId("EPIX-ENDORSE-05"),
        catalogue: "L01",
        form_box: "2, 14",
        sentence: "a consignment must leave while the permit is valid",
        remedy: "compare the date in box 14 with box 2; a permit is void after its last day",
        source: "Convention Art. VI(2); 50 CFR 23.26",
        grade: Certain,
        severity: Severity::Warning,
        lenient: Some("the date may be that of the confirmation, later than that of the export"),
        test: |permit, _, found| {
            let end = permit.validity().and_then(|period| period.end.as_ref()).map(Moment::date);
            let Some(end) = end.filter(|_| permit.is_endorsed()) else { return };
            for (k, event) in permit.consignment.examinations.iter().enumerate() {
                let late = event.occurred.as_ref().map(Moment::date).filter(|day| *day > end);
                if let Some(day) = late {
                    let words = || format!("it left on {day}, and the permit ended on {end}");
                    found.add(|| (at!(consignment.examinations[k].occurred), words()));
                }
            }
        },
        ..Row::USUAL
    },
    Row {
        id: RuleId("EPIX-ENDORSE-06"),
        catalogue: "L01",
        form_box: "13, 14",
        sentence: "a consignment should not leave before the permit is issued",
        remedy: "compare the date in box 14 with box 13; ask whether the permit is retrospective",
        source: "Res. Conf. 12.3",
        grade: Recalled,
        severity: Severity::Warning,
        needs: &[super::row::Need::Day],
        test: |permit, context, found| {
            let Some(issued) = context.day.filter(|_| permit.is_endorsed()) else { return };
            for (k, event) in permit.consignment.examinations.iter().enumerate() {
                let early = event.occurred.as_ref().map(Moment::date).filter(|day| *day < issued);
                if let Some(day) = early {
                    let words = || format!("it left on {day}, and the permit was issued on {issued}");
                    found.add(|| (at!(consignment.examinations[k].occurred), words()));
                }
            }
        },
        ..Row::USUAL
    },
    Row {
        id: RuleId("EPIX-ENDORSE-07"),
        form_box: "11, 14",
        sentence: "what left should be counted in the unit of the permitted quantity",
        remedy: "write boxes 11 and 14 in one unit",
        source: "Res. Conf. 12.3",
        grade: Inferred,
        severity: Severity::Warning,
        test: |permit, context, found| {
            for (i, item) in items(permit) {
                let Some(permitted) = item.permitted() else { continue };
                for (k, left) in endorsed(&item.examinations) {
                    if !is_same_unit(left, permitted, context.day) {
                        let words = || format!("{} beside {}", shown(left), shown(permitted));
                        found.add(|| (at!(consignment.items[i].examinations[k].quantity), words()));
                    }
                }
            }
        },
        ..Row::USUAL
    },
    Row {
        id: RuleId("EPIX-ENDORSE-08"),
        catalogue: "L03",
        form_box: "15",
        sentence: "an endorsed permit should give the number of the bill of lading or air waybill",
        remedy: "give the number in box 15 where goods travel by sea or air",
        source: "Res. Conf. 12.3",
        grade: Recalled,
        severity: Severity::Warning,
        test: |permit, _, found| {
            let document = permit.consignment.transport_document.as_ref();
            if permit.is_endorsed() && document.is_none_or(|document| document.ids.is_empty()) {
                found.at(|| at!(consignment.transport_document.ids[0]));
            }
        },
        ..Row::USUAL
    },
    Row {
        id: RuleId("EPIX-ENDORSE-09"),
        form_box: "14",
        sentence: "a quantity that left should not be negative",
        remedy: "ask customs what left; nothing is 0",
        source: "EPIX service description",
        grade: Inferred,
        severity: Severity::Warning,
        test: |permit, _, found| {
            for (i, item) in items(permit) {
                for (k, left) in endorsed(&item.examinations).filter(|(_, left)| left.amount.is_negative()) {
                    found
                        .add(|| (at!(consignment.items[i].examinations[k].quantity), format!("it is {}", shown(left))));
                }
            }
        },
        ..Row::USUAL
    },
];

/// The quantities of examinations with their ordinals.
fn endorsed(examinations: &[Examination]) -> impl Iterator<Item = (usize, &Quantity)> {
    examinations.iter().enumerate().filter_map(|(k, examination)| Some((k, examination.quantity.as_ref()?)))
}

/// The examinations of the consignment and of its positions.
fn events(permit: &Permit) -> impl Iterator<Item = &Examination> {
    permit.consignment.examinations.iter().chain(items(permit).flat_map(|(_, item)| &item.examinations))
}

fn examiner(permit: &Permit) -> Option<&Authentication> {
    permit.document.examining_authority.as_ref()
}

/// The days on which something of box 14 was done.
fn days(permit: &Permit) -> impl Iterator<Item = &Moment> {
    events(permit)
        .filter_map(|event| event.occurred.as_ref())
        .chain(examiner(permit).and_then(|who| who.signed.as_ref()))
}
