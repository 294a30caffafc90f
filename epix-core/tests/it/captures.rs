//! Are the messages understood that the public hub and its client really send?

use epix_core::soap::{Answer, Call, answer, request};

use crate::fixture;

/// What each captured request means: dialect, operation, number, token, country, positions; or the code of the fault.
const REQUESTS: &[(&str, &str)] = &[
    ("v1/savon-get-non-final", "v1 GetNonFinalCitesCertificate XA000000 t XA"),
    ("v1/savon-nil-token", "v1 GetFinalCitesCertificate XA000000 - XA"),
    ("v1/savon-blank-token", "v1 GetFinalCitesCertificate XA000000 - XA"),
    ("v1/savon-confirm", "v1 ConfirmQuantities XA000000 - XA A=2"),
    ("v1/savon-confirm-without-positions", "NothingToConfirm"),
    ("v1/savon-state", "v1 ServiceState -"),
    ("v2/savon-get-non-final", "v2 GetNonFinalCitesCertificate XA000000 t XA"),
    ("v2/savon-nil-token", "v2 GetFinalCitesCertificate XA000000 - XA"),
    ("v2/savon-blank-token", "v2 GetFinalCitesCertificate XA000000 - XA"),
    ("v2/savon-confirm", "v2 ConfirmQuantities XA000000 - XA A=2"),
    ("v2/savon-confirm-without-positions", "NothingToConfirm"),
    ("v2/savon-state", "v2 ServiceState -"),
    ("hub/savon-wsdl-get-non-final", "hub GetNonFinalCitesCertificate XA000000 t XA"),
    ("hub/savon-wsdl-confirm", "hub ConfirmQuantities XA000000 - XA A=2"),
    ("hub/savon-wsdl-state", "hub ServiceState XA"),
    ("hub/savon-snake-lower-camel", "hub GetFinalCitesCertificate XA000000 t XA"),
    ("hub/camel-action-snake-wrapper", "hub GetFinalCitesCertificate XA000000 - XA"),
    ("hub/qualified-children", "hub GetNonFinalCitesCertificate XA000000 - XA"),
    ("hub/without-action", "hub ServiceState -"),
    ("hub/encoded", "hub GetNonFinalCitesCertificate XA000000 - XA"),
];

const ANSWERS: &[&str] = &["hub/answer-fault"];

/// A captured message: the value of its SOAPAction header, and its body.
fn capture(name: &str) -> (Option<String>, String) {
    let text = fixture::text(&format!("exchange/{name}.http"));
    let (head, body) = text.split_once("\n\n").unwrap();
    let action = head.lines().find_map(|line| line.strip_prefix("SOAPAction: "));
    (action.map(str::to_owned), body.to_owned())
}

fn meaning(name: &str) -> String {
    let (action, body) = capture(name);
    let request = match request::read(body.as_bytes(), action.as_deref()) {
        Ok(request) => request,
        Err(refused) => return refused.fault.code.to_string(),
    };
    let country =
        |country: Option<_>| country.map_or("-".to_owned(), |country: epix_core::id::Country| country.to_string());
    let mut words = vec![request.dialect.to_string(), request.call.operation().name().to_owned()];
    match &request.call {
        Call::ServiceState(named) => words.push(country(*named)),
        Call::GetNonFinal(key) | Call::GetFinal(key) | Call::ConfirmQuantities(key, _) => {
            words.push(key.number.raw().to_owned());
            words.push(key.token.as_ref().map_or("-", |token| token.reveal()).to_owned());
            words.push(country(key.country));
        }
    }
    if let Call::ConfirmQuantities(_, positions) = &request.call {
        words.extend(positions.iter().map(|(id, amount)| format!("{id}={amount}")));
    }
    words.join(" ")
}

#[test]
fn each_captured_request_means_what_its_row_says() {
    for (name, expected) in REQUESTS {
        assert_eq!(meaning(name), *expected, "{name}");
    }
}

#[test]
fn each_capture_has_a_row() {
    let rows = REQUESTS.iter().map(|(name, _)| *name).chain(ANSWERS.iter().copied()).collect::<Vec<_>>();

    for folder in ["v1", "v2", "hub"] {
        for file in fixture::names(&format!("exchange/{folder}")) {
            let name = format!("{folder}/{}", file.strip_suffix(".http").unwrap());
            assert!(rows.contains(&name.as_str()), "{name} has no row");
        }
    }
}

#[test]
fn a_fault_of_the_public_hub_keeps_its_meaning() {
    let (_, body) = capture("hub/answer-fault");

    let answer = answer::read(body.as_bytes(), epix_core::id::Operation::GetFinal).unwrap();

    let Answer::Fault(fault) = answer else { panic!("{answer:?}") };
    assert_eq!(fault.faultcode, "Server");
    assert_eq!(fault.meaning(), Some(epix_core::soap::FaultCode::CalleeNotFound));
}
