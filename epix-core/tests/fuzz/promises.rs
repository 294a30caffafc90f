//! What must hold of everything that we say about any bytes?

use epix_core::check::schema;
use epix_core::id::{Amount, Operation};
use epix_core::permit::{Examination, Permit, Quantity};
use epix_core::receive::{Reading, inspect};
use epix_core::report::{Finding, LISTED, Layer, Outcome, Place, Report};
use epix_core::soap::{Dialect, answer};
use epix_core::wire::form::FormError;
use epix_core::wire::{Endorsement, Received, codec, tree};
use roxmltree::Document;

/// The schema lists at most 200 violations and one that says so; the walks of the view and of the reader their own.
const MOST_FINDINGS: usize = 201 + 2 * (LISTED + 1);

/// Lines and columns lie inside the source, and the lists end.
pub(crate) fn of_findings(findings: &[Finding], source: &[u8]) {
    assert!(findings.len() <= MOST_FINDINGS, "{} findings", findings.len());
    let Ok(source) = std::str::from_utf8(source) else { return };
    for finding in findings {
        assert_inside(&finding.place, source, &finding.sentence);
    }
}

/// What a report says is complete: a layer that failed has an error, and none was left out but for those before it.
pub(crate) fn of_report(report: &Report, source: &[u8]) {
    of_findings(&report.findings, source);
    for layer in &report.layers {
        // A document that one parser reads and the other does not would be refused without a reason.
        assert!(!matches!(layer.outcome, Outcome::Skipped(_)), "{layer:?}");
    }
    let has_failed = report.layers.iter().any(|layer| layer.outcome == Outcome::Failed);
    assert_eq!(has_failed, !report.is_clean(), "{report:#?}");
}

fn assert_inside(place: &Place, source: &str, what: &str) {
    let line = usize::try_from(place.line).ok().and_then(|line| source.split('\n').nth(line.checked_sub(1)?));
    let line = line.unwrap_or_else(|| panic!("there is no line {}: {what}", place.line));
    let columns = line.chars().count() + 1;
    assert!((1..=columns).contains(&(place.column as usize)), "{place} of {columns} columns: {what}");
}

/// The view is well-formed, and each byte of it comes from somewhere in the source.
pub(crate) fn of_view(received: &Received, source: &[u8]) {
    let source = std::str::from_utf8(source).expect("what opens is UTF-8");
    let text = received.view.text();
    Document::parse(text).unwrap_or_else(|error| panic!("the view is not well-formed: {error}\n{text}"));
    of_schema(received);
    for offset in (0..=text.len()).step_by(1 + text.len() / 50) {
        assert_inside(&received.view.place(offset, String::new()), source, "a byte of the view");
    }
}

/// What the acceptor says yes to, the judge says yes to.
pub(crate) fn of_schema(received: &Received) {
    let text = received.view.text();
    let Ok(tree) = tree::Document::parse_without_indentation(text) else { return };
    if schema::accepts(received.version, tree.root_element()) {
        assert_eq!(
            schema::check(received.version, &received.view),
            Ok(Vec::new()),
            "only the acceptor says yes\n{text}"
        );
    }
}

/// The stand-alone document opens as what it was taken for, and is its own stand-alone document.
pub(crate) fn of_document(received: &Received) {
    let mut report = Report::default();
    let again =
        epix_core::wire::open(received.document.as_bytes(), &epix_core::wire::guard::Limits::DOCUMENT, &mut report);
    let again = again.unwrap_or_else(|| panic!("{report:#?}\n{}", received.document));
    assert_eq!(again.version, received.version);
    assert_eq!(again.document, received.document);
}

/// It makes no difference whether a permit is the whole document or stands in another: what is read is the same.
pub(crate) fn of_both_ways(Reading { received, permit, .. }: &Reading, report: &Report) {
    let document = received.document.trim_start_matches('\u{FEFF}');
    let bare = document.strip_prefix("<?xml").and_then(|rest| rest.split_once("?>")).map_or(document, |(_, bare)| bare);
    let (inside, inside_report) = inspect(format!("<e>{bare}</e>").as_bytes());
    assert_eq!(inside.expect("it was read alone").permit, *permit, "{bare}");
    assert_eq!(of_reading_layer(&inside_report), of_reading_layer(report), "{bare}");
}

fn of_reading_layer(report: &Report) -> Vec<(&str, &str)> {
    let is_read = |finding: &&Finding| finding.rule.0.starts_with("EPIX-READ-");
    report.findings.iter().filter(is_read).map(|finding| (finding.rule.0, finding.sentence.as_str())).collect()
}

/// An accepted document is written, sent and endorsed without loss.
pub(crate) fn of_reading(reading: &Reading) {
    let Reading { received, permit, .. } = reading;
    let written = (codec(received.version).write)(permit);
    if received.version.spec().is_draft && !written.losses.is_empty() {
        // The WCO draft reads a postcode of any length and writes nine characters of it: its schema tells no limit yet.
        return;
    }
    assert_eq!(written.losses, [], "a version carries what was read from it");
    assert_eq!(good(written.document.as_bytes(), "written").permit, *permit, "{}", written.document);

    let answered = |document: &str| answer::write_certificate(Operation::GetFinal, Dialect::V2, document, &[]).unwrap();
    let inside = answered(&received.document);
    let out = good(inside.as_bytes(), "sent");
    assert_eq!(out.permit, *permit, "{inside}");
    let again = good(answered(&out.received.document).as_bytes(), "sent on");
    assert_eq!(again.received.document, out.received.document, "the second journey changes bytes");

    endorsed(reading);
}

fn endorsed(Reading { received, permit, .. }: &Reading) {
    let quantity = Quantity { amount: Amount::from(1), unit: None };
    let endorsement = Endorsement {
        examination: Examination { quantity: Some(quantity.clone()), ..Examination::default() },
        quantities: permit.consignment.items.iter().map(|_| Some(quantity.clone())).collect(),
    };
    let document = match (codec(received.version).endorse)(&received.document, &endorsement) {
        Err(FormError::NoBox14(_)) => return,
        document => document.unwrap(),
    };
    let after = good(document.as_bytes(), "endorsed").permit;
    let count = |permit: &Permit| permit.consignment.examinations.len();
    assert_eq!(count(&after), count(permit) + 1, "{document}");
    for (before, after) in permit.consignment.items.iter().zip(&after.consignment.items) {
        assert_eq!(after.examinations.len(), before.examinations.len() + 1, "{document}");
    }
}

/// Reads what we made ourselves, which must be good.
fn good(bytes: &[u8], what: &str) -> Reading {
    let (reading, report) = inspect(bytes);
    assert!(report.is_clean() && report.is_complete(), "{what}: {report:#?}\n{}", String::from_utf8_lossy(bytes));
    assert!(report.layers.iter().any(|layer| layer.layer == Layer::Read), "{what}: {report:#?}");
    reading.expect("it was read")
}
