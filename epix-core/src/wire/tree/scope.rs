//! Which namespace does a prefix stand for? Scopes hang on the scope around them, each with what one element declares.

use super::{NONE, Span, Value};

pub(super) const XML: &str = "http://www.w3.org/XML/1998/namespace";
const XMLNS: &str = "http://www.w3.org/2000/xmlns/";

/// The number that stands for the namespace that the prefix `xml` is bound to from the start.
const OF_XML: u32 = NONE - 1;

/// Every scope of a document. Scope 0 is the one in which nothing is declared.
#[derive(Debug, Clone)]
pub(super) struct Scopes {
    scopes: Vec<Scope>,
    declarations: Vec<Declaration>,
}

#[derive(Debug, Clone)]
struct Scope {
    around: u32,
    first: u32,
}

/// One declaration; the prefix is empty for the default namespace.
#[derive(Debug, Clone)]
struct Declaration {
    prefix: Span,
    uri: String,
}

impl Scopes {
    pub(super) fn new() -> Scopes {
        Scopes { scopes: vec![Scope { around: NONE, first: 0 }], declarations: Vec::new() }
    }

    /// Opens the scope of an element that declares something.
    pub(super) fn open(&mut self, around: u32) -> u32 {
        self.scopes.push(Scope { around, first: super::number(self.declarations.len()) });
        super::number(self.scopes.len() - 1)
    }

    /// Declares a prefix in the scope that was opened last.
    pub(super) fn declare(&mut self, text: &str, prefix: Span, uri: &str) -> Result<(), String> {
        let written = &text[prefix.range()];
        let is_fit = match written {
            "xmlns" => false,
            "xml" => uri == XML,
            prefix => uri != XML && uri != XMLNS && (prefix.is_empty() || !uri.is_empty()),
        };
        if !is_fit {
            return Err(format!("the prefix {written:?} cannot stand for the namespace {uri:?}"));
        }
        let first = self.scopes.last().map_or(0, |scope| scope.first as usize);
        if self.declarations[first..].iter().any(|other| text[other.prefix.range()] == *written) {
            return Err(format!("the prefix {written:?} is declared twice"));
        }
        self.declarations.push(Declaration { prefix, uri: uri.to_owned() });
        Ok(())
    }

    fn of(&self, scope: u32) -> impl Iterator<Item = (u32, &Declaration)> {
        let (from, next) = (self.scopes[scope as usize].first, self.scopes.get(scope as usize + 1));
        let end = next.map_or(self.declarations.len(), |next| next.first as usize);
        (from..).zip(&self.declarations[from as usize..end])
    }

    fn outwards(&self, scope: u32) -> impl Iterator<Item = u32> {
        std::iter::successors(Some(scope), |scope| Some(self.scopes[*scope as usize].around).filter(|at| *at != NONE))
    }

    /// The namespace of a prefix, as a number.
    pub(super) fn find(&self, text: &str, scope: u32, prefix: &str) -> Option<u32> {
        if prefix == "xml" {
            return Some(OF_XML);
        }
        let mut declared = self.outwards(scope).flat_map(|scope| self.of(scope));
        declared.find(|(_, one)| text[one.prefix.range()] == *prefix).map(|(number, _)| number)
    }

    /// Every namespace of a scope as prefix and name, innermost first.
    pub(super) fn all<'s>(&'s self, text: &'s str, scope: u32) -> Vec<(&'s str, &'s str)> {
        let mut all: Vec<(&str, &str)> = Vec::new();
        for (_, declared) in self.outwards(scope).flat_map(|scope| self.of(scope)) {
            let prefix = &text[declared.prefix.range()];
            if all.iter().all(|(other, _)| *other != prefix) {
                all.push((prefix, &declared.uri));
            }
        }
        all
    }

    /// The name of a namespace; empty for none.
    pub(super) fn uri(&self, namespace: u32) -> &str {
        match namespace {
            NONE => "",
            OF_XML => XML,
            declared => &self.declarations[declared as usize].uri,
        }
    }
}

/// An attribute that declares a namespace, until the element's scope is opened.
#[derive(Debug, Clone, Copy)]
pub(super) struct Declared {
    pub(super) prefix: Span,
    pub(super) value: Value,
    pub(super) at: usize,
}
