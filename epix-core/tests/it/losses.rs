//! Is what a version cannot carry named completely: box, place and words?

use epix_core::permit::Permit;
use epix_core::receive::inspect;
use epix_core::version::{ToolkitVersion, VERSIONS, VersionSpec};
use epix_core::wire::{Loss, codec};
use proptest::prelude::*;
use serde_json::Value;

use crate::{fixture, permits};

/// The permit without what was lost. A loss that names nothing fails.
pub(crate) fn forget(permit: &Permit, losses: &[Loss]) -> Permit {
    let mut value = serde_json::to_value(permit).unwrap();
    for loss in losses {
        let pointer = format!("/{}", loss.path.replace(['.', '['], "/").replace(']', ""));
        let place = value.pointer_mut(&pointer).unwrap_or_else(|| panic!("{loss} names nothing"));
        assert!(!place.is_null(), "{loss} names nothing, or what is lost already");
        *place = Value::Null;
    }
    permits::edited_value(value, &mut |_| {})
}

fn read(document: &str) -> Permit {
    let (reading, report) = inspect(document.as_bytes());
    // A draft is called one; nothing else is to be said.
    let said: Vec<_> = report.findings.iter().filter(|finding| finding.rule.0 != "EPIX-DRAFT-01").collect();
    assert!(said.is_empty(), "{said:#?}\n{document}");
    reading.unwrap().permit
}

#[test]
fn a_permit_of_2_0_loses_to_1_0_what_the_standard_has_no_place_for() {
    let accepted = fixture::accepted(&fixture::bytes("v2/valid/xa-every-path.xml"), "every path");

    let losses = (codec(VERSIONS[0].version).write)(accepted.permit()).losses;

    let attribute = |loss: &&Loss| {
        ["language", "scheme", "scheme_agency", "list", "list_agency"].iter().any(|name| loss.path.ends_with(name))
    };
    let others: Vec<_> = losses.iter().filter(|loss| !attribute(loss)).map(ToString::to_string).collect();
    assert_eq!(
        others,
        [
            "box 6, document.issuing_authority.signed: signed: 2026-05-01T04:28:00Z",
            "box 6, document.issuing_authority.place: place: N-42; Text 43",
            "box 4, document.applicant.signed: signed: 2026-10-18T21:45:00Z",
            "box 4, document.applicant.place: place: N-59; Text 60",
            "box 13, document.issuing_official.signed: signed: 2026-01-13T14:02:00Z",
            "box 13, document.issuing_official.place: place: N-76; Text 77",
            "box 14, document.examining_authority.signed: signed: 2026-08-24T07:19:00Z",
            "box 14, document.examining_authority.place: place: N-93; Text 94",
            "box 9, consignment.items[0].marks: marks: Text 139",
            "box 9, consignment.items[0].lines[0].product.manufacturer_assigned_ids: manufacturer assigned ids: N-154",
            "box 12b, consignment.items[0].procedures[0].categories: categories: CAT-1",
        ]
    );
    // All attributes of the file but units, and but those of elements that are lost altogether.
    let text = fixture::text("v2/valid/xa-every-path.xml");
    let written: usize = [" languageID=", " schemeID=", " schemeAgencyID=", " listID=", " listAgencyID="]
        .iter()
        .map(|attribute| text.matches(attribute).count())
        .sum();
    assert_eq!(losses.len() - others.len(), written - (4 * 3 + 1 + 2 + 2));
}

#[test]
fn a_permit_of_1_0_loses_to_2_0_sub_divisions_and_the_country_of_import() {
    let accepted = fixture::accepted(&fixture::bytes("v1/valid/xa-every-path.xml"), "every path");

    let losses = (codec(VERSIONS[1].version).write)(accepted.permit()).losses;

    let losses: Vec<_> = losses.iter().map(ToString::to_string).collect();
    assert_eq!(
        losses,
        [
            "box 12, consignment.items[0].origin.subdivisions: subdivisions: Text 182",
            "box 12a, consignment.items[0].last_reexport.subdivisions: subdivisions: Text 183",
            "box 3a, consignment.import_country: import country: XB; Text 185; Text 186",
        ]
    );
}

/// The versions whose message is laid out as the model is; the WCO draft has a test of its own.
fn laid_out_as_the_model() -> impl Iterator<Item = &'static VersionSpec> {
    VERSIONS.into_iter().filter(|spec| spec.version != ToolkitVersion::WcoDraft)
}

proptest! {
    #![proptest_config(permits::cases(128))]

    #[test]
    fn what_is_read_is_what_was_written_without_the_losses(permit in permits::any_permit()) {
        for spec in laid_out_as_the_model() {
            let written = (codec(spec.version).write)(&permit);

            let read = read(&written.document);

            // Of a date in digits the draft of 3.0 keeps all but the fraction.
            if !spec.is_draft {
                prop_assert_eq!(&read, &forget(&permit, &written.losses), "{}\n{:#?}", spec.label, written.losses);
            }
            prop_assert_eq!(read, permits::carriable(&permit, spec.version));
        }
    }

    #[test]
    fn a_version_loses_nothing_that_it_has_a_place_for(permit in permits::any_permit()) {
        for spec in laid_out_as_the_model() {
            let permit = permits::carriable(&permit, spec.version);

            prop_assert_eq!((codec(spec.version).write)(&permit).losses, []);
        }
    }
}
