//! Does what we sign hold, wherever it travels?

use epix_core::receive::{self, Requirement, Sealing};
use epix_core::report::{Layer, Outcome};
use epix_core::sign::make::Statement;
use epix_core::sign::seal::Original;
use epix_core::sign::{Place, Profile, Signers, Verdict, place, sign, verify};
use epix_core::wire::form::enveloped;

use crate::files::{at, certificates, key, moment, permit, text, trust};

const KEYS: [(&str, &str); 3] = [("xa-rsa", "rsa-sha256"), ("xa-p256", "ecdsa-sha256"), ("xa-p384", "ecdsa-sha384")];

fn seen(document: &str, detached: Option<&str>) -> Verdict {
    verify(document, detached.map(str::as_bytes), &trust(), &at()).unwrap()
}

#[test]
fn what_each_key_signs_holds_at_either_place() {
    for (name, algorithm) in KEYS {
        let beside = sign(&permit(), &key(name), Place::Detached, &Statement::default()).unwrap();
        let within = sign(&permit(), &key(name), Place::Enveloped, &Statement::default()).unwrap();

        for verdict in [seen(&permit(), Some(&beside)), seen(&within, None)] {
            assert!(verdict.is_trusted(), "{name}: {:?}", verdict.findings);
            let seal = verdict.seal.unwrap();
            assert_eq!((seal.algorithm.as_str(), seal.chain.len()), (algorithm, 2));
            assert_eq!(seal.signer().country.unwrap().as_str(), "XA");
            assert_eq!(seal.signer().subject, certificates(name)[0].subject());
        }
    }
}

#[test]
fn permits_of_every_version_and_form_can_be_signed() {
    for path in ["v1/valid/xa-export-permit.xml", "v2/valid/xa-default-namespaces.xml", "v3/valid/xa-export-permit.xml"]
    {
        let document = text(path);
        for place in [Place::Detached, Place::Enveloped] {
            let signed = sign(&document, &key("xa-p256"), place, &Statement::default()).unwrap();
            let verdict = match place {
                Place::Detached => seen(&document, Some(&signed)),
                Place::Enveloped => seen(&signed, None),
            };
            assert!(verdict.is_trusted(), "{path} {place}: {:?}", verdict.findings);
        }
    }
}

#[test]
fn a_detached_signature_survives_the_way_into_an_answer_and_out_of_it() {
    for path in ["v2/valid/xa-export-permit.xml", "v2/valid/xa-default-namespaces.xml"] {
        let document = text(path);
        let signature = sign(&document, &key("xa-rsa"), Place::Detached, &Statement::default()).unwrap();
        let answer = format!(
            "<soap:Envelope xmlns:soap='http://schemas.xmlsoap.org/soap/envelope/'><soap:Body><x:Answer xmlns:x='urn:x'>\n {} \
             </x:Answer></soap:Body></soap:Envelope>",
            enveloped(&document).unwrap()
        );

        let (opened, _) = receive::inspect_schema(answer.as_bytes());

        let verdict = seen(&opened.unwrap().document, Some(&signature));
        assert!(verdict.is_trusted(), "{path}: {:?}", verdict.findings);
    }
}

#[test]
fn a_signature_can_be_put_in_and_taken_out_without_losing_what_it_says() {
    let document = permit();
    let beside = sign(&document, &key("xa-rsa"), Place::Detached, &Statement::default()).unwrap();

    let joined = place::join(&document, &beside).unwrap();
    assert!(seen(&joined, None).is_trusted());
    let parted = place::part(&joined).unwrap();

    assert_eq!(parted.document, document);
    assert_eq!(parted.signature.as_deref(), Some(beside.as_str()));
    let within = sign(&document, &key("xa-rsa"), Place::Enveloped, &Statement::default()).unwrap();
    let parted = place::part(&within).unwrap();
    assert_eq!(parted.document, document);
    assert!(seen(&document, parted.signature.as_deref()).is_trusted());
}

#[test]
fn an_inherited_declaration_goes_with_the_signature() {
    let within = sign(&permit(), &key("xa-rsa"), Place::Enveloped, &Statement::default()).unwrap();
    let declared = " xmlns:ds=\"http://www.w3.org/2000/09/xmldsig#\"";
    let moved =
        within.replacen(declared, "", 1).replacen("<rsm:CITESEPermit", &format!("<rsm:CITESEPermit{declared}"), 1);

    let parted = place::part(&moved).unwrap();

    assert!(parted.signature.unwrap().contains(declared));
    assert!(seen(&moved, None).is_trusted());
}

#[test]
fn what_is_read_is_what_was_covered() {
    let document = permit();
    let signature = sign(&document, &key("xa-rsa"), Place::Detached, &Statement::default()).unwrap();
    let trust = trust();
    let sealing = Sealing {
        detached: Some(signature.as_bytes()),
        requirement: Requirement::Required,
        trust: Some(&trust),
        question: at(),
        signers: Signers::OfIssuer,
    };

    let received = receive::receive_signed(document.as_bytes(), &sealing, &Default::default(), &Default::default());
    let (accepted, sealed) = received.unwrap().unwrap_or_else(|refused| panic!("{:?}", refused.report.findings));

    let verdict = sealed.verdict.unwrap();
    assert_eq!(accepted.bytes(), verdict.covered.unwrap().as_bytes());
    assert_eq!(accepted.digest(), verdict.seal.unwrap().covers);
    assert_eq!(accepted.report().outcome(Layer::Signature), Some(&Outcome::Passed));
}

#[test]
fn an_original_is_named_under_the_signature() {
    let original = Original { digest: epix_core::id::Sha256Digest::of(b"original"), signer: None };
    let both = Original { signer: Some(epix_core::id::Sha256Digest::of(b"signer")), ..original };
    for original in [original, both] {
        let statement = Statement { original: Some(original), ..Statement::default() };
        let signature = sign(&permit(), &key("xa-rsa"), Place::Detached, &statement).unwrap();

        assert_eq!(seen(&permit(), Some(&signature)).seal.unwrap().original, Some(original));
        let other = epix_core::id::Sha256Digest::of(b"other").to_string();
        let changed = signature.replacen(&original.digest.to_string(), &other, 1);
        assert_eq!(seen(&permit(), Some(&changed)).findings[0].rule.0, "EPIX-SIGN-13");
    }
}

#[test]
fn a_stated_time_is_told_and_changes_nothing() {
    let statement = Statement { time: Some(moment("2026-01-01T00:00:00Z")), original: None };
    let signature = sign(&permit(), &key("xa-rsa"), Place::Detached, &statement).unwrap();

    let verdict = seen(&permit(), Some(&signature));

    assert!(verdict.is_trusted());
    let seal = verdict.seal.unwrap();
    assert_eq!((seal.stated, seal.judged_at), (statement.time, at().at));
    assert_eq!(verdict.findings[0].rule.0, "EPIX-SIGN-23");
}

#[test]
fn keys_come_from_pkcs12_and_from_protected_pem() {
    use crate::files::bytes;
    use epix_core::sign::{KeyError, SoftwareKey};

    let store = bytes("signatures/keys/xa-rsa.p12");
    let protected = bytes("signatures/keys/xa-p256-protected.key");
    let own = || certificates("xa-p256");

    assert_eq!(SoftwareKey::from_pkcs12(&store, "not-a-secret", Vec::new()).unwrap().chain().len(), 2);
    assert_eq!(SoftwareKey::from_pkcs12(&store, "wrong", Vec::new()).unwrap_err(), KeyError::Passphrase);
    assert!(SoftwareKey::from_pem(&protected, Some(b"not-a-secret"), own()).is_ok());
    assert_eq!(SoftwareKey::from_pem(&protected, Some(b"wrong"), own()).unwrap_err(), KeyError::Passphrase);
    assert_eq!(SoftwareKey::from_pem(&protected, None, own()).unwrap_err(), KeyError::Passphrase);
    let other = SoftwareKey::from_pem(&bytes("signatures/keys/xa-rsa.key"), None, own());
    assert_eq!(other.unwrap_err(), KeyError::Mismatch);
}

#[test]
fn an_algorithm_is_retired_by_data() {
    let signature = sign(&permit(), &key("xa-rsa"), Place::Detached, &Statement::default()).unwrap();
    for (policy, rule) in [
        ("[windows]\nrsa-sha256 = { until = \"2026-12-31\" }", Some("EPIX-SIGN-05")),
        ("[windows]\nsha256 = { until = \"2026-12-31\" }", Some("EPIX-SIGN-06")),
        ("[windows]\nrsa = { until = \"2026-12-31\" }", Some("EPIX-SIGN-11")),
        ("rsa_bits = 3072", Some("EPIX-SIGN-11")),
        ("[windows]\nrsa-sha256 = { until = \"2027-12-31\" }", None),
    ] {
        let mut trust = trust();
        trust.profile = Profile::read(policy).unwrap();

        let verdict = verify(&permit(), Some(signature.as_bytes()), &trust, &at()).unwrap();

        assert_eq!(verdict.findings.first().map(|finding| finding.rule.0), rule, "{policy}");
    }
    for wrong in ["rsa_bits = 1024", "[windows]\nmd5 = {}", "[windows]\nrsa = { until = \"soon\" }"] {
        assert!(Profile::read(wrong).is_err(), "{wrong}");
    }
}
