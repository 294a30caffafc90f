//! How is the tree walked? Nodes and attributes are light handles on the list.

use std::ops::Range;

use super::name::Name;
use super::{AttributeData, Document, Kind, NONE, NodeData, Span, Value};

/// A node of a tree: an element, a text, a comment, or the root that holds them.
#[derive(Debug, Clone, Copy)]
pub struct Node<'a, 'i> {
    document: &'a Document<'i>,
    index: u32,
}

/// Which node of its document it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct NodeId(u32);

/// The name of an element; empty for anything else.
#[derive(Debug, Clone, Copy)]
pub struct TagName<'a, 'i> {
    document: &'a Document<'i>,
    name: Option<&'a Name<'i>>,
}

impl<'a, 'i> TagName<'a, 'i> {
    pub(super) fn of(document: &'a Document<'i>, name: &'a Name<'i>) -> TagName<'a, 'i> {
        TagName { document, name: Some(name) }
    }

    /// The local name.
    pub fn name(&self) -> &'i str {
        self.name.map_or("", |name| name.local)
    }

    /// The namespace; `None` for none.
    pub fn namespace(&self) -> Option<&'a str> {
        let namespace = self.name.map(|name| name.namespace).filter(|namespace| *namespace != NONE)?;
        Some(self.document.scopes.uri(namespace))
    }
}

impl PartialEq for Node<'_, '_> {
    fn eq(&self, other: &Self) -> bool {
        std::ptr::eq(self.document, other.document) && self.index == other.index
    }
}

impl<'a, 'i: 'a> Node<'a, 'i> {
    pub(super) fn of(document: &'a Document<'i>, index: u32) -> Node<'a, 'i> {
        Node { document, index }
    }

    fn data(&self) -> &'a NodeData {
        &self.document.nodes[self.index as usize]
    }

    fn at(&self, index: u32) -> Node<'a, 'i> {
        Node { document: self.document, index }
    }

    /// The document it stands in.
    pub fn document(&self) -> &'a Document<'i> {
        self.document
    }

    /// Which node of the document it is.
    pub fn id(&self) -> NodeId {
        NodeId(self.index)
    }

    /// True for an element.
    pub fn is_element(&self) -> bool {
        self.data().kind == Kind::Element
    }

    /// True for a text.
    pub fn is_text(&self) -> bool {
        self.data().kind == Kind::Text
    }

    /// True for a comment.
    pub fn is_comment(&self) -> bool {
        self.data().kind == Kind::Comment
    }

    /// True when a text that is not blank stands in it, however deep; for a text, when it is not blank.
    pub fn is_filled(&self) -> bool {
        self.data().is_filled
    }

    /// The name of an element; empty for anything else.
    pub fn tag_name(&self) -> TagName<'a, 'i> {
        let name = self.is_element().then(|| &self.document.names[self.data().content as usize]);
        TagName { document: self.document, name }
    }

    /// The number of the name of an element among those of its document.
    pub(crate) fn name_number(&self) -> usize {
        self.data().content as usize
    }

    /// True for an element of a namespace and local name.
    pub fn has_tag_name(&self, (namespace, local): (&str, &str)) -> bool {
        let name = self.tag_name();
        self.is_element() && name.name() == local && name.namespace().unwrap_or_default() == namespace
    }

    /// The text of a text, and of an element that of its first child when that is one.
    pub fn text(&self) -> Option<&'a str> {
        match self.data() {
            NodeData { kind: Kind::Text, content, span, .. } => {
                Some(self.document.value(Value { span: *span, made: *content }))
            }
            NodeData { kind: Kind::Element, .. } => {
                self.first_child().filter(Node::is_text).and_then(|child| child.text())
            }
            _ => None,
        }
    }

    /// Where it stands in the source, its tags included.
    pub fn range(&self) -> Range<usize> {
        self.data().span.range()
    }

    /// The node around it.
    pub fn parent(&self) -> Option<Node<'a, 'i>> {
        (self.index > 0).then(|| self.at(self.data().parent))
    }

    /// The element around it.
    pub fn parent_element(&self) -> Option<Node<'a, 'i>> {
        self.parent().filter(Node::is_element)
    }

    /// The nodes directly below it.
    pub fn children(&self) -> Children<'a, 'i> {
        Children { document: self.document, next: self.first() }
    }

    fn first(&self) -> u32 {
        if self.data().last > self.index { self.index + 1 } else { 0 }
    }

    /// The first node below it.
    pub fn first_child(&self) -> Option<Node<'a, 'i>> {
        self.children().next()
    }

    /// The last node directly below it.
    pub fn last_child(&self) -> Option<Node<'a, 'i>> {
        self.children().last()
    }

    /// The first element directly below it.
    pub fn first_element_child(&self) -> Option<Node<'a, 'i>> {
        self.children().find(Node::is_element)
    }

    /// The next node of the same parent.
    pub fn next_sibling(&self) -> Option<Node<'a, 'i>> {
        Some(self.data().next).filter(|next| *next > 0).map(|next| self.at(next))
    }

    /// The next element of the same parent.
    pub fn next_sibling_element(&self) -> Option<Node<'a, 'i>> {
        std::iter::successors(self.next_sibling(), |node| node.next_sibling()).find(Node::is_element)
    }

    /// Itself and every node below it, in document order.
    pub fn descendants(&self) -> impl Iterator<Item = Node<'a, 'i>> + use<'a, 'i> {
        let node = *self;
        (self.index..=self.data().last).map(move |index| node.at(index))
    }

    /// Itself, and what it stands in, up to the root.
    pub fn ancestors(&self) -> impl Iterator<Item = Node<'a, 'i>> + use<'a, 'i> {
        std::iter::successors(Some(*self), |node| node.parent())
    }

    /// Its attributes, in document order; declarations of namespaces are none.
    pub fn attributes(&self) -> impl Iterator<Item = Attribute<'a, 'i>> + use<'a, 'i> {
        let (document, first) = (self.document, self.data().first_attribute as usize);
        let of_it = &document.attributes[first..first + self.data().attributes as usize];
        of_it.iter().map(move |data| Attribute { document, data })
    }

    /// The value of an attribute in no namespace, by its name, or in one, by namespace and name.
    pub fn attribute<'n>(&self, wanted: impl Into<Wanted<'n>>) -> Option<&'a str> {
        let Wanted { namespace, local } = wanted.into();
        let is_it = |attribute: &Attribute<'_, '_>| attribute.name() == local && attribute.namespace() == namespace;
        self.attributes().find(is_it).map(|attribute| attribute.value())
    }

    /// The namespaces in whose scope it stands, innermost first, as prefix (empty: the default) and name.
    pub fn namespaces(&self) -> Vec<(&'a str, &'a str)> {
        self.document.scopes.all(self.document.text, self.data().scope)
    }

    /// The default namespace at it; empty where it was taken back.
    pub fn default_namespace(&self) -> Option<&'a str> {
        self.lookup_namespace_uri(None)
    }

    /// The namespace that a prefix stands for at it; without a prefix, the default one.
    pub fn lookup_namespace_uri(&self, prefix: Option<&str>) -> Option<&'a str> {
        let scopes = &self.document.scopes;
        scopes.find(self.document.text, self.data().scope, prefix.unwrap_or_default()).map(|found| scopes.uri(found))
    }

    /// The first prefix that stands for a namespace at it; empty when it is the default one.
    pub fn lookup_prefix(&self, namespace: &str) -> Option<&'a str> {
        self.namespaces().into_iter().find(|(_, uri)| *uri == namespace).map(|(prefix, _)| prefix)
    }
}

/// The name of an attribute that is asked for.
#[derive(Debug, Clone, Copy)]
pub struct Wanted<'n> {
    namespace: Option<&'n str>,
    local: &'n str,
}

impl<'n> From<&'n str> for Wanted<'n> {
    fn from(local: &'n str) -> Wanted<'n> {
        Wanted { namespace: None, local }
    }
}

impl<'n> From<(&'n str, &'n str)> for Wanted<'n> {
    fn from((namespace, local): (&'n str, &'n str)) -> Wanted<'n> {
        Wanted { namespace: Some(namespace), local }
    }
}

/// The nodes below a node, one level deep.
#[derive(Debug, Clone)]
pub struct Children<'a, 'i> {
    document: &'a Document<'i>,
    next: u32,
}

impl<'a, 'i: 'a> Iterator for Children<'a, 'i> {
    type Item = Node<'a, 'i>;

    fn next(&mut self) -> Option<Node<'a, 'i>> {
        if self.next == 0 {
            return None;
        }
        let node = Node::of(self.document, self.next);
        self.next = node.data().next;
        Some(node)
    }
}

/// An attribute of an element.
#[derive(Debug, Clone, Copy)]
pub struct Attribute<'a, 'i> {
    document: &'a Document<'i>,
    data: &'a AttributeData,
}

impl<'a, 'i: 'a> Attribute<'a, 'i> {
    /// The local name.
    pub fn name(&self) -> &'a str {
        self.document.slice(self.data.local)
    }

    /// The namespace; `None` for none.
    pub fn namespace(&self) -> Option<&'a str> {
        (self.data.namespace != NONE).then(|| self.document.scopes.uri(self.data.namespace))
    }

    /// The value, with references resolved and blanks made spaces.
    pub fn value(&self) -> &'a str {
        self.document.value(self.data.value)
    }

    /// Where it stands in the source, from its name to the closing quote.
    pub fn range(&self) -> Range<usize> {
        let Span { start, end } = self.data.span;
        start as usize..end as usize
    }
}
