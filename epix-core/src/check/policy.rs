//! What is done about a finding: accept, warn, refuse? Told by rule id in a file, for all partners or for one.
//!
//! A report is a verdict and stays what it is; a policy decides. Nothing here is a switch in the code: to let a partner send
//! a unit of former days, name the rule. Callers read the file, such as this one in TOML:
//!
//! ```toml
//! [rules]
//! "EPIX-UNIT-02" = "accept"
//!
//! [partner.XB-MA]
//! warnings = "refuse"
//!
//! [partner.XB-MA.rules]
//! "EPIX-PARTY-05" = "warn"
//! ```
//!
//! Three things no policy can allow: a document that cannot be read, one without a number, one of which a layer was not
//! looked at.

use std::collections::BTreeMap;

use serde::de::Error as _;
use serde::{Deserialize, Deserializer, Serialize};

use crate::report::{Finding, Layer, Outcome, Report, RuleId, Severity};

/// What is done about a finding.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Action {
    /// Nothing.
    Accept,
    /// A person should see it; the document is accepted.
    Warn,
    /// The document is refused.
    Refuse,
}

/// What is done about findings, by rule id and else by severity. What is not told is as in the default: errors are
/// refused, warnings warn, notes are accepted.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Policy {
    /// For errors of rules that are not named.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub errors: Option<Action>,
    /// For warnings of rules that are not named.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub warnings: Option<Action>,
    /// For notes of rules that are not named.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub notes: Option<Action>,
    /// For the rules that are named. An id that no rule has is refused when the file is read.
    #[serde(deserialize_with = "known_rules")]
    pub rules: BTreeMap<RuleId, Action>,
}

/// A file of policies: one for all, and what differs for a partner.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Policies {
    /// For errors of rules that are not named.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub errors: Option<Action>,
    /// For warnings of rules that are not named.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub warnings: Option<Action>,
    /// For notes of rules that are not named.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub notes: Option<Action>,
    /// For the rules that are named.
    #[serde(deserialize_with = "known_rules")]
    pub rules: BTreeMap<RuleId, Action>,
    /// What differs for a partner, by its id.
    pub partner: BTreeMap<String, Policy>,
}

fn known_rules<'de, D: Deserializer<'de>>(deserializer: D) -> Result<BTreeMap<RuleId, Action>, D::Error> {
    let written = BTreeMap::<String, Action>::deserialize(deserializer)?;
    let known = |(id, action): (String, Action)| {
        let rule = super::rule(&id).ok_or_else(|| D::Error::custom(format!("no rule is called {id:?}")))?;
        Ok((rule, action))
    };
    written.into_iter().map(known).collect()
}

impl Policy {
    /// What is done about a finding.
    pub fn action(&self, finding: &Finding) -> Action {
        self.rules.get(&finding.rule).copied().unwrap_or_else(|| match finding.severity {
            Severity::Error => self.errors.unwrap_or(Action::Refuse),
            Severity::Warning => self.warnings.unwrap_or(Action::Warn),
            Severity::Note => self.notes.unwrap_or(Action::Accept),
        })
    }

    /// True when one of the findings is refused.
    pub fn refuses<'f>(&self, findings: impl IntoIterator<Item = &'f Finding>) -> bool {
        findings.into_iter().any(|finding| self.action(finding) == Action::Refuse)
    }
}

impl Policies {
    /// The policy for everybody without an entry.
    pub fn general(&self) -> Policy {
        Policy { errors: self.errors, warnings: self.warnings, notes: self.notes, rules: self.rules.clone() }
    }

    /// The policy for a partner: its entry where it says something, else the general one. A rule that is named, in either,
    /// goes before a severity.
    pub fn of(&self, partner: &str) -> Policy {
        let mut policy = self.general();
        if let Some(own) = self.partner.get(partner) {
            policy.errors = own.errors.or(policy.errors);
            policy.warnings = own.warnings.or(policy.warnings);
            policy.notes = own.notes.or(policy.notes);
            policy.rules.extend(&own.rules);
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
    let unseen = report.layers.iter().filter(|layer| matches!(layer.outcome, Outcome::Skipped(_)));
    let unseen: Vec<Layer> = unseen.map(|layer| layer.layer).collect();
    let rules = with(Action::Refuse);
    if rules.is_empty() && unseen.is_empty() {
        return Decision::Accepted { warned: with(Action::Warn) };
    }
    Decision::Refused { rules, unseen }
}
