//! Does our JSON form carry every permit, and does it refuse what it does not know, at the right place?

use std::collections::BTreeSet;

use epix_core::check::stages::ORDER;
use epix_core::permit::Permit;
use epix_core::receive::{inspect, inspect_schema, receive};
use epix_core::report::{Layer, Outcome, Report};
use epix_core::version::ToolkitVersion;
use epix_core::wire::{codec, json};
use proptest::prelude::*;
use serde_json::Value;

use crate::endorsed::{endorsement, expected};
use crate::fixture::{self, swap};
use crate::invalid::ids_of;
use crate::permits;

const BASE: &str = "json/valid/xa-export-permit-2.json";

fn permit_of(xml: &str) -> Permit {
    inspect(fixture::text(xml).as_bytes()).0.unwrap().permit
}

#[test]
fn every_valid_permit_has_its_golden_json_file() {
    let names = fixture::names("v2/valid");
    for name in &names {
        let permit = permit_of(&format!("v2/valid/{name}"));
        let path = format!("json/valid/{}", name.replace(".xml", ".json"));

        fixture::compare(&path, json::write(&permit).as_bytes());
        assert_eq!(json::read(&fixture::bytes(&path)).unwrap(), permit, "{name}");
    }
    assert_eq!(fixture::names("json/valid").len(), names.len());
}

#[test]
fn the_published_schema_is_generated_from_the_table() {
    fixture::compare("../docs/schema/epix-permit-1.json", json::schema().as_bytes());

    let schema: Value = serde_json::from_str(&json::schema()).unwrap();
    assert_eq!(schema["$defs"]["Document"]["properties"]["number"]["$ref"], "#/$defs/Identifier");
    assert_eq!(schema["$defs"]["Identifier"]["required"], serde_json::json!(["value"]));
}

/// The value without null, empty lists and empty objects.
fn filled(value: Value) -> Option<Value> {
    match value {
        Value::Null => None,
        Value::Array(entries) if entries.is_empty() => None,
        Value::Array(entries) => Some(entries.into_iter().filter_map(filled).collect()),
        Value::Object(members) => {
            let members: serde_json::Map<_, _> =
                members.into_iter().filter_map(|(key, value)| Some((key, filled(value)?))).collect();
            (!members.is_empty()).then_some(Value::Object(members))
        }
        other => Some(other),
    }
}

#[test]
fn the_form_is_the_model_as_serde_writes_it_but_for_what_is_empty() {
    let permit = permit_of("v2/valid/xa-every-path.xml");

    let written: Value = serde_json::from_str(&json::write(&permit)).unwrap();

    assert_eq!(Some(written["permit"].clone()), filled(serde_json::to_value(&permit).unwrap()));
}

#[test]
fn what_is_no_json_is_left_to_xml() {
    assert!(json::is_json(b"\xEF\xBB\xBF \r\n{") && json::is_json(b"{}"));
    for other in ["", "<a>{</a>", "[{}]", " \u{A0}{"] {
        assert!(!json::is_json(other.as_bytes()), "{other}");
    }
}

#[test]
fn a_json_permit_passes_the_layers_of_every_other_and_is_kept_as_it_came() {
    let mut bytes = fixture::bytes(BASE);
    bytes.splice(0..0, *b"\xEF\xBB\xBF");

    let accepted = receive(&bytes).unwrap();

    let layers: Vec<_> = accepted.report().layers.iter().map(|layer| (layer.layer, &layer.outcome)).collect();
    assert_eq!(layers, ORDER.map(|layer| (layer, &Outcome::Passed)));
    assert_eq!((accepted.bytes(), accepted.version()), (bytes.as_slice(), ToolkitVersion::Json));
    assert_eq!(accepted.number().to_string().as_str(), "26XA000125/EX");
}

#[test]
fn a_rule_names_the_place_in_the_json() {
    let text = swap(&fixture::text("json/valid/xa-export-permit.json"), "\"unit\": \"KGM\"", "\"unit\": \"XYZ\"");

    let accepted = receive(text.as_bytes()).unwrap();

    let finding = accepted.report().findings.iter().find(|finding| finding.rule.0 == "EPIX-UNIT-01").unwrap();
    assert_eq!(finding.place.path, "$.permit.consignment.items[1].packages[0].quantity");
    let line = text.lines().nth(finding.place.line as usize - 1).unwrap();
    assert_eq!(line.chars().skip(finding.place.column as usize - 1).collect::<String>(), "{");
    assert!(text.lines().nth(finding.place.line as usize + 1).unwrap().contains("XYZ"), "{line}");
}

#[test]
fn a_json_permit_without_a_number_is_placed_at_the_permit() {
    let text = swap(&fixture::text(BASE), "\"number\": {", "\"security_stamp\": {");

    let refused = receive(text.as_bytes()).unwrap_err().report;

    assert!(!refused.findings.is_empty());
    assert!(refused.findings.iter().all(|finding| finding.place.path.starts_with('$')), "{refused:#?}");
}

/// One broken rule: the rule, what is wrong, where (line and path), and how the file is made.
struct Row {
    rule: &'static str,
    slug: &'static str,
    line: u32,
    path: &'static str,
    change: fn(&str) -> String,
}

const TABLE: &[Row] = &[
    Row {
        rule: "EPIX-JSON-01",
        slug: "too-deep",
        line: 4,
        path: "",
        change: |text| swap(text, "\"permit\": {", &format!("\"permit\": {}{{", "[".repeat(40))),
    },
    Row {
        rule: "EPIX-JSON-02",
        slug: "comma-too-many",
        line: 38,
        path: "$.permit.document.document_type",
        change: |text| swap(text, "\"code\": \"E\"", "\"code\": \"E\","),
    },
    Row {
        rule: "EPIX-JSON-03",
        slug: "later-version",
        line: 3,
        path: "$.version",
        change: |text| swap(text, "\"version\": 1,", "\"version\": 2,\n  \"signature\": \"x\","),
    },
    Row {
        rule: "EPIX-JSON-03",
        slug: "other-format",
        line: 2,
        path: "$.format",
        change: |text| swap(text, "epix-permit", "cites-permit"),
    },
    Row {
        rule: "EPIX-JSON-04",
        slug: "misspelt-field",
        line: 37,
        path: "$.permit.document",
        change: |text| swap(text, "\"document_type\"", "\"documentType\""),
    },
    Row {
        rule: "EPIX-JSON-05",
        slug: "two-numbers",
        line: 37,
        path: "$.permit.document",
        change: |text| {
            swap(
                text,
                "      \"document_type\"",
                "      \"number\": {\"value\": \"26XA000999/EX\"},\n      \"document_type\"",
            )
        },
    },
    Row {
        rule: "EPIX-JSON-06",
        slug: "number-for-a-string",
        line: 255,
        path: "$.permit.consignment.items[0].packages[0].quantity.amount",
        change: |text| swap(text, "\"amount\": \"1\"", "\"amount\": 1"),
    },
    Row {
        rule: "EPIX-JSON-07",
        slug: "number-without-value",
        line: 34,
        path: "$.permit.document.number",
        change: |text| swap(text, "\"value\": \"26XA000125/EX\"", "\"scheme\": \"XA\""),
    },
    Row {
        rule: "EPIX-JSON-08",
        slug: "null-for-absent",
        line: 43,
        path: "$.permit.document.purpose_text",
        change: |text| swap(text, "      \"is_copy\"", "      \"purpose_text\": null,\n      \"is_copy\""),
    },
    Row {
        rule: "EPIX-JSON-09",
        slug: "a-day-where-a-moment-is-due",
        line: 55,
        path: "$.permit.document.validity.end",
        change: |text| swap(text, "2026-05-15T23:59:59+02:00", "15.05.2026"),
    },
    Row {
        rule: "EPIX-JSON-09",
        slug: "half-a-surrogate-pair",
        line: 49,
        path: "$.permit.document.conditions[0].value",
        change: |text| swap(text, "their own crates", "their own \\ud800"),
    },
];

fn path(row: &Row) -> String {
    format!("json/invalid/{}--{}.json", row.rule, row.slug)
}

#[test]
fn every_rule_has_its_generated_json_file() {
    let base = fixture::text(BASE);
    for row in TABLE {
        fixture::compare(&path(row), (row.change)(&base).as_bytes());
    }

    let files: BTreeSet<_> = TABLE.iter().map(path).collect();
    let found: BTreeSet<_> = fixture::names("json/invalid").iter().map(|name| format!("json/invalid/{name}")).collect();
    assert_eq!(found, files);
    let covered: BTreeSet<_> = TABLE.iter().map(|row| row.rule).collect();
    assert_eq!(covered, ids_of("JSON").into_iter().collect());
}

#[test]
fn each_json_file_breaks_its_own_rule_and_no_other() {
    for row in TABLE {
        let report = json::read(&fixture::bytes(&path(row))).expect_err(row.slug);

        let found: Vec<_> =
            report.findings.iter().map(|found| (found.rule.0, found.place.line, found.place.path.as_str())).collect();
        assert_eq!(found, [(row.rule, row.line, row.path)], "{}", row.slug);
        assert!(report.layers.iter().any(|layer| layer.outcome == Outcome::Failed), "{}", row.slug);
    }
}

#[test]
fn every_error_of_a_document_is_found_at_once() {
    let text = r#"{"format": "epix-permit", "version": 1, "permit": {"document": {
        "names": [{"value": " "}, {"value": "b", "Language": "en"}], "is_copy": "yes", "references": []}}, "more": 1}"#;

    let (permit, report) = json::inspect(text.as_bytes());

    let paths: Vec<_> = report.findings.iter().map(|finding| (finding.rule.0, finding.place.path.as_str())).collect();
    assert_eq!(
        paths,
        [
            ("EPIX-JSON-04", "$"),
            ("EPIX-JSON-04", "$.permit.document.names[1]"),
            ("EPIX-JSON-06", "$.permit.document.is_copy"),
            ("EPIX-JSON-08", "$.permit.document.references"),
            ("EPIX-JSON-09", "$.permit.document.names[0].value"),
        ]
    );
    assert_eq!(permit.unwrap().document.names[0].as_str(), "b");
}

#[test]
fn hostile_json_is_stopped_before_it_takes_memory() {
    let rule = |text: &str| json::read(text.as_bytes()).unwrap_err().findings[0].rule.0;
    let of_layer = |report: &Report, layer| report.layers.iter().filter(|found| found.layer == layer).count();

    let head = "{\"format\": \"epix-permit\", \"version\": 1, \"permit\": ";
    assert_eq!(rule(&format!("{head}{}", "[".repeat(1 << 20))), "EPIX-JSON-01");
    assert_eq!(rule(&format!("{head}[{}]}}", "{},".repeat(1 << 20))), "EPIX-JSON-01");
    assert_eq!(rule(&" ".repeat((8 << 20) + 1)), "EPIX-JSON-01");
    assert_eq!(rule(""), "EPIX-JSON-02");
    assert_eq!(rule("{\"format\": NaN}"), "EPIX-JSON-02");
    assert_eq!(rule("[]"), "EPIX-JSON-03");
    let errors = format!("{head}{{\"document\": {{\"names\": [{}1]}}}}}}", "1,".repeat(100_000));
    let report = json::read(errors.as_bytes()).unwrap_err();
    assert_eq!((report.findings.len(), of_layer(&report, Layer::Schema)), (501, 1));
}

proptest! {
    #![proptest_config(permits::cases(128))]

    #[test]
    fn reading_the_json_that_was_written_gives_the_permit(permit in permits::permit()) {
        let text = json::write(&permit);

        let read = json::read(text.as_bytes());

        prop_assert_eq!(read.as_ref(), Ok(&permit), "{}", text);
        prop_assert_eq!(json::write(&read.unwrap()), text);
    }

    #[test]
    fn box_14_is_put_into_json_as_if_it_had_been_written_with_it(permit in permits::permit()) {
        prop_assume!(!permit.consignment.items.is_empty());
        let box_14 = endorsement(permit.consignment.items.len());
        let issued = json::write(&permit);

        let endorsed = (codec(ToolkitVersion::Json).endorse)(&issued, &box_14).unwrap();

        prop_assert_eq!(endorsed, json::write(&expected(permit, &box_14)));
    }

    #[test]
    fn no_bytes_make_the_reader_panic(permit in permits::permit(), cut in 0.0..1.0_f64, byte in any::<u8>()) {
        let mut bytes = json::write(&permit).into_bytes();
        // In front of the last brace, behind which stands a line break only.
        let at = ((bytes.len() - 2) as f64 * cut) as usize;

        bytes[at] = byte;
        let _ = (json::inspect(&bytes), inspect(&bytes), inspect_schema(&bytes));
        bytes.truncate(at);
        prop_assert!(json::read(&bytes).is_err());
    }
}
