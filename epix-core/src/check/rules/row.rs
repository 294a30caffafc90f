//! What is a rule? One row: what must be so, who says it and how sure, how much it weighs, when it holds, how to look.

use chrono::NaiveDate;

use super::context::Context;
use super::found::Found;
use crate::check::knowledge::Knowledge;
use crate::codes::Grade;
use crate::permit::Permit;
use crate::report::{RuleId, Severity};
use crate::version::ToolkitVersion;

/// One rule. Ids are for ever: a rule that no longer holds gets the end of its days, and its row stays.
#[derive(Debug, Clone, Copy)]
pub struct Row {
    /// `EPIX-<TOPIC>-nn`.
    pub id: RuleId,
    /// Its number in the catalogue that the rules were drawn from (`F05`, `L01`); `-` for one that is not in it.
    pub catalogue: &'static str,
    /// The box of the paper form.
    pub form_box: &'static str,
    /// What must be so: a sentence that stands alone.
    pub sentence: &'static str,
    /// What to do when it is not so.
    pub remedy: &'static str,
    /// Who says it.
    pub source: &'static str,
    /// How sure that is.
    pub grade: Grade,
    /// How much a breach weighs: an error where the rule is certain, else a warning or less.
    pub severity: Severity,
    /// Why a certain rule weighs less than an error.
    pub lenient: Option<&'static str>,
    /// What must be known beside the document.
    pub needs: &'static [Need],
    /// The toolkit versions for which it holds.
    pub versions: Span<ToolkitVersion>,
    /// The days of issue for which it holds.
    pub days: Span<NaiveDate>,
    /// Looks, and tells each place where it is not so.
    pub test: fn(&Permit, &Context<'_>, &mut Found),
}

impl Row {
    /// What most rules have in common; to be named last in a row: `..Row::USUAL`.
    pub(super) const USUAL: Row = Row {
        id: RuleId(""),
        catalogue: "-",
        form_box: "",
        sentence: "",
        remedy: "",
        source: "",
        grade: Grade::Certain,
        severity: Severity::Error,
        lenient: None,
        needs: &[],
        versions: Span::ALL,
        days: Span::ALL,
        test: |_, _, _| {},
    };

    /// What is missing before the rule can be asked.
    pub(super) fn lacks(&self, context: &Context<'_>) -> Option<&'static str> {
        if !self.versions.contains(context.version) {
            return Some("the toolkit version of the document has no place for it");
        }
        let of_days = (self.days.is_bounded() && context.day.is_none()).then_some(Need::Day.because());
        of_days.or_else(|| self.needs.iter().find(|need| !need.is_met(context)).map(|need| need.because()))
    }

    /// True when the rule holds on the day of issue.
    pub(super) fn holds(&self, context: &Context<'_>) -> bool {
        context.day.is_none_or(|day| self.days.contains(day))
    }
}

/// From and until, both included; open where nothing is named.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Span<T> {
    /// The first one.
    pub from: Option<T>,
    /// The last one.
    pub until: Option<T>,
}

impl<T: PartialOrd + Copy> Span<T> {
    /// Without beginning or end.
    pub const ALL: Span<T> = Span { from: None, until: None };

    /// True between the first and the last one.
    pub fn contains(&self, value: T) -> bool {
        self.from.is_none_or(|from| from <= value) && self.until.is_none_or(|until| value <= until)
    }

    /// True where a first or a last one is named.
    pub fn is_bounded(&self) -> bool {
        self.from.is_some() || self.until.is_some()
    }
}

impl Span<ToolkitVersion> {
    /// For what toolkit 1.0 has no place for.
    pub(super) const SINCE_2: Span<ToolkitVersion> = Span { from: Some(ToolkitVersion::V2), until: None };

    /// For what the draft of the WCO message has no place for.
    pub(super) const BUT_WCO: Span<ToolkitVersion> = Span { from: None, until: Some(ToolkitVersion::Json) };
}

/// What a rule needs beside the permit.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Need {
    /// The day of issue, which the permit may fail to name.
    Day,
    /// The day of judging.
    Today,
    /// That the document is one of our own.
    Own,
    /// Names, listings, distribution.
    Species,
    /// Export quotas.
    Quotas,
    /// Recommendations to suspend trade.
    Suspensions,
    /// Other permits.
    Permits,
    /// What authorities have told of their documents.
    Authorities,
}

impl Need {
    /// Why a rule was skipped that lacks it.
    pub fn because(self) -> &'static str {
        match self {
            Need::Day => "the permit names no day of issue, and what is valid depends on it",
            Need::Today => "the day of judging was not told",
            Need::Own => "it is for permits that we issue ourselves",
            Need::Species => "no table of species and their listings is at hand",
            Need::Quotas => "no table of quotas is at hand",
            Need::Suspensions => "no list of suspensions is at hand",
            Need::Permits => "other permits are not at hand",
            Need::Authorities => "what authorities have told of their documents is not at hand",
        }
    }

    fn is_met(self, context: &Context<'_>) -> bool {
        let Knowledge { today, occasion: _, species, quotas, suspensions, permits, authorities } = context.knowledge;
        match self {
            Need::Day => context.day.is_some(),
            Need::Today => today.is_some(),
            Need::Own => context.is_own(),
            Need::Species => species.is_some(),
            Need::Quotas => quotas.is_some(),
            Need::Suspensions => suspensions.is_some(),
            Need::Permits => permits.is_some(),
            Need::Authorities => authorities.is_some(),
        }
    }
}
