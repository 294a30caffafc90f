//! How does a text become a tree? One walk over the bytes; what is not well-formed stops it.

use memchr::{memchr, memchr3};

use super::cursor::Cursor;
use super::name::{Cache, resolve, undeclared};
use super::scope::{Declared, Scopes};
use super::{AttributeData, Blanks, Document, Kind, NONE, NodeData, NotWellFormed, Span, Value, number, reference};
use crate::permit::is_xml_blank;

/// What stands beside the root element instead of blanks and comments.
const OUTSIDE: &str = "only comments may stand beside the outermost element";

pub(super) fn parse(text: &str, blanks: Blanks) -> Result<Document<'_>, NotWellFormed> {
    let mut parser = Parser::new(text, blanks)?;
    parser.declaration()?;
    parser.beside()?;
    if !parser.cursor.starts_with("<") {
        return Err(parser.cursor.wrong("the document has no element".to_owned()));
    }
    parser.content()?;
    parser.beside()?;
    if parser.cursor.at < text.len() {
        return Err(parser.cursor.wrong(OUTSIDE.to_owned()));
    }
    parser.close_root();
    Ok(parser.document)
}

struct Parser<'i> {
    cursor: Cursor<'i>,
    document: Document<'i>,
    cache: Cache,
    blanks: Blanks,
    /// The elements around the place; the root is the first.
    open: Vec<Open>,
    /// The declarations of the element that is being read, and its attributes with a prefix (and where that ends).
    declared: Vec<Declared>,
    prefixed: Vec<(usize, usize)>,
}

/// An element whose end was not seen.
#[derive(Debug, Clone, Copy)]
struct Open {
    node: u32,
    /// The last child that was seen; 0 for none.
    last_child: u32,
    written: Span,
    scope: u32,
}

/// The name in a start tag, and its number when it was seen before in the scope around it.
struct Tag {
    written: Span,
    known: Option<u32>,
}

const ROOT: Open = Open { node: 0, last_child: 0, written: Span { start: 0, end: 0 }, scope: 0 };

impl<'i> Parser<'i> {
    fn new(text: &'i str, blanks: Blanks) -> Result<Parser<'i>, NotWellFormed> {
        if u32::try_from(text.len()).is_err() {
            return Err(NotWellFormed::at(text, 0, "the document is too large".to_owned()));
        }
        // An element with a text takes two tags, and a line break beside it makes a third node.
        let tags = memchr::memchr_iter(b'<', text.as_bytes()).count();
        let mut nodes = Vec::with_capacity(tags + tags / 2 + 2);
        nodes.push(node(Kind::Root, 0, Span::of(0..text.len())));
        let document = Document {
            text,
            nodes,
            attributes: Vec::new(),
            names: Vec::new(),
            scopes: Scopes::new(),
            made: Vec::new(),
        };
        let start = if text.starts_with('\u{FEFF}') { '\u{FEFF}'.len_utf8() } else { 0 };
        Ok(Parser {
            cursor: Cursor { text, at: start },
            document,
            cache: Cache::new(),
            blanks,
            open: vec![ROOT],
            declared: Vec::new(),
            prefixed: Vec::new(),
        })
    }

    /// The XML declaration, which may be left out. What it says is the guard's to judge.
    fn declaration(&mut self) -> Result<(), NotWellFormed> {
        let cursor = &mut self.cursor;
        if !cursor.took("<?xml") {
            return Ok(());
        }
        for (name, is_needed) in [("version", true), ("encoding", false), ("standalone", false)] {
            let before = cursor.at;
            if !cursor.blanks() || !cursor.took(name) {
                cursor.at = before;
                if is_needed {
                    return Err(cursor.wrong(format!("the XML declaration has no {name}")));
                }
                continue;
            }
            cursor.blanks();
            cursor.expect("=")?;
            cursor.blanks();
            let value = quoted(cursor)?;
            if !is_fit(name, &cursor.text[value.range()]) {
                return Err(cursor.wrong(format!("the XML declaration has a wrong {name}")));
            }
        }
        cursor.blanks();
        cursor.expect("?>")
    }

    /// Comments and blanks in front of and behind the outermost element.
    fn beside(&mut self) -> Result<(), NotWellFormed> {
        loop {
            self.cursor.blanks();
            if !self.cursor.starts_with("<!--") {
                return Ok(());
            }
            self.comment()?;
        }
    }

    /// The outermost element with all that stands in it.
    fn content(&mut self) -> Result<(), NotWellFormed> {
        loop {
            match self.cursor.bytes().get(self.cursor.at + 1) {
                Some(b'/') if self.open.len() > 1 => self.end_tag()?,
                Some(b'!') if self.cursor.starts_with("<!--") => self.comment()?,
                Some(b'!') if self.cursor.starts_with("<![CDATA[") && self.open.len() > 1 => self.section()?,
                Some(b'!' | b'?') => return Err(self.cursor.wrong("no such markup is accepted".to_owned())),
                _ => self.start_tag()?,
            }
            if self.open.len() == 1 {
                return Ok(());
            }
            self.text()?;
        }
    }

    /// The text up to the next tag.
    fn text(&mut self) -> Result<(), NotWellFormed> {
        let from = self.cursor.at;
        let rest = &self.cursor.text[from..];
        let Some(length) = memchr(b'<', rest.as_bytes()) else {
            let element = &self.cursor.text[self.around().written.range()];
            return Err(self.cursor.wrong(format!("the element {element} does not end")));
        };
        if length == 0 {
            return Ok(());
        }
        self.cursor.at += length;
        let raw = &rest[..length];
        if self.blanks == Blanks::LeftOut && raw.bytes().all(is_blank) && self.is_between_elements() {
            return Ok(());
        }
        let is_plain = match memchr3(b'&', b'\r', b']', raw.as_bytes()) {
            None => true,
            Some(_) => {
                if let Some(end) = memchr::memmem::find(raw.as_bytes(), b"]]>") {
                    return Err(NotWellFormed::at(self.cursor.text, from + end, "]]> stands in a text".to_owned()));
                }
                memchr::memchr2(b'&', b'\r', raw.as_bytes()).is_none()
            }
        };
        let (text, span) = (self.cursor.text, Span::of(from..from + length));
        self.put(raw, span, is_plain, |made| reference::text(raw, from, text, made))
    }

    /// True when blanks that end here are indentation: an element ends or begins beside them.
    fn is_between_elements(&self) -> bool {
        let is_start = !matches!(self.cursor.bytes().get(self.cursor.at + 1), Some(b'/' | b'!'));
        let before = self.around().last_child as usize;
        is_start || (before > 0 && self.document.nodes[before].kind == Kind::Element)
    }

    /// A CDATA section.
    fn section(&mut self) -> Result<(), NotWellFormed> {
        let from = self.cursor.at;
        self.cursor.at += "<![CDATA[".len();
        let raw = self.cursor.until("]]>", "the CDATA section")?;
        let span = Span::of(from..self.cursor.at);
        self.put(raw, span, false, |made| {
            reference::line_ends(raw, made);
            Ok(())
        })
    }

    /// Adds a text, to the one before it when nothing stands between them.
    fn put(
        &mut self,
        raw: &str,
        span: Span,
        is_plain: bool,
        make: impl FnOnce(&mut String) -> Result<(), NotWellFormed>,
    ) -> Result<(), NotWellFormed> {
        let last = self.document.nodes.len() - 1;
        let is_continued =
            last > 0 && self.document.nodes[last].kind == Kind::Text && self.around().last_child as usize == last;
        if is_plain && !is_continued {
            let is_filled = !raw.bytes().all(is_blank);
            self.push(NodeData { is_filled, content: NONE, ..node(Kind::Text, self.around().node, span) });
            return Ok(());
        }
        let at = if is_continued {
            self.made_of(last)
        } else {
            self.document.made.push(String::new());
            self.document.made.len() - 1
        };
        make(&mut self.document.made[at])?;
        let is_filled = !self.document.made[at].bytes().all(is_blank);
        if is_continued {
            self.document.nodes[last].span.end = span.end;
            self.fill(last, is_filled);
        } else {
            self.push(NodeData { is_filled, content: number(at), ..node(Kind::Text, self.around().node, span) });
        }
        Ok(())
    }

    /// The made text of a text node, made now if it stood in the source as it is.
    fn made_of(&mut self, node: usize) -> usize {
        let data = &mut self.document.nodes[node];
        if data.content == NONE {
            self.document.made.push(self.document.text[data.span.range()].to_owned());
            data.content = number(self.document.made.len() - 1);
        }
        data.content as usize
    }

    fn comment(&mut self) -> Result<(), NotWellFormed> {
        let from = self.cursor.at;
        self.cursor.at += "<!--".len();
        let said = self.cursor.until("--", "the comment")?;
        if !self.cursor.took(">") {
            let at = from + "<!--".len() + said.len();
            return Err(NotWellFormed::at(self.cursor.text, at, "-- stands in a comment".to_owned()));
        }
        let span = Span::of(from..self.cursor.at);
        self.push(node(Kind::Comment, self.around().node, span));
        Ok(())
    }

    fn start_tag(&mut self) -> Result<(), NotWellFormed> {
        let from = self.cursor.at;
        self.cursor.at += 1;
        let name = self.tag_name()?;
        let first_attribute = self.document.attributes.len();
        let is_empty = self.attributes()?;
        let scope = self.scope()?;
        self.qualify(first_attribute, scope)?;
        let written = name.written;
        let content = self.named(name, scope)?;
        let span = Span::of(from..self.cursor.at);
        let node = self.push(NodeData {
            content,
            scope,
            first_attribute: number(first_attribute),
            attributes: number(self.document.attributes.len() - first_attribute),
            ..node(Kind::Element, self.around().node, span)
        });
        if !is_empty {
            self.open.push(Open { node, last_child: 0, written, scope });
        }
        Ok(())
    }

    fn tag_name(&mut self) -> Result<Tag, NotWellFormed> {
        let from = self.cursor.at;
        let bytes = self.cursor.bytes();
        // Most names are known, and those need no look at each byte.
        if let Some(length) = memchr3(b'>', b' ', b'/', &bytes[from..]) {
            let written = &bytes[from..from + length];
            let known = self.cache.find(&self.document.names, written, self.around().scope);
            if known.is_some() {
                self.cursor.at += length;
                return Ok(Tag { written: Span::of(from..from + length), known });
            }
        }
        qualified_name(&mut self.cursor)?;
        Ok(Tag { written: Span::of(from..self.cursor.at), known: None })
    }

    /// The name of a tag in the scope of its element, which is another than the one around it when it declares something.
    fn named(&mut self, Tag { written, known }: Tag, scope: u32) -> Result<u32, NotWellFormed> {
        if let Some(known) = known.filter(|_| scope == self.around().scope) {
            return Ok(known);
        }
        let text = self.cursor.text;
        let name = resolve(text, &self.document.scopes, scope, written)
            .map_err(|reason| NotWellFormed::at(text, written.start as usize, reason))?;
        self.document.names.push(name);
        let known = number(self.document.names.len() - 1);
        self.cache.put(&text.as_bytes()[written.range()], known);
        Ok(known)
    }

    /// The attributes and the end of a start tag; true for `/>`.
    fn attributes(&mut self) -> Result<bool, NotWellFormed> {
        self.declared.clear();
        self.prefixed.clear();
        let first = self.document.attributes.len();
        loop {
            let is_apart = self.cursor.blanks();
            match self.cursor.peek() {
                Some(b'>') => {
                    self.cursor.at += 1;
                    return Ok(false);
                }
                Some(b'/') => {
                    self.cursor.expect("/>")?;
                    return Ok(true);
                }
                _ if !is_apart => return Err(self.cursor.wrong("a start tag does not end".to_owned())),
                _ => self.attribute(first)?,
            }
        }
    }

    fn attribute(&mut self, first: usize) -> Result<(), NotWellFormed> {
        let from = self.cursor.at;
        let colon = qualified_name(&mut self.cursor)?;
        let name = from..self.cursor.at;
        self.cursor.blanks();
        self.cursor.expect("=")?;
        self.cursor.blanks();
        let value = self.attribute_value()?;
        let local = Span::of(colon.map_or(from, |colon| colon + 1)..name.end);
        let text = self.cursor.text;
        match &text[from..colon.unwrap_or(name.end)] {
            "xmlns" => {
                let prefix = if colon.is_some() { local } else { Span::of(from..from) };
                self.declared.push(Declared { prefix, value, at: from });
                return Ok(());
            }
            _ => self.prefixed.extend(colon.map(|colon| (self.document.attributes.len(), colon))),
        }
        let span = Span::of(from..self.cursor.at);
        let others = &self.document.attributes[first..];
        // Those with a prefix are compared once their namespaces are known.
        let is_same = |other: &AttributeData| {
            other.span.start == other.local.start && text[other.local.range()] == text[name.clone()]
        };
        if colon.is_none() && others.iter().any(is_same) {
            return Err(NotWellFormed::at(text, from, format!("the attribute {} stands twice", &text[name])));
        }
        self.document.attributes.push(AttributeData { span, local, namespace: NONE, value });
        Ok(())
    }

    fn attribute_value(&mut self) -> Result<Value, NotWellFormed> {
        let span = quoted(&mut self.cursor)?;
        let (text, raw) = (self.cursor.text, &self.cursor.text[span.range()]);
        if let Some(at) = memchr(b'<', raw.as_bytes()) {
            let at = span.start as usize + at;
            return Err(NotWellFormed::at(text, at, "< stands in the value of an attribute".to_owned()));
        }
        if !raw.bytes().any(|byte| matches!(byte, b'&' | b'\t' | b'\n' | b'\r')) {
            return Ok(Value { span, made: NONE });
        }
        let mut made = String::with_capacity(raw.len());
        reference::attribute(raw, span.start as usize, text, &mut made)?;
        self.document.made.push(made);
        Ok(Value { span, made: number(self.document.made.len() - 1) })
    }

    /// The scope of the element whose attributes were read.
    fn scope(&mut self) -> Result<u32, NotWellFormed> {
        let around = self.around().scope;
        if self.declared.is_empty() {
            return Ok(around);
        }
        let scope = self.document.scopes.open(around);
        for declared in std::mem::take(&mut self.declared) {
            let uri = self.document.value(declared.value).to_owned();
            let declares = self.document.scopes.declare(self.cursor.text, declared.prefix, &uri);
            declares.map_err(|reason| NotWellFormed::at(self.cursor.text, declared.at, reason))?;
        }
        Ok(scope)
    }

    /// Finds the namespaces of the attributes that have a prefix.
    fn qualify(&mut self, first: usize, scope: u32) -> Result<(), NotWellFormed> {
        for (index, colon) in std::mem::take(&mut self.prefixed) {
            let (text, at) = (self.cursor.text, self.document.attributes[index].span.start as usize);
            let prefix = &text[at..colon];
            let scopes = &self.document.scopes;
            let Some(namespace) = scopes.find(text, scope, prefix) else {
                return Err(NotWellFormed::at(text, at, undeclared(prefix)));
            };
            let local = &text[self.document.attributes[index].local.range()];
            let before = &self.document.attributes[first..index];
            let is_same = |other: &AttributeData| {
                other.namespace != NONE
                    && scopes.uri(other.namespace) == scopes.uri(namespace)
                    && text[other.local.range()] == *local
            };
            if before.iter().any(is_same) {
                return Err(NotWellFormed::at(
                    text,
                    at,
                    format!("the attribute {local} stands twice in one namespace"),
                ));
            }
            self.document.attributes[index].namespace = namespace;
        }
        Ok(())
    }

    fn end_tag(&mut self) -> Result<(), NotWellFormed> {
        let Open { node, written, .. } = self.around();
        let name = &self.cursor.text[written.range()];
        if !self.cursor.bytes()[self.cursor.at + 2..].starts_with(name.as_bytes()) {
            return Err(self.cursor.wrong(format!("the end of {name} was expected")));
        }
        self.cursor.at += "</".len() + name.len();
        self.cursor.blanks();
        self.cursor.expect(">")?;
        self.open.pop();
        let last = number(self.document.nodes.len() - 1);
        let data = &mut self.document.nodes[node as usize];
        data.span.end = number(self.cursor.at);
        data.last = last;
        Ok(())
    }

    fn close_root(&mut self) {
        self.document.nodes[0].last = number(self.document.nodes.len() - 1);
    }

    fn around(&self) -> Open {
        self.open.last().copied().unwrap_or(ROOT)
    }

    /// Adds a child to the element around the place.
    fn push(&mut self, data: NodeData) -> u32 {
        let (index, is_filled) = (number(self.document.nodes.len()), data.is_filled);
        self.document.nodes.push(NodeData { last: index, ..data });
        if let Some(around) = self.open.last_mut() {
            if around.last_child > 0 {
                self.document.nodes[around.last_child as usize].next = index;
            }
            around.last_child = index;
        }
        self.fill(index as usize, is_filled);
        index
    }

    /// Marks a node and all that it stands in as filled.
    fn fill(&mut self, node: usize, is_filled: bool) {
        if !is_filled {
            return;
        }
        self.document.nodes[node].is_filled = true;
        for around in self.open.iter().rev() {
            if std::mem::replace(&mut self.document.nodes[around.node as usize].is_filled, true) {
                break;
            }
        }
    }
}

fn is_blank(byte: u8) -> bool {
    is_xml_blank(char::from(byte))
}

fn node(kind: Kind, parent: u32, span: Span) -> NodeData {
    NodeData {
        kind,
        is_filled: false,
        content: NONE,
        scope: 0,
        parent,
        next: 0,
        last: 0,
        span,
        first_attribute: 0,
        attributes: 0,
    }
}

/// A name with at most one colon; where that stands.
fn qualified_name(cursor: &mut Cursor<'_>) -> Result<Option<usize>, NotWellFormed> {
    cursor.name()?;
    if cursor.peek() != Some(b':') {
        return Ok(None);
    }
    let colon = cursor.at;
    cursor.at += 1;
    cursor.name()?;
    Ok(Some(colon))
}

/// What stands between quotes.
fn quoted(cursor: &mut Cursor<'_>) -> Result<Span, NotWellFormed> {
    let quote = match cursor.peek() {
        Some(quote @ (b'"' | b'\'')) => quote,
        _ => return Err(cursor.wrong("a value in quotes was expected".to_owned())),
    };
    let from = cursor.at + 1;
    let Some(length) = memchr(quote, &cursor.bytes()[from..]) else {
        return Err(cursor.wrong("a value does not end".to_owned()));
    };
    cursor.at = from + length + 1;
    Ok(Span::of(from..from + length))
}

/// What the XML declaration may say.
fn is_fit(name: &str, value: &str) -> bool {
    match name {
        "version" => value == "1.0",
        "standalone" => matches!(value, "yes" | "no"),
        _ => {
            let mut bytes = value.bytes();
            bytes.next().is_some_and(|first| first.is_ascii_alphabetic())
                && bytes.all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'.' | b'_' | b'-'))
        }
    }
}
