//! Where in the text is the reader, and what stands there? Bytes, blanks and names.

use super::NotWellFormed;

/// A place in a text that moves on.
#[derive(Debug, Clone)]
pub(super) struct Cursor<'i> {
    pub(super) text: &'i str,
    pub(super) at: usize,
}

/// May a byte stand at the start of a name (2), inside it (1), or not (0)? What is not ASCII is looked at as a character.
const NAME_BYTES: [u8; 256] = {
    let mut table = [0; 256];
    let mut byte = 0;
    while byte < 256 {
        table[byte] = match byte as u8 {
            b'a'..=b'z' | b'A'..=b'Z' | b'_' => 2,
            b'0'..=b'9' | b'-' | b'.' => 1,
            _ => 0,
        };
        byte += 1;
    }
    table
};

impl<'i> Cursor<'i> {
    pub(super) fn bytes(&self) -> &'i [u8] {
        self.text.as_bytes()
    }

    pub(super) fn peek(&self) -> Option<u8> {
        self.bytes().get(self.at).copied()
    }

    pub(super) fn starts_with(&self, word: &str) -> bool {
        self.bytes()[self.at..].starts_with(word.as_bytes())
    }

    /// Passes over a word when it stands here.
    pub(super) fn took(&mut self, word: &str) -> bool {
        let stands = self.starts_with(word);
        if stands {
            self.at += word.len();
        }
        stands
    }

    pub(super) fn expect(&mut self, word: &str) -> Result<(), NotWellFormed> {
        if self.took(word) { Ok(()) } else { Err(self.wrong(format!("{word:?} was expected"))) }
    }

    /// Passes over blanks and says whether there were any.
    pub(super) fn blanks(&mut self) -> bool {
        let from = self.at;
        while matches!(self.peek(), Some(b' ' | b'\t' | b'\r' | b'\n')) {
            self.at += 1;
        }
        self.at > from
    }

    /// Passes over everything up to a word and the word itself, and gives what stands in front of it.
    pub(super) fn until(&mut self, word: &str, what: &str) -> Result<&'i str, NotWellFormed> {
        let rest = &self.text[self.at..];
        let Some(length) = memchr::memmem::find(rest.as_bytes(), word.as_bytes()) else {
            return Err(self.wrong(format!("{what} does not end")));
        };
        self.at += length + word.len();
        Ok(&rest[..length])
    }

    /// Passes over a name without colon.
    pub(super) fn name(&mut self) -> Result<(), NotWellFormed> {
        let from = self.at;
        while let Some(byte) = self.peek() {
            let step = match NAME_BYTES[usize::from(byte)] {
                0 if byte < 0x80 => break,
                1 if self.at == from => break,
                0 => match self.text[self.at..].chars().next() {
                    Some(c) if is_name_start(c) || (self.at > from && is_inside_name(c)) => c.len_utf8(),
                    _ => break,
                },
                _ => 1,
            };
            self.at += step;
        }
        if self.at == from { Err(self.wrong("a name was expected".to_owned())) } else { Ok(()) }
    }

    pub(super) fn wrong(&self, reason: String) -> NotWellFormed {
        NotWellFormed::at(self.text, self.at, reason)
    }
}

/// Production 4 of XML 1.0 (`NameStartChar`) beyond ASCII.
fn is_name_start(c: char) -> bool {
    matches!(c,
        '\u{C0}'..='\u{D6}' | '\u{D8}'..='\u{F6}' | '\u{F8}'..='\u{2FF}' | '\u{370}'..='\u{37D}' | '\u{37F}'..='\u{1FFF}'
        | '\u{200C}'..='\u{200D}' | '\u{2070}'..='\u{218F}' | '\u{2C00}'..='\u{2FEF}' | '\u{3001}'..='\u{D7FF}'
        | '\u{F900}'..='\u{FDCF}' | '\u{FDF0}'..='\u{FFFD}' | '\u{10000}'..='\u{EFFFF}')
}

/// What production 4a (`NameChar`) adds to it beyond ASCII.
fn is_inside_name(c: char) -> bool {
    matches!(c, '\u{B7}' | '\u{300}'..='\u{36F}' | '\u{203F}'..='\u{2040}')
}
