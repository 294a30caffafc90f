//! What is the canonical form of a document? Exclusive Canonical XML 1.0, without comments.
//!
//! Written over the tree that everything here is read from, so that nobody can disagree with the reader about what a
//! document says. The text has passed the guard: no document type, so no default attributes, ids or entities. A test holds
//! it equal to libxml2 over every fixture and over documents made to be difficult.

use crate::wire::form;
use crate::wire::tree::{Node, NodeId, NotWellFormed};

/// The canonical form of a whole document.
///
/// # Errors
/// When the text is not well-formed, in the words of the parser.
///
/// ```
/// use epix_core::sign::canonical::canonical;
/// assert_eq!(canonical("<a  y='2' x='1'/>").unwrap(), r#"<a x="1" y="2"></a>"#);
/// ```
pub fn canonical(document: &str) -> Result<String, NotWellFormed> {
    let tree = form::parse(document)?;
    Ok(of_element(document, tree.root_element(), None))
}

/// The canonical form of an element with all that is in it, but for one element below it.
pub(super) fn of_element(source: &str, apex: Node<'_, '_>, without: Option<NodeId>) -> String {
    let mut writer = Writer { source, without, rendered: Vec::new(), out: String::with_capacity(source.len()) };
    writer.element(apex);
    writer.out
}

struct Writer<'s, 't> {
    source: &'s str,
    without: Option<NodeId>,
    /// The declarations written on elements that are still open: prefix and namespace.
    rendered: Vec<(&'s str, &'t str)>,
    out: String,
}

impl<'s, 't> Writer<'s, 't> {
    /// Depth is limited by the guard.
    fn element(&mut self, node: Node<'t, '_>) {
        let at = node.range().start + 1;
        let (prefix, local) = (prefix_at(self.source, at), node.tag_name().name());
        let outside = self.rendered.len();
        self.out.push('<');
        self.name(prefix, local);
        self.declarations(node, prefix);
        self.attributes(node);
        self.out.push('>');
        for child in node.children() {
            if child.is_element() {
                if Some(child.id()) != self.without {
                    self.element(child);
                }
            } else if child.is_text() {
                escape_text(child.text().unwrap_or_default(), &mut self.out);
            }
        }
        self.out.push_str("</");
        self.name(prefix, local);
        self.out.push('>');
        self.rendered.truncate(outside);
    }

    fn name(&mut self, prefix: &str, local: &str) {
        if !prefix.is_empty() {
            self.out.push_str(prefix);
            self.out.push(':');
        }
        self.out.push_str(local);
    }

    /// The declarations that the names of this element need and no open element has written.
    fn declarations(&mut self, node: Node<'t, '_>, prefix: &'s str) {
        let mut used = vec![prefix];
        for attribute in node.attributes() {
            let prefix = prefix_at(self.source, attribute.range().start);
            if !prefix.is_empty() && prefix != "xml" {
                used.push(prefix);
            }
        }
        used.sort_unstable();
        used.dedup();
        for prefix in used {
            let uri = node.lookup_namespace_uri((!prefix.is_empty()).then_some(prefix)).unwrap_or_default();
            let known = self.rendered.iter().rev().find(|(other, _)| *other == prefix).map_or("", |(_, uri)| *uri);
            if known == uri || prefix == "xml" {
                continue;
            }
            self.rendered.push((prefix, uri));
            self.out.push_str(if prefix.is_empty() { " xmlns" } else { " xmlns:" });
            self.out.push_str(prefix);
            self.out.push_str("=\"");
            escape_value(uri, &mut self.out);
            self.out.push('"');
        }
    }

    fn attributes(&mut self, node: Node<'t, '_>) {
        let mut attributes: Vec<_> = node.attributes().collect();
        attributes.sort_unstable_by_key(|attribute| (attribute.namespace().unwrap_or_default(), attribute.name()));
        for attribute in attributes {
            self.out.push(' ');
            self.name(prefix_at(self.source, attribute.range().start), attribute.name());
            self.out.push_str("=\"");
            escape_value(attribute.value(), &mut self.out);
            self.out.push('"');
        }
    }
}

/// The prefix of the name that begins at an offset. The tree keeps namespaces, and canonical XML keeps prefixes too.
pub(super) fn prefix_at(source: &str, at: usize) -> &str {
    let rest = source.get(at..).unwrap_or_default();
    let end = rest.bytes().position(|byte| matches!(byte, b':' | b'=' | b'>' | b'/' | b' ' | b'\t' | b'\n' | b'\r'));
    match end {
        Some(end) if rest.as_bytes()[end] == b':' => &rest[..end],
        _ => "",
    }
}

fn escape_text(text: &str, out: &mut String) {
    escape(text, out, |byte| match byte {
        b'&' => Some("&amp;"),
        b'<' => Some("&lt;"),
        b'>' => Some("&gt;"),
        b'\r' => Some("&#xD;"),
        _ => None,
    });
}

fn escape_value(value: &str, out: &mut String) {
    escape(value, out, |byte| match byte {
        b'&' => Some("&amp;"),
        b'<' => Some("&lt;"),
        b'"' => Some("&quot;"),
        b'\t' => Some("&#x9;"),
        b'\n' => Some("&#xA;"),
        b'\r' => Some("&#xD;"),
        _ => None,
    });
}

fn escape(text: &str, out: &mut String, reference: impl Fn(u8) -> Option<&'static str>) {
    let mut copied = 0;
    for (at, byte) in text.bytes().enumerate() {
        if let Some(reference) = reference(byte) {
            out.push_str(&text[copied..at]);
            out.push_str(reference);
            copied = at + 1;
        }
    }
    out.push_str(&text[copied..]);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_declaration_stands_where_it_is_used_first() {
        let given = "<a xmlns:u='urn:u' xmlns:n='urn:n'><n:b u:x='1'><n:c xmlns:n='urn:n'/></n:b></a>";

        let wanted = r#"<a><n:b xmlns:n="urn:n" xmlns:u="urn:u" u:x="1"><n:c></n:c></n:b></a>"#;
        assert_eq!(canonical(given).unwrap(), wanted);
    }

    #[test]
    fn an_element_in_no_namespace_leaves_the_default_one() {
        let given = "<a xmlns='urn:a'><b xmlns=''><c/></b><d/></a>";

        assert_eq!(canonical(given).unwrap(), r#"<a xmlns="urn:a"><b xmlns=""><c></c></b><d></d></a>"#);
    }

    #[test]
    fn characters_are_written_as_the_recommendation_says() {
        let given = "<a b='&quot;&#9;&#13;&lt;'>&gt;&#13;<![CDATA[&]]><!-- c -->\r\n</a>";

        assert_eq!(canonical(given).unwrap(), "<a b=\"&quot;&#x9;&#xD;&lt;\">&gt;&#xD;&amp;\n</a>");
    }

    #[test]
    fn a_part_is_written_as_if_it_stood_alone() {
        let given = "<s:E xmlns:s='urn:s' xmlns='urn:d'><a><b/></a></s:E>";
        let tree = form::parse(given).unwrap();
        let part = tree.root_element().first_element_child().unwrap();

        assert_eq!(of_element(given, part, None), r#"<a xmlns="urn:d"><b></b></a>"#);
        assert_eq!(of_element(given, part, part.first_element_child().map(|b| b.id())), r#"<a xmlns="urn:d"></a>"#);
    }
}
