//! What the operator's tools see, and what is read anew while the server runs.

use std::time::{Duration, Instant};

use crate::loopback::Holder;
use crate::permits::permit;
use crate::renditions::{V1, get, marked};
use crate::world::{Who, World, epix_server, key};
use epix_core::soap::Call;
use openssl::pkey::PKey;
use openssl::x509::X509;

/// Asks until the answer is what is waited for; gives the last one.
fn until(ask: impl Fn() -> String, is_it: impl Fn(&str) -> bool) -> String {
    let begun = Instant::now();
    loop {
        let answer = ask();
        if is_it(&answer) || begun.elapsed() > Duration::from_secs(30) {
            return answer;
        }
        std::thread::sleep(Duration::from_millis(50));
    }
}

fn root(world: &World) -> Holder {
    let read = |name: &str| std::fs::read(world.path(name)).unwrap();
    let certificate = X509::from_pem(&read("pki/root.pem")).unwrap();
    Holder { certificate, key: PKey::private_key_from_pem(&read("pki/root.key")).unwrap() }
}

#[test]
fn a_server_with_a_certificate_that_has_ended_is_not_ready_and_says_so() {
    let world = World::with(&[]);
    assert!(world.tool("/readyz").starts_with("ready\nwarning: exchange.certificate"), "{}", world.tool("/readyz"));
    let ended = root(&world).issues_expired("XA", &["localhost"]);

    std::fs::write(world.path("tls/server.pem"), ended.certificate.to_pem().unwrap()).unwrap();

    let told = world.tool("/readyz");
    assert!(told.starts_with("not ready\nmissing: exchange.certificate") && told.contains("ended on"), "{told}");
    assert!(world.metrics().contains("epix_expires_seconds{file="), "{}", world.metrics());
    let told = until(|| world.tool("/readyz"), |told| told.contains("files that have changed"));
    assert!(told.contains("what was read before stands"), "the key does not fit: {told}");
}

#[test]
fn a_policy_that_is_changed_holds_without_a_restart_and_a_wrong_one_changes_nothing() {
    let mut world = World::stopped(&[marked("N1")]);
    std::fs::write(world.path("policies.toml"), "").unwrap();
    world.configure("[log]", "[policy]\nfile = \"policies.toml\"\n[log]");
    world.start();
    let ask = || get(&world, "GetNonFinal", V1, "N1").status.to_string();
    assert_eq!(ask(), "500");

    std::fs::write(world.path("policies.toml"), "[partner.XB-MA.losses]\nv1 = \"accept\"\n").unwrap();
    assert_eq!(until(ask, |status| status == "200"), "200");
    std::fs::write(world.path("policies.toml"), "[partner.XB-MA.losses]\nv1 = \"perhaps\"\n").unwrap();
    let told = until(|| world.tool("/readyz"), |told| told.contains("files that have changed"));

    assert!(told.starts_with("ready\n") && told.contains("files that have changed"), "{told}");
    assert_eq!(ask(), "200");
}

#[tokio::test]
async fn every_line_of_a_call_bears_its_request_id_and_every_commit_is_counted() {
    let world = World::with(&[permit("N1", &[("A", "10")])]);

    assert_eq!(world.word(Who::Xb, Call::GetNonFinal(key("N1"))).await, "permit");

    let log = world.logged("call answered");
    let line = log.lines().find(|line| line.contains("call answered")).unwrap();
    assert!(line.contains("call{request_id=\""), "{line}");
    let metrics = world.metrics();
    for name in ["epix_store_commit_commands_count", "epix_store_queue 0", "epix_calls_under_way 0"] {
        assert!(metrics.contains(name), "{name}: {metrics}");
    }
}

#[test]
fn a_configuration_that_is_not_there_is_told() {
    let output = epix_server().args(["--config", "/nowhere.toml", "check-config"]).output().unwrap();

    assert_eq!(output.status.code(), Some(1));
    assert!(String::from_utf8_lossy(&output.stdout).contains("/nowhere.toml cannot be read"));
}
