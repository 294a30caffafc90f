//! What a service answers: writing it, and reading what a partner answered.

use crate::wire::tree::Node;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD as BASE64;

use super::dialect::{Dialect, DialectSpec, Words};
use super::envelope::{self, NotAnEnvelope, SOAP, wrap};
use super::fault::FaultCode;
use super::message::{
    AttachmentMessage, Certificate, Confirmation, Exchange, FaultMessage, Parameter, Particular, State, fragment,
    include,
};
use super::package::{Package, PackageError, packed};
use crate::id::Operation;
use crate::report::Place;
use crate::wire::describe::Content;
use crate::wire::form::{FormError, envelop};
use crate::wire::guard::Limits;
use crate::wire::reader::Reader;
use crate::wire::writer::escape_text;

/// A document that travels beside a permit.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Attachment {
    /// `AttachmentName` as sent; to be sanitised before it becomes a file name.
    pub name: String,
    /// Its bytes.
    pub content: Vec<u8>,
}

/// What travels beside a permit in an answer.
#[derive(Debug, Default)]
pub struct Attachments {
    /// Those whose content stands in the answer.
    pub files: Vec<Attachment>,
    /// Names of those whose content does not: it is no base64, but for instance a reference to another MIME part.
    pub unreadable: Vec<String>,
}

/// What a partner answered.
#[derive(Debug)]
pub enum Answer {
    /// To both Get operations: the answer carries a permit, to be looked at by `receive`, and these attachments.
    Certificate(Attachments),
    /// To `ConfirmQuantities`; `None` when the partner said nothing that we know (its answer is not public).
    Confirmed(Option<bool>),
    /// To `ServiceState`: the word of the partner, empty when it said nothing that we know.
    State(String),
    /// A refusal in words, whatever the HTTP status.
    Fault(PartnerFault),
}

/// A fault as a partner worded it.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct PartnerFault {
    /// `faultcode` without its prefix: `Client` or `Server`, mostly.
    pub faultcode: String,
    /// `faultstring`.
    pub faultstring: String,
    /// The code in the typed detail, where the partner gave one.
    pub code: Option<String>,
    /// The sentence in the typed detail.
    pub message: Option<String>,
    /// The partner's request id.
    pub request_id: Option<String>,
    /// What is special about the case, by name, where the partner says it as we do ([`super::Fact`]).
    pub particulars: Vec<(String, String)>,
}

impl PartnerFault {
    /// What the fault means, where that is known: by the code in its detail, else by the word of the public hub.
    pub fn meaning(&self) -> Option<FaultCode> {
        let by_code = self.code.as_deref().and_then(FaultCode::named);
        by_code.or_else(|| FaultCode::of_hub_word(&self.faultstring))
    }
}

/// Says why an answer could not be understood.
#[derive(Debug, thiserror::Error)]
pub enum AnswerError {
    /// Refused by the guard, or not well-formed.
    #[error("the answer is not acceptable XML: {0}")]
    Xml(String),
    /// It says that it came in several parts, and cannot be taken apart.
    #[error("the answer cannot be taken apart")]
    Package(#[from] PackageError),
    /// Not the message that was to be expected.
    #[error("the answer is not what {operation} answers: {reason}", operation = .operation.name())]
    Unexpected {
        /// The operation that was called.
        operation: Operation,
        /// What stands there instead.
        reason: String,
    },
}

/// Writes the answer to a Get operation; `document` is the stand-alone permit, which goes out re-tagged, else untouched.
///
/// # Errors
/// [`FormError`] when the document is not well-formed, which cannot be for one that was accepted.
pub fn write_certificate(
    operation: Operation,
    dialect: Dialect,
    document: &str,
    attachments: &[Attachment],
) -> Result<String, FormError> {
    certificate_with(operation, dialect, document, attachments, |_, attachment| BASE64.encode(&attachment.content))
}

/// Writes the same with the attachments in MIME parts of their own (MTOM): the Content-Type, and the body.
///
/// `unique` must occur in no attachment, such as a new random id.
///
/// # Errors
/// As [`write_certificate`].
pub fn write_packed(
    operation: Operation,
    dialect: Dialect,
    document: &str,
    attachments: &[Attachment],
    unique: &str,
) -> Result<(String, Vec<u8>), FormError> {
    let id = |index: usize| format!("{index}.{unique}@epix");
    let message = certificate_with(operation, dialect, document, attachments, |index, _| include(&id(index)))?;
    let parts: Vec<_> = attachments.iter().enumerate().map(|(index, file)| (id(index), &*file.content)).collect();
    Ok(packed(&message, &parts, unique))
}

/// For the element around a permit; attachments make room for themselves.
const ROOM: usize = 512;

fn certificate_with(
    operation: Operation,
    dialect: Dialect,
    document: &str,
    attachments: &[Attachment],
    content: impl Fn(usize, &Attachment) -> String,
) -> Result<String, FormError> {
    let DialectSpec { prefix, namespace, .. } = dialect.spec().answers_as.spec();
    let name = format!("{}Response", operation.name());
    let mut message = envelope::begun(document.len() + ROOM);
    message.push_str(&format!("<{prefix}:{name} xmlns:{prefix}=\"{namespace}\">"));
    envelop(document, &mut message)?;
    for (index, attachment) in attachments.iter().enumerate() {
        message.push_str(&format!(
            "<Attachments><AttachmentName>{}</AttachmentName><AttachmentContent>{}</AttachmentContent></Attachments>",
            escape_text(&attachment.name),
            content(index, attachment)
        ));
    }
    // Nobody has documented Composite; both public samples say false.
    message.push_str(&format!("<Composite>false</Composite></{prefix}:{name}>"));
    Ok(envelope::ended(message))
}

/// Writes the answer to `ConfirmQuantities` (our choice: the public contract does not say).
pub fn write_confirmed(dialect: Dialect) -> String {
    let (confirmed, value) = worded(dialect, "true");
    wrap(&fragment(&Confirmation { confirmed, value }, dialect, "ConfirmQuantitiesResponse"))
}

/// Writes the answer to `ServiceState` (our choice): `OK`, `DEGRADED`, `MAINTENANCE` or `DOWN`.
pub fn write_state(dialect: Dialect, state: &str) -> String {
    let (state, value) = worded(dialect, state);
    wrap(&fragment(&State { state, value }, dialect, "ServiceStateResponse"))
}

/// A word for the element that is typed, or for the hub's `Value`.
fn worded(dialect: Dialect, word: &str) -> (Option<Parameter>, Option<Parameter>) {
    let word = Some(Parameter(word.to_owned()));
    match dialect.spec().words {
        Words::Typed => (word, None),
        Words::Value => (None, word),
    }
}

/// Reads what a partner answered to an operation. A partner may send a fault with any HTTP status, so the body decides.
///
/// # Errors
/// [`AnswerError`] when the bytes are no such answer.
pub fn read(bytes: &[u8], operation: Operation) -> Result<Answer, AnswerError> {
    read_package(&Package::alone(bytes), operation)
}

/// Does the same with an answer that may have come in several parts.
///
/// # Errors
/// [`AnswerError`] when it is no such answer.
pub fn read_package(package: &Package<'_>, operation: Operation) -> Result<Answer, AnswerError> {
    let unexpected = |reason: String| AnswerError::Unexpected { operation, reason };
    let not_an_envelope = |reason: NotAnEnvelope| match reason {
        NotAnEnvelope::Xml(reason) => AnswerError::Xml(reason),
        NotAnEnvelope::Shape(reason) => unexpected(reason),
        NotAnEnvelope::WrongVersion => unexpected("the envelope is SOAP 1.2".to_owned()),
        NotAnEnvelope::NotUnderstood(name) => unexpected(format!("header {name} must be understood and is not")),
    };
    let text = envelope::guarded(package.root(), &Limits::DOCUMENT).map_err(not_an_envelope)?;
    let tree = envelope::parse(text).map_err(not_an_envelope)?;
    let body = envelope::body(&tree).map_err(not_an_envelope)?;
    envelope::headers(&tree).map_err(not_an_envelope)?;
    if body.has_tag_name((SOAP, "Fault")) {
        return Ok(Answer::Fault(partner_fault(&described(body))));
    }
    let name = body.tag_name().name();
    if name != format!("{}Response", operation.name()) {
        return Err(unexpected(format!("it is {name}")));
    }
    match operation {
        Operation::GetNonFinal | Operation::GetFinal => certificate(&described(body), package, unexpected),
        Operation::ConfirmQuantities => {
            let confirmation: Confirmation = described(body);
            let word = text_of(confirmation.confirmed.as_ref().or(confirmation.value.as_ref()));
            Ok(Answer::Confirmed(matches_boolean(&word)))
        }
        Operation::ServiceState => {
            let state: State = described(body);
            Ok(Answer::State(text_of(state.state.as_ref().or(state.value.as_ref()))))
        }
    }
}

/// Reads a message leniently: what a partner adds beyond the description is passed over.
fn described<C: Content<Exchange> + Default>(node: Node<'_, '_>) -> C {
    let nowhere = |_, path| Place { line: 0, column: 0, path };
    C::read(node, &mut Reader::new(&nowhere)).unwrap_or_default()
}

fn certificate(
    message: &Certificate,
    package: &Package<'_>,
    unexpected: impl Fn(String) -> AnswerError,
) -> Result<Answer, AnswerError> {
    if message.permit.is_none() && message.shipment.is_none() {
        return Err(unexpected("it carries no permit".to_owned()));
    }
    let mut attachments = Attachments::default();
    // Many attachments may name one part: what they hold together is no longer than what came.
    let mut left = package.size();
    for message in message.attachments.iter().filter(|attachment| !is_blank(attachment)) {
        let name = text_of(message.name.as_ref());
        match content(message, package).filter(|content| content.len() <= left) {
            Some(content) => {
                left -= content.len();
                attachments.files.push(Attachment { name, content });
            }
            None => attachments.unreadable.push(name),
        }
    }
    Ok(Answer::Certificate(attachments))
}

fn is_blank(attachment: &AttachmentMessage) -> bool {
    let content = attachment.content.as_ref();
    let has_content = content.is_some_and(|content| content.href.is_some() || !content.text.trim().is_empty());
    text_of(attachment.name.as_ref()).is_empty() && !has_content
}

/// The bytes of an attachment, from its place or from the part that it names; never from anywhere else.
fn content(message: &AttachmentMessage, package: &Package<'_>) -> Option<Vec<u8>> {
    let Some(content) = &message.content else { return Some(Vec::new()) };
    if let Some(href) = &content.href {
        return package.part(href).map(<[u8]>::to_vec);
    }
    let encoded: String = content.text.chars().filter(|c| !c.is_ascii_whitespace()).collect();
    BASE64.decode(encoded).ok()
}

fn partner_fault(message: &FaultMessage) -> PartnerFault {
    let detail = message.detail.as_ref().and_then(|detail| detail.fault.as_ref());
    let given = |parameter: Option<&Parameter>| Some(text_of(parameter)).filter(|text| !text.is_empty());
    let faultcode = text_of(message.code.as_ref());
    PartnerFault {
        faultcode: faultcode.rsplit(':').next().unwrap_or_default().to_owned(),
        faultstring: text_of(message.text.as_ref()),
        code: given(detail.and_then(|detail| detail.code.as_ref())),
        message: given(detail.and_then(|detail| detail.message.as_ref())),
        request_id: given(detail.and_then(|detail| detail.request_id.as_ref())),
        particulars: detail.map(|detail| detail.particulars.iter().map(particular).collect()).unwrap_or_default(),
    }
}

fn particular(message: &Particular) -> (String, String) {
    (text_of(message.name.as_ref()), text_of(message.value.as_ref()))
}

fn text_of(parameter: Option<&Parameter>) -> String {
    parameter.map(|parameter| parameter.0.trim().to_owned()).unwrap_or_default()
}

fn matches_boolean(word: &str) -> Option<bool> {
    match word {
        "true" | "1" => Some(true),
        "false" | "0" => Some(false),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::super::dialect::DIALECTS;
    use super::super::fault::{self, Fact, Fault};
    use super::*;
    use crate::codes::Language;

    #[test]
    fn an_answer_is_read_as_it_was_written() {
        for spec in DIALECTS {
            let confirmed = read(write_confirmed(spec.dialect).as_bytes(), Operation::ConfirmQuantities).unwrap();
            let state = read(write_state(spec.dialect, "OK").as_bytes(), Operation::ServiceState).unwrap();

            assert!(matches!(confirmed, Answer::Confirmed(Some(true))), "{}", spec.name);
            assert!(matches!(state, Answer::State(word) if word == "OK"), "{}", spec.name);
        }
    }

    #[test]
    fn an_answer_stands_in_the_namespace_of_its_dialect() {
        let document = "<CBFShip xmlns='urn:x'><A/></CBFShip>";
        let written = |dialect| write_certificate(Operation::GetFinal, dialect, document, &[]).unwrap();

        assert!(
            written(Dialect::V1)
                .contains("<v1:GetFinalCitesCertificateResponse xmlns:v1=\"urn:CitesDataExchange/v1/\"><CBFShip>")
        );
        assert!(
            written(Dialect::Hub)
                .contains("<hub:GetFinalCitesCertificateResponse xmlns:hub=\"urn:CitesDataExchange\">")
        );
        // The public hub passed on the answer of the national service as it came.
        assert!(written(Dialect::HubAsWas).contains("<v2:GetFinalCitesCertificateResponse "));
        assert!(matches!(read(written(Dialect::V1).as_bytes(), Operation::GetFinal), Ok(Answer::Certificate(_))));
        assert!(
            write_state(Dialect::Hub, "OK")
                .contains("<hub:ServiceStateResponse xmlns:hub=\"urn:CitesDataExchange\"><Value>OK</Value>")
        );
    }

    #[test]
    fn an_attachment_keeps_its_bytes() {
        let document = "<r:CITESEPermit xmlns:r='urn:r'><r:A/></r:CITESEPermit>";
        let sent = vec![Attachment { name: "a & b.pdf".to_owned(), content: vec![0, 255, 7] }];

        let message = write_certificate(Operation::GetFinal, Dialect::V2, document, &sent).unwrap();

        let Answer::Certificate(received) = read(message.as_bytes(), Operation::GetFinal).unwrap() else { panic!() };
        assert_eq!(received.files, sent);
        assert!(read(message.as_bytes(), Operation::GetNonFinal).is_err());
    }

    #[test]
    fn an_attachment_in_a_part_of_its_own_keeps_its_bytes() {
        let document = "<r:CITESEPermit xmlns:r='urn:r'><r:A/></r:CITESEPermit>";
        let sent = vec![Attachment { name: "a.pdf".to_owned(), content: b"\r\n--u-1\0\xff".to_vec() }];

        let (content_type, body) = write_packed(Operation::GetFinal, Dialect::V1, document, &sent, "u-17").unwrap();

        let package = Package::open(Some(&content_type), &body).unwrap();
        let Answer::Certificate(read) = read_package(&package, Operation::GetFinal).unwrap() else { panic!() };
        assert_eq!(read.files, sent);
        let Answer::Certificate(alone) = super::read(package.root(), Operation::GetFinal).unwrap() else { panic!() };
        assert_eq!(alone.unreadable, ["a.pdf"], "a part that did not come is named");
    }

    #[test]
    fn attachments_that_share_a_part_hold_no_more_than_came() {
        let document = "<r:CITESEPermit xmlns:r='urn:r'><r:A/></r:CITESEPermit>";
        let sent = vec![Attachment { name: "a".to_owned(), content: vec![7; 100_000] }];
        let (content_type, body) = write_packed(Operation::GetFinal, Dialect::V2, document, &sent, "u-17").unwrap();
        let body = String::from_utf8(body).unwrap();
        let from = body.find("<Attachments>").unwrap();
        let one = &body[from..body.find("</Attachments>").unwrap() + "</Attachments>".len()];
        let many = body.replacen(one, &one.repeat(9), 1);

        let package = Package::open(Some(&content_type), many.as_bytes()).unwrap();
        let Answer::Certificate(read) = read_package(&package, Operation::GetFinal).unwrap() else { panic!() };

        assert_eq!((&read.files, read.unreadable.len()), (&sent, 8));
    }

    #[test]
    fn an_attachment_that_cannot_be_read_does_not_hide_the_permit() {
        let document = "<r:CITESEPermit xmlns:r='urn:r'><r:A/></r:CITESEPermit>";
        let message = write_certificate(Operation::GetFinal, Dialect::V2, document, &[]).unwrap();
        let beside = "<Attachments><AttachmentName>seal</AttachmentName><AttachmentContent>cid:12</AttachmentContent>";
        let message = message.replace("<Composite>", &format!("{beside}</Attachments><Composite>"));

        let Answer::Certificate(received) = read(message.as_bytes(), Operation::GetFinal).unwrap() else { panic!() };

        assert_eq!(received.unreadable, ["seal"]);
        assert!(received.files.is_empty());
    }

    #[test]
    fn a_fault_is_an_answer_with_code_sentence_and_particulars() {
        let fault = Fault::with(FaultCode::QuantityExceeded, "<11> of 10").stating(Fact::Position, "A");

        let message = fault::write(&fault, Dialect::V2, Language::English, "r-1");

        let Answer::Fault(read) = read(message.as_bytes(), Operation::ConfirmQuantities).unwrap() else { panic!() };
        assert_eq!(read.faultcode, "Client");
        assert_eq!(read.code.as_deref(), Some("QuantityExceeded"));
        assert_eq!(read.message.as_deref(), Some("more is confirmed than the permit allows: position A, <11> of 10"));
        assert_eq!(read.request_id.as_deref(), Some("r-1"));
        assert_eq!(read.particulars, [("Position".to_owned(), "A".to_owned())]);
    }

    #[test]
    fn a_fault_keeps_its_meaning_with_and_without_a_detail() {
        let fault = |string: &str, code: Option<&str>| PartnerFault {
            faultstring: string.to_owned(),
            code: code.map(str::to_owned),
            ..PartnerFault::default()
        };

        assert_eq!(fault("other words", Some("NotFinal")).meaning(), Some(FaultCode::NotFinal));
        assert_eq!(fault("CalleeNotFound", None).meaning(), Some(FaultCode::CalleeNotFound));
        assert_eq!(fault("Errno::ECONNREFUSED", Some("X")).meaning(), None);
    }
}
