//! Which answer in which state: the table of `docs/contract.md`, row by row.

use epix_core::receive::receive;
use epix_core::soap::Call;

use crate::permits::{endorsed, expired, fixture, permit, permit_of_toolkit_1, permit_to};
use crate::world::{Who, World, confirm, key, key_with};

fn non_final(number: &str) -> Call {
    Call::GetNonFinal(key(number))
}

fn final_one(number: &str) -> Call {
    Call::GetFinal(key(number))
}

/// What box 14 says of each position, in the order of the document.
fn certified(document: &[u8]) -> Vec<Option<String>> {
    let accepted = receive(document).unwrap();
    let items = &accepted.permit().consignment.items;
    items.iter().map(|item| item.endorsed().map(|quantity| quantity.amount.to_string())).collect()
}

#[tokio::test]
async fn an_issued_permit_becomes_final_when_the_issuing_side_confirms() {
    let world = World::with(&[permit("N1", &[("A", "10"), ("B", "2.75"), ("C", "3")])]);

    assert_eq!(world.word(Who::Xb, Call::ServiceState(None)).await, "OK");
    assert_eq!(world.word(Who::Xb, non_final("N1")).await, "permit");
    assert_eq!(world.word(Who::Xb, final_one("N1")).await, "NotFinal");
    assert_eq!(world.word(Who::Xb, confirm("N1", "A=1")).await, "NotExported");
    assert_eq!(world.word(Who::Customs, confirm("N1", "A=8 B=2.70")).await, "confirmed");

    let answer = world.call(Who::Xb, final_one("N1")).await.unwrap();
    let certified = certified(&answer.bytes);
    assert_eq!(certified, [Some("8".to_owned()), Some("2.70".to_owned()), Some("0".to_owned())]);
    let accepted = receive(&answer.bytes).unwrap();
    assert_eq!(accepted.permit().consignment.items[1].permitted().unwrap().amount.to_string(), "2.75");
    let examination = &accepted.permit().consignment.examinations[0];
    assert_eq!(examination.certifiers[0].name.as_ref().unwrap().as_str(), "Customs of XA");

    let issued = world.call(Who::Xb, non_final("N1")).await.unwrap();
    assert!(!receive(&issued.bytes).unwrap().permit().is_endorsed(), "non-final stays as issued");
}

#[tokio::test]
async fn the_identical_repeat_counts_once_and_another_is_refused() {
    let mut world = World::with(&[permit("N1", &[("A", "10")])]);

    for quantities in ["A=8", "A=8.00"] {
        assert_eq!(world.word(Who::Customs, confirm("N1", quantities)).await, "confirmed");
    }
    assert_eq!(world.word(Who::Customs, confirm("N1", "A=7")).await, "AlreadyConfirmed");

    world.stop();
    let shown = world.succeeds(&["show", "N1"]);
    assert_eq!(shown.matches("Export confirmed").count(), 1, "{shown}");
}

#[tokio::test]
async fn what_arrived_is_at_most_what_left() {
    let world = World::with(&[permit("N1", &[("A", "10")])]);
    world.word(Who::Customs, confirm("N1", "A=8")).await;

    assert_eq!(world.word(Who::Xb, confirm("N1", "A=9")).await, "QuantityExceeded");
    assert_eq!(world.word(Who::Xb, confirm("N1", "A=7.5")).await, "confirmed");
    assert_eq!(world.word(Who::Xb, confirm("N1", "A=7.5")).await, "confirmed");
    assert_eq!(world.word(Who::Xb, confirm("N1", "A=7")).await, "AlreadyConfirmed");
    let answer = world.call(Who::Xb, final_one("N1")).await.unwrap();
    assert_eq!(certified(&answer.bytes), [Some("8".to_owned())], "import does not change what left");
}

#[tokio::test]
async fn a_wrong_position_or_quantity_changes_nothing() {
    let mut world = World::with(&[permit("N1", &[("A", "10"), ("B", "2.75")])]);

    for (quantities, fault) in [
        ("A=10.0001", "QuantityExceeded"),
        ("A=1 C=1", "PositionUnknown"),
        ("A=1 a=1", "PositionUnknown"),
        ("A=1 B=1 A=1", "PositionIdInvalid"),
        ("", "NothingToConfirm"),
    ] {
        assert_eq!(world.word(Who::Customs, confirm("N1", quantities)).await, fault, "{quantities}");
    }
    assert_eq!(world.word(Who::Xb, final_one("N1")).await, "NotFinal");

    world.stop();
    assert!(!world.succeeds(&["show", "N1"]).contains("confirmed"));
}

#[tokio::test]
async fn a_cancelled_permit_answers_nothing_else() {
    let mut world = World::with(&[permit("N1", &[("A", "10")])]);
    world.stop();
    world.succeeds(&["cancel", "N1", "--reason", "issued in error"]);
    world.start();

    for call in [non_final("N1"), final_one("N1"), confirm("N1", "A=1")] {
        assert_eq!(world.word(Who::Xb, call).await, "PermitCancelled");
    }
    assert_eq!(world.word(Who::Customs, confirm("N1", "A=1")).await, "PermitCancelled");
}

#[tokio::test]
async fn a_voided_confirmation_counts_as_never_made() {
    let mut world = World::with(&[permit("N1", &[("A", "10")])]);
    world.word(Who::Customs, confirm("N1", "A=8")).await;
    world.stop();
    world.succeeds(&["void", "N1", "--reason", "counted twice"]);
    world.start();

    assert_eq!(world.word(Who::Xb, final_one("N1")).await, "NotFinal");
    assert_eq!(world.word(Who::Customs, confirm("N1", "A=4")).await, "confirmed");
    let answer = world.call(Who::Xb, final_one("N1")).await.unwrap();
    assert_eq!(certified(&answer.bytes), [Some("4".to_owned())]);
}

#[tokio::test]
async fn a_permit_that_came_with_box_14_is_final_from_the_start() {
    let world = World::with(&[endorsed("N1", "6")]);

    assert_eq!(world.word(Who::Xb, final_one("N1")).await, "permit");
    assert_eq!(world.word(Who::Customs, confirm("N1", "A=5")).await, "AlreadyConfirmed");
    assert_eq!(world.word(Who::Xb, confirm("N1", "A=7")).await, "QuantityExceeded");
    assert_eq!(world.word(Who::Xb, confirm("N1", "A=6")).await, "confirmed");
}

#[tokio::test]
async fn a_confirmation_after_the_end_of_validity_is_taken_and_marked() {
    let mut world = World::with(&[expired("N1")]);

    assert_eq!(world.word(Who::Customs, confirm("N1", "A=1")).await, "confirmed");

    world.stop();
    assert!(world.succeeds(&["show", "N1"]).contains("after the end of validity"));
}

#[tokio::test]
async fn a_third_party_neither_reads_nor_confirms() {
    let world = World::with(&[permit("N1", &[("A", "10")]), permit_to("XC", "N2", &[("A", "10")])]);

    for call in [non_final("N1"), final_one("N1"), confirm("N1", "A=1")] {
        assert_eq!(world.word(Who::Xc, call).await, "PermitNotFound");
    }
    assert_eq!(world.word(Who::Xc, non_final("N2")).await, "permit");
    assert_eq!(world.word(Who::Xb, non_final("N2")).await, "PermitNotFound");
}

#[tokio::test]
async fn an_unregistered_certificate_gets_a_fault_in_words() {
    let world = World::with(&[permit("N1", &[("A", "10")])]);

    for call in [Call::ServiceState(None), non_final("N1"), confirm("N1", "A=1")] {
        assert_eq!(world.word(Who::Unregistered, call).await, "CallerNotFound");
    }
}

#[tokio::test]
async fn a_country_that_is_not_kept_here_is_a_fault() {
    let world = World::with(&[permit("N1", &[("A", "10")])]);
    let elsewhere = epix_core::soap::CertificateKey { country: epix_core::id::Country::parse("XD").ok(), ..key("N1") };

    assert_eq!(world.word(Who::Xb, Call::GetNonFinal(elsewhere)).await, "CalleeNotFound");
}

#[tokio::test]
async fn without_the_right_token_a_permit_looks_unknown() {
    let world = World::in_a_file(&[]);
    std::fs::write(world.path("n1.xml"), permit("N1", &[("A", "10")])).unwrap();
    std::fs::write(world.path("token"), "s3cret\n").unwrap();
    let path = |name: &str| world.path(name).display().to_string();
    world.succeeds(&["import", &path("n1.xml"), "--token-file", &path("token")]);
    let mut world = world;
    world.start();

    let answer = |call| async {
        let answered = world.call(Who::Xb, call).await.unwrap();
        let text = String::from_utf8(answered.bytes).unwrap();
        let (before, rest) = text.split_once("<RequestId>").unwrap_or((&text, ""));
        format!("{before}{}", rest.split_once("</RequestId>").unwrap_or(("", rest)).1)
    };
    let unknown = answer(Call::GetNonFinal(key("N2"))).await;
    assert!(unknown.contains("PermitNotFound"));
    assert_eq!(answer(Call::GetNonFinal(key("N1"))).await, unknown);
    assert_eq!(answer(Call::GetNonFinal(key_with("N1", "wrong"))).await, unknown);
    assert_eq!(world.word(Who::Xb, Call::GetNonFinal(key_with("N1", "s3cret"))).await, "permit");

    world.stop();
    let store = std::fs::read(world.path("store.sqlite")).unwrap();
    let log = std::fs::read(world.path("server.log")).unwrap();
    let holds_secret = |bytes: &[u8]| bytes.windows(6).any(|window| window == b"s3cret");
    assert!(!holds_secret(&store) && !holds_secret(&log));
}

#[tokio::test]
async fn the_stored_bytes_go_out_with_nothing_but_the_root_re_tagged() {
    let document = permit("N1", &[("A", "10")]);
    let world = World::with(std::slice::from_ref(&document));

    let answer = world.call(Who::Xb, non_final("N1")).await.unwrap();

    let (_, below_the_root) = document.split_once("<rsm:SpecifiedExchangedDocumentContext").unwrap();
    let below_the_root = below_the_root.rsplit_once("</rsm:CITESEPermit>").unwrap().0;
    assert!(String::from_utf8(answer.bytes.clone()).unwrap().contains(below_the_root));
    let stand_alone = receive(&answer.bytes).unwrap();
    let declaration_and_root = document.find("<rsm:CITESEPermit").unwrap();
    assert_eq!(std::str::from_utf8(stand_alone.bytes()).unwrap().trim(), document[declaration_and_root..].trim());
}

#[tokio::test]
async fn attachments_travel_with_the_permit() {
    let world = World::stopped(&[]);
    std::fs::write(world.path("n1.xml"), permit("N1", &[("A", "10")])).unwrap();
    std::fs::write(world.path("seal.png"), [0_u8, 255, 1, 254]).unwrap();
    let path = |name: &str| world.path(name).display().to_string();
    world.succeeds(&["import", &path("n1.xml"), "--attach", &path("seal.png")]);
    let mut world = world;
    world.start();
    world.word(Who::Customs, confirm("N1", "A=1")).await;

    for call in [non_final("N1"), final_one("N1")] {
        let answered = world.call(Who::Xb, call).await.unwrap();
        let epix_core::soap::Answer::Certificate(attachments) = answered.answer else { panic!("no permit") };
        assert_eq!(attachments.files[0].name, "seal.png");
        assert_eq!(attachments.files[0].content, [0, 255, 1, 254]);
    }
}

#[tokio::test]
async fn a_permit_of_another_toolkit_version_is_confirmed_in_its_own_and_handed_out_in_this_one() {
    let mut world = World::with(&[permit_of_toolkit_1("N1")]);

    assert_eq!(world.word(Who::Xb, non_final("N1")).await, "permit");
    assert_eq!(world.word(Who::Xb, final_one("N1")).await, "NotFinal");
    assert_eq!(world.word(Who::Customs, confirm("N1", "A=8")).await, "confirmed");
    assert_eq!(world.word(Who::Xb, final_one("N1")).await, "permit");
    assert_eq!(world.word(Who::Xc, non_final("N1")).await, "PermitNotFound", "others learn nothing of it");

    world.stop();
    world.succeeds(&["audit", "verify"]);
}

#[tokio::test]
async fn a_permit_in_our_json_form_is_kept_as_it_came_and_gets_its_box_14() {
    let mut world = World::with(&[fixture("json/valid/xa-export-permit.json")]);

    assert_eq!(world.word(Who::Xb, non_final("26XA000123/EX")).await, "permit");
    assert_eq!(world.word(Who::Customs, confirm("26XA000123/EX", "A=10")).await, "confirmed");

    world.stop();
    assert!(world.succeeds(&["show", "26XA000123/EX"]).contains("json-1"));
    world.succeeds(&["audit", "verify"]);
}

#[tokio::test]
async fn quantities_on_a_document_without_a_place_for_them_are_refused_in_words() {
    let document = fixture("wco/valid/xa-export-permit.xml");
    let number = receive(document.as_bytes()).unwrap().number().to_string();
    let world = World::with(&[document]);

    assert_eq!(world.word(Who::Customs, confirm(&number, "A=1")).await, "VersionNotSupported");
}
