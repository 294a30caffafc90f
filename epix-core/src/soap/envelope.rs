//! The SOAP 1.1 envelope: finding what stands in its body, and putting something into one.

use crate::id::CallId;
use crate::wire::guard::{Limits, guard};
use crate::wire::tree::{Document, Node};

/// Namespace of SOAP 1.1.
pub(super) const SOAP: &str = "http://schemas.xmlsoap.org/soap/envelope/";
const NEXT: &str = "http://schemas.xmlsoap.org/soap/actor/next";
const SOAP_1_2: &str = "http://www.w3.org/2003/05/soap-envelope";

/// Why a text is not an envelope that can be answered.
#[derive(Debug)]
pub(super) enum NotAnEnvelope {
    /// Refused by the guard or not well-formed, in words.
    Xml(String),
    /// Not a SOAP message, in words.
    Shape(String),
    /// SOAP 1.2, which EPIX does not speak.
    WrongVersion,
    /// A header block that must be understood and is not, by its name.
    NotUnderstood(String),
}

/// Guards bytes and gives their text.
pub(super) fn guarded<'b>(bytes: &'b [u8], limits: &Limits) -> Result<&'b str, NotAnEnvelope> {
    guard(bytes, limits).map_err(|finding| NotAnEnvelope::Xml(format!("{}: {}", finding.place, finding.sentence)))
}

/// Parses guarded text.
pub(super) fn parse(text: &str) -> Result<Document<'_>, NotAnEnvelope> {
    crate::wire::form::parse(text).map_err(|error| NotAnEnvelope::Xml(error.to_string()))
}

/// The one element in the body.
pub(super) fn body<'n>(tree: &'n Document<'n>) -> Result<Node<'n, 'n>, NotAnEnvelope> {
    let root = tree.root_element();
    if root.has_tag_name((SOAP_1_2, "Envelope")) {
        return Err(NotAnEnvelope::WrongVersion);
    }
    if !root.has_tag_name((SOAP, "Envelope")) {
        return Err(NotAnEnvelope::Shape("the message is not a SOAP 1.1 envelope".to_owned()));
    }
    let body = part(root, "Body").ok_or_else(|| NotAnEnvelope::Shape("the SOAP envelope has no body".to_owned()))?;
    let mut children = body.children().filter(Node::is_element);
    match (children.next(), children.next()) {
        (Some(child), None) => Ok(child),
        (None, _) => Err(NotAnEnvelope::Shape("the SOAP body is empty".to_owned())),
        (Some(_), Some(_)) => Err(NotAnEnvelope::Shape("the SOAP body holds more than one element".to_owned())),
    }
}

fn part<'n>(root: Node<'n, 'n>, name: &str) -> Option<Node<'n, 'n>> {
    root.children().find(|child| child.has_tag_name((SOAP, name)))
}

/// The local names of the header blocks; but for `CallId` none of them is one that we understand.
pub(super) fn headers(tree: &Document<'_>) -> Result<Vec<String>, NotAnEnvelope> {
    let mut names = Vec::new();
    let header = part(tree.root_element(), "Header");
    for block in header.into_iter().flat_map(|header| header.children()).filter(Node::is_element) {
        let name = block.tag_name().name().to_owned();
        let must = block.attribute((SOAP, "mustUnderstand")).is_some_and(|must| matches!(must.trim(), "1" | "true"));
        if must && is_for_us(block) && !is_call_id(&block) {
            return Err(NotAnEnvelope::NotUnderstood(name));
        }
        names.push(name);
    }
    Ok(names)
}

/// True for a block without an actor, or for the next one on the way (SOAP 1.1, 4.2.2); others concern somebody else.
fn is_for_us(block: Node<'_, '_>) -> bool {
    block.attribute((SOAP, "actor")).is_none_or(|actor| matches!(actor.trim(), "" | NEXT))
}

/// Namespace of the header block `CallId`: the caller's own id of the call (ours, see `docs/contract.md`).
pub(super) const CALL_ID: &str = "urn:epix:call-id:1";

/// The caller's own id of the call, where it sent one.
pub(super) fn call_id(tree: &Document<'_>) -> Result<Option<CallId>, NotAnEnvelope> {
    let header = part(tree.root_element(), "Header");
    let mut blocks = header.into_iter().flat_map(|header| header.children()).filter(is_call_id);
    let (Some(block), more) = (blocks.next(), blocks.next()) else { return Ok(None) };
    if more.is_some() {
        return Err(NotAnEnvelope::Shape("the header holds more than one CallId".to_owned()));
    }
    let id = CallId::parse(block.text().unwrap_or_default());
    id.map(Some).map_err(|error| NotAnEnvelope::Shape(error.to_string()))
}

fn is_call_id(block: &Node<'_, '_>) -> bool {
    block.has_tag_name((CALL_ID, "CallId"))
}

/// Puts a body into an envelope.
pub(super) fn wrap(body: &str) -> String {
    let mut message = begun(body.len());
    message += body;
    ended(message)
}

/// A message up to its body, with room for a body of so many bytes.
pub(super) fn begun(room: usize) -> String {
    let begin = format!(
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<soapenv:Envelope xmlns:soapenv=\"{SOAP}\"><soapenv:Body>"
    );
    let mut message = String::with_capacity(begin.len() + room + END.len());
    message += &begin;
    message
}

/// A message whose body stands in it, to its end.
pub(super) fn ended(mut message: String) -> String {
    message += END;
    message
}

const END: &str = "</soapenv:Body></soapenv:Envelope>\n";
