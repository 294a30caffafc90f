//! Is a document refused for the rules that a policy names, and for no other?

use epix_core::check::knowledge::Knowledge;
use epix_core::check::policy::{Action, Decision, Policies, Policy, decide};
use epix_core::check::stages;
use epix_core::policies::read;
use epix_core::receive::{receive, receive_again, receive_with};
use epix_core::report::{Layer, Outcome, RuleId};

use crate::fixture;

/// Breaks a rule that is an error.
const ERROR: &str = "rules/EPIX-PARTY-01--no-importer.xml";
/// Breaks a rule that is a warning.
const WARNING: &str = "rules/EPIX-UNIT-02--pieces-of-former-days.xml";

fn policies(text: &str) -> Policies {
    read(text).unwrap()
}

fn accepts(policy: &Policy, file: &str) -> bool {
    receive_with(&fixture::bytes(file), policy, &Knowledge::default()).is_ok()
}

#[test]
fn errors_are_refused_and_warnings_are_not_where_nothing_is_told() {
    let policy = policies("").general;

    assert_eq!(policy, Policy::default());
    assert!(!accepts(&policy, ERROR) && accepts(&policy, WARNING));
}

#[test]
fn a_rule_that_is_named_goes_before_its_severity() {
    let policy = policies("[rules]\n\"EPIX-PARTY-01\" = \"accept\"\n\"EPIX-UNIT-02\" = \"refuse\"").general;

    assert!(accepts(&policy, ERROR) && !accepts(&policy, WARNING));
}

#[test]
fn a_severity_that_is_named_holds_for_the_other_rules() {
    let policy = policies("errors = \"warn\"\nwarnings = \"refuse\"").general;

    assert!(accepts(&policy, ERROR) && !accepts(&policy, WARNING));
}

#[test]
fn a_partner_has_what_all_have_and_what_differs() {
    let policies = policies(
        "[rules]\n\"EPIX-PARTY-01\" = \"warn\"\n[partner.XB-MA]\nwarnings = \"refuse\"\n\
         [partner.XB-MA.rules]\n\"EPIX-PARTY-02\" = \"accept\"\n[partner.XC-MA.rules]\n\"EPIX-PARTY-01\" = \"refuse\"",
    );

    let (of_xb, of_xc, of_others) = (policies.of("XB-MA"), policies.of("XC-MA"), policies.of("XD-MA"));

    assert!(accepts(&of_xb, ERROR) && !accepts(&of_xb, WARNING));
    assert!(accepts(&of_xb, "rules/EPIX-PARTY-02--no-address-of-the-importer.xml"));
    assert!(!accepts(&of_xc, ERROR) && accepts(&of_xc, WARNING));
    assert!(accepts(&of_others, ERROR) && of_others == policies.general);
}

#[test]
fn a_pattern_speaks_for_the_rules_that_are_not_named() {
    let policy = policies(
        "warnings = \"refuse\"\n[rules]\n\"EPIX-*\" = \"refuse\"\n\"EPIX-PARTY-*\" = \"accept\"\n\"EPIX-PARTY-02\" = \"refuse\"",
    )
    .general;

    assert!(accepts(&policy, ERROR) && !accepts(&policy, WARNING));
    assert!(!accepts(&policy, "rules/EPIX-PARTY-02--no-address-of-the-importer.xml"));
}

#[test]
fn losses_are_refused_where_nothing_is_told_and_a_partner_may_differ() {
    let policies = policies("[losses]\nv1 = \"warn\"\n[partner.XB-MA.losses]\nv1 = \"refuse\"\nwco = \"accept\"");

    let (of_all, of_xb) = (policies.of("XC-MA"), policies.of("XB-MA"));

    assert_eq!([of_all.on_loss("v1"), of_all.on_loss("wco")], [Action::Warn, Action::Refuse]);
    assert_eq!([of_xb.on_loss("v1"), of_xb.on_loss("wco")], [Action::Refuse, Action::Accept]);
}

#[test]
fn what_is_wrong_in_a_file_is_named_with_line_and_key() {
    for (text, expected) in [
        ("[rules]\n\"EPIX-PARTY-99\" = \"accept\"", "line 2, column 1, key rules.EPIX-PARTY-99: no rule is called"),
        (
            "[rules]\n\"EPIX-PARTIES-*\" = \"warn\"",
            "line 2, column 1, key rules.EPIX-PARTIES-*: no rule is called like",
        ),
        ("[rules]\n\"*\" = \"warn\"", "line 2, column 1, key rules.*: no rule is called like *"),
        ("[rules]\n\"EPIX-PARTY-01\" = \"ignore\"", "line 2, column 19, key rules.EPIX-PARTY-01: what is done is"),
        ("\n\nerror = \"warn\"", "line 3, column 1, key error: there is no such key"),
        ("[partner.XB]\nlenient = true", "line 2, column 1, key partner.XB.lenient: there is no such key"),
        ("errors = 3", "line 1, column 10, key errors: what is done is"),
        ("rules = \"accept\"", "line 1, column 9, key rules: it is a table"),
        ("[losses]\nv4 = \"accept\"", "line 2, column 1, key losses.v4: no form is called v4; known are v1, v2"),
        ("[rules\n", "line 1, column 7: the file is no TOML"),
        ("errors = \"warn\"\nerrors = \"warn\"", "line 2, column 1: the file is no TOML: duplicate key"),
    ] {
        let error = read(text).unwrap_err().to_string();
        assert!(error.starts_with(expected), "{error}");
    }
}

#[test]
fn a_decision_names_the_rules() {
    let report = stages::run(&fixture::bytes(ERROR), &Policy::default(), &Knowledge::default()).report;

    let refused = decide(&report, &Policy::default());
    let accepted = decide(&report, &Policy { errors: Some(Action::Warn), ..Policy::default() });

    assert_eq!(refused, Decision::Refused { rules: vec![RuleId("EPIX-PARTY-01")], unseen: Vec::new() });
    assert_eq!(accepted, Decision::Accepted { warned: vec![RuleId("EPIX-PARTY-01")] });
}

#[test]
fn rules_are_not_asked_of_what_could_not_be_read_unless_that_is_accepted() {
    let bytes = fixture::bytes("v2/invalid/EPIX-READ-06--attribute-of-no-meaning.xml");
    let lenient = policies("[rules]\n\"EPIX-READ-06\" = \"accept\"\n\"EPIX-SCHEMA-01\" = \"accept\"").general;

    let strict = stages::run(&bytes, &Policy::default(), &Knowledge::default()).report;
    let relaxed = stages::run(&bytes, &lenient, &Knowledge::default()).report;

    assert!(matches!(strict.outcome(Layer::Rules), Some(Outcome::Skipped(_))));
    assert_eq!(relaxed.outcome(Layer::Rules), Some(&Outcome::Passed));
    assert!(receive(&bytes).is_err() && receive_with(&bytes, &lenient, &Knowledge::default()).is_ok());
}

#[test]
fn no_policy_accepts_what_cannot_be_read_or_kept() {
    let nothing_matters = policies("errors = \"accept\"\nwarnings = \"accept\"").general;

    for file in [
        "v2/invalid/EPIX-XML-01--end-tag-of-another-name.xml",
        "v2/invalid/EPIX-VERSION-01--misspelt-root.xml",
        "v2/invalid/EPIX-KEY-01--no-number.xml",
        "hostile/EPIX-GUARD-04--billion-laughs.xml",
    ] {
        assert!(!accepts(&nothing_matters, file), "{file}");
    }
}

#[test]
fn what_was_accepted_once_is_taken_back_whatever_the_rules_say_now() {
    let bytes = fixture::bytes(ERROR);

    let again = receive_again(&bytes).unwrap();

    assert!(receive(&bytes).is_err());
    assert_eq!(again.bytes(), bytes);
    assert!(matches!(again.report().outcome(Layer::Rules), Some(Outcome::Skipped(_))));
    assert!(receive_again(&fixture::bytes("v2/invalid/EPIX-READ-02--two-types.xml")).is_err());
}
