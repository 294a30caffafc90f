//! How a type of the model stands in a message that builds it otherwise: as another type, to which and from which it goes.

/// Types of the model, each with the type as which it stands in a message.
macro_rules! stands_as {
    ($message:ty: $($type:ty as $other:ty;)+) => {$(
        impl $crate::wire::describe::Content<$message> for $type {
            fn shape() -> $crate::wire::describe::Shape {
                <$other as $crate::wire::describe::Content<$message>>::shape()
            }

            fn read(
                node: $crate::wire::tree::Node<'_, '_>,
                reader: &mut $crate::wire::reader::Reader<'_>,
            ) -> Option<$type> {
                <$other as $crate::wire::describe::Content<$message>>::read(node, reader).map(<$type>::from)
            }

            fn write(&self, name: &str, writer: &mut $crate::wire::writer::Writer) {
                $crate::wire::describe::Content::<$message>::write(&<$other>::from(self.clone()), name, writer);
            }

            fn carried(&self, carrier: &mut $crate::wire::carry::Carrier<'_>) -> Option<$type> {
                let other = <$other>::from(self.clone());
                $crate::wire::describe::Content::<$message>::carried(&other, carrier).map(<$type>::from)
            }
        }
    )+};
}
pub(crate) use stands_as;
