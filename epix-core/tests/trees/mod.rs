//! Does our tree say what another parser's tree says? roxmltree judges: it was written by others and knows nothing of ours.

use epix_core::wire::tree;
use roxmltree::{Document, ParsingOptions};

/// Holds our tree of a text that passed the guard against that of roxmltree. True when both read it.
pub(crate) fn are_alike(text: &str) -> bool {
    let options = ParsingOptions { allow_dtd: false, ..ParsingOptions::default() };
    match (tree::Document::parse(text), Document::parse_with_options(text, options)) {
        (Ok(ours), Ok(theirs)) => {
            compare(ours.root_element(), theirs.root_element(), text, true);
            let lean = tree::Document::parse_without_indentation(text).expect("it was read with its indentation");
            compare(lean.root_element(), theirs.root_element(), text, false);
            true
        }
        (Err(_), Err(_)) => false,
        (Ok(_), Err(error)) => panic!("only roxmltree refuses it: {error}\n{text}"),
        (Err(error), Ok(_)) => panic!("only our tree refuses it: {error}\n{text}"),
    }
}

fn compare(ours: tree::Node<'_, '_>, theirs: roxmltree::Node<'_, '_>, text: &str, is_indented: bool) {
    let name = theirs.tag_name();
    let namespace = name.namespace().filter(|uri| !uri.is_empty());
    assert_eq!((ours.tag_name().namespace(), ours.tag_name().name()), (namespace, name.name()), "{text}");
    assert_eq!(ours.range(), theirs.range(), "{text}");
    let of_ours: Vec<_> =
        ours.attributes().map(|one| (one.namespace(), one.name(), one.value(), one.range())).collect();
    let of_theirs: Vec<_> =
        theirs.attributes().map(|one| (one.namespace(), one.name(), one.value(), one.range())).collect();
    assert_eq!(of_ours, of_theirs, "{text}");
    let filled = |node: &roxmltree::Node<'_, '_>| !bare(node.text()).is_empty();
    assert_eq!(ours.is_filled(), theirs.descendants().any(|node| node.is_text() && filled(&node)), "{text}");
    scopes(ours, theirs, text);

    // A leaf keeps its blanks; beside elements they are indentation, which may be left out.
    let is_whole = is_indented || !theirs.children().any(|node| node.is_element());
    let says = |is_text: bool, text: Option<&str>| {
        let text = text.unwrap_or_default();
        !is_text || if is_whole { !text.is_empty() } else { !bare(Some(text)).is_empty() }
    };
    let mut rest = theirs.children().filter(|node| says(node.is_text(), node.text()));
    for child in ours.children().filter(|node| says(node.is_text(), node.text())) {
        let other = rest.next().unwrap_or_else(|| panic!("our tree has more in {}\n{text}", name.name()));
        assert_eq!((child.is_element(), child.is_text()), (other.is_element(), other.is_text()), "{text}");
        match child.is_element() {
            true => compare(child, other, text, is_indented),
            false if child.is_text() && is_whole => assert_eq!(child.text(), other.text(), "{text}"),
            false if child.is_text() => assert_eq!(bare(child.text()), bare(other.text()), "{text}"),
            false => {}
        }
    }
    assert!(rest.next().is_none(), "our tree has less in {}\n{text}", name.name());
}

fn bare(text: Option<&str>) -> &str {
    text.unwrap_or_default().trim_matches(BLANKS)
}

const BLANKS: [char; 4] = [' ', '\t', '\n', '\r'];

fn scopes(ours: tree::Node<'_, '_>, theirs: roxmltree::Node<'_, '_>, text: &str) {
    for namespace in theirs.namespaces().filter(|namespace| namespace.name() != Some("xml")) {
        let found = ours.lookup_namespace_uri(namespace.name());
        assert_eq!(found, theirs.lookup_namespace_uri(namespace.name()), "{text}");
    }
    let all = ours.namespaces().len();
    let distinct: std::collections::BTreeSet<_> = theirs.namespaces().map(|one| one.name()).collect();
    assert_eq!(all, distinct.iter().filter(|name| **name != Some("xml")).count(), "{text}");
}
