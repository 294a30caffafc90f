//! Where something stands: lines and columns of an offset, and the path of an element.

use roxmltree::Node;

/// The line starts of a text, to turn an offset into line and column.
#[derive(Debug, Clone)]
pub(crate) struct Lines {
    starts: Vec<usize>,
}

impl Lines {
    /// Finds the lines of a text.
    pub(crate) fn of(text: &str) -> Lines {
        let after_breaks = text.bytes().enumerate().filter(|(_, b)| *b == b'\n').map(|(i, _)| i + 1);
        Lines { starts: std::iter::once(0).chain(after_breaks).collect() }
    }

    /// Line and column (in characters), both from 1, of a byte offset of the same text.
    pub(crate) fn position(&self, text: &str, offset: usize) -> (u32, u32) {
        let line = self.starts.partition_point(|start| *start <= offset);
        let start = self.starts[line.saturating_sub(1)];
        let column = text.get(start..offset).map_or(offset - start, |before| before.chars().count()) + 1;
        (u32::try_from(line).unwrap_or(u32::MAX), u32::try_from(column).unwrap_or(u32::MAX))
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
    let before = node.prev_siblings().skip(1).filter(same_name).count();
    let after = node.next_siblings().skip(1).any(|other| same_name(&other));
    if before == 0 && !after { name.to_owned() } else { format!("{name}[{}]", before + 1) }
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
    fn a_path_numbers_only_what_repeats() {
        let tree = roxmltree::Document::parse("<a><b/><b><c/></b></a>").unwrap();
        let innermost = tree.descendants().find(|node| node.has_tag_name("c")).unwrap();

        assert_eq!(path_of(innermost), "/a/b[2]/c");
    }
}
