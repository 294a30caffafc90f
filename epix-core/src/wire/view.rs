//! The document as schema and reader look at it: tolerated deviations taken out, each of them a finding.
//!
//! Real senders leave empty elements and `?` attributes everywhere, put the root in no namespace, or do not qualify the
//! components. The view is the same text with exactly these things mended, with the way back from each byte of it to the
//! received bytes. Schema and reader see the view only, so they cannot disagree about what is tolerated.

use std::sync::OnceLock;

use super::edit::{Edit, Edited, apply};
use super::form::standalone_edits;
use super::place::{Lines, path_of};
use super::rules;
use super::tag::StartTag;
use super::tree::{Attribute, Node};
use super::writer::escape_text;
use crate::permit::is_xml_blank;
use crate::report::{Finding, Place, RuleId, Severity, list};
use crate::version::{UnknownAttributes, VersionSpec};

const XML_SCHEMA_INSTANCE: &str = "http://www.w3.org/2001/XMLSchema-instance";

/// The permit as schema and reader look at it, with places in the received bytes.
///
/// Where nothing had to be mended and the permit is the whole document, that is the received text itself; else it is the
/// mended text of the root element alone.
#[derive(Debug, Clone)]
pub struct View {
    source: String,
    mended: Option<Edited>,
    /// Where the permit begins in the received text.
    root: usize,
    /// Made when a place is asked for: most documents have nothing to be told of.
    lines: OnceLock<Lines>,
    /// What was tolerated, in document order.
    pub tolerated: Vec<Finding>,
}

impl View {
    /// Makes the view of the permit that stands at `root` in `source`.
    pub(crate) fn of(source: &str, root: Node<'_, '_>, spec: &VersionSpec) -> View {
        let lines = OnceLock::new();
        let mut tolerance = Tolerance { source, root, lines: &lines, spec, edits: Vec::new(), findings: Vec::new() };
        tolerance.root();
        let Tolerance { edits, findings, .. } = tolerance;
        let is_untouched = edits.is_empty() && root.parent_element().is_none();
        let mended = (!is_untouched).then(|| apply(source, root.range(), edits));
        View { source: source.to_owned(), mended, root: root.range().start, lines, tolerated: findings }
    }

    /// The view of a text in which nothing is ever mended: our JSON form.
    pub(super) fn whole(source: &str) -> View {
        View { source: source.to_owned(), mended: None, root: 0, lines: OnceLock::new(), tolerated: Vec::new() }
    }

    /// The mended text, where something was mended or the permit is only a part of the document.
    pub(crate) fn mended(&self) -> Option<&str> {
        self.mended.as_ref().map(|mended| mended.text.as_str())
    }

    /// The text that schema and reader look at.
    pub fn text(&self) -> &str {
        self.mended().unwrap_or(&self.source)
    }

    /// The place in the received bytes from which a byte of the view came.
    pub fn place(&self, offset: usize, path: String) -> Place {
        self.place_received(self.mended.as_ref().map_or(offset, |mended| mended.source_of(offset)), path)
    }

    /// The place of the permit's root.
    pub(crate) fn root_place(&self, path: String) -> Place {
        self.place_received(self.root, path)
    }

    fn place_received(&self, offset: usize, path: String) -> Place {
        let lines = self.lines.get_or_init(|| Lines::of(&self.source));
        let (line, column) = lines.position(&self.source, offset);
        Place { line, column, path }
    }
}

/// The walk that collects what has to be mended.
struct Tolerance<'s, 'n> {
    source: &'s str,
    root: Node<'n, 'n>,
    lines: &'s OnceLock<Lines>,
    spec: &'s VersionSpec,
    edits: Vec<Edit>,
    findings: Vec<Finding>,
}

impl<'n> Tolerance<'_, 'n> {
    fn root(&mut self) {
        self.edits.extend(standalone_edits(self.source, self.root, self.spec));
        let stands_alone = self.root.parent_element().is_none();
        if stands_alone && self.root.tag_name().namespace().is_none() {
            let namespace = self.spec.message_namespace;
            let sentence = format!("the root {} stands in no namespace; read as if in {namespace}", self.spec.root);
            self.note(self.root, self.root.range().start, rules::ROOT_NAMESPACE, sentence);
        }
        self.attributes(self.root);
        for child in self.root.children().filter(Node::is_element) {
            self.element(child, 1, None);
        }
    }

    /// Mends one element; `declared` is the default namespace that the view declares around it, if it does.
    fn element(&mut self, node: Node<'n, 'n>, depth: usize, declared: Option<&'static str>) {
        if (depth > 1 || !self.spec.has_parts) && !node.is_filled() {
            self.edits.push(Edit::remove(node.range()));
            let sentence = format!("{} is empty; read as absent", node.tag_name().name());
            self.note(node, node.range().start, rules::EMPTY_ELEMENT, sentence);
            return;
        }
        self.attributes(node);
        self.moment(node);
        let mut below = None;
        if node.tag_name().namespace().is_none() {
            // No default namespace is in scope here in the source, so a declaration put on this element reaches below.
            let namespace = if depth == 1 { self.spec.message_namespace } else { self.spec.component_namespace };
            let default = declared.or_else(|| node.parent_element()?.default_namespace());
            self.declare(node, namespace, default == Some(namespace));
            below = Some(namespace);
        }
        for child in node.children().filter(Node::is_element) {
            self.element(child, depth + 1, below);
        }
    }

    /// Takes white space from around a date and time: `xsd:dateTime` allows it, and libxml2 refuses it. No deviation.
    fn moment(&mut self, node: Node<'n, 'n>) {
        let is_moment = node.tag_name().name().ends_with("DateTime") && node.is_filled();
        let (Some(first), Some(last), true) = (node.first_child(), node.last_child(), is_moment) else { return };
        if node.first_element_child().is_some() {
            return;
        }
        // Comments may stand around and inside of it, and a blank may be a reference: what is left is the bare value.
        let value: String = node.children().filter(Node::is_text).filter_map(|text| text.text()).collect();
        let bare = value.trim_matches(is_xml_blank);
        if bare.len() < value.len() {
            self.edits.push(Edit::replace(first.range().start..last.range().end, escape_text(bare)));
        }
    }

    /// Puts an element into a namespace, unless it inherits that and does not say xmlns="" itself.
    fn declare(&mut self, node: Node<'n, 'n>, namespace: &str, is_inherited: bool) {
        let tag = StartTag::at(self.source, node.range().start);
        let declaration = format!(" xmlns=\"{namespace}\"");
        self.edits.push(match tag.attribute(self.source, "xmlns") {
            Some(none_declared) => Edit::replace(none_declared, declaration),
            None if is_inherited => return,
            None => Edit::insert(tag.name.end, declaration),
        });
        let sentence = format!("{} stands in no namespace; read as if in {namespace}", node.tag_name().name());
        self.note(node, node.range().start, rules::NO_NAMESPACE, sentence);
    }

    fn attributes(&mut self, node: Node<'n, 'n>) {
        for attribute in node.attributes() {
            let placeholder = matches!(attribute.value().trim_matches(is_xml_blank), "" | "?");
            if placeholder && attribute.namespace().is_none() {
                self.drop_attribute(attribute);
                let sentence = format!("attribute {} holds no value; read as absent", attribute.name());
                self.note(node, attribute.range().start, rules::EMPTY_ATTRIBUTE, sentence);
            } else if is_schema_hint(&attribute, node.is_filled()) {
                self.drop_attribute(attribute);
            } else if is_passed_over(node, &attribute, self.spec) {
                self.drop_attribute(attribute);
                let sentence =
                    format!("toolkit {} knows no attribute {}; passed over", self.spec.label, attribute.name());
                self.note(node, attribute.range().start, rules::UNKNOWN_ATTRIBUTE, sentence);
            }
        }
    }

    fn drop_attribute(&mut self, attribute: Attribute<'_, '_>) {
        let blank = self.source[..attribute.range().start].trim_end_matches([' ', '\t', '\r', '\n']).len();
        self.edits.push(Edit::remove(blank..attribute.range().end));
    }

    fn note(&mut self, node: Node<'_, '_>, offset: usize, rule: RuleId, sentence: String) {
        let place = || {
            let (line, column) = self.lines.get_or_init(|| Lines::of(self.source)).position(self.source, offset);
            Place { line, column, path: permit_path(node, self.root) }
        };
        list(&mut self.findings, || Finding::new(rule, Severity::Note, place(), sentence));
    }
}

/// The path of an element below the permit's root, whatever the root stands in.
fn permit_path(node: Node<'_, '_>, root: Node<'_, '_>) -> String {
    let carrier = root.parent_element().map(path_of).unwrap_or_default();
    path_of(node)[carrier.len()..].to_owned()
}

/// True for an attribute that the version does not know and passes over. What XML Schema says with attributes stays: it may
/// change what the element means.
fn is_passed_over(node: Node<'_, '_>, attribute: &Attribute<'_, '_>, spec: &VersionSpec) -> bool {
    let UnknownAttributes::Ignored { element, attribute: known } = spec.unknown_attributes else { return false };
    let is_known =
        attribute.namespace().is_none() && attribute.name() == known && node.tag_name().name().ends_with(element);
    !is_known && attribute.namespace() != Some(XML_SCHEMA_INSTANCE)
}

/// Hints where a schema could be found, or that nothing is nil: they say nothing about the permit and are never followed.
///
/// `nil` on an element that is not empty contradicts it: it stays, and the reader refuses it.
fn is_schema_hint(attribute: &Attribute<'_, '_>, is_filled: bool) -> bool {
    let says_nil = matches!(attribute.value().trim_matches(is_xml_blank), "true" | "1");
    attribute.namespace() == Some(XML_SCHEMA_INSTANCE)
        && match attribute.name() {
            "schemaLocation" | "noNamespaceSchemaLocation" => true,
            "nil" => !(says_nil && is_filled),
            _ => false,
        }
}
