//! Where does the signature stand: beside the document, or within it? Taken out and put in without touching a byte more.

use std::collections::BTreeSet;
use std::fmt;
use std::ops::Range;

use serde::{Deserialize, Serialize};

use super::canonical::prefix_at;
use super::names::DS;
use super::rules;
use crate::report::{self, Finding, Severity};
use crate::wire::tree::{Node, NotWellFormed};
use crate::wire::{self, form};

/// Where a signature stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Place {
    /// In a file or an attachment of its own.
    Detached,
    /// As the last child of the root.
    Enveloped,
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Place::Detached => "detached",
            Place::Enveloped => "enveloped",
        })
    }
}

/// A document and the signature that stood in it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Parted {
    /// The document without the signature, every other byte as it was.
    pub document: String,
    /// The signature as a document of its own; `None` where there was none.
    pub signature: Option<String>,
}

/// False where a document holds no signature for certain: one look instead of a parse, for nearly every document.
pub(crate) fn may_hold_signature(bytes: &[u8]) -> bool {
    std::str::from_utf8(bytes).is_ok_and(|text| text.contains(DS))
}

/// Takes an enveloped signature out of a document.
///
/// The signature element is made to stand alone: declarations that it inherited and uses move onto it, and nothing of what
/// its value covers changes.
///
/// # Errors
/// A finding when the text is not XML, when there are several signatures, or one that does not stand at the end of the root.
pub fn part(document: &str) -> Result<Parted, Box<Finding>> {
    part_looking(document, |_, _| ()).map(|(parted, ())| parted)
}

/// Does the same, and lets somebody look at the tree in which the signature stands before it is gone; the default where none
/// stands there.
pub(super) fn part_looking<T: Default>(
    document: &str,
    look: impl FnOnce(Node<'_, '_>, Node<'_, '_>) -> T,
) -> Result<(Parted, T), Box<Finding>> {
    let nothing = || Ok((Parted { document: document.to_owned(), signature: None }, T::default()));
    if !may_hold_signature(document.as_bytes()) {
        return nothing();
    }
    let tree = form::parse(document).map_err(|error| not_xml(&error))?;
    let mut found = tree.descendants().filter(|node| is_signature(*node));
    let Some(signature) = found.next() else { return nothing() };
    if let Some(second) = found.next() {
        let sentence = "the document holds more than one signature".to_owned();
        return Err(finding(document, second, &rules::PLACE, Severity::Error, sentence));
    }
    if signature.parent() != Some(tree.root_element()) || signature.next_sibling_element().is_some() {
        let sentence = "the signature is not the last child of the root".to_owned();
        return Err(finding(document, signature, &rules::PLACE, Severity::Error, sentence));
    }
    let range = signature.range();
    let rest = format!("{}{}", &document[..range.start], &document[range.end..]);
    let parted = Parted { document: rest, signature: Some(alone(document, signature)) };
    Ok((parted, look(tree.root_element(), signature)))
}

/// Puts a signature into a document, as the last child of its root.
///
/// # Errors
/// A finding when one of them is not XML, or when the document holds a signature already.
pub fn join(document: &str, signature: &str) -> Result<String, Box<Finding>> {
    let parted = part(document)?;
    let tree = form::parse(document).map_err(|error| not_xml(&error))?;
    if parted.signature.is_some() {
        let sentence = "the document holds a signature already".to_owned();
        return Err(finding(document, tree.root_element(), &rules::PLACE, Severity::Error, sentence));
    }
    let own = form::parse(signature).map_err(|error| not_xml(&error))?;
    let element = &signature[own.root_element().range()];
    Ok(put_in(document, tree.root_element().range(), element))
}

/// In front of the end tag; a root without one gets it.
fn put_in(document: &str, root: Range<usize>, element: &str) -> String {
    match document[root.clone()].rfind("</") {
        Some(end) => format!("{}{element}{}", &document[..root.start + end], &document[root.start + end..]),
        None => {
            let opened = document[root.clone()].trim_end_matches("/>");
            let name_end = opened.find(char::is_whitespace).unwrap_or(opened.len());
            let name = &opened[1..name_end];
            format!("{}{opened}>{element}</{name}>{}", &document[..root.start], &document[root.end..])
        }
    }
}

pub(super) fn is_signature(node: Node<'_, '_>) -> bool {
    node.has_tag_name((DS, "Signature"))
}

/// The element with the declarations that it inherited and uses.
fn alone(source: &str, element: Node<'_, '_>) -> String {
    let range = element.range();
    let text = &source[range.clone()];
    let name_end = text.find(|c: char| c.is_whitespace() || matches!(c, '>' | '/')).unwrap_or(text.len());
    let mut declarations = String::new();
    for prefix in used_prefixes(source, element) {
        let name = (!prefix.is_empty()).then_some(prefix);
        let inherited = element.parent().and_then(|parent| parent.lookup_namespace_uri(name));
        let uri = inherited.filter(|uri| !uri.is_empty() && element.lookup_namespace_uri(name) == Some(uri));
        let attribute = if prefix.is_empty() { "xmlns=".to_owned() } else { format!("xmlns:{prefix}=") };
        if let Some(uri) = uri.filter(|_| !start_tag(text).contains(&attribute)) {
            let uri = uri.replace('&', "&amp;").replace('"', "&quot;").replace('<', "&lt;");
            declarations.push_str(&format!(" {attribute}\"{uri}\""));
        }
    }
    format!("{HEAD}{}{declarations}{}\n", &text[..name_end], &text[name_end..])
}

/// The prefixes of the names in an element; empty for names without one.
fn used_prefixes<'s>(source: &'s str, element: Node<'_, '_>) -> BTreeSet<&'s str> {
    let mut used = BTreeSet::new();
    for node in element.descendants().filter(Node::is_element) {
        used.insert(prefix_at(source, node.range().start + 1));
        used.extend(node.attributes().map(|attribute| prefix_at(source, attribute.range().start)));
    }
    used.remove("xml");
    used
}

/// The start tag at the beginning of a text; a `>` in an attribute cuts it short, and nobody honest writes one.
fn start_tag(text: &str) -> &str {
    text.split_once('>').map_or(text, |(tag, _)| tag)
}

pub(super) const HEAD: &str = "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n";

pub(super) fn not_xml(error: &NotWellFormed) -> Box<Finding> {
    let at = report::Place { line: error.line, column: error.column, path: String::new() };
    Box::new(Finding::new(
        wire::rules::WELL_FORMED,
        Severity::Error,
        at,
        format!("the document is not well-formed XML: {}", error.reason),
    ))
}

/// A finding of a rule about an element.
pub(super) fn finding(
    source: &str,
    node: Node<'_, '_>,
    rule: &rules::Row,
    severity: Severity,
    sentence: String,
) -> Box<Finding> {
    let at = wire::position(source, node.range().start);
    let place = report::Place { line: at.0, column: at.1, path: wire::path_of(node) };
    Box::new(Finding { remedy: Some(rule.remedy), ..Finding::new(rule.id, severity, place, sentence) })
}
