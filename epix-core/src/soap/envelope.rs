//! The SOAP 1.1 envelope: finding what stands in its body, and putting something into one.

use roxmltree::{Document, Node};

use crate::wire::guard::{Limits, guard};

/// Namespace of SOAP 1.1.
pub(super) const SOAP: &str = "http://schemas.xmlsoap.org/soap/envelope/";
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

/// The first element in the body, and the local names of the header blocks.
pub(super) fn open<'n>(tree: &'n Document<'n>) -> Result<(Node<'n, 'n>, Vec<String>), NotAnEnvelope> {
    let root = tree.root_element();
    if root.has_tag_name((SOAP_1_2, "Envelope")) {
        return Err(NotAnEnvelope::WrongVersion);
    }
    if !root.has_tag_name((SOAP, "Envelope")) {
        return Err(NotAnEnvelope::Shape("the message is not a SOAP 1.1 envelope".to_owned()));
    }
    let part = |name: &'static str| root.children().find(move |child| child.has_tag_name((SOAP, name)));
    let headers = part("Header").map(header_names).transpose()?.unwrap_or_default();
    let body = part("Body").ok_or_else(|| NotAnEnvelope::Shape("the SOAP envelope has no body".to_owned()))?;
    let mut children = body.children().filter(Node::is_element);
    match (children.next(), children.next()) {
        (Some(child), None) => Ok((child, headers)),
        (None, _) => Err(NotAnEnvelope::Shape("the SOAP body is empty".to_owned())),
        (Some(_), Some(_)) => Err(NotAnEnvelope::Shape("the SOAP body holds more than one element".to_owned())),
    }
}

/// The local names of header blocks; none of them is one that we understand.
fn header_names(header: Node<'_, '_>) -> Result<Vec<String>, NotAnEnvelope> {
    let mut names = Vec::new();
    for block in header.children().filter(Node::is_element) {
        let name = block.tag_name().name().to_owned();
        let must = block.attribute((SOAP, "mustUnderstand")).is_some_and(|must| matches!(must.trim(), "1" | "true"));
        if must {
            return Err(NotAnEnvelope::NotUnderstood(name));
        }
        names.push(name);
    }
    Ok(names)
}

/// Puts a body into an envelope.
pub(super) fn wrap(body: &str) -> String {
    format!(
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n\
         <soapenv:Envelope xmlns:soapenv=\"{SOAP}\"><soapenv:Body>{body}</soapenv:Body></soapenv:Envelope>\n"
    )
}
