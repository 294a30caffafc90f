//! Certificates that change while the server runs: revoked ones are refused at once, new ones of its own are shown.

use std::process::Command;
use std::time::{Duration, Instant};

use epix_core::soap::Call;
use openssl::pkey::PKey;
use openssl::x509::X509;

use crate::loopback::Holder;
use crate::permits::permit;
use crate::world::{Who, World, key};

/// Runs `openssl ca` with the root of a world.
pub(crate) fn root(world: &World, arguments: &[&str]) {
    let database = world.path("pki/index.txt");
    if !database.exists() {
        std::fs::write(&database, "").unwrap();
        std::fs::write(world.path("pki/crlnumber"), "01\n").unwrap();
        let at = |name: &str| world.path(name).display().to_string();
        let config = format!(
            "[ca]\ndefault_ca = root\n[root]\ndatabase = {}\ncrlnumber = {}\ncertificate = {}\nprivate_key = {}\n\
             default_md = sha256\ndefault_crl_days = 30\n",
            database.display(),
            at("pki/crlnumber"),
            at("pki/root.pem"),
            at("pki/root.key")
        );
        std::fs::write(world.path("pki/ca.cnf"), config).unwrap();
    }
    let output =
        Command::new("openssl").args(["ca", "-config"]).arg(world.path("pki/ca.cnf")).args(arguments).output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
}

/// Writes the list of what is revoked now, in one move, as a careful operator does.
fn publish(world: &World) {
    root(world, &["-gencrl", "-out", &world.path("pki/new.crl").display().to_string()]);
    std::fs::rename(world.path("pki/new.crl"), world.path("tls/clients.crl")).unwrap();
}

fn revoke(world: &World, who: &str) {
    root(world, &["-revoke", &world.path(&format!("pki/{who}.pem")).display().to_string()]);
    publish(world);
}

fn with_list() -> World {
    let mut world = World::stopped(&[permit("N1", &[("A", "10")])]);
    publish(&world);
    world.configure("# crl = ", "crl = ");
    world.start();
    world
}

/// Asks until the answer is another one than before.
async fn answer_after(world: &World, before: &str) -> String {
    let begun = Instant::now();
    loop {
        let word = world.word(Who::Xb, Call::GetNonFinal(key("N1"))).await;
        if word != before || begun.elapsed() > Duration::from_secs(30) {
            return word;
        }
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
}

#[tokio::test]
async fn a_revoked_certificate_is_refused_on_the_connection_that_it_has_open() {
    let world = with_list();
    assert_eq!(world.word(Who::Xb, Call::GetNonFinal(key("N1"))).await, "permit");

    revoke(&world, "xb");

    assert_eq!(answer_after(&world, "permit").await, "CallerNotFound");
    let raw = world.get(Who::Xb, "/epix/events");
    assert!(raw.status == 403 && raw.body.contains("CallerNotFound"), "{}", raw.body);
    assert_eq!(world.word(Who::Xc, Call::ServiceState(None)).await, "OK", "others are not touched");
}

/// Gives XB a certificate of an authority between it and the root, registers that, and leaves both in its file, as TLS sends them.
fn move_xb_below_an_intermediate_authority(world: &World) {
    let read = |name: &str| std::fs::read(world.path(name)).unwrap();
    let certificate = X509::from_pem(&read("pki/root.pem")).unwrap();
    let root = Holder { certificate, key: PKey::private_key_from_pem(&read("pki/root.key")).unwrap() };
    let between = root.issues_authority("between");
    let xb = between.issues("xb", &[]);
    let (own, above) = (xb.certificate.to_pem().unwrap(), between.certificate.to_pem().unwrap());
    std::fs::write(world.path("pki/between.pem"), &above).unwrap();
    std::fs::write(world.path("pki/xb.key"), xb.key.private_key_to_pem_pkcs8().unwrap()).unwrap();
    std::fs::write(world.path("pki/xb.pem"), &own).unwrap();
    world.succeeds(&["parties", "apply", "--yes", &world.path("parties.toml").display().to_string()]);
    std::fs::write(world.path("pki/xb.pem"), [own, above].concat()).unwrap();
}

#[tokio::test]
async fn a_certificate_under_a_revoked_authority_is_refused() {
    let world = with_list();
    move_xb_below_an_intermediate_authority(&world);
    assert_eq!(world.get(Who::Xb, "/epix/events").status, 200);

    revoke(&world, "between");

    let begun = Instant::now();
    while world.get(Who::Xb, "/epix/events").status == 200 {
        assert!(begun.elapsed() < Duration::from_secs(30), "still answered");
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    let refused = world.get(Who::Xb, "/epix/events");
    assert!(refused.status == 403 && refused.body.contains("CallerNotFound"), "{}", refused.body);
}

#[tokio::test]
async fn a_list_that_cannot_be_used_changes_nothing_and_keeps_a_server_from_starting() {
    let mut world = with_list();
    revoke(&world, "xc");
    std::fs::write(world.path("tls/clients.crl"), "-----BEGIN X509 CRL-----\nAAAA\n-----END X509 CRL-----\n").unwrap();
    world.logged("what was read before stands");
    assert_eq!(world.word(Who::Xb, Call::GetNonFinal(key("N1"))).await, "permit");

    world.stop();
    let refused = world.command(&["run"]);

    assert_eq!(refused.status.code(), Some(2));
    assert!(String::from_utf8_lossy(&refused.stderr).contains("clients.crl"));
}

#[tokio::test]
async fn the_server_shows_its_new_certificate_without_a_restart() {
    let world = World::with(&[]);
    let shown = || {
        let client = Command::new("openssl")
            .args(["s_client", "-connect", world.exchange(), "-cert"])
            .arg(world.path("pki/xb.pem"))
            .arg("-key")
            .arg(world.path("pki/xb.key"))
            .stdin(std::process::Stdio::null())
            .output()
            .unwrap();
        let text = String::from_utf8_lossy(&client.stdout).into_owned();
        let (_, pem) = text.split_once("-----BEGIN CERTIFICATE-----").expect("a certificate is shown");
        pem.split_once("-----END").unwrap().0.trim().to_owned()
    };
    let next = std::fs::read_to_string(world.path("pki/next.pem")).unwrap();
    assert!(!next.contains(&shown()));

    std::fs::copy(world.path("pki/next.key"), world.path("tls/server.key")).unwrap();
    std::fs::copy(world.path("pki/next.pem"), world.path("tls/server.pem")).unwrap();

    let begun = Instant::now();
    while !next.contains(&shown()) {
        assert!(begun.elapsed() < Duration::from_secs(30), "the old certificate is still shown");
    }
    assert_eq!(world.word(Who::Xb, Call::ServiceState(None)).await, "OK");
}
