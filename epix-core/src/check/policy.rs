//! What is done about a finding, or about a loss: accept, warn, refuse? Told by rule id in a file, for all partners or for one.
//!
//! A report is a verdict and stays what it is; a policy decides. Nothing here is a switch in the code: to let a partner send
//! a unit of former days, name the rule. The file is read by [`crate::policies`].
//!
//! Three things no policy can allow: a document that cannot be read, one without a number, one of which a layer was not
//! looked at.

use std::collections::BTreeMap;

use serde::Serialize;

use crate::report::{Finding, Layer, Report, RuleId, Severity};

/// What is done about a finding or a loss.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Action {
    /// Nothing.
    Accept,
    /// A person should see it; the document is accepted.
    Warn,
    /// The document is refused.
    Refuse,
}

impl Action {
    /// Every action, mildest first.
    pub const ALL: [Action; 3] = [Action::Accept, Action::Warn, Action::Refuse];

    /// How it is written.
    pub fn name(self) -> &'static str {
        match self {
            Action::Accept => "accept",
            Action::Warn => "warn",
            Action::Refuse => "refuse",
        }
    }
}

/// What is done about findings: by rule id, else by the longest pattern that fits, else by severity; and about what a
/// target cannot carry, by the name of the target. What is not told is as in the default: errors are refused, warnings
/// warn, notes are accepted, losses are refused.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Policy {
    /// For errors of rules that are not named.
    pub errors: Option<Action>,
    /// For warnings of rules that are not named.
    pub warnings: Option<Action>,
    /// For notes of rules that are not named.
    pub notes: Option<Action>,
    /// For the rules that are named.
    pub rules: BTreeMap<RuleId, Action>,
    /// For the rules whose ids begin so, such as `EPIX-UNIT-`.
    pub patterns: BTreeMap<String, Action>,
    /// For what the form of a name cannot carry, such as `v1`: the names of [`crate::convert::TARGETS`].
    pub losses: BTreeMap<&'static str, Action>,
}

/// One policy for all, and what differs for a partner.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Policies {
    /// For everybody without an entry.
    pub general: Policy,
    /// What differs for a partner, by its id.
    pub partner: BTreeMap<String, Policy>,
}

impl Policy {
    /// What is done about a finding.
    pub fn action(&self, finding: &Finding) -> Action {
        let by_id = || self.rules.get(&finding.rule).copied();
        let by_severity = || match finding.severity {
            Severity::Error => self.errors.unwrap_or(Action::Refuse),
            Severity::Warning => self.warnings.unwrap_or(Action::Warn),
            Severity::Note => self.notes.unwrap_or(Action::Accept),
        };
        by_id().or_else(|| self.by_pattern(finding.rule)).unwrap_or_else(by_severity)
    }

    fn by_pattern(&self, rule: RuleId) -> Option<Action> {
        let fitting = self.patterns.iter().filter(|(start, _)| rule.0.starts_with(start.as_str()));
        fitting.max_by_key(|(start, _)| start.len()).map(|(_, action)| *action)
    }

    /// What is done when the form of a name cannot carry a fact of a permit.
    pub fn on_loss(&self, form: &str) -> Action {
        self.losses.get(form).copied().unwrap_or(Action::Refuse)
    }

    /// True when one of the findings is refused.
    pub fn refuses<'f>(&self, findings: impl IntoIterator<Item = &'f Finding>) -> bool {
        findings.into_iter().any(|finding| self.action(finding) == Action::Refuse)
    }
}

impl Policies {
    /// The policy for a partner: its entry where it says something, else the general one. A rule that is named, in either,
    /// goes before a pattern, and a pattern before a severity.
    pub fn of(&self, partner: &str) -> Policy {
        let mut policy = self.general.clone();
        if let Some(own) = self.partner.get(partner) {
            policy.errors = own.errors.or(policy.errors);
            policy.warnings = own.warnings.or(policy.warnings);
            policy.notes = own.notes.or(policy.notes);
            policy.rules.extend(&own.rules);
            policy.patterns.extend(own.patterns.clone());
            policy.losses.extend(&own.losses);
        }
        policy
    }
}

/// What was decided about a document.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(tag = "decision", rename_all = "lowercase")]
pub enum Decision {
    /// It may be kept as a permit.
    Accepted {
        /// The rules of which a person should see the findings.
        warned: Vec<RuleId>,
    },
    /// It may not.
    Refused {
        /// The rules for which it is refused.
        rules: Vec<RuleId>,
        /// The layers that were not looked at.
        unseen: Vec<Layer>,
    },
}

impl Decision {
    /// True when it may be kept as a permit.
    pub fn is_accepted(&self) -> bool {
        matches!(self, Decision::Accepted { .. })
    }
}

/// Decides about a document by what was said of it.
///
/// ```
/// use epix_core::check::knowledge::Knowledge;
/// use epix_core::check::policy::{Policy, decide};
/// use epix_core::check::stages;
///
/// let checked = stages::run(b"<permit/>", &Policy::default(), &Knowledge::default());
/// assert!(!decide(&checked.report, &Policy::default()).is_accepted());
/// ```
pub fn decide(report: &Report, policy: &Policy) -> Decision {
    let with = |wanted: Action| {
        let mut rules: Vec<RuleId> = Vec::new();
        for finding in report.findings.iter().filter(|finding| policy.action(finding) == wanted) {
            if !rules.contains(&finding.rule) {
                rules.push(finding.rule);
            }
        }
        rules
    };
    let unseen: Vec<Layer> = report.unseen().collect();
    let rules = with(Action::Refuse);
    if rules.is_empty() && unseen.is_empty() {
        return Decision::Accepted { warned: with(Action::Warn) };
    }
    Decision::Refused { rules, unseen }
}
