//! Where in its source does an element stand, part by part, and how is a part of it replaced?

use std::ops::Range;

use roxmltree::Node;

/// One element of a document, with the ranges of its parts.
pub(crate) struct Spot<'s, 'n> {
    pub(crate) source: &'s str,
    pub(crate) node: Node<'n, 'n>,
    /// Behind the name in the start tag: where attributes can be put in.
    pub(crate) behind_name: usize,
    start_tag: Range<usize>,
}

/// Replacements of ranges of a source that do not overlap.
pub(crate) type Edits = Vec<(Range<usize>, String)>;

impl<'s, 'n> Spot<'s, 'n> {
    pub(crate) fn of(source: &'s str, node: Node<'n, 'n>) -> Spot<'s, 'n> {
        let start = node.range().start;
        let bytes = source.as_bytes();
        let is_end = |at: &usize| matches!(bytes[*at], b' ' | b'\t' | b'\r' | b'\n' | b'/' | b'>');
        let behind_name = (start..bytes.len()).find(is_end).expect("a start tag ends");
        let mut quote = None;
        let closes = |at: &usize| match (quote, bytes[*at]) {
            (None, b'>') => true,
            (None, mark @ (b'"' | b'\'')) => {
                quote = Some(mark);
                false
            }
            (Some(mark), byte) => {
                quote = quote.filter(|_| mark != byte);
                false
            }
            _ => false,
        };
        let close = (start..bytes.len()).find(closes).expect("a start tag ends");
        Spot { source, node, behind_name, start_tag: start..close + 1 }
    }

    /// The element from `<` to `>`.
    pub(crate) fn whole(&self) -> Range<usize> {
        self.node.range()
    }

    /// The element as written.
    pub(crate) fn text(&self) -> &'s str {
        &self.source[self.whole()]
    }

    /// What stands between the tags; `None` for `<a/>`.
    pub(crate) fn content(&self) -> Option<Range<usize>> {
        let is_empty = self.source[self.start_tag.clone()].ends_with("/>");
        (!is_empty).then(|| self.start_tag.end..self.end_tag())
    }

    fn end_tag(&self) -> usize {
        self.source[..self.whole().end].rfind("</").expect("an element with content has an end tag")
    }

    /// The name as written, with its prefix.
    pub(crate) fn name(&self) -> &'s str {
        &self.source[self.whole().start + 1..self.behind_name]
    }

    /// The prefix with its colon; empty where there is none.
    pub(crate) fn prefix(&self) -> &'s str {
        self.name().find(':').map_or("", |colon| &self.name()[..=colon])
    }

    /// The edits that give the element another name and put something behind it in the start tag.
    pub(crate) fn renamed(&self, name: &str, attributes: &str) -> Edits {
        let mut edits = vec![(self.whole().start + 1..self.behind_name, format!("{name}{attributes}"))];
        if self.content().is_some() {
            let at = self.end_tag() + "</".len();
            edits.push((at..at + self.name().len(), name.to_owned()));
        }
        edits
    }

    /// The edit that replaces what stands between the tags.
    pub(crate) fn filled(&self, content: &str) -> Option<Edits> {
        Some(vec![(self.content()?, content.to_owned())])
    }

    /// The edit that puts something into the start tag.
    pub(crate) fn with(&self, attribute: &str) -> Option<Edits> {
        Some(vec![(self.behind_name..self.behind_name, format!(" {attribute}"))])
    }
}

/// Makes the edits.
pub(crate) fn edited(source: &str, mut edits: Edits) -> String {
    edits.sort_by_key(|(range, _)| range.start);
    let mut text = String::with_capacity(source.len() + 64);
    let mut at = 0;
    for (range, replacement) in &edits {
        text.push_str(&source[at..range.start]);
        text.push_str(replacement);
        at = range.end;
    }
    text + &source[at..]
}
