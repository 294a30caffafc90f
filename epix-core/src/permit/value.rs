//! What the values on a permit are made of: texts, identifiers, coded values, each with its attributes.
//!
//! Values are parsed at the door: a [`Text`] is never blank, a [`Word`] never holds loose white space, and neither holds
//! a character that XML cannot carry. So whatever stands in the model can be written.

use std::fmt;

use serde::{Deserialize, Serialize};

use crate::id::IdError;

/// Says why a text is not the value it should be.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ValueError {
    /// Nothing but white space.
    #[error("the value is blank")]
    Blank,
    /// A character that XML 1.0 cannot carry, such as U+0000.
    #[error("the value holds the character U+{code:04X}, which XML cannot carry")]
    IllegalCharacter {
        /// The code point.
        code: u32,
    },
    /// Not an amount.
    #[error(transparent)]
    Amount(#[from] IdError),
    /// Not an `xsd:dateTime`.
    #[error("{found:?} is not a date and time such as 2026-03-01T09:30:00+01:00")]
    Moment {
        /// What stood there.
        found: String,
    },
    /// Not the number of a line.
    #[error("{found:?} is not a line number from 1 to 99999")]
    Sequence {
        /// What stood there.
        found: String,
    },
    /// Not an `xsd:boolean`.
    #[error("{found:?} is neither true nor false")]
    Indicator {
        /// What stood there.
        found: String,
    },
}

/// True for the characters of XML 1.0 (production 2, `Char`).
pub fn is_xml_char(c: char) -> bool {
    matches!(c, '\t' | '\n' | '\r' | '\u{20}'..='\u{D7FF}' | '\u{E000}'..='\u{FFFD}' | '\u{10000}'..)
}

/// True for the four characters that are white space to XML; a no-break space, for one, is a value.
pub fn is_xml_blank(c: char) -> bool {
    matches!(c, ' ' | '\t' | '\n' | '\r')
}

/// Refuses what XML cannot carry.
fn require_xml_chars(text: &str) -> Result<(), ValueError> {
    // Printable ASCII, which nearly every value is, needs no decoding.
    if text.bytes().all(|byte| matches!(byte, b' '..=b'~')) {
        return Ok(());
    }
    match text.chars().find(|c| !is_xml_char(*c)) {
        Some(c) => Err(ValueError::IllegalCharacter { code: c as u32 }),
        None => Ok(()),
    }
}

/// Removes white space at both ends and squeezes it within, as `xsd:token` does (only the four XML blanks count).
pub(crate) fn collapse(text: &str) -> String {
    // Nearly every value is one word.
    if !text.contains(is_xml_blank) {
        return text.to_owned();
    }
    let mut collapsed = String::with_capacity(text.len());
    for part in text.split(is_xml_blank).filter(|part| !part.is_empty()) {
        if !collapsed.is_empty() {
            collapsed.push(' ');
        }
        collapsed.push_str(part);
    }
    collapsed
}

/// An `xsd:token` that is not blank: a code, an identifier, a language.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Word(String);

impl Word {
    /// Collapses white space and checks what is left.
    ///
    /// # Errors
    /// [`ValueError::Blank`] or [`ValueError::IllegalCharacter`].
    pub fn parse(text: &str) -> Result<Word, ValueError> {
        require_xml_chars(text)?;
        let collapsed = collapse(text);
        if collapsed.is_empty() {
            return Err(ValueError::Blank);
        }
        Ok(Word(collapsed))
    }

    /// The text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for Word {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl From<Word> for String {
    fn from(word: Word) -> String {
        word.0
    }
}

impl TryFrom<String> for Word {
    type Error = ValueError;
    fn try_from(text: String) -> Result<Word, ValueError> {
        Word::parse(&text)
    }
}

/// Free text with its language; white space and line breaks are kept as written.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Text {
    value: Line,
    /// Language of the text as written (`EN`, `fr`, `es-419`), any case.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub language: Option<Word>,
}

/// The checked content of a [`Text`].
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
struct Line(String);

impl From<Line> for String {
    fn from(line: Line) -> String {
        line.0
    }
}

impl TryFrom<String> for Line {
    type Error = ValueError;
    fn try_from(text: String) -> Result<Line, ValueError> {
        require_xml_chars(&text)?;
        if text.chars().all(is_xml_blank) {
            return Err(ValueError::Blank);
        }
        Ok(Line(text))
    }
}

impl Text {
    /// Takes a text as it is.
    ///
    /// # Errors
    /// [`ValueError::Blank`] or [`ValueError::IllegalCharacter`].
    pub fn parse(text: &str) -> Result<Text, ValueError> {
        Ok(Text { value: Line::try_from(text.to_owned())?, language: None })
    }

    /// The text as written.
    pub fn as_str(&self) -> &str {
        &self.value.0
    }
}

impl fmt::Display for Text {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.value.0)
    }
}

/// An identifier with the scheme it comes from and the agency that keeps the scheme.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Identifier {
    /// The identifier itself.
    pub value: Word,
    /// The scheme (`schemeID`).
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub scheme: Option<Word>,
    /// The agency of the scheme (`schemeAgencyID`, UN/EDIFACT 3055: 5 is ISO, 6 is UN/ECE).
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub scheme_agency: Option<Word>,
}

impl Identifier {
    /// Takes an identifier without a scheme.
    ///
    /// # Errors
    /// [`ValueError::Blank`] or [`ValueError::IllegalCharacter`].
    pub fn parse(text: &str) -> Result<Identifier, ValueError> {
        Ok(Identifier { value: Word::parse(text)?, scheme: None, scheme_agency: None })
    }

    /// The identifier itself.
    pub fn as_str(&self) -> &str {
        self.value.as_str()
    }
}

/// A code with the list it is taken from and the agency that keeps the list.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Coded<C> {
    /// The code itself.
    pub code: C,
    /// The list (`listID`; `1001` for document codes).
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub list: Option<Word>,
    /// The agency of the list (`listAgencyID`; `6`, UN/ECE, for document codes).
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub list_agency: Option<Word>,
}

impl<C> Coded<C> {
    /// Takes a code without naming its list.
    pub fn plain(code: C) -> Coded<C> {
        Coded { code, list: None, list_agency: None }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_text_keeps_its_line_breaks_and_a_word_collapses_them() {
        assert_eq!(Text::parse(" a\n b ").unwrap().as_str(), " a\n b ");
        assert_eq!(Word::parse(" a\n b ").unwrap().as_str(), "a b");
    }

    #[test]
    fn what_xml_cannot_carry_never_enters_the_model() {
        assert_eq!(Text::parse("a\u{1}"), Err(ValueError::IllegalCharacter { code: 1 }));
        assert_eq!(Word::parse("\u{FFFF}"), Err(ValueError::IllegalCharacter { code: 0xFFFF }));
        assert_eq!(Text::parse(" \n"), Err(ValueError::Blank));
    }

    #[test]
    fn a_no_break_space_is_not_white_space_to_xml() {
        assert_eq!(Word::parse("\u{A0}").unwrap().as_str(), "\u{A0}");
    }
}
