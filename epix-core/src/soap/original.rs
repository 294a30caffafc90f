//! On whose behalf does a hub call? A header block of ours: the public contract knows none.

use super::envelope::{self, CALL_ID, SOAP};
use super::fault::{Fault, FaultCode};
use crate::id::{CallId, Country, PartyId};
use crate::wire::tree::{Document, Node};
use crate::wire::writer::escape_text;

/// The namespace of the block: this project's, until the Parties agree on one.
pub(super) const NAMESPACE: &str = "urn:epix:original-caller:1";
const NAME: &str = "OriginalCaller";

/// Whom a hub says that it calls for. It is a claim: what it is worth, the service decides.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OriginalCaller {
    /// Its id in the register of the hub.
    pub party: PartyId,
    /// Its name.
    pub name: String,
    /// Its country.
    pub country: Country,
    /// What it is there, such as `customs`.
    pub roles: Vec<String>,
    /// The id of its call at the hub, under which both sides find it again.
    pub request_id: String,
    /// The id that it gave the call itself; it travels in the block that everybody may send.
    pub call_id: Option<CallId>,
}

/// A name is a line of a form; more of it would fill audits.
const LONGEST: usize = 200;

impl OriginalCaller {
    /// Puts the block into a message that has no header yet.
    pub fn introduce(&self, message: &str) -> String {
        let roles: String = self.roles.iter().map(|role| element("Role", role)).collect();
        let own_id = self.call_id.as_ref().map(named_by).unwrap_or_default();
        let block = format!(
            "{own_id}<o:{NAME} xmlns:o=\"{NAMESPACE}\">{}{}{}{roles}{}</o:{NAME}>",
            element("Party", self.party.as_str()),
            element("Name", &self.name),
            element("Country", self.country.as_str()),
            element("RequestId", &self.request_id),
        );
        headed(message, &block)
    }
}

/// Puts the caller's own id of the call into a message that has no header yet.
pub fn with_call_id(message: &str, id: &CallId) -> String {
    headed(message, &named_by(id))
}

fn named_by(id: &CallId) -> String {
    format!("<CallId xmlns=\"{CALL_ID}\">{}</CallId>", escape_text(id.as_str()))
}

fn headed(message: &str, blocks: &str) -> String {
    let head = format!("<soapenv:Header>{blocks}</soapenv:Header><soapenv:Body>");
    message.replacen("<soapenv:Body>", &head, 1)
}

fn element(name: &str, text: &str) -> String {
    format!("<o:{name}>{}</o:{name}>", escape_text(text))
}

/// Reads the block, where a message has one.
///
/// # Errors
/// `InvalidRequest` for a block that does not say who calls, or for more than one.
pub(super) fn read(tree: &Document<'_>) -> Result<Option<OriginalCaller>, Fault> {
    let header = tree.root_element().children().find(|child| child.has_tag_name((SOAP, "Header")));
    let is_block = |node: &Node<'_, '_>| node.has_tag_name((NAMESPACE, NAME));
    let mut blocks = header.into_iter().flat_map(|header| header.children()).filter(is_block);
    let Some(block) = blocks.next() else { return Ok(None) };
    if blocks.next().is_some() {
        return Err(invalid("stands there twice".to_owned()));
    }
    let all = |name: &'static str| {
        let children = block.children().filter(move |child| child.has_tag_name((NAMESPACE, name)));
        children.map(|child| child.text().unwrap_or_default().trim().chars().take(LONGEST).collect::<String>())
    };
    let one = |name: &'static str| all(name).next().unwrap_or_default();
    Ok(Some(OriginalCaller {
        party: PartyId::parse(&one("Party")).map_err(|error| invalid(format!("Party: {error}")))?,
        name: one("Name"),
        country: Country::parse(&one("Country")).map_err(|error| invalid(format!("Country: {error}")))?,
        roles: all("Role").collect(),
        request_id: one("RequestId"),
        call_id: envelope::call_id(tree)?,
    }))
}

fn invalid(reason: String) -> Fault {
    Fault::with(FaultCode::InvalidRequest, format!("header {NAME}: {reason}"))
}

#[cfg(test)]
mod tests {
    use super::super::envelope::{parse, wrap};
    use super::*;

    fn customs() -> OriginalCaller {
        OriginalCaller {
            party: PartyId::parse("XC-CUSTOMS").unwrap(),
            name: "Customs & Excise".to_owned(),
            country: Country::parse("XC").unwrap(),
            roles: vec!["customs".to_owned(), "management-authority".to_owned()],
            request_id: "r-1".to_owned(),
            call_id: CallId::parse("c-1").ok(),
        }
    }

    #[test]
    fn who_calls_is_read_as_it_was_written() {
        let message = customs().introduce(&wrap("<a/>"));

        assert_eq!(read(&parse(&message).unwrap()).unwrap(), Some(customs()));
        assert_eq!(read(&parse(&wrap("<a/>")).unwrap()).unwrap(), None);
    }

    #[test]
    fn a_block_that_does_not_say_who_calls_is_refused() {
        let message = customs().introduce(&wrap("<a/>"));
        for (from, to) in [("<o:Country>XC<", "<o:Country>elsewhere<"), ("<o:Party>XC-CUSTOMS<", "<o:Party><")] {
            assert!(read(&parse(&message.replace(from, to)).unwrap()).is_err());
        }
        let block = &message[message.find("<o:O").unwrap()..message.find("</soapenv:Header>").unwrap()];
        let twice = message.replace("</soapenv:Header>", &format!("{block}</soapenv:Header>"));
        assert!(read(&parse(&twice).unwrap()).is_err());
    }
}
