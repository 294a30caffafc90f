//! Does a document plainly obey its schema? A quick yes, made from the schema itself; everything else is for libxml2 to judge.
//!
//! The acceptor says yes or nothing. Its yes is worth what libxml2's is: the tests hold it against libxml2 over every fixture
//! and thousands of mutants. Where it says nothing (a breach, a value in a spelling that it does not know, a comment inside
//! a value), libxml2 is asked, and its verdict and its words stand.

mod compile;
mod value;

use std::collections::BTreeMap;

use crate::permit::is_xml_blank;
use crate::wire::tree::{self, Node, TagName};
pub use compile::Unknown;
use value::Simple;

/// A schema that says yes quickly. Types and elements are numbers into its lists.
#[derive(Debug)]
pub struct Acceptor {
    types: Vec<Type>,
    /// The number of each element name, by local name and namespace.
    symbols: Symbols,
    /// The elements that may be the root.
    roots: Vec<Alternative>,
}

/// Element names: under each local name the namespaces in which it stands, with their numbers.
type Symbols = BTreeMap<String, Vec<(String, usize)>>;

/// What an element may hold.
#[derive(Debug)]
struct Type {
    attributes: Vec<Attribute>,
    content: Content,
}

#[derive(Debug)]
struct Attribute {
    name: String,
    value: Simple,
}

#[derive(Debug)]
enum Content {
    Value(Simple),
    /// Elements in this order.
    Elements(Vec<Particle>),
}

/// One place in a sequence: one of some elements, so and so often.
#[derive(Debug)]
struct Particle {
    alternatives: Vec<Alternative>,
    least: usize,
    most: usize,
}

#[derive(Debug, Clone, Copy)]
struct Alternative {
    symbol: usize,
    is: usize,
}

/// libxml2 refuses a text of more than ten million bytes, so whether a larger document has one is for it to say.
const MOST_BYTES: usize = 9_000_000;

/// Stands for a name that the schema does not know.
const NO_SYMBOL: usize = usize::MAX;

impl Acceptor {
    /// Makes an acceptor of the documents of a schema.
    ///
    /// # Errors
    /// [`Unknown`] when the schema uses something that it was not made for. It never guesses.
    pub fn compile(documents: &[(&str, &[u8])]) -> Result<Acceptor, Unknown> {
        compile::compile(documents)
    }

    /// True when the document of this root plainly obeys the schema; false says nothing.
    ///
    /// The tree must have been read without its indentation.
    pub fn accepts(&self, root: Node<'_, '_>) -> bool {
        let document = root.document();
        if document.input_text().len() > MOST_BYTES {
            return false;
        }
        let walk = Walk { acceptor: self, symbols: document.names().map(|name| self.symbol(name)).collect() };
        let symbol = walk.symbol(root);
        self.roots.iter().find(|known| known.symbol == symbol).is_some_and(|known| walk.accepts(root, known.is))
    }
}

impl Acceptor {
    fn symbol(&self, name: TagName<'_, '_>) -> usize {
        let namespace = name.namespace().unwrap_or_default();
        let known = self.symbols.get(name.name()).into_iter().flatten().find(|(known, _)| known == namespace);
        known.map_or(NO_SYMBOL, |(_, symbol)| *symbol)
    }
}

/// The walk over one document, with the symbol of each of its names.
struct Walk<'s> {
    acceptor: &'s Acceptor,
    symbols: Vec<usize>,
}

impl Walk<'_> {
    fn symbol(&self, element: Node<'_, '_>) -> usize {
        self.symbols[element.name_number()]
    }

    /// Depth is limited by the guard.
    fn accepts(&self, element: Node<'_, '_>, is: usize) -> bool {
        let Type { attributes, content } = &self.acceptor.types[is];
        let fits = |attribute: tree::Attribute<'_, '_>| {
            let known = attributes.iter().find(|known| known.name == attribute.name());
            attribute.namespace().is_none() && known.is_some_and(|known| known.value.admits(attribute.value()))
        };
        element.attributes().all(fits)
            && match content {
                Content::Value(value) => bare(element).is_some_and(|text| value.admits(text)),
                Content::Elements(particles) => self.follows(element, particles),
            }
    }

    /// The order is deterministic, as every schema must be: a child that fits where we stand belongs there.
    fn follows(&self, element: Node<'_, '_>, particles: &[Particle]) -> bool {
        let mut left = particles.iter();
        let mut at = left.next();
        let mut count = 0;
        for child in element.children().filter(|child| !child.is_comment() && !is_blank(*child)) {
            if !child.is_element() {
                return false;
            }
            let symbol = self.symbol(child);
            loop {
                let Some(particle) = at else { return false };
                let fit = particle.alternatives.iter().find(|known| known.symbol == symbol);
                if let Some(fit) = fit.filter(|_| count < particle.most) {
                    if !self.accepts(child, fit.is) {
                        return false;
                    }
                    count += 1;
                    break;
                }
                if count < particle.least {
                    return false;
                }
                (at, count) = (left.next(), 0);
            }
        }
        at.is_none_or(|particle| count >= particle.least) && left.all(|particle| particle.least == 0)
    }
}

/// True for a text that stands in the source as blanks: a reference or a CDATA section is another matter to libxml2.
fn is_blank(node: Node<'_, '_>) -> bool {
    node.is_text() && !node.is_filled() && node.document().input_text()[node.range()].chars().all(is_xml_blank)
}

/// The text of an element that holds one text and nothing else, or nothing at all.
fn bare<'a>(element: Node<'a, '_>) -> Option<&'a str> {
    let mut children = element.children();
    match (children.next(), children.next()) {
        (None, _) => Some(""),
        (Some(only), None) if only.is_text() => only.text(),
        _ => None,
    }
}
