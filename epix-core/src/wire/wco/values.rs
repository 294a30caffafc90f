//! How the values of the WCO draft stand in elements.

use super::super::bare::bare;
use super::super::carry::Carrier;
use super::super::dates;
use super::super::describe::{Content, Field, Occurs, Shape};
use super::super::reader::{self, Reader};
use super::super::rules;
use super::super::tree::Node;
use super::super::v2::Version2;
use super::super::writer::Writer;
use super::names::{DATA_TYPES, DATE_TIME_STRING, FORMAT_CODE, FORMAT_CODE_AS_SHOWN, Wco};
use crate::permit::{Moment, Purpose, Quantity, Text, ValueError, Word};

bare! { Wco:
    Text: Text::parse, Text::as_str;
    Word: Word::parse, Word::as_str;
}

/// A date in digits.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Date(pub(super) Moment);

const DATE_FIELDS: &[Field] = &[Field {
    name: DATE_TIME_STRING,
    namespace: DATA_TYPES,
    slot: "",
    occurs: Occurs::Once,
    shape: || Shape::Value(&[FORMAT_CODE, FORMAT_CODE_AS_SHOWN]),
}];

impl Content<Wco> for Date {
    fn shape() -> Shape {
        Shape::Fields(DATE_FIELDS)
    }

    fn read(node: Node<'_, '_>, reader: &mut Reader<'_>) -> Option<Date> {
        let mut found = None;
        let mut sequence = reader::Sequence::new::<Wco>(node, DATE_FIELDS, reader);
        while let Some((_, child)) = sequence.next::<Wco>(reader) {
            let [format, as_shown] = reader.attributes(child, [FORMAT_CODE, FORMAT_CODE_AS_SHOWN]);
            let format = format.or(as_shown);
            found = reader.value(child, |text| dates::read(format.as_ref().map(Word::as_str), text));
        }
        found.map(Date)
    }

    fn write(&self, name: &str, writer: &mut Writer) {
        let (format, digits) = dates::write(&self.0);
        writer.open(name);
        let inner = writer.name(DATA_TYPES, DATE_TIME_STRING);
        writer.value(&inner, &[(FORMAT_CODE, Some(format))], &digits);
        writer.close(name);
    }

    fn carried(&self, _: &mut Carrier<'_>) -> Option<Date> {
        let (format, digits) = dates::write(&self.0);
        dates::read(Some(format), &digits).ok().map(Date)
    }
}

/// The function code: mandatory, two digits by the published pattern, yet on box 5a, whose codes are letters.
///
/// The list of digits was not seen, so the letter stands in the name and the code says "original" (UN/EDIFACT 1225), which
/// means nothing. A letter in its place is read.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(super) struct Function(pub(super) Option<Purpose>);

const PLACEHOLDER: &str = "09";

impl Content<Wco> for Function {
    fn shape() -> Shape {
        Shape::Value(&[])
    }

    fn read(node: Node<'_, '_>, reader: &mut Reader<'_>) -> Option<Function> {
        let [] = reader.attributes(node, []);
        let code = reader.value(node, Purpose::parse)?;
        match code {
            Purpose::Unlisted(code) if code.as_str() != PLACEHOLDER => {
                let sentence = format!("what the function code {code} says is not known; it is passed over");
                reader.warning(node, rules::UNKNOWN_FUNCTION, sentence);
                Some(Function(None))
            }
            Purpose::Unlisted(_) => Some(Function(None)),
            listed => Some(Function(Some(listed))),
        }
    }

    fn write(&self, name: &str, writer: &mut Writer) {
        writer.value(name, &[], PLACEHOLDER);
    }
}

/// The number of a line; the letters of the form are counted, A is 1.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Sequence(u32);

/// A sequence number has five digits in the sibling profile.
const LAST: u32 = 99_999;
const LETTERS: u32 = 26;

impl Sequence {
    /// The number of a line, when its id is a letter or a number behind the letters.
    pub(super) fn of(id: &str) -> Option<Sequence> {
        match id.as_bytes() {
            [letter @ b'A'..=b'Z'] => Some(Sequence(u32::from(letter - b'A') + 1)),
            digits if digits.iter().all(u8::is_ascii_digit) && !id.starts_with('0') => {
                id.parse().ok().filter(|number| (LETTERS + 1..=LAST).contains(number)).map(Sequence)
            }
            _ => None,
        }
    }

    /// The id of the line.
    pub(super) fn id(&self) -> String {
        let letter = self.0.checked_sub(1).and_then(|index| ('A'..='Z').nth(usize::try_from(index).ok()?));
        letter.map_or_else(|| self.0.to_string(), String::from)
    }

    fn parse(text: &str) -> Result<Sequence, ValueError> {
        let word = Word::parse(text)?;
        let number = word.as_str().parse().ok().filter(|number| (1..=LAST).contains(number));
        number.map(Sequence).ok_or_else(|| ValueError::Sequence { found: word.as_str().chars().take(40).collect() })
    }
}

impl Content<Wco> for Sequence {
    fn shape() -> Shape {
        Shape::Value(&[])
    }

    fn read(node: Node<'_, '_>, reader: &mut Reader<'_>) -> Option<Sequence> {
        let [] = reader.attributes(node, []);
        reader.value(node, Sequence::parse)
    }

    fn write(&self, name: &str, writer: &mut Writer) {
        writer.value(name, &[], &self.0.to_string());
    }
}

impl Content<Wco> for Quantity {
    fn shape() -> Shape {
        <Quantity as Content<Version2>>::shape()
    }

    fn read(node: Node<'_, '_>, reader: &mut Reader<'_>) -> Option<Quantity> {
        <Quantity as Content<Version2>>::read(node, reader)
    }

    fn write(&self, name: &str, writer: &mut Writer) {
        Content::<Version2>::write(self, name, writer);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn letters_are_counted_and_numbers_go_on_behind_them() {
        for (id, number) in [("A", 1), ("Z", 26), ("27", 27), ("99999", 99_999)] {
            assert_eq!(Sequence::of(id), Some(Sequence(number)), "{id}");
            assert_eq!(Sequence(number).id(), id);
        }
        for other in ["a", "AA", "1", "26", "027", "100000", "+27", ""] {
            assert_eq!(Sequence::of(other), None, "{other}");
        }
        assert!(Sequence::parse("0").is_err() && Sequence::parse("+1").is_ok_and(|number| number == Sequence(1)));
    }
}
