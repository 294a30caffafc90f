//! What does a document pass through, in which order? One list, read from top to bottom.

use super::explain::explain;
use super::knowledge::Knowledge;
use super::policy::Policy;
use super::profile::Profile;
use super::rules::{self, Context};
use super::schema;
use crate::permit::{ModelPath, Permit};
use crate::report::{Finding, Layer, Place, Report, Severity};
use crate::version::ToolkitVersion;
use crate::wire::guard::Limits;
use crate::wire::tree::Node;
use crate::wire::{self, Received, Trace, json};

/// The layers of a verdict. Each is passed, failed, or skipped with the reason.
pub const ORDER: [Layer; 6] =
    [Layer::Guard, Layer::WellFormed, Layer::Version, Layer::Schema, Layer::Read, Layer::Rules];

/// What could be read of a document, good or not: for showing it, never for storing it.
#[derive(Debug, Clone)]
pub struct Reading {
    /// The document that was opened.
    pub received: Received,
    /// The permit as far as it could be read.
    pub permit: Permit,
    /// Which element filled which field.
    pub trace: Trace,
}

impl Reading {
    /// Where what fills a field of the model stands in the document.
    pub fn place(&self, path: &ModelPath) -> Place {
        let Received { version, document, view } = &self.received;
        match version {
            ToolkitVersion::Json => json::place(document, path),
            version => self.trace.place(view, version.spec().root, path),
        }
    }
}

/// A document that went through the stages.
#[derive(Debug, Clone)]
pub struct Checked {
    /// What could be read; `None` where it could not be opened.
    pub reading: Option<Reading>,
    /// The verdict.
    pub report: Report,
}

/// Sends a document through every stage.
///
/// The policy says only whether the rules are asked of a permit in which something could not be read: they are when every
/// error of reading is one that it does not refuse.
pub fn run(bytes: &[u8], policy: &Policy, knowledge: &Knowledge<'_>) -> Checked {
    let mut checked = read(bytes);
    let Checked { reading: Some(reading), report } = &mut checked else { return checked };
    number(reading, report);
    let unread = report.findings.iter().filter(|finding| finding.severity == Severity::Error);
    if policy.refuses(unread.filter(|finding| finding.rule != schema::OBEYS_SCHEMA)) {
        report.skip(Layer::Rules, "the permit could not be read without errors");
    } else {
        judge(reading, knowledge, report);
    }
    checked
}

/// Sends a document through the stages up to reading: for what was accepted once, and for showing.
pub fn read(bytes: &[u8]) -> Checked {
    let mut report = Report::default();
    if json::is_json(bytes) {
        // Our JSON form: the same layers, each of its own kind.
        let read = json::open(bytes, &mut report);
        let reading = read.map(|(received, permit)| Reading { received, permit, trace: Trace::default() });
        explain(&mut report);
        return Checked { reading, report };
    }
    // Guard, well-formed, version.
    let look = |root: Node<'_, '_>, received: &Received| {
        let obeys = schema::accepts(received.version, root);
        (obeys, (wire::codec(received.version).read)(root, &received.view))
    };
    let Some((received, (obeys, read))) = wire::open_with(bytes, &Limits::DOCUMENT, &mut report, look) else {
        explain(&mut report);
        return Checked { reading: None, report };
    };
    close_schema(obeys, &received, &mut report);
    let (permit, mut findings, trace) = read;
    findings.splice(0..0, received.view.tolerated.iter().cloned());
    report.close(Layer::Read, findings);
    explain(&mut report);
    Checked { reading: Some(Reading { received, permit, trace }), report }
}

/// Sends a document through the stages up to its schema.
pub fn open(bytes: &[u8]) -> (Option<Received>, Report) {
    let mut report = Report::default();
    if json::is_json(bytes) {
        let received = json::open_only(bytes, &mut report);
        explain(&mut report);
        return (received, report);
    }
    let look = |root: Node<'_, '_>, received: &Received| schema::accepts(received.version, root);
    let received = wire::open_with(bytes, &Limits::DOCUMENT, &mut report, look).map(|(received, obeys)| {
        close_schema(obeys, &received, &mut report);
        received
    });
    explain(&mut report);
    (received, report)
}

/// Sends a document through the stages up to its schema, and holds it against a narrower form of its version too.
pub fn open_within(bytes: &[u8], profile: &Profile) -> (Option<Received>, Report) {
    let (received, mut report) = open(bytes);
    match &received {
        Some(received) if received.version == profile.version => {
            for finding in profile.check(&received.view) {
                report.fail(Layer::Schema, finding);
            }
            explain(&mut report);
        }
        Some(_) => {
            let of = profile.version.spec().title;
            report.skip(Layer::Read, &format!("{} is a form of {of}, and the document is none of that", profile.name));
        }
        None => {}
    }
    (received, report)
}

/// A document that plainly obeys its schema needs no judge; of any other, libxml2 says what is wrong with it, if anything.
fn close_schema(obeys: bool, received: &Received, report: &mut Report) {
    if obeys {
        return report.close(Layer::Schema, Vec::new());
    }
    match schema::check(received.version, &received.view) {
        Ok(findings) => report.close(Layer::Schema, findings),
        Err(reason) => report.skip(Layer::Schema, &reason),
    }
}

/// A permit without a number can neither be kept nor asked for.
fn number(reading: &Reading, report: &mut Report) {
    if let Err(sentence) = super::number_of(&reading.permit) {
        let place = reading.place(&ModelPath::root());
        report.fail(Layer::Read, Finding::new(wire::rules::NUMBER, Severity::Error, place, sentence));
        explain(report);
    }
}

fn judge(reading: &Reading, knowledge: &Knowledge<'_>, report: &mut Report) {
    let context = Context::of(&reading.permit, reading.received.version, knowledge);
    let judgement = rules::judge(&reading.permit, &context, |path| reading.place(path));
    report.close(Layer::Rules, judgement.findings);
    report.skipped = judgement.skipped;
    report.judges = rules::judges();
}
