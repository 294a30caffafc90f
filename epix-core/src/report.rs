//! What everybody may say about a document: findings, placed and ruled, gathered in layers of one report.

use std::fmt;

use chrono::NaiveDate;
use serde::{Deserialize, Serialize, Serializer};

/// The permanent id of a rule, such as `EPIX-READ-02`; never reused.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(transparent)]
pub struct RuleId(pub &'static str);

impl fmt::Display for RuleId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.0)
    }
}

/// How much a finding weighs.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Severity {
    /// A deviation that was tolerated and changes nothing in the meaning.
    Note,
    /// Something a person should look at.
    Warning,
    /// The document is wrong.
    Error,
}

impl fmt::Display for Severity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Severity::Note => "note",
            Severity::Warning => "warning",
            Severity::Error => "error",
        })
    }
}

/// A place in the document as it was received.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Place {
    /// Line, from 1.
    pub line: u32,
    /// Column in characters, from 1.
    pub column: u32,
    /// Element path with local names, such as `/CITESEPermit/HeaderExchangedDocument/Name[2]`; empty where no element is meant.
    pub path: String,
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "line {}, column {}", self.line, self.column)?;
        if !self.path.is_empty() {
            write!(f, ", {}", self.path)?;
        }
        Ok(())
    }
}

/// One thing that was looked at and is wrong, or was tolerated.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Finding {
    /// Which rule speaks.
    pub rule: RuleId,
    /// How much it weighs.
    pub severity: Severity,
    /// The box of the paper form that it speaks of, such as `12a`, where the rule names one.
    #[serde(rename = "box")]
    pub form_box: Option<&'static str>,
    /// Where it was seen.
    #[serde(flatten)]
    pub place: Place,
    /// A sentence that stands alone.
    pub sentence: String,
    /// What to do about it, where the rule says.
    pub remedy: Option<&'static str>,
}

impl Finding {
    /// A finding of a rule that names neither box nor remedy.
    pub fn new(rule: RuleId, severity: Severity, place: Place, sentence: String) -> Finding {
        Finding { rule, severity, form_box: None, place, sentence, remedy: None }
    }
}

/// How many findings of one walk are listed: enough for any honest document, and a hostile one with a finding for each
/// of its elements cannot make us find the path of every one of them.
pub const LISTED: usize = 500;

/// Adds a finding to the list of one walk; a full list ends with one that says so.
pub(crate) fn list(findings: &mut Vec<Finding>, finding: impl FnOnce() -> Finding) {
    if findings.len() < LISTED {
        findings.push(finding());
    } else if findings.len() == LISTED {
        let sentence = format!("there are more findings from here on; only the first {LISTED} are listed");
        findings.push(Finding { sentence, ..finding() });
    }
}

/// What a document passes through, in this order.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Layer {
    /// Size, encoding, characters, DTD, processing instructions, limits.
    Guard,
    /// XML and namespace well-formedness.
    WellFormed,
    /// Which toolkit version it is.
    Version,
    /// Who signed it, and whether it is still what was signed.
    Signature,
    /// The XML schema of that version.
    Schema,
    /// Reading into the model: cardinality, order, values.
    Read,
    /// The rules of the standard that one document can answer.
    Rules,
}

impl fmt::Display for Layer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Layer::Guard => "guard",
            Layer::WellFormed => "well-formed",
            Layer::Version => "version",
            Layer::Signature => "signature",
            Layer::Schema => "schema",
            Layer::Read => "read",
            Layer::Rules => "rules",
        })
    }
}

/// How a layer ended.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Outcome {
    /// Looked, nothing wrong.
    Passed,
    /// Looked, and it is wrong.
    Failed,
    /// Not looked at, because.
    Skipped(String),
}

/// The verdict of one layer.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct LayerReport {
    /// Which layer.
    pub layer: Layer,
    /// How it ended.
    pub outcome: Outcome,
}

/// A rule that could not be asked, and why.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct SkippedRule {
    /// Which rule.
    pub rule: RuleId,
    /// What would have to be known.
    pub because: &'static str,
}

/// Which edition of rules or of a code list judged: a later one may judge otherwise.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct Edition {
    /// Name and number, such as `rules-1` or `terms-1`.
    pub id: &'static str,
    /// The day on which it was made.
    #[serde(serialize_with = "as_text")]
    pub date: NaiveDate,
}

fn as_text<S: Serializer>(date: &NaiveDate, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.collect_str(date)
}

/// Everything that was said about one document. A verdict, not yet a decision.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct Report {
    /// The layers in the order they were passed.
    pub layers: Vec<LayerReport>,
    /// The findings, layer by layer, in document order within a layer, at most [`LISTED`] and a closing one of each walk.
    pub findings: Vec<Finding>,
    /// The rules that could not be asked.
    pub skipped: Vec<SkippedRule>,
    /// What judged: the rules, then the code lists they looked into; empty when the rules were not asked.
    pub judges: Vec<Edition>,
}

impl Report {
    /// Closes a layer with what it found: failed when one of the findings is an error.
    pub fn close(&mut self, layer: Layer, findings: Vec<Finding>) {
        let failed = findings.iter().any(|finding| finding.severity == Severity::Error);
        let outcome = if failed { Outcome::Failed } else { Outcome::Passed };
        self.layers.push(LayerReport { layer, outcome });
        self.findings.extend(findings);
    }

    /// Adds an error to a layer that was closed already: it failed after all.
    pub fn fail(&mut self, layer: Layer, error: Finding) {
        let closed = self.layers.iter_mut().filter(|report| report.layer == layer);
        closed.for_each(|report| report.outcome = Outcome::Failed);
        self.findings.push(error);
    }

    /// Puts a layer that was judged apart behind another one, or last where that was not come to.
    pub(crate) fn insert(&mut self, layer: Layer, behind: Layer, findings: Vec<Finding>) {
        let mut judged = Report::default();
        judged.close(layer, findings);
        self.put_in(behind, judged);
    }

    /// As [`Report::insert`], for a layer that was not looked at.
    pub(crate) fn insert_skipped(&mut self, layer: Layer, behind: Layer, because: &str) {
        let mut judged = Report::default();
        judged.skip(layer, because);
        self.put_in(behind, judged);
    }

    fn put_in(&mut self, behind: Layer, judged: Report) {
        let at = self.layers.iter().position(|report| report.layer == behind).map_or(self.layers.len(), |at| at + 1);
        self.layers.splice(at..at, judged.layers);
        self.findings.splice(0..0, judged.findings);
    }

    /// Records that a layer was not looked at, and why.
    pub fn skip(&mut self, layer: Layer, because: &str) {
        self.layers.push(LayerReport { layer, outcome: Outcome::Skipped(because.to_owned()) });
    }

    /// True when no finding is an error.
    pub fn is_clean(&self) -> bool {
        self.errors().next().is_none()
    }

    /// How a layer ended; `None` when it was not come to.
    pub fn outcome(&self, layer: Layer) -> Option<&Outcome> {
        self.layers.iter().find(|report| report.layer == layer).map(|report| &report.outcome)
    }

    /// The layers that were not looked at. A signature that nobody asked for is none of them.
    pub fn unseen(&self) -> impl Iterator<Item = Layer> {
        let skipped = self.layers.iter().filter(|report| matches!(report.outcome, Outcome::Skipped(_)));
        skipped.map(|report| report.layer).filter(|layer| *layer != Layer::Signature)
    }

    /// True when every layer was looked at.
    pub fn is_complete(&self) -> bool {
        self.unseen().next().is_none()
    }

    /// The findings that are errors.
    pub fn errors(&self) -> impl Iterator<Item = &Finding> {
        self.findings.iter().filter(|finding| finding.severity == Severity::Error)
    }

    /// The rule ids that fired, in order, repeated as often as they fired.
    pub fn rule_ids(&self) -> Vec<&'static str> {
        self.findings.iter().map(|finding| finding.rule.0).collect()
    }
}

/// A fact of a permit that did not come along into another version, named without what it said.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Lost {
    /// The box of the paper form; empty for what is not on the form.
    pub form_box: String,
    /// Where it stands in the permit.
    pub path: String,
}
