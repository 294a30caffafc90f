//! A call for another country: passed on to that Party, answered in its meaning, and never further than the register says.

use std::net::SocketAddr;
use std::sync::mpsc::{Receiver, channel};
use std::sync::{Arc, Mutex};

use epix_client::simulate::{Credentials, Script, Settings, Simulator};
use epix_core::id::{AuthorityId, Country};
use epix_core::receive::receive;
use epix_core::soap::{Answer, Call, CertificateKey};
use tempfile::TempDir;

use crate::world::{Who, World, confirm, key};

/// A Party XB that is simulated, and our server that passes calls on to it.
struct Hub {
    world: World,
    _xb: Simulator,
    _folder: TempDir,
    /// What XB says of each call that reached it.
    told: Mutex<Receiver<String>>,
}

const REGISTER: &str = r#"
authority = "XA"
[[party]]
id = "XC-MA"
name = "Management Authority of XC"
country = "XC"
roles = ["management-authority"]
certificates = [{ file = "pki/xc.pem" }]
[[party]]
id = "XA-CUSTOMS"
name = "Customs of XA"
country = "XA"
roles = ["customs"]
certificates = [{ file = "pki/customs.pem" }]
[[party]]
id = "XB-MA"
name = "Management Authority of XB"
country = "XB"
roles = ["management-authority"]
[party.endpoint]
url = "URL"
dialect = "v2"
ca = "PKI/ca.pem"
certificate = "PKI/caller.pem"
key = "PKI/caller.key"
retries = 0
callers = ["XC", "XA"]
"#;

impl Hub {
    fn with(script: &str) -> Hub {
        Hub::registered(script, |register| register)
    }

    fn registered(script: &str, change: impl FnOnce(String) -> String) -> Hub {
        let folder = tempfile::tempdir().unwrap();
        let free = SocketAddr::from(([127, 0, 0, 1], 0));
        let [country, importer] = ["XB", "XC"].map(|code| Country::parse(code).unwrap());
        let script = Script::parse(script, folder.path()).unwrap();
        let credentials = Credentials::Made(folder.path().to_owned());
        let (tell, told) = channel();
        let tell = Arc::new(move |sentence: &str| drop(tell.send(sentence.to_owned())));
        let settings = Settings { country, importer, script, credentials, listen: free, control: free, told: tell };
        let xb = Simulator::start(settings).unwrap();
        let mut world = World::stopped(&[]);
        let pki = folder.path().display().to_string();
        let register = change(REGISTER.replace("URL", &xb.endpoint()).replace("PKI", &pki));
        let file = world.path("hub.toml");
        std::fs::write(&file, register).unwrap();
        world.succeeds(&["parties", "apply", "--yes", &file.display().to_string()]);
        world.start();
        Hub { world, _xb: xb, _folder: folder, told: Mutex::new(told) }
    }

    async fn word(&self, who: Who, call: Call) -> String {
        self.world.word(who, call).await
    }
}

fn xb(number: &str) -> CertificateKey {
    CertificateKey { country: Country::parse("XB").ok(), ..key(number) }
}

fn state() -> Call {
    Call::ServiceState(Country::parse("XB").ok())
}

fn non_final(number: &str) -> Call {
    Call::GetNonFinal(xb(number))
}

fn confirm_at_xb(number: &str, quantities: &str) -> Call {
    let Call::ConfirmQuantities(_, positions) = confirm(number, quantities) else { panic!() };
    Call::ConfirmQuantities(xb(number), positions)
}

#[tokio::test]
async fn the_four_operations_are_passed_on_and_answered_in_their_meaning() {
    let hub = Hub::with("");

    assert_eq!(hub.word(Who::Xc, state()).await, "OK");
    assert_eq!(hub.word(Who::Xc, non_final("XB-SIM-1")).await, "permit");
    assert_eq!(hub.word(Who::Xc, Call::GetFinal(xb("XB-SIM-1"))).await, "NotFinal");
    assert_eq!(hub.word(Who::Xc, non_final("NOBODY")).await, "PermitNotFound");
    assert_eq!(hub.word(Who::Xc, non_final("XB-SIM-CANCELLED")).await, "PermitCancelled");
    assert_eq!(hub.word(Who::Xc, confirm_at_xb("XB-SIM-1", "A=99")).await, "QuantityExceeded");
    assert_eq!(hub.word(Who::Xc, confirm_at_xb("XB-SIM-1", "A=2.5")).await, "confirmed");
    let last = hub.world.call(Who::Xc, Call::GetFinal(xb("XB-SIM-1"))).await.unwrap();
    let endorsed = receive(&last.bytes).unwrap();
    assert_eq!(endorsed.permit().consignment.items[0].endorsed().unwrap().amount.to_string(), "2.5");
    let papers = hub.world.call(Who::Xc, non_final("XB-SIM-PAPERS")).await.unwrap();
    let Answer::Certificate(beside) = papers.answer else { panic!() };
    assert_eq!(beside.files[0].name, "annex.txt");
    assert_eq!(beside.files[0].content, b"An invented annex to an invented permit.\n");
}

#[tokio::test]
async fn what_a_fault_states_is_passed_on_with_it() {
    let hub = Hub::with("");

    let answered = hub.world.call(Who::Xc, confirm_at_xb("XB-SIM-1", "C=1")).await.unwrap();

    let Answer::Fault(fault) = answered.answer else { panic!() };
    assert_eq!(fault.code.as_deref(), Some("PositionUnknown"));
    assert_eq!(fault.particulars, [("Position".to_owned(), "C".to_owned())]);
    assert_ne!(fault.request_id.as_deref(), Some("simulated"), "the id is that of the call here");
}

#[tokio::test]
async fn a_third_party_can_neither_read_nor_use_up_a_permit_through_us() {
    let hub = Hub::with("");

    assert_eq!(hub.word(Who::Customs, non_final("XB-SIM-1")).await, "PermitNotFound", "it goes from XB to XC");
    assert_eq!(hub.word(Who::Customs, confirm_at_xb("XB-SIM-1", "A=1")).await, "PermitNotFound");
    assert_eq!(hub.word(Who::Xc, Call::GetFinal(xb("XB-SIM-1"))).await, "NotFinal", "nothing was used up");
    assert_eq!(hub.word(Who::Xc, non_final("XB-SIM-FINAL")).await, "permit");
}

#[tokio::test]
async fn nobody_asks_a_party_that_the_register_does_not_open_to_them() {
    let closed = Hub::registered("", |register| register.replace("callers = [\"XC\", \"XA\"]", ""));
    let away = Hub::registered("", |register| {
        register
            .replace("[party.endpoint]", "availability = { open = false, words = \"until Monday\" }\n[party.endpoint]")
    });
    let nowhere = Hub::registered("", |register| register[..register.find("[party.endpoint]").unwrap()].to_owned());
    let suspended =
        Hub::registered("", |register| register.replace("[party.endpoint]", "suspended = true\n[party.endpoint]"));

    assert_eq!(closed.word(Who::Xc, non_final("XB-SIM-1")).await, "AdapterNotAvailable");
    assert_eq!(away.word(Who::Xc, non_final("XB-SIM-1")).await, "CalleeNotFound");
    assert_eq!(nowhere.word(Who::Xc, non_final("XB-SIM-1")).await, "CalleeNotFound");
    assert_eq!(suspended.word(Who::Xc, non_final("XB-SIM-1")).await, "CalleeNotFound");
    assert_eq!(closed.word(Who::Unregistered, non_final("XB-SIM-1")).await, "CallerNotFound");
}

#[tokio::test]
async fn each_trouble_behind_us_is_a_typed_fault_that_says_what_failed() {
    let fault_with_200 = "do = { fault = { code = \"PermitLost\", status = 200 } }";
    let of_its_own = "do = { reply = { status = 500, body = '<e:Envelope xmlns:e=\"http://schemas.xmlsoap.org/soap/envelope/\"><e:Body><e:Fault><faultcode>e:Server</faultcode><faultstring>Errno::ECONNREFUSED /srv/app.rb</faultstring></e:Fault></e:Body></e:Envelope>' } }";
    for (rule, code, said) in [
        ("wait = 20.0", "UpstreamTimeout", "no whole answer in time"),
        ("do = \"close\"", "UpstreamUnreachable", "closed the connection"),
        ("do = { reply = { body = \"<p>hello\" } }", "UpstreamHttp", "no answer to the call"),
        ("do = { reply = {} }", "UpstreamHttp", "nothing inside"),
        ("do = { reply = { status = 503 } }", "UpstreamHttp", "503"),
        (fault_with_200, "PermitLost", "lost or stolen"),
        ("do = { fault = { code = \"CallerNotFound\" } }", "UpstreamHttp", "our certificate"),
        (of_its_own, "UpstreamHttp", "a fault of its own"),
        ("do = { serve = \"XB-SIM-2\" }", "UpstreamHttp", "another permit"),
        ("do = { attachments = \"broken\" }", "UpstreamHttp", "attachments"),
    ] {
        let hub = Hub::registered(&format!("[[rule]]\n{rule}"), |register| {
            register.replace("retries", "timeout = 1\nretries")
        });

        let answered = hub.world.call(Who::Xc, non_final("XB-SIM-PAPERS")).await.unwrap();

        let Answer::Fault(fault) = answered.answer else { panic!("{rule}") };
        let sentence = fault.message.unwrap();
        assert_eq!(fault.code.as_deref(), Some(code), "{rule}: {sentence}");
        assert!(sentence.contains(said), "{rule}: {sentence}");
        assert!(!sentence.contains("ECONN") && !sentence.contains("127.0.0.1"), "{rule}: {sentence}");
    }
}

#[tokio::test]
async fn a_certificate_that_is_not_trusted_is_told_for_what_it_is() {
    for (shown, said) in
        [("expired", "expired"), ("other-host", "another host"), ("unknown-authority", "another authority")]
    {
        let hub = Hub::with(&format!("certificate = \"{shown}\""));

        let answered = hub.world.call(Who::Xc, state()).await.unwrap();

        let Answer::Fault(fault) = answered.answer else { panic!("{shown}") };
        assert_eq!(fault.code.as_deref(), Some("UpstreamTls"));
        assert!(fault.message.as_deref().unwrap().contains(said), "{fault:?}");
    }
}

#[tokio::test]
async fn only_reads_are_sent_again() {
    let twice = "[[rule]]\ntimes = 2\ndo = \"close\"";
    let again = |register: String| register.replace("retries = 0", "retries = 2");
    let reads = Hub::registered(twice, again);
    let confirms = Hub::registered("[[rule]]\noperation = \"ConfirmQuantities\"\ntimes = 2\ndo = \"close\"", again);

    assert_eq!(reads.word(Who::Xc, non_final("XB-SIM-1")).await, "permit");
    assert_eq!(confirms.word(Who::Xc, confirm_at_xb("XB-SIM-1", "A=1")).await, "UpstreamUnreachable");
    assert_eq!(confirms.word(Who::Xc, confirm_at_xb("XB-SIM-1", "A=1")).await, "UpstreamUnreachable");
    assert_eq!(confirms.word(Who::Xc, confirm_at_xb("XB-SIM-1", "A=1")).await, "confirmed");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_call_that_was_passed_on_is_answered_before_the_server_stops() {
    let mut hub = Hub::with("[[rule]]\nwait = 1.5");
    let transport = hub.world.transport(Who::Xc).clone();
    let endpoint = hub.world.endpoint();

    let under_way = tokio::spawn(async move {
        let partner = epix_client::Partner::v2(&endpoint, None).unwrap();
        epix_client::call(&transport, &partner, state()).await
    });
    tokio::task::block_in_place(|| {
        hub.told.lock().unwrap().recv().unwrap();
        hub.world.stop();
    });

    let answered = under_way.await.unwrap().unwrap();
    assert!(matches!(answered.answer, Answer::State(word) if word == "OK"));
}

#[tokio::test]
async fn the_audit_says_where_a_call_went() {
    let mut hub = Hub::with("");
    assert_eq!(hub.word(Who::Xc, non_final("XB-SIM-1")).await, "permit");
    hub.world.stop();

    let store = hub.world.store().await;
    let authority = AuthorityId::parse("XA").unwrap();
    let lines = store.audit_lines(&authority, 0, 0, 1000).await.unwrap();
    let passed: Vec<_> =
        lines.iter().filter_map(|line| line.event().unwrap().detail.get("passed-on-to").cloned()).collect();
    assert_eq!(passed, ["XB-MA (XB)"]);
}
