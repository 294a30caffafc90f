//! Does every case fail against a partner that misbehaves in just that way, and none against one that behaves well?

#![allow(clippy::unwrap_used, reason = "test code outside of test functions")]

use std::collections::{BTreeMap, BTreeSet};
use std::net::SocketAddr;
use std::path::Path;
use std::sync::Arc;

use epix_client::conformance::{CASES, Callers, Case, Input, Inputs, Outcome, cases, run};
use epix_client::simulate::{Credentials, Script, Settings, Simulator};
use epix_client::{Endpoint, HttpTransport, Identity, Timeouts};
use epix_core::id::{Country, PermitNumber, Token};
use epix_core::soap::Dialect;
use tempfile::TempDir;

struct World {
    _folder: TempDir,
    _partner: Simulator,
    inputs: Inputs,
}

fn transport(folder: &Path, name: &str) -> HttpTransport {
    let file = |name: String| folder.join(name);
    let (certificate, key) = (file(format!("{name}.pem")), file(format!("{name}.key")));
    let authority = file("ca.pem".to_owned());
    let identity = Identity { certificate: &certificate, key: &key, authority: &authority };
    HttpTransport::new(identity, Timeouts::default()).unwrap()
}

/// A partner with a script, and everything that any case asks for.
fn world(script: &str) -> World {
    let folder = tempfile::tempdir().unwrap();
    let country = |code: &str| Country::parse(code).unwrap();
    let free = SocketAddr::from(([127, 0, 0, 1], 0));
    let partner = Simulator::start(Settings {
        country: country("XB"),
        importer: country("XA"),
        script: Script::parse(script, folder.path()).unwrap(),
        credentials: Credentials::Made(folder.path().to_owned()),
        listen: free,
        control: free,
        told: Arc::new(|_| ()),
    })
    .unwrap();
    let number = |text: &str| PermitNumber::parse(text).unwrap();
    let numbers = BTreeMap::from([
        (Input::Number, number("XB-SIM-1")),
        (Input::TokenNumber, number("XB-SIM-TOKEN")),
        (Input::Cancelled, number("XB-SIM-CANCELLED")),
        (Input::Confirm, number("XB-SIM-2")),
        (Input::Papers, number("XB-SIM-PAPERS")),
        (Input::RelayNumber, number("XB-SIM-1")),
    ]);
    let behind = [Input::RelayCountry, Input::SlowCountry, Input::FaultCountry, Input::JunkCountry];
    let inputs = Inputs {
        endpoint: Endpoint::parse(&partner.endpoint()).unwrap(),
        dialect: Dialect::V2,
        country: country("XB"),
        numbers,
        // It knows nobody behind itself: what is its own is asked for there.
        countries: behind.into_iter().map(|input| (input, country("XB"))).collect(),
        token: Token::parse("simulated-token"),
        callers: Callers {
            own: transport(folder.path(), "caller"),
            new: Some(transport(folder.path(), "other")),
            other: Some(transport(folder.path(), "other")),
            unregistered: Some(transport(folder.path(), "other")),
        },
    };
    World { _folder: folder, _partner: partner, inputs }
}

fn case(id: &str) -> Case {
    cases(CASES).unwrap().into_iter().find(|case| case.id == id).unwrap_or_else(|| panic!("there is no case {id}"))
}

/// For each case the rule of a script that misbehaves in just that way. An empty rule is a partner that lacks what the case asks
/// for: the simulated one knows no register of callers and nobody behind itself.
const MISBEHAVIOURS: &[(&str, &str)] = &[
    ("E1.1", "do = { reply = { body = \"<p>hello\" } }"),
    ("E1.2", "do = { reply = {} }"),
    ("E2.1", "do = { dialect = \"v1\" }"),
    ("E3.1", "do = { reply = { status = 500 } }"),
    ("E4.1", "do = { fault = { code = \"PermitNotFound\" } }"),
    ("E4.2", "outcome = \"PermitNotFound\"\ndo = { serve = \"XB-SIM-TOKEN\" }"),
    ("E4.3", "outcome = \"PermitNotFound\"\ndo = { serve = \"XB-SIM-TOKEN\" }"),
    ("E4.4", "number = \"XB-SIM-TOKEN\"\ndo = { fault = { code = \"AdapterNotAvailable\" } }"),
    ("E5.1", "outcome = \"PermitNotFound\"\ndo = { reply = {} }"),
    ("E5.2", "outcome = \"CalleeNotFound\"\ndo = { serve = \"XB-SIM-1\" }"),
    ("E5.3", "outcome = \"NotFinal\"\ndo = { serve = \"XB-SIM-1\" }"),
    ("E5.4", "outcome = \"PermitCancelled\"\ndo = { serve = \"XB-SIM-CANCELLED\" }"),
    ("E5.5", "outcome = \"OperationMismatch\"\ndo = { state = \"OK\" }"),
    ("E5.6", "outcome = \"InvalidRequest\"\ndo = { state = \"OK\" }"),
    ("E5.7", "outcome = \"InvalidRequest\"\ndo = { fault = { code = \"InvalidRequest\", status = 200 } }"),
    ("E5.8", "outcome = \"InvalidRequest\"\ndo = { state = \"OK\" }"),
    ("E5.9", "outcome = \"MustUnderstand\"\ndo = { state = \"OK\" }"),
    ("E6.1", "outcome = \"NothingToConfirm\"\ndo = \"confirm\""),
    ("E6.2", "outcome = \"QuantityExceeded\"\ndo = \"confirm\""),
    ("E6.3", "outcome = \"PositionUnknown\"\ndo = \"confirm\""),
    ("E6.4", "outcome = \"PositionIdInvalid\"\ndo = \"confirm\""),
    ("E6.5", "outcome = \"AlreadyConfirmed\"\ndo = \"confirm\""),
    ("E7.1", "operation = \"GetFinalCitesCertificate\"\ndo = { serve = \"XB-SIM-2\" }"),
    ("E7.2", "operation = \"GetNonFinalCitesCertificate\"\ndo = { serve = \"XB-SIM-1\" }"),
    ("E8.1", "do = { attachments = \"evil-name\" }"),
    ("E8.2", "do = { attachments = \"inline\" }"),
    ("E9.1", "do = { fault = { code = \"CalleeNotFound\" } }"),
    ("E9.2", ""),
    ("E9.3", "do = { fault = { code = \"Internal\", status = 200 } }"),
    ("E9.4", "do = { reply = { body = \"<p>hello\" } }"),
    ("E10.1", "caller = \"OTHER\"\ndo = { fault = { code = \"CallerNotFound\" } }"),
    ("E10.2", ""),
    ("E10.3", ""),
    ("E10.4", ""),
];

/// The fingerprint of the second caller of a world.
fn fingerprint(folder: &Path) -> String {
    let pem = std::fs::read(folder.join("other.pem")).unwrap();
    let der = openssl::x509::X509::from_pem(&pem).unwrap().to_der().unwrap();
    epix_core::id::Sha256Digest::of(&der).to_string()
}

#[test]
fn every_case_has_its_misbehaviour() {
    let all = cases(CASES).unwrap();
    let ids: BTreeSet<&str> = all.iter().map(|case| case.id.as_str()).collect();
    let covered: BTreeSet<&str> = MISBEHAVIOURS.iter().map(|(id, _)| *id).collect();

    assert_eq!(ids, covered);
}

#[tokio::test]
async fn each_case_fails_where_a_partner_misbehaves_in_just_that_way() {
    for (id, rule) in MISBEHAVIOURS {
        let script = if rule.is_empty() { String::new() } else { format!("[[rule]]\n{rule}") };
        let world = match rule.contains("OTHER") {
            false => world(&script),
            true => refusing_the_second_caller(),
        };

        let result = run(&case(id), &world.inputs).await;

        assert!(matches!(result.outcome, Outcome::Failed(_)), "{id}: {:?}", result.outcome);
        assert!(!result.steps.is_empty(), "{id}: it says what was sent");
    }
}

/// Certificates are made when a partner starts, so it is told of them by an order.
fn refusing_the_second_caller() -> World {
    use std::io::{Read as _, Write as _};
    let world = world("");
    let rule = format!(
        "[[rule]]\ncaller = \"{}\"\ndo = {{ fault = {{ code = \"CallerNotFound\" }} }}",
        fingerprint(world._folder.path())
    );
    let mut stream = std::net::TcpStream::connect(world._partner.control).unwrap();
    write!(stream, "POST /rules HTTP/1.1\r\nContent-Length: {}\r\n\r\n{rule}", rule.len()).unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).unwrap();
    assert!(answer.starts_with("HTTP/1.1 204"), "{answer}");
    world
}

#[tokio::test]
async fn a_partner_that_behaves_well_passes_what_it_can_be_asked() {
    let world = world("");
    // What the simulated partner lacks: a register of callers, and Parties behind it.
    let lacks = ["E9.2", "E9.3", "E9.4", "E10.2", "E10.3", "E10.4"];
    for case in cases(CASES).unwrap().iter().filter(|case| !lacks.contains(&case.id.as_str())) {
        let result = run(case, &world.inputs).await;

        assert_eq!(result.outcome, Outcome::Passed, "{}: {:?}", case.id, result.steps);
    }
}

#[tokio::test]
async fn a_case_without_its_inputs_is_skipped_and_says_which_they_are() {
    let mut world = world("");
    world.inputs.numbers.clear();
    world.inputs.token = None;

    let result = run(&case("E4.1"), &world.inputs).await;

    assert_eq!(result.outcome, Outcome::Skipped("needs --token-file, --token-number".to_owned()));
    assert!(result.steps.is_empty());
}

#[tokio::test]
async fn a_token_is_not_told() {
    let world = world("");

    let result = run(&case("E4.1"), &world.inputs).await;

    assert!(!format!("{result:?}").contains("simulated-token"), "{result:?}");
    assert!(result.steps[0].sent.contains("<TokenId>***</TokenId>"));
}
