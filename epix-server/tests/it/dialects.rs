//! The running server, spoken to in every dialect, at every address.

use std::path::{Path, PathBuf};

use epix_core::convert::{Target, convert_accepted};
use epix_core::receive::receive_again;

use crate::permits::permit;
use crate::raw::Raw;
use crate::world::{Who, World};

const XML: &str = "Content-Type: text/xml;charset=UTF-8";

/// A permit of toolkit 1.0.
fn permit_1(number: &str) -> String {
    let accepted = receive_again(permit(number, &[("A", "10")]).as_bytes()).unwrap();
    convert_accepted(&accepted, Target::named("v1").unwrap()).document
}

/// A captured request (`fixtures/exchange`): its header lines and its body.
fn capture(name: &str) -> (Vec<String>, String) {
    let file: PathBuf = Path::new(env!("CARGO_MANIFEST_DIR")).join("../fixtures/exchange").join(format!("{name}.http"));
    let text = std::fs::read_to_string(file).unwrap();
    let (head, body) = text.split_once("\n\n").unwrap();
    (head.lines().map(str::to_owned).collect(), body.to_owned())
}

fn sent(world: &World, who: Who, path: &str, name: &str) -> Raw {
    let (head, body) = capture(name);
    world.ask(who, path, &head.iter().map(String::as_str).collect::<Vec<_>>(), body.as_bytes())
}

/// A call in a dialect, without SOAPAction.
fn message(namespace: &str, element: &str, parameters: &str) -> String {
    format!(
        "<e:Envelope xmlns:e='http://schemas.xmlsoap.org/soap/envelope/'><e:Body>\
         <x:{element} xmlns:x='{namespace}'>{parameters}</x:{element}></e:Body></e:Envelope>"
    )
}

const NAMESPACES: [(&str, &str, &str); 3] = [
    ("v1", "urn:CitesDataExchange/v1/", "Request"),
    ("v2", "urn:CitesDataExchange/v2/", "Request"),
    ("hub", "urn:CitesDataExchange", ""),
];

#[test]
fn each_dialect_is_answered_in_itself_on_one_endpoint_and_on_its_own() {
    let world = World::with(&[permit("XA000000", &[("A", "10")]), permit_1("XA000001")]);

    for (dialect, namespace, suffix) in NAMESPACES {
        let number = if dialect == "v1" { "XA000001" } else { "XA000000" };
        let root = if dialect == "v1" { "CBFShip" } else { "CITESEPermit" };
        for path in ["/epix", &format!("/epix/{dialect}")] {
            let parameters = format!("<CertificateNumber>{number}</CertificateNumber>");
            let get = message(namespace, &format!("GetNonFinalCitesCertificate{suffix}"), &parameters);
            let answer = world.ask(Who::Xb, path, &[XML], get.as_bytes());

            assert_eq!(answer.status, 200, "{path} {dialect}: {}", answer.body);
            let element =
                format!("<{dialect}:GetNonFinalCitesCertificateResponse xmlns:{dialect}=\"{namespace}\"><{root} ");
            assert!(answer.body.contains(&element), "{path} {dialect}: {}", answer.body);
            assert!(answer.headers.contains("content-type: text/xml; charset=utf-8"));
        }
    }
}

#[test]
fn a_fault_is_in_the_dialect_of_the_call_and_else_of_the_address() {
    let world = World::with(&[]);
    let detail =
        |dialect: &str, namespace: &str| format!("<{dialect}:CitesDataExchangeFault xmlns:{dialect}=\"{namespace}\">");

    for (dialect, namespace, suffix) in NAMESPACES {
        let get = message(
            namespace,
            &format!("GetFinalCitesCertificate{suffix}"),
            "<CertificateNumber>N</CertificateNumber>",
        );
        let burn = message(namespace, "Burn", "");

        for (path, body) in [("/epix", get.as_str()), ("/epix", &burn), (&format!("/epix/{dialect}"), "junk")] {
            let refusal = world.ask(Who::Xb, path, &[XML], body.as_bytes());
            assert_eq!(refusal.status, 500);
            assert!(refusal.body.contains(&detail(dialect, namespace)), "{path}: {}", refusal.body);
        }
    }
}

#[test]
fn what_the_public_client_sends_is_answered() {
    let world = World::with(&[permit("XA000000", &[("A", "10")])]);

    for (name, path, expected) in [
        ("v2/savon-get-non-final", "/epix", "GetNonFinalCitesCertificateResponse"),
        ("v2/savon-state", "/epix/v2", "<State>OK</State>"),
        ("v2/savon-blank-token", "/epix", "<Code>NotFinal</Code>"),
        ("v2/savon-confirm-without-positions", "/epix", "<Code>NothingToConfirm</Code>"),
        ("v1/savon-state", "/epix/v1", "<State>OK</State>"),
        ("hub/savon-wsdl-get-non-final", "/api/v1/soap_api/action", "hub:GetNonFinalCitesCertificateResponse"),
        ("hub/encoded", "/epix/hub", "hub:GetNonFinalCitesCertificateResponse"),
        ("hub/qualified-children", "/epix", "hub:GetNonFinalCitesCertificateResponse"),
        ("hub/savon-wsdl-state", "/epix/hub", "<Value>OK</Value>"),
        ("hub/without-action", "/epix", "<Value>OK</Value>"),
        ("hub/camel-action-snake-wrapper", "/epix", "<Code>NotFinal</Code>"),
        ("hub/savon-wsdl-confirm", "/epix", "<Value>true</Value>"),
        ("v2/savon-confirm", "/epix", "<Confirmed>true</Confirmed>"),
        ("hub/savon-snake-lower-camel", "/epix", "hub:GetFinalCitesCertificateResponse"),
    ] {
        let who = if name.contains("confirm") { Who::Customs } else { Who::Xb };
        let answer = sent(&world, who, path, name);
        assert_eq!(answer.status, if expected.contains("<Code>") { 500 } else { 200 }, "{name}: {}", answer.body);
        assert!(answer.body.contains(expected), "{name}: {}", answer.body);
    }
}

#[test]
fn an_address_of_one_dialect_refuses_the_others_in_their_own_words() {
    let world = World::with(&[]);

    for (path, name) in [
        ("/epix/v1", "v2/savon-state"),
        ("/epix/v2", "hub/without-action"),
        ("/api/v1/soap_api/action", "v1/savon-state"),
    ] {
        let refusal = sent(&world, Who::Xb, path, name);
        let dialect = name.split('/').next().unwrap();

        assert!(refusal.body.contains("<Code>VersionNotSupported</Code>"), "{path}: {}", refusal.body);
        assert!(refusal.body.contains(&format!("<{dialect}:CitesDataExchangeFault")), "{path}: {}", refusal.body);
        assert!(refusal.body.contains("POST /epix takes every dialect"), "{path}: {}", refusal.body);
    }
}

#[test]
fn headers_are_ignored_unless_they_must_be_understood_here() {
    let world = World::with(&[]);
    let state = message("urn:CitesDataExchange/v1/", "ServiceStateRequest", "");
    let with = |block: &str| state.replace("<e:Body>", &format!("<e:Header>{block}</e:Header><e:Body>"));
    let asked = |body: &str| world.ask(Who::Xb, "/epix", &[XML], body.as_bytes()).body;

    assert!(asked(&with("<c:Caller xmlns:c='urn:c'>XB</c:Caller>")).contains("<State>OK</State>"));
    assert!(asked(&with("<c:A xmlns:c='urn:c' e:mustUnderstand='0'/>")).contains("<State>OK</State>"));
    let refused = asked(&with("<c:A xmlns:c='urn:c' e:mustUnderstand='1'/>"));
    assert!(refused.contains("<faultcode>soapenv:MustUnderstand</faultcode>"), "{refused}");
    assert!(refused.contains("<v1:CitesDataExchangeFault"), "{refused}");
}

#[test]
fn a_soap_action_that_contradicts_is_refused_in_every_dialect() {
    let world = World::with(&[]);

    for (_, namespace, suffix) in NAMESPACES {
        let state = message(namespace, &format!("ServiceState{suffix}"), "");
        for (action, is_good) in [
            ("SOAPAction: \"urn:ServiceState\"", true),
            ("SOAPAction: ServiceState", true),
            ("SOAPAction;", true),
            ("SOAPAction: \"\"", true),
            ("SOAPAction: \"urn:ConfirmQuantities\"", false),
            ("SOAPAction: GetFinalCitesCertificate", false),
        ] {
            let answer = world.ask(Who::Xb, "/epix", &[XML, action], state.as_bytes());
            assert_eq!(answer.status == 200, is_good, "{action}: {}", answer.body);
            assert_eq!(answer.body.contains("<Code>OperationMismatch</Code>"), !is_good, "{action}: {}", answer.body);
        }
    }
}

#[test]
fn the_hub_is_answered_with_its_old_mistakes_only_when_the_operator_says_so() {
    let mut world = World::stopped(&[permit("XA000000", &[("A", "10")])]);
    let config = std::fs::read_to_string(world.path("epix-server.toml")).unwrap();
    let config = config.replace("hub_as_was = false", "hub_as_was = true ");
    std::fs::write(world.path("epix-server.toml"), config).unwrap();
    world.start();

    let permit = sent(&world, Who::Xb, "/epix", "hub/savon-wsdl-get-non-final");
    let state = sent(&world, Who::Xb, "/epix", "hub/savon-wsdl-state");
    let refusal = sent(&world, Who::Unregistered, "/epix", "hub/savon-wsdl-state");
    let national = sent(&world, Who::Xb, "/epix", "v2/savon-state");

    assert!(permit.body.contains("<v2:GetNonFinalCitesCertificateResponse"), "{}", permit.body);
    assert!(permit.headers.contains("content-type: application/xml"), "{}", permit.headers);
    assert!(state.body.contains("<hub:ServiceStateResponse xmlns:hub=\"urn:CitesDataExchange\"><Value>OK</Value>"));
    assert!(refusal.body.contains(">Server</faultcode>") && !refusal.body.contains("detail"), "{}", refusal.body);
    assert!(national.body.contains("<v2:ServiceStateResponse"), "{}", national.body);
}

#[test]
fn each_dialect_describes_itself_where_it_is_spoken() {
    let world = World::with(&[]);
    let here = |path: &str| format!("<soap:address location=\"https://{}{path}\"/>", world.exchange());

    for (path, call, namespace) in [
        ("/epix/v1?wsdl", "/epix/v1", "urn:CitesDataExchange/v1/"),
        ("/epix/v2?wsdl&inline", "/epix/v2", "urn:CitesDataExchange/v2/"),
        ("/epix/hub?wsdl", "/epix/hub", "urn:CitesDataExchange"),
        ("/epix?wsdl=hub", "/epix", "urn:CitesDataExchange"),
        ("/api/v1/soap_api/wsdl", "/api/v1/soap_api/action", "urn:CitesDataExchange"),
    ] {
        let description = world.get(Who::Xb, path);
        assert_eq!(description.status, 200, "{path}");
        assert!(description.body.contains(&here(call)), "{path}");
        assert!(description.body.contains(&format!("targetNamespace=\"{namespace}\"")), "{path}");
    }
    assert_eq!(world.get(Who::Xb, "/epix/v1?xsd=CBFShip.xsd").status, 200);
    assert_eq!(world.get(Who::Xb, "/epix/v1?xsd=CITESEPermit.xsd").status, 404);
}
