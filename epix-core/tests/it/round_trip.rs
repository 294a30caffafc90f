//! Does every permit survive being written and read?

use epix_core::permit::Identifier;
use epix_core::receive::inspect;
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
