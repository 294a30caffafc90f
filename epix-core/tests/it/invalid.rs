//! Does each rule refuse what it speaks of, alone and in the right place?
//!
//! The table makes the files: each is a good permit with one thing wrong.

use std::collections::BTreeSet;

use epix_core::receive::receive;
use epix_core::report::{Outcome, Severity};

use crate::fixture::{self, swap};

const BASE: &str = "v2/valid/xa-export-permit-2.xml";
const RULES: &str = include_str!("../../src/wire/rules.rs");

/// The ids that `wire/rules.rs` declares in one family, such as `READ`.
pub(crate) fn ids_of(family: &str) -> Vec<&'static str> {
    let ids = RULES.split('"').filter(|id| id.starts_with(&format!("EPIX-{family}-")));
    ids.collect()
}

/// One broken rule: the rule, what is wrong, where (line and path), and how the file is made.
struct Row {
    rule: &'static str,
    slug: &'static str,
    path: &'static str,
    change: fn(&str) -> String,
}

const HEADER: &str = "/CITESEPermit/HeaderExchangedDocument";

const TABLE: &[Row] = &[
    Row {
        rule: "EPIX-XML-01",
        slug: "end-tag-of-another-name",
        path: "",
        change: |xml| swap(xml, "</ram:PurposeCode>", "</ram:Purpose>"),
    },
    Row {
        rule: "EPIX-VERSION-01",
        slug: "misspelt-root",
        path: "/CITESPermit",
        change: |xml| swap(xml, "rsm:CITESEPermit", "rsm:CITESPermit"),
    },
    Row { rule: "EPIX-VERSION-02", slug: "two-permits", path: "/permits/CITESEPermit[2]", change: two_permits },
    Row {
        rule: "EPIX-READ-01",
        slug: "misspelt-element",
        path: "/CITESEPermit/SpecifiedSupplyChainConsignment/IncludedSupplyChainConsignmentItem/IncludedSupplyChainTradleLineItem",
        change: |xml| swap(xml, "IncludedSupplyChainTradeLineItem", "IncludedSupplyChainTradleLineItem"),
    },
    Row {
        rule: "EPIX-READ-02",
        slug: "two-types",
        path: "/CITESEPermit/HeaderExchangedDocument/TypeCode[2]",
        change: |xml| {
            swap(
                xml,
                "    <ram:IssueDateTime>2026-02-16T14",
                "    <ram:TypeCode>R</ram:TypeCode>\n    <ram:IssueDateTime>2026-02-16T14",
            )
        },
    },
    Row {
        rule: "EPIX-READ-03",
        slug: "copy-indicator-behind-the-purpose",
        path: "/CITESEPermit/HeaderExchangedDocument/CopyIndicator",
        change: |xml| {
            let copy = "    <ram:CopyIndicator>false</ram:CopyIndicator>\n";
            let purpose = "    <ram:PurposeCode>Z</ram:PurposeCode>\n";
            swap(xml, &format!("{copy}{purpose}"), &format!("{purpose}{copy}"))
        },
    },
    Row { rule: "EPIX-READ-04", slug: "no-consignment", path: "/CITESEPermit", change: no_consignment },
    Row {
        rule: "EPIX-READ-05",
        slug: "text-between-elements",
        path: HEADER,
        change: |xml| swap(xml, "    <ram:CopyIndicator>", "    copy:\n    <ram:CopyIndicator>"),
    },
    Row {
        rule: "EPIX-READ-06",
        slug: "attribute-of-no-meaning",
        path: "/CITESEPermit/HeaderExchangedDocument/PurposeCode",
        change: |xml| swap(xml, "<ram:PurposeCode>", "<ram:PurposeCode listID=\"purposes\">"),
    },
    Row {
        rule: "EPIX-READ-07",
        slug: "a-day-where-a-moment-is-due",
        path: "/CITESEPermit/HeaderExchangedDocument/EffectiveSpecifiedPeriod/EndDateTime",
        change: |xml| swap(xml, "2026-05-15T23:59:59+02:00", "15.05.2026"),
    },
    Row {
        rule: "EPIX-READ-08",
        slug: "element-in-a-value",
        path: "/CITESEPermit/HeaderExchangedDocument/Information/b",
        change: |xml| swap(xml, "their own crates", "their <ram:b>own</ram:b> crates"),
    },
    Row {
        rule: "EPIX-KEY-01",
        slug: "no-number",
        path: "/CITESEPermit",
        change: |xml| swap(xml, "    <ram:ID>26XA000125/EX</ram:ID>\n", ""),
    },
];

fn two_permits(xml: &str) -> String {
    let permit = xml.split_once("?>\n").unwrap().1;
    format!("<permits>\n{permit}{permit}</permits>\n")
}

fn no_consignment(xml: &str) -> String {
    let start = xml.find("  <rsm:SpecifiedSupplyChainConsignment>").unwrap();
    format!("{}</rsm:CITESEPermit>\n", &xml[..start])
}

fn path(row: &Row) -> String {
    format!("v2/invalid/{}--{}.xml", row.rule, row.slug)
}

#[test]
fn every_generated_file_breaks_a_rule_of_the_table() {
    let base = fixture::text(BASE);
    for row in TABLE {
        fixture::compare(&path(row), (row.change)(&base).as_bytes());
    }

    let files: BTreeSet<_> = TABLE.iter().map(path).collect();
    let found: BTreeSet<_> = fixture::names("v2/invalid").iter().map(|name| format!("v2/invalid/{name}")).collect();
    assert_eq!(found, files);
    let covered: BTreeSet<_> = TABLE.iter().map(|row| row.rule).collect();
    let declared: BTreeSet<_> = ["XML", "VERSION", "READ", "KEY"].into_iter().flat_map(ids_of).collect();
    assert_eq!(covered, declared);
}

#[test]
fn each_file_breaks_its_own_rule_and_no_other() {
    for row in TABLE {
        let refused = receive(&fixture::bytes(&path(row))).expect_err(row.slug);

        // The schema speaks of many of these too; its findings are of another family.
        let of_ours =
            |id: &str| ["XML", "VERSION", "READ", "KEY", "OPEN", "GUARD"].iter().any(|f| ids_of(f).contains(&id));
        let errors: Vec<_> = refused.report.errors().filter(|finding| of_ours(finding.rule.0)).collect();
        assert_eq!(errors.len(), 1, "{}: {:#?}", row.slug, refused.report.findings);
        assert_eq!((errors[0].rule.0, errors[0].place.path.as_str()), (row.rule, row.path), "{}", row.slug);
        assert!(refused.report.layers.iter().any(|layer| layer.outcome == Outcome::Failed), "{}", row.slug);
        let notes = refused.report.findings.iter().filter(|finding| finding.severity != Severity::Error);
        assert_eq!(notes.count(), 0, "{}", row.slug);
    }
}
