//! Permits that are used in parts: sums, call ids, and many clients at once.

use std::sync::Arc;

use epix_client::TransportError;
use epix_core::receive::receive;
use epix_core::soap::Call;

use crate::permits::{expired, multi_use, permit};
use crate::world::{Who, World, key};

/// Confirms quantities under a call id, and gives the answer in one word.
pub(crate) async fn part(world: &World, who: Who, number: &str, quantities: &str, call_id: &str) -> String {
    try_part(world, who, number, quantities, call_id).await.unwrap()
}

/// The same, where the server may be gone.
pub(crate) async fn try_part(
    world: &World,
    who: Who,
    number: &str,
    quantities: &str,
    call_id: &str,
) -> Result<String, TransportError> {
    let id = call_id.replace(' ', "-");
    let header = format!("<s:Header><c:CallId xmlns:c=\"urn:epix:call-id:1\">{id}</c:CallId></s:Header>");
    try_send(world, who, number, quantities, &header).await
}

async fn send(world: &World, who: Who, number: &str, quantities: &str, header: &str) -> String {
    try_send(world, who, number, quantities, header).await.unwrap()
}

async fn try_send(
    world: &World,
    who: Who,
    number: &str,
    quantities: &str,
    header: &str,
) -> Result<String, TransportError> {
    let position = |pair: &str| {
        let (id, amount) = pair.split_once('=').unwrap();
        format!("<CitesPosition><ID>{id}</ID><InspectedUnitQuantity>{amount}</InspectedUnitQuantity></CitesPosition>")
    };
    let positions: String = quantities.split_whitespace().map(position).collect();
    let body = format!(
        "<s:Envelope xmlns:s=\"http://schemas.xmlsoap.org/soap/envelope/\">{header}<s:Body>\
         <v:ConfirmQuantitiesRequest xmlns:v=\"urn:CitesDataExchange/v2/\"><CertificateNumber>{number}</CertificateNumber>\
         <IsoCountryCode>XA</IsoCountryCode><ConfirmedQuantities>{positions}</ConfirmedQuantities>\
         </v:ConfirmQuantitiesRequest></s:Body></s:Envelope>"
    );
    let reply = world.try_post(who, "urn:ConfirmQuantities", &body).await?;
    let text = String::from_utf8(reply.body).unwrap();
    Ok(match text.split_once("<Code>") {
        Some((_, rest)) => rest.split_once('<').unwrap().0.to_owned(),
        None if text.contains("<Confirmed>true</Confirmed>") => "confirmed".to_owned(),
        None => text,
    })
}

/// What box 14 says of position A.
async fn certified(world: &World, number: &str) -> Option<String> {
    let answered = world.call(Who::Xb, Call::GetFinal(key(number))).await.unwrap();
    let accepted = receive(&answered.bytes).ok()?;
    accepted.permit().consignment.items[0].endorsed().map(|quantity| quantity.amount.to_string())
}

#[tokio::test]
async fn parts_make_a_permit_final_when_nothing_is_left() {
    let world = World::with(&[multi_use("N1")]);

    assert_eq!(part(&world, Who::Customs, "N1", "A=4", "c1").await, "confirmed");
    assert_eq!(part(&world, Who::Customs, "N1", "A=4.0", "c1").await, "confirmed", "the repeat is the same call");
    assert_eq!(part(&world, Who::Customs, "N1", "A=5", "c1").await, "AlreadyConfirmed");
    assert_eq!(part(&world, Who::Customs, "N1", "A=6.01", "c2").await, "QuantityExceeded");
    assert_eq!(certified(&world, "N1").await, None, "more may leave");
    assert!(world.succeeds(&["show", "N1"]).contains("in use"));
    assert_eq!(part(&world, Who::Customs, "N1", "A=6", "c2").await, "confirmed");

    assert_eq!(certified(&world, "N1").await.as_deref(), Some("10"), "box 14 shows the sum");
    assert_eq!(part(&world, Who::Customs, "N1", "A=0.5", "c3").await, "QuantityExceeded");
    assert_eq!(part(&world, Who::Customs, "N1", "A=6", "c2").await, "confirmed", "the repeat still counts once");
}

#[tokio::test]
async fn a_permit_in_use_is_final_after_its_last_day() {
    let name = "<ram:ID>N1</ram:ID><ram:Name>Musical instrument certificate</ram:Name>";
    let world = World::with(&[expired("N1").replacen("<ram:ID>N1</ram:ID>", name, 1)]);

    assert_eq!(part(&world, Who::Customs, "N1", "A=4", "c1").await, "confirmed");
    assert_eq!(certified(&world, "N1").await.as_deref(), Some("4"));
    assert_eq!(part(&world, Who::Customs, "N1", "A=2", "c2").await, "confirmed", "a part that is told late");

    assert_eq!(certified(&world, "N1").await.as_deref(), Some("6"));
    assert_eq!(world.succeeds(&["history", "N1"]).matches("after the end of validity").count(), 2);
}

#[tokio::test]
async fn what_arrives_in_parts_is_at_most_what_left() {
    let world = World::with(&[multi_use("N1")]);
    part(&world, Who::Customs, "N1", "A=4", "c1").await;

    assert_eq!(part(&world, Who::Xb, "N1", "A=3", "i1").await, "confirmed");
    assert_eq!(part(&world, Who::Xb, "N1", "A=2", "i2").await, "QuantityExceeded");
    assert_eq!(part(&world, Who::Xb, "N1", "A=1", "i2").await, "confirmed");
    assert_eq!(part(&world, Who::Customs, "N1", "A=6", "c2").await, "confirmed");
    assert!(world.succeeds(&["show", "N1"]).contains("final"));
    assert_eq!(part(&world, Who::Xb, "N1", "A=6", "i3").await, "confirmed");

    assert!(world.succeeds(&["show", "N1"]).contains("used"));
}

#[tokio::test]
async fn a_part_needs_a_call_id_and_changes_nothing_without() {
    let world = World::with(&[multi_use("N1"), permit("N2", &[("A", "10")])]);

    assert_eq!(send(&world, Who::Customs, "N1", "A=4", "").await, "CallIdMissing");
    let blank = "<s:Header><c:CallId xmlns:c=\"urn:epix:call-id:1\"> </c:CallId></s:Header>";
    assert_eq!(send(&world, Who::Customs, "N1", "A=4", blank).await, "InvalidRequest");

    assert!(world.succeeds(&["show", "N1"]).contains("issued"));
    assert_eq!(send(&world, Who::Customs, "N2", "A=4", "").await, "confirmed", "one consignment needs none");
}

#[tokio::test]
async fn the_last_part_may_be_declared_void_unless_it_has_arrived() {
    let world = World::with(&[multi_use("N1")]);
    part(&world, Who::Customs, "N1", "A=4", "c1").await;
    part(&world, Who::Customs, "N1", "A=6", "c2").await;
    part(&world, Who::Xb, "N1", "A=5", "i1").await;

    let refused = world.command(&["void", "N1", "--book", "export", "--reason", "counted twice"]);
    assert_eq!(refused.status.code(), Some(1));
    assert!(String::from_utf8_lossy(&refused.stdout).contains("arrivals"));
    world.succeeds(&["void", "N1", "--reason", "counted twice"]);
    world.succeeds(&["void", "N1", "--book", "export", "--reason", "counted twice"]);

    assert!(world.succeeds(&["show", "N1"]).contains("in use"));
    assert_eq!(part(&world, Who::Customs, "N1", "A=2", "c3").await, "confirmed");
}

#[tokio::test(flavor = "multi_thread")]
async fn of_sixty_four_parts_at_once_exactly_those_count_for_which_there_is_enough() {
    let world = Arc::new(World::with(&[multi_use("N1")]));

    let tasks: Vec<_> = (0..64)
        .map(|index| {
            let world = world.clone();
            // Each is sent twice under its id, as by a client that lost the first answer.
            tokio::spawn(async move { part(&world, Who::Customs, "N1", "A=0.3", &format!("c{}", index / 2)).await })
        })
        .collect();
    let mut words = Vec::new();
    for task in tasks {
        words.push(task.await.unwrap());
    }

    // 33 parts of 0.3 fit into 10; the 32 ids all do, each counted once.
    assert!(words.iter().all(|word| word == "confirmed"), "{words:?}");
    let history = world.succeeds(&["history", "N1"]);
    assert_eq!(history.matches("a part: A=0.3").count(), 32, "{history}");
    assert_eq!(part(&world, Who::Customs, "N1", "A=0.41", "rest").await, "QuantityExceeded");
    assert_eq!(part(&world, Who::Customs, "N1", "A=0.4", "rest").await, "confirmed", "10 - 32 x 0.3 is left");
}

#[tokio::test(flavor = "multi_thread")]
async fn sixty_four_clients_never_take_more_than_is_permitted() {
    let world = Arc::new(World::with(&[multi_use("N1")]));

    let tasks: Vec<_> = (0..64)
        .map(|index| {
            let world = world.clone();
            tokio::spawn(async move { part(&world, Who::Customs, "N1", "A=0.7", &format!("c{index}")).await })
        })
        .collect();
    let mut taken = 0;
    for task in tasks {
        match task.await.unwrap().as_str() {
            "confirmed" => taken += 1,
            other => assert_eq!(other, "QuantityExceeded"),
        }
    }

    assert_eq!(taken, 14, "14 x 0.7 = 9.8 of 10");
}
