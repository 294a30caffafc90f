//! Where something stands: lines and columns of an offset, and the path of an element.

use super::tree::Node;

/// Line and column at the start of every block of a text, to turn an offset into line and column.
///
/// Keeping each line's start would take eight bytes per line break and count a whole line for each place in it: a hostile
/// document is all line breaks, or all one line. So at most one block is counted, whatever the text looks like.
#[derive(Debug, Clone)]
pub(crate) struct Lines {
    blocks: Vec<Mark>,
}

const BLOCK: usize = 1024;

/// A place in a text; the column is in characters.
#[derive(Debug, Clone, Copy)]
struct Mark {
    line: u32,
    column: u32,
}

impl Lines {
    /// Marks the blocks of a text.
    pub(crate) fn of(text: &str) -> Lines {
        // A byte order mark is no character of the document: it takes no column.
        let first_column = if text.starts_with('\u{FEFF}') { 0 } else { 1 };
        let mut blocks = vec![Mark { line: 1, column: first_column }];
        for block in text.as_bytes().chunks(BLOCK) {
            let before = blocks[blocks.len() - 1];
            blocks.push(before.after(block));
        }
        Lines { blocks }
    }

    /// Line and column (in characters), both from 1, of a byte offset of the same text.
    pub(crate) fn position(&self, text: &str, offset: usize) -> (u32, u32) {
        let offset = offset.min(text.len());
        let block = offset / BLOCK;
        let place = self.blocks[block].after(&text.as_bytes()[block * BLOCK..offset]);
        (place.line, place.column.max(1))
    }
}

/// Line and column (in characters), both from 1, of one byte offset of a text.
pub(crate) fn position(text: &str, offset: usize) -> (u32, u32) {
    Lines::of(text).position(text, offset)
}

impl Mark {
    fn after(self, bytes: &[u8]) -> Mark {
        bytes.iter().fold(self, |Mark { line, column }, byte| match byte {
            b'\n' => Mark { line: line + 1, column: 1 },
            0x80..=0xBF => Mark { line, column },
            _ => Mark { line, column: column + 1 },
        })
    }
}

/// The path of an element by local names, from the root of its tree: `/A/B[2]/C`.
///
/// A number is shown where siblings share the name.
pub fn path_of(node: Node<'_, '_>) -> String {
    let mut steps: Vec<String> = node.ancestors().filter(Node::is_element).map(step).collect();
    steps.reverse();
    steps.iter().flat_map(|step| ["/", step]).collect()
}

fn step(node: Node<'_, '_>) -> String {
    let name = node.tag_name().name();
    let same_name = |other: &Node<'_, '_>| other.is_element() && other.tag_name().name() == name;
    let siblings = || node.parent_element().into_iter().flat_map(|parent| parent.children()).filter(same_name);
    let before = siblings().take_while(|other| *other != node).count();
    if siblings().nth(1).is_none() { name.to_owned() } else { format!("{name}[{}]", before + 1) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_column_counts_characters() {
        let text = "<a>\n é<b/>";
        let lines = Lines::of(text);

        assert_eq!(lines.position(text, text.find("<b").unwrap()), (2, 3));
        assert_eq!(lines.position(text, 0), (1, 1));
    }

    #[test]
    fn a_place_is_found_behind_many_blocks() {
        let text = format!("\u{FEFF}é{}\n{}x", "é".repeat(3 * BLOCK), "y".repeat(BLOCK));
        let lines = Lines::of(&text);

        assert_eq!(lines.position(&text, 0), (1, 1));
        assert_eq!(lines.position(&text, text.find('é').unwrap()), (1, 1));
        assert_eq!(lines.position(&text, text.find('\n').unwrap()), (1, 3 * 1024 + 2));
        assert_eq!(lines.position(&text, text.len() - 1), (2, 1025));
        assert_eq!(lines.position(&text, text.len()), (2, 1026));
        assert_eq!(Lines::of("").position("", 0), (1, 1));
    }

    #[test]
    fn a_path_numbers_only_what_repeats() {
        let tree = crate::wire::tree::Document::parse("<a><b/><b><c/></b></a>").unwrap();
        let innermost = tree.descendants().find(|node| node.tag_name().name() == "c").unwrap();

        assert_eq!(path_of(innermost), "/a/b[2]/c");
    }
}
