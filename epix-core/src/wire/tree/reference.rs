//! What does a text say once its references are resolved and its line ends and blanks are made plain?

use super::NotWellFormed;
use super::cursor::Cursor;
use crate::permit::is_xml_char;

/// Resolves a text between tags: references, and line ends as one line feed each.
pub(super) fn text(raw: &str, at: usize, source: &str, made: &mut String) -> Result<(), NotWellFormed> {
    resolve(raw, at, source, made, &['&', '\r'], '\n')
}

/// Resolves the value of an attribute: references, and each blank as a space.
pub(super) fn attribute(raw: &str, at: usize, source: &str, made: &mut String) -> Result<(), NotWellFormed> {
    resolve(raw, at, source, made, &['&', '\r', '\n', '\t'], ' ')
}

/// Line ends as one line feed each; nothing else means anything in a CDATA section.
pub(super) fn line_ends(raw: &str, made: &mut String) {
    let mut rest = raw;
    while let Some(at) = rest.find('\r') {
        made.push_str(&rest[..at]);
        made.push('\n');
        rest = rest[at + 1..].strip_prefix('\n').unwrap_or(&rest[at + 1..]);
    }
    made.push_str(rest);
}

/// Resolves references and puts `plain` in the place of each other mark; a carriage return takes its line feed along.
fn resolve(
    raw: &str,
    at: usize,
    source: &str,
    made: &mut String,
    marks: &[char],
    plain: char,
) -> Result<(), NotWellFormed> {
    let mut from = 0;
    while let Some(found) = raw[from..].find(marks) {
        made.push_str(&raw[from..from + found]);
        from += found;
        let rest = &raw[from..];
        if rest.starts_with('&') {
            let (c, length) = reference(rest).ok_or_else(|| {
                let here = Cursor { text: source, at: at + from };
                here.wrong("a reference stands for no character".to_owned())
            })?;
            made.push(c);
            from += length;
        } else {
            made.push(plain);
            from += if rest.starts_with("\r\n") { 2 } else { 1 };
        }
    }
    made.push_str(&raw[from..]);
    Ok(())
}

/// The character of the reference that a text begins with, and how long that is.
fn reference(text: &str) -> Option<(char, usize)> {
    let end = text.find(';')?;
    let c = match &text[1..end] {
        "lt" => '<',
        "gt" => '>',
        "amp" => '&',
        "quot" => '"',
        "apos" => '\'',
        other => numbered(other.strip_prefix('#')?)?,
    };
    Some((c, end + 1))
}

fn numbered(written: &str) -> Option<char> {
    let (digits, radix) = written.strip_prefix('x').map_or((written, 10), |hex| (hex, 16));
    let is_number = !digits.is_empty() && digits.chars().all(|c| c.is_digit(radix));
    let code = if is_number { u32::from_str_radix(digits, radix).ok() } else { None };
    code.and_then(char::from_u32).filter(|c| is_xml_char(*c))
}
