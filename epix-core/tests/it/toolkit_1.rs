//! Are permits of toolkit 1.0 read, tolerated, endorsed and written as those of 2.0 are?

use epix_core::permit::Permit;
use epix_core::receive::inspect;
use epix_core::report::Severity;
use epix_core::version::ToolkitVersion;
use epix_core::wire::form::enveloped;
use epix_core::wire::v1::{endorse, write};
use proptest::prelude::*;

use crate::endorsed::{endorsement, expected};
use crate::fixture::{self, swap};
use crate::{permits, rough, soap};

const FOLDER: &str = "v1/valid";
const SMALL: &str = "xa-export-permit-2.xml";

/// One deviation: its file, how it is made from [`SMALL`], and the rules that fire, each with how often.
struct Row {
    file: &'static str,
    change: fn(&str) -> String,
    rules: &'static [(&'static str, usize)],
}

const TOLERATED: &[Row] = &[
    Row {
        file: "attributes-of-2-0",
        change: |xml| {
            let xml = swap(xml, "<ram:Name>", "<ram:Name languageID=\"EN\">");
            let xml = swap(&xml, "<ram:ItemQuantity>1", "<ram:ItemQuantity unitCode=\"PCS\" unitCodeListID=\"20\">1");
            swap(&xml, "<ram:Information>", "<ram:Information unitCode=\"KIL\" xmlns:x=\"urn:x\" x:note='1'>")
        },
        rules: &[("EPIX-OPEN-05", 15)],
    },
    Row {
        file: "inside-an-answer-with-empty-elements",
        change: |xml| {
            let xml = swap(xml, "    <ram:CopyIndicator>", "    <ram:IssueDateTime/>\n    <ram:CopyIndicator>");
            let xml = swap(
                &xml,
                "      <ram:TransportLogisticsPackage>",
                "      <ram:ExportTradeCountry><ram:ID/></ram:ExportTradeCountry>\n      <ram:TransportLogisticsPackage>",
            );
            let xml = swap(&xml, "<ram:ItemQuantity>", "<ram:ItemQuantity unitCode=\"?\">");
            let xml = swap(&swap(&xml, "<rsm:CBFShip", "<CBFShip"), "</rsm:CBFShip", "</CBFShip");
            swap(&soap::answer(xml.split_once("?>\n").unwrap().1), "CitesDataExchange/v2/", "CitesDataExchange/v1/")
        },
        rules: &[("EPIX-OPEN-02", 2), ("EPIX-OPEN-03", 1)],
    },
    Row {
        file: "unqualified-everything",
        change: |xml| {
            ["<rsm:", "<ram:", "</rsm:", "</ram:"]
                .iter()
                .fold(xml.to_owned(), |xml, tag| swap(&xml, tag, tag.trim_end_matches("rsm:").trim_end_matches("ram:")))
        },
        rules: &[("EPIX-OPEN-01", 1), ("EPIX-OPEN-04", 19)],
    },
];

fn path(row: &Row) -> String {
    format!("v1/tolerated/{}.xml", row.file)
}

#[test]
fn a_good_permit_is_accepted_without_a_word_and_written_without_a_loss() {
    for name in fixture::names(FOLDER) {
        let bytes = fixture::bytes(&format!("{FOLDER}/{name}"));
        let accepted = fixture::accepted(&bytes, &name);
        let written = write(accepted.permit());

        assert_eq!(accepted.version(), ToolkitVersion::V1, "{name}");
        assert_eq!(accepted.report().findings, [], "{name}");
        assert_eq!(accepted.bytes(), bytes, "{name}");
        assert_eq!(written.losses, [], "{name}");
        let again = fixture::accepted(written.document.as_bytes(), &name);
        assert_eq!(again.permit(), accepted.permit(), "{name}");
        assert_eq!(again.report().findings, [], "{name}");
    }
}

#[test]
fn what_sets_1_0_apart_is_read() {
    let accepted = fixture::accepted(&fixture::bytes("v1/valid/xb-import-permit.xml"), "import");
    let Permit { document, consignment, .. } = accepted.permit();

    assert_eq!(accepted.destination().unwrap().as_str(), "XB");
    assert_eq!(accepted.permit().issuing_country().unwrap().as_str(), "XB");
    let import = consignment.import_country.as_ref().unwrap();
    assert_eq!((import.ids[0].as_str(), import.subdivisions[0].as_str()), ("XB", "Canal Province"));
    let address = document.issuing_authority.as_ref().unwrap().provider.as_ref().unwrap().address.as_ref().unwrap();
    assert_eq!(address.country_names[0].as_str(), "Xbania");
    let endorsed = fixture::accepted(&fixture::bytes("v1/valid/xa-endorsed-permit.xml"), "endorsed");
    assert!(endorsed.permit().is_endorsed());
}

#[test]
fn the_country_of_import_is_found_without_a_consignee() {
    let mut permit = Permit::default();
    assert_eq!(permit.destination(), None);

    let accepted = fixture::accepted(&fixture::bytes("v1/valid/xb-import-permit.xml"), "import");
    permit.consignment.import_country = accepted.permit().consignment.import_country.clone();

    assert_eq!(permit.destination().unwrap().as_str(), "XB");
}

#[test]
fn the_generated_tolerated_files_are_those_of_the_table_and_each_deviation_is_a_note() {
    let good = fixture::text(&format!("{FOLDER}/{SMALL}"));
    let permit = fixture::accepted(good.as_bytes(), SMALL);
    for row in TOLERATED {
        fixture::compare(&path(row), (row.change)(&good).as_bytes());

        let accepted = fixture::accepted(&fixture::bytes(&path(row)), row.file);

        let findings = &accepted.report().findings;
        let count = |rule: &str| findings.iter().filter(|finding| finding.rule.0 == rule).count();
        let fired: Vec<_> = row.rules.iter().map(|(rule, _)| (*rule, count(rule))).collect();
        assert_eq!(fired, row.rules, "{}: {findings:#?}", row.file);
        assert_eq!(findings.len(), row.rules.iter().map(|(_, count)| count).sum::<usize>(), "{}", row.file);
        assert!(findings.iter().all(|finding| finding.severity == Severity::Note), "{}", row.file);
        let mut said = accepted.permit().clone();
        if row.file == "attributes-of-2-0" {
            said.consignment.items[0].packages[0].quantity.as_mut().unwrap().unit = None;
        }
        assert_eq!(said, *permit.permit(), "{}", row.file);
    }
    let mut files: Vec<_> = TOLERATED.iter().map(|row| format!("{}.xml", row.file)).collect();
    files.sort();
    assert_eq!(fixture::names("v1/tolerated"), files);
}

#[test]
fn what_xml_schema_says_with_attributes_is_not_passed_over() {
    let xsi = "xmlns:i=\"http://www.w3.org/2001/XMLSchema-instance\" i:nil=\"true\"";
    let xml =
        swap(&fixture::text(&format!("{FOLDER}/{SMALL}")), "<ram:PurposeCode>", &format!("<ram:PurposeCode {xsi}>"));

    assert!(inspect(xml.as_bytes()).1.rule_ids().contains(&"EPIX-READ-06"));
}

#[test]
fn only_box_14_of_a_permit_differs_after_the_endorsement() {
    for folder in [FOLDER, "v1/tolerated"] {
        for name in fixture::names(folder) {
            let before = fixture::accepted(&fixture::bytes(&format!("{folder}/{name}")), &name);
            let mut box_14 = endorsement(before.permit().consignment.items.len());

            let document = endorse(std::str::from_utf8(before.bytes()).unwrap(), &box_14).unwrap();

            let after = fixture::accepted(document.as_bytes(), &name);
            assert!(document.contains("InspectedUnitQuantity"), "{name}");
            box_14.examination.certifiers.iter_mut().for_each(|party| party.name.as_mut().unwrap().language = None);
            assert_eq!(*after.permit(), expected(before.permit().clone(), &box_14), "{name}");
        }
    }
}

proptest! {
    #![proptest_config(permits::cases(64))]

    #[test]
    fn reading_what_was_written_gives_the_permit(permit in permits::permit_of(ToolkitVersion::V1)) {
        let document = write(&permit).document;

        let (reading, report) = inspect(document.as_bytes());

        prop_assert_eq!(report.findings, [], "{}", document);
        prop_assert_eq!(reading.unwrap().permit, permit);
    }

    #[test]
    fn however_it_is_written_alone_or_inside_the_permit_is_the_same(
        permit in permits::permit_of(ToolkitVersion::V1),
        choices in rough::choices(),
    ) {
        let document = rough::rewrite(&write(&permit).document, choices);

        for document in [soap::answer(&enveloped(&document).unwrap()), document] {
            let (reading, report) = inspect(document.as_bytes());

            prop_assert!(report.is_clean(), "{:#?}\n{}", report, document);
            prop_assert_eq!(&reading.unwrap().permit, &permit, "{}", document);
        }
    }
}
