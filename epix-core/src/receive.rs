//! From bytes to a document that may be stored: the whole story of receiving, in one short function.

use roxmltree::Node;

use crate::check;
use crate::id::{Country, PermitNumber, Sha256Digest};
use crate::permit::Permit;
use crate::report::{Finding, Layer, Report, Severity};
use crate::version::ToolkitVersion;
use crate::wire::guard::Limits;
use crate::wire::{self, Received, rules};

/// A document that was looked at in every layer and found good. Only this can be stored as a permit.
#[derive(Debug, Clone)]
pub struct Accepted {
    bytes: Vec<u8>,
    version: ToolkitVersion,
    number: PermitNumber,
    permit: Permit,
    report: Report,
}

/// A document that was refused, with its bytes and the report that says why.
#[derive(Debug, Clone)]
pub struct Rejected {
    /// What was received.
    pub bytes: Vec<u8>,
    /// Why it was refused.
    pub report: Report,
    /// What could be read of it, where anything could.
    pub reading: Option<Reading>,
}

/// Looks at a document in every layer: what can be stored, or what is wrong with it.
///
/// The document may be a stand-alone permit or a whole EPIX answer that carries one.
///
/// # Errors
/// [`Rejected`] with the report that names every error and its place.
///
/// ```
/// use epix_core::receive::receive;
/// let refused = receive(b"<!DOCTYPE x><x/>").unwrap_err();
/// assert_eq!(refused.report.rule_ids(), ["EPIX-GUARD-04"]);
/// ```
pub fn receive(bytes: &[u8]) -> Result<Accepted, Box<Rejected>> {
    let (reading, mut report) = inspect(bytes);
    let Some(reading) = reading else {
        return Err(Box::new(Rejected { bytes: bytes.to_vec(), report, reading: None }));
    };
    let Reading { received, permit } = &reading;
    let number = match number_of(permit) {
        Ok(number) => Some(number),
        Err(sentence) => {
            let place = received.view.place(0, format!("/{}", received.version.spec().root));
            report.fail(Layer::Read, Finding { rule: rules::NUMBER, severity: Severity::Error, place, sentence });
            None
        }
    };
    match number {
        Some(number) if report.is_complete() && report.is_clean() => {
            let Reading { received: Received { version, document, .. }, permit } = reading;
            Ok(Accepted { bytes: document.into_bytes(), version, number, permit, report })
        }
        _ => Err(Box::new(Rejected { bytes: bytes.to_vec(), report, reading: Some(reading) })),
    }
}

/// What could be read of a document, good or not: for showing it, never for storing it.
#[derive(Debug, Clone)]
pub struct Reading {
    /// The document that was opened.
    pub received: Received,
    /// The permit as far as it could be read.
    pub permit: Permit,
}

/// Opens and reads a document as far as it goes, with the report of every layer.
pub fn inspect(bytes: &[u8]) -> (Option<Reading>, Report) {
    let mut report = Report::default();
    let Some((received, early)) = wire::open_with(bytes, &Limits::DOCUMENT, &mut report, read_tree) else {
        return (None, report);
    };
    check_schema(&received, &mut report);
    let (permit, mut findings) = early.unwrap_or_else(|| (wire::codec(received.version).read)(&received.view));
    findings.splice(0..0, received.view.tolerated.iter().cloned());
    report.close(Layer::Read, findings);
    (Some(Reading { received, permit }), report)
}

/// Reads the tree that a document was opened with, where nothing had to be mended: nearly every document, and half the work.
fn read_tree(root: Node<'_, '_>, received: &Received) -> Option<(Permit, Vec<Finding>)> {
    let read = wire::codec(received.version).read_tree.filter(|_| received.view.is_untouched())?;
    Some(read(root, &received.view))
}

/// Opens a document and holds it against its schema, and looks no further: guard, well-formed, version, schema.
pub fn inspect_schema(bytes: &[u8]) -> (Option<Received>, Report) {
    let mut report = Report::default();
    let received = wire::open(bytes, &Limits::DOCUMENT, &mut report);
    if let Some(received) = &received {
        check_schema(received, &mut report);
    }
    (received, report)
}

fn check_schema(received: &Received, report: &mut Report) {
    match check::schema::check(received.version, &received.view) {
        Ok(findings) => report.close(Layer::Schema, findings),
        Err(reason) => report.skip(Layer::Schema, &reason),
    }
}

fn number_of(permit: &Permit) -> Result<PermitNumber, String> {
    let number = permit.document.number.as_ref().ok_or("a permit must have a number (box 1)")?;
    PermitNumber::parse(number.as_str()).map_err(|error| error.to_string())
}

impl Accepted {
    /// The stand-alone document: what is stored, untouched.
    pub fn bytes(&self) -> &[u8] {
        &self.bytes
    }

    /// Digest of [`Accepted::bytes`].
    pub fn digest(&self) -> Sha256Digest {
        Sha256Digest::of(&self.bytes)
    }

    /// The toolkit version it is written in.
    pub fn version(&self) -> ToolkitVersion {
        self.version
    }

    /// The number of the permit (box 1).
    pub fn number(&self) -> &PermitNumber {
        &self.number
    }

    /// The country of import (boxes 3, 3a).
    pub fn destination(&self) -> Option<Country> {
        self.permit.destination()
    }

    /// The permit as it was read.
    pub fn permit(&self) -> &Permit {
        &self.permit
    }

    /// What was said about it: notes and warnings, no error.
    pub fn report(&self) -> &Report {
        &self.report
    }
}
