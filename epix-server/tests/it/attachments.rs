//! Attachments on their way out: in place or in parts of their own, as the caller asks, and always the same bytes.

use epix_core::id::Operation;
use epix_core::soap::{Answer, Package, answer};

use crate::permits::permit;
use crate::world::{Who, World};

const SEAL: &[u8] = b"\r\n--\0\xff\r\n\r\n--seal--";

/// A world with one permit that a file travels with.
fn world() -> World {
    let mut world = World::stopped(&[]);
    std::fs::write(world.path("n1.xml"), permit("N1", &[("A", "10")])).unwrap();
    std::fs::write(world.path("seal & stamp.png"), SEAL).unwrap();
    let path = |name: &str| world.path(name).display().to_string();
    world.succeeds(&["import", &path("n1.xml"), "--attach", &path("seal & stamp.png")]);
    world.start();
    world
}

fn question(namespace: &str, suffix: &str) -> String {
    format!(
        "<e:Envelope xmlns:e='http://schemas.xmlsoap.org/soap/envelope/'><e:Body>\
         <x:GetNonFinalCitesCertificate{suffix} xmlns:x='{namespace}'><CertificateNumber>N1</CertificateNumber>\
         </x:GetNonFinalCitesCertificate{suffix}></e:Body></e:Envelope>"
    )
}

/// What came with the permit, read as a partner does.
fn attached(content_type: &str, body: &[u8]) -> Vec<(String, Vec<u8>)> {
    let package = Package::open(Some(content_type), body).unwrap();
    let read = answer::read_package(&package, Operation::GetNonFinal).unwrap();
    let Answer::Certificate(attachments) = read else { panic!("{read:?}") };
    assert!(attachments.unreadable.is_empty());
    attachments.files.into_iter().map(|file| (file.name, file.content)).collect()
}

#[test]
fn an_attachment_travels_in_place_or_in_parts_as_the_caller_asks() {
    let world = world();
    let expected = vec![("seal & stamp.png".to_owned(), SEAL.to_vec())];

    for (namespace, suffix) in [
        ("urn:CitesDataExchange/v1/", "Request"),
        ("urn:CitesDataExchange/v2/", "Request"),
        ("urn:CitesDataExchange", ""),
    ] {
        let body = question(namespace, suffix);
        let (plain_type, plain) = world.ask_bytes(Who::Xb, &["Content-Type: text/xml"], body.as_bytes());
        let accept = "Accept: multipart/related, text/xml;q=0.5";
        let (packed_type, packed) = world.ask_bytes(Who::Xb, &["Content-Type: text/xml", accept], body.as_bytes());

        assert!(plain_type.starts_with("text/xml"), "{plain_type}");
        assert!(packed_type.starts_with("multipart/related; type=\"application/xop+xml\""), "{packed_type}");
        assert_eq!(attached(&plain_type, &plain), expected);
        assert_eq!(attached(&packed_type, &packed), expected);
    }
}

#[test]
fn a_request_in_parts_is_read_and_answered_in_parts() {
    let world = world();
    let header = "Content-Type: multipart/related; type=\"application/xop+xml\"; start=\"<q>\"; boundary=\"b\"";
    let parts = |message: &str| format!("--b\r\nContent-ID: <q>\r\n\r\n{message}\r\n--b--\r\n");
    let question = question("urn:CitesDataExchange/v2/", "Request");

    let (content_type, body) = world.ask_bytes(Who::Xb, &[header], parts(&question).as_bytes());
    let cut = world.ask(Who::Xb, "/epix", &[header], parts(&question).trim_end_matches("--b--\r\n").as_bytes());

    assert_eq!(attached(&content_type, &body)[0].1, SEAL);
    assert_eq!(cut.status, 500);
    assert!(cut.body.contains("the last part is cut off"), "{}", cut.body);
}

#[test]
fn an_answer_without_attachments_needs_no_parts() {
    let world = World::with(&[permit("N1", &[("A", "10")])]);
    let question = question("urn:CitesDataExchange/v2/", "Request");

    let answer =
        world.ask(Who::Xb, "/epix", &["Content-Type: text/xml", "Accept: multipart/related"], question.as_bytes());

    assert!(answer.headers.contains("content-type: text/xml"), "{}", answer.headers);
}

#[test]
fn more_attachments_than_partners_take_in_one_answer_are_refused_at_the_door() {
    let world = World::stopped(&[]);
    std::fs::write(world.path("n1.xml"), permit("N1", &[("A", "10")])).unwrap();
    std::fs::File::create(world.path("scan.tif")).unwrap().set_len(17 << 20).unwrap();
    let path = |name: &str| world.path(name).display().to_string();

    let refused = world.command(&["import", &path("n1.xml"), "--attach", &path("scan.tif")]);

    assert_eq!(refused.status.code(), Some(2));
    assert!(String::from_utf8_lossy(&refused.stderr).contains("at most 16777216 travel with a permit"));
}
