//! Do the drafts of toolkit 3.0 carry what they say they carry, and do table, schema and list agree?

use std::collections::{BTreeMap, BTreeSet};
use std::fs;

use epix_core::permit::{Examination, Identifier, Permit, Purpose};
use epix_core::receive::inspect;
use epix_core::report::{Report, Severity};
use epix_core::version::{ToolkitVersion, V3_DRAFT, VersionSpec, WCO_DRAFT};
use epix_core::wire::describe::Occurs;
use epix_core::wire::{Endorsement, Written, codec, v3, wco};
use proptest::prelude::*;
use roxmltree::{Document, Node};

use crate::fixture::{self, swap};
use crate::losses::forget;
use crate::permits;

const XS: &str = "http://www.w3.org/2001/XMLSchema";

/// Every path of a draft with how often it may stand and its attributes.
type Paths = Vec<(String, Occurs, &'static [&'static str])>;

/// One draft: where its things lie and how it is described.
struct Draft {
    spec: &'static VersionSpec,
    folder: &'static str,
    schemas: &'static [&'static str],
    root_type: &'static str,
    paths: fn() -> Paths,
}

const DRAFTS: &[Draft] = &[
    Draft {
        spec: &V3_DRAFT,
        folder: "v3",
        schemas: &["CITESEPermit.xsd", "components.xsd", "unqualified.xsd", "qualified.xsd"],
        root_type: "rsm:CITESEPermitType",
        paths: v3::described_paths,
    },
    Draft {
        spec: &WCO_DRAFT,
        folder: "wco",
        schemas: &["CITESePermit.xsd", "data-types.xsd"],
        root_type: "wco:CITESePermitType",
        paths: wco::described_paths,
    },
];

fn write(version: ToolkitVersion, permit: &Permit) -> Written {
    (codec(version).write)(permit)
}

/// Reads a document that must be good; all that may be said of it is that it is a draft.
fn read(document: &str, name: &str) -> Permit {
    let (reading, report) = inspect(document.as_bytes());
    assert_eq!(spoken(&report), ["EPIX-DRAFT-01"], "{name}: {report:#?}\n{document}");
    assert!(report.is_clean() && report.is_complete(), "{name}");
    reading.unwrap().permit
}

fn spoken(report: &Report) -> Vec<&str> {
    report.findings.iter().map(|finding| finding.rule.0).collect()
}

fn v2_permits() -> Vec<(String, Permit)> {
    let read = |name: &String| inspect(&fixture::bytes(&format!("v2/valid/{name}"))).0.unwrap().permit;
    fixture::names("v2/valid").into_iter().map(|name| (name.clone(), read(&name))).collect()
}

#[test]
fn every_valid_permit_has_its_golden_file_in_every_draft() {
    for draft in DRAFTS {
        for (name, permit) in v2_permits() {
            let written = write(draft.spec.version, &permit);
            let path = format!("{}/valid/{name}", draft.folder);
            let document = swap(
                &written.document,
                "?>\n",
                "?>\n<!-- An inferred draft of this project, not the published message. -->\n",
            );

            fixture::compare(&path, document.as_bytes());
            let kept = read(&document, &path);
            let lost: Vec<_> = permit.missing_in(&kept).into_iter().map(|fact| fact.path).collect();
            assert_eq!(lost, written.losses.into_iter().map(|loss| loss.path).collect::<Vec<_>>(), "{path}");
            assert_eq!(write(draft.spec.version, &kept).losses, [], "{path}");
        }
    }
}

#[test]
fn the_generated_lists_are_the_descriptions_of_the_drafts() {
    for draft in DRAFTS {
        let list = format!("path\toccurs\tattributes\n{}", described(draft).concat());

        fixture::compare(&format!("{}/paths.tsv", draft.folder), list.as_bytes());
    }
}

fn line(path: &str, occurs: &str, attributes: &[&str]) -> String {
    format!("{path}\t{occurs}\t{}\n", attributes.join(" "))
}

fn described(draft: &Draft) -> Vec<String> {
    let occurs = |occurs: &Occurs| match occurs {
        Occurs::Once => "1..1",
        Occurs::AtMostOnce => "0..1",
        Occurs::Many => "0..n",
    };
    (draft.paths)().iter().map(|(path, often, attributes)| line(path, occurs(often), attributes)).collect()
}

#[test]
fn the_schemas_of_the_drafts_declare_the_described_paths() {
    for draft in DRAFTS {
        let folder = fixture::folder().join("../xsd").join(draft.folder);
        let texts: Vec<_> = draft.schemas.iter().map(|name| fs::read_to_string(folder.join(name)).unwrap()).collect();
        for (text, name) in texts.iter().zip(draft.schemas) {
            assert!(text.contains("INFERRED DRAFT"), "{name} does not say what it is");
        }
        let files: Vec<_> = texts.iter().map(|text| Document::parse(text).unwrap()).collect();
        let mut types = BTreeMap::new();
        for file in &files {
            let prefix = file.root_element().attribute("targetNamespace").unwrap();
            let named = file.root_element().children().filter(|node| node.has_tag_name((XS, "complexType")));
            types.extend(named.map(|node| ((prefix, node.attribute("name").unwrap()), node)));
        }

        let mut declared = vec![line(draft.spec.root, "1..1", &[])];
        let root = type_of(files[0].root_element(), draft.root_type);
        walk(&types, types[&root], draft.spec.root, &mut declared);

        assert_eq!(declared, described(draft), "{}", draft.folder);
    }
}

/// Namespace and name of a type that is named at a node.
fn type_of<'a>(node: Node<'a, '_>, name: &'a str) -> (&'a str, &'a str) {
    let (prefix, local) = name.split_once(':').unwrap();
    (node.lookup_namespace_uri(Some(prefix)).unwrap(), local)
}

/// Adds the paths below a type, in the schema's order; a choice of one makes each of its elements optional.
fn walk<'a>(
    types: &BTreeMap<(&'a str, &'a str), Node<'a, 'a>>,
    above_type: Node<'a, 'a>,
    above: &str,
    declared: &mut Vec<String>,
) {
    for element in above_type.descendants().filter(|node| node.has_tag_name((XS, "element"))) {
        let path = format!("{above}/{}", element.attribute("name").unwrap());
        let is_choice = element.parent().is_some_and(|parent| {
            parent.has_tag_name((XS, "choice")) && parent.children().filter(Node::is_element).count() > 1
        });
        let min = if is_choice { "0" } else { element.attribute("minOccurs").unwrap_or("1") };
        let max = element.attribute("maxOccurs").unwrap_or("1").replace("unbounded", "n");
        let below = types.get(&type_of(element, element.attribute("type").unwrap()));
        let attributes: Vec<_> = below
            .iter()
            .flat_map(|below| below.descendants())
            .filter(|node| node.has_tag_name((XS, "attribute")))
            .map(|attribute| attribute.attribute("name").unwrap())
            .collect();
        declared.push(line(&path, &format!("{min}..{max}"), &attributes));
        if let Some(below) = below {
            walk(types, *below, &path, declared);
        }
    }
}

#[test]
fn one_file_of_the_uncefact_draft_uses_every_path() {
    let text = fixture::text("v3/valid/xa-every-path.xml");
    let document = Document::parse(&text).unwrap();

    let used: BTreeSet<_> = document.descendants().filter(Node::is_element).map(path_of).collect();

    // Of two ways to write a date or an indicator we write the one that keeps it as it is.
    let other_way = |path: &str| {
        path.ends_with("/IndicatorString") || (path.ends_with("/DateTimeString") && !path.contains("/Formatted"))
    };
    let known: BTreeSet<_> =
        v3::described_paths().into_iter().map(|(path, ..)| path).filter(|path| !other_way(path)).collect();
    assert_eq!(used, known);
}

fn path_of(node: Node<'_, '_>) -> String {
    let mut names: Vec<_> = node.ancestors().filter(Node::is_element).map(|node| node.tag_name().name()).collect();
    names.reverse();
    names.join("/")
}

const V3_BASE: &str = "v3/valid/xa-export-permit-2.xml";

#[test]
fn a_date_is_read_in_digits_too() {
    let document = fixture::text(V3_BASE);
    let day = swap(
        &document,
        "<udt:DateTime>2026-02-16T14:30:00+01:00</udt:DateTime>",
        "<udt:DateTimeString format=\"205\">202602161430+0100</udt:DateTimeString>",
    );
    let day = swap(&day, "<udt:Indicator>false</udt:Indicator>", "<udt:IndicatorString>0</udt:IndicatorString>");

    assert_eq!(read(&day, "digits"), read(&document, "base"));
}

#[test]
fn a_date_in_no_known_way_is_refused_in_its_place() {
    let document = fixture::text(V3_BASE);
    let date = "<udt:DateTime>2026-02-16T14:30:00+01:00</udt:DateTime>";
    for (wrong, rule) in [
        ("<udt:DateTimeString format=\"101\">260216</udt:DateTimeString>".to_owned(), "EPIX-READ-07"),
        (format!("{date}{date}"), "EPIX-READ-02"),
        ("2026-02-16T14:30:00+01:00".to_owned(), "EPIX-READ-05"),
    ] {
        let (_, report) = inspect(swap(&document, date, &wrong).as_bytes());

        let error = report.errors().find(|error| error.rule.0 == rule).unwrap_or_else(|| panic!("{rule}: {report:#?}"));
        assert!(error.place.path.starts_with("/CITESEPermit/ExchangedDocument/IssueDateTime"), "{error:?}");
    }
}

#[test]
fn the_uncefact_draft_takes_box_14_as_2_0_does() {
    let (_, final_permit) = v2_permits().into_iter().find(|(name, _)| name == "xa-endorsed-permit.xml").unwrap();
    let mut issued = final_permit.clone();
    let examination = issued.consignment.examinations.pop().unwrap();
    let quantities =
        issued.consignment.items.iter_mut().map(|item| item.examinations.pop().unwrap().quantity).collect();
    let document = write(ToolkitVersion::V3Draft, &issued).document;

    let endorsed = v3::endorse(&document, &Endorsement { examination, quantities }).unwrap();

    assert_eq!(read(&endorsed, "endorsed"), final_permit);
    assert_eq!(endorsed.matches("xmlns:").count(), document.matches("xmlns:").count());
}

#[test]
fn the_wco_draft_has_no_place_for_box_14_and_says_so() {
    let document = fixture::text(WCO_BASE);
    let endorsement = Endorsement { examination: Examination::default(), quantities: Vec::new() };

    let refused = (codec(ToolkitVersion::WcoDraft).endorse)(&document, &endorsement).unwrap_err();

    assert_eq!(refused.to_string(), "toolkit 3.0-wco-draft has no place for box 14");
}

const WCO_BASE: &str = "wco/valid/xa-export-permit-2.xml";

#[test]
fn what_the_wco_draft_has_no_place_for_is_listed_by_box() {
    let (_, permit) = v2_permits().into_iter().find(|(name, _)| name == "xa-every-path.xml").unwrap();

    let losses = write(ToolkitVersion::WcoDraft, &permit).losses;

    let boxes: BTreeSet<_> = losses.iter().map(|loss| loss.form_box).collect();
    for lost in ["6", "8", "9", "10", "11a", "12b", "13", "14"] {
        assert!(boxes.contains(lost), "box {lost}: {losses:#?}");
    }
    let kept = [
        "document.number",
        "document.issued",
        "document.validity",
        "document.purposes",
        "consignment.items[0].packages",
    ];
    for path in kept {
        assert!(!losses.iter().any(|loss| loss.path == path), "{path}: {losses:#?}");
    }
}

#[test]
fn the_function_code_of_the_wco_draft_is_a_placeholder_a_letter_or_a_warning() {
    let document = fixture::text(WCO_BASE);
    let code = |code: &str| swap(&document, "<wco:FunctionCode>09<", &format!("<wco:FunctionCode>{code}<"));

    let letter = swap(&code("T"), "  <wco:FunctionName>Z</wco:FunctionName>\n", "");
    assert_eq!(read(&letter, "letter").document.purposes, [Purpose::Commercial]);
    let (_, report) = inspect(code("01").as_bytes());
    assert_eq!(spoken(&report), ["EPIX-DRAFT-01", "EPIX-DRAFT-02"]);
    assert!(report.is_clean());
    assert_eq!(report.findings[1].place.path, "/CITESePermit/FunctionCode");
}

#[test]
fn the_wco_draft_reads_the_attribute_of_dates_as_the_page_shows_it() {
    let document = fixture::text(WCO_BASE);

    assert_eq!(read(&swap(&document, "formatCode=", "sc1="), "sc1"), read(&document, "base"));
}

proptest! {
    #![proptest_config(permits::cases(96))]

    #[test]
    fn the_wco_draft_loses_what_it_lists_and_nothing_else(permit in permits::any_permit(), number in "[A-Z0-9/]{1,35}") {
        // Of dates all but the fraction is kept; it is listed, and out of the way here.
        let mut permit = permits::edited(&permit, &mut permits::cut_fraction);
        permit.document.number = Identifier::parse(&number).ok();

        let written = write(ToolkitVersion::WcoDraft, &permit);
        let kept = read(&written.document, "draft");

        prop_assert_eq!(&kept, &forget(&permit, &written.losses), "{:#?}\n{}", written.losses, written.document);
        let again = write(ToolkitVersion::WcoDraft, &kept);
        prop_assert_eq!((again.document, again.losses), (written.document, vec![]));
    }
}

#[test]
fn a_draft_says_that_it_is_one_and_no_error() {
    let (_, report) = inspect(fixture::text(V3_BASE).as_bytes());

    assert_eq!(report.findings[0].severity, Severity::Note);
    assert!(report.findings[0].sentence.contains("3.0-draft is an inferred draft"), "{}", report.findings[0].sentence);
}
