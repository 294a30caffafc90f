//! Are the documents of the drafts judged like those of the published versions: the same tolerances, the same refusals?
//!
//! The tables make the files: each is a good permit of a draft with one thing done to it.

use std::collections::BTreeSet;

use epix_core::receive::{inspect, receive};
use epix_core::report::Severity;

use crate::fixture::{self, swap};

/// One thing done to a good permit: the rule that speaks of it and how often, where that is (first), and how the file is made.
struct Row {
    folder: &'static str,
    slug: &'static str,
    rule: &'static str,
    times: usize,
    path: &'static str,
    change: fn(&str) -> String,
}

const fn row(
    folder: &'static str,
    slug: &'static str,
    rule: &'static str,
    path: &'static str,
    change: fn(&str) -> String,
) -> Row {
    Row { folder, slug, rule, times: 1, path, change }
}

/// What is tolerated, and read as if it were not there.
const TOLERATED: &[Row] = &[
    row("v3", "empty-element", "EPIX-OPEN-02", "/CITESEPermit/ExchangedDocument/Purpose", |xml| {
        swap(xml, "    <ram:PurposeCode>", "    <ram:Purpose/>\n    <ram:PurposeCode>")
    }),
    row("v3", "placeholder-attribute", "EPIX-OPEN-03", "/CITESEPermit/ExchangedDocument/ID", |xml| {
        swap(xml, "<ram:ID>26XA000125/EX", "<ram:ID schemeID=\"?\">26XA000125/EX")
    }),
    row("wco", "empty-element", "EPIX-OPEN-02", "/CITESePermit/Name", |xml| {
        swap(xml, "  <wco:TypeCode>E<", "  <wco:Name/>\n  <wco:TypeCode>E<")
    }),
];

/// What is refused.
const INVALID: &[Row] = &[
    row("v3", "misspelt-element", "EPIX-READ-01", "/CITESEPermit/ExchangedDocument/PurposCode", |xml| {
        swap(xml, "ram:PurposeCode", "ram:PurposCode")
    }),
    row("v3", "two-numbers", "EPIX-READ-02", "/CITESEPermit/ExchangedDocument/ID[2]", |xml| {
        swap(xml, "<ram:ID>26XA000125/EX</ram:ID>", "<ram:ID>26XA000125/EX</ram:ID><ram:ID>26XA000125/EX</ram:ID>")
    }),
    row("v3", "type-behind-the-date", "EPIX-READ-03", "/CITESEPermit/ExchangedDocument/TypeCode", |xml| {
        let kind = "    <ram:TypeCode listID=\"1001\" listAgencyID=\"6\">E</ram:TypeCode>\n";
        swap(&swap(xml, kind, ""), "    <ram:CopyIndicator>", &format!("{kind}    <ram:CopyIndicator>"))
    }),
    row("v3", "no-consignment", "EPIX-READ-04", "/CITESEPermit", |xml| {
        let start = xml.find("  <rsm:SpecifiedSupplyChainConsignment>").unwrap();
        format!("{}</rsm:CITESEPermit>\n", &xml[..start])
    }),
    row("v3", "text-between-elements", "EPIX-READ-05", "/CITESEPermit/ExchangedDocument", |xml| {
        swap(xml, "    <ram:PurposeCode>", "    zoo <ram:PurposeCode>")
    }),
    row("v3", "attribute-of-no-meaning", "EPIX-READ-06", "/CITESEPermit/ExchangedDocument/PurposeCode", |xml| {
        swap(xml, "<ram:PurposeCode>", "<ram:PurposeCode colour=\"green\">")
    }),
    row("v3", "a-quantity-in-words", "EPIX-READ-07", "", |xml| {
        let (head, tail) = xml.split_once("<ram:ItemQuantity").unwrap();
        let (attributes, rest) = tail.split_once('>').unwrap();
        let (_, rest) = rest.split_once('<').unwrap();
        format!("{head}<ram:ItemQuantity{attributes}>one<{rest}")
    }),
    row("wco", "misspelt-element", "EPIX-READ-01", "/CITESePermit/FunctionNam", |xml| {
        swap(xml, "wco:FunctionName", "wco:FunctionNam")
    }),
    row("wco", "two-numbers", "EPIX-READ-02", "/CITESePermit/ID[2]", |xml| {
        swap(xml, "<wco:ID>26XA000125/EX</wco:ID>", "<wco:ID>26XA000125/EX</wco:ID><wco:ID>26XA000125/EX</wco:ID>")
    }),
    row("wco", "number-before-the-name", "EPIX-READ-03", "/CITESePermit/FunctionName", |xml| {
        let number = "  <wco:ID>26XA000125/EX</wco:ID>\n";
        swap(&swap(xml, number, ""), "  <wco:FunctionName>", &format!("{number}  <wco:FunctionName>"))
    }),
    row("wco", "no-number", "EPIX-READ-04", "/CITESePermit", |xml| swap(xml, "  <wco:ID>26XA000125/EX</wco:ID>\n", "")),
    row("wco", "text-between-elements", "EPIX-READ-05", "/CITESePermit/Submitter", |xml| {
        swap(xml, "  <wco:Submitter>", "  <wco:Submitter>the zoo")
    }),
    row("wco", "attribute-of-no-meaning", "EPIX-READ-06", "/CITESePermit/FunctionCode", |xml| {
        swap(xml, "<wco:FunctionCode>", "<wco:FunctionCode colour=\"green\">")
    }),
    row("wco", "a-quantity-in-words", "EPIX-READ-07", "", |xml| {
        swap(xml, "<wco:TariffQuantity>1<", "<wco:TariffQuantity>one<")
    }),
];

fn base(row: &Row) -> String {
    fixture::text(&format!("{}/valid/xa-export-permit-2.xml", row.folder))
}

fn tolerated(row: &Row) -> String {
    format!("{}/tolerated/{}.xml", row.folder, row.slug)
}

fn invalid(row: &Row) -> String {
    format!("{}/invalid/{}--{}.xml", row.folder, row.rule, row.slug)
}

/// True when a folder holds the files of its rows and no others.
fn holds(rows: &[Row], kind: &str, path: fn(&Row) -> String) {
    for folder in ["v3", "wco"] {
        let files: BTreeSet<_> = rows.iter().filter(|row| row.folder == folder).map(path).collect();
        let names = fixture::names(&format!("{folder}/{kind}"));
        let found: BTreeSet<_> = names.iter().map(|name| format!("{folder}/{kind}/{name}")).collect();
        assert_eq!(found, files);
    }
}

#[test]
fn the_generated_files_of_the_drafts_are_those_of_the_tables() {
    TOLERATED.iter().for_each(|row| fixture::compare(&tolerated(row), (row.change)(&base(row)).as_bytes()));
    INVALID.iter().for_each(|row| fixture::compare(&invalid(row), (row.change)(&base(row)).as_bytes()));

    holds(TOLERATED, "tolerated", tolerated);
    holds(INVALID, "invalid", invalid);
}

#[test]
fn what_is_tolerated_in_a_draft_is_a_note_and_changes_nothing() {
    for row in TOLERATED {
        let (reading, report) = inspect(&fixture::bytes(&tolerated(row)));
        let (good, _) = inspect(base(row).as_bytes());

        let found: Vec<_> = report.findings.iter().filter(|finding| finding.rule.0 == row.rule).collect();
        assert!(report.is_clean(), "{} {}: {report:#?}", row.folder, row.slug);
        assert_eq!((found.len(), found[0].severity), (row.times, Severity::Note), "{} {}", row.folder, row.slug);
        assert_eq!(found[0].place.path, row.path);
        assert_eq!(reading.unwrap().permit, good.unwrap().permit, "{} {}", row.folder, row.slug);
    }
}

#[test]
fn what_is_wrong_in_a_draft_is_refused_by_its_rule_in_its_place() {
    for row in INVALID {
        let refused = receive(&fixture::bytes(&invalid(row))).expect_err(row.slug);

        let found: Vec<_> = refused.report.errors().filter(|error| error.rule.0.starts_with("EPIX-READ-")).collect();
        let rules: Vec<_> = found.iter().map(|error| error.rule.0).collect();
        assert_eq!(rules, [row.rule], "{} {}: {:#?}", row.folder, row.slug, refused.report.findings);
        assert!(row.path.is_empty() || found[0].place.path == row.path, "{}: {}", row.slug, found[0].place.path);
    }
}
