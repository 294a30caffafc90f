//! Is every known attack refused, by the rule that its file is named after?

use std::fs;

use epix_core::check::policy::decide;
use epix_core::receive::{self, Requirement, Sealing};
use epix_core::sign::Signers;

use crate::attacks::{ATTACKS, Attack};
use crate::files::{at, bytes, folder, names, trust};

const PLACE: &str = "signatures/refused";

/// Where the file of an attack lies, below the fixtures.
pub(crate) fn path(attack: &Attack, ending: &str) -> String {
    format!("{PLACE}/{}--{}{ending}", attack.rule, attack.slug)
}

/// Holds a file against what its row makes; `cargo xtask gen` writes it instead.
fn compare(path: &str, made: &str) {
    if std::env::var_os("EPIX_BLESS").is_some() {
        fs::create_dir_all(folder().join(path).parent().unwrap()).unwrap();
        fs::write(folder().join(path), made).unwrap();
    }
    assert!(bytes(path) == made.as_bytes(), "fixtures/{path} is not what its row makes: cargo xtask gen");
}

#[test]
fn every_attack_lies_in_its_generated_file() {
    let mut expected = Vec::new();
    for attack in ATTACKS {
        let (document, signature) = (attack.make)();
        compare(&path(attack, ".xml"), &document);
        expected.push(path(attack, ".xml"));
        if let Some(signature) = signature {
            compare(&path(attack, ".sig.xml"), &signature);
            expected.push(path(attack, ".sig.xml"));
        }
    }
    expected.sort();
    let found: Vec<_> = names(PLACE).into_iter().map(|name| format!("{PLACE}/{name}")).collect();
    assert_eq!(found, expected);
}

#[test]
fn every_attack_is_refused_by_its_rule() {
    let trust = trust();
    for attack in ATTACKS {
        let document = bytes(&path(attack, ".xml"));
        let signature = fs::read(folder().join(path(attack, ".sig.xml"))).ok();
        let sealing = Sealing {
            detached: signature.as_deref(),
            requirement: Requirement::Required,
            trust: Some(&trust),
            question: at(),
            signers: Signers::OfIssuer,
        };

        let judged = receive::judge(&document, &sealing, &Default::default(), &Default::default()).unwrap();

        assert!(!judged.signature.is_trusted(), "{} {}", attack.rule, attack.slug);
        assert!(!decide(&judged.checked.report, &Default::default()).is_accepted(), "{}", attack.slug);
        let first = judged.checked.report.errors().next().unwrap();
        assert_eq!(first.rule.0, attack.rule, "{}: {}", attack.slug, first.sentence);
    }
}

#[test]
fn a_signature_beside_json_is_none() {
    let (document, trust) = (bytes("json/valid/xa-export-permit.json"), trust());
    let signature = bytes("signatures/refused/EPIX-SIGN-20--another-party.sig.xml");
    let sealing = Sealing {
        detached: Some(&signature),
        requirement: Requirement::Required,
        trust: Some(&trust),
        question: at(),
        signers: Signers::OfIssuer,
    };

    let judged = receive::judge(&document, &sealing, &Default::default(), &Default::default()).unwrap();

    assert_eq!(judged.checked.report.errors().next().unwrap().rule.0, "EPIX-SIGN-01");
}

#[test]
fn every_rule_that_refuses_has_an_attack() {
    // Said where a list is out of date, noted, or asked for by the caller's own data: tests of their own.
    let apart = ["EPIX-SIGN-19", "EPIX-SIGN-23", "EPIX-SIGN-24"];
    for row in epix_core::sign::rules::ROWS.iter().filter(|row| !apart.contains(&row.id.0)) {
        assert!(ATTACKS.iter().any(|attack| attack.rule == row.id.0), "{}", row.id);
    }
}

#[test]
fn a_revocation_list_answers_for_its_days_and_its_issuer_only() {
    use epix_core::sign::make::Statement;
    use epix_core::sign::{Anchors, Place, Question, sign, verify};

    use crate::files::{certificates, key, moment, permit};

    let signature = sign(&permit(), &key("xa-rsa"), Place::Detached, &Statement::default()).unwrap();
    let before = Question { at: moment("2025-03-01T00:00:00Z"), ..at() };

    let verdict = verify(&permit(), Some(signature.as_bytes()), &trust(), &before).unwrap();

    assert_eq!(verdict.findings[0].rule.0, "EPIX-SIGN-19");
    let rogue = sign(&permit(), &key("rogue"), Place::Detached, &Statement::default()).unwrap();
    let mut trust = trust();
    trust.anchors = Anchors::new(certificates("rogue-ca"));
    trust.anchors.add_list(&bytes("signatures/keys/ca.crl")).unwrap();
    let verdict = verify(&permit(), Some(rogue.as_bytes()), &trust, &at()).unwrap();
    assert_eq!(verdict.findings[0].rule.0, "EPIX-SIGN-19");
}

#[test]
fn a_missing_revocation_list_is_noted() {
    use epix_core::sign::make::Statement;
    use epix_core::sign::{Anchors, Place, sign, verify};

    use crate::files::{certificates, key, permit};

    let signature = sign(&permit(), &key("xa-rsa"), Place::Detached, &Statement::default()).unwrap();
    let mut trust = trust();
    trust.anchors = Anchors::new(certificates("ca"));

    let verdict = verify(&permit(), Some(signature.as_bytes()), &trust, &at()).unwrap();

    assert!(verdict.is_trusted());
    assert_eq!(verdict.findings[0].rule.0, "EPIX-SIGN-24");
}
