//! Which attacks are large? Made here, each by a row, because nobody wants to keep them.

use epix_core::version::V2;

/// A large document and what must be said of it.
pub(crate) struct Made {
    pub(crate) name: &'static str,
    pub(crate) end: End,
    pub(crate) make: fn() -> Vec<u8>,
}

/// How it must end.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum End {
    /// Refused, with an error of this rule.
    Refused(&'static str),
    /// Accepted as what it is.
    Accepted,
}

use End::{Accepted, Refused};

const fn made(name: &'static str, end: End, make: fn() -> Vec<u8>) -> Made {
    Made { name, end, make }
}

/// One attack each.
pub(crate) const MADE: &[Made] = &[
    made("larger than any document", Refused("EPIX-GUARD-01"), || vec![b'<'; (24 << 20) + 1]),
    made("entities of 16 MiB", Refused("EPIX-GUARD-04"), || {
        format!("<!DOCTYPE a [<!ENTITY b \"{}\">]><a>&b;</a>", "b".repeat(16 << 20)).into_bytes()
    }),
    made("100,000 entities", Refused("EPIX-GUARD-04"), || {
        format!("<!DOCTYPE a [{}]><a/>", numbered(100_000, |i| format!("<!ENTITY e{i} '{i}'>"))).into_bytes()
    }),
    made("500,000 levels", Refused("EPIX-GUARD-06"), || header(&"<a>".repeat(500_000))),
    made("one level too many", Refused("EPIX-GUARD-06"), || header(&nested(63, ""))),
    made("as many levels as are allowed", Refused("EPIX-READ-01"), || header(&nested(62, "x"))),
    made("200,001 elements", Refused("EPIX-GUARD-06"), || header(&"<a/>".repeat(200_001))),
    made("600,001 comments", Refused("EPIX-GUARD-06"), || header(&"<!---->".repeat(600_001))),
    made("700,000 attributes", Refused("EPIX-GUARD-06"), || {
        header(&format!("<a{}/>", numbered(28, |i| format!(" a{i}=''"))).repeat(25_000))
    }),
    made("50,000 attributes on one element", Refused("EPIX-GUARD-06"), || {
        header(&format!("<a{}/>", numbered(50_000, |i| format!(" a{i}='1'"))))
    }),
    made("50,000 attributes of one name", Refused("EPIX-XML-01"), || {
        header(&format!("<a{}/>", " a='1'".repeat(50_000)))
    }),
    made("20,000 namespaces on one element", Refused("EPIX-GUARD-06"), || {
        header(&format!("<a{}/>", numbered(20_000, |i| format!(" xmlns:n{i}='u{i}'"))))
    }),
    made("20,000 namespaces side by side", Refused("EPIX-GUARD-06"), || {
        header(&numbered(20_000, |i| format!("<a xmlns:n{i}='u{i}'/>")))
    }),
    made("20,000 namespaces within each other", Refused("EPIX-GUARD-06"), || {
        header(&numbered(20_000, |i| format!("<a xmlns:n{i}='u{i}'>")))
    }),
    made("as many namespaces in scope as are allowed", Refused("EPIX-READ-01"), || {
        let open = numbered(30, |i| format!("<a xmlns:n{i}='u{i}'>"));
        header(&format!("{open}{}{}", "<b>1</b>".repeat(100_000), "</a>".repeat(30)))
    }),
    made("100,000 unknown elements", Refused("EPIX-READ-01"), || header(&"<Nonsense>1</Nonsense>".repeat(100_000))),
    made("100,000 singletons", Refused("EPIX-READ-02"), || header(&"<CopyIndicator>1</CopyIndicator>".repeat(100_000))),
    made("100,000 wrong values", Refused("EPIX-READ-07"), || {
        header(&"<IssueDateTime>never</IssueDateTime>".repeat(100_000))
    }),
    made("100,000 stray texts", Refused("EPIX-READ-05"), || header(&"<Name>n</Name>stray".repeat(100_000))),
    made("100,000 elements in values", Refused("EPIX-READ-08"), || {
        header(&format!("<Name>{}</Name>", "<b>1</b>".repeat(100_000)))
    }),
    made("100,000 unknown attributes", Refused("EPIX-READ-06"), || header(&"<Name a='1'>n</Name>".repeat(100_000))),
    made("100,000 empty elements", Accepted, || header(&"<Name/>".repeat(100_000))),
    made("100,000 placeholders", Accepted, || header(&"<Name languageID='?'>n</Name>".repeat(100_000))),
    made("900 elements in no namespace", Accepted, || header(&"<Name xmlns=''>n</Name>".repeat(900))),
    made("20,000 positions", Accepted, || {
        consignment(&numbered(20_000, |i| {
            format!("<IncludedSupplyChainConsignmentItem><ID>{i}</ID></IncludedSupplyChainConsignmentItem>")
        }))
    }),
    made("a text of 12 MiB", Accepted, || value(&"text".repeat(3 << 20))),
    made("a text of 12 MiB on one line, with attributes", Accepted, || {
        header(&format!("<Name languageID='?' schemeID='?'>{}</Name>", "é".repeat(6 << 20)))
    }),
    made("a number of 1 MiB", Refused("EPIX-READ-07"), || {
        let quantity = format!("<UnitQuantity>{}</UnitQuantity>", "7".repeat(1 << 20));
        consignment(&format!("<ExaminationTransportEvent>{quantity}</ExaminationTransportEvent>"))
    }),
    made("a moment of 1 MiB", Refused("EPIX-READ-07"), || {
        header(&format!("<IssueDateTime>2026-01-01T00:00:00.{}x</IssueDateTime>", "0".repeat(1 << 20)))
    }),
    made("a moment between 8 MiB of blanks", Accepted, || {
        let blanks = " ".repeat(4 << 20);
        header(&format!("<IssueDateTime>{blanks}2026-01-01T00:00:00Z{blanks}</IssueDateTime>"))
    }),
    made("a permit number of 1 MiB", Refused("EPIX-KEY-01"), || permit("", "9".repeat(1 << 20).as_str(), "", "")),
    made("500,000 references", Accepted, || value(&"&#x20AC;&amp;".repeat(500_000))),
    made("500,000 CDATA sections", Accepted, || value(&"<![CDATA[]]>x".repeat(500_000))),
    made("500,000 comments in a text", Accepted, || value(&"<!---->x".repeat(500_000))),
    made("a comment of 12 MiB", Accepted, || header(&format!("<!--{}-->", "-> ".repeat(4 << 20)))),
    made("8 MiB of line breaks", Accepted, || header(&"\n".repeat(8 << 20))),
    made("8 MiB of blanks at the deepest level", Refused("EPIX-READ-01"), || {
        header(&nested(61, &format!("<b>{}</b>x", " ".repeat(8 << 20))))
    }),
    made("an element name of 1 MiB", Refused("EPIX-READ-01"), || header(&format!("<{0}>1</{0}>", "n".repeat(1 << 20)))),
    made("an attribute name of 1 MiB", Refused("EPIX-READ-06"), || {
        header(&format!("<Name {}='1'>n</Name>", "é".repeat(1 << 19)))
    }),
    made("an attribute value of 8 MiB", Accepted, || {
        header(&format!("<Name languageID='{}'>n</Name>", "e".repeat(8 << 20)))
    }),
    made("a namespace name of 1 MiB", Accepted, || {
        permit(&format!("xmlns:x='urn:{}'", "x".repeat(1 << 20)), "1", "", "")
    }),
    made("1,000 long prefixes", Refused("EPIX-GUARD-06"), || {
        header(&numbered(1_000, |i| format!("<a xmlns:{}{i}='u'/>", "p".repeat(1_000))))
    }),
    made("an answer with an attachment of 8 MiB", Accepted, || {
        let permit = String::from_utf8(header("")).expect("it is text");
        let content = "QUJD".repeat(2 << 20);
        format!("<e xmlns=''>{permit}<Attachments><AttachmentContent>{content}</AttachmentContent></Attachments></e>")
            .into_bytes()
    }),
    made("1,000 permits", Refused("EPIX-VERSION-02"), || {
        let one = format!("<CITESEPermit xmlns=\"{}\"/>", V2.message_namespace);
        format!("<e>{}</e>", one.repeat(900)).into_bytes()
    }),
];

/// A permit with some elements in its header.
pub(crate) fn header(content: &str) -> Vec<u8> {
    permit("", "1", content, "")
}

fn consignment(content: &str) -> Vec<u8> {
    permit("", "1", "", content)
}

fn value(text: &str) -> Vec<u8> {
    header(&format!("<Information>{text}</Information>"))
}

/// A permit; `open` is what the root's start tag says besides its name.
pub(crate) fn permit(open: &str, number: &str, header: &str, consignment: &str) -> Vec<u8> {
    let (message, components) = (V2.message_namespace, V2.component_namespace);
    format!(
        "<r:CITESEPermit xmlns:r=\"{message}\" xmlns=\"{components}\" {open}><r:SpecifiedExchangedDocumentContext/>\
         <r:HeaderExchangedDocument><ID>{number}</ID>{header}</r:HeaderExchangedDocument>\
         <r:SpecifiedSupplyChainConsignment>{consignment}</r:SpecifiedSupplyChainConsignment></r:CITESEPermit>"
    )
    .into_bytes()
}

fn nested(levels: usize, inside: &str) -> String {
    format!("{}{inside}{}", "<a>".repeat(levels), "</a>".repeat(levels))
}

fn numbered(count: usize, piece: fn(usize) -> String) -> String {
    (0..count).map(piece).collect()
}
