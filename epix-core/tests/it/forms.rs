//! Is a permit the same whether it stands alone or inside an answer?

use epix_core::receive::inspect;
use epix_core::wire::form::enveloped;
use epix_core::wire::v2::write;
use proptest::prelude::*;
use roxmltree::Document;

use crate::{fixture, permits, rough, soap};

/// The root element of a document as it is written.
fn root_of(document: &str) -> &str {
    &document[Document::parse(document).unwrap().root_element().range()]
}

#[test]
fn a_permit_goes_into_an_answer_and_out_again_byte_for_byte() {
    for name in fixture::names("v2/valid") {
        let document = fixture::text(&format!("v2/valid/{name}"));

        let inside = enveloped(&document).unwrap();
        let out = fixture::accepted(soap::answer(&inside).as_bytes(), &name);

        assert!(inside.starts_with("<CITESEPermit"), "{name}");
        assert_eq!(Document::parse(&inside).unwrap().root_element().tag_name().namespace(), None, "{name}");
        assert_eq!(std::str::from_utf8(out.bytes()).unwrap(), root_of(&document), "{name}");
        assert_eq!(out.report().findings, [], "{name}");
    }
}

proptest! {
    #![proptest_config(permits::cases(64))]

    #[test]
    fn what_we_write_is_the_same_inside_an_answer(permit in permits::permit()) {
        let document = write(&permit);

        let (reading, report) = inspect(soap::answer(&enveloped(&document).unwrap()).as_bytes());

        let reading = reading.unwrap();
        prop_assert_eq!(report.findings, []);
        prop_assert_eq!(&reading.permit, &permit);
        prop_assert_eq!(reading.received.document.as_str(), root_of(&document));
    }

    #[test]
    fn however_it_was_written_it_says_the_same_inside_an_answer(permit in permits::permit(), choices in rough::choices()) {
        let document = rough::rewrite(&write(&permit), choices);

        let inside = soap::answer(&enveloped(&document).unwrap());
        let (reading, report) = inspect(inside.as_bytes());

        prop_assert!(report.is_clean(), "{:#?}\n{}", report, inside);
        let reading = reading.unwrap();
        prop_assert_eq!(&reading.permit, &permit, "{}", inside);
        let (alone, report) = inspect(reading.received.document.as_bytes());
        prop_assert!(report.is_clean(), "{:#?}\n{}", report, reading.received.document);
        prop_assert_eq!(alone.unwrap().permit, permit);
    }
}
