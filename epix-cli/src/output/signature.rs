//! What is said of a signature?

use std::fmt::Write as _;

use chrono::{DateTime, SecondsFormat, Utc};
use epix_core::receive::Judged;
use epix_core::report::{Finding, Layer, Severity};
use epix_core::sign::seal::TimeSource;
use epix_core::sign::{Place, Seal, rules};
use serde::Serialize;

use super::{Verdict, human, plain};

/// `epix sign`.
#[derive(Debug, Serialize)]
#[serde(tag = "kind", rename = "signed")]
pub struct SignedLine {
    /// The file that was written.
    pub file: String,
    /// Number as written (box 1).
    pub number: Option<String>,
    /// Where the signature stands.
    pub place: Place,
    /// Who signed.
    pub signer: String,
}

impl SignedLine {
    /// A permit that was signed.
    pub fn new(verdict: &Verdict, file: String, place: Place, signer: String) -> SignedLine {
        SignedLine { file, number: verdict.number().map(str::to_owned), place, signer }
    }
}

/// `epix verify`.
#[derive(Debug, Serialize)]
#[serde(tag = "kind", rename = "signature")]
pub struct SignatureLine<'a> {
    /// The file that was looked at.
    pub file: String,
    /// The verdict.
    pub trusted: bool,
    /// Where the signature stood.
    pub place: Option<Place>,
    /// Who signed what, how and when, as far as it could be read.
    pub seal: Option<&'a Seal>,
    /// What is wrong, or worth a note.
    pub findings: Vec<&'a Finding>,
}

impl<'a> SignatureLine<'a> {
    /// What was found out about a signature.
    pub fn new(file: String, judged: &'a Judged, trusted: bool) -> SignatureLine<'a> {
        let verdict = judged.signature.verdict.as_ref();
        SignatureLine {
            file,
            trusted,
            place: judged.signature.place,
            seal: verdict.and_then(|verdict| verdict.seal.as_ref()),
            findings: about(judged, trusted),
        }
    }
}

/// The findings of the signature; where it was not come to, those of the document that was in the way.
fn about(judged: &Judged, trusted: bool) -> Vec<&Finding> {
    match &judged.signature.verdict {
        Some(verdict) if trusted || !verdict.is_trusted() => verdict.findings.iter().collect(),
        _ => judged.checked.report.errors().collect(),
    }
}

/// The verdict in lines, the one with the verdict first.
pub fn verdict(name: &str, judged: &Judged, trusted: bool) -> String {
    let name = plain(name);
    let word = if trusted { "the signature is trusted" } else { "the signature is refused" };
    let mut lines = format!("{name}: {word}\n");
    for finding in about(judged, trusted).into_iter().filter(|finding| is_said(finding, trusted)) {
        lines.push_str(&human::finding_line(&name, finding, 0));
        if let Some(remedy) = finding.remedy.filter(|_| finding.severity == Severity::Error) {
            let _ = writeln!(lines, "  hint: {remedy}");
        }
    }
    if let Some(seal) = judged.signature.verdict.as_ref().and_then(|verdict| verdict.seal.as_ref()) {
        lines.push_str(&seal_lines(seal));
    }
    if judged.checked.report.outcome(Layer::Read).is_some() && !judged.checked.report.is_clean() && trusted {
        lines.push_str("  the permit itself is not valid: epix validate says why\n");
    }
    lines
}

/// Notes are of interest where nothing is wrong; the stated time has a line of its own.
fn is_said(finding: &Finding, trusted: bool) -> bool {
    finding.severity != Severity::Note || (trusted && finding.rule != rules::STATED_TIME.id)
}

/// Who signed, chain, algorithm, time.
pub fn seal_lines(seal: &Seal) -> String {
    let mut lines = String::new();
    let mut line = |name: &str, text: &str| {
        let _ = writeln!(lines, "  {name:11} {}", plain(text));
    };
    let signer = seal.signer();
    line("signer", &format!("{} (serial {})", signer.subject, signer.serial));
    line("certificate", &signer.fingerprint.to_string());
    for holder in seal.chain.iter().skip(1) {
        line("vouched by", &holder.subject);
    }
    line("algorithm", &format!("{} with {}", seal.algorithm, seal.key));
    line("covers", &format!("SHA-256 {}", seal.covers));
    if let Some(stated) = seal.stated {
        line("stated time", &format!("{} (not trusted)", time(stated)));
    }
    line("judged for", &format!("{} ({})", time(seal.judged_at), source(seal.judged_by)));
    if let Some(original) = seal.original {
        let signer = original.signer.map_or("nobody".to_owned(), |signer| signer.to_string());
        line("made from", &format!("SHA-256 {}, signed by {signer}", original.digest));
    }
    lines
}

fn time(moment: DateTime<Utc>) -> String {
    moment.to_rfc3339_opts(SecondsFormat::Secs, true)
}

fn source(source: TimeSource) -> &'static str {
    match source {
        TimeSource::TimeStamp => "by its time stamp",
        TimeSource::Receipt => "when it was received",
        TimeSource::Asked => "as asked",
        TimeSource::Now => "now",
    }
}
