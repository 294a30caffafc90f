//! `epix sign`, `verify` and `signature`: what a permit is signed with, and whether that is to be trusted.

#![allow(clippy::unwrap_used, reason = "all of this is tests")]

mod desk;

use std::fs;
use std::path::PathBuf;

use desk::{Desk, Said};

fn fixtures() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../fixtures").canonicalize().unwrap()
}

fn key(name: &str) -> String {
    fixtures().join("signatures/keys").join(name).display().to_string()
}

/// A desk with a valid permit of XA.
fn desk() -> Desk {
    let desk = Desk::new();
    desk.put("permit.xml", fs::read(fixtures().join("v2/valid/xa-export-permit.xml")).unwrap());
    desk
}

fn sign(desk: &Desk, name: &str, more: &[&str]) -> Said {
    let (secret, certificate) = (key(&format!("{name}.key")), key(&format!("{name}.pem")));
    let fixed = ["sign", "--key", &secret, "--cert", &certificate, "--chain", &key("ca.pem"), "permit.xml"];
    desk.epix(&[&fixed[..], more].concat())
}

fn verify(desk: &Desk, file: &str, more: &[&str]) -> Said {
    let (roots, list) = (key("ca.pem"), key("ca.crl"));
    let fixed = ["verify", "--trust", &roots, "--crl", &list, file];
    desk.epix(&[&fixed[..], more].concat())
}

#[test]
fn a_detached_signature_is_written_beside_the_permit_and_found_there() {
    for name in ["xa-rsa", "xa-p256", "xa-p384"] {
        let desk = desk();

        let signed = sign(&desk, name, &[]);
        let verified = verify(&desk, "permit.xml", &["--issuer", "XA"]);

        assert_eq!(signed.code, 0, "{}", signed.err);
        assert!(signed.out.starts_with("permit.sig.xml: detached signature of C=XA"), "{}", signed.out);
        assert_eq!(verified.code, 0, "{}", verified.out);
        for words in
            ["the signature is trusted", "signer      C=XA", "vouched by", "covers      SHA-256", "(not trusted)"]
        {
            assert!(verified.out.contains(words), "{words}: {}", verified.out);
        }
    }
}

#[test]
fn an_enveloped_signature_goes_out_of_the_permit_and_in_again() {
    let desk = desk();

    assert_eq!(sign(&desk, "xa-rsa", &["--enveloped", "-o", "one.xml"]).code, 0);
    assert_eq!(desk.epix(&["signature", "detach", "one.xml", "-o", "two.xml"]).code, 0);
    assert_eq!(desk.epix(&["signature", "attach", "two.xml", "-o", "three.xml"]).code, 0);

    let read = |name: &str| fs::read_to_string(desk.path().join(name)).unwrap();
    assert_eq!(read("two.xml"), read("permit.xml"));
    for name in ["one.xml", "two.xml", "three.xml"] {
        assert_eq!(verify(&desk, name, &[]).code, 0, "{name}");
    }
    let again = desk.epix(&["signature", "detach", "two.xml", "-o", "four.xml"]);
    assert_eq!((again.code, again.err.contains("it holds no signature")), (2, true));
    let twice = desk.epix(&["sign", "--key", &key("xa-rsa.key"), "--cert", &key("xa-rsa.pem"), "one.xml"]);
    assert_eq!((twice.code, twice.err.contains("holds a signature already")), (2, true));
}

#[test]
fn every_known_attack_is_refused_with_its_reason() {
    let folder = fixtures().join("signatures/refused");
    let mut seen = 0;
    for entry in fs::read_dir(&folder).unwrap() {
        let name = entry.unwrap().file_name().into_string().unwrap();
        if name.ends_with(".sig.xml") {
            continue;
        }
        let file = folder.join(&name).display().to_string();
        let said = verify(&desk(), &file, &["--tsa", &key("ca.pem"), "--format", "json"]);

        assert_eq!(said.code, 1, "{name}: {} {}", said.out, said.err);
        let line = &said.lines()[0];
        let error = line["findings"].as_array().unwrap().iter().find(|finding| finding["severity"] == "error").unwrap();
        assert_eq!(
            (line["trusted"].as_bool(), error["rule"].as_str()),
            (Some(false), name.split("--").next()),
            "{name}"
        );
        seen += 1;
    }
    assert!(seen > 50, "{seen}");
}

#[test]
fn a_signer_speaks_for_its_own_country_only() {
    let desk = desk();
    assert_eq!(sign(&desk, "xa-rsa", &[]).code, 0);

    let other = verify(&desk, "permit.xml", &["--issuer", "XB"]);

    assert_eq!(other.code, 1);
    assert!(other.out.contains("EPIX-SIGN-20") && other.out.contains("hint: do not trust"), "{}", other.out);
}

#[test]
fn validity_is_judged_for_the_day_that_is_asked_for() {
    let desk = desk();
    assert_eq!(sign(&desk, "xa-rsa", &[]).code, 0);
    let roots = key("ca.pem");

    let late = desk.epix(&["verify", "--trust", &roots, "--at", "2121-01-01", "permit.xml"]);
    let now = desk.epix(&["verify", "--trust", &roots, "permit.xml"]);

    assert_eq!((late.code, late.out.contains("EPIX-SIGN-15")), (1, true), "{}", late.out);
    assert_eq!((now.code, now.out.contains("EPIX-SIGN-24")), (0, true), "{}", now.out);
}

#[test]
fn an_algorithm_is_retired_by_a_file() {
    let desk = desk();
    assert_eq!(sign(&desk, "xa-rsa", &[]).code, 0);
    desk.put("retired.toml", "[windows]\nrsa-sha256 = { until = \"2026-01-01\" }\n");
    desk.put("wrong.toml", "[windows]\nmd5 = {}\n");

    let refused = verify(&desk, "permit.xml", &["--algorithms", "retired.toml"]);
    let wrong = verify(&desk, "permit.xml", &["--algorithms", "wrong.toml"]);

    assert_eq!((refused.code, refused.out.contains("EPIX-SIGN-05")), (1, true), "{}", refused.out);
    assert_eq!((wrong.code, wrong.err.contains("\"md5\" is none of")), (2, true), "{}", wrong.err);
}

#[test]
fn a_passphrase_comes_from_a_file_and_is_never_repeated() {
    let desk = desk();
    desk.put("secret", "not-a-secret\n");
    desk.put("wrong", "another\n");
    let (store, protected, certificate) = (key("xa-rsa.p12"), key("xa-p256-protected.key"), key("xa-p256.pem"));
    let store = ["sign", "--key", &store, "permit.xml", "-o", "p.sig.xml"];
    let pem = ["sign", "--key", &protected, "--cert", &certificate, "permit.xml", "-o", "p.sig.xml"];

    for fixed in [&store[..], &pem[..]] {
        let with = |file: &str| desk.epix(&[fixed, &["--passphrase-file", file]].concat());
        assert_eq!(with("secret").code, 0, "{}", with("secret").err);
        let wrong = with("wrong");
        assert_eq!((wrong.code, wrong.err.contains("passphrase is missing or wrong")), (2, true), "{}", wrong.err);
        assert!(!wrong.err.contains("another"));
        // Standard input is no terminal here: nobody is asked.
        assert_eq!(desk.epix(fixed).code, 2);
    }
}

#[test]
fn what_cannot_be_looked_at_is_trouble() {
    let desk = desk();
    assert_eq!(sign(&desk, "xa-rsa", &[]).code, 0);

    for arguments in [
        &["verify", "permit.xml"][..],
        &["verify", "--trust", "nowhere.pem", "permit.xml"],
        &["verify", "--trust", "permit.xml", "permit.xml"],
        &["verify", "--trust", &key("ca.pem"), "--sig", "nowhere", "permit.xml"],
        &["verify", "--trust", &key("ca.pem"), "--at", "soon", "permit.xml"],
        &["verify", "--trust", &key("ca.pem"), "--crl", "permit.xml", "permit.xml"],
        &["sign", "--key", &key("xa-rsa.key"), "permit.xml"],
        &["sign", "--key", &key("xa-rsa.key"), "--cert", &key("xb-rsa.pem"), "permit.xml"],
        &["sign", "--key", &key("weak.key"), "--cert", &key("weak.pem"), "permit.xml"],
        &["sign", "--key", &key("encipher.key"), "--cert", &key("encipher.pem"), "permit.xml"],
    ] {
        let said = desk.epix(arguments);
        assert_eq!(said.code, 2, "{arguments:?}: {}", said.err);
        assert!(!said.err.is_empty(), "{arguments:?}");
    }
}

#[test]
fn only_a_valid_permit_is_signed() {
    let desk = desk();
    let broken = fs::read_to_string(desk.path().join("permit.xml")).unwrap().replacen(">T<", ">?<", 1);
    desk.put("permit.xml", broken);

    let said = sign(&desk, "xa-rsa", &[]);

    assert_eq!((said.code, said.out.contains("only a valid permit is signed")), (1, true), "{}", said.out);
    assert!(!desk.path().join("permit.sig.xml").exists());
}

#[test]
fn validate_tells_of_the_signature_layer() {
    let desk = desk();
    assert_eq!(sign(&desk, "xa-rsa", &[]).code, 0);
    let (roots, list) = (key("ca.pem"), key("ca.crl"));
    let trusting = ["--trust", &roots, "--crl", &list, "--format", "json"];
    let layer = |said: &Said| {
        let layers = said.lines()[0]["layers"].as_array().unwrap().clone();
        let layer = layers.into_iter().find(|layer| layer["layer"] == "signature").unwrap();
        layer["outcome"].as_str().unwrap().to_owned()
    };

    let seen = desk.epix(&[&["validate", "permit.xml"], &trusting[..]].concat());
    let unseen = desk.epix(&["validate", "permit.xml", "--format", "json"]);
    fs::remove_file(desk.path().join("permit.sig.xml")).unwrap();
    let missing = desk.epix(&[&["validate", "--signed", "."], &trusting[..]].concat());
    let unsigned = desk.epix(&[&["validate", "permit.xml"], &trusting[..]].concat());

    assert_eq!((seen.code, layer(&seen).as_str()), (0, "passed"), "{}", seen.out);
    assert_eq!(seen.lines()[0]["seal"]["algorithm"], "rsa-sha256");
    assert_eq!((unseen.code, layer(&unseen).as_str()), (0, "skipped"));
    assert_eq!((missing.code, layer(&missing).as_str()), (1, "failed"));
    assert_eq!(missing.lines()[0]["refused_for"][0], "EPIX-SIGN-01");
    assert_eq!((unsigned.code, layer(&unsigned).as_str()), (0, "skipped"));
}
