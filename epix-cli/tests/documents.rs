//! Do `epix validate` and `epix show` say what a document is, to people and to programs, with the right exit status?

#![allow(clippy::unwrap_used, reason = "test code outside of test functions")]

mod desk;
mod permit;

use std::fs;
use std::io::Write as _;
use std::path::PathBuf;
use std::process::Stdio;

use desk::{Desk, Said};
use epix_core::id::{Operation, Sha256Digest};
use permit::{PERMIT, answer, broken_permit, final_permit};
use serde_json::Value;

/// The project's own documents of a kind, by their paths.
fn fixtures(kind: &str) -> Vec<String> {
    let folder = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../fixtures/v2").join(kind);
    let entries = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
    let mut files: Vec<String> = entries.map(|path| path.display().to_string()).collect();
    files.retain(|file| file.ends_with(".xml"));
    files.sort();
    files
}

#[test]
fn a_permit_in_json_goes_wherever_one_in_xml_goes() {
    let desk = Desk::new();
    let fixture = |name: &str| format!("{}/../fixtures/{name}", env!("CARGO_MANIFEST_DIR"));
    let (json, xml) = (fixture("json/valid/xa-export-permit.json"), fixture("v2/valid/xa-export-permit.xml"));
    desk.put(
        "broken.json",
        "{\"format\": \"epix-permit\", \"version\": 1, \"permit\": {\"document\": {\"nummber\": 1}}}",
    );

    let valid = desk.epix(&["validate", &json]);
    let shown = desk.epix(&["show", &json]);
    let same = desk.epix(&["diff", &json, &xml]);
    let converted = desk.epix(&["convert", "--to", "v2", &json, "-o", "back.xml"]);
    let broken = desk.epix(&["validate", ".", "--format", "json"]).lines();

    assert!(valid.out.contains("accepted: permit 26XA000123/EX, JSON form 1"), "{}", valid.out);
    assert!(shown.out.starts_with("CITES permit 26XA000123/EX (JSON form 1, "), "{}", shown.out);
    assert_eq!([valid.code, shown.code, same.code, converted.code], [0; 4], "{}{}", same.out, converted.err);
    let of = |file: &str| broken.iter().find(|line| line["file"].as_str().unwrap().ends_with(file)).unwrap();
    assert_eq!((&of("back.xml")["accepted"], &of("broken.json")["accepted"]), (&true.into(), &false.into()));
    assert_eq!(of("broken.json")["findings"][0]["path"], "$.permit.document");
    assert_eq!(of("broken.json")["layers"][4]["outcome"], "failed");
}

#[test]
fn every_good_document_is_accepted_and_shown() {
    let desk = Desk::new();
    for file in [fixtures("valid"), fixtures("tolerated")].concat() {
        let (validated, shown) = (desk.epix(&["validate", &file]), desk.epix(&["show", &file]));
        assert_eq!((validated.code, shown.code), (0, 0), "{}", validated.out);
        assert!(shown.out.contains("\nPosition "), "{}", shown.out);
    }
}

#[test]
fn every_mistake_is_told_once() {
    let desk = Desk::new();
    for file in fixtures("invalid") {
        let said = desk.epix(&["validate", &file]);
        assert_eq!((said.code, said.out.matches(": error: ").count()), (1, 1), "{}", said.out);
    }
}

#[test]
fn a_good_permit_is_accepted_in_one_line() {
    let desk = Desk::new();
    desk.put("good.xml", final_permit());

    let said = desk.epix(&["validate", "good.xml"]);

    assert_eq!((said.code, said.err.as_str()), (0, ""));
    assert!(said.out.starts_with("good.xml: accepted: permit XA-2026-0001, toolkit 2.0\n"), "{}", said.out);
}

#[test]
fn a_wrong_permit_is_refused_with_the_place() {
    let desk = Desk::new();
    desk.put("bad.xml", broken_permit());

    let said = desk.epix(&["validate", "bad.xml"]);

    assert_eq!(said.code, 1);
    assert!(said.out.contains("bad.xml: refused: 1 error"), "{}", said.out);
    let path = "(/CITESEPermit/HeaderExchangedDocument/IssueDateTime)";
    assert!(said.out.contains("bad.xml:8:5: error: IssueDateTime: \"1 March\" is not"), "{}", said.out);
    assert!(said.out.contains(&format!("[EPIX-READ-07] {path}")), "{}", said.out);
    assert!(said.out.contains("layers: guard passed, well-formed passed, version passed, signature skipped (the document is not signed), schema failed, read failed"));
}

#[test]
fn the_answer_of_a_service_is_validated_by_the_permit_in_it() {
    let desk = Desk::new();
    desk.put("answer.xml", answer(Operation::GetNonFinal, PERMIT, &[]));

    assert_eq!(desk.epix(&["validate", "answer.xml"]).code, 0);
}

#[test]
fn several_files_are_counted_and_the_worst_decides() {
    let desk = Desk::new();
    desk.put("good.xml", PERMIT);
    desk.put("bad.xml", "<!DOCTYPE a><a/>");

    let refused = desk.epix(&["validate", "good.xml", "bad.xml"]);
    let unread = desk.epix(&["validate", "good.xml", "missing.xml", "bad.xml"]);

    assert_eq!(refused.code, 1);
    assert!(refused.out.ends_with("2 documents: 1 accepted, 1 refused\n"), "{}", refused.out);
    assert_eq!(unread.code, 2);
    assert!(unread.out.contains("bad.xml: refused"), "{}", unread.out);
    assert!(unread.out.ends_with("3 documents: 1 accepted, 1 refused, 1 not read\n"), "{}", unread.out);
    assert!(unread.err.starts_with("epix: cannot read missing.xml\n  because: "), "{}", unread.err);
}

#[test]
fn programs_get_one_object_for_each_file() {
    let desk = Desk::new();
    desk.put("good.xml", PERMIT);
    desk.put("bad.xml", broken_permit());

    let said = desk.epix(&["validate", "good.xml", "bad.xml", "missing.xml", "--format", "json"]);

    let lines = said.lines();
    assert_eq!((said.code, said.err.as_str(), lines.len()), (2, "", 3));
    assert_eq!((&lines[0]["kind"], &lines[0]["accepted"]), (&"report".into(), &true.into()));
    assert_eq!((&lines[0]["version"], &lines[0]["number"]), (&"2.0".into(), &"XA-2026-0001".into()));
    assert_eq!(lines[1]["accepted"], false);
    let layers: Vec<&Value> = lines[1]["layers"].as_array().unwrap().iter().map(|layer| &layer["outcome"]).collect();
    assert_eq!(layers, ["passed", "passed", "passed", "skipped", "failed", "failed", "skipped"]);
    let rules: Vec<&Value> = lines[1]["findings"].as_array().unwrap().iter().map(|finding| &finding["rule"]).collect();
    assert!(rules.contains(&&"EPIX-SCHEMA-01".into()) && rules.contains(&&"EPIX-READ-07".into()), "{rules:?}");
    assert_eq!(lines[2]["kind"], "error");
    assert!(lines[2]["error"].as_str().unwrap().starts_with("cannot read missing.xml: "));
}

#[test]
fn a_dash_is_standard_input() {
    let desk = Desk::new();
    let feed = |arguments: &[&str], document: &str| {
        let mut child = desk
            .command(arguments)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        child.stdin.take().unwrap().write_all(document.as_bytes()).unwrap();
        Said::of(child.wait_with_output().unwrap())
    };

    let good = feed(&["validate", "-"], PERMIT);
    let bad = feed(&["validate", "-"], "nothing");

    assert_eq!((good.code, bad.code), (0, 1));
    assert!(good.out.starts_with("standard input: accepted"), "{}", good.out);
    assert_eq!(feed(&["validate", "-", "-"], PERMIT).code, 2);
}

#[test]
fn a_permit_is_shown_box_by_box() {
    let desk = Desk::new();
    desk.put("permit.xml", final_permit());

    let said = desk.epix(&["show", "permit.xml"]);

    assert_eq!(said.code, 0);
    assert!(said.out.starts_with("CITES permit XA-2026-0001 (toolkit 2.0, final)\n"), "{}", said.out);
    for line in [
        "1    Permit/certificate no.     XA-2026-0001",
        "     Type                       E (export permit)",
        "2    Valid until                2026-08-31T23:59:59+02:00",
        "3a   Country of import          Wonderland (XB)",
        "5    Special conditions         First condition",
        "                                Second condition",
        "5a   Purpose of the transaction T (commercial)",
        "5b   Security stamp no.         STAMP-7",
        "Position A",
        "7    Scientific name            Furcifer pardalis",
        "8    Common name                panther chameleon",
        "10   Appendix and source        II, W (taken from the wild)",
        "11   Quantity permitted         10 NAR",
        "14   Quantity confirmed         8 NAR",
        "Position B",
        "11   Quantity permitted         2.750 KGM",
        "13   Issued at                  Capital",
        "14   Export endorsement         A: 8 NAR",
        "15   Bill of lading/air waybill -",
    ] {
        assert!(said.out.lines().any(|shown| shown == line), "{line}\n{}", said.out);
    }
}

#[test]
fn what_is_not_valid_is_shown_as_far_as_it_goes() {
    let desk = Desk::new();
    desk.put("bad.xml", broken_permit());
    desk.put("junk.xml", "<a/>");

    let bad = desk.epix(&["show", "bad.xml"]);
    let junk = desk.epix(&["show", "junk.xml", "--format", "json"]);

    assert_eq!((bad.code, junk.code), (1, 1));
    assert!(bad.out.contains("bad.xml: refused: 1 error"), "{}", bad.out);
    assert!(bad.out.contains("THIS DOCUMENT IS NOT VALID"), "{}", bad.out);
    assert!(bad.out.contains("Furcifer pardalis"), "{}", bad.out);
    assert_eq!(junk.lines()[0]["kind"], "report");
}

#[test]
fn programs_get_the_whole_permit() {
    let desk = Desk::new();
    desk.put("answer.xml", answer(Operation::GetFinal, &final_permit(), &[("../scan.pdf", b"%PDF")]));

    let said = desk.epix(&["show", "answer.xml", "--format", "json"]);

    let shown = &said.lines()[0];
    assert_eq!((said.code, &shown["kind"], &shown["final"]), (0, &"permit".into(), &true.into()));
    assert_eq!(
        shown["positions"][0],
        serde_json::json!({"id": "A", "scientific_name": "Furcifer pardalis", "permitted": "10", "confirmed": "8", "unit": "NAR"})
    );
    assert_eq!(shown["positions"][1]["permitted"], "2.750");
    assert_eq!(
        shown["attachments"],
        serde_json::json!([{"name": "scan.pdf", "size": 4, "sha256": Sha256Digest::of(b"%PDF")}])
    );
    assert_eq!(shown["valid_until"], "2026-08-31T23:59:59+02:00");
    assert_eq!(shown["permit"]["document"]["number"]["value"], "XA-2026-0001");
}

#[test]
fn orders_to_the_terminal_are_not_passed_on() {
    let desk = Desk::new();
    desk.put("colour.xml", PERMIT.replace("Garden of XB", "Garden \u{9b}31m\u{202e}BX"));

    let said = desk.epix(&["show", "colour.xml"]);

    assert_eq!(said.code, 0);
    assert!(said.out.contains("Garden \\u{9b}31m\\u{202e}BX"), "{}", said.out);
}

#[test]
fn a_reader_that_goes_away_is_no_trouble() {
    let desk = Desk::new();
    desk.put("permit.xml", PERMIT);
    let files = vec!["permit.xml"; 2000];
    let arguments: Vec<&str> = ["validate", "--all"].into_iter().chain(files).collect();
    let mut child = desk.command(&arguments).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();

    drop(child.stdout.take());
    let said = Said::of(child.wait_with_output().unwrap());

    assert_eq!((said.code, said.err.as_str()), (0, ""));
}

#[test]
fn what_is_typed_wrongly_ends_with_2() {
    let desk = Desk::new();

    let human = desk.epix(&["validate"]);
    let json = desk.epix(&["validate", "--format", "json"]);

    assert_eq!((human.code, json.code), (2, 2));
    assert!(human.err.contains("Usage: epix validate"), "{}", human.err);
    assert_eq!(json.lines()[0]["kind"], "error");
    assert_eq!(desk.epix(&["validate", "--help"]).code, 0);
    assert_eq!(desk.epix(&["--version"]).code, 0);
}
