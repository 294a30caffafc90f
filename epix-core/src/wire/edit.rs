//! How a text is changed in a few places without touching the rest, and where each byte came from.

use std::ops::Range;

/// One replacement: this range of the source becomes that text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Edit {
    range: Range<usize>,
    replacement: String,
}

impl Edit {
    /// Puts a text in front of an offset.
    pub(crate) fn insert(at: usize, text: impl Into<String>) -> Edit {
        Edit { range: at..at, replacement: text.into() }
    }

    /// Takes a range out.
    pub(crate) fn remove(range: Range<usize>) -> Edit {
        Edit { range, replacement: String::new() }
    }

    /// Puts a text in the place of a range.
    pub(crate) fn replace(range: Range<usize>, text: impl Into<String>) -> Edit {
        Edit { range, replacement: text.into() }
    }
}

/// A text made from a part of a source, with the way back to the source.
#[derive(Debug, Clone)]
pub(crate) struct Edited {
    pub(crate) text: String,
    origins: Vec<Stretch>,
}

/// For a stretch of the new text: where it starts, and where its first byte stood in the source.
#[derive(Debug, Clone)]
struct Stretch {
    start: usize,
    source: usize,
    copied: bool,
}

/// Applies edits (in any order, not overlapping) to a part of a source.
pub(crate) fn apply(source: &str, part: Range<usize>, mut edits: Vec<Edit>) -> Edited {
    edits.sort_by_key(|edit| (edit.range.start, edit.range.end));
    let mut text = String::with_capacity(part.len() + 256);
    let mut stretches = Vec::with_capacity(edits.len() * 2 + 1);
    let mut at = part.start;
    for edit in edits.iter().filter(|edit| edit.range.start >= part.start && edit.range.end <= part.end) {
        stretches.push(Stretch { start: text.len(), source: at, copied: true });
        text.push_str(&source[at..edit.range.start]);
        stretches.push(Stretch { start: text.len(), source: edit.range.start, copied: false });
        text.push_str(&edit.replacement);
        at = edit.range.end;
    }
    stretches.push(Stretch { start: text.len(), source: at, copied: true });
    text.push_str(&source[at..part.end]);
    Edited { text, origins: stretches }
}

impl Edited {
    /// The offset in the source from which a byte of the new text came; for an inserted text, where it was put.
    pub(crate) fn source_of(&self, offset: usize) -> usize {
        let stretch = &self.origins[self.origins.partition_point(|stretch| stretch.start <= offset).saturating_sub(1)];
        if stretch.copied { stretch.source + (offset - stretch.start) } else { stretch.source }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_byte_knows_where_it_came_from() {
        let edits = vec![Edit::remove(2..4), Edit::insert(6, "XY"), Edit::replace(7..8, "long")];

        let edited = apply("0123456789", 1..9, edits);

        assert_eq!(edited.text, "145XY6long8");
        for (offset, source) in [(0, 1), (1, 4), (3, 6), (5, 6), (6, 7), (10, 8)] {
            assert_eq!(edited.source_of(offset), source, "{offset}");
        }
    }
}
