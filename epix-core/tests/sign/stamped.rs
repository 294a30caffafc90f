//! Does a time stamp say when a signature was there, and only a good one?

use std::process::{Command, Stdio};

use epix_core::sign::make::{Statement, stamp, value_of};
use epix_core::sign::seal::TimeSource;
use epix_core::sign::{Place, Question, sign, verify};

use crate::files::{at, folder, key, moment, permit, trust};

/// A token over a value, made by the openssl program with a test key.
fn token(value: &[u8], authority: &str, digest: &str) -> Vec<u8> {
    let work = std::env::temp_dir().join(format!("epix-stamp-{}-{authority}-{digest}", std::process::id()));
    std::fs::create_dir_all(&work).unwrap();
    std::fs::write(work.join("value"), value).unwrap();
    let keys = folder().join("signatures/keys");
    let settings = format!(
        "[tsa]\ndefault_tsa = one\n[one]\nserial = {0}/serial\nsigner_cert = {1}/{authority}.pem\nsigner_key = {1}/{authority}.key\n\
         signer_digest = sha256\ndefault_policy = 1.2.3.4.1\ndigests = sha1, sha256\ness_cert_id_alg = sha256\n",
        work.display(),
        keys.display()
    );
    std::fs::write(work.join("ts.cnf"), settings).unwrap();
    let run = |arguments: &[&str]| {
        let mut openssl = Command::new("openssl");
        let ended = openssl.args(arguments).current_dir(&work).stderr(Stdio::null()).status().unwrap();
        assert!(ended.success(), "openssl {arguments:?}");
    };
    run(&["ts", "-query", "-data", "value", &format!("-{digest}"), "-cert", "-no_nonce", "-out", "query"]);
    run(&["ts", "-reply", "-config", "ts.cnf", "-queryfile", "query", "-token_out", "-out", "token"]);
    let token = std::fs::read(work.join("token")).unwrap();
    std::fs::remove_dir_all(&work).unwrap();
    token
}

fn signed() -> String {
    sign(&permit(), &key("xa-rsa"), Place::Detached, &Statement::default()).unwrap()
}

#[test]
fn a_trusted_time_stamp_says_for_which_moment_validity_is_judged() {
    let signature = signed();
    let stamped = stamp(&signature, &token(&value_of(&signature).unwrap(), "clock", "sha256")).unwrap();
    // After the signer's certificate has expired.
    let late = Question { at: moment("2121-01-01T00:00:00Z"), by: TimeSource::Now };

    let verdict = verify(&permit(), Some(stamped.as_bytes()), &trust(), &late).unwrap();

    assert!(verdict.is_trusted(), "{:?}", verdict.findings);
    let seal = verdict.seal.unwrap();
    assert_eq!(seal.judged_by, TimeSource::TimeStamp);
    assert!(seal.judged_at > moment("2026-01-01T00:00:00Z") && seal.judged_at < late.at);
    let without = verify(&permit(), Some(signature.as_bytes()), &trust(), &late).unwrap();
    assert_eq!(without.findings[0].rule.0, "EPIX-SIGN-15");
}

#[test]
fn a_time_stamp_that_is_not_to_be_trusted_is_told() {
    let signature = signed();
    let value = value_of(&signature).unwrap();
    for (token, why) in [
        (token(b"another value", "clock", "sha256"), "not made over this signature"),
        (token(&value, "clock", "sha1"), "none of SHA-256"),
        (b"no token".to_vec(), "no time-stamp token"),
    ] {
        let stamped = stamp(&signature, &token).unwrap();

        let verdict = verify(&permit(), Some(stamped.as_bytes()), &trust(), &at()).unwrap();

        let finding = &verdict.findings[0];
        assert_eq!(finding.rule.0, "EPIX-SIGN-22");
        assert!(finding.sentence.contains(why), "{}", finding.sentence);
    }
}

#[test]
fn nobody_is_believed_without_a_trusted_clock() {
    let signature = signed();
    let stamped = stamp(&signature, &token(&value_of(&signature).unwrap(), "clock", "sha256")).unwrap();
    let mut trust = trust();
    trust.clocks = None;

    let verdict = verify(&permit(), Some(stamped.as_bytes()), &trust, &at()).unwrap();

    assert_eq!(verdict.findings[0].rule.0, "EPIX-SIGN-22");
}
