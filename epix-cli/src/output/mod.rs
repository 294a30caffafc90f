//! How is it said? To people in words, to programs in JSON.

pub mod audit;
pub mod cases;
pub mod form;
pub mod human;
pub mod json;
pub mod junit;
pub mod schema;
pub mod signature;
mod verdict;
mod words;

use std::io::{Read, Write};

pub use verdict::Verdict;

/// Where the program reads and writes.
pub struct Console<'a> {
    /// Standard input.
    pub input: &'a mut (dyn Read + Send),
    /// Results.
    pub out: &'a mut dyn Write,
    /// Complaints and progress.
    pub err: &'a mut dyn Write,
    /// True when somebody watches `err`.
    pub shows_progress: bool,
}

/// A text as one line that a terminal can show without harm.
///
/// Documents and partners may send what a terminal takes for orders, or what turns the direction of writing: such
/// characters are shown by their number.
pub fn plain(text: &str) -> String {
    let mut line = String::with_capacity(text.len());
    for c in text.trim().chars() {
        match c {
            '\t' | '\n' | '\r' => line.push(' '),
            c if c.is_control() || is_direction(c) => line.extend(c.escape_unicode()),
            c => line.push(c),
        }
    }
    line
}

/// True for the characters that change the direction of writing.
fn is_direction(c: char) -> bool {
    matches!(c, '\u{200E}' | '\u{200F}' | '\u{202A}'..='\u{202E}' | '\u{2066}'..='\u{2069}')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn orders_to_a_terminal_are_shown_and_not_sent() {
        assert_eq!(plain("a\u{9b}31m\u{1b}[0m\n b\u{202e}"), "a\\u{9b}31m\\u{1b}[0m  b\\u{202e}");
        assert_eq!(plain(" Éléphant 象 "), "Éléphant 象");
    }
}
