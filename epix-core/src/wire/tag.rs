//! What a start tag looks like in the source: name, attributes and their ranges, namespace declarations included.
//!
//! The tree does not keep namespace declarations as attributes, but re-tagging has to move them. Used only on text that
//! the guard and a conforming parser have accepted.

use std::ops::Range;

/// The ranges of a start tag in its source.
#[derive(Debug)]
pub(crate) struct StartTag {
    pub(crate) name: Range<usize>,
    attributes: Vec<AttributeRange>,
}

/// One attribute, with the white space in front of it.
#[derive(Debug)]
struct AttributeRange {
    with_blank: Range<usize>,
    name: Range<usize>,
}

impl StartTag {
    /// Reads the start tag that begins (with `<`) at an offset.
    pub(crate) fn at(source: &str, offset: usize) -> StartTag {
        let bytes = source.as_bytes();
        let name = offset + 1..end_of_name(bytes, offset + 1);
        let mut attributes = Vec::new();
        let mut at = name.end;
        loop {
            let start = skip_blanks(bytes, at);
            if start >= bytes.len() || matches!(bytes[start], b'>' | b'/') {
                return StartTag { name, attributes };
            }
            let attribute_name = start..end_of_name(bytes, start);
            let quote = skip_blanks(bytes, skip_blanks(bytes, attribute_name.end) + 1);
            let close = bytes.iter().enumerate().skip(quote + 1).find(|(_, b)| **b == bytes[quote]);
            let end = close.map_or(bytes.len(), |(i, _)| i + 1);
            attributes.push(AttributeRange { with_blank: at..end, name: attribute_name });
            at = end;
        }
    }

    /// The range of an attribute by its name as written, with the white space in front of it.
    pub(crate) fn attribute(&self, source: &str, name: &str) -> Option<Range<usize>> {
        let found = self.attributes.iter().find(|attribute| &source[attribute.name.clone()] == name)?;
        Some(found.with_blank.clone())
    }

    /// The prefix of the tag as written; empty when it has none.
    pub(crate) fn prefix<'s>(&self, source: &'s str) -> &'s str {
        source[self.name.clone()].split_once(':').map_or("", |(prefix, _)| prefix)
    }

    /// The prefixes of its attributes; one without prefix stands in no namespace and is left out.
    ///
    /// The tree cannot be asked: it keeps the length of a name in 16 bits.
    pub(crate) fn attribute_prefixes<'s>(&self, source: &'s str) -> impl Iterator<Item = &'s str> {
        let names = self.attributes.iter().map(|attribute| &source[attribute.name.clone()]);
        names.filter_map(|name| name.split_once(':').map(|(prefix, _)| prefix))
    }
}

/// The range of the name in the end tag of an element that ends at an offset; `None` for `<a/>`.
pub(crate) fn end_tag_name(source: &str, element_end: usize) -> Option<Range<usize>> {
    if source[..element_end].ends_with("/>") {
        return None;
    }
    let start = source[..element_end].rfind("</")? + 2;
    Some(start..end_of_name(source.as_bytes(), start))
}

fn end_of_name(bytes: &[u8], from: usize) -> usize {
    let ends = |b: &u8| matches!(b, b' ' | b'\t' | b'\r' | b'\n' | b'=' | b'>' | b'/');
    bytes.iter().enumerate().skip(from).find(|(_, b)| ends(b)).map_or(bytes.len(), |(i, _)| i)
}

fn skip_blanks(bytes: &[u8], from: usize) -> usize {
    let blank = |b: &u8| matches!(b, b' ' | b'\t' | b'\r' | b'\n');
    bytes.iter().enumerate().skip(from).find(|(_, b)| !blank(b)).map_or(bytes.len(), |(i, _)| i)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_start_tag_gives_the_ranges_of_its_attributes() {
        let source = "<r:a  xmlns = 'u>' b=\"2\"\n>x</r:a >";

        let tag = StartTag::at(source, 0);

        assert_eq!(&source[tag.name.clone()], "r:a");
        assert_eq!(tag.prefix(source), "r");
        assert_eq!(&source[tag.attribute(source, "xmlns").unwrap()], "  xmlns = 'u>'");
        assert_eq!(&source[tag.attribute(source, "b").unwrap()], " b=\"2\"");
        assert_eq!(&source[end_tag_name(source, source.len()).unwrap()], "r:a");
    }
}
