//! Which words and signs does a Rust source consist of, without comments, strings and test code?

/// A name, a number, `::`, or one other sign.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Token {
    pub(super) text: String,
    pub(super) line: usize,
}

/// Splits a source into tokens; comments, strings, characters and lifetimes are left out.
pub(super) fn tokens(source: &str) -> Vec<Token> {
    let mut splitter = Splitter { rest: source, line: 1, tokens: Vec::new() };
    while let Some(first) = splitter.rest.chars().next() {
        splitter.step(first);
    }
    splitter.tokens
}

struct Splitter<'a> {
    rest: &'a str,
    line: usize,
    tokens: Vec<Token>,
}

impl Splitter<'_> {
    fn step(&mut self, first: char) {
        let length = match first {
            '/' if self.rest.starts_with("//") => self.rest.find('\n').unwrap_or(self.rest.len()),
            '/' if self.rest.starts_with("/*") => block_comment(self.rest),
            '"' => plain_string(self.rest),
            '\'' => character_or_lifetime(self.rest),
            _ if starts_name(first) => return self.name(),
            _ if first.is_ascii_digit() => return self.keep(name_length(self.rest)),
            ':' if self.rest.starts_with("::") => return self.keep(2),
            _ if first.is_whitespace() => first.len_utf8(),
            _ => return self.keep(first.len_utf8()),
        };
        self.skip(length);
    }

    /// A name, or a string or raw name that begins like one.
    fn name(&mut self) {
        let length = name_length(self.rest);
        let (word, after) = self.rest.split_at(length);
        let is_prefix = matches!(word, "b" | "c" | "br" | "cr" | "r");
        if is_prefix && word.ends_with('r') {
            if let Some(raw) = raw_string(after) {
                return self.skip(length + raw);
            }
            if after.starts_with('#') && after[1..].starts_with(starts_name) {
                return self.skip(length + 1);
            }
        }
        match after.chars().next() {
            Some('"') if is_prefix => self.skip(length + plain_string(after)),
            Some('\'') if word == "b" => self.skip(length + character_or_lifetime(after)),
            _ => self.keep(length),
        }
    }

    fn keep(&mut self, length: usize) {
        self.tokens.push(Token { text: self.rest[..length].to_owned(), line: self.line });
        self.skip(length);
    }

    fn skip(&mut self, length: usize) {
        let (gone, rest) = self.rest.split_at(length.min(self.rest.len()));
        self.line += gone.matches('\n').count();
        self.rest = rest;
    }
}

fn starts_name(c: char) -> bool {
    c.is_alphabetic() || c == '_'
}

fn name_length(text: &str) -> usize {
    text.find(|c: char| !(c.is_alphanumeric() || c == '_')).unwrap_or(text.len())
}

fn block_comment(text: &str) -> usize {
    let mut depth = 0;
    let mut at = 0;
    while at < text.len() {
        let rest = &text.as_bytes()[at..];
        if rest.starts_with(b"/*") {
            depth += 1;
            at += 2;
        } else if rest.starts_with(b"*/") {
            depth -= 1;
            at += 2;
            if depth == 0 {
                return at;
            }
        } else {
            at += 1;
        }
    }
    text.len()
}

fn plain_string(text: &str) -> usize {
    let mut is_escaped = false;
    for (at, byte) in text.bytes().enumerate().skip(1) {
        match byte {
            _ if is_escaped => is_escaped = false,
            b'\\' => is_escaped = true,
            b'"' => return at + 1,
            _ => {}
        }
    }
    text.len()
}

/// The length of `#…"…"#…`, the part of a raw string behind its letter; none when it is no raw string.
fn raw_string(text: &str) -> Option<usize> {
    let hashes = text.bytes().take_while(|byte| *byte == b'#').count();
    let inside = text[hashes..].strip_prefix('"')?;
    let end = format!("\"{}", "#".repeat(hashes));
    let length = inside.find(&end).map_or(text.len(), |at| hashes + 1 + at + end.len());
    Some(length)
}

fn character_or_lifetime(text: &str) -> usize {
    let mut inside = text[1..].char_indices();
    match inside.next() {
        Some((_, '\\')) => text[3.min(text.len())..].find('\'').map_or(text.len(), |at| at + 4),
        Some((_, c)) if text[1 + c.len_utf8()..].starts_with('\'') => 2 + c.len_utf8(),
        _ => 1 + name_length(&text[1..]),
    }
}

/// Leaves out what is compiled for tests only; also the names of such modules that stand in files of their own.
pub(super) fn without_tests(tokens: Vec<Token>) -> (Vec<Token>, Vec<String>) {
    let mut kept = Vec::new();
    let mut test_modules = Vec::new();
    let mut at = 0;
    while at < tokens.len() {
        if starts_with(&tokens[at..], &["#", "!"]) && is_test_attribute(&tokens[at + 2..]) {
            return (Vec::new(), Vec::new());
        }
        if tokens[at].text == "#" && is_test_attribute(&tokens[at + 1..]) {
            let item = after_attributes(&tokens, at);
            if starts_with(&tokens[item..], &["mod"]) || starts_with(&tokens[item..], &["pub"]) {
                test_modules.extend(declared_module(&tokens[item..]));
            }
            at = after_item(&tokens, item);
        } else {
            kept.push(tokens[at].clone());
            at += 1;
        }
    }
    (kept, test_modules)
}

fn starts_with(tokens: &[Token], texts: &[&str]) -> bool {
    tokens.len() >= texts.len() && texts.iter().zip(tokens).all(|(text, token)| token.text == *text)
}

fn is_test_attribute(tokens: &[Token]) -> bool {
    starts_with(tokens, &["[", "cfg", "(", "test", ")"]) || starts_with(tokens, &["[", "cfg", "(", "all", "(", "test"])
}

/// Behind all attributes that start here.
fn after_attributes(tokens: &[Token], mut at: usize) -> usize {
    while at < tokens.len() && tokens[at].text == "#" {
        at = after_group(tokens, at + 1);
    }
    at
}

/// Behind the item that starts here: its first `;` or closing brace outside any bracket.
fn after_item(tokens: &[Token], mut at: usize) -> usize {
    while at < tokens.len() {
        match tokens[at].text.as_str() {
            ";" => return at + 1,
            "{" => {
                let end = after_group(tokens, at);
                let is_use = tokens.get(end).is_some_and(|token| token.text == ";");
                return end + usize::from(is_use);
            }
            "(" | "[" => at = after_group(tokens, at),
            "}" => return at, // a field or an arm: the group around it ends
            _ => at += 1,
        }
    }
    at
}

/// Behind the bracket that closes the one that opens here.
fn after_group(tokens: &[Token], start: usize) -> usize {
    let mut depth = 0usize;
    for (at, token) in tokens.iter().enumerate().skip(start) {
        match token.text.as_str() {
            "(" | "[" | "{" => depth += 1,
            ")" | "]" | "}" => depth = depth.saturating_sub(1),
            _ => {}
        }
        if depth == 0 {
            return at + 1;
        }
    }
    tokens.len()
}

/// The name in `mod name;`, with any visibility before it.
fn declared_module(tokens: &[Token]) -> Option<String> {
    let at = tokens.iter().take(8).position(|token| token.text == "mod")?;
    let is_elsewhere = tokens.get(at + 2)?.text == ";";
    is_elsewhere.then(|| tokens[at + 1].text.clone())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn texts(source: &str) -> Vec<String> {
        tokens(source).into_iter().map(|token| token.text).collect()
    }

    #[test]
    fn lines_are_counted_through_comments_and_strings() {
        let found = tokens("/* one\ntwo */ a \"\n\n\" b");

        assert_eq!(found.iter().map(|token| token.line).collect::<Vec<_>>(), [2, 4]);
    }

    #[test]
    fn strings_of_all_kinds_are_left_out() {
        assert_eq!(texts(r##"a "b\"c" r"d" r#"e"f"# b"g" br#"h"# c"i" 'j' '\'' b'k' '\u{1F600}' l"##), ["a", "l"]);
    }

    #[test]
    fn lifetimes_and_raw_names_are_told_apart() {
        assert_eq!(texts("&'a r#type<'static> 'é' x"), ["&", "type", "<", ">", "x"]);
    }

    #[test]
    fn an_unfinished_source_ends_quietly() {
        for source in ["\"abc", "/* a", "r#\"x", "'", "'\\", "b'"] {
            tokens(source);
        }
    }
}
