//! Is it safe to read these bytes as JSON? The pass in front of the parser, and where a broken text broke.

use super::super::place::Lines;
use super::super::rules;
use crate::report::{Finding, Place, RuleId, Severity};

/// How large a document in our JSON form may be. A permit of a hundred positions has some 400 kB and is 12 levels deep.
#[derive(Debug, Clone, Copy)]
pub struct Limits {
    /// Size in bytes.
    pub bytes: usize,
    /// Levels of objects and lists.
    pub depth: usize,
    /// Objects, lists, and entries of them in all: an object of two letters takes hundreds of bytes of memory.
    pub values: usize,
}

impl Limits {
    /// For permits: attachments are no part of this form, so less than for XML.
    pub const PERMIT: Limits = Limits { bytes: 8 << 20, depth: 32, values: 200_000 };
}

/// Looks at bytes before the parser does and gives back their text, without a byte order mark.
pub(super) fn guard<'b>(bytes: &'b [u8], limits: &Limits) -> Result<&'b str, Box<Finding>> {
    if bytes.len() > limits.bytes {
        let sentence = format!("the document has {} bytes; at most {} are accepted", bytes.len(), limits.bytes);
        return Err(refusal("", 0, rules::JSON_LIMIT, sentence));
    }
    let text = std::str::from_utf8(bytes).map_err(|error| {
        let good = std::str::from_utf8(&bytes[..error.valid_up_to()]).unwrap_or_default();
        refusal(good, good.len(), rules::JSON_LIMIT, "the document is not UTF-8".to_owned())
    })?;
    let text = text.strip_prefix('\u{FEFF}').unwrap_or(text);
    let (mut depth, mut values) = (0, 0);
    for (offset, mark) in marks(text) {
        match mark {
            b'{' | b'[' => (depth, values) = (depth + 1, values + 1),
            b'}' | b']' => depth = usize::saturating_sub(depth, 1),
            b',' => values += 1,
            _ => {}
        }
        let past = [(depth, limits.depth, "levels"), (values, limits.values, "values")]
            .into_iter()
            .find(|(n, most, _)| n > most);
        if let Some((_, most, what)) = past {
            return Err(refusal(text, offset, rules::JSON_LIMIT, format!("the document has more than {most} {what}")));
        }
    }
    Ok(text)
}

/// The letters that give a JSON text its structure, and the quotes at which strings begin, with their offsets.
fn marks(text: &str) -> impl Iterator<Item = (usize, u8)> {
    let (mut in_string, mut escaped) = (false, false);
    text.bytes().enumerate().filter(move |(_, byte)| {
        if in_string {
            in_string = escaped || *byte != b'"';
            escaped = !escaped && *byte == b'\\';
            return false;
        }
        in_string = *byte == b'"';
        matches!(byte, b'{' | b'}' | b'[' | b']' | b',' | b':' | b'"')
    })
}

/// The JSON path of what stands at an offset, as far as the text in front of it is well-formed.
pub(super) fn path_at(text: &str, offset: usize) -> String {
    let mut steps: Vec<(String, usize)> = Vec::new();
    let mut key = 0;
    for (at, mark) in marks(text).take_while(|(at, _)| *at < offset) {
        match mark {
            b'{' => steps.push((String::new(), 0)),
            b'[' => steps.push(("[0]".to_owned(), 0)),
            b'}' | b']' => drop(steps.pop()),
            b'"' => key = at,
            b':' => {
                let name = text[key..at].trim_end().trim_matches('"');
                if let Some((step, _)) = steps.last_mut() {
                    *step = format!(".{name}");
                }
            }
            _ => {
                if let Some((step, index)) = steps.last_mut() {
                    *index += 1;
                    *step = if step.starts_with('[') { format!("[{index}]") } else { String::new() };
                }
            }
        }
    }
    format!("${}", steps.into_iter().map(|(step, _)| step).collect::<String>())
}

/// An error without a path; the offset is one of the text.
pub(super) fn refusal(text: &str, offset: usize, rule: RuleId, sentence: String) -> Box<Finding> {
    let (line, column) = Lines::of(text).position(text, offset);
    Box::new(Finding::new(rule, Severity::Error, Place { line, column, path: String::new() }, sentence))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_past_a_limit_is_refused_where_it_happens() {
        let limits = Limits { bytes: 100, depth: 2, values: 5 };
        let place = |text: &str| guard(text.as_bytes(), &limits).map(str::len).map_err(|finding| finding.place.column);

        assert_eq!(place("{\"a\":[\"[[[\\\"[\"]}"), Ok(16));
        assert_eq!(place("{\"a\":[[1]]}"), Err(7));
        assert_eq!(place("[1,2,3,4,5,6]"), Err(11));
        assert_eq!(place(&" ".repeat(101)), Err(1));
        assert_eq!(guard(b"{\"\xE9\"", &limits).unwrap_err().place.column, 3);
    }

    #[test]
    fn a_path_is_known_where_a_text_breaks() {
        let text = "{\"a\":{\"b\":[1,{\"c\":x";

        assert_eq!(path_at(text, text.len() - 1), "$.a.b[1].c");
        assert_eq!(path_at(text, 0), "$");
        assert_eq!(path_at("{\"a\":1,?", 7), "$");
    }
}
