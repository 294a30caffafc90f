//! Where does each JSON value stand? The text cut into values, one level at a time, each knowing its place.
//!
//! The syntax is serde_json's business; a raw value is a slice of the text, so its place is known without a tree.

use std::fmt;

use serde::de::{Deserialize, Deserializer, MapAccess, Visitor};
use serde_json::value::RawValue;

/// A JSON value as it is written.
#[derive(Debug, Clone, Copy)]
pub(super) struct Node<'j> {
    text: &'j str,
    raw: &'j str,
}

/// What kind of value it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    Object,
    List,
    Text,
    Flag,
    Number,
    Null,
}

impl fmt::Display for Kind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Kind::Object => "an object",
            Kind::List => "a list",
            Kind::Text => "a string",
            Kind::Flag => "true or false",
            Kind::Number => "a number",
            Kind::Null => "null",
        })
    }
}

impl<'j> Node<'j> {
    /// The value that a text is, after looking at the syntax of all of it.
    pub(super) fn root(text: &'j str) -> Result<Node<'j>, serde_json::Error> {
        let raw: &RawValue = serde_json::from_str(text)?;
        Ok(Node { text, raw: raw.get() })
    }

    fn part(self, raw: &'j RawValue) -> Node<'j> {
        Node { text: self.text, raw: raw.get() }
    }

    /// The byte offset at which it stands.
    pub(super) fn offset(self) -> usize {
        self.raw.as_ptr().addr() - self.text.as_ptr().addr()
    }

    /// The byte offset behind it.
    pub(super) fn end(self) -> usize {
        self.offset() + self.raw.len()
    }

    /// What it is, told by its first letter.
    pub(super) fn kind(self) -> Kind {
        match self.raw.as_bytes().first() {
            Some(b'{') => Kind::Object,
            Some(b'[') => Kind::List,
            Some(b'"') => Kind::Text,
            Some(b't' | b'f') => Kind::Flag,
            Some(b'n') => Kind::Null,
            _ => Kind::Number,
        }
    }

    /// The letters as they are written.
    pub(super) fn raw(self) -> &'j str {
        self.raw
    }

    /// The content of a string; an error where an escape is half of a surrogate pair.
    pub(super) fn text(self) -> Result<String, serde_json::Error> {
        serde_json::from_str(self.raw)
    }

    /// The entries of a list.
    pub(super) fn entries(self) -> Vec<Node<'j>> {
        let entries: Vec<&RawValue> = serde_json::from_str(self.raw).unwrap_or_default();
        entries.into_iter().map(|raw| self.part(raw)).collect()
    }

    /// The value of a member of an object.
    pub(super) fn member(self, name: &str) -> Option<Node<'j>> {
        let is_named = |key: &Node<'_>| key.text().is_ok_and(|key| key == name);
        self.members().into_iter().find(|(key, _)| is_named(key)).map(|(_, value)| value)
    }

    /// The members of an object in their order: key and value.
    pub(super) fn members(self) -> Vec<(Node<'j>, Node<'j>)> {
        let Members(members) = serde_json::from_str(self.raw).unwrap_or_default();
        members.into_iter().map(|(key, value)| (self.part(key), self.part(value))).collect()
    }
}

/// The members of an object, those of one name too.
#[derive(Default)]
struct Members<'j>(Vec<(&'j RawValue, &'j RawValue)>);

impl<'de> Deserialize<'de> for Members<'de> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Collect;
        impl<'de> Visitor<'de> for Collect {
            type Value = Members<'de>;
            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("an object")
            }
            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Members<'de>, A::Error> {
                let mut members = Vec::new();
                while let Some(member) = map.next_entry()? {
                    members.push(member);
                }
                Ok(Members(members))
            }
        }
        deserializer.deserialize_map(Collect)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_value_knows_where_it_stands() {
        let text = " {\"a\": [1, {\"b\\u0063\": null}], \"a\":true}";
        let root = Node::root(text).unwrap();

        let members = root.members();
        let inner = members[0].1.entries()[1].members();

        assert_eq!(root.offset(), 1);
        assert_eq!((members.len(), members[1].1.kind(), members[1].0.raw()), (2, Kind::Flag, "\"a\""));
        assert_eq!((inner[0].0.text().unwrap().as_str(), inner[0].1.kind()), ("bc", Kind::Null));
        assert_eq!(inner[0].1.offset(), text.find("null").unwrap());
    }
}
