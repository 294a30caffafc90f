//! Does the gateway sign what it issues, and refuse what is not signed as it should be?

use std::path::PathBuf;

use chrono::Utc;
use epix_core::id::{AuthorityId, PermitNumber, Sha256Digest};
use epix_core::receive::receive;
use epix_core::sign::seal::TimeSource;
use epix_core::sign::{Anchors, Certificate, Profile, Question, Trust, Verdict, verify};
use epix_core::soap::{Answer, Call};

use crate::permits::{permit, permit_of_toolkit_1};
use crate::world::{Who, World, confirm, key};

fn fixtures() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../fixtures").canonicalize().unwrap()
}

pub(crate) fn test_key(name: &str) -> String {
    fixtures().join("signatures/keys").join(name).display().to_string()
}

/// A stopped world with this section in its configuration.
fn world(section: &str) -> World {
    let world = World::stopped(&[]);
    configure(&world, section);
    world
}

pub(crate) fn configure(world: &World, section: &str) {
    let path = world.path("epix-server.toml");
    let config = std::fs::read_to_string(&path).unwrap();
    let before = config.split("\n[signature]").next().unwrap();
    std::fs::write(&path, format!("{before}\n[signature]\n{section}\n")).unwrap();
}

pub(crate) fn signing(name: &str) -> String {
    let files = [("key", "key"), ("certificate", "pem")];
    let lines = files.map(|(setting, ending)| format!("{setting} = {:?}\n", test_key(&format!("{name}.{ending}"))));
    format!("{}chain = {:?}\n", lines.concat(), test_key("ca.pem"))
}

pub(crate) fn trusting(require: &str) -> String {
    let (roots, list) = (test_key("ca.pem"), test_key("ca.crl"));
    format!("trust = [{roots:?}]\ntsa = [{roots:?}]\ncrl = [{list:?}]\nrequire = {require:?}\n")
}

fn put(world: &World, name: &str, content: impl AsRef<[u8]>) -> String {
    std::fs::write(world.path(name), content).unwrap();
    world.path(name).display().to_string()
}

/// The verdict on the signature that came with the document of an answer.
async fn fetched(world: &World, call: Call) -> Option<Verdict> {
    let answered = world.call(Who::Xb, call).await.unwrap();
    let Answer::Certificate(attachments) = &answered.answer else { panic!("{:?}", answered.answer) };
    let document = receive(&answered.bytes).unwrap().bytes().to_vec();
    let signature = attachments.files.iter().find(|file| file.name == "permit.sig.xml");
    let roots = Certificate::all_from_pem(&std::fs::read(test_key("ca.pem")).unwrap()).unwrap();
    let trust = Trust { anchors: Anchors::new(roots), clocks: None, profile: Profile::default() };
    let question = Question { at: Utc::now(), by: TimeSource::Now };
    let text = std::str::from_utf8(&document).unwrap();
    let look = |content: &[u8]| verify(text, Some(content), &trust, &question).unwrap();
    signature.map(|file| look(&file.content))
}

#[tokio::test]
async fn what_is_issued_and_what_is_made_of_it_is_signed() {
    for name in ["xa-rsa", "xa-p256"] {
        let mut world = world(&format!("{}{}", signing(name), trusting("preferred")));
        let file = put(&world, "n1.xml", permit("N1", &[("A", "10")]));
        world.succeeds(&["import", &file]);
        assert!(world.succeeds(&["import", &file]).contains("unchanged"));
        world.start();

        let first = fetched(&world, Call::GetNonFinal(key("N1"))).await;
        let again = fetched(&world, Call::GetNonFinal(key("N1"))).await;
        assert_eq!(world.word(Who::Customs, confirm("N1", "A=8")).await, "confirmed");
        let last = fetched(&world, Call::GetFinal(key("N1"))).await;

        let [first, again, last] = [first, again, last].map(|verdict| {
            let verdict = verdict.unwrap();
            assert!(verdict.is_trusted(), "{:?}", verdict.findings);
            verdict.seal.unwrap()
        });
        assert_eq!(first.stated, again.stated, "it is signed once and served as it is");
        let original = last.original.unwrap();
        assert_eq!(original.digest, first.covers);
        assert_eq!(original.signer, Some(first.signer().fingerprint));
        world.stop();
        assert!(world.succeeds(&["reverify"]).contains("documents: 2 trusted"));
    }
}

/// A permit with an enveloped signature.
fn signed_by_its_author(number: &str) -> String {
    let signer = epix_core::sign::SoftwareKey::from_pem(
        &std::fs::read(test_key("xa-rsa.key")).unwrap(),
        None,
        Certificate::all_from_pem(&std::fs::read(test_key("xa-rsa.pem")).unwrap()).unwrap(),
    );
    let document = permit(number, &[("A", "10")]);
    let statement = epix_core::sign::make::Statement::default();
    epix_core::sign::sign(&document, &signer.unwrap(), epix_core::sign::Place::Enveloped, &statement).unwrap()
}

#[tokio::test]
async fn the_author_s_signature_is_kept_and_does_not_travel_with_what_it_does_not_cover() {
    let mut world = world(&trusting("required"));
    let file = put(&world, "n1.xml", signed_by_its_author("N1"));
    world.succeeds(&["import", &file]);
    world.start();

    let first = fetched(&world, Call::GetNonFinal(key("N1"))).await;
    assert_eq!(world.word(Who::Customs, confirm("N1", "A=8")).await, "confirmed");
    let last = fetched(&world, Call::GetFinal(key("N1"))).await;

    assert!(first.unwrap().is_trusted());
    assert!(last.is_none());
    world.stop();
    let store = world.store().await;
    let lines = store.audit_lines(&AuthorityId::parse("XA").unwrap(), 0, 0, 100).await.unwrap();
    let events = lines.iter().map(|line| line.event().unwrap());
    let import = events.into_iter().find(|event| event.operation == "import").unwrap();
    assert_eq!(import.detail["signature"], "trusted");
    for kept in ["seal", "chain", "revocation-lists", "attachments"] {
        assert!(import.detail[kept].len() > 60, "{kept}");
    }
}

#[test]
fn every_known_attack_is_refused_with_its_reason() {
    let world = world(&trusting("required"));
    let folder = fixtures().join("signatures/refused");
    let mut seen = 0;
    for entry in std::fs::read_dir(&folder).unwrap() {
        let name = entry.unwrap().file_name().into_string().unwrap();
        if name.ends_with(".sig.xml") {
            continue;
        }
        let refused = world.command(&["import", &folder.join(&name).display().to_string()]);

        let said = String::from_utf8(refused.stdout).unwrap();
        let rule = name.split("--").next().unwrap();
        assert_eq!(refused.status.code(), Some(1), "{name}: {said}");
        assert!(said.contains(&format!("[{rule}]")), "{name}: {said}");
        seen += 1;
    }
    assert!(seen > 50, "{seen}");
    assert_eq!(world.succeeds(&["list"]), "");
}

#[tokio::test]
async fn a_verdict_is_repeated_with_what_it_rested_on() {
    let world = world(&trusting("required"));
    let came = signed_by_its_author("N1");
    let file = put(&world, "n1.xml", &came);
    world.succeeds(&["import", &file]);

    // Ten years later: other roots are trusted, another certificate is registered, RSA is retired.
    let retired = put(&world, "algorithms.toml", "[windows]\nrsa-sha256 = { until = \"2020-12-31\" }\n");
    let (roots, other) = (test_key("rogue-ca.pem"), Sha256Digest::of(b"another"));
    configure(
        &world,
        &format!("trust = [{roots:?}]\nalgorithms = {retired:?}\n[signature.country.XA]\nsigners = [\"{other}\"]\n"),
    );
    let repeated = world.succeeds(&["reverify"]);
    let today = world.command(&["reverify", "--now"]);

    assert!(repeated.contains("documents: 1 trusted"), "{repeated}");
    assert_eq!(today.status.code(), Some(1), "{today:?}");
    let store = world.store().await;
    let (authority, number) = (AuthorityId::parse("XA").unwrap(), PermitNumber::parse("N1").unwrap());
    let proven = store.proven(&authority, &number, 1).await.unwrap().unwrap();
    let digest = proven.proof.received.unwrap();
    assert_eq!(proven.piece(&digest), Some(came.as_bytes()), "what came is kept beside what its signature covers");
    assert_eq!((proven.proof.chain.len(), proven.proof.lists.len()), (2, 1));
}

#[test]
fn who_signs_for_a_country_is_registered() {
    let world = world(&signing("xa-rsa"));
    let file = put(&world, "n1.xml", permit("N1", &[("A", "10")]));
    world.succeeds(&["import", &file]);
    let own = Certificate::all_from_pem(&std::fs::read(test_key("xa-rsa.pem")).unwrap()).unwrap();
    let registered = |fingerprint: Sha256Digest| format!("[signature.country.XA]\nsigners = [\"{fingerprint}\"]\n");

    let unseen = world.succeeds(&["reverify"]);
    configure(
        &world,
        &format!("{}{}", trusting("preferred"), registered(Sha256Digest::from_bytes(own[0].fingerprint()))),
    );
    let good = world.command(&["reverify", "N1"]);
    configure(&world, &format!("{}{}", trusting("preferred"), registered(Sha256Digest::of(b"another"))));
    let bad = world.command(&["reverify", "--now"]);

    assert!(unseen.contains("not looked at"), "{unseen}");
    assert_eq!((good.status.code(), bad.status.code()), (Some(0), Some(1)));
    assert!(String::from_utf8_lossy(&bad.stdout).contains("EPIX-SIGN-20"), "{bad:?}");
}

#[test]
fn a_key_that_cannot_sign_is_told_at_once() {
    let world = world(&signing("encipher"));
    let file = put(&world, "n1.xml", permit("N1", &[("A", "10")]));

    let refused = world.command(&["import", &file]);

    assert_eq!(refused.status.code(), Some(2));
    assert!(String::from_utf8_lossy(&refused.stderr).contains("key usage"), "{refused:?}");
}

#[tokio::test]
async fn a_converted_permit_names_the_original_and_its_signer() {
    let mut world = world(&signing("xa-p256"));
    let file = put(&world, "n1.xml", permit_of_toolkit_1("N1"));
    world.succeeds(&["import", &file]);
    world.start();

    let first = fetched(&world, Call::GetNonFinal(key("N1"))).await.unwrap();
    let again = fetched(&world, Call::GetNonFinal(key("N1"))).await.unwrap();

    assert!(first.is_trusted(), "{:?}", first.findings);
    let (first, again) = (first.seal.unwrap(), again.seal.unwrap());
    assert_eq!(first.stated, again.stated, "it is signed once and served as it is");
    let original = first.original.unwrap();
    let canonical = epix_core::sign::canonical::canonical(&permit_of_toolkit_1("N1")).unwrap();
    assert_eq!(original.digest, Sha256Digest::of(canonical.as_bytes()));
    assert_eq!(original.signer, Some(first.signer().fingerprint));
}
