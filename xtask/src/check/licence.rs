//! Does a licence expression leave a choice that we may take?

/// Licences compatible with publishing under MIT OR Apache-2.0.
const ALLOWED: &[&str] = &[
    "0BSD",
    "Apache-2.0",
    "Apache-2.0 WITH LLVM-exception",
    "BSD-2-Clause",
    "BSD-3-Clause",
    "BSL-1.0",
    "CC0-1.0",
    "CDLA-Permissive-2.0",
    "ISC",
    "MIT",
    "MIT-0",
    "Unicode-3.0",
    "Unlicense",
    "Zlib",
];

/// Whether one of the choices of an SPDX expression (also the old form with `/`) is on our list.
pub(super) fn is_allowed(expression: &str) -> bool {
    let spaced = expression.replace('/', " OR ").replace('(', " ( ").replace(')', " ) ");
    let mut words = Words { words: spaced.split_whitespace().collect(), next: 0 };
    let answer = any(&mut words);
    answer && words.next == words.words.len()
}

struct Words<'a> {
    words: Vec<&'a str>,
    next: usize,
}

impl<'a> Words<'a> {
    fn take(&mut self) -> Option<&'a str> {
        let word = self.words.get(self.next).copied();
        self.next += 1;
        word
    }

    fn take_if(&mut self, word: &str) -> bool {
        let is_next = self.words.get(self.next) == Some(&word);
        self.next += usize::from(is_next);
        is_next
    }
}

fn any(words: &mut Words) -> bool {
    let mut answer = all(words);
    while words.take_if("OR") {
        answer |= all(words);
    }
    answer
}

fn all(words: &mut Words) -> bool {
    let mut answer = one(words);
    while words.take_if("AND") {
        answer &= one(words);
    }
    answer
}

fn one(words: &mut Words) -> bool {
    if words.take_if("(") {
        return any(words) & words.take_if(")");
    }
    let mut licence = words.take().unwrap_or("").to_owned();
    if words.take_if("WITH") {
        licence = format!("{licence} WITH {}", words.take().unwrap_or(""));
    }
    ALLOWED.contains(&licence.as_str())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_good_choice_is_enough() {
        for expression in [
            "MIT",
            "MIT OR GPL-3.0",
            "GPL-2.0/MIT",
            "(MIT OR Apache-2.0) AND Unicode-3.0",
            "Apache-2.0 WITH LLVM-exception OR GPL-2.0",
        ] {
            assert!(is_allowed(expression), "{expression}");
        }
    }

    #[test]
    fn without_a_good_choice_it_is_refused() {
        for expression in
            ["GPL-3.0", "MIT AND GPL-3.0", "", "MIT OR", "Apache-2.0 WITH Other-exception", "(MIT", "MIT MIT"]
        {
            assert!(!is_allowed(expression), "{expression}");
        }
    }
}
