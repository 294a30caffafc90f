//! Does a verifier that shares no line with ours (bergshamra: its own parser, canonical form, and cryptography in Rust) come
//! to the same verdicts? Where it does not, a row says why.

use std::collections::BTreeSet;
use std::path::Path;

use bergshamra::{DsigContext, KeysManager};
use epix_core::receive::{self, Requirement, Sealing};
use epix_core::sign::make::Statement;
use epix_core::sign::{Place, Signers, sign, verify};
use openssl::x509::X509Crl;

use crate::attacks::{ATTACKS, Attack};
use crate::files::{at, bytes, certificates, folder, key, names, text, trust};
use crate::refused::path;

/// Attacks on which the verdicts differ, and why. It knows the recommendation; the profile of `docs/signatures.md` is ours.
const DIFFERENCES: &[(&str, &[&str])] = &[
    ("it has no profile of places: an enveloped signature may stand anywhere below the root", &["wrapped-first-child"]),
    (
        "it has no profile of structure: it passes over what else stands in a signature",
        &["manifest", "comment-in-digest", "foreign-attribute"],
    ),
    (
        "it has no list of canonical forms: what covers SignedInfo may be any of the recommendation",
        &["inclusive-canonicalisation", "canonicalisation-with-comments", "inclusive-prefixes"],
    ),
    ("it still takes SHA-1; MD5 it refuses, built as it is here", &["rsa-sha1", "digest-sha1"]),
    ("it takes any number of references that hold; both of these cover the permit", &["two-references"]),
    (
        "it takes filters by XPath, and its own take nothing away from what lies outside of the signature's document, so that \
         the digest of the whole permit fits; one that did would find another digest",
        &["xpath", "xpath-filter-2"],
    ),
    ("it does not ask what a certificate may be used for", &["key-usage"]),
    ("it lets a trusted root sign documents itself", &["signed-by-the-authority-itself"]),
    ("who speaks for which Party is not a matter of XML signatures", &["another-party"]),
    (
        "comments are no part of the canonical form, so that the signature holds; that they may mislead a reader is our care",
        &["comment-in-a-value"],
    ),
    ("it knows nothing of our time stamps", &["time-stamp-that-is-none"]),
    (
        "it reads a document type, and nothing uses what this one declares; we refuse every one",
        &["document-type-in-signature"],
    ),
];

/// What the second verifier says: the reason why it refuses, where it does.
fn second(signed: &str, permit: &Path) -> Result<(), String> {
    let mut keys = KeysManager::new();
    keys.add_trusted_cert(certificates("ca")[0].der().to_vec());
    let list = X509Crl::from_pem(&bytes("signatures/keys/ca.crl")).unwrap();
    keys.add_crl(list.to_der().unwrap());
    // Its strict settings, but for the key: that comes with the signature, by a certificate under the root.
    let mut context = DsigContext::new(keys)
        .with_trusted_keys_only(false)
        .with_enabled_key_data_x509(true)
        .with_verification_time(at().at.format("%Y-%m-%d+%H:%M:%S").to_string());
    context.add_url_map("permit.xml", permit.to_str().unwrap());
    let said = bergshamra::verify(&context, signed).map_err(|error| error.to_string())?;
    if said.is_valid() { Ok(()) } else { Err(format!("{said:?}")) }
}

fn ours(document: &[u8], detached: Option<&[u8]>) -> bool {
    let trust = trust();
    let (requirement, question, signers) = (Requirement::Required, at(), Signers::OfIssuer);
    let sealing = Sealing { detached, requirement, trust: Some(&trust), question, signers };
    receive::judge(document, &sealing, &Default::default(), &Default::default()).unwrap().signature.is_trusted()
}

#[test]
fn a_second_verifier_accepts_what_we_sign() {
    for version in ["v1", "v2", "v3", "wco"] {
        for name in names(&format!("{version}/valid")) {
            let path = format!("{version}/valid/{name}");
            let document = text(&path);
            for key_name in ["xa-rsa", "xa-p256", "xa-p384"] {
                let beside = sign(&document, &key(key_name), Place::Detached, &Statement::default()).unwrap();
                let within = sign(&document, &key(key_name), Place::Enveloped, &Statement::default()).unwrap();

                assert!(verify(&document, Some(beside.as_bytes()), &trust(), &at()).unwrap().is_trusted(), "{path}");
                for signed in [beside, within] {
                    assert_eq!(second(&signed, &folder().join(&path)), Ok(()), "{path} {key_name}");
                }
            }
        }
    }
}

#[test]
fn a_second_verifier_refuses_what_we_refuse_or_a_row_says_why_not() {
    let differing: BTreeSet<&str> =
        ATTACKS.iter().filter(|attack| do_differ(attack)).map(|attack| attack.slug).collect();

    let explained: BTreeSet<&str> = DIFFERENCES.iter().flat_map(|(_, slugs)| slugs.iter().copied()).collect();

    let without_reason: Vec<_> = differing.difference(&explained).collect();
    assert!(without_reason.is_empty(), "the verdicts differ, and no row says why: {without_reason:?}");
    let without_difference: Vec<_> = explained.difference(&differing).collect();
    assert!(
        without_difference.is_empty(),
        "a row says why the verdicts differ, and they do not: {without_difference:?}"
    );
}

fn do_differ(attack: &Attack) -> bool {
    let document = bytes(&path(attack, ".xml"));
    let detached = std::fs::read(folder().join(path(attack, ".sig.xml"))).ok();
    let signed = String::from_utf8(detached.clone().unwrap_or_else(|| document.clone())).unwrap();
    let theirs = second(&signed, &folder().join(path(attack, ".xml")));
    theirs.is_ok() != ours(&document, detached.as_deref())
}
