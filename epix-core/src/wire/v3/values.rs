//! How the values of the draft of 3.0 stand in elements: as in 2.0, but for dates and indicators.

use super::super::bare::{indicator, truth};
use super::super::carry::Carrier;
use super::super::dates;
use super::super::describe::{Content, Field, Occurs, Shape};
use super::super::reader::{Reader, Sequence};
use super::super::rules;
use super::super::tree::Node;
use super::super::v2::Version2;
use super::super::writer::Writer;
use super::adapt::Formatted;
use super::names::{
    DATE_TIME, DATE_TIME_STRING, FORMAT, INDICATOR, INDICATOR_STRING, QUALIFIED, UNQUALIFIED, Version3,
};
use crate::permit::{
    Appendix, Coded, DocumentType, Identifier, Moment, Purpose, Quantity, SignatoryRole, Source, Text, Word,
};

/// Values that stand as they do in 2.0.
macro_rules! as_in_2 {
    ($($type:ty),+ $(,)?) => {$(
        impl Content<Version3> for $type {
            fn shape() -> Shape {
                <$type as Content<Version2>>::shape()
            }
            fn read(node: Node<'_, '_>, reader: &mut Reader<'_>) -> Option<$type> {
                <$type as Content<Version2>>::read(node, reader)
            }
            fn write(&self, name: &str, writer: &mut Writer) {
                Content::<Version2>::write(self, name, writer);
            }
            fn carried(&self, carrier: &mut Carrier<'_>) -> Option<$type> {
                Content::<Version2>::carried(self, carrier)
            }
        }
    )+};
}

as_in_2! {
    Text, Identifier, Coded<Word>, Coded<DocumentType>, Quantity, Purpose, SignatoryRole, Appendix, Source,
}

/// A child of a value.
const fn child(name: &'static str, namespace: &'static str, shape: fn() -> Shape) -> Field {
    Field { name, namespace, slot: "", occurs: Occurs::AtMostOnce, shape }
}

const BARE: fn() -> Shape = || Shape::Value(&[]);
const WITH_FORMAT: fn() -> Shape = || Shape::Value(&[FORMAT]);

/// Reads an element that holds exactly one of its children.
fn one_of<V>(
    node: Node<'_, '_>,
    fields: &'static [Field],
    reader: &mut Reader<'_>,
    read: impl Fn(&'static str, Node<'_, '_>, &mut Reader<'_>) -> Option<V>,
) -> Option<V> {
    let (mut found, mut children) = (None, 0);
    let mut sequence = Sequence::new::<Version3>(node, fields, reader);
    while let Some((field, child)) = sequence.next::<Version3>(reader) {
        children += 1;
        found = read(fields[field].name, child, reader);
    }
    if children != 1 {
        let names: Vec<_> = fields.iter().map(|field| field.name).collect();
        let sentence = format!("{} must hold one {}", node.tag_name().name(), names.join(" or "));
        let rule = if children == 0 { rules::MISSING_ELEMENT } else { rules::REPEATED_ELEMENT };
        reader.error(node, rule, sentence);
    }
    found
}

/// Reads digits with their format.
fn digits(node: Node<'_, '_>, reader: &mut Reader<'_>) -> Option<Moment> {
    let [format] = reader.attributes(node, [FORMAT]);
    reader.value(node, |text| dates::read(format.as_ref().map(Word::as_str), text))
}

const DATE_FIELDS: &[Field] = &[child(DATE_TIME_STRING, UNQUALIFIED, WITH_FORMAT), child(DATE_TIME, UNQUALIFIED, BARE)];

impl Content<Version3> for Moment {
    fn shape() -> Shape {
        Shape::Fields(DATE_FIELDS)
    }

    fn read(node: Node<'_, '_>, reader: &mut Reader<'_>) -> Option<Moment> {
        one_of(node, DATE_FIELDS, reader, |field, child, reader| match field {
            DATE_TIME => <Moment as Content<Version2>>::read(child, reader),
            _ => digits(child, reader),
        })
    }

    fn write(&self, name: &str, writer: &mut Writer) {
        writer.open(name);
        let inner = writer.name(UNQUALIFIED, DATE_TIME);
        writer.value(&inner, &[], self.as_str());
        writer.close(name);
    }
}

const FORMATTED_FIELDS: &[Field] =
    &[Field { name: DATE_TIME_STRING, namespace: QUALIFIED, slot: "", occurs: Occurs::Once, shape: WITH_FORMAT }];

impl Content<Version3> for Formatted {
    fn shape() -> Shape {
        Shape::Fields(FORMATTED_FIELDS)
    }

    fn read(node: Node<'_, '_>, reader: &mut Reader<'_>) -> Option<Formatted> {
        let mut found = None;
        let mut sequence = Sequence::new::<Version3>(node, FORMATTED_FIELDS, reader);
        while let Some((_, child)) = sequence.next::<Version3>(reader) {
            found = digits(child, reader);
        }
        found.map(Formatted)
    }

    fn write(&self, name: &str, writer: &mut Writer) {
        let (format, digits) = dates::write(&self.0);
        writer.open(name);
        let inner = writer.name(QUALIFIED, DATE_TIME_STRING);
        writer.value(&inner, &[(FORMAT, Some(format))], &digits);
        writer.close(name);
    }

    fn carried(&self, _: &mut Carrier<'_>) -> Option<Formatted> {
        let (format, digits) = dates::write(&self.0);
        dates::read(Some(format), &digits).ok().map(Formatted)
    }
}

const INDICATOR_FIELDS: &[Field] =
    &[child(INDICATOR_STRING, UNQUALIFIED, WITH_FORMAT), child(INDICATOR, UNQUALIFIED, BARE)];

impl Content<Version3> for bool {
    fn shape() -> Shape {
        Shape::Fields(INDICATOR_FIELDS)
    }

    fn read(node: Node<'_, '_>, reader: &mut Reader<'_>) -> Option<bool> {
        one_of(node, INDICATOR_FIELDS, reader, |field, child, reader| {
            let known: &[&str] = if field == INDICATOR_STRING { &[FORMAT] } else { &[] };
            match known {
                [] => {
                    let [] = reader.attributes(child, []);
                }
                _ => {
                    let [_] = reader.attributes(child, [FORMAT]);
                }
            }
            reader.value(child, indicator)
        })
    }

    fn write(&self, name: &str, writer: &mut Writer) {
        writer.open(name);
        let inner = writer.name(UNQUALIFIED, INDICATOR);
        writer.value(&inner, &[], truth(self));
        writer.close(name);
    }
}
