//! Is what our own parser reads well-formed, and does it read the same as others do?

use epix_core::wire::guard::{Limits, guard};
use epix_core::wire::tree::Document;

use crate::{fixture, trees};

/// Every text of the fixtures that passes the guard.
fn texts() -> Vec<String> {
    let mut texts = Vec::new();
    for bytes in fixture::documents() {
        texts.extend(guard(&bytes, &Limits::DOCUMENT).ok().map(str::to_owned));
    }
    texts
}

#[test]
fn every_fixture_is_the_same_tree_to_another_parser() {
    let texts = texts();

    let read = texts.iter().filter(|text| trees::are_alike(text)).count();

    assert!(read > 100 && read < texts.len(), "{read} of {} are well-formed", texts.len());
}

#[test]
fn odd_but_well_formed_texts_are_the_same_tree_to_another_parser() {
    for text in [
        "<a/>",
        "\u{FEFF}<a>\r\n\t</a>\n",
        "<?xml version='1.0' standalone='no' ?>\n<!-- x --><a b='1'\tc = \"2\"\n/><!-- y -->",
        "<a>x&amp;y&#60;&#x3e;\r\rz</a>",
        "<a>x<![CDATA[<&>]]>y<![CDATA[]]><!-- c -->z<![CDATA[\r\n]]]]><b/></a>",
        "<a b='&quot;&#10;\n\r\n\t&apos;' c=\"'\">]] ></a>",
        "<a xmlns='u'><b xmlns=''><c xmlns:p='v' p:d='1' d='2'/></b></a>",
        "<p:a xmlns:p='u'><p:a xmlns:p='v'/><p:a/><q:a xmlns:q='u' q:xml='' xml:lang='x'/></p:a>",
        "<é\u{B7} ö='ü'><\u{10000}-.1/></é\u{B7}>",
        "<a xmlns:b='&amp;u' b:c=''></a >",
    ] {
        assert!(trees::are_alike(text), "{text}");
    }
}

#[test]
fn what_is_not_well_formed_is_refused_where_it_is_wrong() {
    for (text, line, column) in [
        ("", 1, 1),
        ("x<a/>", 1, 1),
        ("<a>", 1, 4),
        ("<a>\n</b>", 2, 1),
        ("<a/><b/>", 1, 5),
        ("<a/>x", 1, 5),
        ("<a b/>", 1, 5),
        ("<a b=1/>", 1, 6),
        ("<a b='1'c='2'/>", 1, 9),
        ("<a b='1' b='2'/>", 1, 10),
        ("<a b='<'/>", 1, 7),
        ("<a b='&c;'/>", 1, 7),
        ("<a>&b</a>", 1, 4),
        ("<a>&#0;</a>", 1, 4),
        ("<a>&#x;</a>", 1, 4),
        ("<a>&#+65;</a>", 1, 4),
        ("<a>]]></a>", 1, 4),
        ("<a><!-- -- --></a>", 1, 9),
        ("<a><!-- </a>", 1, 8),
        ("<a><![CDATA[ </a>", 1, 13),
        ("<![CDATA[]]><a/>", 1, 1),
        ("<a><?b?></a>", 1, 4),
        ("<!DOCTYPE a><a/>", 1, 1),
        ("< a/>", 1, 2),
        ("<1/>", 1, 2),
        ("<a:b/>", 1, 2),
        ("<:a/>", 1, 2),
        ("<a:/>", 1, 4),
        ("<a b:c=''/>", 1, 4),
        ("<a xmlns:b='u' xmlns:c='u' b:d='' c:d=''/>", 1, 35),
        ("<a xmlns:b=''/>", 1, 4),
        ("<a xmlns:xml='u'/>", 1, 4),
        ("<a xmlns:xmlns='u'/>", 1, 4),
        ("<a xmlns='http://www.w3.org/2000/xmlns/'/>", 1, 4),
        ("<a:b:c xmlns:a='u'/>", 1, 5),
        ("<?xml encoding='utf-8'?><a/>", 1, 6),
        ("<?xml version='1.0' standalone='maybe'?><a/>", 1, 39),
        ("<a></a", 1, 7),
        ("<a></a b>", 1, 8),
    ] {
        let error = Document::parse(text).expect_err(text);

        assert_eq!((error.line, error.column), (line, column), "{text}: {error}");
    }
}
