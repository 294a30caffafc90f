//! Do the rows keep what the table promises?

use std::collections::BTreeSet;
use std::path::Path;

use super::*;
use crate::check::{all_rules, rule};
use crate::codes::Grade;
use crate::report::Severity;

#[test]
fn ids_are_of_their_topic_numbered_in_order_and_nobody_elses() {
    for topic in TOPICS {
        for (row, number) in topic.rows.iter().zip(1..) {
            assert_eq!(row.id.0, format!("EPIX-{}-{number:02}", topic.name));
        }
    }
    let ids: BTreeSet<_> = all_rules().map(|(id, _)| id).collect();
    assert_eq!(ids.len(), all_rules().count());
    assert!(rule("EPIX-PARTY-01").is_some() && rule("EPIX-READ-01").is_some() && rule("EPIX-SCHEMA-01").is_some());
    assert_eq!(rule("EPIX-PARTY-99"), None);
}

#[test]
fn every_row_is_filled() {
    for row in rows() {
        for cell in [row.catalogue, row.form_box, row.sentence, row.remedy, row.source] {
            assert!(!cell.is_empty(), "{}", row.id);
        }
        let is_a_sentence = |text: &str| text.starts_with(|c: char| c.is_lowercase()) || text.starts_with("UNEP");
        assert!(is_a_sentence(row.sentence) && !row.sentence.ends_with('.'), "{}", row.id);
        assert!(is_a_sentence(row.remedy) && !row.remedy.ends_with('.'), "{}", row.id);
    }
}

#[test]
fn only_what_is_certain_is_an_error_and_a_lenient_row_says_why() {
    for row in rows() {
        let is_error = row.severity == Severity::Error;
        assert!(!is_error || row.grade == Grade::Certain, "{} is {} and an error", row.id, row.grade);
        let is_lenient = row.grade == Grade::Certain && !is_error;
        assert_eq!(row.lenient.is_some(), is_lenient, "{}", row.id);
    }
}

#[test]
fn an_empty_permit_breaks_rules_and_no_code() {
    let (permit, knowledge) = (Permit::default(), Default::default());
    let context = Context::of(&permit, crate::version::ToolkitVersion::V2, &knowledge);
    let nowhere = |path: &ModelPath| Place { line: 1, column: 1, path: path.to_string() };

    let judgement = judge(&permit, &context, nowhere);

    assert!(judgement.findings.iter().any(|finding| finding.rule.0 == "EPIX-ITEM-01"));
    assert!(judgement.skipped.iter().any(|skipped| skipped.because == Need::Day.because()));
}

#[test]
fn the_generated_page_is_what_the_rows_say() {
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("../docs/rules.md");
    let page = page::render();
    if std::env::var_os("EPIX_BLESS").is_some() {
        std::fs::write(&file, &page).unwrap();
    }

    let committed = std::fs::read_to_string(&file).unwrap_or_default();

    assert!(page == committed, "docs/rules.md is old: cargo xtask gen");
}
