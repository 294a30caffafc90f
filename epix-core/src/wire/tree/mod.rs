//! What stands in a document? Elements, attributes and texts as one flat list, each with its place in the source.
//!
//! The tree holds places, not copies: names and texts are slices of the source, and only a text with a reference, a CDATA
//! section or a carriage return in it is made anew. `parse` builds it in one walk; it refuses what is not well-formed XML
//! with namespaces, and what the guard refuses anyway (document types, processing instructions). roxmltree and libxml2
//! judge it in the tests: what they do not read, it does not read, and what it reads they read the same.

mod cursor;
mod name;
mod node;
mod parse;
mod reference;
mod scope;

use std::ops::Range;

pub use node::{Attribute, Children, Node, NodeId, TagName, Wanted};

use super::place::Lines;
use name::Name;
use scope::Scopes;

/// A well-formed document.
#[derive(Debug, Clone)]
pub struct Document<'i> {
    text: &'i str,
    nodes: Vec<NodeData>,
    attributes: Vec<AttributeData>,
    names: Vec<Name<'i>>,
    scopes: Scopes,
    /// The texts that do not stand in the source as they are.
    made: Vec<String>,
}

/// Why a text is no well-formed XML with namespaces.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{reason} at line {line}, column {column}")]
pub struct NotWellFormed {
    /// What is wrong.
    pub reason: String,
    /// Line, from 1.
    pub line: u32,
    /// Column in characters, from 1.
    pub column: u32,
}

/// A stretch of the source. No document that passes the guard has more bytes than 32 bits can count.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Span {
    start: u32,
    end: u32,
}

/// What becomes of blanks beside an element.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Blanks {
    Kept,
    LeftOut,
}

/// What a node is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind {
    Root,
    Element,
    Text,
    Comment,
}

/// One node; those below it follow it in the list.
#[derive(Debug, Clone)]
struct NodeData {
    kind: Kind,
    /// True when a text that is not blank stands in it.
    is_filled: bool,
    /// Of an element its name, of a text the place among those that were made.
    content: u32,
    /// The namespaces that an element is in the scope of.
    scope: u32,
    parent: u32,
    /// The next child of the same parent; 0 for none, as the root is nobody's child.
    next: u32,
    /// The last node below it, or itself.
    last: u32,
    span: Span,
    first_attribute: u32,
    attributes: u32,
}

/// One attribute; declarations of namespaces are none.
#[derive(Debug, Clone)]
struct AttributeData {
    span: Span,
    local: Span,
    namespace: u32,
    value: Value,
}

/// A value: a stretch of the source, or one that was made.
#[derive(Debug, Clone, Copy)]
struct Value {
    span: Span,
    made: u32,
}

/// Stands where nothing was made, and for no namespace.
const NONE: u32 = u32::MAX;

impl<'i> Document<'i> {
    /// Reads a text that the guard has let through.
    ///
    /// # Errors
    /// [`NotWellFormed`] with the first place that is not well-formed XML with namespaces.
    pub fn parse(text: &'i str) -> Result<Document<'i>, NotWellFormed> {
        parse::parse(text, Blanks::Kept)
    }

    /// Does the same, and leaves out blanks beside an element: the indentation, nearly half of all nodes.
    ///
    /// # Errors
    /// [`NotWellFormed`] with the first place that is not well-formed XML with namespaces.
    pub fn parse_without_indentation(text: &'i str) -> Result<Document<'i>, NotWellFormed> {
        parse::parse(text, Blanks::LeftOut)
    }

    /// The node that holds the outermost element and the comments beside it.
    pub fn root(&self) -> Node<'_, 'i> {
        Node::of(self, 0)
    }

    /// The outermost element.
    pub fn root_element(&self) -> Node<'_, 'i> {
        self.root().first_element_child().unwrap_or(self.root())
    }

    /// Every node, in document order.
    pub fn descendants(&self) -> impl Iterator<Item = Node<'_, 'i>> {
        self.root().descendants()
    }

    /// The text that was read.
    pub fn input_text(&self) -> &'i str {
        self.text
    }

    /// Line and column (in characters), both from 1, of a byte of the text.
    pub fn position(&self, offset: usize) -> (u32, u32) {
        Lines::of(self.text).position(self.text, offset)
    }

    /// The names of its elements; each element tells the number of its own.
    pub(crate) fn names(&self) -> impl Iterator<Item = TagName<'_, 'i>> {
        self.names.iter().map(|name| TagName::of(self, name))
    }

    fn slice(&self, span: Span) -> &'i str {
        &self.text[span.range()]
    }

    fn value(&self, value: Value) -> &str {
        if value.made == NONE { self.slice(value.span) } else { &self.made[value.made as usize] }
    }
}

impl NotWellFormed {
    fn at(text: &str, offset: usize, reason: String) -> NotWellFormed {
        let (line, column) = Lines::of(text).position(text, offset);
        NotWellFormed { reason, line, column }
    }
}

impl Span {
    fn of(range: Range<usize>) -> Span {
        Span { start: number(range.start), end: number(range.end) }
    }

    fn range(self) -> Range<usize> {
        self.start as usize..self.end as usize
    }
}

/// A place in a list or a text as it is kept.
fn number(place: usize) -> u32 {
    u32::try_from(place).unwrap_or(NONE)
}
