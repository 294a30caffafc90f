//! Two real servers over mutual TLS: a system of XA asks the authority of XB by REST of its own gateway.

use std::net::TcpListener;

use epix_client::{Endpoint, Partner, call_under};
use epix_core::id::{CallId, Country};
use epix_core::soap::{Call, CertificateKey, Dialect};
use serde_json::Value;

use crate::permits::{multi_use, permit};
use crate::relay_pair::apply;
use crate::rest_desk::Desk;
use crate::signatures;
use crate::world::{Who, World, confirm, key, word};

/// The far end: authority XB, where the certificate of `Who::Customs` is that of XA, and `Who::Xc` the customs of XB.
pub(crate) const FAR: &str = r#"
authority = "XB"
[[party]]
id = "XA-MA"
name = "Management Authority of XA"
country = "XA"
roles = ["management-authority"]
certificates = [{ file = "pki/customs.pem" }]
[[party]]
id = "XB-CUSTOMS"
name = "Customs of XB"
country = "XB"
roles = ["customs"]
certificates = [{ file = "pki/xc.pem" }]
"#;

/// The near end: XB-MA is the far end; XC-MA and XD-MA are in trouble, XE-MA only calls, XF-MA is suspended.
const NEAR: &str = r#"
authority = "XA"
[[party]]
id = "XE-MA"
name = "Management Authority of XE"
country = "XE"
roles = ["management-authority"]
certificates = [{ file = "pki/xb.pem" }]
"#;

pub(crate) const PARTNER: &str = r#"
[[party]]
id = "ID-MA"
name = "Management Authority of ID"
country = "ID"
roles = ["management-authority"]
suspended = SUSPENDED
[party.endpoint]
url = "https://ADDRESS/epix"
dialect = "v2"
timeout = TIMEOUT
retries = 0
ca = "FAR/tls/clients-ca.pem"
certificate = "FAR/pki/customs.pem"
key = "FAR/pki/customs.key"
"#;

struct Pair {
    desk: Desk,
    far: World,
    /// Takes connections, and says nothing.
    silent: TcpListener,
}

/// A document of ours as one that XB issued for XA.
pub(crate) fn theirs(document: &str) -> String {
    document.replace("XB<", "??<").replace("XA<", "XB<").replace("??<", "XA<")
}

fn ten(number: &str) -> String {
    theirs(&permit(number, &[("A", "10")]))
}

impl Pair {
    fn with(permits: &[String]) -> Pair {
        Pair::signing(permits, None, None)
    }

    /// The key of the far end, and what the near end requires.
    fn signing(permits: &[String], far_key: Option<&str>, required: Option<&str>) -> Pair {
        let mut far = World::of("XB", &[]);
        if let Some(key) = far_key {
            signatures::configure(&far, &signatures::signing(key));
        }
        for (index, document) in permits.iter().enumerate() {
            let file = far.path(&format!("{index}.xml"));
            std::fs::write(&file, document).unwrap();
            far.succeeds(&["import", &file.display().to_string()]);
        }
        apply(&far, FAR);
        far.start();
        let silent = TcpListener::bind("127.0.0.1:0").unwrap();
        let nobody = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().to_string();
        let deaf = silent.local_addr().unwrap().to_string();
        let partner = |id: &str, address: &str, timeout: &str, is_suspended: &str| {
            let entry = PARTNER.replace("ID", id).replace("ADDRESS", address).replace("TIMEOUT", timeout);
            entry.replace("FAR", far.path("").to_str().unwrap()).replace("SUSPENDED", is_suspended)
        };
        let register = [
            NEAR.to_owned(),
            partner("XB", far.exchange(), "30", "false"),
            partner("XC", &nobody, "30", "false"),
            partner("XD", &deaf, "1", "false"),
            partner("XF", far.exchange(), "30", "true"),
        ];
        let desk = Desk::prepared(|near| {
            apply(near, &register.concat());
            if let Some(required) = required {
                signatures::configure(near, &signatures::trusting(required));
            }
        });
        Pair { desk, far, silent }
    }

    /// Customs of XB certify at the far end.
    async fn left(&self, number: &str, quantities: &str, call_id: Option<&str>) -> String {
        let Call::ConfirmQuantities(_, positions) = confirm(number, quantities) else { panic!() };
        let key = CertificateKey { country: Country::parse("XB").ok(), ..key(number) };
        let endpoint = Endpoint::parse(&format!("https://{}/epix", self.far.exchange())).unwrap();
        let (partner, id) = (Partner::new(endpoint, Dialect::V2), call_id.map(|id| CallId::parse(id).unwrap()));
        let call = Call::ConfirmQuantities(key, positions);
        word(&call_under(self.far.transport(Who::Xc), &partner, call, id.as_ref()).await.unwrap().answer)
    }

    fn arrived(&self, number: &str, quantity: &str, headers: &[&str]) -> crate::rest_desk::Answer {
        let body = format!(r#"{{"positions": {{"A": "{quantity}"}}}}"#);
        self.desk.post(&format!("/partners/XB-MA/permits/{number}/confirmations"), &body, headers)
    }

    /// The last line of the audit of an operation.
    fn line(&self, operation: &str) -> Value {
        let audit = self.desk.call("/audit", &[]).json();
        let mut lines = audit["lines"].as_array().unwrap().iter();
        lines.rfind(|line| line["event"]["operation"] == operation).unwrap()["event"].clone()
    }
}

#[test]
fn a_permit_is_fetched_from_a_partner_in_the_form_that_is_asked_for() {
    let pair = Pair::with(&[ten("N1")]);

    let state = pair.desk.call("/partners/XB-MA/state", &[]);
    let kept = pair.desk.call("/partners/XB-MA/permits/n1", &[]);
    let json = pair.desk.call("/partners/XB-MA/permits/N1", &["-H", "Accept: application/json"]);
    let older = pair.desk.call("/partners/XB-MA/permits/N1?form=v1", &[]);

    assert_eq!((state.status, &state.json()["state"]), (200, &"OK".into()), "{}", state.text());
    assert_eq!((kept.status, kept.header("content-type")), (200, Some("application/xml")), "{}", kept.text());
    assert!(ten("N1").ends_with(&format!("{}\n", kept.text())), "all but the declaration and the last line end");
    assert_eq!((kept.header("epix-accepted"), kept.header("epix-signature")), (Some("true"), Some("none")));
    assert_eq!(json.json()["permit"]["document"]["number"]["value"], "N1");
    assert!(older.text().contains("CBFShip"), "{}", older.text());
    let tag = format!("If-None-Match: {}", kept.header("etag").unwrap());
    assert_eq!(pair.desk.call("/partners/XB-MA/permits/N1", &["-H", &tag]).status, 304);
    let line = pair.line("ask-GetNonFinalCitesCertificate");
    assert_eq!((&line["outcome"], &line["detail"]["asked"]), (&"ok".into(), &"XB-MA (XB)".into()), "{line}");
    assert!(line["actor"]["name"].as_str().unwrap().ends_with("(the registry)"), "{line}");
    assert_eq!(pair.line("ask-ServiceState")["detail"]["answer"], "OK");
    let parties = pair.desk.call("/parties", &[]).json();
    assert_eq!((&parties["parties"][0]["id"], &parties["parties"][0]["hasEndpoint"]), (&"XB-MA".into(), &true.into()));
}

#[test]
fn what_a_partner_says_no_to_is_told_in_its_words() {
    let pair = Pair::with(&[ten("N1")]);
    let fault = |path: &str| {
        let refused = pair.desk.call(&format!("/partners/XB-MA/permits/{path}"), &[]);
        let told = refused.json();
        assert_eq!(refused.header("content-type"), Some("application/problem+json"), "{told}");
        let words = told["partnerFault"]["words"].as_str().unwrap();
        assert!(!words.is_empty(), "{told}");
        (refused.refusal(), told["partnerFault"]["code"].as_str().unwrap().to_owned())
    };
    let refused = |status, code: &str| ((status, "upstream-fault".to_owned()), code.to_owned());

    assert_eq!(fault("N9"), refused(404, "PermitNotFound"));
    assert_eq!(fault("N1?document=final"), refused(409, "NotFinal"));
    assert_eq!(pair.line("ask-GetFinalCitesCertificate")["outcome"], "upstream-fault");
    assert_eq!(pair.arrived("N1", "5", &[]).json()["partnerFault"]["code"], "NotExported");
}

#[test]
fn what_stands_between_us_and_a_partner_is_told_apart() {
    let pair = Pair::with(&[]);
    let state = |party: &str| pair.desk.call(&format!("/partners/{party}/state"), &[]);

    let (closed, silent) = (state("XC-MA"), state("XD-MA"));

    assert_eq!(closed.refusal(), (502, "upstream-unreachable".to_owned()), "{}", closed.text());
    assert_eq!(closed.json()["detail"], "nothing listens there");
    assert_eq!(silent.refusal(), (504, "upstream-timeout".to_owned()), "{}", silent.text());
    assert_eq!(state("XE-MA").refusal(), (409, "no-endpoint".to_owned()));
    assert_eq!(state("XF-MA").refusal(), (409, "party-suspended".to_owned()));
    assert_eq!(state("XZ-MA").refusal(), (404, "party-unknown".to_owned()));
    let line = pair.line("ask-ServiceState");
    assert_eq!((&line["outcome"], &line["detail"]["asked"]), (&"party-unknown".into(), &"XZ-MA".into()));
    let reader = pair.desk.world.succeeds(&["keys", "add", "a reader", "--scope", "permits:read"]);
    let key = format!("Authorization: Bearer {}", reader.trim());
    let url = format!("http://{}/rest/v1/partners/XB-MA/state", pair.desk.world.rest());
    let without = pair.desk.raw(&url, &["-H", &key]);
    assert_eq!((without.refusal(), &without.json()["scope"]), ((403, "no-right".to_owned()), &"exchange".into()));
    drop(pair.silent);
}

#[tokio::test]
async fn what_arrived_is_told_to_the_partner_once() {
    let pair = Pair::with(&[ten("N1")]);
    assert_eq!(pair.left("N1", "A=8", None).await, "confirmed");

    let too_much = pair.arrived("N1", "8.5", &[]);
    let first = pair.arrived("N1", "7.5", &["Idempotency-Key: k-1"]);
    let again = pair.arrived("N1", "7.5", &["Idempotency-Key: k-1"]);
    let other = pair.arrived("N1", "7", &[]);

    assert_eq!(too_much.refusal(), (422, "upstream-fault".to_owned()));
    assert_eq!(too_much.json()["facts"]["Allowed"], "8", "{}", too_much.text());
    assert_eq!((first.status, &first.json()["confirmed"]), (200, &true.into()), "{}", first.text());
    assert_eq!((again.header("idempotent-replayed"), &again.body), (Some("true"), &first.body));
    assert_eq!(other.json()["partnerFault"]["code"], "AlreadyConfirmed");
    assert!(pair.far.succeeds(&["history", "N1"]).contains("7.5"));
    let audit = pair.desk.call("/audit", &[]).json();
    let lines = audit["lines"].as_array().unwrap().iter().map(|line| &line["event"]);
    let asked = lines.filter(|event| event["operation"] == "ask-ConfirmQuantities");
    let outcomes: Vec<_> = asked.map(|event| event["outcome"].as_str().unwrap()).collect();
    let expected = ["leaving", "upstream-fault", "leaving", "ok", "leaving", "upstream-fault"];
    assert_eq!(outcomes, expected, "a line before each that leaves, and none for what is answered again");
}

#[tokio::test]
async fn a_part_travels_under_its_idempotency_key() {
    let pair = Pair::with(&[theirs(&multi_use("N1"))]);
    assert_eq!(pair.left("N1", "A=4", Some("c1")).await, "confirmed");

    let without = pair.arrived("N1", "3", &[]);
    let first = pair.arrived("N1", "3", &["Idempotency-Key: i-1"]);
    let second = pair.arrived("N1", "1", &["Idempotency-Key: i-2"]);

    assert_eq!(without.refusal(), (400, "upstream-fault".to_owned()), "{}", without.text());
    assert_eq!((first.status, second.status), (200, 200), "{}", second.text());
    assert_eq!(pair.arrived("N1", "1", &["Idempotency-Key: i-3"]).status, 422);
}

#[test]
fn confirmations_whose_answer_was_lost_may_have_been_taken() {
    let pair = Pair::with(&[]);
    let tell = |party: &str| {
        let path = format!("/partners/{party}/permits/N1/confirmations");
        pair.desk.post(&path, r#"{"positions": {"A": "1"}}"#, &[]).json()
    };

    assert_eq!(tell("XD-MA")["mayBeDone"], true);
    assert_eq!(tell("XC-MA")["mayBeDone"], Value::Null);
}

#[test]
fn the_report_tells_all_that_came_and_the_verdict_on_its_signature() {
    for (key, verdict, status) in
        [(Some("xb-rsa"), "trusted", 200), (Some("xa-rsa"), "refused", 502), (None, "refused", 502)]
    {
        let pair = Pair::signing(&[ten("N1")], key, Some("required"));

        let report = pair.desk.call("/partners/XB-MA/permits/N1/report", &[]);
        let fetched = pair.desk.call("/partners/XB-MA/permits/N1", &[]);

        let told = report.json();
        assert_eq!((report.status, &told["signature"]["verdict"]), (200, &verdict.into()), "{told}");
        assert_eq!(told["accepted"], verdict == "trusted", "{told}");
        assert!(told["document"]["content"].as_str().unwrap().contains(">N1<"));
        assert_eq!(told["attachments"].as_array().unwrap().len(), usize::from(key.is_some()));
        assert_eq!(fetched.status, status, "{}", fetched.text());
        assert_eq!(fetched.header("epix-signature"), (status == 200).then_some("trusted"));
    }
}
