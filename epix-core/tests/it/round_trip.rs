//! Does every permit survive being written and read?

use epix_core::permit::{Identifier, ModelPath};
use epix_core::receive::{Reading, inspect};
use epix_core::report::{Finding, Report};
use epix_core::wire::v2::write;
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

/// A document with nothing to mend is read from the tree that it was opened with, any other from that of its view.
#[test]
fn it_makes_no_difference_from_which_tree_a_document_is_read() {
    for folder in ["v2/valid", "v2/tolerated", "v2/invalid"] {
        for name in fixture::names(folder).iter().filter(|name| name.ends_with(".xml")) {
            let text = fixture::text(&format!("{folder}/{name}"));
            let inside = format!("<e>{}</e>", text.split_once("?>").map_or(text.as_str(), |(_, bare)| bare));

            let [(alone, of_alone), (part, of_part)] = [&text, &inside].map(|text| inspect(text.as_bytes()));

            let (Some(alone), Some(part)) = (alone, part) else { continue };
            assert_eq!(alone.permit, part.permit, "{folder}/{name}");
            assert_eq!(told(&of_alone), told(&of_part), "{folder}/{name}");
            let item = ModelPath::root().field("consignment").nth("items", 0);
            let place = |reading: &Reading| reading.trace.place(&reading.received.view, "CITESEPermit", &item);
            assert_eq!(place(&alone), place(&part), "{folder}/{name}");
        }
    }
}

/// What reading told, with the line: the first one is longer in one of the two.
fn told(report: &Report) -> Vec<(&str, u32, &str)> {
    let is_read = |finding: &&Finding| finding.rule.0.starts_with("EPIX-READ-");
    let told = report.findings.iter().filter(is_read);
    told.map(|finding| (finding.rule.0, finding.place.line, finding.sentence.as_str())).collect()
}
