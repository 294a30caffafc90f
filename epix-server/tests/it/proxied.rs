//! A proxy ends TLS in front of the server: its word about the caller counts, and nobody else's.

use std::process::Command;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use openssl::x509::X509;

use crate::permits::permit;
use crate::world::{Who, World};

pub(crate) const ASK: &str = "<e:Envelope xmlns:e='http://schemas.xmlsoap.org/soap/envelope/'><e:Body>\
    <x:GetNonFinalCitesCertificateRequest xmlns:x='urn:CitesDataExchange/v2/'>\
    <CertificateNumber>N1</CertificateNumber></x:GetNonFinalCitesCertificateRequest></e:Body></e:Envelope>";

/// A world with the permit N1 and a listener for proxies at 127.0.0.1.
pub(crate) fn with_proxy(more: &str) -> World {
    let mut world = World::stopped(&[permit("N1", &[("A", "10")])]);
    let section = format!("[proxy]\nlisten = \"127.0.0.1:0\"\nfrom = [\"127.0.0.1\"]\n{more}\n[log]");
    world.configure("[log]", &section);
    world.start();
    world
}

/// The certificate as RFC 9440 writes it.
pub(crate) fn rfc9440(world: &World, who: Who) -> String {
    let pem = std::fs::read(world.certificate(who)).unwrap();
    format!(":{}:", STANDARD.encode(X509::from_pem(&pem).unwrap().to_der().unwrap()))
}

/// The certificate as nginx writes `$ssl_client_escaped_cert`.
fn escaped(world: &World, who: Who) -> String {
    let pem = std::fs::read_to_string(world.certificate(who)).unwrap();
    percent_encoding::utf8_percent_encode(&pem, percent_encoding::NON_ALPHANUMERIC).to_string()
}

/// Asks for N1 over the listener for proxies; `permit`, or the code of the fault.
fn ask(world: &World, headers: &[String], from: &str) -> String {
    let mut curl = Command::new("curl");
    curl.args(["-sS", "--noproxy", "*", "--max-time", "60", "--interface", from, "--data-binary", ASK]);
    curl.args(["-H", "Content-Type: text/xml"]).args(headers.iter().flat_map(|header| ["-H", header]));
    let output = curl.arg(format!("http://{}/epix", world.proxy())).output().unwrap();
    word(&String::from_utf8(output.stdout).unwrap())
}

fn word(answer: &str) -> String {
    match answer.split_once("<Code>").or_else(|| answer.split_once("Code>")) {
        Some((_, rest)) if answer.contains("faultcode") => rest.split('<').next().unwrap().to_owned(),
        _ if answer.contains("CITESEPermit") => "permit".to_owned(),
        _ => answer.to_owned(),
    }
}

#[test]
fn the_caller_is_whom_the_proxy_names() {
    let world = with_proxy("");
    let named = |who| [format!("Client-Cert: {}", rfc9440(&world, who))];

    assert_eq!(ask(&world, &named(Who::Xb), "127.0.0.1"), "permit");
    assert_eq!(ask(&world, &named(Who::Xc), "127.0.0.1"), "PermitNotFound", "a third Party stays one");
    assert_eq!(ask(&world, &named(Who::Unregistered), "127.0.0.1"), "CallerNotFound");
    let chain = format!("Client-Cert-Chain: {}", rfc9440(&world, Who::Customs));
    assert_eq!(
        ask(&world, &[named(Who::Xb).concat(), chain], "127.0.0.1"),
        "permit",
        "what does not belong is passed over"
    );
}

#[test]
fn what_proves_nobody_is_no_caller() {
    let world = with_proxy("");
    let xb = format!("Client-Cert: {}", rfc9440(&world, Who::Xb));
    let xc = format!("Client-Cert: {}", rfc9440(&world, Who::Xc));
    let stranger = format!("Client-Cert: {}", rfc9440(&world, Who::Stranger));

    assert_eq!(ask(&world, &[], "127.0.0.1"), "CertificateMissing");
    assert_eq!(ask(&world, &[stranger], "127.0.0.1"), "CertificateMissing", "under another root");
    assert_eq!(ask(&world, &[xb.clone(), xc], "127.0.0.1"), "CertificateMissing", "twice");
    assert_eq!(ask(&world, &["Client-Cert: :AAAA:".to_owned()], "127.0.0.1"), "CertificateMissing");
    assert_eq!(ask(&world, &[format!("X-Client-Cert: {xb}")], "127.0.0.1"), "CertificateMissing");
    assert_eq!(ask(&world, &[xb], "127.0.0.2"), "CertificateMissing", "from somebody who is no proxy");
    for reason in ["is not among proxy.from", "is there more than once", "is not trusted", "holds no certificate"] {
        world.logged(reason);
    }
}

#[test]
fn a_proxy_may_write_the_certificate_as_escaped_pem_in_a_header_of_its_own() {
    let world = with_proxy("header = \"X-SSL-Client-Cert\"\nform = \"escaped-pem\"");

    let named = |who| [format!("X-SSL-Client-Cert: {}", escaped(&world, who))];

    assert_eq!(ask(&world, &named(Who::Xb), "127.0.0.1"), "permit");
    assert_eq!(ask(&world, &named(Who::Stranger), "127.0.0.1"), "CertificateMissing");
    let usual = [format!("Client-Cert: {}", rfc9440(&world, Who::Xb))];
    assert_eq!(ask(&world, &usual, "127.0.0.1"), "CertificateMissing", "only the configured header counts");
}

#[test]
fn over_tls_of_ours_the_connection_counts_and_no_header() {
    let world = with_proxy("");
    let xb = format!("Client-Cert: {}", rfc9440(&world, Who::Xb));

    let answer = world.ask(Who::Xc, "/epix", &["Content-Type: text/xml", &xb], ASK.as_bytes());

    assert_eq!(word(&answer.body), "PermitNotFound");
}

#[test]
fn a_listener_that_believes_nobody_is_a_mistake_in_the_configuration() {
    let world = World::stopped(&[]);
    world.configure("[log]", "[proxy]\nlisten = \"127.0.0.1:0\"\nfrom = []\n[log]");

    let refused = world.command(&["run"]);

    assert_eq!(refused.status.code(), Some(2));
    assert!(String::from_utf8_lossy(&refused.stderr).contains("proxy.from"));
}

/// Asks REST for N1 over the listener for proxies: the status, and the body.
fn rest(world: &World, headers: &[String], from: &str) -> (String, String) {
    let mut curl = Command::new("curl");
    curl.args(["-sS", "--noproxy", "*", "--max-time", "60", "--interface", from, "-w", "\n%{http_code}"]);
    curl.args(headers.iter().flat_map(|header| ["-H", header]));
    let output = curl.arg(format!("http://{}/rest/v1/permits/N1", world.proxy())).output().unwrap();
    let answer = String::from_utf8(output.stdout).unwrap();
    let (body, status) = answer.rsplit_once('\n').unwrap();
    (status.to_owned(), body.to_owned())
}

#[test]
fn rest_is_answered_behind_a_proxy_where_the_operator_wants_it() {
    let section = |proxied: &str| format!("[rest]\nlisten = \"127.0.0.1:0\"\ntls = false\nproxied = {proxied}");
    let world = with_proxy(&section("true"));
    let named = |who| [format!("Client-Cert: {}", rfc9440(&world, who))];
    let key = world.succeeds(&["keys", "add", "the registry", "--scope", "permits:read"]);
    let key = [format!("Authorization: Bearer {}", key.trim())];

    assert_eq!(rest(&world, &named(Who::Xb), "127.0.0.1"), ("200".to_owned(), permit("N1", &[("A", "10")])));
    assert_eq!(rest(&world, &named(Who::Xc), "127.0.0.1").0, "404", "a third Party stays one");
    assert_eq!(rest(&world, &named(Who::Xb), "127.0.0.2").0, "401", "nobody else is believed");
    assert_eq!(rest(&world, &key, "127.0.0.1").0, "200");
    assert_eq!(rest(&with_proxy(&section("false")), &key, "127.0.0.1").0, "404");
}
