//! Does each rule object to what it speaks of, alone and in the right place?
//!
//! The table makes the files: each is `fixtures/rules/base.xml` with one thing wrong. They are judged with everything known
//! that a rule may need, so that no rule is skipped.

use std::collections::BTreeSet;

use epix_core::check::knowledge::{Knowledge, Occasion};
use epix_core::check::policy::{Policy, decide};
use epix_core::check::rules::{self, Need, PACK};
use epix_core::check::stages::{self, Checked};
use epix_core::report::{Finding, Layer, Outcome, Place, Severity};
use epix_core::wire::path_of;
use epix_core::wire::tree::Document;

use crate::fixture;
use crate::known::Known;
use crate::mutations::{Row, table};

const BASE: &str = "rules/base.xml";

/// What is said of each file, and where.
const FINDINGS: &str = "rules/findings.tsv";

fn path(row: &Row) -> String {
    format!("rules/{}--{}.xml", row.rule, row.slug)
}

/// Judges a document with everything known; as our own where a rule asks for that.
fn judged(bytes: &[u8], occasion: Occasion) -> Checked {
    let known = Known;
    let knowledge = Knowledge {
        today: "2026-03-01".parse().ok(),
        occasion,
        species: Some(&known),
        quotas: Some(&known),
        suspensions: Some(&known),
        permits: Some(&known),
        authorities: Some(&known),
    };
    stages::run(bytes, &Policy::default(), &knowledge)
}

fn occasion(row: &Row) -> Occasion {
    let needs = rules::row(row.rule).unwrap_or_else(|| panic!("{}", row.rule)).needs;
    if needs.contains(&Need::Own) { Occasion::Issue } else { Occasion::Receipt }
}

#[test]
fn nothing_is_said_of_the_base() {
    for occasion in [Occasion::Issue, Occasion::Receipt] {
        let checked = judged(&fixture::bytes(BASE), occasion);

        assert_eq!(checked.report.findings, []);
        let only_own = |skipped: &epix_core::report::SkippedRule| skipped.because == Need::Own.because();
        assert!(checked.report.skipped.iter().all(only_own), "{:#?}", checked.report.skipped);
        assert_eq!(checked.report.skipped.is_empty(), occasion == Occasion::Issue);
    }
}

#[test]
fn every_rule_has_its_generated_file() {
    let base = fixture::text(BASE);
    for row in table() {
        fixture::compare(&path(row), (row.change)(&base).as_bytes());
    }

    let covered: BTreeSet<_> = table().map(|row| row.rule).collect();
    let declared: BTreeSet<_> = rules::rows().map(|row| row.id.0).collect();
    assert_eq!(covered, declared);
    let files: BTreeSet<_> = table().map(path).chain([BASE.to_owned(), FINDINGS.to_owned()]).collect();
    let found: BTreeSet<_> = fixture::names("rules").iter().map(|name| format!("rules/{name}")).collect();
    assert_eq!(found, files);
}

#[test]
fn each_file_breaks_its_own_rule_and_no_other_and_the_golden_list_says_so() {
    let mut lines = vec!["rule\tseverity\tbox\tline\tcolumn\tpath\tsentence\n".to_owned()];
    for row in table() {
        let report = judged((row.change)(&fixture::text(BASE)).as_bytes(), occasion(row)).report;

        let fired: BTreeSet<_> = report.rule_ids().into_iter().collect();
        assert_eq!(fired, BTreeSet::from([row.rule]), "{}: {:#?}", row.slug, report.findings);
        lines.extend(report.findings.iter().map(|finding| {
            let Finding { rule, severity, form_box, place: Place { line, column, path }, sentence, .. } = finding;
            format!("{rule}\t{severity}\t{}\t{line}\t{column}\t{path}\t{sentence}\n", form_box.unwrap_or_default())
        }));
    }

    fixture::compare(FINDINGS, lines.concat().as_bytes());
}

#[test]
fn a_finding_says_box_remedy_and_the_place_in_the_file() {
    for row in table() {
        let bytes = fixture::bytes(&path(row));
        let report = judged(&bytes, occasion(row)).report;

        let text = std::str::from_utf8(&bytes).unwrap();
        let tree = Document::parse(text).unwrap();
        let paths: BTreeSet<_> = tree.descendants().filter(|node| node.is_element()).map(path_of).collect();
        let rule = rules::row(row.rule).unwrap();
        for finding in &report.findings {
            let form_box = Some(rule.form_box).filter(|form_box| *form_box != "-");
            assert_eq!((finding.form_box, finding.remedy), (form_box, Some(rule.remedy)), "{}", row.rule);
            assert!(finding.sentence.starts_with(rule.sentence), "{}", finding.sentence);
            assert!(paths.contains(&finding.place.path), "{}: {}", row.rule, finding.place.path);
            let line = text.lines().nth(finding.place.line as usize - 1).unwrap();
            let name = finding.place.path.rsplit('/').next().unwrap().split('[').next().unwrap();
            let element =
                line[finding.place.column as usize - 1..].trim_start_matches("<ram:").trim_start_matches("<rsm:");
            assert!(element.starts_with(name), "{}: {line}", row.rule);
        }
    }
}

#[test]
fn an_error_is_refused_and_a_warning_is_not() {
    for row in table() {
        let report = judged(&fixture::bytes(&path(row)), occasion(row)).report;

        let decision = decide(&report, &Policy::default());

        let is_error = rules::row(row.rule).unwrap().severity == Severity::Error;
        assert_eq!(decision.is_accepted(), !is_error, "{}: {decision:?}", row.rule);
        let outcome = if is_error { Outcome::Failed } else { Outcome::Passed };
        assert_eq!(report.outcome(Layer::Rules), Some(&outcome), "{}", row.rule);
    }
}

#[test]
fn a_report_names_who_judged_and_what_was_not_asked() {
    let knowledge = Knowledge::default();

    let report = stages::run(&fixture::bytes(BASE), &Policy::default(), &knowledge).report;

    assert_eq!(report.judges[0], PACK);
    assert!(report.judges.iter().any(|edition| edition.id.starts_with("terms-")));
    assert!(report.layers.iter().map(|layer| layer.layer).eq(stages::ORDER));
    let unasked: BTreeSet<_> = report.skipped.iter().map(|skipped| skipped.rule.0).collect();
    let needy = rules::rows().filter(|row| row.needs.iter().any(|need| *need != Need::Day)).map(|row| row.id.0);
    assert_eq!(unasked, needy.collect());
}
