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

use super::carry::Carrier;
use super::reader::Reader;
pub use super::shape::{Field, Message, Names, Occurs, Shape};
use super::tree::Node;
use super::writer::Writer;

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
                const { assert!(FIELDS.len() <= $crate::wire::reader::Sequence::MOST_FIELDS) };
                $crate::wire::describe::Shape::Fields(FIELDS)
            }

            fn read(
                node: $crate::wire::tree::Node<'_, '_>,
                reader: &mut $crate::wire::reader::Reader<'_>,
            ) -> Option<Self> {
                use $crate::wire::describe::{Content, Shape, Slot};
                let Shape::Fields(fields) = <Self as Content<$message>>::shape() else { return None };
                let mut value = Self::default();
                let mut sequence = $crate::wire::reader::Sequence::new::<$message>(node, fields, reader);
                while let Some((field, child)) = sequence.next::<$message>(reader) {
                    // Counts down to the field; the compiler makes one jump of it.
                    let mut left = field;
                    $(
                        if left == 0 {
                            if let Some(content) = <$content as Content<$message>>::read(child, reader) {
                                Slot::<$content>::put(&mut value.$field, content);
                            }
                            continue;
                        }
                        left -= 1;
                    )+
                    let _ = left;
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
