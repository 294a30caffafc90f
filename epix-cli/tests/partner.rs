//! Do `epix state`, `fetch` and `confirm` do their work against a partner over real TLS?

#![allow(clippy::unwrap_used, reason = "test code outside of test functions")]

#[path = "../../epix-client/tests/loopback/mod.rs"]
mod loopback;
mod permit;

use std::fs;
use std::process::Command;

use epix_core::codes::Language;
use epix_core::id::{Operation, Sha256Digest};
use epix_core::sign::{self, Certificate, SoftwareKey};
use epix_core::soap::{Dialect, Fault, FaultCode, answer as soap, fault};
use loopback::{Files, Holder, Loopback, Play};
use permit::{NUMBER, PERMIT, answer, broken_permit, final_permit};
use serde_json::{Value, json};

/// A partner with its play, and our files.
struct World {
    partner: Loopback,
    files: Files,
}

struct Said {
    code: i32,
    out: String,
    err: String,
}

impl World {
    fn plays(play: Play) -> World {
        let root = Holder::root("root");
        let server = root.issues("partner", &["localhost"]);
        World { partner: Loopback::plays(play, &server, &root), files: Files::write(&root.issues("us", &[]), &root) }
    }

    fn answers(body: &str) -> World {
        World::plays(Play::soap("200 OK", body))
    }

    fn refuses(code: FaultCode) -> World {
        World::plays(Play::soap(
            "500 Internal Server Error",
            &fault::write(&Fault::of(code), Dialect::V2, Language::English, "r-1"),
        ))
    }

    /// Runs `epix` in the folder of our files.
    fn epix(&self, arguments: &[&str]) -> Said {
        let mut command = Command::new(env!("CARGO_BIN_EXE_epix"));
        command.args(arguments).args(["--to", &self.partner.url(), "--cert", "own.pem", "--key", "own.key"]);
        // A proxy in the environment changes nothing.
        command.args(["--ca", "ca.pem"]).env("HTTPS_PROXY", "http://127.0.0.1:1").current_dir(self.files.folder.path());
        let output = command.output().unwrap();
        Said {
            code: output.status.code().unwrap(),
            out: String::from_utf8(output.stdout).unwrap(),
            err: String::from_utf8(output.stderr).unwrap(),
        }
    }

    fn fetch(&self, more: &[&str]) -> Said {
        self.epix(&[&["fetch", NUMBER, "--country", "XA"], more].concat())
    }

    fn read(&self, name: &str) -> String {
        fs::read_to_string(self.files.folder.path().join(name)).unwrap()
    }

    fn has(&self, name: &str) -> bool {
        self.files.folder.path().join(name).exists()
    }
}

impl Said {
    fn object(&self) -> Value {
        assert_eq!(self.out.lines().count(), 1, "{} {}", self.out, self.err);
        serde_json::from_str(&self.out).unwrap()
    }
}

const JSON: [&str; 2] = ["--format", "json"];

#[test]
fn the_state_is_the_partners_word() {
    let well = World::answers(&soap::write_state(Dialect::V2, "OK"));
    let down = World::answers(&soap::write_state(Dialect::V2, "DOWN"));

    let said = well.epix(&["state", "--country", "XA", "--format", "json"]);

    assert_eq!((said.code, said.object()), (0, json!({"kind": "state", "state": "OK"})));
    assert!(well.partner.requests()[0].contains("<IsoCountryCode>XA</IsoCountryCode>"));
    let said = down.epix(&["state"]);
    assert_eq!((said.code, said.out.ends_with(" says: DOWN\n")), (1, true));
}

#[test]
fn a_permit_is_fetched_shown_and_written_alone() {
    let world = World::answers(&answer(Operation::GetNonFinal, PERMIT, &[("a.pdf", b"%PDF")]));

    let shown = world.fetch(&[]);
    let kept = world.fetch(&["-o", "out.xml", "--format", "json"]);

    assert_eq!(shown.code, 0);
    assert!(shown.out.contains("Furcifer pardalis"), "{}", shown.out);
    assert!(shown.out.contains("attachments, not saved"), "{}", shown.out);
    assert_eq!(kept.code, 0);
    let positions = json!([
        {"id": "A", "scientific_name": "Furcifer pardalis", "permitted": "10", "confirmed": null, "unit": "NAR"},
        {"id": "B", "scientific_name": "Dalbergia nigra", "permitted": "2.750", "confirmed": null, "unit": "KGM"},
    ]);
    let expected = json!({"kind": "permit", "number": NUMBER, "final": false, "version": "2.0", "file": "out.xml",
        "positions": positions, "attachments": [{"name": "a.pdf", "size": 4, "sha256": Sha256Digest::of(b"%PDF")}]});
    assert_eq!(kept.object(), expected);
    let document = world.read("out.xml");
    assert!(document.starts_with("<rsm:CITESEPermit "), "{document}");
    assert!(!document.contains("Envelope"));
    let requests = world.partner.requests();
    assert!(requests[0].contains("<CertificateNumber>XA-2026-0001</CertificateNumber>"));
    assert!(!requests[0].contains("<TokenId>"));
}

#[test]
fn the_final_permit_is_asked_for_by_its_own_operation() {
    let world = World::answers(&answer(Operation::GetFinal, &final_permit(), &[]));

    let said = world.fetch(&["--final", "--format", "json"]);

    assert_eq!((said.code, &said.object()["final"]), (0, &true.into()));
    assert_eq!(said.object()["positions"][0]["confirmed"], "8");
    assert!(world.partner.requests()[0].contains("GetFinalCitesCertificateRequest"));
}

#[test]
fn a_final_answer_without_certified_quantities_is_remarked() {
    let world = World::answers(&answer(Operation::GetFinal, PERMIT, &[]));

    let said = world.fetch(&["--final", "-o", "out.xml"]);

    assert_eq!(said.code, 0);
    assert!(said.out.contains("warning: the final permit was asked for"), "{}", said.out);
}

#[test]
fn documents_go_to_standard_output_alone() {
    let message = answer(Operation::GetNonFinal, PERMIT, &[]);
    let world = World::answers(&message);

    let permit = world.fetch(&["-o", "-"]);
    let raw = world.fetch(&["--raw"]);

    assert!(permit.out.starts_with("<rsm:CITESEPermit ") && permit.out.trim_end().ends_with("</rsm:CITESEPermit>"));
    assert!(permit.err.contains("permit XA-2026-0001"), "{}", permit.err);
    assert_eq!(raw.out, message);
    let mixed = world.fetch(&[&["-o", "-"], &JSON[..]].concat());
    assert_eq!((mixed.code, &mixed.object()["kind"]), (2, &"error".into()));
}

#[test]
fn attachments_are_saved_under_harmless_names() {
    let sent: [(&str, &[u8]); 3] = [("../../scan.pdf", b"one"), ("scan.pdf", b"two"), (".hidden", b"three")];
    let world = World::answers(&answer(Operation::GetNonFinal, PERMIT, &sent));

    let said = world.fetch(&["-o", "out.xml", "--attachments", "papers"]);

    assert_eq!(said.code, 0, "{}", said.err);
    assert_eq!(world.read("papers/scan.pdf"), "one");
    assert_eq!(world.read("papers/scan-2.pdf"), "two");
    assert_eq!(world.read("papers/hidden"), "three");
    assert!(said.out.contains(&format!("scan.pdf, 3 bytes, sha-256 {}", Sha256Digest::of(b"one"))), "{}", said.out);
}

#[test]
fn a_permit_that_is_not_valid_is_not_written() {
    let message = answer(Operation::GetNonFinal, &broken_permit(), &[("a.pdf", b"x")]);
    let world = World::answers(&message);

    let refused = world.fetch(&["-o", "out.xml", "--attachments", "papers"]);
    let raw = world.fetch(&[&["--raw", "-o", "raw.xml"], &JSON[..]].concat());

    assert_eq!(refused.code, 1);
    assert!(refused.err.contains("not a valid permit") && refused.err.contains("EPIX-READ-07"), "{}", refused.err);
    assert!(!world.has("out.xml") && !world.has("papers"));
    assert_eq!(raw.code, 1);
    assert_eq!((&raw.object()["kind"], &raw.object()["file"]), (&"report".into(), &"raw.xml".into()));
    assert_eq!(world.read("raw.xml"), message);
}

#[test]
fn another_permit_than_the_one_asked_for_is_not_kept() {
    let world = World::answers(&answer(Operation::GetNonFinal, &PERMIT.replace(NUMBER, "XA-2026-0002"), &[]));

    let said = world.fetch(&["-o", "out.xml"]);

    assert_eq!(said.code, 2);
    assert!(said.err.contains("permit XA-2026-0002 instead of XA-2026-0001"), "{}", said.err);
    assert!(!world.has("out.xml"));
}

/// A key of the fixtures, by its path.
fn key_file(name: &str) -> String {
    format!("{}/../fixtures/signatures/keys/{name}", env!("CARGO_MANIFEST_DIR"))
}

/// An answer with the signature of [`PERMIT`] beside a permit.
fn signed_answer(permit: &str, signer: &str) -> String {
    let read = |name: String| fs::read(key_file(&name)).unwrap();
    let mut chain = Certificate::all_from_pem(&read(format!("{signer}.pem"))).unwrap();
    chain.extend(Certificate::all_from_pem(&read("ca.pem".to_owned())).unwrap());
    let key = SoftwareKey::from_pem(&read(format!("{signer}.key")), None, chain).unwrap();
    let signature = sign::sign(PERMIT, &key, sign::Place::Detached, &Default::default()).unwrap();
    answer(Operation::GetNonFinal, permit, &[("permit.sig.xml", signature.as_bytes())])
}

/// Fetches with the test root trusted, on a day when the test keys are valid.
fn fetch_trusting(message: &str, more: &[&str]) -> (World, Said) {
    let world = World::answers(message);
    let (root, list) = (key_file("ca.pem"), key_file("ca.crl"));
    let trust = ["--trust", &root, "--crl", &list, "--at", "2027-03-01", "-o", "out.xml"];
    let said = world.fetch(&[&trust, more].concat());
    (world, said)
}

#[test]
fn a_signature_that_came_with_the_answer_has_to_hold_where_somebody_is_trusted() {
    let message = signed_answer(PERMIT, "xa-rsa");

    let (world, human) = fetch_trusting(&message, &["--signed"]);
    let (_, json) = fetch_trusting(&message, &JSON);

    assert_eq!(human.code, 0, "{}", human.err);
    assert!(human.out.contains("the signature is trusted\n  signer      C=XA"), "{}", human.out);
    assert_eq!(world.read("out.xml"), sign::canonical::canonical(PERMIT).unwrap(), "what was covered is written");
    let signature = &json.object()["signature"];
    assert_eq!((&signature["trusted"], &signature["seal"]["algorithm"]), (&json!(true), &json!("rsa-sha256")));
    let changed = PERMIT.replacen(">10</ram:ItemQuantity>", ">90</ram:ItemQuantity>", 1);
    for (message, rule, more) in [
        (signed_answer(&changed, "xa-rsa"), "EPIX-SIGN-12", &[][..]),
        (signed_answer(PERMIT, "xb-rsa"), "EPIX-SIGN-20", &[]),
        (message, "EPIX-SIGN-20", &["--issuer", "XB"]),
        (answer(Operation::GetNonFinal, PERMIT, &[]), "EPIX-SIGN-01", &["--signed"]),
    ] {
        let (world, refused) = fetch_trusting(&message, more);
        assert_eq!((refused.code, refused.err.contains(rule)), (1, true), "{rule}: {}", refused.err);
        assert!(!world.has("out.xml"), "{rule}");
    }
}

#[test]
fn an_answer_without_a_signature_is_told_where_one_was_looked_for() {
    let message = answer(Operation::GetNonFinal, PERMIT, &[]);

    let (_, human) = fetch_trusting(&message, &[]);
    let (_, json) = fetch_trusting(&message, &JSON);

    assert_eq!((human.code, human.out.contains("warning: the permit is not signed")), (0, true), "{}", human.out);
    assert_eq!(json.object()["signature"], json!({"trusted": false, "seal": null}));
}

#[test]
fn a_fault_is_a_refusal_in_words() {
    let world = World::refuses(FaultCode::NotFinal);

    let human = world.fetch(&["--final", "-o", "out.xml"]);
    let json = world.fetch(&[&["--final"], &JSON[..]].concat());

    assert_eq!((human.code, human.out.as_str()), (1, ""));
    assert!(human.err.contains(" refuses: the permit is not final"), "{}", human.err);
    assert!(human.err.contains("code NotFinal, fault Client, request r-1"), "{}", human.err);
    assert!(!world.has("out.xml"));
    let message = FaultCode::NotFinal.sentence(Language::English);
    let expected =
        json!({"kind": "fault", "faultcode": "Client", "code": "NotFinal", "message": message, "request_id": "r-1"});
    assert_eq!((json.code, json.object()), (1, expected));
}

#[test]
fn quantities_are_confirmed_as_they_were_typed() {
    let world = World::answers(&soap::write_confirmed(Dialect::V2));
    let confirm = ["confirm", NUMBER, "--country", "XA", "--quantity", "A=5", "--quantity", "B=2.750"];

    let said = world.epix(&[&confirm[..], &JSON].concat());

    assert_eq!((said.code, said.object()), (0, json!({"kind": "confirmed", "number": NUMBER, "confirmed": true})));
    let request = &world.partner.requests()[0];
    assert!(request.contains("<ID>B</ID><InspectedUnitQuantity>2.750</InspectedUnitQuantity>"), "{request}");
    assert_eq!(world.epix(&confirm).out, "permit XA-2026-0001: confirmed A=5, B=2.750\n");
}

#[test]
fn a_token_travels_from_its_file_to_the_partner_and_nowhere_else() {
    let world = World::refuses(FaultCode::PermitNotFound);
    fs::write(world.files.folder.path().join("token"), "s3cret\n").unwrap();

    let said = world.fetch(&["--token-file", "token"]);

    assert!(world.partner.requests()[0].contains("<TokenId>s3cret</TokenId>"));
    assert!(!said.out.contains("s3cret") && !said.err.contains("s3cret"));
}

#[test]
fn what_is_no_answer_ends_with_2_and_says_what_to_do() {
    for (play, sentence, hint) in [
        (Play::http("404 Not Found", "text/html", "<html/>"), "HTTP status 404", "check the path"),
        (Play::soap("200 OK", ""), "an empty body", "never a yes"),
        (Play::http("200 OK", "text/html", "<p>hello"), "answers with text/html", "may not be an EPIX service"),
        (Play::Hangup, "closed the connection", "--cert"),
    ] {
        let world = World::plays(play);
        let human = world.epix(&["state"]);
        let json = world.epix(&[&["state"], &JSON[..]].concat());

        assert_eq!((human.code, human.out.as_str(), json.code), (2, "", 2));
        assert!(human.err.starts_with("epix: https://localhost:"), "{}", human.err);
        assert!(human.err.contains(sentence) && human.err.contains(hint), "{}", human.err);
        assert_eq!(json.object()["kind"], "error");
        assert!(json.object()["error"].as_str().unwrap().contains(sentence));
    }
}

#[test]
fn a_silent_partner_is_waited_for_as_long_as_was_typed() {
    let said = World::plays(Play::Silence).epix(&["state", "--timeout", "1"]);

    assert_eq!(said.code, 2);
    assert!(said.err.contains("within 1 s"), "{}", said.err);
}

#[test]
fn a_stranger_is_told_that_its_certificate_is_refused() {
    let world = World::answers(&soap::write_state(Dialect::V2, "OK"));
    let stranger = Holder::root("stranger").issues("stranger", &[]);
    let folder = world.files.folder.path();
    fs::write(folder.join("own.pem"), stranger.certificate.to_pem().unwrap()).unwrap();
    fs::write(folder.join("own.key"), stranger.key.private_key_to_pem_pkcs8().unwrap()).unwrap();

    let said = world.epix(&["state"]);

    assert_eq!(said.code, 2);
    assert!(said.err.contains("refuses our certificate"), "{}", said.err);
}

#[test]
fn what_is_typed_wrongly_is_told_before_anybody_is_called() {
    let world = World::answers("");

    for (arguments, sentence) in [
        (&["fetch", NUMBER, "--country", "XAX"][..], "--country XAX"),
        (&["fetch", " ", "--country", "XA"], "NUMBER"),
        (&["fetch", NUMBER, "--country", "XA", "-o", "missing/out.xml"], "cannot write missing/out.xml"),
        (&["fetch", NUMBER, "--country", "XA", "--token-file", "missing"], "cannot read missing"),
        (&["confirm", NUMBER, "--country", "XA", "--quantity", "A"], "is not written as A=5"),
        (&["confirm", NUMBER, "--country", "XA", "--quantity", "A=1", "--quantity", "A=2"], "twice"),
    ] {
        let said = world.epix(arguments);
        assert_eq!(said.code, 2);
        assert!(said.err.contains(sentence), "{}", said.err);
    }
    fs::write(world.files.folder.path().join("own.key"), "nothing").unwrap();
    let said = world.epix(&["state"]);
    assert!(said.err.contains("own.key holds no usable key"), "{}", said.err);
    assert!(world.partner.requests().is_empty());
}

#[test]
fn an_odd_partner_is_asked_in_its_own_way_with_its_login() {
    let world = World::answers(&format!(
        "<e:Envelope xmlns:e=\"http://schemas.xmlsoap.org/soap/envelope/\"><e:Body><GetDocumentResponse>{}</GetDocumentResponse></e:Body></e:Envelope>",
        PERMIT.split_once("?>").map_or(PERMIT, |(_, root)| root)
    ));
    fs::write(world.files.folder.path().join("login"), "xb\ns3cret\n").unwrap();

    let said = world.fetch(&["--profile", "czech", "--login-file", "login"]);
    let without = world.fetch(&["--profile", "czech"]);
    let unknown = world.fetch(&["--profile", "nobody"]);

    assert_eq!(said.code, 0, "{}", said.err);
    assert!(world.partner.requests()[0].contains("<v1:Password>s3cret</v1:Password>"));
    assert_eq!((without.code, world.partner.requests().len()), (2, 1), "without a login nothing is sent");
    assert!(without.err.contains("--login-file"), "{}", without.err);
    assert!(unknown.err.contains("standard, czech"), "{}", unknown.err);
}
