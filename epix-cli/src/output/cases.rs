//! How is a conformance case told: to people, to programs, to build servers?

use std::fmt::Write as _;

use epix_client::conformance::{CaseResult, Outcome, StepResult};
use serde::Serialize;

use super::junit::text;
use super::plain;

/// What stands before the first test case.
pub const HEAD: &str = "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<testsuite name=\"epix conformance\">\n";

/// What stands behind the last one.
pub const TAIL: &str = "</testsuite>\n";

/// How many cases ended how.
#[derive(Debug, Default)]
pub struct Count {
    /// As they must.
    pub passed: usize,
    /// Otherwise.
    pub failed: usize,
    /// Not asked.
    pub skipped: usize,
}

impl Count {
    /// How many were asked.
    pub fn asked(&self) -> usize {
        self.passed + self.failed
    }

    /// The last line for people.
    pub fn sentence(&self) -> String {
        format!("{} passed, {} failed, {} skipped\n", self.passed, self.failed, self.skipped)
    }
}

/// `epix conformance`, for each case.
#[derive(Debug, Serialize)]
#[serde(tag = "kind", rename = "case")]
pub struct CaseLine<'a> {
    id: &'a str,
    title: &'a str,
    rests_on: &'a str,
    outcome: &'static str,
    reason: Option<&'a str>,
    steps: &'a [StepResult],
}

impl<'a> CaseLine<'a> {
    /// The line for a case.
    pub fn of(result: &'a CaseResult) -> CaseLine<'a> {
        let CaseResult { id, title, rests_on, outcome, steps } = result;
        let (outcome, reason) = word(outcome);
        CaseLine { id, title, rests_on, outcome, reason, steps }
    }
}

fn word(outcome: &Outcome) -> (&'static str, Option<&str>) {
    match outcome {
        Outcome::Passed => ("passed", None),
        Outcome::Failed(reason) => ("failed", Some(reason)),
        Outcome::Skipped(reason) => ("skipped", Some(reason)),
    }
}

/// A case for people: one line, and for a failed one what it rests on, what was sent and what came.
pub fn human(result: &CaseResult) -> String {
    let (outcome, reason) = word(&result.outcome);
    let reason = reason.map(|reason| format!(": {}", plain(reason))).unwrap_or_default();
    let mut lines = format!("{outcome:<8} {:<6} {}{reason}\n", result.id, result.title);
    if matches!(result.outcome, Outcome::Failed(_)) {
        lines.push_str(&details(result));
    }
    lines
}

fn details(result: &CaseResult) -> String {
    let mut lines = format!("         rests on: {}\n", result.rests_on);
    for step in &result.steps {
        let _ = writeln!(lines, "         sent: {}\n         came: {}", plain(&step.sent), plain(&step.came));
    }
    lines
}

/// A case for build servers.
pub fn junit(result: &CaseResult) -> String {
    let name = text(&format!("{} {}", result.id, result.title));
    let mut case = format!("  <testcase classname=\"epix.conformance\" name=\"{name}\">\n");
    let details = text(&details(result));
    let _ = match &result.outcome {
        Outcome::Failed(reason) => {
            writeln!(case, "    <failure message=\"{}\">{details}</failure>", text(&plain(reason)))
        }
        Outcome::Skipped(reason) => writeln!(case, "    <skipped message=\"{}\"/>", text(reason)),
        Outcome::Passed => writeln!(case, "    <system-out>{details}</system-out>"),
    };
    case + "  </testcase>\n"
}
