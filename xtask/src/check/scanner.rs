//! Which paths does a Rust file mention, and on which line?
//!
//! Plain text scanning, no compiler: comments, strings and what is compiled for tests only are left out; `use` trees
//! are spread out; `self`, `super`, names of child modules and names brought in by `use` are followed to where they lead.

mod tokens;

use std::collections::BTreeMap;

use tokens::{Token, tokens, without_tests};

/// A path as it stands in a file, followed as far as the file itself tells.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Mention {
    pub(super) line: usize,
    /// First `crate` or the name of another crate, then the rest; `*` stands for all names.
    pub(super) path: Vec<String>,
    /// The name a `use` gives it.
    pub(super) name: Option<String>,
}

impl Mention {
    /// The path as text.
    pub(super) fn text(&self) -> String {
        self.path.join("::")
    }
}

/// What a file says about others.
#[derive(Debug, Default)]
pub(super) struct Scanned {
    pub(super) mentions: Vec<Mention>,
    /// Child modules in files of their own that are compiled for tests only.
    pub(super) test_modules: Vec<String>,
}

/// Scans the file of one module; `module` is its path inside the crate, empty for the crate's root.
pub(super) fn scan(source: &str, module: &[String]) -> Scanned {
    let (tokens, test_modules) = without_tests(tokens(source));
    let mut reader = Reader::new(&tokens, module);
    reader.read();
    Scanned { mentions: reader.mentions, test_modules }
}

struct Reader<'a> {
    tokens: &'a [Token],
    at: usize,
    depth: usize,
    /// The module we are in, and at which depth of braces each inline module opened.
    module: Vec<String>,
    inline: Vec<usize>,
    children: Vec<String>,
    aliases: BTreeMap<String, Vec<String>>,
    mentions: Vec<Mention>,
}

impl<'a> Reader<'a> {
    fn new(tokens: &'a [Token], module: &[String]) -> Self {
        Reader {
            tokens,
            at: 0,
            depth: 0,
            module: module.to_vec(),
            inline: Vec::new(),
            children: declared_modules(tokens),
            aliases: BTreeMap::new(),
            mentions: Vec::new(),
        }
    }

    fn read(&mut self) {
        while self.at < self.tokens.len() {
            match self.text(0) {
                "mod" if self.text(2) == "{" => self.enter_module(),
                "use" if self.text(1) != "<" => self.read_use(),
                "{" => self.open(),
                "}" => self.close(),
                "::" if !self.follows_name() => self.read_path(1),
                word if is_name(word) && !self.follows_name_part() => self.read_path(0),
                _ => self.at += 1,
            }
        }
    }

    fn enter_module(&mut self) {
        let name = self.text(1).to_owned();
        self.at += 2;
        self.module.push(name);
        self.inline.push(self.depth);
        self.open();
    }

    fn open(&mut self) {
        self.depth += 1;
        self.at += 1;
    }

    fn close(&mut self) {
        self.depth = self.depth.saturating_sub(1);
        self.at += 1;
        if self.inline.last() == Some(&self.depth) {
            self.inline.pop();
            self.module.pop();
        }
    }

    fn read_use(&mut self) {
        self.at += 1;
        let is_global = self.text(0) == "::";
        self.at += usize::from(is_global);
        self.read_tree(&[]);
    }

    /// One branch of a `use` tree; leaves the place behind it.
    fn read_tree(&mut self, before: &[String]) {
        let mut path = before.to_vec();
        let line = self.line();
        loop {
            match self.text(0) {
                "{" => return self.read_branches(&path),
                word if is_name(word) || word == "*" => path.push(word.to_owned()),
                _ => return,
            }
            self.at += 1;
            if self.text(0) != "::" {
                break;
            }
            self.at += 1;
        }
        let mut name = path.iter().rev().find(|part| *part != "self").cloned();
        if self.text(0) == "as" {
            name = Some(self.text(1).to_owned());
            self.at += 2;
        }
        if path.len() > 1 && path.last().is_some_and(|last| last == "self") {
            path.pop();
        }
        self.keep_use(line, &path, name);
    }

    fn read_branches(&mut self, before: &[String]) {
        self.at += 1;
        while self.at < self.tokens.len() && self.text(0) != "}" {
            let here = self.at;
            if self.text(0) == "," {
                self.at += 1;
            } else {
                self.read_tree(before);
            }
            if self.at == here {
                self.at += 1; // not a use tree of this language: go on rather than stand still
            }
        }
        self.at += 1;
    }

    fn keep_use(&mut self, line: usize, path: &[String], name: Option<String>) {
        let path = self.absolute(path).unwrap_or_else(|| path.to_vec());
        if let Some(name) = name.clone().filter(|name| name != "*" && name != "_") {
            self.aliases.insert(name, path.clone());
        }
        self.mentions.push(Mention { line, path, name });
    }

    /// A path in an expression, a type or an attribute, starting `skip` tokens from here.
    fn read_path(&mut self, skip: usize) {
        let line = self.line();
        self.at += skip;
        let mut path = Vec::new();
        while is_name(self.text(0)) {
            path.push(self.text(0).to_owned());
            self.at += 1;
            if self.text(0) != "::" || !is_name(self.text(1)) {
                break;
            }
            self.at += 1;
        }
        if path.len() < 2 {
            return;
        }
        let path = self.absolute(&path).or_else(|| self.through_alias(&path)).unwrap_or(path);
        self.mentions.push(Mention { line, path, name: None });
    }

    /// From `crate`, `self`, `super` or a child module to the path from the crate's root.
    fn absolute(&self, path: &[String]) -> Option<Vec<String>> {
        let mut base = self.module.clone();
        let mut rest = path;
        match path.first()?.as_str() {
            "crate" => return Some(path.to_vec()),
            "self" => rest = &rest[1..],
            "super" => {
                while rest.first().is_some_and(|part| part == "super") {
                    base.pop();
                    rest = &rest[1..];
                }
            }
            child if self.inline.is_empty() && self.children.iter().any(|name| name == child) => {}
            _ => return None,
        }
        Some(["crate".to_owned()].into_iter().chain(base).chain(rest.iter().cloned()).collect())
    }

    fn through_alias(&self, path: &[String]) -> Option<Vec<String>> {
        let (first, rest) = path.split_first()?;
        let leads_to = self.aliases.get(first)?;
        Some(leads_to.iter().chain(rest).cloned().collect())
    }

    fn text(&self, ahead: usize) -> &'a str {
        self.tokens.get(self.at + ahead).map_or("", |token| token.text.as_str())
    }

    fn line(&self) -> usize {
        self.tokens.get(self.at).map_or(0, |token| token.line)
    }

    fn before(&self) -> &'a str {
        self.at.checked_sub(1).map_or("", |before| self.tokens[before].text.as_str())
    }

    fn follows_name(&self) -> bool {
        is_name(self.before()) || self.before() == ">"
    }

    /// A field, a method, the rest of a qualified path, or the scope of a visibility: no path starts here.
    fn follows_name_part(&self) -> bool {
        let is_visibility = self.before() == "in" && self.at >= 2 && self.tokens[self.at - 2].text == "(";
        matches!(self.before(), "." | "::") || is_visibility
    }
}

fn declared_modules(tokens: &[Token]) -> Vec<String> {
    let declared = |window: &[Token]| window[0].text == "mod" && window[2].text == ";";
    tokens.windows(3).filter(|window| declared(window)).map(|window| window[1].text.clone()).collect()
}

fn is_name(text: &str) -> bool {
    text.starts_with(|c: char| c.is_alphabetic() || c == '_')
}

#[cfg(test)]
mod tests {
    use super::*;

    fn mentioned_in(module: &str, source: &str) -> Vec<String> {
        let module: Vec<String> = module.split("::").filter(|part| !part.is_empty()).map(str::to_owned).collect();
        let found = scan(source, &module).mentions;
        found.iter().map(|mention| format!("{} {}", mention.line, mention.text())).collect()
    }

    fn mentioned(source: &str) -> Vec<String> {
        mentioned_in("wire::open", source)
    }

    #[test]
    fn a_use_tree_is_spread_out() {
        let found = mentioned("use crate::{\n  id::{Country, Token as T},\n  report::{self, Finding},\n};");

        assert_eq!(
            found,
            ["2 crate::id::Country", "2 crate::id::Token", "3 crate::report", "3 crate::report::Finding"]
        );
    }

    #[test]
    fn a_path_in_an_expression_counts() {
        let found = mentioned("fn f(x: &crate::permit::Permit) { ::epix_native::schema::check::<u8>(x); }");

        assert_eq!(found, ["1 crate::permit::Permit", "1 epix_native::schema::check"]);
    }

    #[test]
    fn comments_and_strings_do_not_count() {
        let source = r##"
            // crate::sign::a
            /* crate::sign::b /* nested */ crate::sign::c */
            /// [`crate::sign::d`]
            const A: &str = "crate::sign::e \" crate::sign::f";
            const B: &str = r#"crate::sign::" g"#;
            const C: char = '"'; fn f<'a>(x: &'a crate::id::Id) {}
        "##;

        assert_eq!(mentioned(source), ["7 crate::id::Id"]);
    }

    #[test]
    fn what_is_compiled_for_tests_only_does_not_count() {
        let source = "
            #[cfg(test)] use crate::sign::A;
            #[cfg(all(test, unix))] #[allow(dead_code)] fn f() { crate::sign::b(); }
            #[cfg(test)] mod tests { use crate::sign::*; mod deep { fn g() { crate::sign::c() } } }
            #[cfg(not(test))] use crate::id::D;
            #[cfg(test)] mod suite;
            use crate::id::E;
        ";

        let scanned = scan(source, &[]);

        let paths: Vec<String> = scanned.mentions.iter().map(Mention::text).collect();
        assert_eq!(paths, ["crate::id::D", "crate::id::E"]);
        assert_eq!(scanned.test_modules, ["suite"]);
    }

    #[test]
    fn a_file_for_tests_only_mentions_nothing() {
        assert!(mentioned("//! why\n#![cfg(test)]\nuse crate::sign::A;").is_empty());
    }

    #[test]
    fn self_and_super_lead_to_the_root() {
        let found = mentioned("use super::reader::Read; fn f() { super::super::sign::g(); self::h::i(); }");

        assert_eq!(found, ["1 crate::wire::reader::Read", "1 crate::sign::g", "1 crate::wire::open::h::i"]);
    }

    #[test]
    fn super_in_an_inline_module_is_the_file() {
        let found = mentioned("mod inner { use super::Thing; } use super::Other;");

        assert_eq!(found, ["1 crate::wire::open::Thing", "1 crate::wire::Other"]);
    }

    #[test]
    fn a_child_module_is_a_path_from_here() {
        let found = mentioned_in("store", "mod sqlite; pub use sqlite::Store; fn f() { sqlite::open() }");

        assert_eq!(found, ["1 crate::store::sqlite::Store", "1 crate::store::sqlite::open"]);
    }

    #[test]
    fn a_name_brought_in_is_followed() {
        let found = mentioned("use crate::store as s;\nfn f() { s::sqlite::open() }");

        assert_eq!(found, ["1 crate::store", "2 crate::store::sqlite::open"]);
    }

    #[test]
    fn a_glob_and_a_visibility_are_read() {
        assert_eq!(mentioned("use crate::id::*;"), ["1 crate::id::*"]);
        assert!(mentioned("pub(in crate::wire) fn f() {} pub(crate) fn g() {}").is_empty());
    }

    #[test]
    fn a_macro_path_counts() {
        assert_eq!(mentioned("macro_rules! m { () => { $crate::sign::f() } }"), ["1 crate::sign::f"]);
    }

    #[test]
    fn capturing_lifetimes_is_no_use_declaration() {
        assert_eq!(mentioned("fn f() -> impl Sized + use<'_> { crate::id::g() }"), ["1 crate::id::g"]);
    }
}
