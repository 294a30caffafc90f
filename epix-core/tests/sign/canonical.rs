//! Is our canonical form the one of libxml2, whatever a document looks like?

use epix_core::sign::canonical::canonical;
use libxml::parser::Parser;
use libxml::tree::c14n::{CanonicalizationMode, CanonicalizationOptions};
use proptest::prelude::*;

use crate::files::{folder, text};

fn of_libxml2(document: &str) -> String {
    let tree = Parser::default().parse_string(document).unwrap_or_else(|_| panic!("libxml2 cannot read {document:?}"));
    let options = CanonicalizationOptions {
        mode: CanonicalizationMode::ExclusiveCanonical1_0,
        inclusive_ns_prefixes: Vec::new(),
        with_comments: false,
    };
    tree.canonicalize(options, None).unwrap()
}

#[test]
fn every_good_fixture_has_the_canonical_form_that_libxml2_gives_it() {
    let mut seen = 0;
    for place in
        ["v1/valid", "v1/tolerated", "v2/valid", "v2/tolerated", "v2/invalid", "v3/valid", "wco/valid", "rules"]
    {
        for entry in std::fs::read_dir(folder().join(place)).unwrap() {
            let name = entry.unwrap().file_name().into_string().unwrap();
            if !name.ends_with(".xml") {
                continue;
            }
            let document = text(&format!("{place}/{name}"));
            // What is not even XML has no canonical form.
            let Ok(ours) = canonical(&document) else { continue };
            assert!(ours == of_libxml2(&document), "{place}/{name}");
            seen += 1;
        }
    }
    assert!(seen > 150, "{seen}");
}

#[test]
fn difficult_documents_have_the_canonical_form_that_libxml2_gives_them() {
    for document in [
        "<a xmlns='urn:a' xmlns:b='urn:b' b:z='1' a='2' b:a='3'><b:c xmlns='' xmlns:b='urn:b'/></a>",
        "<a xmlns:x='urn:1' xmlns:y='urn:1' x:k='1' y:j='2'><x:b xmlns:x='urn:2' x:k='3'/></a>",
        "<a xml:lang='en' xmlns:q='urn:q'><q:b xml:space='preserve'> \t\n </q:b></a>",
        "<a>&#13;&#10;&#9;&lt;&gt;&amp;&quot;&apos;<![CDATA[<&]]]]><![CDATA[>]]></a>",
        "<a b='&#13;&#10;&#9; \t\n&lt;&gt;&amp;&quot;&apos;'/>",
        "<!-- before --><a><!-- in -->x<!-- the -->y</a><!-- behind -->",
        "\u{FEFF}<?xml version='1.0'?>\r\n<a>\r\n<b/>\r</a>\r\n",
        "<a xmlns='urn:a'><b xmlns=''><c xmlns='urn:a'><d xmlns=''/></c></b></a>",
        "<\u{e9}:a xmlns:\u{e9}='urn:e' \u{e9}:\u{f1}='\u{1F98E}'>\u{1F98E}</\u{e9}:a>",
        "<a  b = '1'\n\tc\t=\n'2'   ><b\n/><c ></c ></a >",
    ] {
        assert_eq!(canonical(document).unwrap(), of_libxml2(document), "{document}");
    }
}

/// Documents of a few names and namespaces, so that redeclarations and clashes are the rule.
fn element(depth: u32) -> BoxedStrategy<String> {
    let name = prop_oneof![Just("a"), Just("p:a"), Just("q:b"), Just("b")];
    let declarations = prop::sample::subsequence(
        vec!["xmlns='urn:1'", "xmlns:p='urn:1'", "xmlns:q='urn:2'", "a='&#xD;x'", "p:a='1'", "q:b='&amp;\"'"],
        0..=6,
    );
    let content = if depth == 0 {
        prop_oneof![Just(String::new()), Just("t&gt;\r\n".to_owned()), Just("<!--c-->".to_owned())].boxed()
    } else {
        prop::collection::vec(element(depth - 1), 0..3).prop_map(|parts| parts.concat()).boxed()
    };
    (name, declarations, content).prop_map(|(n, d, c)| format!("<{n} {}>{c}</{n}>", d.join(" "))).boxed()
}

proptest! {
    #[test]
    fn made_up_documents_have_the_canonical_form_that_libxml2_gives_them(inner in element(3)) {
        let document = format!("<r xmlns:p='urn:0' xmlns:q='urn:0'>{inner}</r>");

        // Two attributes of one expanded name are not XML with namespaces.
        if let Ok(ours) = canonical(&document) {
            prop_assert_eq!(ours, of_libxml2(&document));
        }
    }
}
