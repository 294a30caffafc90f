//! Do the pages about the command line say what the program does?
//!
//! `docs/cli.md` is what `--help` says; `cargo xtask gen` writes it anew. The examples in
//! `docs/json-output.md` are written by hand and must have the fields that the program writes.

#![allow(clippy::unwrap_used, reason = "test code outside of test functions")]

mod permit;

use std::collections::BTreeMap;
use std::fs;
use std::path::PathBuf;

use chrono::Utc;
use clap::CommandFactory as _;
use epix_cli::Trouble;
use epix_cli::args::Args;
use epix_cli::output::Verdict;
use epix_cli::output::audit::AuditLine;
use epix_cli::output::cases::CaseLine;
use epix_cli::output::json::{
    AttachmentLine, CodeLine, CodeListLine, ConfirmedLine, DifferenceLine, ErrorLine, FaultLine, ListedLine,
    PermitLine, ReportLine, ShownLine, SimulatedLine, StateLine, SubmittedLine,
};
use epix_cli::output::schema::report_schema;
use epix_cli::output::signature::{SignatureLine, SignedLine};
use epix_client::conformance::{CaseResult, Outcome, StepResult};
use epix_client::gateway::Listed;
use epix_core::audit;
use epix_core::check::policy::Policy;
use epix_core::id::{AuthorityId, Sha256Digest};
use epix_core::receive::{Requirement, Sealing, judge};
use epix_core::sign::make::Statement;
use epix_core::sign::seal::TimeSource;
use epix_core::sign::{Anchors, Certificate, Place, Profile, Question, Signers, SoftwareKey, Trust, sign};
use epix_core::soap::answer::PartnerFault;
use serde_json::{Value, to_value};

fn page(name: &str) -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../docs").join(name)
}

fn help() -> String {
    let mut epix = Args::command().term_width(100);
    epix.build();
    let mut text = "# The command line\n\n\
        What `epix --help` says, and the help of each verb. This page is generated:\n\
        `cargo xtask gen`.\n"
        .to_owned();
    text += &section("epix", &mut epix);
    let verbs: Vec<String> = epix.get_subcommands().map(|verb| verb.get_name().to_owned()).collect();
    for verb in verbs.iter().filter(|verb| *verb != "help") {
        text += &section(&format!("epix {verb}"), epix.find_subcommand_mut(verb).unwrap());
    }
    text
}

fn section(heading: &str, command: &mut clap::Command) -> String {
    let help = command.render_long_help().to_string();
    let lines: Vec<&str> = help.lines().map(str::trim_end).collect();
    format!("\n## {heading}\n\n```text\n{}\n```\n", lines.join("\n").trim_end())
}

#[test]
fn the_generated_page_about_the_command_line_is_what_help_says() {
    let said = help();
    if std::env::var_os("EPIX_BLESS").is_some() {
        fs::create_dir_all(page("")).unwrap();
        fs::write(page("cli.md"), &said).unwrap();
    }

    let written = fs::read_to_string(page("cli.md")).unwrap_or_default();

    assert!(written == said, "docs/cli.md is not what --help says; cargo xtask gen writes it anew");
}

#[test]
fn the_generated_schema_of_the_report_is_what_the_program_says() {
    let said = report_schema();
    if std::env::var_os("EPIX_BLESS").is_some() {
        fs::write(page("schema/epix-report-1.json"), &said).unwrap();
    }

    let written = fs::read_to_string(page("schema/epix-report-1.json")).unwrap_or_default();

    assert!(written == said, "docs/schema/epix-report-1.json is old: cargo xtask gen");
}

#[test]
fn the_schema_of_the_report_has_the_fields_of_the_report() {
    let schema: Value = serde_json::from_str(&report_schema()).unwrap();
    let names = |value: &Value| value.as_object().unwrap().keys().cloned().collect::<Vec<_>>();
    let of = |name: &str| names(&schema["$defs"][name]["properties"]);
    let (report, error) = (&written()["report"], &written()["error"]);

    assert_eq!((of("Report"), of("Error")), (names(report), names(error)));
    assert_eq!((of("Layer"), of("Finding")), (names(&report["layers"][0]), names(&report["findings"][0])));
}

/// The examples of the page, each with the heading above it.
fn examples() -> Vec<(String, Value)> {
    let text = fs::read_to_string(page("json-output.md")).unwrap();
    let mut heading = String::new();
    let mut block: Option<String> = None;
    let mut examples = Vec::new();
    for line in text.lines() {
        match (&mut block, line) {
            (None, "```json") => block = Some(String::new()),
            (Some(json), "```") => {
                examples.push((heading.clone(), serde_json::from_str(json).unwrap()));
                block = None;
            }
            (Some(json), line) => json.push_str(line),
            (None, line) => {
                if let Some(words) = line.strip_prefix("## ") {
                    heading = words.to_owned();
                }
            }
        }
    }
    examples
}

/// What is said of a permit that is signed here, with a key of the fixtures.
fn signature() -> (Value, Value) {
    let keys = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../fixtures/signatures/keys");
    let certificates = |name: &str| Certificate::all_from_pem(&fs::read(keys.join(name)).unwrap()).unwrap();
    let key = SoftwareKey::from_pem(&fs::read(keys.join("xa-rsa.key")).unwrap(), None, certificates("xa-rsa.pem"));
    let document = permit::final_permit();
    let signed = sign(&document, &key.unwrap(), Place::Detached, &Statement::default()).unwrap();
    let question = Question { at: Utc::now(), by: TimeSource::Now };
    let trust = Trust { anchors: Anchors::new(certificates("ca.pem")), clocks: None, profile: Profile::default() };
    let sealing = Sealing {
        detached: Some(signed.as_bytes()),
        requirement: Requirement::Required,
        trust: Some(&trust),
        question,
        signers: Signers::OfIssuer,
    };
    let judged = judge(document.as_bytes(), &sealing, &Policy::default(), &Default::default()).unwrap();
    let verdict = Verdict::of(document.as_bytes(), &Policy::default());
    let line = SignedLine::new(&verdict, "a.sig.xml".to_owned(), Place::Detached, "CN=a".to_owned());
    let said = SignatureLine::new("a.xml".to_owned(), &judged, judged.signature.is_trusted());
    (to_value(line).unwrap(), to_value(said).unwrap())
}

/// What the program really writes, by the heading under which it is described.
fn written() -> BTreeMap<&'static str, Value> {
    let good = Verdict::of(permit::final_permit().as_bytes(), &Policy::default());
    let bad = Verdict::of(permit::broken_permit().as_bytes(), &Policy::default());
    let read = good.permit().unwrap();
    let line = || {
        PermitLine::new(
            read,
            &good,
            Some("out.xml".to_owned()),
            vec![AttachmentLine { name: "a.pdf".to_owned(), size: 1, sha256: Sha256Digest::of(b"a") }],
        )
    };
    let fault = PartnerFault {
        faultcode: "Client".to_owned(),
        code: Some("NotFinal".to_owned()),
        request_id: Some("r".to_owned()),
        ..PartnerFault::default()
    };
    let validity = read.validity().unwrap();
    let shown = ShownLine {
        summary: line(),
        accepted: true,
        valid_from: validity.start.as_ref(),
        valid_until: validity.end.as_ref(),
        permit: read,
    };
    let listed: Listed = serde_json::from_value(serde_json::json!({"number": "a", "species": ["b"]})).unwrap();
    let submitted = SubmittedLine::not_sent("a.xml");
    let code = CodeLine {
        list: "terms",
        edition: "terms-1",
        code: "COS",
        standing: Some("current"),
        name: Some("cosmetics"),
        from: None,
        until: None,
        replaced_by: vec!["A"],
        grade: Some("certain"),
        sources: vec!["s"],
        note: None,
        meant: None,
    };
    let list = CodeListLine { list: "terms", edition: "terms-1", edition_date: "2026-11-01".to_owned(), rows: 1 };
    let difference =
        DifferenceLine { form_box: Some("11"), position: Some("A"), path: "x", a: Some("1"), b: Some("2") };
    let (signed, signature) = signature();
    BTreeMap::from([
        ("audit", to_value(AuditLine::new("a.jsonl".to_owned(), &audit())).unwrap()),
        ("signed", signed),
        ("signature", signature),
        ("code", to_value(code).unwrap()),
        ("code-list", to_value(list).unwrap()),
        ("difference", to_value(difference).unwrap()),
        ("listed", to_value(ListedLine::of(&listed)).unwrap()),
        ("submitted", to_value(submitted).unwrap()),
        ("report", to_value(ReportLine::new(Some("a.xml".to_owned()), &bad)).unwrap()),
        ("permit, from show", to_value(shown).unwrap()),
        ("permit, from fetch", to_value(line()).unwrap()),
        ("case", to_value(CaseLine::of(&case_result())).unwrap()),
        ("simulated", to_value(SimulatedLine { endpoint: String::new(), control: String::new() }).unwrap()),
        ("state", to_value(StateLine { state: "OK".to_owned() }).unwrap()),
        ("confirmed", to_value(ConfirmedLine { number: "N".to_owned(), confirmed: Some(true) }).unwrap()),
        ("fault", to_value(FaultLine::new(&fault)).unwrap()),
        ("error", to_value(ErrorLine::new(&Trouble::Usage("x".to_owned()))).unwrap()),
    ])
}

/// What is found out about an audit of one chain that holds and one that does not.
fn audit() -> audit::Verdict {
    let head = |id: &str| audit::Head::genesis(AuthorityId::parse(id).unwrap(), 0);
    let key = audit::BareKey::generate().unwrap();
    let signed = audit::Checkpoint::after(None, Utc::now(), vec![head("XA")]).unwrap().sign(&key).unwrap();
    let known = audit::Checkpoints::read([signed], &[]).unwrap();
    let held = audit::Follower::begin(&known, head("XA")).unwrap().end(&head("XA")).unwrap();
    let lost = Some(audit::Cut { lines: 1, checkpoint: 1 });
    let what = audit::Break::Missing;
    let broken = audit::ChainBreak { authority: head("XB").authority, shard: 0, sequence: 3, what };
    audit::Verdict::new(&known, vec![Ok(audit::Followed { lost, ..held }), Err(broken.into())], |_| true)
}

fn case_result() -> CaseResult {
    CaseResult {
        id: "E5.3".to_owned(),
        title: "t".to_owned(),
        rests_on: "r".to_owned(),
        outcome: Outcome::Failed("f".to_owned()),
        steps: vec![StepResult { sent: "s".to_owned(), came: "c".to_owned() }],
    }
}

/// The names of all fields, down through objects and the first element of each list; the permit itself stays closed.
fn fields(value: &Value, path: &str) -> Vec<String> {
    match value {
        Value::Object(object) => {
            let field = |(name, value): (&String, &Value)| {
                let path = format!("{path}/{name}");
                let below = if path == "/permit" { Vec::new() } else { fields(value, &path) };
                [vec![path], below].concat()
            };
            let mut names: Vec<String> = object.iter().flat_map(field).collect();
            names.sort();
            names
        }
        Value::Array(list) => list.first().map(|first| fields(first, &format!("{path}[]"))).unwrap_or_default(),
        _ => Vec::new(),
    }
}

#[test]
fn every_object_is_described_by_an_example_with_its_fields() {
    let written = written();
    let examples = examples();

    let headings: Vec<&str> = examples.iter().map(|(heading, _)| heading.as_str()).collect();

    assert!(written.keys().all(|kind| headings.contains(kind)), "{headings:?}");
    for (heading, example) in &examples {
        let real = written.get(heading.as_str()).unwrap_or_else(|| panic!("nothing writes {heading}"));
        assert_eq!(example["kind"], real["kind"], "{heading}");
        assert_eq!(fields(example, ""), fields(real, ""), "{heading}");
    }
}
