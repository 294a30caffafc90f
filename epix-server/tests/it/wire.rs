//! What goes over the wire, byte for byte: requests as foreign clients send them, and what must never get through.

use std::process::Command;

use crate::permits::permit;
use crate::world::{Who, World};

/// A request as the public hub's adapter emits it: prefix v1 bound to the namespace of version 2, unqualified children.
fn savon(operation: &str, parameters: &str) -> String {
    format!(
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?><soapenv:Envelope xmlns:xsd=\"http://www.w3.org/2001/XMLSchema\" \
         xmlns:xsi=\"http://www.w3.org/2001/XMLSchema-instance\" xmlns:v1=\"urn:CitesDataExchange/v2/\" \
         xmlns:soapenv=\"http://schemas.xmlsoap.org/soap/envelope/\"><soapenv:Body><v1:{operation}Request>{parameters}\
         </v1:{operation}Request></soapenv:Body></soapenv:Envelope>"
    )
}

fn text(body: Vec<u8>) -> String {
    String::from_utf8(body).unwrap()
}

#[tokio::test]
async fn a_request_as_the_hub_sends_it_is_answered() {
    let world = World::with(&[permit("XA000000", &[("A", "10")])]);
    let key = |token: &str| {
        format!("<CertificateNumber>XA000000</CertificateNumber>{token}<IsoCountryCode>XA</IsoCountryCode>")
    };

    for token in ["<TokenId xsi:nil=\"true\"/>", "<TokenId></TokenId>", ""] {
        let body = savon("GetNonFinalCitesCertificate", &key(token));
        let reply = world.post(Who::Xb, "\"urn:GetNonFinalCitesCertificate\"", &body).await;
        assert_eq!(reply.status, 200);
        assert_eq!(reply.content_type.as_deref(), Some("text/xml; charset=utf-8"));
        let answer = text(reply.body);
        assert!(
            answer
                .contains("GetNonFinalCitesCertificateResponse xmlns:v2=\"urn:CitesDataExchange/v2/\"><CITESEPermit ")
        );
        assert!(answer.contains("</CITESEPermit><Composite>false</Composite>"));
    }
    let state = world.post(Who::Xb, "\"urn:ServiceState\"", &savon("ServiceState", "")).await;
    assert!(text(state.body).contains("<State>OK</State>"));
    let positions = "<ConfirmedQuantities><CitesPosition><ID>A</ID><InspectedUnitQuantity>2</InspectedUnitQuantity>\
                     </CitesPosition></ConfirmedQuantities>";
    let body = savon("ConfirmQuantities", &format!("{}{positions}", key("")));
    let confirmed = world.post(Who::Customs, "\"urn:ConfirmQuantities\"", &body).await;
    assert!(text(confirmed.body).contains("<Confirmed>true</Confirmed>"));
}

#[tokio::test]
async fn every_fault_has_its_http_status_and_a_typed_detail() {
    let world = World::with(&[permit("N1", &[("A", "10")])]);
    let get = |parameters: &str| savon("GetFinalCitesCertificate", parameters);
    let number = "<CertificateNumber>N1</CertificateNumber>";

    for (action, body, code) in [
        ("\"urn:GetFinalCitesCertificate\"", get(number), "NotFinal"),
        ("\"urn:ServiceState\"", get(number), "OperationMismatch"),
        ("", get("<CertificateNumber/>"), "InvalidRequest"),
        ("", get(number).replace("CitesDataExchange/v2/", "CitesDataExchange/v3/"), "VersionNotSupported"),
        ("", get(number).replace("CitesDataExchange/v2/", "Elsewhere"), "InvalidRequest"),
        ("", get(number).replace("GetFinal", "Burn"), "InvalidRequest"),
        ("", format!("<!DOCTYPE a [<!ENTITY e SYSTEM \"file:///etc/passwd\">]>{}", get("&e;")), "InvalidRequest"),
        ("", "not XML at all".to_owned(), "InvalidRequest"),
        ("", String::new(), "InvalidRequest"),
        ("", format!("<a>{}</a>", " ".repeat(1 << 20)), "RequestTooLarge"),
    ] {
        let reply = world.post(Who::Xb, action, &body).await;
        let start: String = body.chars().take(200).collect();
        assert_eq!(reply.status, if code == "RequestTooLarge" { 413 } else { 500 }, "{start}");
        let answer = text(reply.body);
        assert!(answer.contains(&format!("<Code>{code}</Code>")), "{start}: {answer}");
        assert!(answer.contains("<RequestId>"), "{answer}");
        assert!(!answer.contains("root:"), "{answer}");
    }
}

#[tokio::test]
async fn a_certificate_under_an_unknown_root_fails_in_the_handshake() {
    let mut world = World::with(&[]);

    let refused = world.call(Who::Stranger, epix_core::soap::Call::ServiceState(None)).await;

    assert!(refused.is_err());
    world.stop();
    let log = std::fs::read_to_string(world.path("server.log")).unwrap();
    assert!(!log.contains("call answered"), "{log}");
}

/// What `openssl s_client` says when it greets the server with these options.
fn greeted(world: &World, options: &[&str]) -> String {
    let output = Command::new("openssl")
        .args(["s_client", "-connect", world.exchange()])
        .args(options)
        .stdin(std::process::Stdio::null())
        .output()
        .unwrap();
    format!("{}{}", String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr))
}

#[tokio::test]
async fn tls_is_1_2_or_1_3_and_needs_a_client_certificate() {
    let world = World::with(&[]);
    let (certificate, key) = (world.path("pki/xb.pem"), world.path("pki/xb.key"));
    let (certificate, key) = (certificate.display().to_string(), key.display().to_string());
    let with = |version| greeted(&world, &[version, "-cert", &certificate, "-key", &key]);

    assert!(with("-tls1_2").contains("Protocol  : TLSv1.2"), "{}", with("-tls1_2"));
    assert!(with("-tls1_3").contains("New, TLSv1.3"));
    assert!(greeted(&world, &["-tls1_1", "-cipher", "DEFAULT@SECLEVEL=0"]).contains("alert"));
    let without = greeted(&world, &["-tls1_2"]);
    assert!(without.contains("alert"), "{without}");
}

#[tokio::test]
async fn no_session_is_resumed_past_the_look_at_the_certificate() {
    let world = World::with(&[]);
    let (certificate, key) = (world.path("pki/xb.pem"), world.path("pki/xb.key"));
    let (certificate, key) = (certificate.display().to_string(), key.display().to_string());

    let greeting = greeted(&world, &["-tls1_2", "-reconnect", "-cert", &certificate, "-key", &key]);

    assert!(!greeting.contains("Reused, "), "{greeting}");
}

#[tokio::test]
async fn the_service_description_is_served_with_this_address() {
    let world = World::with(&[]);
    let get = |query: &str| world.get(Who::Xb, &format!("/epix/v2?{query}")).body;

    assert!(get("wsdl").contains(&format!("<soap:address location=\"{}\"/>", world.endpoint())));
    assert!(get("wsdl&inline").contains("targetNamespace=\"urn:CitesDataExchange/v2/\""));
    assert!(
        get("xsd=CITESEPermit.xsd").contains(&format!("schemaLocation=\"{}?xsd=components.xsd\"", world.endpoint()))
    );
    assert!(get("xsd=../../Cargo.toml").contains("ask for ?wsdl"));
}
