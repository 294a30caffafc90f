//! Are the good permits good, and is nothing lost on the way through the model?

use std::collections::{BTreeMap, BTreeSet};

use epix_core::permit::{DocumentType, Permit};
use epix_core::receive::Accepted;
use epix_core::wire::v2::write;

use crate::fixture;

const FOLDER: &str = "v2/valid";

fn accepted(name: &str) -> Accepted {
    fixture::good(&fixture::bytes(&format!("{FOLDER}/{name}")), name)
}

fn all() -> BTreeMap<String, Accepted> {
    fixture::names(FOLDER).into_iter().map(|name| (name.clone(), accepted(&name))).collect()
}

#[test]
fn a_good_permit_is_accepted_without_a_word() {
    for (name, permit) in all() {
        assert_eq!(permit.report().findings, [], "{name}");
        assert_eq!(permit.bytes(), fixture::bytes(&format!("{FOLDER}/{name}")), "{name}");
    }
}

#[test]
fn a_file_name_begins_with_the_issuing_country_and_numbers_are_unique() {
    let all = all();

    for (name, accepted) in &all {
        let country = accepted.permit().issuing_country().unwrap_or_else(|| panic!("{name}"));
        assert_eq!(name[..3], format!("{}-", country.as_str().to_lowercase()), "{name}");
    }
    let numbers: BTreeSet<_> = all.values().map(|accepted| accepted.number().normalised()).collect();
    assert_eq!(numbers.len(), all.len());
    let of = |prefix: &str| all.keys().filter(|name| name.starts_with(prefix)).count();
    assert!(of("xa-") >= 5 && of("xb-") >= 1);
}

#[test]
fn writing_what_was_read_keeps_every_fact() {
    for (name, first) in all() {
        let second = fixture::accepted(write(first.permit()).as_bytes(), &name);

        assert_eq!(second.permit(), first.permit(), "{name}");
        assert_eq!(second.report().findings, [], "{name}");
        assert_eq!(write(second.permit()), write(first.permit()), "{name}");
    }
}

#[test]
fn the_export_permit_fills_every_box_but_the_endorsement() {
    let accepted = accepted("xa-export-permit.xml");
    let Permit { document, consignment, .. } = accepted.permit();

    assert_eq!(accepted.number().raw(), "26XA000123/EX");
    assert_eq!(document.document_type.as_ref().unwrap().code, DocumentType::Export);
    assert_eq!(accepted.permit().validity().unwrap().end.as_ref().unwrap().date().to_string(), "2026-08-01");
    assert_eq!(accepted.destination().unwrap().as_str(), "XB");
    assert_eq!(consignment.consignor.as_ref().unwrap().name.as_ref().unwrap().as_str(), "Xa Reptiles & Plants Ltd.");
    assert!(document.conditions[0].as_str().contains("Live Animals\nRegulations"));
    assert_eq!(document.purposes[0].as_str(), "T");
    assert_eq!(document.issuing_authority.as_ref().unwrap().ids[0].as_str(), "XA-0045871");
    assert!(document.applicant.is_some() && document.issuing_official.is_some() && document.place_of_issue.is_some());
    assert_eq!(consignment.transport_document.as_ref().unwrap().ids[0].as_str(), "020-55501234");
    assert!(document.examining_authority.is_none() && consignment.examinations.is_empty());
    assert!(!accepted.permit().is_endorsed());

    let positions = consignment.items.iter().map(|item| {
        let permitted = item.permitted().unwrap();
        let unit = permitted.unit.as_ref().unwrap().as_str();
        format!(
            "{} {} {} {unit}",
            item.id().unwrap().as_str(),
            item.scientific_names().next().unwrap(),
            permitted.amount
        )
    });
    assert_eq!(
        positions.collect::<Vec<_>>(),
        ["A Python regius 10 NAR", "B Acipenser baerii 2.75 KGM", "C Aquilaria malaccensis 0.5 LTR"]
    );
    for item in &consignment.items {
        let procedure = &item.procedures[0];
        assert!(item.origin.is_some() && !item.marks.is_empty());
        assert!(procedure.annual_quota.is_some() && procedure.used_to_date.is_some());
        assert!(procedure.acquired.is_some() || !procedure.previous_documents.is_empty());
    }
    assert!(consignment.items.iter().all(|item| item.last_reexport.is_none() && item.documents.is_empty()));
}

#[test]
fn the_re_export_certificate_names_both_documents_by_the_codes_of_real_senders() {
    let accepted = accepted("xa-reexport-certificate.xml");

    for item in &accepted.permit().consignment.items {
        assert_eq!(item.origin_permit().unwrap().document_type.as_ref().unwrap().code.as_str(), "861");
        assert_eq!(item.reexport_certificate().unwrap().document_type.as_ref().unwrap().code.as_str(), "811");
        assert_eq!(item.last_reexport.as_ref().unwrap().ids[0].as_str(), "XB");
    }
}

#[test]
fn the_endorsed_permit_is_final() {
    let accepted = accepted("xa-endorsed-permit.xml");

    assert!(accepted.permit().is_endorsed());
    let left: Vec<_> =
        accepted.permit().consignment.items.iter().map(|item| item.endorsed().unwrap().amount.to_string()).collect();
    assert_eq!(left, ["180", "39.250"]);
}
