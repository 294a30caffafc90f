//! A permit in the toolkit version of the dialect in which it is asked for: what is rendered, once, and what is refused.

use epix_core::id::AuthorityId;

use crate::permits::{fixture, permit, permit_of_toolkit_1};
use crate::raw::Raw;
use crate::world::{Who, World, confirm};

const XML: &str = "Content-Type: text/xml";
pub(crate) const V1: &str = "urn:CitesDataExchange/v1/";
const V2: &str = "urn:CitesDataExchange/v2/";
const HUB: &str = "urn:CitesDataExchange";

pub(crate) fn get(world: &World, operation: &str, namespace: &str, number: &str) -> Raw {
    let suffix = if namespace == HUB { "" } else { "Request" };
    let message = format!(
        "<e:Envelope xmlns:e='http://schemas.xmlsoap.org/soap/envelope/'><e:Body>\
         <x:{operation}CitesCertificate{suffix} xmlns:x='{namespace}'><CertificateNumber>{number}</CertificateNumber>\
         </x:{operation}CitesCertificate{suffix}></e:Body></e:Envelope>"
    );
    world.ask(Who::Xb, "/epix", &[XML], message.as_bytes())
}

/// The audit lines of an operation, from the store of a server that has stopped: what each says in detail.
async fn audited(world: &World, operation: &str) -> Vec<std::collections::BTreeMap<String, String>> {
    let store = world.store().await;
    let lines = store.audit_lines(&AuthorityId::parse("XA").unwrap(), 0, 0, 1_000).await.unwrap();
    let events = lines.iter().map(|line| line.event().unwrap());
    events.filter(|event| event.operation == operation).map(|event| event.detail).collect()
}

#[tokio::test]
async fn a_permit_is_rendered_once_for_each_document_and_version() {
    let mut world = World::with(&[permit("N1", &[("A", "10")])]);

    let first = get(&world, "GetNonFinal", V1, "N1");
    let again = get(&world, "GetNonFinal", V1, "N1");
    assert_eq!(world.word(Who::Customs, confirm("N1", "A=8")).await, "confirmed");
    let last = get(&world, "GetFinal", V1, "N1");
    let stored = get(&world, "GetFinal", V2, "N1");

    assert!(first.body.contains("<CBFShip "), "{}", first.body);
    assert_eq!(first.body, again.body);
    assert!(last.body.contains("<CBFShip ") && last.body.contains("InspectedUnitQuantity"), "{}", last.body);
    assert!(stored.body.contains("<CITESEPermit "), "{}", stored.body);
    world.stop();
    assert_eq!(audited(&world, "render").await.len(), 2, "one for the issued document, one for the final one");
    world.succeeds(&["audit", "verify"]);
}

#[tokio::test]
async fn renditions_outlive_the_server() {
    let mut world = World::with(&[permit_of_toolkit_1("N1")]);
    let before = get(&world, "GetNonFinal", V2, "N1");

    world.stop();
    world.start();

    assert!(before.body.contains("<CITESEPermit "), "{}", before.body);
    assert_eq!(get(&world, "GetNonFinal", V2, "N1").body, before.body);
    world.stop();
    assert_eq!(audited(&world, "render").await.len(), 1);
}

#[tokio::test]
async fn a_permit_kept_in_json_is_handed_out_in_the_version_of_the_dialect() {
    let world = World::with(&[fixture("json/valid/xa-export-permit.json")]);

    for namespace in [V2, HUB] {
        let answer = get(&world, "GetNonFinal", namespace, "26XA000123/EX");
        assert!(answer.body.contains("<CITESEPermit "), "{}", answer.body);
    }
}

/// A permit with marks on a position, for which toolkit 1.0 has no place (box 9).
pub(crate) fn marked(number: &str) -> String {
    let marks =
        "<ram:PhysicalLogisticsShippingMarks><ram:Marking>ring 7</ram:Marking></ram:PhysicalLogisticsShippingMarks>";
    let document = permit(number, &[("A", "10")]);
    let marked =
        document.replace("<ram:TransportLogisticsPackage>", &format!("{marks}<ram:TransportLogisticsPackage>"));
    assert_ne!(marked, document);
    marked
}

#[tokio::test]
async fn what_the_version_cannot_carry_is_refused_and_named_by_box() {
    let world = World::with(&[marked("N1")]);

    let refused = get(&world, "GetNonFinal", V1, "N1");

    assert_eq!(refused.status, 500);
    assert!(refused.body.contains("<Code>VersionNotSupported</Code>"), "{}", refused.body);
    assert!(refused.body.contains("<Particular><Name>Box</Name><Value>9</Value>"), "{}", refused.body);
    assert!(!refused.body.contains("ring 7"), "{}", refused.body);
    assert!(get(&world, "GetNonFinal", V2, "N1").body.contains("ring 7"));
}

#[tokio::test]
async fn a_policy_accepts_the_loss_for_a_partner_and_the_audit_names_it() {
    let mut world = World::stopped(&[marked("N1")]);
    std::fs::write(world.path("policies.toml"), "[partner.XB-MA.losses]\nv1 = \"accept\"\n").unwrap();
    let config = std::fs::read_to_string(world.path("epix-server.toml")).unwrap();
    std::fs::write(world.path("epix-server.toml"), format!("{config}\n[policy]\nfile = \"policies.toml\"\n")).unwrap();
    world.start();

    let answer = get(&world, "GetNonFinal", V1, "N1");

    assert!(answer.body.contains("<CBFShip ") && !answer.body.contains("ring 7"), "{}", answer.body);
    world.stop();
    let lines = audited(&world, "GetNonFinalCitesCertificate").await;
    assert!(lines.iter().any(|line| line["losses"] == "9" && line.contains_key("rendered-from")), "{lines:?}");
}

#[tokio::test]
async fn a_party_registered_for_a_version_gets_it_in_the_dialect_of_the_hub_only() {
    let mut world = World::with(&[permit("N1", &[("A", "10")])]);
    world.stop();
    let parties = std::fs::read_to_string(world.path("parties.toml")).unwrap();
    let parties = parties.replace("id = \"XB-MA\"", "id = \"XB-MA\"\ntoolkit = \"1.0\"");
    std::fs::write(world.path("parties.toml"), parties).unwrap();
    world.succeeds(&["parties", "apply", "--yes", &world.path("parties.toml").display().to_string()]);
    world.start();

    assert!(get(&world, "GetNonFinal", HUB, "N1").body.contains("<CBFShip "));
    assert!(get(&world, "GetNonFinal", V2, "N1").body.contains("<CITESEPermit "));
}
