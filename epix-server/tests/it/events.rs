//! What partners are told of permits: taken by a call, or brought to them.

use std::time::{Duration, Instant};

use openssl::x509::X509;
use serde_json::Value;

use crate::loopback::{Holder, Loopback, Play};
use crate::permits::{permit, permit_to};
use crate::world::{Who, World, confirm};

fn events(world: &World, who: Who, query: &str) -> Value {
    let raw = world.get(who, &format!("/epix/events{query}"));
    assert_eq!(raw.status, 200, "{}", raw.body);
    serde_json::from_str(&raw.body).unwrap()
}

/// Permit and event of each, in order.
pub(crate) fn told(page: &Value) -> Vec<String> {
    let of = |event: &Value| format!("{} {}", event["permit"].as_str().unwrap(), event["event"].as_str().unwrap());
    page["events"].as_array().unwrap().iter().map(of).collect()
}

#[tokio::test]
async fn a_partner_takes_the_events_of_its_own_permits_from_a_cursor() {
    let numbers = ["N1", "N2", "N3", "N4"];
    let mut permits: Vec<String> = numbers.iter().map(|number| permit(number, &[("A", "10")])).collect();
    permits.push(permit_to("XC", "C1", &[("A", "10")]));
    let world = World::with(&permits);
    world.succeeds(&["cancel", "N1", "--reason", "the applicant Mrs Smith died"]);
    world.succeeds(&["lost", "C1", "--reason", "in the post"]);
    world.succeeds(&["replace", "N2", "--by", "N3", "--reason", "wrong form"]);
    world.word(Who::Customs, confirm("N4", "A=3")).await;

    let page = events(&world, Who::Xb, "");

    assert_eq!(told(&page), ["N1 cancelled", "N2 replaced", "N4 confirmed"]);
    assert_eq!(page["events"][1]["replacedBy"], "N3");
    assert_eq!(page["events"][2]["book"], "export");
    assert!(!page.to_string().contains("Smith"), "the authority's words stay with it");
    let rest = events(&world, Who::Xb, &format!("?after={}", page["events"][0]["sequence"]));
    assert_eq!(told(&rest), ["N2 replaced", "N4 confirmed"]);
    assert_eq!(told(&events(&world, Who::Xb, "?limit=1")), ["N1 cancelled"]);
    assert_eq!(told(&events(&world, Who::Xb, &format!("?after={}", page["next"]))), [] as [&str; 0]);
    assert_eq!(told(&events(&world, Who::Xc, "")), ["C1 lost"]);
    let listed = world.succeeds(&["events", "--after", "1"]);
    assert!(!listed.contains("N1") && listed.contains("C1  lost"), "{listed}");
}

#[tokio::test]
async fn who_may_not_ask_for_events_is_told_so_in_a_problem_document() {
    let world = World::with(&[]);

    for (who, query, status, code) in [
        (Who::Unregistered, "", 403, "CallerNotFound"),
        (Who::Xb, "?country=XD", 404, "CalleeNotFound"),
        (Who::Xb, "?befor=1", 400, "InvalidRequest"),
        (Who::Xb, "?after=-1", 400, "InvalidRequest"),
    ] {
        let raw = world.get(who, &format!("/epix/events{query}"));
        let problem: Value = serde_json::from_str(&raw.body).unwrap();
        assert_eq!((raw.status, problem["code"].as_str().unwrap()), (status, code), "{query}");
        assert!(raw.headers.contains("application/problem+json"));
    }
}

/// What receivers of events need: keys of their own, and a secret that they share with XA.
pub(crate) struct Hook {
    root: Holder,
    clients: Holder,
}

impl Hook {
    pub(crate) fn of(world: &World) -> Hook {
        let root = Holder::root("root of the receivers");
        std::fs::write(world.path("hook-ca.pem"), root.certificate.to_pem().unwrap()).unwrap();
        std::fs::write(world.path("hook.secret"), "0123456789abcdef0123456789abcdef").unwrap();
        let clients = X509::from_pem(&std::fs::read(world.path("tls/clients-ca.pem")).unwrap()).unwrap();
        let clients = Holder { certificate: clients, key: root.key.clone() };
        Hook { root, clients }
    }

    /// A receiver that answers with a status.
    pub(crate) fn receiver(&self, status: &str) -> Loopback {
        let server = self.root.issues("receiver", &["localhost"]);
        Loopback::plays(Play::http(status, "text/plain", ""), &server, &self.clients)
    }

    /// Declares XB with a webhook at a receiver.
    pub(crate) fn declare(&self, world: &World, receiver: &Loopback) {
        let text = format!(
            "authority = \"XA\"\n[[party]]\nid = \"XB-MA\"\nname = \"Management Authority of XB\"\ncountry = \"XB\"\n\
             roles = [\"management-authority\"]\ncertificates = [{{ file = \"pki/xb.pem\" }}]\n\
             [party.webhook]\nurl = \"{}\"\nca = \"hook-ca.pem\"\nsecret = \"hook.secret\"\n",
            receiver.url()
        );
        std::fs::write(world.path("hook.toml"), text).unwrap();
        world.succeeds(&["parties", "apply", "--yes", &world.path("hook.toml").display().to_string()]);
    }
}

fn wait_for(what: &str, condition: impl Fn() -> bool) {
    let begun = Instant::now();
    while !condition() {
        assert!(begun.elapsed() < Duration::from_secs(60), "{what} did not come to pass");
        std::thread::sleep(Duration::from_millis(50));
    }
}

#[test]
fn an_event_is_brought_until_it_is_taken_and_then_no_more() {
    let world = World::with(&[permit("N1", &[("A", "10")]), permit_to("XC", "C1", &[("A", "10")])]);
    let hook = Hook::of(&world);
    let (refusing, taking) = (hook.receiver("503 Service Unavailable"), hook.receiver("204 No Content"));
    hook.declare(&world, &refusing);

    world.succeeds(&["lost", "C1", "--reason", "concerns XC only"]);
    world.succeeds(&["cancel", "N1", "--reason", "issued in error"]);
    wait_for("a refused attempt", || !refusing.requests().is_empty());
    assert!(world.succeeds(&["events"]).contains("XB-MA is told at"));
    hook.declare(&world, &taking);
    wait_for("the message", || !taking.requests().is_empty());
    wait_for("the memory of it", || world.succeeds(&["events"]).contains("has taken everything up to 2"));

    let (first, second) = (refusing.requests()[0].clone(), taking.requests()[0].clone());
    let (head, body) = second.split_once("\r\n\r\n").unwrap();
    assert_eq!(body, first.split_once("\r\n\r\n").unwrap().1, "the same events under the same ids");
    assert_eq!(told(&serde_json::from_str(body).unwrap()), ["N1 cancelled"]);
    let header = |name: &str| head.lines().find_map(|line| line.strip_prefix(&format!("{name}: "))).unwrap().to_owned();
    let key = openssl::pkey::PKey::hmac(b"0123456789abcdef0123456789abcdef").unwrap();
    let mut signer = openssl::sign::Signer::new(openssl::hash::MessageDigest::sha256(), &key).unwrap();
    signer.update(format!("{}.{body}", header("epix-timestamp")).as_bytes()).unwrap();
    let expected: String = signer.sign_to_vec().unwrap().iter().map(|byte| format!("{byte:02x}")).collect();
    assert_eq!(header("epix-signature"), format!("sha256={expected}"));
    assert_eq!(taking.requests().len(), 1);
    let metrics = std::process::Command::new("curl")
        .args(["-sS", &format!("http://{}/metrics", world.admin())])
        .output()
        .unwrap();
    assert!(
        String::from_utf8(metrics.stdout)
            .unwrap()
            .contains("epix_events_told_total{outcome=\"taken\",party=\"XB-MA\"} 1")
    );
}
