//! Is a text plainly a value of a simple type? Spellings that are rare are left to libxml2.

use std::ops::RangeInclusive;

/// A simple type: one of those built in, with what narrows it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Simple {
    pub(super) base: Base,
    /// How many characters.
    pub(super) length: RangeInclusive<usize>,
    /// The whole numbers that it admits.
    pub(super) numbers: RangeInclusive<u64>,
    /// The values that it admits; empty for all.
    pub(super) listed: Vec<String>,
}

/// The built-in types that our schemas use.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Base {
    String,
    Token,
    Decimal,
    Boolean,
    DateTime,
    UnsignedInt,
}

/// libxml2 keeps no more digits of a decimal.
const MOST_DIGITS: usize = 24;

impl Simple {
    /// A built-in type by its local name.
    pub(super) fn built_in(name: &str) -> Option<Simple> {
        let base = match name {
            "string" => Base::String,
            "token" => Base::Token,
            "decimal" => Base::Decimal,
            "boolean" => Base::Boolean,
            "dateTime" => Base::DateTime,
            "unsignedInt" => Base::UnsignedInt,
            _ => return None,
        };
        Some(Simple { base, length: 0..=usize::MAX, numbers: 0..=u64::from(u32::MAX), listed: Vec::new() })
    }

    /// True when a text is plainly a value of the type; false says nothing.
    pub(super) fn admits(&self, text: &str) -> bool {
        self.is_of_base(text) && (self.is_open() || self.is_within(text))
    }

    fn is_of_base(&self, text: &str) -> bool {
        match self.base {
            // Every text is a string, and every text becomes a token when its blanks are collapsed.
            Base::String | Base::Token => true,
            Base::Decimal => is_decimal(text),
            Base::Boolean => matches!(text, "true" | "false" | "1" | "0"),
            Base::DateTime => is_moment(text.as_bytes()),
            Base::UnsignedInt => whole(text).is_some_and(|number| self.numbers.contains(&number)),
        }
    }

    fn is_open(&self) -> bool {
        self.length == (0..=usize::MAX) && self.listed.is_empty()
    }

    fn is_within(&self, text: &str) -> bool {
        let is_plain = match self.base {
            // The pattern of so many characters admits no line end.
            Base::String => !text.contains(['\n', '\r']),
            // What is counted and compared is what is left when blanks are collapsed; with them, libxml2 is asked.
            _ => {
                let is_bare = !text.starts_with(' ') && !text.ends_with(' ') && !text.contains("  ");
                is_bare && !text.contains(['\t', '\n', '\r'])
            }
        };
        is_plain
            && self.length.contains(&text.chars().count())
            && (self.listed.is_empty() || self.listed.iter().any(|listed| listed == text))
    }
}

/// Digits, with a sign and a fraction if need be.
fn is_decimal(text: &str) -> bool {
    let unsigned = text.strip_prefix(['+', '-']).unwrap_or(text);
    let (before, behind) = unsigned.split_once('.').map_or((unsigned, None), |(before, behind)| (before, Some(behind)));
    let length = before.len() + behind.map_or(0, str::len);
    is_digits(before) && behind.is_none_or(is_digits) && length <= MOST_DIGITS
}

fn is_digits(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit())
}

fn whole(text: &str) -> Option<u64> {
    is_digits(text).then(|| text.parse().ok()).flatten()
}

/// `YYYY-MM-DDThh:mm:ss` with at most nine digits of a second's fraction and at most one zone.
fn is_moment(text: &[u8]) -> bool {
    let Some((written, rest)) = text.split_at_checked("YYYY-MM-DDThh:mm:ss".len()) else { return false };
    let is_laid_out = written.iter().zip(b"0000-00-00T00:00:00").all(|(byte, place)| match place {
        b'0' => byte.is_ascii_digit(),
        mark => byte == mark,
    });
    if !is_laid_out {
        return false;
    }
    let number =
        |from: usize, to: usize| written[from..to].iter().fold(0, |number, b| number * 10 + u32::from(b - b'0'));
    let (year, month, day) = (number(0, 4), number(5, 7), number(8, 10));
    let is_day = year > 0 && (1..=12).contains(&month) && (1..=days_of(year, month)).contains(&day);
    is_day && number(11, 13) < 24 && number(14, 16) < 60 && number(17, 19) < 60 && is_zone(without_fraction(rest))
}

fn days_of(year: u32, month: u32) -> u32 {
    let is_leap = year.is_multiple_of(4) && (!year.is_multiple_of(100) || year.is_multiple_of(400));
    match month {
        2 => 28 + u32::from(is_leap),
        4 | 6 | 9 | 11 => 30,
        _ => 31,
    }
}

/// What follows a fraction; a fraction that is none stays and is no zone either.
fn without_fraction(rest: &[u8]) -> &[u8] {
    let Some(digits) = rest.strip_prefix(b".") else { return rest };
    let length = digits.iter().take_while(|byte| byte.is_ascii_digit()).count();
    if (1..=9).contains(&length) { &digits[length..] } else { rest }
}

fn is_zone(text: &[u8]) -> bool {
    match text {
        [] | [b'Z'] => true,
        [b'+' | b'-', a, b, b':', c, d] if [a, b, c, d].into_iter().all(u8::is_ascii_digit) => {
            let (hours, minutes) = ((a - b'0') * 10 + (b - b'0'), (c - b'0') * 10 + (d - b'0'));
            hours < 14 && minutes < 60 || hours == 14 && minutes == 0
        }
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn admits(base: &str, text: &str) -> bool {
        Simple::built_in(base).unwrap().admits(text)
    }

    #[test]
    fn plain_values_are_admitted() {
        for (base, text) in [
            ("string", " a\n"),
            ("token", " a  b "),
            ("decimal", "-2.50"),
            ("decimal", "+7"),
            ("decimal", "123456789012345678901234"),
            ("boolean", "1"),
            ("unsignedInt", "0042"),
            ("dateTime", "2024-02-29T23:59:59"),
            ("dateTime", "2026-03-01T09:30:00.125Z"),
            ("dateTime", "2026-03-01T09:30:00-14:00"),
        ] {
            assert!(admits(base, text), "{base} {text}");
        }
    }

    #[test]
    fn rare_spellings_and_wrong_values_are_left_to_the_judge() {
        for (base, text) in [
            ("decimal", ""),
            ("decimal", "."),
            ("decimal", "1."),
            ("decimal", " 1"),
            ("decimal", "1e3"),
            ("decimal", "1234567890123456789012345"),
            ("boolean", "TRUE"),
            ("unsignedInt", "4294967296"),
            ("unsignedInt", "-1"),
            ("dateTime", "2023-02-29T00:00:00"),
            ("dateTime", "1900-02-29T00:00:00"),
            ("dateTime", "0000-01-01T00:00:00"),
            ("dateTime", "2026-03-01T24:00:00"),
            ("dateTime", "2026-03-01T09:30:00."),
            ("dateTime", "2026-03-01T09:30:00+14:01"),
            ("dateTime", "2026-03-01T09:30:00z"),
            ("dateTime", "2026-03-01 09:30:00"),
            ("dateTime", "2026-3-1T09:30:00"),
        ] {
            assert!(!admits(base, text), "{base} {text}");
        }
    }

    #[test]
    fn lengths_count_characters_of_what_is_collapsed() {
        let code = Simple { length: 1..=2, ..Simple::built_in("token").unwrap() };

        assert!(code.admits("éé") && code.admits("a"));
        assert!(!code.admits("") && !code.admits("abc") && !code.admits("a "));
    }
}
