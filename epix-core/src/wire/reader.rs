//! How a tree is read by its description: order, cardinality, attributes and values, each error with its place.

use std::borrow::Cow;

use super::place::path_of;
use super::rules;
use super::shape::{Field, Message, Names, Occurs};
use super::trace::{Branch, Trace};
use super::tree::Node;
use crate::permit::{ValueError, Word};
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
    pub fn text<'n>(&mut self, node: Node<'n, '_>) -> Cow<'n, str> {
        let mut text = Cow::Borrowed("");
        for child in node.children() {
            if child.is_element() {
                let sentence = format!("{} holds a value, so it cannot hold the element {}", name(node), name(child));
                self.error(child, rules::ELEMENT_IN_VALUE, sentence);
            } else if child.is_text() {
                // Nearly every value is one text, which need not be copied.
                text += child.text().unwrap_or_default();
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
    /// A bit for each field that was seen.
    seen: u64,
    branch: Branch,
}

impl<'n> Sequence<'n> {
    /// How many fields an element may have: `seen` has a bit for each.
    pub const MOST_FIELDS: usize = u64::BITS as usize;

    /// Starts at the first child.
    pub fn new<M: Message>(node: Node<'n, 'n>, fields: &'static [Field], reader: &mut Reader<'_>) -> Sequence<'n> {
        if M::NAMES == Names::Exact {
            reader.attributes(node, []);
        }
        let branch = reader.trace.branch(node.range().start);
        Sequence { node, fields, next: node.first_child(), current: 0, seen: 0, branch }
    }

    /// The next child that belongs to a field, with the place of the field; at the end, what is missing is reported.
    pub fn next<M: Message>(&mut self, reader: &mut Reader<'_>) -> Option<(usize, Node<'n, 'n>)> {
        while let Some(child) = self.next {
            self.next = child.next_sibling();
            if !child.is_element() {
                if child.is_text() && child.is_filled() {
                    let sentence = format!("{} holds elements, so it cannot hold text", name(self.node));
                    reader.error(self.node, rules::STRAY_TEXT, sentence);
                }
                continue;
            }
            match self.find::<M>(child) {
                Some(index) => {
                    self.check::<M>(index, child, reader);
                    reader.trace.record(&mut self.branch, &self.fields[index], child.range().start);
                    return Some((index, child));
                }
                None => reader.error(child, rules::UNEXPECTED_ELEMENT, self.unexpected(child)),
            }
        }
        self.report_missing(reader);
        None
    }

    /// The field that a child belongs to. Most documents are in order, so what was passed already is looked at last.
    fn find<M: Message>(&self, child: Node<'_, '_>) -> Option<usize> {
        let fits = |index: &usize| M::NAMES.fit(child, &self.fields[*index]);
        (self.current..self.fields.len()).find(fits).or_else(|| (0..self.current).find(fits))
    }

    fn check<M: Message>(&mut self, index: usize, child: Node<'_, '_>, reader: &mut Reader<'_>) {
        let field = &self.fields[index];
        if self.has_seen(index) && field.occurs != Occurs::Many {
            let sentence = format!("{} may stand only once in {}", field.name, name(self.node));
            reader.error(child, rules::REPEATED_ELEMENT, sentence);
        }
        self.seen |= 1 << index;
        if index < self.current && M::NAMES == Names::Exact {
            let before = self.fields[self.current].name;
            let sentence = format!("{} must stand before {before} in {}", field.name, name(self.node));
            reader.error(child, rules::ELEMENT_ORDER, sentence);
        }
        self.current = self.current.max(index);
    }

    fn has_seen(&self, index: usize) -> bool {
        self.seen & 1 << index != 0
    }

    fn unexpected(&self, child: Node<'_, '_>) -> String {
        let same_name = self.fields.iter().find(|field| field.name == name(child));
        match same_name {
            Some(field) => {
                let found = child.tag_name().namespace().unwrap_or("none");
                format!("{} must stand in namespace {}, not in {found}", field.name, field.namespace)
            }
            None => format!("{} has no element {}", name(self.node), name(child)),
        }
    }

    fn report_missing(&self, reader: &mut Reader<'_>) {
        for (index, field) in self.fields.iter().enumerate() {
            if field.occurs == Occurs::Once && !self.has_seen(index) {
                let sentence = format!("{} lacks the element {}", name(self.node), field.name);
                reader.error(self.node, rules::MISSING_ELEMENT, sentence);
            }
        }
    }
}
