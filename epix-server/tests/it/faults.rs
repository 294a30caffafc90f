//! How a refusal reads: in which language, under which status, and what must never stand in it.

use crate::permits::permit;
use crate::world::{Who, World};

const XML: &str = "Content-Type: text/xml; charset=utf-8";

fn final_of(number: &str) -> String {
    format!(
        "<e:Envelope xmlns:e='http://schemas.xmlsoap.org/soap/envelope/'><e:Body>\
         <v:GetFinalCitesCertificateRequest xmlns:v='urn:CitesDataExchange/v2/'>\
         <CertificateNumber>{number}</CertificateNumber><TokenId>s3cret-t0ken</TokenId>\
         </v:GetFinalCitesCertificateRequest></e:Body></e:Envelope>"
    )
}

#[test]
fn a_refusal_speaks_the_language_of_the_caller() {
    let world = World::with(&[permit("N1", &[("A", "10")])]);
    let asked = |language: &str| {
        let header = format!("Accept-Language: {language}");
        world.ask(Who::Xb, "/epix/v2", &[XML, &header], final_of("N1").as_bytes())
    };

    let french = asked("fr-CH, en;q=0.5");
    let spanish = asked("es");
    let german = asked("de");

    assert_eq!(french.status, 500);
    assert!(french.body.contains("xml:lang=\"fr\">le permis n’est pas définitif"), "{}", french.body);
    assert!(french.headers.contains("content-language: fr"), "{}", french.headers);
    assert!(spanish.body.contains("<Message>el permiso no es definitivo"), "{}", spanish.body);
    assert!(german.body.contains("<Message>the permit is not final"), "{}", german.body);
}

#[test]
fn what_is_no_soap_message_is_refused_by_http() {
    let world = World::with(&[]);

    let json = world.ask(Who::Xb, "/epix/v2", &["Content-Type: application/json"], b"{}");
    let put = world.ask(Who::Xb, "/epix/v2", &["X-HTTP-Method-Override: PUT", XML, "Transfer-Encoding: chunked"], b"");

    assert_eq!(json.status, 415);
    assert!(json.body.contains("<Code>MediaTypeNotSupported</Code>"), "{}", json.body);
    assert_eq!(put.status, 500, "an override of the method is not believed: {put:?}");
}

#[test]
fn no_refusal_shows_a_token_a_path_or_a_name_of_the_program() {
    let world = World::with(&[permit("N1", &[("A", "10")])]);
    let folder = world.path("").display().to_string();

    for body in
        [final_of("N1"), final_of("N2"), final_of("N1").replace("v2/", "v9/"), final_of("").replace("Body", "Soul")]
    {
        for who in [Who::Xb, Who::Xc, Who::Unregistered] {
            let refusal = world.ask(who, "/epix/v2", &[XML], body.as_bytes());
            assert_eq!(refusal.status, 500);
            for secret in ["s3cret-t0ken", folder.as_str(), "::", "Error", "panicked", ".rs", "sqlite"] {
                assert!(!refusal.body.contains(secret), "{secret}: {}", refusal.body);
            }
        }
    }
}
