//! What do programs get? One object per line; `docs/json-output.md` describes each and is compared with these types.

use epix_client::gateway::Listed;
use epix_client::simulate::Simulator;
use epix_core::id::Sha256Digest;
use epix_core::permit::{Item, Moment, Permit};
use epix_core::report::{Edition, Finding, Layer, Outcome, RuleId, SkippedRule};
use epix_core::sign::Seal;
use epix_core::soap::answer::PartnerFault;
use serde::Serialize;

use super::{Console, Verdict};
use crate::exit::Trouble;

/// Writes one object as one line.
///
/// # Errors
/// [`Trouble::Output`] when the output cannot be written.
pub fn line(console: &mut Console<'_>, object: &impl Serialize) -> Result<(), Trouble> {
    console.out.write_all(&bytes(object)).map_err(Trouble::Output)
}

/// One object as one line.
pub fn bytes(object: &impl Serialize) -> Vec<u8> {
    let mut line = serde_json::to_vec(object).unwrap_or_else(|_| unreachable!("our objects have names as keys"));
    line.push(b'\n');
    line
}

/// `epix state`.
#[derive(Debug, Serialize)]
#[serde(tag = "kind", rename = "state")]
pub struct StateLine {
    /// The partner's word; empty when it said nothing that is known.
    pub state: String,
}

/// `epix simulate`, once it answers.
#[derive(Debug, Serialize)]
#[serde(tag = "kind", rename = "simulated")]
pub struct SimulatedLine {
    /// The whole address that partners call.
    pub endpoint: String,
    /// Where orders are taken.
    pub control: String,
}

impl SimulatedLine {
    /// The line for a partner that answers.
    pub fn of(partner: &Simulator) -> SimulatedLine {
        SimulatedLine { endpoint: partner.endpoint(), control: format!("http://{}", partner.control) }
    }
}

/// `epix fetch`, and part of `epix show`.
#[derive(Debug, Serialize)]
#[serde(tag = "kind", rename = "permit")]
pub struct PermitLine {
    /// Number as written (box 1).
    pub number: Option<String>,
    /// True when the permit holds certified quantities (box 14).
    #[serde(rename = "final")]
    pub is_final: bool,
    /// Toolkit version.
    pub version: Option<String>,
    /// The file that was written (`fetch`) or read (`show`).
    pub file: Option<String>,
    /// The positions of the form.
    pub positions: Vec<PositionLine>,
    /// What came beside the permit, under the names that were given, or would be.
    pub attachments: Vec<AttachmentLine>,
    /// What was found out about the signature, where `--trust` asked (`fetch`).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub signature: Option<TrustLine>,
}

/// A file that came beside a permit.
#[derive(Debug, Clone, Serialize)]
pub struct AttachmentLine {
    /// The name: as saved, or as it would be saved.
    pub name: String,
    /// Its length in bytes.
    pub size: usize,
    /// SHA-256 over its bytes.
    pub sha256: Sha256Digest,
}

/// Whether a permit carries a signature that is to be trusted.
#[derive(Debug, Serialize)]
pub struct TrustLine {
    /// The verdict; false also where there is none.
    pub trusted: bool,
    /// Who signed what, how and when; none where there is no signature, or it could not be read.
    pub seal: Option<Seal>,
}

/// One position of the form.
#[derive(Debug, Serialize)]
pub struct PositionLine {
    /// Its letter.
    pub id: Option<String>,
    /// Scientific names (box 7).
    pub scientific_name: Option<String>,
    /// Permitted quantity (box 11).
    pub permitted: Option<String>,
    /// Certified quantity (box 14).
    pub confirmed: Option<String>,
    /// Unit as written; none means number of specimens.
    pub unit: Option<String>,
}

/// `epix show`.
#[derive(Debug, Serialize)]
pub struct ShownLine<'a> {
    /// What `fetch` says too.
    #[serde(flatten)]
    pub summary: PermitLine,
    /// False when the document is not valid and only shown as far as it could be read.
    pub accepted: bool,
    /// Beginning of validity as written (box 2).
    pub valid_from: Option<&'a Moment>,
    /// End of validity as written (box 2).
    pub valid_until: Option<&'a Moment>,
    /// Every box.
    pub permit: &'a Permit,
}

/// `epix confirm`.
#[derive(Debug, Serialize)]
#[serde(tag = "kind", rename = "confirmed")]
pub struct ConfirmedLine {
    /// The number that was asked about.
    pub number: String,
    /// The partner's word; none when it answered without one that is known.
    pub confirmed: Option<bool>,
}

/// `epix submit`: one document.
#[derive(Debug, Serialize)]
#[serde(tag = "kind", rename = "submitted")]
pub struct SubmittedLine<'a> {
    /// The document.
    pub file: &'a str,
    /// `stored`, `unchanged`, `refused` or `not-sent`.
    pub outcome: &'static str,
    /// True when an earlier run settled it, as the journal says.
    pub earlier: bool,
    /// The number under which it is kept.
    pub number: Option<&'a str>,
    /// SHA-256 over its bytes and those of its signature; none where it was not read.
    pub sha256: Option<Sha256Digest>,
    /// Why it was refused, in the words of the gateway.
    pub reason: Option<&'a str>,
    /// What the gateway found in it, as in a report.
    pub findings: &'a [serde_json::Value],
}

/// `epix list`: one permit.
#[derive(Debug, Serialize)]
#[serde(tag = "kind", rename = "listed")]
pub struct ListedLine<'a> {
    /// Its number as written.
    pub number: &'a str,
    /// Its state now.
    pub state: Option<&'a str>,
    /// The country of import.
    pub destination: Option<&'a str>,
    /// The code of box 1.
    pub document_type: Option<&'a str>,
    /// The day of issue.
    pub issued: Option<&'a str>,
    /// The last day of validity.
    pub last_day: Option<&'a str>,
    /// The scientific names.
    pub species: &'a [String],
    /// Who sends it.
    pub consignor: Option<&'a str>,
    /// Who receives it.
    pub consignee: Option<&'a str>,
    /// When it was stored.
    pub stored_at: Option<&'a str>,
}

impl ListedLine<'_> {
    /// The line of a permit.
    pub fn of(listed: &Listed) -> ListedLine<'_> {
        ListedLine {
            number: &listed.number,
            state: listed.state.as_deref(),
            destination: listed.destination.as_deref(),
            document_type: listed.document_type.as_deref(),
            issued: listed.issued.as_deref(),
            last_day: listed.last_day.as_deref(),
            species: &listed.species,
            consignor: listed.consignor.as_deref(),
            consignee: listed.consignee.as_deref(),
            stored_at: listed.stored_at.as_deref(),
        }
    }
}

impl SubmittedLine<'_> {
    /// Of a document whose turn did not come.
    pub fn not_sent(file: &str) -> SubmittedLine<'_> {
        SubmittedLine {
            file,
            outcome: "not-sent",
            earlier: false,
            number: None,
            sha256: None,
            reason: None,
            findings: &[],
        }
    }
}

/// `epix codes`: one list.
#[derive(Debug, Serialize)]
#[serde(tag = "kind", rename = "code-list")]
pub struct CodeListLine {
    /// Its name.
    pub list: &'static str,
    /// Which edition of it answers: ours, not that of the source.
    pub edition: &'static str,
    /// The day of the edition.
    pub edition_date: String,
    /// Rows, one for each span of days of a code.
    pub rows: usize,
}

/// `epix codes LIST [CODE]`: one code and one span of days.
#[derive(Debug, Serialize)]
#[serde(tag = "kind", rename = "code")]
pub struct CodeLine<'a> {
    /// The list.
    pub list: &'static str,
    /// Which edition of it answers.
    pub edition: &'static str,
    /// The code.
    pub code: &'a str,
    /// `current`, `former`, `not-yet` or `unknown` on the day that was asked for; none when no day was.
    pub standing: Option<&'static str>,
    /// The name in the language that was asked for.
    pub name: Option<&'static str>,
    /// First day.
    pub from: Option<String>,
    /// Last day.
    pub until: Option<String>,
    /// What is written instead today.
    pub replaced_by: Vec<&'static str>,
    /// `certain`, `inferred` or `recalled`.
    pub grade: Option<&'static str>,
    /// Short names of the sources; `docs/codes.md` spells them out.
    pub sources: Vec<&'static str>,
    /// What else is to be known.
    pub note: Option<&'static str>,
    /// The code that was probably meant, where the code is not on the list.
    pub meant: Option<&'static str>,
}

/// `epix diff`: one difference.
#[derive(Debug, Serialize)]
#[serde(tag = "kind", rename = "difference")]
pub struct DifferenceLine<'a> {
    /// The box of the paper form; none for what is not on the form.
    #[serde(rename = "box")]
    pub form_box: Option<&'static str>,
    /// The letter of the position, where it is one.
    pub position: Option<&'a str>,
    /// The field of the model.
    pub path: &'a str,
    /// What A says.
    pub a: Option<&'a str>,
    /// What B says.
    pub b: Option<&'a str>,
}

/// A refusal in words.
#[derive(Debug, Serialize)]
#[serde(tag = "kind", rename = "fault")]
pub struct FaultLine<'a> {
    /// SOAP fault code without prefix.
    pub faultcode: &'a str,
    /// The code of the typed detail.
    pub code: Option<&'a str>,
    /// The sentence of the detail, or of the fault.
    pub message: &'a str,
    /// The partner's request id.
    pub request_id: Option<&'a str>,
    /// What is special about the case: names and values.
    #[serde(skip_serializing_if = "<[_]>::is_empty")]
    pub particulars: &'a [(String, String)],
}

/// Trouble.
#[derive(Debug, Serialize)]
#[serde(tag = "kind", rename = "error")]
pub struct ErrorLine {
    /// What went wrong, with its causes.
    pub error: String,
}

/// `epix validate`, and what `show` and `fetch` say of a document that is not valid.
#[derive(Debug, Serialize)]
#[serde(tag = "kind", rename = "report")]
pub struct ReportLine<'a> {
    /// The file that was looked at; none for an answer that was not kept.
    pub file: Option<String>,
    /// The verdict.
    pub accepted: bool,
    /// Toolkit version, where it is one.
    pub version: Option<String>,
    /// Number as written, where there is one.
    pub number: Option<&'a str>,
    /// The layers in order, up to the one that failed.
    pub layers: Vec<LayerLine<'a>>,
    /// The rules for which the policy refuses the document.
    pub refused_for: &'a [RuleId],
    /// Everything that was found.
    pub findings: &'a [Finding],
    /// The rules that could not be asked, and why.
    pub skipped: &'a [SkippedRule],
    /// Who signed it, how and when, where the document is accepted and its signature was looked at.
    pub seal: Option<&'a Seal>,
    /// What came beside the permit, where the document is an answer that carries one.
    pub attachments: Vec<AttachmentLine>,
    /// The editions of the rules and of the code lists that judged; empty when the rules were not asked.
    pub judges: &'a [Edition],
}

/// How a layer ended.
#[derive(Debug, Serialize)]
pub struct LayerLine<'a> {
    /// Which layer.
    pub layer: epix_core::report::Layer,
    /// `passed`, `failed` or `skipped`.
    pub outcome: &'static str,
    /// Why it was skipped.
    pub reason: Option<&'a str>,
}

impl<'a> ReportLine<'a> {
    /// The report on a document.
    pub fn new(file: Option<String>, verdict: &'a Verdict) -> ReportLine<'a> {
        let report = verdict.report();
        let layers = report.layers.iter().map(|layer| {
            let (outcome, reason) = outcome(&layer.outcome);
            LayerLine { layer: layer.layer, outcome, reason }
        });
        ReportLine {
            file,
            accepted: verdict.is_accepted(),
            version: verdict.version().map(|version| version.to_string()),
            number: verdict.number(),
            layers: layers.collect(),
            refused_for: verdict.refused_for(),
            findings: &report.findings,
            skipped: &report.skipped,
            seal: verdict.seal(),
            attachments: Vec::new(),
            judges: &report.judges,
        }
    }
}

fn outcome(outcome: &Outcome) -> (&'static str, Option<&str>) {
    match outcome {
        Outcome::Passed => ("passed", None),
        Outcome::Failed => ("failed", None),
        Outcome::Skipped(reason) => ("skipped", Some(reason)),
    }
}

impl PermitLine {
    /// The summary of a permit.
    pub fn new(
        permit: &Permit,
        verdict: &Verdict,
        file: Option<String>,
        attachments: Vec<AttachmentLine>,
    ) -> PermitLine {
        PermitLine {
            number: verdict.number().map(str::to_owned),
            is_final: permit.is_endorsed(),
            version: verdict.version().map(|version| version.to_string()),
            file,
            positions: permit.consignment.items.iter().map(PositionLine::new).collect(),
            attachments,
            signature: None,
        }
    }
}

impl TrustLine {
    /// What a verdict says of the signature.
    pub fn new(verdict: &Verdict) -> TrustLine {
        let trusted = verdict.report().outcome(Layer::Signature) == Some(&Outcome::Passed);
        TrustLine { trusted, seal: verdict.seal().cloned() }
    }
}

impl PositionLine {
    fn new(item: &Item) -> PositionLine {
        let names: Vec<&str> = item.scientific_names().map(|name| name.as_str().trim()).collect();
        let (permitted, endorsed) = (item.permitted(), item.endorsed());
        let unit = permitted.or(endorsed).and_then(|quantity| quantity.unit.as_ref());
        PositionLine {
            id: item.id().map(|id| id.as_str().to_owned()),
            scientific_name: (!names.is_empty()).then(|| names.join("; ")),
            permitted: permitted.map(|quantity| quantity.amount.to_string()),
            confirmed: endorsed.map(|quantity| quantity.amount.to_string()),
            unit: unit.map(|unit| unit.as_str().to_owned()),
        }
    }
}

impl<'a> FaultLine<'a> {
    /// A fault as a partner worded it.
    pub fn new(fault: &'a PartnerFault) -> FaultLine<'a> {
        FaultLine {
            faultcode: &fault.faultcode,
            code: fault.code.as_deref(),
            message: fault.message.as_deref().unwrap_or(&fault.faultstring),
            request_id: fault.request_id.as_deref(),
            particulars: &fault.particulars,
        }
    }
}

impl ErrorLine {
    /// A trouble with its causes.
    pub fn new(trouble: &Trouble) -> ErrorLine {
        ErrorLine { error: trouble.sentences().join(": ") }
    }
}
