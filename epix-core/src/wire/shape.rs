//! What does a message look like? Names, order and occurrence of its elements, as constants that reader and tests walk over.

use super::tree::Node;

/// A message: how its names are matched. Its namespaces and prefixes stand where it is described.
pub trait Message {
    /// How names are matched.
    const NAMES: Names;
}

/// How the names of a message are matched.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Names {
    /// Name and namespace must be the described ones, elements stand in the described order.
    Exact,
    /// As EPIX callers really write parameters: qualified or not, in CamelCase, lowerCamel or snake_case, in any order.
    Lenient,
}

impl Names {
    /// True when a child is the element that a field describes.
    pub fn fit(self, child: Node<'_, '_>, field: &Field) -> bool {
        let name = child.tag_name();
        match self {
            Names::Exact => name.name() == field.name && child.tag_name().namespace().unwrap_or("") == field.namespace,
            Names::Lenient => has_same_letters(name.name(), field.name),
        }
    }
}

fn has_same_letters(a: &str, b: &str) -> bool {
    fn letters(name: &str) -> impl Iterator<Item = char> {
        name.chars().filter(|c| *c != '_').map(|c| c.to_ascii_lowercase())
    }
    letters(a).eq(letters(b))
}

/// How often an element may stand.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Occurs {
    /// Exactly once.
    Once,
    /// At most once.
    AtMostOnce,
    /// Any number of times.
    Many,
}

/// One child element of a described element.
#[derive(Debug)]
pub struct Field {
    /// Local name.
    pub name: &'static str,
    /// Namespace; empty for none.
    pub namespace: &'static str,
    /// The field of the model that it fills; empty where it is part of a value.
    pub slot: &'static str,
    /// How often it may stand.
    pub occurs: Occurs,
    /// What it holds.
    pub shape: fn() -> Shape,
}

/// What an element holds.
#[derive(Debug, Clone, Copy)]
pub enum Shape {
    /// A value with these attributes.
    Value(&'static [&'static str]),
    /// Elements.
    Fields(&'static [Field]),
}

/// Every path below an element, with how often it may stand: `a/b`, in document order.
pub(super) fn paths(shape: Shape, above: &str) -> Vec<(String, Occurs, &'static [&'static str])> {
    let Shape::Fields(fields) = shape else { return Vec::new() };
    let mut all = Vec::new();
    for field in fields {
        let path = format!("{above}/{}", field.name);
        let below = (field.shape)();
        let attributes = if let Shape::Value(attributes) = below { attributes } else { &[] };
        all.push((path.clone(), field.occurs, attributes));
        all.extend(paths(below, &path));
    }
    all
}
