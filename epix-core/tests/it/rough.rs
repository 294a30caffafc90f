//! How else could the same permit have been written? Other prefixes, other escapes, and all that a reader must tolerate.

use proptest::prelude::*;
use roxmltree::{Document, Node};

use epix_core::version::V2;

const NIL: &str = "xmlns:i=\"http://www.w3.org/2001/XMLSchema-instance\" i:nil=\"true\"";

/// The dice: which way is taken at each turn.
pub(crate) fn choices() -> impl Strategy<Value = Vec<u8>> {
    proptest::collection::vec(any::<u8>(), 1..200)
}

/// Writes a document again, saying the same in another way.
pub(crate) fn rewrite(document: &str, choices: Vec<u8>) -> String {
    let tree = Document::parse(document).expect("we wrote it");
    let message = tree.root_element().tag_name().namespace().expect("it stands alone").to_owned();
    let mut rough = Rough { choices, thrown: 0, out: String::new(), message };
    if rough.one_in(3) {
        rough.out.push('\u{FEFF}');
    }
    rough.pick_str(&["", "<?xml version='1.0'?>\n", "<?xml version=\"1.0\" encoding='utf-8' standalone=\"no\" ?>"]);
    rough.between();
    rough.element(tree.root_element(), 0, &[]);
    rough.between();
    if rough.one_in(4) { rough.out.replace('\n', "\r\n") } else { rough.out }
}

struct Rough {
    choices: Vec<u8>,
    thrown: usize,
    out: String,
    message: String,
}

/// The prefixes in scope, the innermost last; the empty one is the default namespace.
type Scope<'s> = [(String, &'s str)];

impl Rough {
    fn throw(&mut self, sides: usize) -> usize {
        let choice = usize::from(self.choices[self.thrown % self.choices.len()]) + self.thrown / self.choices.len();
        self.thrown += 1;
        choice % sides
    }

    fn one_in(&mut self, sides: usize) -> bool {
        self.throw(sides) == 1
    }

    fn pick<'t>(&mut self, texts: &[&'t str]) -> &'t str {
        texts[self.throw(texts.len())]
    }

    fn pick_str(&mut self, texts: &[&str]) {
        let picked = self.pick(texts);
        self.out.push_str(picked);
    }

    fn element(&mut self, node: Node<'_, '_>, depth: usize, scope: &Scope<'_>) {
        let namespace = if depth < 2 { self.message.clone() } else { V2.component_namespace.to_owned() };
        let namespace = namespace.as_str();
        let local = node.tag_name().name();
        let mut inner = scope.to_vec();
        let (name, declaration) = self.name(local, namespace, &mut inner);
        self.out.push('<');
        self.out.push_str(&name);
        self.attributes(node, declaration);
        self.out.push('>');
        let holds_elements = depth < 2 || node.first_element_child().is_some();
        for child in node.children() {
            if child.is_element() {
                self.between();
                self.nothing(depth);
                self.element(child, depth + 1, &inner);
            } else if !holds_elements {
                self.text(child.text().unwrap_or_default());
            }
        }
        if holds_elements {
            self.between();
            self.nothing(depth);
        }
        self.out.push_str(&format!("</{name}"));
        self.pick_str(&["", "", " ", "\n"]);
        self.out.push('>');
    }

    /// The name to write, with the declaration it needs, which is added to the scope.
    fn name<'s>(&mut self, local: &str, namespace: &'s str, scope: &mut Vec<(String, &'s str)>) -> (String, String) {
        let bound = |prefix: &str| scope.iter().rev().find(|(known, _)| known == prefix).map(|(_, uri)| *uri);
        let usable: Vec<_> =
            scope.iter().map(|(prefix, _)| prefix.clone()).filter(|prefix| bound(prefix) == Some(namespace)).collect();
        let has_default = bound("").is_some_and(|uri| !uri.is_empty());
        match self.throw(8) {
            0 => {
                scope.push((String::new(), ""));
                let declaration = if has_default || self.one_in(4) { "xmlns=''" } else { "" };
                (local.to_owned(), declaration.to_owned())
            }
            1 => {
                scope.push((String::new(), namespace));
                (local.to_owned(), format!("xmlns=\"{namespace}\""))
            }
            way if way > 3 && !usable.is_empty() => {
                let prefix = &usable[self.throw(usable.len())];
                let colon = if prefix.is_empty() { "" } else { ":" };
                (format!("{prefix}{colon}{local}"), String::new())
            }
            _ => {
                let prefix = self.pick(&["rsm", "ram", "p", "é-1.x"]);
                scope.push((prefix.to_owned(), namespace));
                (format!("{prefix}:{local}"), format!("xmlns:{prefix} = '{namespace}'"))
            }
        }
    }

    fn attributes(&mut self, node: Node<'_, '_>, declaration: String) {
        let mut written: Vec<String> =
            node.attributes().map(|attribute| self.attribute(attribute.name(), attribute.value())).collect();
        if self.one_in(6) {
            written.push(self.pick(&["none='?'", "none=\"\"", "none = ' '"]).to_owned());
        }
        let place = self.throw(written.len() + 1);
        written.insert(place, declaration);
        for attribute in written.iter().filter(|attribute| !attribute.is_empty()) {
            self.pick_str(&[" ", " ", "\n  ", "\t"]);
            self.out.push_str(attribute);
        }
        self.pick_str(&["", "", " "]);
    }

    fn attribute(&mut self, name: &str, value: &str) -> String {
        let quote = self.pick(&["\"", "'"]);
        let equals = self.pick(&["=", " =", "= "]);
        let value: String = value.chars().map(|c| self.character(c, "<&\"'\t\n\r")).collect();
        format!("{name}{equals}{quote}{value}{quote}")
    }

    /// One character, as a reference where it must be and sometimes where it need not.
    fn character(&mut self, c: char, marks: &str) -> String {
        match (marks.contains(c), self.throw(12)) {
            (false, 1) => format!("&#{};", c as u32),
            (false, _) => c.to_string(),
            (true, 0..6) if c == '&' => "&amp;".to_owned(),
            (true, 0..6) if c == '<' => "&lt;".to_owned(),
            (true, _) => format!("&#x{:X};", c as u32),
        }
    }

    fn text(&mut self, text: &str) {
        for piece in text.split_inclusive(char::is_uppercase) {
            if self.one_in(8) {
                self.pick_str(&["<!---->", "<!-- a > b -->", "<![CDATA[]]>"]);
            }
            if self.one_in(4) && !piece.contains('\r') && !piece.contains("]]>") {
                // A CR LF pair must not come into being between two pieces.
                self.out.push_str(&format!("<![CDATA[{piece}]]>"));
            } else {
                let piece: String = piece.chars().map(|c| self.character(c, "<>&\r")).collect();
                self.out.push_str(&piece);
            }
        }
    }

    fn between(&mut self) {
        self.pick_str(&["", "", "\n", "  ", "<!-- c --> ", "\t<!---->"]);
    }

    /// An element without a value, where senders leave them: below the three parts of the permit.
    fn nothing(&mut self, depth: usize) {
        if depth == 0 || !self.one_in(8) {
            return;
        }
        let name = self.pick(&[
            "Name",
            "IncludedSupplyChainConsignmentItem",
            "ExaminationTransportEvent",
            "ApplicableCrossBorderRegulatoryProcedure",
        ]);
        let declaration =
            if self.one_in(2) { format!("xmlns='{}'", V2.component_namespace) } else { "unit=\"?\"".to_owned() };
        let content = self.pick(&["", " ", "<!-- none -->", "<ID unit='KIL'/>", "<Period><Start> </Start></Period>"]);
        let nil = if self.one_in(3) { NIL } else { "" };
        self.out.push_str(&format!("<{name} {declaration} {nil}>{content}</{name}>"));
    }
}
