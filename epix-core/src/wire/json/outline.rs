//! The declarative outline of the model: one table of fields gives JSON reader, writer, schema, and the list of facts.
//!
//! ```text
//! outline! {
//!     Period "From and until." {
//!         start: opt Moment, "", "First moment.";
//!     }
//! }
//! ```
//! reads: the model's type `Period` is an object with the optional field `start`, which belongs to no box of its own.
//! A field of the model that the table lacks does not compile.

use super::super::describe::Occurs;
use super::node::Node;
use super::reader::Reader;

/// One field of an object.
#[derive(Debug)]
pub(super) struct Field {
    /// Its name, that of the model.
    pub(super) name: &'static str,
    /// How often it may stand; a field that may stand often is a list.
    pub(super) occurs: Occurs,
    /// The box of the paper form; empty where the field around it says it.
    pub(super) form_box: &'static str,
    /// What it says.
    pub(super) says: &'static str,
    /// What it holds.
    pub(super) shape: fn() -> Shape,
}

/// What a JSON value holds.
#[derive(Debug, Clone, Copy)]
pub(super) enum Shape {
    /// Fields: the name of the type, what it is, its fields.
    Object(&'static str, &'static str, &'static [Field]),
    /// A string of a kind.
    Text(&'static TextKind),
    /// true or false.
    Flag,
}

/// A kind of string.
#[derive(Debug)]
pub(super) struct TextKind {
    /// Name of the type.
    pub(super) name: &'static str,
    /// What it is.
    pub(super) says: &'static str,
    /// What it looks like, as a regular expression of JSON Schema.
    pub(super) pattern: &'static str,
    /// Codes that are on its list; others are read too.
    pub(super) listed: &'static [&'static str],
}

/// A permit or a part of it, as it is written: nothing in it is empty.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(in crate::wire) enum Piece {
    /// A string.
    Text(String),
    /// true or false.
    Flag(bool),
    /// Entries.
    List(Vec<Piece>),
    /// Fields with their boxes.
    Object(Vec<Part>),
}

/// One field of an object as it is written.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(in crate::wire) struct Part {
    /// Its name.
    pub(in crate::wire) name: &'static str,
    /// Its box; empty where the field around it says it.
    pub(in crate::wire) form_box: &'static str,
    /// What it holds.
    pub(in crate::wire) piece: Piece,
}

/// A type of the model that stands in our JSON form.
pub(super) trait Content: Sized {
    /// What it looks like.
    fn shape() -> Shape;
    /// Reads it; `None` when it is wrong, which the reader has recorded.
    fn read(node: Node<'_>, reader: &mut Reader<'_>) -> Option<Self>;
    /// Writes it; `None` when there is nothing in it.
    fn piece(&self) -> Option<Piece>;
}

/// The piece of a field, from what stands in its slot.
pub(super) fn part<'c, C: Content + 'c>(field: &Field, contents: impl Iterator<Item = &'c C>) -> Option<Part> {
    let mut pieces: Vec<Piece> = contents.filter_map(C::piece).collect();
    let piece = match field.occurs {
        Occurs::Many if pieces.is_empty() => return None,
        Occurs::Many => Piece::List(pieces),
        Occurs::Once | Occurs::AtMostOnce => pieces.pop()?,
    };
    Some(Part { name: field.name, form_box: field.form_box, piece })
}

/// Declares the objects of the form; see the module's page.
macro_rules! outline {
    ($($type:ident $is:literal { $($field:ident: $occurs:ident $content:ty, $box:literal, $says:literal;)+ })+) => {$(
        impl $crate::wire::json::outline::Content for $type {
            fn shape() -> $crate::wire::json::outline::Shape {
                const FIELDS: &[$crate::wire::json::outline::Field] = &[$($crate::wire::json::outline::Field {
                    name: stringify!($field),
                    occurs: $crate::wire::describe::describe!(@occurs $occurs),
                    form_box: $box,
                    says: $says,
                    shape: <$content as $crate::wire::json::outline::Content>::shape,
                }),+];
                $crate::wire::json::outline::Shape::Object(stringify!($type), $is, FIELDS)
            }

            fn read(
                node: $crate::wire::json::node::Node<'_>,
                reader: &mut $crate::wire::json::reader::Reader<'_>,
            ) -> Option<Self> {
                use $crate::wire::describe::Slot;
                let mut value = Self::default();
                for (field, content) in reader.fields::<Self>(node)? {
                    $(if field.name == stringify!($field) {
                        reader.field(field, content, |content: $content| Slot::put(&mut value.$field, content));
                    })+
                }
                Some(value)
            }

            fn piece(&self) -> Option<$crate::wire::json::outline::Piece> {
                use $crate::wire::describe::Slot;
                use $crate::wire::json::outline::{Piece, Shape, part};
                let Shape::Object(_, _, fields) = Self::shape() else { return None };
                let mut fields = fields.iter();
                // Without `..`: a field that the table lacks must not be lost in silence.
                let Self { $($field),+ } = self;
                let mut parts = Vec::new();
                $(parts.extend(fields.next().and_then(|field| part(field, Slot::<$content>::items($field))));)+
                (!parts.is_empty()).then_some(Piece::Object(parts))
            }
        }
    )+};
}
pub(super) use outline;
