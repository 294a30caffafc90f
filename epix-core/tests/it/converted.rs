//! Does a permit that goes to another form and back lose exactly what was listed?

use std::collections::BTreeSet;

use epix_core::check::profile::GUIDE;
use epix_core::convert::{TARGETS, Target, convert, convert_accepted};
use epix_core::permit::{DocumentType, Permit};
use epix_core::receive::inspect;
use epix_core::version::{ImportCountry, VERSIONS};
use epix_core::wire::rules;
use proptest::prelude::*;

use crate::losses::forget;
use crate::{fixture, permits};

fn read(document: &str) -> Permit {
    let (reading, report) = inspect(document.as_bytes());
    let says_draft = |rule: &&str| *rule == rules::INFERRED_DRAFT.0;
    assert_eq!(report.rule_ids().iter().filter(|rule| !says_draft(rule)).count(), 0, "{report:#?}\n{document}");
    reading.unwrap().permit
}

fn target(name: &str) -> &'static Target {
    Target::named(name).unwrap()
}

fn is_draft(target: &Target) -> bool {
    target.version.spec().is_draft
}

/// The permit with the facts where a form keeps them: what converting moves besides what it loses.
fn arranged(mut permit: Permit, to: &Target) -> Permit {
    match to.version.spec().import_country {
        ImportCountry::Apart => permit.consignment.name_import_country(),
        ImportCountry::InAddress => permit.consignment.settle_import_country(),
        ImportCountry::Either => {}
    }
    if to.name == "v2-guide" {
        for kind in permit.consignment.items.iter_mut().flat_map(|item| &mut item.documents) {
            match kind.document_type.as_mut().map(|kind| &mut kind.code) {
                Some(code @ DocumentType::CertificateOfOrigin) => *code = DocumentType::Export,
                Some(code @ DocumentType::ExportLicence) => *code = DocumentType::ReExport,
                _ => {}
            }
        }
    }
    permit
}

/// The permit with the country of import said once, and without empty parts.
fn settled(mut permit: Permit) -> Permit {
    permit.consignment.settle_import_country();
    permit.pruned()
}

#[test]
fn every_version_is_a_target_and_names_are_unique() {
    let names: BTreeSet<_> = TARGETS.iter().map(|target| target.name).collect();

    assert_eq!(names.len(), TARGETS.len());
    for spec in VERSIONS {
        assert_eq!(Target::version(spec.version).unwrap().version, spec.version);
    }
}

#[test]
fn a_document_of_the_form_already_stays_byte_for_byte() {
    for (folder, kind) in [("v1", "tolerated"), ("v2", "tolerated"), ("json", "valid")] {
        for name in fixture::names(&format!("{folder}/{kind}")) {
            let file = format!("{folder}/{kind}/{name}");
            let accepted = fixture::accepted(&fixture::bytes(&file), &file);

            let converted = convert_accepted(&accepted, target(folder));

            assert_eq!(converted.document.as_bytes(), accepted.bytes(), "{file}");
            assert_eq!(converted.losses, [], "{file}");
        }
    }
}

#[test]
fn the_country_of_import_finds_its_place_in_either_version() {
    let file = "v1/valid/xb-import-permit.xml";
    let mut permit = fixture::accepted(&fixture::bytes(file), file).permit().clone();
    let address = permit.consignment.consignee.as_mut().unwrap().address.as_mut().unwrap();
    (address.country, address.country_names) = (None, Vec::new());

    let moved = convert(&permit, target("v2"));
    let back = convert(&read(&moved.document), target("v1"));

    let losses: Vec<_> = moved.losses.iter().map(ToString::to_string).collect();
    assert_eq!(losses, ["box 3a, consignment.import_country: import country: Canal Province"]);
    assert_eq!(read(&moved.document).destination().unwrap().as_str(), "XB");
    assert_eq!(back.losses, []);
    let import = read(&back.document).consignment.import_country.unwrap();
    assert_eq!((import.ids[0].as_str(), import.names[0].as_str()), ("XB", "Xbania"));
}

#[test]
fn a_country_of_import_that_the_consignee_contradicts_is_a_loss() {
    let file = "v1/valid/xa-export-permit.xml";
    let mut permit = fixture::accepted(&fixture::bytes(file), file).permit().clone();
    permit.consignment.import_country.as_mut().unwrap().ids[0].value = epix_core::permit::Word::parse("XC").unwrap();

    let losses = convert(&permit, target("v2")).losses;

    assert!(
        losses.iter().any(|loss| loss.path == "consignment.import_country" && loss.what.contains("XC")),
        "{losses:#?}"
    );
}

proptest! {
    #![proptest_config(permits::cases(96))]

    #[test]
    fn a_permit_that_goes_to_any_form_and_back_loses_exactly_what_was_listed(permit in permits::any_permit()) {
        // A permit of the WCO draft must have a number, and drops whole entries of lists: `drafts.rs` holds it to its losses.
        let forms = || TARGETS.iter().filter(|target| target.name != "wco");
        for (from, to) in forms().flat_map(|from| forms().map(move |to| (from, to))) {
            // What the first form carries is where the journey starts.
            let start = read(&convert(&permit, from).document);

            let there = convert(&start, to);
            if is_draft(from) || is_draft(to) {
                // The guide drops entries of lists, so that places before and after cannot be compared by number.
                if [from, to].iter().any(|target| target.name == "v2-guide") {
                    continue;
                }
                // A draft writes some moments with less than their text says: what is listed is what differs.
                let lost = arranged(start.clone(), to).missing_in(&read(&there.document));
                let lost: BTreeSet<_> = lost.into_iter().map(|fact| fact.path).collect();
                let listed: BTreeSet<_> = there.losses.iter().map(|loss| loss.path.clone()).collect();
                // What is left of something may be nothing: then the loss stands at the one and the gap at the other.
                let meet = |a: &String, b: &String| a.starts_with(b.as_str()) || b.starts_with(a.as_str());
                let told = lost.iter().all(|lost| listed.iter().any(|listed| meet(lost, listed)));
                let true_ones = listed.iter().all(|listed| lost.iter().any(|lost| meet(lost, listed)));
                prop_assert!(told && true_ones, "{} to {}: {lost:?} {listed:?}", from.name, to.name);
                continue;
            }
            let back = convert(&read(&there.document), from);

            let left = forget(&arranged(start.clone(), to), &there.losses);
            prop_assert_eq!(&read(&there.document), &left, "{} to {}", from.name, to.name);
            let home = forget(&arranged(left, from), &back.losses);
            prop_assert_eq!(&read(&back.document), &home, "{} to {}", from.name, to.name);
            prop_assert_eq!(&back.losses, &[], "{} to {}", from.name, to.name);
            prop_assert_eq!(settled(home), settled(forget(&arranged(start, to), &there.losses)));
        }
    }

    #[test]
    fn what_was_written_for_the_guide_has_nothing_that_the_guide_has_no_place_for(permit in permits::any_permit()) {
        let converted = convert(&permit, target("v2-guide"));

        // What is missing may be missing; what stands must be allowed to stand.
        for finding in converted.findings {
            let row = GUIDE.rows().iter().find(|row| row.id == finding.rule).unwrap();
            prop_assert!(row.least > 0 && finding.sentence.contains("must stand in"), "{}", finding.sentence);
        }
    }
}
