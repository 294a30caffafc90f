//! Does a simulated partner do what its script says, over real TLS, and tell nobody what it did?

#![allow(clippy::unwrap_used, reason = "test code outside of test functions")]

use std::io::{Read as _, Write as _};
use std::net::{SocketAddr, TcpStream};
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use epix_client::simulate::{Credentials, Script, Settings, SimulateError, Simulator};
use epix_client::{CallError, CertificateFlaw, HttpTransport, Identity, Partner, Timeouts, TransportError, call};
use epix_core::id::{Amount, Country, PermitNumber, PositionId, Token};
use epix_core::receive::receive;
use epix_core::soap::{Answer, Call, CertificateKey};
use tempfile::TempDir;

struct World {
    folder: TempDir,
    partner: Simulator,
}

fn start(script: &str, folder: &Path) -> Result<Simulator, SimulateError> {
    let free = SocketAddr::from(([127, 0, 0, 1], 0));
    Simulator::start(Settings {
        country: Country::parse("XB").unwrap(),
        importer: Country::parse("XA").unwrap(),
        script: Script::parse(script, folder).unwrap(),
        credentials: Credentials::Made(folder.to_owned()),
        listen: free,
        control: free,
        told: Arc::new(|_| ()),
    })
}

impl World {
    fn plays(script: &str) -> World {
        let folder = tempfile::tempdir().unwrap();
        let partner = start(script, folder.path()).unwrap();
        World { folder, partner }
    }

    async fn call_within(&self, question: Call, limit: Duration) -> Result<(Answer, Vec<u8>), CallError> {
        let [certificate, key, authority] =
            ["caller.pem", "caller.key", "ca.pem"].map(|name| self.folder.path().join(name));
        let identity = Identity { certificate: &certificate, key: &key, authority: &authority };
        let transport = HttpTransport::new(identity, Timeouts::within(limit)).unwrap();
        let partner = Partner::v2(&self.partner.endpoint(), None).unwrap();
        let answered = call(&transport, &partner, question).await?;
        Ok((answered.answer, answered.bytes))
    }

    async fn call(&self, question: Call) -> Result<Answer, CallError> {
        self.call_within(question, Duration::from_secs(30)).await.map(|(answer, _)| answer)
    }

    async fn word(&self, question: Call) -> String {
        match self.call(question).await.unwrap() {
            Answer::Certificate(beside) => format!("permit with {}", beside.files.len()),
            Answer::Confirmed(word) => format!("confirmed {word:?}"),
            Answer::State(word) => word,
            Answer::Fault(fault) => fault.code.unwrap(),
        }
    }

    /// Gives an order, and says what came back.
    fn order(&self, method: &str, path: &str, body: &str) -> (u16, String) {
        let mut stream = TcpStream::connect(self.partner.control).unwrap();
        write!(stream, "{method} {path} HTTP/1.1\r\nContent-Length: {}\r\n\r\n{body}", body.len()).unwrap();
        let mut answer = String::new();
        stream.read_to_string(&mut answer).unwrap();
        let (head, body) = answer.split_once("\r\n\r\n").unwrap();
        (head[9..12].parse().unwrap(), body.to_owned())
    }
}

fn key(number: &str) -> CertificateKey {
    CertificateKey { number: PermitNumber::parse(number).unwrap(), token: None, country: None }
}

fn non_final(number: &str) -> Call {
    Call::GetNonFinal(key(number))
}

fn confirm(a: &str) -> Call {
    let position = (PositionId::parse("A").unwrap(), Amount::parse(a).unwrap());
    Call::ConfirmQuantities(key("XB-SIM-1"), vec![position])
}

#[tokio::test]
async fn without_a_script_it_behaves_well() {
    let world = World::plays("");
    let with_token = CertificateKey { token: Token::parse("simulated-token"), ..key("XB-SIM-TOKEN") };

    assert_eq!(world.word(Call::ServiceState(None)).await, "OK");
    assert_eq!(world.word(non_final("XB-SIM-PAPERS")).await, "permit with 1");
    assert_eq!(world.word(non_final("XB-SIM-TOKEN")).await, "PermitNotFound");
    assert_eq!(world.word(Call::GetNonFinal(with_token)).await, "permit with 0");
    assert_eq!(world.word(Call::GetFinal(key("XB-SIM-1"))).await, "NotFinal");
    assert_eq!(world.word(confirm("4.5")).await, "confirmed Some(true)");
    let (_, last) = world.call_within(Call::GetFinal(key("XB-SIM-1")), Duration::from_secs(30)).await.unwrap();
    assert_eq!(receive(&last).unwrap().permit().consignment.items[0].endorsed().unwrap().amount.to_string(), "4.5");
}

#[tokio::test]
async fn each_deed_is_what_a_caller_meets() {
    let world = World::plays("");
    let state = || Call::ServiceState(None);
    let plays = |rule: &str| assert_eq!(world.order("PUT", "/script", &format!("[[rule]]\n{rule}")).0, 204, "{rule}");

    plays("do = { fault = { code = \"Internal\", status = 200 } }");
    assert_eq!(world.word(state()).await, "Internal");
    plays("do = { reply = { body = \"<p>hello\", content_type = \"text/html\" } }");
    assert!(matches!(world.call(state()).await, Err(CallError::Unreadable { .. })));
    plays("do = { reply = {} }");
    assert!(matches!(world.call(state()).await, Err(CallError::Empty { status: 200 })));
    plays("do = \"close\"");
    assert!(matches!(world.call(state()).await, Err(CallError::Transport(TransportError::Closed { .. }))));
    plays("do = \"close-midway\"");
    assert!(matches!(world.call(state()).await, Err(CallError::Transport(_))));
    plays("wait = 20.0");
    let slow = world.call_within(state(), Duration::from_millis(300)).await;
    assert!(matches!(slow, Err(CallError::Transport(TransportError::AnswerTimeout { .. }))));
    plays("do = { state = \"DOWN\" }");
    assert_eq!(world.word(state()).await, "DOWN");
    plays("outcome = \"QuantityExceeded\"\ndo = \"confirm\"");
    assert_eq!(world.word(confirm("99")).await, "confirmed Some(true)");
    plays("outcome = \"PermitNotFound\"\ndo = { serve = \"XB-SIM-1\" }");
    assert_eq!(world.word(non_final("NOBODY")).await, "permit with 0");
    plays("do = { attachments = \"none\" }");
    assert_eq!(world.word(non_final("XB-SIM-PAPERS")).await, "permit with 0");
}

#[tokio::test]
async fn a_wrong_certificate_is_noticed_for_what_it_is() {
    for (shown, expected) in [
        ("other-host", CertificateFlaw::OtherHost),
        ("expired", CertificateFlaw::Expired),
        ("unknown-authority", CertificateFlaw::UnknownAuthority),
    ] {
        let world = World::plays(&format!("certificate = \"{shown}\""));

        let error = world.call(Call::ServiceState(None)).await.unwrap_err();

        let CallError::Transport(TransportError::PartnerCertificate { flaw, .. }) = error else { panic!("{error}") };
        assert_eq!(flaw, expected);
    }
}

#[tokio::test]
async fn orders_change_what_it_does_and_never_say_what_it_did() {
    let world = World::plays("[[rule]]\ntimes = 1\ndo = { state = \"DOWN\" }");
    let state = || Call::ServiceState(None);

    assert_eq!(world.word(state()).await, "DOWN");
    assert_eq!(world.word(state()).await, "OK", "the rule held once");
    assert_eq!(world.order("POST", "/rules", "[[rule]]\ndo = { state = \"MAINTENANCE\" }"), (204, String::new()));
    assert_eq!(world.word(state()).await, "MAINTENANCE");
    assert_eq!(world.order("DELETE", "/rules", ""), (204, String::new()));
    assert_eq!(world.word(state()).await, "OK");
    assert_eq!(world.word(confirm("1")).await, "confirmed Some(true)");
    assert_eq!(world.order("POST", "/reset", ""), (204, String::new()));
    assert_eq!(world.word(state()).await, "DOWN", "as at the start");
    assert_eq!(world.word(Call::GetFinal(key("XB-SIM-1"))).await, "NotFinal", "as at the start");

    let (status, why) = world.order("PUT", "/script", "[[rule]]\ndo = \"dance\"");
    assert!(status == 400 && why.contains("dance"), "{why}");
    for path in ["/script", "/rules", "/reset", "/", "/permits"] {
        let (status, body) = world.order("GET", path, "");
        assert!(status >= 400 && !body.contains("XB-SIM") && !body.contains("DOWN"), "{path}: {body}");
    }
}

#[test]
fn a_partner_that_would_take_orders_from_the_network_does_not_start() {
    let folder = tempfile::tempdir().unwrap();
    let [xb, xa] = ["XB", "XA"].map(|code| Country::parse(code).unwrap());

    let started = Simulator::start(Settings {
        country: xb,
        importer: xa,
        script: Script::default(),
        credentials: Credentials::Made(folder.path().to_owned()),
        listen: SocketAddr::from(([127, 0, 0, 1], 0)),
        control: SocketAddr::from(([0, 0, 0, 0], 0)),
        told: Arc::new(|_| ()),
    });

    assert!(matches!(started, Err(SimulateError::NotLoopback { .. })));
}
