//! Does a call over real TLS end the way it should, whatever the partner does?

#![allow(clippy::unwrap_used, reason = "test code outside of test functions")]

mod loopback;

use std::fs;
use std::time::Duration;

use epix_client::{
    CallError, CertificateFlaw, CredentialError, HttpTransport, Identity, Partner, Refusal, Timeouts, TransportError,
    WhoActs, call,
};
use epix_core::codes::Language;
use epix_core::soap::{Answer, Call, Dialect, Fault, FaultCode, answer, fault};
use loopback::{Files, Holder, Loopback, Play};
use openssl::ssl::SslVersion;

/// One authority for both sides, a partner for `localhost`, and us.
struct World {
    root: Holder,
    server: Holder,
    us: Holder,
}

impl World {
    fn new() -> World {
        let root = Holder::root("root");
        World { server: root.issues("partner", &["localhost"]), us: root.issues("us", &[]), root }
    }

    fn files(&self) -> Files {
        Files::write(&self.us, &self.root)
    }
}

fn identity(files: &Files) -> Identity<'_> {
    Identity { certificate: &files.cert, key: &files.key, authority: &files.ca }
}

async fn ask(url: &str, files: &Files, timeouts: Timeouts) -> Result<Answer, CallError> {
    let transport = HttpTransport::new(identity(files), timeouts).unwrap();
    let partner = Partner::v2(url, None).unwrap();
    call(&transport, &partner, Call::ServiceState(None)).await.map(|answered| answered.answer)
}

async fn played(play: Play) -> Result<Answer, CallError> {
    let world = World::new();
    let partner = Loopback::plays(play, &world.server, &world.root);
    ask(&partner.url(), &world.files(), Timeouts::default()).await
}

fn transport_error(result: Result<Answer, CallError>) -> TransportError {
    match result {
        Err(CallError::Transport(error)) => error,
        other => panic!("{other:?}"),
    }
}

#[tokio::test]
async fn a_call_carries_what_a_partner_looks_at() {
    let world = World::new();
    let partner =
        Loopback::plays(Play::soap("200 OK", &answer::write_state(Dialect::V2, "OK")), &world.server, &world.root);

    let answer = ask(&partner.url(), &world.files(), Timeouts::default()).await.unwrap();

    assert!(matches!(answer, Answer::State(word) if word == "OK"));
    let request = &partner.requests()[0];
    let head = request.to_ascii_lowercase();
    assert!(request.starts_with("POST /epix/v2 HTTP/1.1\r\n"), "{request}");
    assert!(head.contains("content-type: text/xml; charset=utf-8\r\n"), "{request}");
    assert!(head.contains("soapaction: \"urn:servicestate\"\r\n"), "{request}");
    assert!(head.contains("user-agent: epix/"), "{request}");
    assert!(request.contains("<v2:ServiceStateRequest"), "{request}");
}

#[tokio::test]
async fn a_partner_that_speaks_tls_1_2_only_is_called_too() {
    let world = World::new();
    let well = Play::soap("200 OK", &answer::write_state(Dialect::V2, "OK"));
    let partner = Loopback::with_versions(well, &world.server, &world.root, Some(SslVersion::TLS1_2));

    assert!(ask(&partner.url(), &world.files(), Timeouts::default()).await.is_ok());
}

#[tokio::test]
async fn a_fault_is_an_answer_with_500_and_with_200() {
    let message = fault::write(&Fault::of(FaultCode::CallerNotFound), Dialect::V2, Language::English, "r-1");

    for status in ["500 Internal Server Error", "200 OK"] {
        let Ok(Answer::Fault(fault)) = played(Play::soap(status, &message)).await else { panic!("{status}") };
        assert_eq!(fault.code.as_deref(), Some("CallerNotFound"));
    }
}

#[tokio::test]
async fn what_is_no_answer_is_an_error() {
    let junk = played(Play::http("200 OK", "text/html", "<p>hello")).await;
    let empty = played(Play::soap("200 OK", "")).await;
    let missing = played(Play::http("404 Not Found", "text/html", "<html>no</html>")).await;

    assert!(matches!(&junk, Err(CallError::Unreadable { content_type: Some(kind), .. }) if kind == "text/html"));
    assert!(matches!(empty, Err(CallError::Empty { status: 200 })));
    assert!(matches!(missing, Err(CallError::Status { status: 404, .. })));
}

#[tokio::test]
async fn a_redirect_is_named_and_not_followed() {
    let moved = b"HTTP/1.1 302 Found\r\nLocation: https://evil.example/\r\nContent-Length: 0\r\n\r\n".to_vec();

    let Err(CallError::Status { status: 302, location: Some(location), .. }) = played(Play::Bytes(moved)).await else {
        panic!()
    };
    assert_eq!(location, "https://evil.example/");
}

#[tokio::test]
async fn an_answer_past_the_limit_is_not_read() {
    let announced = b"HTTP/1.1 200 OK\r\nContent-Length: 900000000\r\n\r\n<".to_vec();

    for play in [Play::Flood(26 << 20), Play::Bytes(announced)] {
        let error = transport_error(played(play).await);
        assert!(matches!(error, TransportError::TooLarge { .. }), "{error:?}");
    }
}

#[tokio::test]
async fn a_silent_partner_is_waited_for_no_longer_than_told() {
    let world = World::new();
    let partner = Loopback::plays(Play::Silence, &world.server, &world.root);

    let timeouts = Timeouts::within(Duration::from_millis(300));
    let error = transport_error(ask(&partner.url(), &world.files(), timeouts).await);

    assert!(matches!(error, TransportError::AnswerTimeout { .. }), "{error:?}");
}

#[tokio::test]
async fn a_partner_that_hangs_up_is_no_success() {
    let error = transport_error(played(Play::Hangup).await);

    assert!(matches!(error, TransportError::Closed { .. }), "{error:?}");
}

#[tokio::test]
async fn a_certificate_for_another_host_is_not_trusted() {
    let world = World::new();
    let elsewhere = world.root.issues("elsewhere", &["elsewhere.example"]);
    let partner = Loopback::plays(Play::Hangup, &elsewhere, &world.root);

    let error = transport_error(ask(&partner.url(), &world.files(), Timeouts::default()).await);

    assert!(matches!(error, TransportError::PartnerCertificate { flaw: CertificateFlaw::OtherHost, .. }), "{error:?}");
    assert_eq!(error.who_acts(), WhoActs::Partner);
}

#[tokio::test]
async fn an_expired_certificate_is_not_trusted() {
    let world = World::new();
    let expired = world.root.issues_expired("partner", &["localhost"]);
    let partner = Loopback::plays(Play::Hangup, &expired, &world.root);

    let error = transport_error(ask(&partner.url(), &world.files(), Timeouts::default()).await);

    assert!(matches!(error, TransportError::PartnerCertificate { flaw: CertificateFlaw::Expired, .. }), "{error:?}");
}

#[tokio::test]
async fn only_the_given_authority_is_trusted() {
    let world = World::new();
    let partner = Loopback::plays(Play::Hangup, &world.server, &world.root);
    let files = Files::write(&world.us, &Holder::root("another"));

    let error = transport_error(ask(&partner.url(), &files, Timeouts::default()).await);

    assert!(
        matches!(error, TransportError::PartnerCertificate { flaw: CertificateFlaw::UnknownAuthority, .. }),
        "{error:?}"
    );
    assert_eq!(error.who_acts(), WhoActs::We);
}

#[tokio::test]
async fn a_partner_that_refuses_our_certificate_says_so() {
    let world = World::new();
    let stranger = Holder::root("stranger").issues("stranger", &[]);
    let files = Files::write(&stranger, &world.root);

    for newest in [SslVersion::TLS1_2, SslVersion::TLS1_3] {
        let partner = Loopback::with_versions(Play::Hangup, &world.server, &world.root, Some(newest));
        let error = transport_error(ask(&partner.url(), &files, Timeouts::default()).await);
        assert!(
            matches!(error, TransportError::OurCertificate { refusal: Refusal::UnknownAuthority, .. }),
            "{newest:?} {error:?}"
        );
    }
}

#[tokio::test]
async fn a_port_without_tls_and_a_port_without_anybody_are_told_apart() {
    let world = World::new();
    let plain = Loopback::without_tls();
    let nobody = {
        let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
        format!("https://127.0.0.1:{}/", listener.local_addr().unwrap().port())
    };

    let not_tls = transport_error(ask(&plain.url(), &world.files(), Timeouts::default()).await);
    let refused = transport_error(ask(&nobody, &world.files(), Timeouts::default()).await);

    assert!(matches!(not_tls, TransportError::NotTls { .. }), "{not_tls:?}");
    assert!(matches!(refused, TransportError::Refused { .. }), "{refused:?}");
}

#[tokio::test]
async fn a_host_that_nobody_knows_is_named() {
    let url = "https://no-such-host.invalid/epix/v2";

    let error = transport_error(ask(url, &World::new().files(), Timeouts::default()).await);

    assert!(
        matches!(&error, TransportError::UnknownHost { host, .. } if host.starts_with("no-such-host")),
        "{error:?}"
    );
}

#[test]
fn a_wrong_file_is_named_with_the_reason() {
    let world = World::new();
    let files = world.files();
    let refused = |identity: Identity<'_>| HttpTransport::new(identity, Timeouts::default()).unwrap_err();
    let missing = files.folder.path().join("missing.pem");
    let other_key = files.folder.path().join("other.key");
    fs::write(&other_key, world.server.key.private_key_to_pem_pkcs8().unwrap()).unwrap();
    let broken = files.folder.path().join("broken.pem");
    fs::write(&broken, "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n").unwrap();

    let right = identity(&files);
    assert!(
        matches!(refused(Identity { authority: &missing, ..right }), CredentialError::Unreadable { file, .. } if file == missing)
    );
    assert!(matches!(refused(Identity { certificate: &files.key, ..right }), CredentialError::NoCertificate { .. }));
    assert!(matches!(refused(Identity { authority: &broken, ..right }), CredentialError::BrokenCertificate { .. }));
    assert!(matches!(refused(Identity { key: &files.cert, ..right }), CredentialError::NoKey { .. }));
    assert!(matches!(refused(Identity { key: &other_key, ..right }), CredentialError::NoIdentity { .. }));
}
