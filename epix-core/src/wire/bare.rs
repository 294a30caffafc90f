//! How values that carry no attribute stand in elements, for the messages that have such.

use crate::permit::ValueError;

/// Describes values without attributes for a message: how each is read and written; what it carries of one is its text.
macro_rules! bare {
    ($message:ty: $($type:ty: $read:expr, $write:expr;)+) => {$(
        impl $crate::wire::describe::Content<$message> for $type {
            fn shape() -> $crate::wire::describe::Shape {
                $crate::wire::describe::Shape::Value(&[])
            }

            fn read(
                node: $crate::wire::tree::Node<'_, '_>,
                reader: &mut $crate::wire::reader::Reader<'_>,
            ) -> Option<$type> {
                let [] = reader.attributes(node, []);
                reader.value(node, $read)
            }

            fn write(&self, name: &str, writer: &mut $crate::wire::writer::Writer) {
                let text: fn(&$type) -> &str = $write;
                writer.value(name, &[], text(self));
            }

            fn carried(&self, carrier: &mut $crate::wire::carry::Carrier<'_>) -> Option<$type> {
                let text: fn(&$type) -> &str = $write;
                let read: fn(&str) -> Result<$type, $crate::permit::ValueError> = $read;
                // What it says besides its text is an attribute, and stays behind.
                carrier.admits(text(self)).then(|| read(text(self)).ok()).flatten()
            }
        }
    )+};
}
pub(crate) use bare;

/// `xsd:boolean` in all four spellings.
pub(super) fn indicator(text: &str) -> Result<bool, ValueError> {
    match text.trim_matches([' ', '\t', '\r', '\n']) {
        "true" | "1" => Ok(true),
        "false" | "0" => Ok(false),
        other => Err(ValueError::Indicator { found: other.chars().take(40).collect() }),
    }
}

/// The word for a truth.
pub(super) fn truth(value: &bool) -> &str {
    if *value { "true" } else { "false" }
}
