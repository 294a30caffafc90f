//! Does `--policy` decide what is accepted, and say clearly what is wrong with itself?

#![allow(clippy::unwrap_used, reason = "test code outside of test functions")]

mod desk;

use desk::Desk;

fn fixture(name: &str) -> String {
    format!("{}/../fixtures/{name}", env!("CARGO_MANIFEST_DIR"))
}

const POLICIES: &str = "[losses]\nv1 = \"warn\"\n[rules]\n\"EPIX-PARTY-01\" = \"accept\"\n\"EPIX-UNIT-*\" = \"refuse\"\n\
    [partner.XB-MA.rules]\n\"EPIX-PARTY-01\" = \"refuse\"\n";

#[test]
fn a_rule_is_accepted_for_all_and_refused_for_one_partner() {
    let desk = Desk::new();
    desk.put("policies.toml", POLICIES);
    let permit = fixture("rules/EPIX-PARTY-01--no-importer.xml");

    let alone = desk.epix(&["validate", &permit]);
    let general = desk.epix(&["validate", &permit, "--policy", "policies.toml"]);
    let partner = desk.epix(&["validate", &permit, "--policy", "policies.toml", "--partner", "XB-MA"]);

    assert_eq!([alone.code, general.code, partner.code], [1, 0, 1]);
    assert!(general.out.contains(": accepted") && general.out.contains("error: "), "{}", general.out);
}

#[test]
fn a_warning_that_is_refused_names_its_rule() {
    let desk = Desk::new();
    desk.put("policies.toml", POLICIES);
    let permit = fixture("rules/EPIX-UNIT-02--pieces-of-former-days.xml");

    let human = desk.epix(&["validate", &permit, "--policy", "policies.toml"]);
    let line = &desk.epix(&["validate", &permit, "--policy", "policies.toml", "--format", "json"]).lines()[0];

    assert!(human.out.contains("refused: by the policy for EPIX-UNIT-02"), "{}", human.out);
    assert_eq!((&line["accepted"], &line["refused_for"][0]), (&false.into(), &"EPIX-UNIT-02".into()));
    assert!(
        line["judges"][0]["id"].as_str().unwrap().starts_with("rules-") && line["skipped"][0]["because"].is_string()
    );
}

#[test]
fn a_policy_accepts_the_losses_of_a_form() {
    let desk = Desk::new();
    desk.put("policies.toml", POLICIES);
    let permit = fixture("v2/valid/xa-export-permit.xml");

    let accepted = desk.epix(&["convert", "--to", "v1", &permit, "--policy", "policies.toml"]);
    let refused = desk.epix(&["convert", "--to", "wco", &permit, "--policy", "policies.toml"]);

    assert_eq!([accepted.code, refused.code], [0, 1]);
    assert!(accepted.out.contains("CBFShip") && accepted.err.contains("lost: box"), "{}", accepted.err);
}

#[test]
fn the_guide_form_is_asked_for_and_its_rows_can_be_accepted_one_by_one() {
    let desk = Desk::new();
    desk.put("policies.toml", "[rules]\n\"EPIX-GUIDE-*\" = \"accept\"\n");
    let (wide, other) = (fixture("v2/valid/xa-every-path.xml"), fixture("v1/valid/xa-every-path.xml"));
    desk.epix(&[
        "convert",
        "--to",
        "v2-guide",
        "--accept-loss",
        &fixture("v2/valid/xa-export-permit.xml"),
        "-o",
        "narrow.xml",
    ]);

    let refused = desk.epix(&["validate", "--guide", &wide]);
    let accepted = desk.epix(&["validate", "--guide", &wide, "--policy", "policies.toml"]);
    let narrow = desk.epix(&["validate", "--guide", "narrow.xml", "--all"]);
    let none = desk.epix(&["validate", "--guide", &other]);

    assert!(refused.out.contains("[EPIX-GUIDE-003]") && refused.out.contains("what to do"), "{}", refused.out);
    assert!(!narrow.out.contains("error") && narrow.out.contains("obeys the schema"), "{}", narrow.out);
    assert!(none.out.contains("v2-guide is a form of toolkit 2.0"), "{}", none.out);
    assert_eq!([refused.code, accepted.code, narrow.code, none.code], [1, 0, 0, 1]);
}

#[test]
fn a_file_that_is_no_policy_is_named_with_line_and_key() {
    let desk = Desk::new();
    desk.put("wrong.toml", "[rules]\n\"EPIX-UNIT-99\" = \"accept\"\n");

    let wrong = desk.epix(&["validate", "-", "--policy", "wrong.toml"]);
    let missing = desk.epix(&["validate", "-", "--policy", "none.toml"]);
    let alone = desk.epix(&["validate", "-", "--partner", "XB-MA"]);

    assert_eq!([wrong.code, missing.code, alone.code], [2, 2, 2]);
    assert!(wrong.err.contains("wrong.toml") && wrong.err.contains("line 2, column 1, key rules.EPIX-UNIT-99"));
}
