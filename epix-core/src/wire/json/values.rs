//! How the values of the model stand in our JSON form.

use super::super::describe::Occurs;
use super::node::{Kind, Node};
use super::outline::{Content, Field, Part, Piece, Shape, TextKind, part};
use super::reader::Reader;
use crate::id::Amount;
use crate::permit::{
    Appendix, Coded, DocumentType, Identifier, Moment, Purpose, Quantity, SignatoryRole, Source, Text, Word,
};

const NOT_BLANK: &str = r"[^ \t\r\n]";
const DECIMAL: &str = r"^[ \t\r\n]*[+-]?([0-9]+(\.[0-9]*)?|\.[0-9]+)[ \t\r\n]*$";
const DATE_TIME: &str =
    r"^[ \t\r\n]*[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}(\.[0-9]+)?(Z|[+-][0-9]{2}:[0-9]{2})?[ \t\r\n]*$";

/// Strings: what each kind is, what it looks like, how it is read and written.
macro_rules! strings {
    ($($type:ident $says:literal $pattern:ident $listed:expr, $read:expr, $write:expr;)+) => {$(
        impl Content for $type {
            fn shape() -> Shape {
                const KIND: TextKind =
                    TextKind { name: stringify!($type), says: $says, pattern: $pattern, listed: $listed };
                Shape::Text(&KIND)
            }
            fn read(node: Node<'_>, reader: &mut Reader<'_>) -> Option<$type> {
                reader.value(node, $read)
            }
            fn piece(&self) -> Option<Piece> {
                let write: fn(&$type) -> String = $write;
                Some(Piece::Text(write(self)))
            }
        }
    )+};
}

strings! {
    Word "A code, an identifier, a language: white space at both ends goes, within it is one space." NOT_BLANK
        &[], Word::parse, |word| word.to_string();
    Amount "An exact decimal number of at most 24 digits, as a string: no floating point number is meant." DECIMAL
        &[], |text| Ok(Amount::parse(text)?), |amount| amount.to_string();
    Moment "A date and time, with its zone where it is known; kept as written." DATE_TIME
        &[], Moment::parse, |moment| moment.as_str().to_owned();
    DocumentType "Type of document; UN/EDIFACT 1001 for transport documents." NOT_BLANK
        DocumentType::LISTED, DocumentType::parse, |code| code.to_string();
    Purpose "Purpose of the transaction (Res. Conf. 12.3)." NOT_BLANK
        Purpose::LISTED, Purpose::parse, |code| code.to_string();
    Appendix "Appendix of the Convention." NOT_BLANK
        Appendix::LISTED, Appendix::parse, |code| code.to_string();
    Source "Source of the specimen (Res. Conf. 12.3)." NOT_BLANK
        Source::LISTED, Source::parse, |code| code.to_string();
    SignatoryRole "Role of a signatory; the field in which the signature stands wins on conflict." NOT_BLANK
        SignatoryRole::LISTED, SignatoryRole::parse, |code| code.to_string();
}

impl Content for bool {
    fn shape() -> Shape {
        Shape::Flag
    }
    fn read(node: Node<'_>, reader: &mut Reader<'_>) -> Option<bool> {
        reader.expect(node, Kind::Flag)?;
        Some(node.raw() == "true")
    }
    fn piece(&self) -> Option<Piece> {
        Some(Piece::Flag(*self))
    }
}

/// A field of a value that carries others beside it.
const fn field<C: Content>(name: &'static str, occurs: Occurs, says: &'static str) -> Field {
    Field { name, occurs, form_box: "", says, shape: C::shape }
}

/// Values with what stands beside them: the name of the value, its type, and the words beside it.
macro_rules! valued {
    ($($name:literal $type:ty, $is:literal { $value:ident: $content:ty, $says:literal;
       $($word:ident: $word_says:literal;)+ })+) => {$(
        impl Content for $type {
            fn shape() -> Shape {
                const FIELDS: &[Field] = &[
                    field::<$content>(stringify!($value), Occurs::Once, $says),
                    $(field::<Word>(stringify!($word), Occurs::AtMostOnce, $word_says),)+
                ];
                Shape::Object($name, $is, FIELDS)
            }
            fn read(node: Node<'_>, reader: &mut Reader<'_>) -> Option<$type> {
                let mut $value: Option<$content> = None;
                $(let mut $word: Option<Word> = None;)+
                for (field, content) in reader.fields::<Self>(node)? {
                    if field.name == stringify!($value) {
                        reader.field(field, content, |content| $value = Some(content));
                    }
                    $(if field.name == stringify!($word) {
                        reader.field(field, content, |content| $word = Some(content));
                    })+
                }
                Some(Self { $value: $value?, $($word),+ })
            }
            fn piece(&self) -> Option<Piece> {
                let Shape::Object(_, _, fields) = Self::shape() else { return None };
                let mut fields = fields.iter();
                let Self { $value, $($word),+ } = self;
                let mut parts = Vec::new();
                parts.extend(fields.next().and_then(|field| part(field, std::iter::once($value))));
                $(parts.extend(fields.next().and_then(|field| part(field, $word.iter())));)+
                Some(Piece::Object(parts))
            }
        }
    )+};
}

valued! {
    "Identifier" Identifier, "An identifier with the scheme it comes from and the agency that keeps the scheme." {
        value: Word, "The identifier itself.";
        scheme: "The scheme (schemeID).";
        scheme_agency: "The agency of the scheme (schemeAgencyID, UN/EDIFACT 3055).";
    }
    "CodedWord" Coded<Word>, "A code with the list it is taken from and the agency that keeps the list." {
        code: Word, "The code itself.";
        list: "The list (listID).";
        list_agency: "The agency of the list (listAgencyID).";
    }
    "CodedDocumentType" Coded<DocumentType>, "A type of document with the list it is taken from." {
        code: DocumentType, "The code itself.";
        list: "The list (listID).";
        list_agency: "The agency of the list (listAgencyID).";
    }
    "Quantity" Quantity, "An amount with its unit; no unit means number of specimens." {
        amount: Amount, "How much.";
        unit: "The unit: a CITES or UN/ECE Rec 20 code, kept as written.";
    }
}

/// The value of a [`Text`], whose own type is the model's business.
const TEXT: TextKind =
    TextKind { name: "Line", says: "A text; white space and line breaks are kept.", pattern: NOT_BLANK, listed: &[] };

const TEXT_FIELDS: &[Field] = &[
    Field { name: "value", occurs: Occurs::Once, form_box: "", says: "The text.", shape: || Shape::Text(&TEXT) },
    field::<Word>("language", Occurs::AtMostOnce, "Language of the text, as written."),
];

impl Content for Text {
    fn shape() -> Shape {
        Shape::Object("Text", "A text with its language.", TEXT_FIELDS)
    }

    fn read(node: Node<'_>, reader: &mut Reader<'_>) -> Option<Text> {
        let (mut value, mut language): (Option<Text>, Option<Word>) = (None, None);
        for (field, content) in reader.fields::<Text>(node)? {
            if field.name == "value" {
                reader.field(field, content, |Line(text)| value = Some(text));
            } else {
                reader.field(field, content, |word| language = Some(word));
            }
        }
        let mut text = value?;
        text.language = language;
        Some(text)
    }

    fn piece(&self) -> Option<Piece> {
        let value = Part { name: "value", form_box: "", piece: Piece::Text(self.as_str().to_owned()) };
        let language = part(&TEXT_FIELDS[1], self.language.iter());
        Some(Piece::Object(std::iter::once(value).chain(language).collect()))
    }
}

/// A text as it stands in the field `value`.
struct Line(Text);

impl Content for Line {
    fn shape() -> Shape {
        Shape::Text(&TEXT)
    }
    fn read(node: Node<'_>, reader: &mut Reader<'_>) -> Option<Line> {
        reader.value(node, |text| Text::parse(text).map(Line))
    }
    fn piece(&self) -> Option<Piece> {
        Some(Piece::Text(self.0.as_str().to_owned()))
    }
}
