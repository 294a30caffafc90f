//! What takes bytes from strangers? One row each: a new reader is a new row.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

use epix_core::codes::Language;
use epix_core::id::{Amount, Country, Operation, PermitNumber, PositionId, Token};
use epix_core::receive::{inspect, receive};
use epix_core::report::{Place, Report, RuleId, Severity};
use epix_core::soap::package::media_type;
use epix_core::soap::{
    Answer, Attachment, Call, CertificateKey, DIALECTS, Dialect, Fault, FaultCode, Package, answer, fault, request,
};
use epix_core::version::VERSIONS;
use epix_core::wire::guard::{Limits, guard};
use epix_core::wire::{json, open, tree};
use roxmltree::{Document, ParsingOptions};

use crate::{promises, trees};

/// A function that takes bytes from strangers.
pub(crate) struct Target {
    pub(crate) name: &'static str,
    /// The good messages to begin with.
    pub(crate) corpus: fn() -> Vec<Vec<u8>>,
    /// The element at and below which messages are mutated; all of it where there is none of that name.
    pub(crate) root: &'static str,
    /// How many messages it sees in the short run: some seconds in a build without optimisation.
    pub(crate) short: usize,
    /// Looks at bytes, panics when a promise is broken, and says in a word what it came to.
    pub(crate) look: fn(&[u8]) -> String,
}

/// Everything that takes bytes from strangers.
pub(crate) const TARGETS: &[Target] = &[
    Target { name: "guard", corpus: every_fixture, root: "", short: 3_000, look: look_guard },
    Target {
        name: "open",
        corpus: || [fixtures("v1"), fixtures("v2")].concat(),
        root: "",
        short: 1_500,
        look: look_open,
    },
    Target { name: "permit-1.0", corpus: || fixtures("v1"), root: "CBFShip", short: 400, look: look_permit },
    Target { name: "permit-2.0", corpus: || fixtures("v2"), root: "CITESEPermit", short: 1_500, look: look_permit },
    Target { name: "permit-3.0-draft", corpus: || fixtures("v3"), root: "CITESEPermit", short: 400, look: look_permit },
    Target {
        name: "permit-3.0-wco-draft",
        corpus: || fixtures("wco"),
        root: "CITESePermit",
        short: 400,
        look: look_permit,
    },
    Target { name: "rules", corpus: || fixtures("v2/valid"), root: "CITESEPermit", short: 800, look: look_rules },
    Target { name: "permit-json-1", corpus: jsons, root: "", short: 2_000, look: look_json },
    Target { name: "request", corpus: requests, root: "", short: 6_000, look: look_request },
    Target { name: "answer", corpus: answers, root: "", short: 2_000, look: look_answer },
    Target { name: "package", corpus: packages, root: "", short: 2_000, look: look_package },
];

/// The folder of fixtures.
pub(crate) fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../fixtures")
}

/// Every XML document below a folder of fixtures, in the order of the names.
fn fixtures(below: &str) -> Vec<Vec<u8>> {
    files(&folder().join(below), "xml").iter().map(|path| fs::read(path).unwrap()).collect()
}

fn jsons() -> Vec<Vec<u8>> {
    files(&folder().join("json"), "json").iter().map(|path| fs::read(path).unwrap()).collect()
}

/// The paths of the messages below a folder whose names end so, sorted.
pub(crate) fn files(folder: &Path, extension: &str) -> Vec<PathBuf> {
    let entries = folder.read_dir().unwrap_or_else(|error| panic!("{}: {error}", folder.display()));
    let mut found = Vec::new();
    for path in entries.map(|entry| entry.unwrap().path()) {
        if path.is_dir() {
            found.extend(files(&path, extension));
        } else if path.extension().is_some_and(|end| end == extension) {
            found.push(path);
        }
    }
    found.sort();
    found
}

fn every_fixture() -> Vec<Vec<u8>> {
    fixtures("")
}

fn look_guard(bytes: &[u8]) -> String {
    let text = match guard(bytes, &Limits::DOCUMENT) {
        Ok(text) => text,
        Err(finding) => {
            promises::of_findings(&[*finding.clone()], bytes);
            // What is no XML to the guard, or something else to others, is nothing to our tree either.
            let text = std::str::from_utf8(bytes).ok().filter(|_| finding.rule.0 == "EPIX-XML-01");
            assert!(text.is_none_or(|text| tree::Document::parse(text).is_err() || trees::are_alike(text)));
            return finding.rule.to_string();
        }
    };
    assert_eq!(text.as_bytes(), bytes);
    // What passes has no document type, so a parser that allows them reads the same.
    let strict = Document::parse(text);
    let lax = Document::parse_with_options(text, ParsingOptions { allow_dtd: true, ..ParsingOptions::default() });
    assert_eq!(strict.is_ok(), lax.is_ok());
    trees::are_alike(text);
    let Ok(tree) = strict else { return "passed, not well-formed".to_owned() };
    let elements = tree.descendants().filter(|node| node.is_element());
    assert!(elements.clone().count() <= Limits::DOCUMENT.elements);
    for element in elements {
        assert!(element.attributes().count() <= Limits::DOCUMENT.attributes);
        assert!(element.ancestors().count() <= Limits::DOCUMENT.depth + 2);
    }
    "passed".to_owned()
}

fn look_open(bytes: &[u8]) -> String {
    let mut report = Report::default();
    let received = open(bytes, &Limits::DOCUMENT, &mut report);
    promises::of_report(&report, bytes);
    let Some(received) = received else { return outcome(&report) };
    assert!(report.is_clean());
    promises::of_view(&received, bytes);
    promises::of_findings(&received.view.tolerated, bytes);
    promises::of_document(&received);
    format!("{} {}", received.version, received.view.tolerated.len().min(3))
}

fn look_permit(bytes: &[u8]) -> String {
    let (reading, report) = inspect(bytes);
    promises::of_report(&report, bytes);
    if let Some(reading) = reading {
        promises::of_both_ways(&reading, &report);
        promises::of_schema(&reading.received);
        if report.is_clean() {
            promises::of_reading(&reading);
        }
    }
    outcome(&report)
}

/// With the rules of the standard, which speak of what was read and not of where it stood.
fn look_rules(bytes: &[u8]) -> String {
    let report = match receive(bytes) {
        Ok(accepted) => accepted.report().clone(),
        Err(refused) => refused.report,
    };
    promises::of_findings(&report.findings, bytes);
    outcome(&report)
}

/// What a report tells, but for what the check adds for people: the box and the remedy.
fn told(report: &Report) -> Vec<(RuleId, Severity, &Place, &str)> {
    let findings = report.findings.iter();
    findings.map(|finding| (finding.rule, finding.severity, &finding.place, finding.sentence.as_str())).collect()
}

/// The rules that spoke, each once.
fn outcome(report: &Report) -> String {
    let rules: BTreeSet<_> = report.rule_ids().into_iter().collect();
    rules.into_iter().collect::<Vec<_>>().join(" ")
}

fn look_json(bytes: &[u8]) -> String {
    let (permit, report) = json::inspect(bytes);
    if json::is_json(bytes) {
        assert_eq!(told(&inspect(bytes).1), told(&report), "every road in judges alike");
    }
    promises::of_report(&report, bytes);
    assert_eq!(permit.is_some() && report.is_clean(), json::read(bytes).is_ok());
    if let Some(permit) = permit.filter(|_| report.is_clean()) {
        let written = json::write(&permit);
        let read = json::read(written.as_bytes()).unwrap_or_else(|report| panic!("{report:#?}\n{written}"));
        assert_eq!(read, permit, "{written}");
        assert_eq!(json::write(&read), written);
    }
    outcome(&report)
}

fn look_request(bytes: &[u8]) -> String {
    let request = match request::read(bytes, None) {
        Ok(request) => request,
        Err(refused) => {
            for spec in DIALECTS {
                let message = fault::write(&refused.fault, spec.dialect, Language::English, "r-1");
                let read = answer::read(message.as_bytes(), Operation::ServiceState);
                assert!(matches!(read, Ok(Answer::Fault(_))), "{read:?}\n{message}");
            }
            return refused.fault.code.to_string();
        }
    };
    let (message, action) = request::write(&request.call, request.dialect);
    let again =
        request::read(message.as_bytes(), Some(&action)).unwrap_or_else(|refused| panic!("{refused:?}\n{message}"));
    assert_eq!(request::write(&again.call, again.dialect), (message, action));
    let key = request.call.key();
    let token = key.is_some_and(|key| key.token.is_some());
    let country = key.is_some_and(|key| key.country.is_some());
    format!(
        "{} token {token} country {country} headers {}",
        request.call.operation().name(),
        request.headers.len().min(2)
    )
}

fn look_answer(bytes: &[u8]) -> String {
    let mut said = Vec::new();
    for operation in Operation::ALL {
        said.push(match answer::read(bytes, operation) {
            Err(error) => error.to_string().split(':').next().unwrap_or_default().to_owned(),
            Ok(Answer::Fault(fault)) => format!("fault {}", fault.code.is_some()),
            Ok(Answer::Confirmed(word)) => format!("{word:?}"),
            Ok(Answer::State(word)) => format!("state {}", word.is_empty()),
            Ok(Answer::Certificate(attachments)) => {
                let content: usize = attachments.files.iter().map(|file| file.name.len() + file.content.len()).sum();
                assert!(content <= bytes.len(), "attachments are longer than the message");
                let (_, report) = inspect(bytes);
                promises::of_report(&report, bytes);
                format!("{} {}", attachments.files.len().min(2), attachments.unreadable.len().min(2))
            }
        });
    }
    said.dedup();
    said.join(", ")
}

/// The first line is the Content-Type, what stands behind it the body.
fn look_package(bytes: &[u8]) -> String {
    let end = bytes.windows(2).position(|pair| pair == b"\r\n").unwrap_or(bytes.len());
    let (content_type, body) = (String::from_utf8_lossy(&bytes[..end]), bytes.get(end + 2..).unwrap_or_default());
    let package = match Package::open(Some(&content_type), body) {
        Ok(package) => package,
        Err(error) => return error.to_string(),
    };
    let root = package.root();
    assert!(root.len() <= body.len(), "the message is longer than what came");
    if media_type(&content_type) != "multipart/related" {
        assert_eq!(root, body, "without parts it is the message");
    }
    let Ok(Answer::Certificate(attachments)) = answer::read_package(&package, Operation::GetFinal) else {
        return format!("no certificate, {}", root.len() == body.len());
    };
    let content: usize = attachments.files.iter().map(|file| file.content.len()).sum();
    assert!(content <= body.len(), "attachments are longer than the message");
    format!("{} {}", attachments.files.len().min(3), attachments.unreadable.len().min(3))
}

fn requests() -> Vec<Vec<u8>> {
    let number = PermitNumber::parse("26XA000123/EX").unwrap();
    let key =
        || CertificateKey { number: number.clone(), token: Token::parse("t-1"), country: Country::parse("XA").ok() };
    let position = |id, amount| (PositionId::parse(id).unwrap(), Amount::parse(amount).unwrap());
    let calls = [
        Call::GetNonFinal(key()),
        Call::GetFinal(CertificateKey { token: None, country: None, ..key() }),
        Call::ConfirmQuantities(key(), vec![position("A", "5"), position("B", "2.75")]),
        Call::ServiceState(Country::parse("XA").ok()),
    ];
    let mut messages: Vec<_> = calls.iter().map(|call| request::write(call, Dialect::V2).0).collect();
    let first = messages[0].clone();
    let header =
        "<s:Header xmlns:s=\"http://schemas.xmlsoap.org/soap/envelope/\"><To xmlns=\"urn:w\">x</To></s:Header>";
    messages.push(first.replace("<soapenv:Body>", &format!("{header}<soapenv:Body>")));
    messages.push(first.replace("CertificateNumber", "certificateNumber"));
    messages.push(first.replace("CitesDataExchange/v2", "CitesDataExchange/v1"));
    messages.into_iter().map(String::into_bytes).collect()
}

fn answers() -> Vec<Vec<u8>> {
    let file = |name: &str| Attachment { name: name.to_owned(), content: name.as_bytes().repeat(9) };
    let permit = fs::read_to_string(folder().join("v2/valid/xa-export-permit-2.xml")).unwrap();
    let certificate = |operation, files: &[Attachment]| {
        answer::write_certificate(operation, Dialect::V2, &permit, files).unwrap().into_bytes()
    };
    vec![
        certificate(Operation::GetFinal, &[]),
        certificate(Operation::GetNonFinal, &[file("a & b.pdf"), file("seal")]),
        answer::write_confirmed(Dialect::V2).into_bytes(),
        answer::write_state(Dialect::V2, "OK").into_bytes(),
        fault::write(&Fault::with(FaultCode::QuantityExceeded, "position <A>"), Dialect::V2, Language::English, "r-1")
            .into_bytes(),
    ]
}

fn packages() -> Vec<Vec<u8>> {
    let file = |name: &str| Attachment { name: name.to_owned(), content: name.as_bytes().repeat(99) };
    let permit = fs::read_to_string(folder().join("v2/valid/xa-export-permit-2.xml")).unwrap();
    let packed = |files: &[Attachment]| {
        let (content_type, body) =
            answer::write_packed(Operation::GetFinal, Dialect::V2, &permit, files, "u-1").unwrap();
        [content_type.as_bytes(), b"\r\n", &body].concat()
    };
    let alone = answer::write_certificate(Operation::GetFinal, Dialect::V2, &permit, &[file("a.pdf")]).unwrap();
    let in_base64 = "Multipart/Related; start=\"<m>\";boundary=x\r\npreamble\r\n--x \r\nContent-ID: <a>\r\n\
                     content-transfer-encoding: BASE64\r\n\r\nAP8=\r\n--x\r\nContent-ID: <m>\r\n\r\n<m/>\r\n--x--";
    vec![
        packed(&[]),
        packed(&[file("a.pdf"), file("seal")]),
        format!("text/xml; charset=utf-8\r\n{alone}").into_bytes(),
        in_base64.as_bytes().to_vec(),
    ]
}

/// The versions that no target reads permits of.
pub(crate) fn unread_versions() -> Vec<&'static str> {
    let is_read = |label: &str| TARGETS.iter().any(|target| target.name == format!("permit-{label}"));
    VERSIONS.iter().map(|spec| spec.label).filter(|label| !is_read(label)).collect()
}
