//! Does the permit say what the standard asks for? The rules that one document can answer: one row each.
//!
//! A row names its source and how sure that is: what is certain gives errors, what is inferred or recalled warnings or
//! notes. Whether a document is refused for it is for a [`Policy`](super::policy::Policy) to say. Codes are looked up by
//! the day of issue. `docs/rules.md` is printed from the rows.

mod appendix;
mod authority;
mod catalogue;
mod condition;
mod context;
mod date;
mod endorsement;
mod found;
mod kind;
mod mark;
mod message;
mod number;
mod origin;
pub mod page;
mod pairs;
mod party;
mod position;
mod purpose;
mod quantity;
mod quota;
mod row;
mod source;
mod species;
mod term;
#[cfg(test)]
mod tests;
mod unit;

use chrono::NaiveDate;

use crate::codes::{self, List};
use crate::permit::{ModelPath, Permit};
use crate::report::{Edition, Finding, Place, SkippedRule, list};

pub use context::Context;
pub use found::{Breach, Found};
pub use row::{Need, Row, Span};

/// One topic: its name in the ids, what it is about, its rows.
pub struct Topic {
    /// The middle of the ids: `PARTY` in `EPIX-PARTY-01`.
    pub name: &'static str,
    /// What it is about.
    pub about: &'static str,
    /// Its rules.
    pub rows: &'static [Row],
}

const fn topic(name: &'static str, about: &'static str, rows: &'static [Row]) -> Topic {
    Topic { name, about, rows }
}

/// Every rule there is, in the order of the form.
pub const TOPICS: &[Topic] = &[
    topic("TYPE", "Box 1: what sort of document", kind::ROWS),
    topic("NUMBER", "Box 1: its number", number::ROWS),
    topic("DATE", "Boxes 2 and 13: from when until when", date::ROWS),
    topic("PARTY", "Boxes 3, 3a and 4: who sends to whom", party::ROWS),
    topic("CONDITION", "Box 5: special conditions", condition::ROWS),
    topic("PURPOSE", "Box 5a: what for", purpose::ROWS),
    topic("AUTHORITY", "Boxes 5b, 6 and 13: who issued and signed", authority::ROWS),
    topic("ITEM", "The positions", position::ROWS),
    topic("SPECIES", "Box 7: which species", species::ROWS),
    topic("TERM", "Box 9: what kind of specimen", term::ROWS),
    topic("MARK", "Box 9: marks and tags", mark::ROWS),
    topic("APPENDIX", "Box 10: which Appendix", appendix::ROWS),
    topic("SOURCE", "Boxes 10 and 12b: which source", source::ROWS),
    topic("QUANTITY", "Box 11: how much", quantity::ROWS),
    topic("UNIT", "Box 11: in which unit", unit::ROWS),
    topic("QUOTA", "Box 11a: quotas and suspensions", quota::ROWS),
    topic("ORIGIN", "Boxes 12 and 12a: from where", origin::ROWS),
    topic("ENDORSE", "Boxes 14 and 15: what left", endorsement::ROWS),
    topic("MESSAGE", "The message around the permit", message::ROWS),
];

/// Which edition of the rules this is. A changed, new or closed row makes the next number.
pub const PACK: Edition = Edition { id: "rules-1", date: day(2026, 11, 21) };

/// The code lists that rules look into.
const LISTS: [List; 7] =
    [List::Purposes, List::Sources, List::Terms, List::Units, List::Rec20Units, List::Countries, List::SpecialCodes];

const fn day(year: i32, month: u32, day: u32) -> NaiveDate {
    match NaiveDate::from_ymd_opt(year, month, day) {
        Some(day) => day,
        None => panic!("a constant names a day of the calendar"),
    }
}

/// Every row, in the order of the form.
pub fn rows() -> impl Iterator<Item = &'static Row> {
    TOPICS.iter().flat_map(|topic| topic.rows)
}

/// The row of an id; `None` for a rule of another layer, and for none at all.
pub fn row(id: &str) -> Option<&'static Row> {
    rows().find(|row| row.id.0 == id)
}

/// What judges: the rules, then the code lists they look into.
pub fn judges() -> Vec<Edition> {
    let lists = LISTS.iter().map(|list| {
        let edition = codes::edition(*list);
        Edition { id: edition.id, date: edition.date }
    });
    std::iter::once(PACK).chain(lists).collect()
}

/// What the rules say of a permit.
#[derive(Debug, Default)]
pub struct Judgement {
    /// What is wrong, rule by rule, in the order of the form.
    pub findings: Vec<Finding>,
    /// The rules that could not be asked.
    pub skipped: Vec<SkippedRule>,
}

/// What a row says that speaks of nothing on the form.
const NO_BOX: &str = "-";

/// Holds a permit against every rule; `place` finds what fills a field in the document.
pub fn judge(permit: &Permit, context: &Context<'_>, place: impl Fn(&ModelPath) -> Place) -> Judgement {
    let mut judgement = Judgement::default();
    for row in rows() {
        if let Some(because) = row.lacks(context) {
            judgement.skipped.push(SkippedRule { rule: row.id, because });
        } else if row.holds(context) {
            let mut found = Found::default();
            (row.test)(permit, context, &mut found);
            for breach in found.breaches() {
                list(&mut judgement.findings, || finding(row, &breach, permit, &place));
            }
        }
    }
    judgement
}

fn finding(row: &Row, breach: &Breach, permit: &Permit, place: impl Fn(&ModelPath) -> Place) -> Finding {
    let position = breach.path.position().and_then(|i| permit.consignment.items.get(i)).and_then(|item| item.id());
    let position = position.map(|id| format!(" (position {})", id.as_str())).unwrap_or_default();
    let detail = if breach.detail.is_empty() { String::new() } else { format!(": {}", breach.detail) };
    Finding {
        rule: row.id,
        severity: row.severity,
        form_box: Some(row.form_box).filter(|form_box| *form_box != NO_BOX),
        place: place(&breach.path),
        sentence: format!("{}{detail}{position}", row.sentence),
        remedy: Some(row.remedy),
    }
}
