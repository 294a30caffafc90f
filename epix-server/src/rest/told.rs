//! What several answers tell, as types: what is sent and what is described come from the same lines.

use epix_core::report::{self, Severity};
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// A verdict on a document, and nothing was stored.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct JudgedDocument {
    /// Whether it would be stored.
    pub(super) accepted: bool,
    pub(super) report: Report,
}

/// The verdict of every layer, as `epix validate` tells it.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct Report {
    /// The layers in the order in which they were passed.
    layers: Vec<LayerVerdict>,
    findings: Vec<Finding>,
    /// The rules that could not be asked.
    skipped: Vec<SkippedRule>,
    /// Which editions of rules and code lists judged.
    judges: Vec<Edition>,
}

#[derive(Debug, Serialize, ToSchema)]
struct LayerVerdict {
    /// Such as `schema`.
    layer: String,
    outcome: LayerOutcome,
}

/// How a layer ended; what was skipped says why.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "lowercase")]
enum LayerOutcome {
    Passed,
    Failed,
    Skipped(String),
}

#[derive(Debug, Serialize, ToSchema)]
struct SkippedRule {
    rule: &'static str,
    /// What would have to be known.
    because: &'static str,
}

#[derive(Debug, Serialize, ToSchema)]
struct Edition {
    /// Name and number, such as `rules-1`.
    id: &'static str,
    /// The day on which it was made.
    date: chrono::NaiveDate,
}

/// One thing that is wrong, or was tolerated.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub(super) struct Finding {
    /// The permanent id of the rule that speaks.
    rule: &'static str,
    severity: Weight,
    /// The box of the paper form, such as `12a`.
    #[serde(rename = "box")]
    form_box: Option<&'static str>,
    #[schema(minimum = 1)]
    line: u32,
    /// In characters.
    #[schema(minimum = 1)]
    column: u32,
    /// Element path with local names, or JSON path; empty where no element is meant.
    path: String,
    sentence: String,
    /// What to do about it.
    remedy: Option<&'static str>,
}

/// How much a finding weighs.
#[derive(Debug, Clone, Copy, Serialize, ToSchema)]
#[serde(rename_all = "lowercase")]
enum Weight {
    Note,
    Warning,
    Error,
}

impl From<&report::Report> for Report {
    fn from(report: &report::Report) -> Report {
        let layer = |told: &report::LayerReport| LayerVerdict {
            layer: told.layer.to_string(),
            outcome: match &told.outcome {
                report::Outcome::Passed => LayerOutcome::Passed,
                report::Outcome::Failed => LayerOutcome::Failed,
                report::Outcome::Skipped(because) => LayerOutcome::Skipped(because.clone()),
            },
        };
        let skipped = |told: &report::SkippedRule| SkippedRule { rule: told.rule.0, because: told.because };
        Report {
            layers: report.layers.iter().map(layer).collect(),
            findings: findings(&report.findings),
            skipped: report.skipped.iter().map(skipped).collect(),
            judges: report.judges.iter().map(|edition| Edition { id: edition.id, date: edition.date }).collect(),
        }
    }
}

/// Findings as they are told.
pub(super) fn findings<'f>(all: impl IntoIterator<Item = &'f report::Finding>) -> Vec<Finding> {
    let told = |finding: &report::Finding| Finding {
        rule: finding.rule.0,
        severity: match finding.severity {
            Severity::Note => Weight::Note,
            Severity::Warning => Weight::Warning,
            Severity::Error => Weight::Error,
        },
        form_box: finding.form_box,
        line: finding.place.line,
        column: finding.place.column,
        path: finding.place.path.clone(),
        sentence: finding.sentence.clone(),
        remedy: finding.remedy,
    };
    all.into_iter().map(told).collect()
}

/// What is told of a row of the store: the members of `T`, and no other.
pub(super) fn of_row<T: DeserializeOwned>(row: &impl Serialize) -> Result<T, serde_json::Error> {
    serde_json::from_value(serde_json::to_value(row)?)
}

/// From when until when something holds, as far as it is known.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
pub(super) struct Term {
    /// The first day.
    from: Option<chrono::NaiveDate>,
    /// The last day.
    until: Option<chrono::NaiveDate>,
    /// When it itself expires.
    expires: Option<chrono::DateTime<chrono::Utc>>,
}
