//! Is an answer of the Czech kind understood, whatever it is called?

use epix_client::{CallError, Endpoint, Login, Partner, StubTransport, call, partner::CZECH};
use epix_core::codes::Language;
use epix_core::id::PermitNumber;
use epix_core::soap::{Answer, Call, CertificateKey, Dialect, Fault, FaultCode, fault};

const PERMIT: &str = include_str!("../../fixtures/v1/valid/xa-export-permit.xml");

async fn answered(body: &str) -> Result<Answer, CallError> {
    let stub = StubTransport::new();
    stub.then(200, body);
    let partner = Partner {
        profile: &CZECH,
        login: Login::parse("xb\nsecret").ok(),
        ..Partner::new(Endpoint::parse("https://cz.example/").expect("it is an address"), Dialect::V2)
    };
    let number = PermitNumber::parse("26CZ1").expect("it is a number");
    let key = CertificateKey { number, token: None, country: None };
    call(&stub, &partner, Call::GetNonFinal(key)).await.map(|answered| answered.answer)
}

fn envelope(body: &str) -> String {
    let soap = "http://schemas.xmlsoap.org/soap/envelope/";
    format!("<e:Envelope xmlns:e=\"{soap}\"><e:Body>{body}</e:Body></e:Envelope>")
}

#[tokio::test]
async fn the_permit_is_found_in_an_answer_of_any_name() {
    let permit = PERMIT.split_once("?>").map_or(PERMIT, |(_, root)| root);
    let answer = envelope(&format!("<c:GetDocumentResponse xmlns:c=\"urn:c\">{permit}</c:GetDocumentResponse>"));

    assert!(matches!(answered(&answer).await, Ok(Answer::Certificate(_))));
}

#[tokio::test]
async fn an_answer_without_a_permit_is_no_answer_and_a_fault_is_one() {
    let empty = envelope("<GetDocumentResponse/>");
    let refused = fault::write(&Fault::of(FaultCode::PermitNotFound), Dialect::V2, Language::English, "r-1");

    assert!(matches!(answered(&empty).await, Err(CallError::Unreadable { .. })));
    assert!(matches!(answered(&refused).await, Ok(Answer::Fault(_))));
}
