//! Does every permit survive being written and read?

use epix_core::permit::{Identifier, ModelPath};
use epix_core::receive::inspect;
use epix_core::wire::v2::write;
use epix_core::wire::{Trace, codec};
use proptest::prelude::*;

use crate::{fixture, permits, rough};

proptest! {
    #![proptest_config(permits::cases(192))]

    #[test]
    fn reading_what_was_written_gives_the_permit(permit in permits::permit()) {
        let document = write(&permit);

        let (reading, report) = inspect(document.as_bytes());

        prop_assert_eq!(report.findings, [], "{}", document);
        let read = reading.unwrap().permit;
        // Amounts are equal whatever zeros end them; their debug form shows the zeros.
        prop_assert_eq!(format!("{read:?}"), format!("{permit:?}"));
        prop_assert_eq!(read, permit);
    }

    #[test]
    fn a_permit_with_a_number_is_received(mut permit in permits::permit(), number in permits::number()) {
        permit.document.number = Identifier::parse(&number).ok();

        let accepted = fixture::accepted(write(&permit).as_bytes(), &number);

        prop_assert_eq!(accepted.permit(), &permit);
        prop_assert_eq!(accepted.number().raw(), number);
    }

    #[test]
    fn however_it_is_written_the_permit_is_the_same(permit in permits::permit(), choices in rough::choices()) {
        let document = rough::rewrite(&write(&permit), choices);

        let (reading, report) = inspect(document.as_bytes());

        prop_assert!(report.is_clean(), "{:#?}\n{}", report, document);
        prop_assert_eq!(reading.unwrap().permit, permit, "{}", document);
    }
}

/// A document with nothing to mend is read from the tree that it was opened with, any other from its view.
#[test]
fn it_makes_no_difference_from_which_tree_a_document_is_read() {
    for folder in ["v2/valid", "v2/tolerated", "v2/invalid"] {
        for name in fixture::names(folder).iter().filter(|name| name.ends_with(".xml")) {
            let bytes = fixture::bytes(&format!("{folder}/{name}"));

            let (reading, report) = inspect(&bytes);

            let Some(reading) = reading else { continue };
            let (permit, findings, trace) = (codec(reading.received.version).read)(&reading.received.view);
            assert_eq!(reading.permit, permit, "{folder}/{name}");
            let is_read = |rule: &str| rule.starts_with("EPIX-READ-");
            let told: Vec<_> = report.findings.iter().filter(|finding| is_read(finding.rule.0)).collect();
            assert_eq!(told, findings.iter().collect::<Vec<_>>(), "{folder}/{name}");
            let item = ModelPath::root().field("consignment").nth("items", 0);
            let place = |trace: &Trace| trace.place(&reading.received.view, "CITESEPermit", &item);
            assert_eq!(place(&reading.trace), place(&trace), "{folder}/{name}");
        }
    }
}
