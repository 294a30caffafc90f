//! `epix convert`: another form, and what it has no place for.

#![allow(clippy::unwrap_used, reason = "all of this is tests")]

use std::process::{Command, Output};

fn fixture(name: &str) -> String {
    format!("{}/../fixtures/{name}", env!("CARGO_MANIFEST_DIR"))
}

fn convert(arguments: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_epix")).arg("convert").args(arguments).output().unwrap()
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8(bytes.to_vec()).unwrap()
}

#[test]
fn what_would_be_lost_is_listed_and_nothing_is_written() {
    let permit = fixture("v2/valid/xa-export-permit.xml");

    let refused = convert(&["--to", "v1", &permit]);
    let accepted = convert(&["--to", "v1", "--accept-loss", &permit]);

    assert_eq!((refused.status.code(), refused.stdout.len()), (Some(1), 0));
    assert!(text(&refused.stderr).contains("lost: box 9, consignment.items[0].marks"), "{}", text(&refused.stderr));
    assert_eq!(accepted.status.code(), Some(0));
    assert!(text(&accepted.stdout).contains("<rsm:CBFShip"));
}

#[test]
fn a_permit_goes_to_json_and_back_without_loss() {
    let folder = tempfile::tempdir().unwrap();
    let (json, back) = (folder.path().join("p.json"), folder.path().join("p.xml"));
    let (json, back) = (json.display().to_string(), back.display().to_string());
    let permit = fixture("v2/valid/xa-every-path.xml");

    assert!(convert(&["--to", "json", &permit, "-o", &json]).status.success());
    assert!(convert(&["--to", "v2", &json, "-o", &back]).status.success());

    let differ = Command::new(env!("CARGO_BIN_EXE_epix")).args(["diff", &permit, &back]).output().unwrap();
    assert!(differ.status.success(), "{}", text(&differ.stdout));
}

#[test]
fn a_permit_of_the_form_already_stays_as_it_is() {
    let permit = fixture("v2/valid/xa-default-namespaces.xml");

    let same = convert(&["--to", "v2", &permit]);

    assert_eq!(same.stdout, std::fs::read(permit).unwrap());
}

#[test]
fn what_is_no_permit_and_what_is_no_form_is_said_so() {
    let bad = convert(&["--to", "v1", &fixture("v2/invalid/EPIX-KEY-01--no-number.xml")]);
    let form = convert(&["--to", "v9", &fixture("v2/valid/xa-export-permit.xml")]);

    assert_eq!(bad.status.code(), Some(1));
    assert!(text(&bad.stderr).contains("EPIX-KEY-01"));
    assert_eq!(form.status.code(), Some(2));
    assert!(text(&form.stderr).contains("v2-guide"));
}
