//! How a tree is read by its description: order, cardinality, attributes and values, each error with its place.

use roxmltree::Node;

use super::describe::{Field, Message, Names, Occurs};
use super::place::path_of;
use super::rules;
use super::tag::namespace_of;
use super::trace::{Branch, Trace};
use crate::permit::{ValueError, Word, is_xml_blank};
use crate::report::{Finding, Place, RuleId, Severity, list};

/// Reads elements of one document and collects what is wrong with them.
pub struct Reader<'a> {
    place: &'a dyn Fn(usize, String) -> Place,
    /// What was found, in document order; past the limit of a report the rest is not listed.
    pub findings: Vec<Finding>,
    /// Which element filled which field.
    pub(super) trace: Trace,
}

impl<'a> Reader<'a> {
    /// Starts; `place` turns an offset of the tree's text and an element path into a place in the received bytes.
    pub fn new(place: &'a dyn Fn(usize, String) -> Place) -> Reader<'a> {
        Reader { place, findings: Vec::new(), trace: Trace::default() }
    }

    /// Records an error at an element.
    pub fn error(&mut self, node: Node<'_, '_>, rule: RuleId, sentence: String) {
        self.found(node, rule, Severity::Error, sentence);
    }

    /// Records something that a person should look at.
    pub fn warning(&mut self, node: Node<'_, '_>, rule: RuleId, sentence: String) {
        self.found(node, rule, Severity::Warning, sentence);
    }

    fn found(&mut self, node: Node<'_, '_>, rule: RuleId, severity: Severity, sentence: String) {
        let place = || (self.place)(node.range().start, path_of(node));
        list(&mut self.findings, || Finding::new(rule, severity, place(), sentence));
    }

    /// The text of an element that holds a value; an element inside it is an error, comments are passed over.
    pub fn text(&mut self, node: Node<'_, '_>) -> String {
        let mut text = String::new();
        for child in node.children() {
            if child.is_element() {
                let sentence = format!("{} holds a value, so it cannot hold the element {}", name(node), name(child));
                self.error(child, rules::ELEMENT_IN_VALUE, sentence);
            }
            if child.is_text() {
                text.push_str(child.text().unwrap_or_default());
            }
        }
        text
    }

    /// Reads a value, turning its error into a finding.
    pub fn value<V>(&mut self, node: Node<'_, '_>, parse: impl Fn(&str) -> Result<V, ValueError>) -> Option<V> {
        let text = self.text(node);
        match parse(&text) {
            Ok(value) => Some(value),
            Err(error) => {
                self.error(node, rules::BAD_VALUE, format!("{}: {error}", name(node)));
                None
            }
        }
    }

    /// Reads the attributes that an element may carry, in the order asked for; any other is an error.
    pub fn attributes<const N: usize>(&mut self, node: Node<'_, '_>, known: [&str; N]) -> [Option<Word>; N] {
        let mut values = [const { None }; N];
        for attribute in node.attributes() {
            let index = known.iter().position(|name| attribute.namespace().is_none() && *name == attribute.name());
            match index.map(|i| (i, Word::parse(attribute.value()))) {
                Some((i, Ok(value))) => values[i] = Some(value),
                Some((_, Err(error))) => {
                    let sentence = format!("attribute {} of {}: {error}", attribute.name(), name(node));
                    self.error(node, rules::BAD_VALUE, sentence);
                }
                None => {
                    let sentence = format!("{} does not carry the attribute {}", name(node), attribute.name());
                    self.error(node, rules::UNEXPECTED_ATTRIBUTE, sentence);
                }
            }
        }
        values
    }
}

fn name<'a>(node: Node<'a, '_>) -> &'a str {
    node.tag_name().name()
}

/// The walk over the children of one element, held against its fields.
pub struct Sequence<'n> {
    node: Node<'n, 'n>,
    fields: &'static [Field],
    next: Option<Node<'n, 'n>>,
    current: usize,
    seen: Vec<usize>,
    branch: Branch,
}

impl<'n> Sequence<'n> {
    /// Starts at the first child.
    pub fn new<M: Message>(node: Node<'n, 'n>, fields: &'static [Field], reader: &mut Reader<'_>) -> Sequence<'n> {
        if M::NAMES == Names::Exact {
            reader.attributes(node, []);
        }
        let branch = reader.trace.branch(node.range().start);
        Sequence { node, fields, next: node.first_child(), current: 0, seen: vec![0; fields.len()], branch }
    }

    /// The next child that belongs to a field, with the name of the field; at the end, what is missing is reported.
    pub fn next<M: Message>(&mut self, reader: &mut Reader<'_>) -> Option<(&'static str, Node<'n, 'n>)> {
        while let Some(child) = self.next {
            self.next = child.next_sibling();
            if child.is_text() && child.text().is_some_and(|text| !text.chars().all(is_xml_blank)) {
                let sentence = format!("{} holds elements, so it cannot hold text", name(self.node));
                reader.error(self.node, rules::STRAY_TEXT, sentence);
            }
            if !child.is_element() {
                continue;
            }
            match self.fields.iter().position(|field| M::NAMES.fit(child, field)) {
                Some(index) => {
                    self.check::<M>(index, child, reader);
                    reader.trace.record(&mut self.branch, &self.fields[index], child.range().start);
                    return Some((self.fields[index].name, child));
                }
                None => reader.error(child, rules::UNEXPECTED_ELEMENT, self.unexpected(child)),
            }
        }
        self.report_missing(reader);
        None
    }

    fn check<M: Message>(&mut self, index: usize, child: Node<'_, '_>, reader: &mut Reader<'_>) {
        self.seen[index] += 1;
        let field = &self.fields[index];
        if self.seen[index] > 1 && field.occurs != Occurs::Many {
            let sentence = format!("{} may stand only once in {}", field.name, name(self.node));
            reader.error(child, rules::REPEATED_ELEMENT, sentence);
        }
        if index < self.current && M::NAMES == Names::Exact {
            let before = self.fields[self.current].name;
            let sentence = format!("{} must stand before {before} in {}", field.name, name(self.node));
            reader.error(child, rules::ELEMENT_ORDER, sentence);
        }
        self.current = self.current.max(index);
    }

    fn unexpected(&self, child: Node<'_, '_>) -> String {
        let same_name = self.fields.iter().find(|field| field.name == name(child));
        match same_name {
            Some(field) => {
                let found = namespace_of(child).unwrap_or("none");
                format!("{} must stand in namespace {}, not in {found}", field.name, field.namespace)
            }
            None => format!("{} has no element {}", name(self.node), name(child)),
        }
    }

    fn report_missing(&self, reader: &mut Reader<'_>) {
        for (field, seen) in self.fields.iter().zip(&self.seen) {
            if field.occurs == Occurs::Once && *seen == 0 {
                let sentence = format!("{} lacks the element {}", name(self.node), field.name);
                reader.error(self.node, rules::MISSING_ELEMENT, sentence);
            }
        }
    }
}
