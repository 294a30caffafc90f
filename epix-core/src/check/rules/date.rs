//! Boxes 2 and 13: from when until when does the permit hold?
//!
//! A day is the calendar day as it was written, whatever its zone. Six months from 31 August end on 28 February; a permit
//! that ends on that very day is accepted, though many issue for a day less.

use chrono::{Months, NaiveDate};

use super::context::{Context, kind};
use super::found::Found;
use super::row::{Need, Row, Span};
use crate::codes::Grade::Inferred;
use crate::permit::{DocumentType, ModelPath, Moment, Permit, at};
use crate::report::{RuleId, Severity};

pub(super) const ROWS: &[Row] = &[
    Row {
        id: RuleId("EPIX-DATE-01"),
        catalogue: "F04",
        form_box: "13",
        sentence: "a permit must have its date of issue",
        remedy: "give the date of issue in box 13",
        source: "Convention Art. VI; Res. Conf. 12.3",
        test: |permit, _, found| {
            if permit.document.issued.is_none() {
                found.at(|| at!(document.issued));
            }
        },
        ..Row::USUAL
    },
    Row {
        id: RuleId("EPIX-DATE-02"),
        catalogue: "F04",
        form_box: "13",
        sentence: "a permit must not be issued in the future",
        remedy: "ask the issuing authority for the true date of issue",
        source: "Convention Art. VI",
        needs: &[Need::Day, Need::Today],
        test: |_, context, found| {
            let (Some(day), Some(today)) = (context.day, context.knowledge.today) else { return };
            // A day more: where it is issued it may be tomorrow already.
            if today.succ_opt().is_some_and(|tomorrow| day > tomorrow) {
                found.add(|| (at!(document.issued), format!("{day} lies after {today}")));
            }
        },
        ..Row::USUAL
    },
    Row {
        id: RuleId("EPIX-DATE-03"),
        catalogue: "F04",
        form_box: "2",
        sentence: "a permit must say until when it is valid",
        remedy: "give the last day of validity in box 2",
        source: "Convention Art. VI; UN/CEFACT CITES schema",
        test: |permit, _, found| {
            if end(permit).is_none() {
                found.at(|| period(permit).field("end"));
            }
        },
        ..Row::USUAL
    },
    Row {
        id: RuleId("EPIX-DATE-04"),
        catalogue: "F04",
        form_box: "2",
        sentence: "a permit must not end before it is issued",
        remedy: "compare the last day of validity (box 2) with the date of issue (box 13)",
        source: "Convention Art. VI",
        needs: &[Need::Day],
        test: |permit, context, found| {
            let (Some(day), Some(end)) = (context.day, end(permit)) else { return };
            if end < day {
                found.add(|| (period(permit).field("end"), format!("it ends on {end} and was issued on {day}")));
            }
        },
        ..Row::USUAL
    },
    Row {
        id: RuleId("EPIX-DATE-05"),
        catalogue: "F05",
        form_box: "2",
        sentence: "an export permit or re-export certificate must be valid for at most six months",
        remedy: "end the validity six months after the date of issue at the latest",
        source: "Convention Art. VI(2); 50 CFR 23.54; Reg. (EC) 865/2006",
        needs: &[Need::Day],
        test: |permit, context, found| {
            if matches!(kind(permit), Some(DocumentType::Export | DocumentType::ReExport)) {
                at_most(6, permit, context, found);
            }
        },
        ..Row::USUAL
    },
    Row {
        id: RuleId("EPIX-DATE-06"),
        catalogue: "F05",
        form_box: "2",
        sentence: "an import permit must be valid for at most twelve months",
        remedy: "end the validity twelve months after the date of issue at the latest",
        source: "50 CFR 23.54; Reg. (EC) 865/2006",
        needs: &[Need::Day],
        test: |permit, context, found| {
            if kind(permit) == Some(&DocumentType::Import) {
                at_most(12, permit, context, found);
            }
        },
        ..Row::USUAL
    },
    Row {
        id: RuleId("EPIX-DATE-07"),
        catalogue: "F05",
        form_box: "2",
        sentence: "a certificate must be valid for at most three years",
        remedy: "end the validity three years after the date of issue at the latest, for certificates of origin after twelve months",
        source: "50 CFR 23.54; Reg. (EC) 865/2006",
        needs: &[Need::Day],
        test: |permit, context, found| {
            if kind(permit) == Some(&DocumentType::Other) {
                at_most(36, permit, context, found);
            }
        },
        ..Row::USUAL
    },
    Row {
        id: RuleId("EPIX-DATE-08"),
        form_box: "2",
        sentence: "the validity of a permit should begin before it ends",
        remedy: "compare the two dates of box 2",
        source: "toolkit 2.0 (EffectiveSpecifiedPeriod)",
        grade: Inferred,
        severity: Severity::Warning,
        test: |permit, _, found| {
            let start = permit.validity().and_then(|period| period.start.as_ref()).map(Moment::date);
            let (Some(start), Some(end)) = (start, end(permit)) else { return };
            if start > end {
                found.add(|| (period(permit).field("start"), format!("it begins on {start} and ends on {end}")));
            }
        },
        ..Row::USUAL
    },
    Row {
        id: RuleId("EPIX-DATE-09"),
        form_box: "2",
        sentence: "where the validity is given twice, both should say the same days",
        remedy: "ask the issuing authority which of the two periods holds; the one of the document itself is taken",
        source: "toolkit 2.0 (mapping of box 2); EPIX messages",
        grade: Inferred,
        severity: Severity::Warning,
        versions: Span::BUT_WCO,
        test: |permit, _, found| {
            let Some(own) = &permit.document.validity else { return };
            let days = |moment: &Option<Moment>| moment.as_ref().map(Moment::date);
            for (i, reference) in permit.document.references.iter().enumerate() {
                // A reference with a number is another document, with days of its own.
                let Some(copy) = reference.validity.as_ref().filter(|_| reference.ids.is_empty()) else { continue };
                if (days(&own.start), days(&own.end)) != (days(&copy.start), days(&copy.end)) {
                    found.at(|| at!(document.references[i].validity));
                }
            }
        },
        ..Row::USUAL
    },
    Row {
        id: RuleId("EPIX-DATE-10"),
        form_box: "13",
        sentence: "the issuing official should sign on the date of issue",
        remedy: "ask the issuing authority which date holds; the date of issue of the document is taken",
        source: "toolkit 2.0 (mapping of box 13)",
        grade: Inferred,
        severity: Severity::Warning,
        needs: &[Need::Day],
        test: |permit, context, found| {
            let official = permit.document.issuing_official.as_ref();
            let (Some(day), Some(signed)) = (context.day, official.and_then(|official| official.signed.as_ref()))
            else {
                return;
            };
            if signed.date() != day {
                let words = || format!("signed on {}, issued on {day}", signed.date());
                found.add(|| (at!(document.issuing_official.signed), words()));
            }
        },
        ..Row::USUAL
    },
];

/// The last day of validity.
fn end(permit: &Permit) -> Option<NaiveDate> {
    permit.validity()?.end.as_ref().map(Moment::date)
}

/// Where the validity stands: in the document itself, else in the reference that repeats it.
fn period(permit: &Permit) -> ModelPath {
    let copy = permit.document.references.iter().position(|reference| reference.validity.is_some());
    match (&permit.document.validity, copy) {
        (None, Some(i)) => at!(document.references[i].validity),
        _ => at!(document.validity),
    }
}

fn at_most(months: u32, permit: &Permit, context: &Context<'_>, found: &mut Found) {
    let (Some(day), Some(end)) = (context.day, end(permit)) else { return };
    let Some(last) = day.checked_add_months(Months::new(months)) else { return };
    if end > last {
        found.add(|| (period(permit).field("end"), format!("issued on {day} it may end on {last}, and ends on {end}")));
    }
}
