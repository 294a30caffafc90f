//! How box 14 is put into an issued document of our JSON form without touching anything else of it.

use super::super::codec::Endorsement;
use super::super::edit::{Edit, apply};
use super::super::form::FormError;
use super::node::{Kind, Node};
use super::outline::{Content, Shape};
use super::print;
use crate::permit::{Consignment, Examination, Item};

/// The field of box 14, in the consignment and in a position.
const FIELD: &str = "examinations";

/// Gives the document with only box 14 inserted; every other byte stays.
///
/// # Errors
/// [`FormError`] when the document has no consignment, or is no JSON, which cannot be for one that was accepted.
pub(super) fn endorse(document: &str, endorsement: &Endorsement) -> Result<String, FormError> {
    let text = document.strip_prefix('\u{FEFF}').unwrap_or(document);
    let mark = document.len() - text.len();
    let consignment = Node::root(text).ok().and_then(|root| root.member("permit")?.member("consignment"));
    let consignment = consignment.ok_or(FormError::NoConsignment)?;
    let mut edits = vec![insertion::<Consignment>(consignment, &endorsement.examination, 2)];
    let positions = consignment.member("items").map(Node::entries).unwrap_or_default();
    // As the reader does: an empty object is no position.
    let positions = positions.into_iter().filter(|item| item.kind() == Kind::Object && !item.members().is_empty());
    for (item, quantity) in positions.zip(&endorsement.quantities) {
        let Some(quantity) = quantity else { continue };
        let found = Examination { quantity: Some(quantity.clone()), ..Examination::default() };
        edits.push(insertion::<Item>(item, &found, 4));
    }
    Ok(document[..mark].to_owned() + &apply(text, 0..text.len(), edits).text)
}

/// Puts an examination at the end of the list that is there, else where the table has the field.
fn insertion<C: Content>(object: Node<'_>, examination: &Examination, depth: usize) -> Edit {
    let indent = |depth: usize| format!("\n{}", "  ".repeat(depth));
    let mut entry = String::new();
    if let Some(piece) = examination.piece() {
        print(&piece, depth + 2, &mut entry);
    }
    if let Some(last) = object.member(FIELD).and_then(|list| list.entries().pop()) {
        return Edit::insert(last.end(), format!(",{}{entry}", indent(depth + 2)));
    }
    let field = format!("\"{FIELD}\": [{}{entry}{}]", indent(depth + 2), indent(depth + 1));
    let members = object.members();
    match members.iter().rfind(|(key, _)| is_before::<C>(key)) {
        Some((_, value)) => Edit::insert(value.end(), format!(",{}{field}", indent(depth + 1))),
        None => {
            let comma = if members.is_empty() { "" } else { "," };
            Edit::insert(object.offset() + 1, format!("{}{field}{comma}", indent(depth + 1)))
        }
    }
}

/// True for a field that the table has before box 14.
fn is_before<C: Content>(key: &Node<'_>) -> bool {
    let Shape::Object(_, _, fields) = C::shape() else { return false };
    let before = fields.iter().take_while(|field| field.name != FIELD);
    key.text().is_ok_and(|key| before.into_iter().any(|field| field.name == key))
}
