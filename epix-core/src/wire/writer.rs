//! How elements, attributes and texts become XML.

/// Writes XML in the order it is told: a document with two blanks of indentation per level, or a fragment on one line.
#[derive(Debug)]
pub struct Writer {
    out: String,
    depth: usize,
    prefixes: Vec<Prefix>,
    indents: bool,
}

/// A namespace with its prefix, empty for the default namespace.
#[derive(Debug)]
struct Prefix {
    uri: String,
    prefix: String,
    /// True when the outermost element declares it.
    is_declared: bool,
}

impl Writer {
    /// Starts a document with its XML declaration; `prefixes` pairs each namespace with the prefix to write.
    pub fn document(prefixes: &[(&str, &str)]) -> Writer {
        let out = String::from("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n");
        let writer = Writer { out, depth: 0, prefixes: Vec::new(), indents: true };
        prefixes.iter().fold(writer, |writer, (uri, prefix)| writer.with(uri, prefix, true))
    }

    /// Starts a fragment for a place where the prefix (empty: the default namespace) is in scope.
    pub fn fragment(namespace: &str, prefix: &str) -> Writer {
        Writer { out: String::new(), depth: 0, prefixes: Vec::new(), indents: false }.with(namespace, prefix, false)
    }

    /// Starts a fragment that declares its prefix itself.
    pub fn declaring(namespace: &str, prefix: &str) -> Writer {
        Writer { out: String::new(), depth: 0, prefixes: Vec::new(), indents: false }.with(namespace, prefix, true)
    }

    /// Knows one namespace more, which the outermost element declares or finds in scope.
    #[must_use]
    pub fn with(mut self, namespace: &str, prefix: &str, is_declared: bool) -> Writer {
        self.prefixes.push(Prefix { uri: namespace.to_owned(), prefix: prefix.to_owned(), is_declared });
        self
    }

    /// The name of an element as it is written: `ram:ID`, or `ID` for no namespace.
    pub fn name(&self, namespace: &str, local: &str) -> String {
        match self.prefixes.iter().find(|known| known.uri == namespace) {
            Some(Prefix { prefix, .. }) if !prefix.is_empty() => format!("{prefix}:{local}"),
            _ => local.to_owned(),
        }
    }

    /// Opens an element that holds elements; the outermost one declares every prefix.
    pub fn open(&mut self, name: &str) {
        self.start(name);
        if self.depth == 0 {
            for Prefix { uri, prefix, .. } in self.prefixes.iter().filter(|known| known.is_declared) {
                self.out.push_str(&format!(" xmlns:{prefix}=\"{}\"", escape_attribute(uri)));
            }
        }
        self.out.push('>');
        self.line();
        self.depth += 1;
    }

    /// Closes it.
    pub fn close(&mut self, name: &str) {
        self.depth -= 1;
        self.indent();
        self.out.push_str(&format!("</{name}>"));
        self.line();
    }

    /// Writes an element that holds a value.
    pub fn value(&mut self, name: &str, attributes: &[(&str, Option<&str>)], text: &str) {
        self.start(name);
        for (attribute, value) in attributes {
            if let Some(value) = value {
                self.out.push_str(&format!(" {attribute}=\"{}\"", escape_attribute(value)));
            }
        }
        self.out.push_str(&format!(">{}</{name}>", escape_text(text)));
        self.line();
    }

    /// Puts in a piece of XML as it stands.
    pub fn raw(&mut self, xml: &str) {
        self.indent();
        self.out.push_str(xml);
        self.line();
    }

    /// Gives the document.
    pub fn finish(self) -> String {
        self.out
    }

    fn start(&mut self, name: &str) {
        self.indent();
        self.out.push('<');
        self.out.push_str(name);
    }

    fn indent(&mut self) {
        if self.indents {
            self.out.push_str(&"  ".repeat(self.depth));
        }
    }

    fn line(&mut self) {
        if self.indents {
            self.out.push('\n');
        }
    }
}

/// Escapes a text; a carriage return would be normalised away by the reader, so it is written as a reference.
pub fn escape_text(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '\r' => out.push_str("&#13;"),
            _ => out.push(c),
        }
    }
    out
}

/// Escapes an attribute value for double quotes; blanks other than a space would be normalised away.
pub fn escape_attribute(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '"' => out.push_str("&quot;"),
            '\t' => out.push_str("&#9;"),
            '\n' => out.push_str("&#10;"),
            '\r' => out.push_str("&#13;"),
            _ => out.push(c),
        }
    }
    out
}
