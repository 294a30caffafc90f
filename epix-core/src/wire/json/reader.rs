//! How JSON values are held against the outline: fields, types and values, each error with its place and path.

use super::super::describe::Occurs;
use super::super::place::Lines;
use super::super::rules;
use super::node::{Kind, Node};
use super::outline::{Content, Field, Shape};
use crate::permit::ValueError;
use crate::report::{Finding, Place, RuleId, Severity, list};

/// Reads values of one document and collects what is wrong with them.
pub(super) struct Reader<'j> {
    text: &'j str,
    lines: Lines,
    path: String,
    /// What was found, in document order.
    pub(super) findings: Vec<Finding>,
}

impl<'j> Reader<'j> {
    /// Starts at the root of a text.
    pub(super) fn new(text: &'j str) -> Reader<'j> {
        Reader { text, lines: Lines::of(text), path: "$".to_owned(), findings: Vec::new() }
    }

    /// Records an error at a value.
    pub(super) fn error(&mut self, node: Node<'_>, rule: RuleId, sentence: String) {
        let place = || {
            let (line, column) = self.lines.position(self.text, node.offset());
            Place { line, column, path: self.path.clone() }
        };
        list(&mut self.findings, || Finding::new(rule, Severity::Error, place(), sentence));
    }

    /// The fields of an object as its outline knows them; `None` when the value is no object.
    pub(super) fn fields<'n, C: Content>(&mut self, node: Node<'n>) -> Option<Vec<(&'static Field, Node<'n>)>> {
        let Shape::Object(name, _, fields) = C::shape() else { return None };
        self.members(node, name, fields)
    }

    /// The members of an object that are fields of it; all else is an error.
    pub(super) fn members<'n>(
        &mut self,
        node: Node<'n>,
        name: &str,
        fields: &'static [Field],
    ) -> Option<Vec<(&'static Field, Node<'n>)>> {
        self.expect(node, Kind::Object)?;
        let mut found: Vec<(&'static Field, Node<'n>)> = Vec::new();
        for (key, value) in node.members() {
            let shown = key.text().unwrap_or_else(|_| key.raw().to_owned());
            match fields.iter().find(|field| field.name == shown) {
                Some(field) if found.iter().any(|(other, _)| other.name == field.name) => {
                    self.error(key, rules::JSON_REPEATED_FIELD, format!("{shown} stands twice in this {name}"));
                }
                Some(field) => found.push((field, value)),
                None => {
                    let shown: String = shown.chars().take(40).collect();
                    self.error(key, rules::JSON_UNKNOWN_FIELD, format!("a {name} has no field {shown:?}"));
                }
            }
        }
        for field in fields.iter().filter(|field| field.occurs == Occurs::Once) {
            if !found.iter().any(|(other, _)| other.name == field.name) {
                self.error(node, rules::JSON_MISSING_FIELD, format!("this {name} lacks the field {}", field.name));
            }
        }
        Some(found)
    }

    /// Reads what a field holds: its value, or the entries of its list.
    pub(super) fn field<C: Content>(&mut self, field: &Field, node: Node<'_>, mut put: impl FnMut(C)) {
        let length = self.path.len();
        self.path.push('.');
        self.path.push_str(field.name);
        if field.occurs == Occurs::Many {
            self.entries(node, &mut put);
        } else {
            self.content(node).into_iter().for_each(put);
        }
        self.path.truncate(length);
    }

    fn entries<C: Content>(&mut self, node: Node<'_>, put: &mut impl FnMut(C)) {
        let Some(()) = self.expect(node, Kind::List) else { return };
        let entries = node.entries();
        if entries.is_empty() {
            self.empty(node, "an empty list");
        }
        let length = self.path.len();
        for (index, entry) in entries.into_iter().enumerate() {
            self.path.push_str(&format!("[{index}]"));
            self.content(entry).into_iter().for_each(&mut *put);
            self.path.truncate(length);
        }
    }

    fn content<C: Content>(&mut self, node: Node<'_>) -> Option<C> {
        if node.kind() == Kind::Object && node.members().is_empty() {
            self.empty(node, "an empty object");
            return None;
        }
        C::read(node, self)
    }

    fn empty(&mut self, node: Node<'_>, what: &str) {
        self.error(node, rules::JSON_EMPTY, format!("{what} says nothing: what is absent is left out"));
    }

    /// Reads the value of a string, turning its error into a finding.
    pub(super) fn value<V>(&mut self, node: Node<'_>, parse: impl Fn(&str) -> Result<V, ValueError>) -> Option<V> {
        self.expect(node, Kind::Text)?;
        let parsed = node.text().map_err(|error| error.to_string());
        match parsed.and_then(|text| parse(&text).map_err(|error| error.to_string())) {
            Ok(value) => Some(value),
            Err(sentence) => {
                self.error(node, rules::JSON_VALUE, sentence);
                None
            }
        }
    }

    /// Goes on only with a value of a kind.
    pub(super) fn expect(&mut self, node: Node<'_>, kind: Kind) -> Option<()> {
        match node.kind() {
            found if found == kind => return Some(()),
            Kind::Null => self.empty(node, "null"),
            found => self.error(node, rules::JSON_TYPE, format!("{kind} must stand here, not {found}")),
        }
        None
    }
}
