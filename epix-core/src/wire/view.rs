//! The document as schema and reader look at it: tolerated deviations taken out, each of them a finding.
//!
//! Real senders leave empty elements and `?` attributes everywhere, put the root in no namespace, or do not qualify the
//! components. The view is the same text with exactly these things mended, with the way back from each byte of it to the
//! received bytes. Schema and reader see the view only, so they cannot disagree about what is tolerated.

use std::sync::OnceLock;

use roxmltree::{Attribute, Node};

use super::edit::{Edit, Origins, apply};
use super::form::standalone_edits;
use super::place::{Lines, path_of};
use super::rules;
use super::tag::{StartTag, namespace_of};
use super::writer::escape_text;
use crate::permit::is_xml_blank;
use crate::report::{Finding, Place, RuleId, Severity, list};
use crate::version::{UnknownAttributes, VersionSpec};

const XML_SCHEMA_INSTANCE: &str = "http://www.w3.org/2001/XMLSchema-instance";

/// The mended text of a permit, its root element only, with places in the received bytes.
#[derive(Debug, Clone)]
pub struct View {
    text: String,
    origins: Origins,
    /// Made when a place is asked for: most documents have nothing to be told of.
    lines: OnceLock<Lines>,
    source: String,
    is_untouched: bool,
    /// What was tolerated, in document order.
    pub tolerated: Vec<Finding>,
}

impl View {
    /// Makes the view of the permit that stands at `root` in `source`.
    pub(crate) fn of(source: &str, root: Node<'_, '_>, spec: &VersionSpec) -> View {
        let lines = OnceLock::new();
        let filled = filled_nodes(root);
        let mut tolerance =
            Tolerance { source, root, lines: &lines, spec, filled, edits: Vec::new(), findings: Vec::new() };
        tolerance.root();
        let Tolerance { edits, findings, .. } = tolerance;
        let is_untouched = edits.is_empty() && root.parent_element().is_none();
        let (text, origins) = apply(source, root.range(), edits).into_parts();
        View { text, origins, lines, source: source.to_owned(), is_untouched, tolerated: findings }
    }

    /// The view of a text in which nothing is ever mended: our JSON form.
    pub(super) fn whole(source: &str) -> View {
        let (text, origins) = apply(source, 0..source.len(), Vec::new()).into_parts();
        let (lines, source) = (OnceLock::new(), source.to_owned());
        View { text, origins, lines, source, is_untouched: true, tolerated: Vec::new() }
    }

    /// True when nothing was mended and the permit is the whole document: its own tree says what the view says.
    pub(crate) fn is_untouched(&self) -> bool {
        self.is_untouched
    }

    /// The mended text.
    pub fn text(&self) -> &str {
        &self.text
    }

    /// The place in the received bytes from which a byte of the view came.
    pub fn place(&self, offset: usize, path: String) -> Place {
        self.place_received(self.origins.source_of(offset), path)
    }

    /// The place of a received byte.
    pub(crate) fn place_received(&self, offset: usize, path: String) -> Place {
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
    filled: Vec<bool>,
    edits: Vec<Edit>,
    findings: Vec<Finding>,
}

impl<'n> Tolerance<'_, 'n> {
    fn root(&mut self) {
        self.edits.extend(standalone_edits(self.source, self.root, self.spec));
        let stands_alone = self.root.parent_element().is_none();
        if stands_alone && namespace_of(self.root).is_none() {
            let namespace = self.spec.message_namespace;
            let sentence = format!("the root {} stands in no namespace; read as if in {namespace}", self.spec.root);
            self.note(self.root, self.root.range().start, rules::ROOT_NAMESPACE, sentence);
        }
        self.attributes(self.root);
        let default = self.root.default_namespace();
        for child in self.root.children().filter(Node::is_element) {
            self.element(child, 1, default);
        }
    }

    /// Mends one element; `default` is the default namespace that its parent has in the view.
    fn element(&mut self, node: Node<'n, 'n>, depth: usize, default: Option<&'n str>) {
        if depth > 1 && !self.is_filled(node) {
            self.edits.push(Edit::remove(node.range()));
            let sentence = format!("{} is empty; read as absent", node.tag_name().name());
            self.note(node, node.range().start, rules::EMPTY_ELEMENT, sentence);
            return;
        }
        self.attributes(node);
        self.moment(node);
        if namespace_of(node).is_some() {
            let default = node.default_namespace();
            return node.children().filter(Node::is_element).for_each(|child| self.element(child, depth + 1, default));
        }
        // No default namespace is in scope here in the source, so a declaration put on this element reaches below.
        let namespace: &'static str =
            if depth == 1 { self.spec.message_namespace } else { self.spec.component_namespace };
        self.declare(node, namespace, default == Some(namespace));
        for child in node.children().filter(Node::is_element) {
            self.element(child, depth + 1, Some(namespace));
        }
    }

    /// Takes white space from around a date and time: `xsd:dateTime` allows it, and libxml2 refuses it. No deviation.
    fn moment(&mut self, node: Node<'n, 'n>) {
        let is_moment = node.tag_name().name().ends_with("DateTime") && self.is_filled(node);
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
            } else if is_schema_hint(&attribute, self.is_filled(node)) {
                self.drop_attribute(attribute);
            } else if is_passed_over(node, &attribute, self.spec) {
                self.drop_attribute(attribute);
                let sentence =
                    format!("toolkit {} knows no attribute {}; passed over", self.spec.label, attribute.name());
                self.note(node, attribute.range().start, rules::UNKNOWN_ATTRIBUTE, sentence);
            }
        }
    }

    fn is_filled(&self, node: Node<'_, '_>) -> bool {
        self.filled[node.id().get_usize()]
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

/// True for an element without a value anywhere in it: no text but white space.
pub(crate) fn is_hollow(node: Node<'_, '_>) -> bool {
    !node.descendants().any(is_value)
}

fn is_value(node: Node<'_, '_>) -> bool {
    node.is_text() && !node.text().unwrap_or_default().chars().all(is_xml_blank)
}

/// For each node by its index: whether a value stands anywhere in it. One walk, whatever the depth.
fn filled_nodes(root: Node<'_, '_>) -> Vec<bool> {
    let mut filled = vec![false; root.document().descendants().count()];
    for value in root.descendants().filter(|node| is_value(*node)) {
        for node in value.ancestors() {
            if std::mem::replace(&mut filled[node.id().get_usize()], true) {
                break;
            }
        }
    }
    filled
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
