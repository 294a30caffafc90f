//! The two forms of a permit, and how one becomes the other by re-tagging the root only.
//!
//! *Stand-alone*: the root in the message namespace (`rsm:CITESEPermit`). *Inside an answer*: the service declares a local,
//! unqualified element, so the root stands in no namespace and everything below it stays as it is. Where the root used
//! a default namespace, the declaration moves down to its children. Nothing below the root's children is touched, so
//! what a signature covers (the canonical stand-alone form) survives the journey.

use std::collections::BTreeSet;

use super::edit::{Edit, apply};
use super::tag::{StartTag, end_tag_name};
use super::tree::{Document, Node, NotWellFormed};
use super::writer::escape_attribute;
use crate::version::VersionSpec;

/// Says why a stored document could not be put into another form, or not be endorsed.
#[derive(Debug, thiserror::Error)]
pub enum FormError {
    /// It is not well-formed, which cannot be for a document that was accepted.
    #[error("the document is not well-formed XML: {0}")]
    NotWellFormed(#[from] NotWellFormed),
    /// It has no consignment, so nothing of it can have left.
    #[error("the document has no consignment, so box 14 has no place in it")]
    NoConsignment,
    /// Its version has no place for box 14.
    #[error("toolkit {0} has no place for box 14")]
    NoBox14(&'static str),
}

/// Gives the form that stands inside an EPIX answer: the root element alone, in no namespace.
///
/// `document` is a stand-alone document that was accepted. The result holds every declaration that it needs, so it can be
/// put into any element whose default namespace is none.
///
/// # Errors
/// [`FormError`] when the document is not well-formed, which cannot be for one that was accepted.
pub fn enveloped(document: &str) -> Result<String, FormError> {
    let mut inside = String::with_capacity(document.len());
    envelop(document, &mut inside)?;
    Ok(inside)
}

/// Puts that form at the end of a text: an answer around it is written once, not copied around the permit again and again.
pub(crate) fn envelop(document: &str, into: &mut String) -> Result<(), FormError> {
    if let Some(pieces) = prefixed_root(document) {
        into.extend(pieces);
        return Ok(());
    }
    let tree = parse(document)?;
    let root = tree.root_element();
    let tag = StartTag::at(document, root.range().start);
    let local = root.tag_name().name();
    let mut edits = vec![Edit::replace(tag.name.clone(), local)];
    edits.extend(end_tag_name(document, root.range().end).map(|name| Edit::replace(name, local)));
    if let Some(declaration) = tag.attribute(document, "xmlns") {
        edits.push(Edit::remove(declaration));
        edits.extend(declare_on_children(document, root));
    }
    into.push_str(&apply(document, root.range(), edits).text);
    Ok(())
}

/// The pieces of the same for a root that has a prefix and declares no default namespace, as nearly all have: then nothing but
/// its two tags changes, and they are found without a tree of everything between them (a third of the time of an answer).
fn prefixed_root(document: &str) -> Option<[&str; 5]> {
    let start = root_start(document)?;
    let tag = StartTag::at(document, start);
    let (_, local) = document[tag.name.clone()].split_once(':')?;
    if tag.attribute(document, "xmlns").is_some() {
        return None;
    }
    let end = document.trim_end_matches(BLANK).len();
    let closing = end_tag_name(document, end)?;
    // What follows the root is a comment where the document does not end with the root's own tag.
    let is_last = document[closing.end..end].trim_matches(BLANK) == ">";
    if !is_last || document[closing.clone()] != document[tag.name.clone()] {
        return None;
    }
    let (before, between, after) = (start..tag.name.start, tag.name.end..closing.start, closing.end..end);
    Some([&document[before], local, &document[between], local, &document[after]])
}

/// The white space of XML.
const BLANK: [char; 4] = [' ', '\t', '\r', '\n'];

/// Where the root begins: behind the declaration and comments.
fn root_start(document: &str) -> Option<usize> {
    let mut rest = document.trim_start_matches('\u{feff}');
    loop {
        rest = rest.trim_start_matches(BLANK);
        let (opening, closing) = if rest.starts_with("<?") { ("<?", "?>") } else { ("<!--", "-->") };
        match rest.strip_prefix(opening) {
            Some(inner) => rest = &inner[inner.find(closing)? + closing.len()..],
            None => return (rest.starts_with('<') && !rest.starts_with("<!")).then(|| document.len() - rest.len()),
        }
    }
}

/// Parses text that the guard has let through.
pub(crate) fn parse(text: &str) -> Result<Document<'_>, NotWellFormed> {
    Document::parse(text)
}

fn declare_on_children(document: &str, root: Node<'_, '_>) -> Vec<Edit> {
    let Some(namespace) = root.default_namespace().filter(|uri| !uri.is_empty()) else { return Vec::new() };
    let declare = |child: Node<'_, '_>| {
        let tag = StartTag::at(document, child.range().start);
        let declared = tag.attribute(document, "xmlns").is_some();
        (!declared).then(|| Edit::insert(tag.name.end, declaration("", namespace)))
    };
    root.children().filter(Node::is_element).filter_map(declare).collect()
}

/// The edits that make an element the root of a stand-alone document of a version.
///
/// Declarations that it inherited and uses are repeated on it; a root in no namespace gets the prefix that its children
/// use for the message namespace, or the default namespace when they use that. Empty when the element is one already.
pub(crate) fn standalone_edits(source: &str, root: Node<'_, '_>, spec: &VersionSpec) -> Vec<Edit> {
    let tag = StartTag::at(source, root.range().start);
    let mut edits = inherited_declarations(source, root, &tag);
    if root.tag_name().namespace() == Some(spec.message_namespace) {
        return edits;
    }
    if let Some(declarations) = default_declarations_of_children(source, root, spec.message_namespace) {
        // The root may say xmlns="" itself, to get out of the default namespace of what it stood in.
        let none_declared = tag.attribute(source, "xmlns").unwrap_or(tag.name.end..tag.name.end);
        edits.push(Edit::replace(none_declared, declaration("", spec.message_namespace)));
        edits.extend(declarations.into_iter().map(Edit::remove));
        return edits;
    }
    let (prefix, is_new) = message_prefix(source, root, spec);
    let name = format!("{prefix}:{}", spec.root);
    edits.extend(end_tag_name(source, root.range().end).map(|end| Edit::replace(end, name.clone())));
    let declared = if is_new { declaration(&prefix, spec.message_namespace) } else { String::new() };
    edits.push(Edit::replace(tag.name.clone(), name + &declared));
    edits
}

fn inherited_declarations(source: &str, root: Node<'_, '_>, tag: &StartTag) -> Vec<Edit> {
    // Nobody to inherit from: by far the most usual, and the walk below is costly.
    if root.parent_element().is_none() {
        return Vec::new();
    }
    let used = used_prefixes(source, root);
    let mut edits = Vec::new();
    for (prefix, uri) in root.namespaces() {
        let attribute = if prefix.is_empty() { "xmlns".to_owned() } else { format!("xmlns:{prefix}") };
        // An inherited xmlns="" has nothing to say: alone, the root stands in no default namespace anyway.
        let says_something = !uri.is_empty();
        if says_something && used.contains(prefix) && tag.attribute(source, &attribute).is_none() {
            edits.push(Edit::insert(tag.name.end, declaration(prefix, uri)));
        }
    }
    edits
}

/// The prefixes that element and attribute names below and with an element use; empty for the default namespace.
fn used_prefixes<'s>(source: &'s str, root: Node<'_, '_>) -> BTreeSet<&'s str> {
    let mut used = BTreeSet::new();
    for element in root.descendants().filter(Node::is_element) {
        let tag = StartTag::at(source, element.range().start);
        used.insert(tag.prefix(source));
        used.extend(tag.attribute_prefixes(source));
    }
    used
}

/// The ranges of `xmlns="…"` on the children, when every child declares the message namespace as its default.
fn default_declarations_of_children(
    source: &str,
    root: Node<'_, '_>,
    message: &str,
) -> Option<Vec<std::ops::Range<usize>>> {
    let children: Vec<_> = root.children().filter(Node::is_element).collect();
    let declarations: Option<Vec<_>> = children
        .iter()
        .map(|child| {
            let tag = StartTag::at(source, child.range().start);
            let is_default = tag.prefix(source).is_empty() && child.tag_name().namespace() == Some(message);
            tag.attribute(source, "xmlns").filter(|_| is_default)
        })
        .collect();
    declarations.filter(|found| !found.is_empty())
}

/// The prefix for the root, and whether it has to be declared.
fn message_prefix(source: &str, root: Node<'_, '_>, spec: &VersionSpec) -> (String, bool) {
    let bound_to_message =
        |prefix: &str| !prefix.is_empty() && root.lookup_namespace_uri(Some(prefix)) == Some(spec.message_namespace);
    let first = root.first_element_child();
    let used = first.map(|child| StartTag::at(source, child.range().start).prefix(source).to_owned());
    if let Some(prefix) = used.filter(|prefix| bound_to_message(prefix)) {
        return (prefix, false);
    }
    // No child asks for one (they stand in no namespace themselves): the root may still declare it, from its last journey.
    let tag = StartTag::at(source, root.range().start);
    let own = root.namespaces().into_iter().map(|(prefix, _)| prefix).filter(|prefix| !prefix.is_empty());
    let is_own =
        |prefix: &&str| bound_to_message(prefix) && tag.attribute(source, &format!("xmlns:{prefix}")).is_some();
    if let Some(prefix) = own.into_iter().find(is_own) {
        return (prefix.to_owned(), false);
    }
    let free = |prefix: &String| root.lookup_namespace_uri(Some(prefix)).is_none();
    let candidates = std::iter::once("rsm".to_owned()).chain((1..).map(|n| format!("rsm{n}")));
    (candidates.into_iter().find(free).unwrap_or_else(|| "rsm".to_owned()), true)
}

fn declaration(prefix: &str, namespace: &str) -> String {
    let colon = if prefix.is_empty() { "" } else { ":" };
    format!(" xmlns{colon}{prefix}=\"{}\"", escape_attribute(namespace))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::version::V2;

    const M: &str = "urn:un:unece:uncefact:data:standard:CITESEPermit:2";

    fn standalone(source: &str) -> String {
        let tree = parse(source).unwrap();
        let root = tree.descendants().find(|node| node.tag_name().name() == "CITESEPermit").unwrap();
        apply(source, root.range(), standalone_edits(source, root, &V2)).text
    }

    #[test]
    fn a_prefixed_root_goes_in_and_out_byte_for_byte() {
        let document = format!("<r:CITESEPermit xmlns:r=\"{M}\" xmlns:c='urn:c'><r:A><c:B/></r:A></r:CITESEPermit>");

        let inside = enveloped(&document).unwrap();

        assert_eq!(inside, format!("<CITESEPermit xmlns:r=\"{M}\" xmlns:c='urn:c'><r:A><c:B/></r:A></CITESEPermit>"));
        assert_eq!(standalone(&format!("<e:E xmlns:e='urn:e'>{inside}</e:E>")), document);
    }

    #[test]
    fn what_stands_around_the_root_stays_behind_however_it_is_found() {
        let root = format!("<r:CITESEPermit xmlns:r=\"{M}\"><r:A><!-- </r:CITESEPermit> --></r:A></r:CITESEPermit\n>");
        let bare = format!("<CITESEPermit xmlns:r=\"{M}\"><r:A><!-- </r:CITESEPermit> --></r:A></CITESEPermit\n>");

        for (before, after, is_quick) in [
            ("", "", true),
            ("\u{feff}<?xml version='1.0'?>\n<!-- <a> -->\n", "\n\n", true),
            ("<!-- a -->", "<!-- </r:CITESEPermit> -->", false),
        ] {
            let document = format!("{before}{root}{after}");
            assert_eq!(prefixed_root(&document).is_some(), is_quick, "{document}");
            assert_eq!(enveloped(&document).unwrap(), bare);
        }
        for odd in [
            "<r:A xmlns:r='u'/>",
            "<A></A>",
            "<r:A xmlns='u' xmlns:r='u'></r:A>",
            "<!DOCTYPE a><r:a></r:a>",
            "",
            "<r:a",
        ] {
            assert_eq!(prefixed_root(odd), None, "{odd}");
        }
    }

    #[test]
    fn a_default_namespace_moves_to_the_children_and_back() {
        let document = format!("<CITESEPermit xmlns=\"{M}\"><A x=\"1\"><B xmlns='urn:c'/></A><C/></CITESEPermit>");

        let inside = enveloped(&document).unwrap();

        let moved =
            format!("<CITESEPermit><A xmlns=\"{M}\" x=\"1\"><B xmlns='urn:c'/></A><C xmlns=\"{M}\"/></CITESEPermit>");
        assert_eq!(inside, moved);
        assert_eq!(standalone(&inside), document);
    }

    #[test]
    fn a_root_that_declares_no_namespace_can_take_the_default_of_its_children() {
        let inside = format!("<CITESEPermit xmlns=\"\" a='1'><A xmlns=\"{M}\"/></CITESEPermit>");

        for carrier in [format!("<e xmlns='urn:e'>{inside}</e>"), format!("<e xmlns=''>{inside}</e>")] {
            assert_eq!(standalone(&carrier), format!("<CITESEPermit xmlns=\"{M}\" a='1'><A/></CITESEPermit>"));
        }
        let inherited = standalone(&format!("<e xmlns=''>{}</e>", inside.replace(" xmlns=\"\"", "")));
        assert_eq!(inherited, format!("<CITESEPermit xmlns=\"{M}\" a='1'><A/></CITESEPermit>"));
    }

    #[test]
    fn a_root_takes_back_the_prefix_that_it_declares() {
        let document = format!("<m:CITESEPermit xmlns:m=\"{M}\"><A/></m:CITESEPermit>");

        let inside = enveloped(&document).unwrap();

        assert_eq!(standalone(&format!("<e>{inside}</e>")), document);
    }

    #[test]
    fn a_name_longer_than_the_tree_can_tell_is_read_to_its_end() {
        let long = format!("c:{}", "é".repeat(40_000));
        let source = format!("<e xmlns:c='urn:c'><CITESEPermit {long}='1'><A xmlns=\"{M}\"/></CITESEPermit></e>");

        assert!(standalone(&source).contains("xmlns:c=\"urn:c\""));
    }

    #[test]
    fn a_default_component_namespace_does_not_capture_the_root() {
        let document = format!("<r:CITESEPermit xmlns:r=\"{M}\" xmlns=\"urn:c\"><r:A><B/></r:A></r:CITESEPermit>");

        let inside = enveloped(&document).unwrap();

        let tree = parse(&inside).unwrap();
        assert_eq!(tree.root_element().tag_name().namespace(), None);
        let innermost = tree.descendants().find(|node| node.tag_name().name() == "B").unwrap();
        assert_eq!(innermost.tag_name().namespace(), Some("urn:c"));
    }

    #[test]
    fn declarations_of_the_envelope_come_along_when_they_are_used() {
        let source = format!(
            "<s:E xmlns:s='urn:s' xmlns:u='{M}' xmlns:c='urn:c&amp;d'><s:B><CITESEPermit><u:A><c:B/></u:A></CITESEPermit></s:B></s:E>"
        );

        let document = standalone(&source);

        let tree = parse(&document).unwrap();
        assert_eq!(tree.root_element().tag_name().namespace(), Some(M));
        assert!(!document.contains("urn:s"), "{document}");
        assert!(document.starts_with("<u:CITESEPermit xmlns:u="), "{document}");
    }
}
