//! Does box 14 enter a document without anything else changing?

use epix_core::id::Amount;
use epix_core::permit::{Examination, Location, Moment, Permit, Quantity, Text, TradeParty, Word};
use epix_core::receive::inspect;
use epix_core::wire::Endorsement;
use epix_core::wire::v2::{endorse, write};
use proptest::prelude::*;

use crate::{fixture, permits, rough};

/// Box 14 for so many positions.
pub(crate) fn endorsement(positions: usize) -> Endorsement {
    let text = |text: &str| Text::parse(text).ok();
    let examination = Examination {
        occurred: Moment::parse("2026-03-01T09:30:00+01:00").ok(),
        quantity: None,
        place: Some(Location { ids: Vec::new(), names: text("Port <Xavier> & quay").into_iter().collect() }),
        certifiers: vec![TradeParty { name: text("Customs of Xa"), ..TradeParty::default() }],
    };
    let quantity = |index: usize| Quantity {
        amount: Amount::parse(&format!("{index}.50")).unwrap(),
        unit: index.is_multiple_of(2).then(|| Word::parse("KIL").unwrap()),
    };
    // Every third position stays as it is.
    let quantities = (0..positions).map(|index| (index % 3 != 2).then(|| quantity(index))).collect();
    Endorsement { examination, quantities }
}

/// The permit as it should be read after the endorsement: only box 14 differs.
pub(crate) fn expected(mut permit: Permit, endorsement: &Endorsement) -> Permit {
    permit.consignment.examinations.push(endorsement.examination.clone());
    for (item, quantity) in permit.consignment.items.iter_mut().zip(&endorsement.quantities) {
        let found = |quantity: &Quantity| Examination { quantity: Some(quantity.clone()), ..Examination::default() };
        item.examinations.extend(quantity.as_ref().map(found));
    }
    permit
}

#[test]
fn only_box_14_of_a_permit_differs_after_the_endorsement() {
    let folders = ["v2/valid", "v2/tolerated"];
    let files = folders
        .into_iter()
        .flat_map(|folder| fixture::names(folder).into_iter().map(move |name| format!("{folder}/{name}")));
    for file in files {
        let before = fixture::accepted(&fixture::bytes(&file), &file);
        let box_14 = endorsement(before.permit().consignment.items.len());

        let document = endorse(std::str::from_utf8(before.bytes()).unwrap(), &box_14).unwrap();

        let after = fixture::accepted(document.as_bytes(), &file);
        assert_eq!(*after.permit(), expected(before.permit().clone(), &box_14), "{file}");
    }
}

#[test]
fn taking_out_what_the_endorsement_put_in_gives_the_received_bytes() {
    let before = fixture::text("v2/valid/xa-export-permit.xml");

    let after = endorse(&before, &endorsement(3)).unwrap();

    let open = "<ram:ExaminationTransportEvent>";
    let close = "</ram:ExaminationTransportEvent>";
    let mut left = after.clone();
    while let Some(start) = left.find(open) {
        // The line break behind it came with it.
        let close = left[start..].find(close).unwrap() + start + close.len();
        let end = left[close..].find('<').unwrap() + close;
        left.replace_range(start..end, "");
    }
    assert_eq!(left, before);
    assert_eq!(after.matches(open).count(), 3);
}

proptest! {
    #![proptest_config(permits::cases(64))]

    #[test]
    fn any_permit_however_written_differs_in_box_14_only(permit in permits::permit(), choices in rough::choices()) {
        let document = rough::rewrite(&write(&permit), choices);
        let box_14 = endorsement(permit.consignment.items.len());

        let (reading, report) = inspect(endorse(&document, &box_14).unwrap().as_bytes());

        prop_assert!(report.is_clean(), "{:#?}\n{}", report, document);
        prop_assert_eq!(reading.unwrap().permit, expected(permit, &box_14), "{}", document);
    }
}
