//! Is an answer read that comes in several parts, and one that is cut off refused?

#![allow(clippy::unwrap_used, reason = "test code outside of test functions")]

use std::future::ready;

use epix_client::{CallError, Outgoing, Partner, Reply, Sending, Transport, call};
use epix_core::id::{Operation, PermitNumber};
use epix_core::soap::{Answer, Attachment, Call, CertificateKey, Dialect, answer};

/// Answers with what it was given.
struct Canned(Reply);

impl Transport for Canned {
    fn send<'a>(&'a self, _: Outgoing<'a>) -> Sending<'a> {
        Box::pin(ready(Ok(self.0.clone())))
    }
}

fn reply(cut: usize) -> (Reply, Vec<Attachment>) {
    let document = "<r:CITESEPermit xmlns:r='urn:r'><r:A/></r:CITESEPermit>";
    let files = vec![Attachment { name: "seal.png".to_owned(), content: vec![0, 255, 13, 10] }];
    let (content_type, mut body) =
        answer::write_packed(Operation::GetFinal, Dialect::V2, document, &files, "u-17").unwrap();
    body.truncate(body.len() - cut);
    (Reply { status: 200, content_type: Some(content_type), location: None, body }, files)
}

async fn asked(reply: Reply) -> Result<epix_client::Answered, CallError> {
    let partner = Partner::v2("https://partner.example/epix", None).unwrap();
    let key = CertificateKey { number: PermitNumber::parse("N1").unwrap(), token: None, country: None };
    call(&Canned(reply), &partner, Call::GetFinal(key)).await
}

#[tokio::test]
async fn an_answer_in_parts_gives_its_message_and_its_attachments() {
    let (reply, files) = reply(0);

    let answered = asked(reply).await.unwrap();

    let Answer::Certificate(attachments) = answered.answer else { panic!() };
    assert_eq!(attachments.files, files);
    assert!(answered.bytes.starts_with(b"<?xml"));
}

#[tokio::test]
async fn an_answer_whose_last_part_is_cut_off_is_no_answer() {
    let (reply, _) = reply(20);

    assert!(matches!(asked(reply).await, Err(CallError::Unreadable { .. })));
}
