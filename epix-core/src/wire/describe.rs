//! The declarative description of a message: one table of fields gives reader, writer, cardinality and paths.
//!
//! ```text
//! describe! { Version2: Period in COMPONENTS {
//!     start: opt Moment = "StartDateTime",
//!     end:   opt Moment = "EndDateTime",
//! } }
//! ```
//! reads: in message `Version2`, a `Period` is an element whose children stand in namespace `COMPONENTS`, in this order;
//! `one` is exactly once, `opt` at most once, `many` any number of times.

use roxmltree::Node;

use super::carry::Carrier;
use super::reader::Reader;
use super::tag::namespace_of;
use super::writer::Writer;

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
            Names::Exact => name.name() == field.name && namespace_of(child).unwrap_or("") == field.namespace,
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

/// A type that can stand as the content of an element of a message.
pub trait Content<M: Message>: Sized + Clone {
    /// What the element holds.
    fn shape() -> Shape;
    /// Reads the element; `None` when its value is wrong, which the reader has recorded.
    fn read(node: Node<'_, '_>, reader: &mut Reader<'_>) -> Option<Self>;
    /// Writes the element under a name.
    fn write(&self, name: &str, writer: &mut Writer);
    /// What the message can carry of it: what reading gives back after writing; `None` when nothing.
    ///
    /// Parts of it that come out empty stay in their places, so that what is lost can be named.
    fn carried(&self, _: &mut Carrier<'_>) -> Option<Self> {
        Some(self.clone())
    }
}

/// A place in a struct that takes what was read: a value, an option, or a list.
pub trait Slot<T> {
    /// Takes a value that was read.
    fn put(&mut self, value: T);
    /// What is to be written.
    fn items<'s>(&'s self) -> impl Iterator<Item = &'s T>
    where
        T: 's;
}

impl<T> Slot<T> for T {
    fn put(&mut self, value: T) {
        *self = value;
    }
    fn items<'s>(&'s self) -> impl Iterator<Item = &'s T>
    where
        T: 's,
    {
        std::iter::once(self)
    }
}

impl<T> Slot<T> for Option<T> {
    fn put(&mut self, value: T) {
        *self = Some(value);
    }
    fn items<'s>(&'s self) -> impl Iterator<Item = &'s T>
    where
        T: 's,
    {
        self.iter()
    }
}

impl<T> Slot<T> for Vec<T> {
    fn put(&mut self, value: T) {
        self.push(value);
    }
    fn items<'s>(&'s self) -> impl Iterator<Item = &'s T>
    where
        T: 's,
    {
        self.as_slice().iter()
    }
}

/// Every path below an element, with how often it may stand: `a/b`, in document order.
pub fn paths(shape: Shape, above: &str) -> Vec<(String, Occurs, &'static [&'static str])> {
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

/// Describes the elements of a message; see the module's page for the form.
macro_rules! describe {
    ($message:ty: $($type:ident in $namespace:tt { $($field:ident: $occurs:ident $content:ty = $name:literal),+ $(,)? })+) => {$(
        impl $crate::wire::describe::Content<$message> for $type {
            fn shape() -> $crate::wire::describe::Shape {
                const FIELDS: &[$crate::wire::describe::Field] = &[$($crate::wire::describe::Field {
                    name: $name,
                    namespace: $namespace,
                    slot: stringify!($field),
                    occurs: $crate::wire::describe::describe!(@occurs $occurs),
                    shape: <$content as $crate::wire::describe::Content<$message>>::shape,
                }),+];
                $crate::wire::describe::Shape::Fields(FIELDS)
            }

            fn read(
                node: ::roxmltree::Node<'_, '_>,
                reader: &mut $crate::wire::reader::Reader<'_>,
            ) -> Option<Self> {
                use $crate::wire::describe::{Content, Shape, Slot};
                let Shape::Fields(fields) = <Self as Content<$message>>::shape() else { return None };
                let mut value = Self::default();
                let mut sequence = $crate::wire::reader::Sequence::new::<$message>(node, fields, reader);
                while let Some((field, child)) = sequence.next::<$message>(reader) {
                    match field {
                        $($name => if let Some(content) = <$content as Content<$message>>::read(child, reader) {
                            Slot::<$content>::put(&mut value.$field, content);
                        },)+
                        _ => {}
                    }
                }
                Some(value)
            }

            fn write(&self, name: &str, writer: &mut $crate::wire::writer::Writer) {
                use $crate::wire::describe::{Content, Slot};
                writer.open(name);
                $(for content in Slot::<$content>::items(&self.$field) {
                    let name = writer.name($namespace, $name);
                    Content::<$message>::write(content, &name, writer);
                })+
                writer.close(name);
            }

            fn carried(&self, carrier: &mut $crate::wire::carry::Carrier<'_>) -> Option<$type> {
                use $crate::wire::describe::{Content, Slot};
                let mut kept = <$type>::default();
                $(
                    let occurs = $crate::wire::describe::describe!(@occurs $occurs);
                    let all = Slot::<$content>::items(&self.$field);
                    carrier.below($name, occurs, all, |content, carrier| {
                        Content::<$message>::carried(content, carrier)
                    }, |content| Slot::<$content>::put(&mut kept.$field, content));
                )+
                Some(kept)
            }
        }
    )+};
    (@occurs one) => { $crate::wire::describe::Occurs::Once };
    (@occurs opt) => { $crate::wire::describe::Occurs::AtMostOnce };
    (@occurs many) => { $crate::wire::describe::Occurs::Many };
}
pub(crate) use describe;
