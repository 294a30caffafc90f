//! Is every attack refused, in the end and without a panic, and is nothing outside the document ever touched?
//!
//! Small ones lie in `fixtures/hostile`, named after the rule that stops them; large ones are made here.

use std::collections::BTreeSet;
use std::io::ErrorKind;
use std::net::TcpListener;

use epix_core::receive::{inspect, receive, receive_again};
use epix_core::report::LISTED;
use epix_core::version::V2;

use crate::{fixture, invalid};

/// Stands in the stored files where the test puts the port it listens on.
const PORT: &str = "@PORT@";

/// The one rule for which bytes are refused.
fn rule_of(bytes: &[u8]) -> &'static str {
    let refused = receive(bytes).expect_err("a hostile document is refused");
    refused.report.errors().next().expect("with a reason").rule.0
}

/// A permit around some elements of its header; `open` is what the root's start tag says besides its name.
fn permit_with(open: &str, header: &str) -> String {
    let (message, components) = (V2.message_namespace, V2.component_namespace);
    format!(
        "<r:CITESEPermit xmlns:r=\"{message}\" xmlns=\"{components}\" {open}><r:SpecifiedExchangedDocumentContext/>\
         <r:HeaderExchangedDocument><ID>1</ID>{header}</r:HeaderExchangedDocument>\
         <r:SpecifiedSupplyChainConsignment/></r:CITESEPermit>"
    )
}

#[test]
fn a_hostile_file_is_refused_by_the_rule_it_is_named_after_and_fetches_nothing() {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    listener.set_nonblocking(true).unwrap();
    let port = listener.local_addr().unwrap().port().to_string();
    let mut covered = BTreeSet::new();

    for name in fixture::names("hostile") {
        let mut bytes = fixture::bytes(&format!("hostile/{name}"));
        if let Ok(text) = std::str::from_utf8(&bytes) {
            bytes = text.replace(PORT, &port).into_bytes();
        }
        let rule = name.split_once("--").unwrap().0;
        assert_eq!(rule_of(&bytes), rule, "{name}");
        covered.insert(rule.to_owned());
    }

    assert_eq!(listener.accept().unwrap_err().kind(), ErrorKind::WouldBlock);
    // Size and limits take large documents: the tests below make them.
    covered.extend(["EPIX-GUARD-01".to_owned(), "EPIX-GUARD-06".to_owned()]);
    let declared: BTreeSet<_> = invalid::ids_of("GUARD").into_iter().map(str::to_owned).collect();
    assert_eq!(covered, declared);
}

#[test]
fn what_a_document_points_to_is_not_fetched() {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    listener.set_nonblocking(true).unwrap();
    let url = format!("http://{}/x", listener.local_addr().unwrap());
    let hint = format!(
        "xmlns:i=\"http://www.w3.org/2001/XMLSchema-instance\" i:schemaLocation=\"{} {url}\" \
         i:noNamespaceSchemaLocation=\"{url}\"",
        V2.message_namespace
    );
    let include =
        format!("<x:include xmlns:x=\"http://www.w3.org/2001/XInclude\" href=\"{url}\" parse=\"text\">x</x:include>");

    assert!(receive_again(permit_with(&hint, "").as_bytes()).is_ok());
    assert!(inspect(permit_with("", &include).as_bytes()).1.rule_ids().contains(&"EPIX-READ-01"));

    assert_eq!(listener.accept().unwrap_err().kind(), ErrorKind::WouldBlock);
}

#[test]
fn a_document_past_the_size_limit_is_refused_unread() {
    assert_eq!(rule_of(&vec![b'<'; (24 << 20) + 1]), "EPIX-GUARD-01");
}

#[test]
fn a_document_past_another_limit_is_refused() {
    let attributes: String = (0..50_000).map(|i| format!(" a{i}='1'")).collect();
    let namespaces: String = (0..2_000).map(|i| format!("<a xmlns:n{i}='u'/>")).collect();
    let nested: String = (0..100).map(|i| format!("<a xmlns:n{i}='u'>")).collect();

    for content in [
        "<a>".repeat(500_000),
        "<a/>".repeat(200_001),
        "<!---->".repeat(600_001),
        format!("<a{attributes}/>"),
        namespaces,
        nested,
    ] {
        assert_eq!(rule_of(permit_with("", &content).as_bytes()), "EPIX-GUARD-06");
    }
}

#[test]
fn a_hundred_thousand_findings_end_in_a_short_list() {
    let elements = 100_000;
    for (content, rule) in [
        ("<Nonsense>1</Nonsense>".repeat(elements), "EPIX-READ-01"),
        ("<IssueDateTime>never</IssueDateTime>".repeat(elements), "EPIX-READ-07"),
        ("<Name>n</Name>stray".repeat(elements), "EPIX-READ-05"),
        ("<Name/>".repeat(elements), "EPIX-OPEN-02"),
        ("<Name languageID='?'>n</Name>".repeat(elements), "EPIX-OPEN-03"),
        ("<Name xmlns=''>n</Name>".repeat(900), "EPIX-OPEN-04"),
    ] {
        let (_, report) = inspect(permit_with("", &content).as_bytes());

        let of_rule: Vec<_> = report.findings.iter().filter(|finding| finding.rule.0 == rule).collect();
        assert!(report.findings.len() <= 2 * (LISTED + 1), "{rule}: {}", report.findings.len());
        assert!(of_rule.len() >= LISTED / 2, "{rule}: {}", of_rule.len());
        let last = report.findings.last().unwrap();
        assert!(last.sentence.starts_with("there are more findings"), "{rule}: {}", last.sentence);
    }
}

#[test]
fn notes_past_the_list_do_not_hide_an_error_behind_them() {
    let content = format!("{}<Nonsense>1</Nonsense>", "<Name/>".repeat(2 * LISTED));

    assert!(inspect(permit_with("", &content).as_bytes()).1.rule_ids().contains(&"EPIX-READ-01"));
}

#[test]
fn a_blank_moment_where_nothing_is_removed_is_refused() {
    let part = "<r:SpecifiedSupplyChainConsignment/>";
    let document = permit_with("", "").replace(part, &format!("<r:IssueDateTime> </r:IssueDateTime>{part}"));

    assert!(inspect(document.as_bytes()).1.rule_ids().contains(&"EPIX-READ-01"));
}

#[test]
fn what_is_large_and_allowed_comes_to_an_end() {
    let deep = |inside: &str| format!("{}{inside}{}", "<a>".repeat(58), "</a>".repeat(58));
    for content in [
        // Blank text that each level above could ask about again.
        deep(&format!("<b>{}</b>x", " ".repeat(8 << 20))),
        // One line, one place in it per attribute.
        format!("<Name languageID='?' x='?' y='?'>{}</Name>", "é".repeat(4 << 20)),
        format!("<Information>{}</Information>", "&#x20AC;&amp;".repeat(500_000)),
        format!("<Information>{}</Information>", "<![CDATA[]]>x".repeat(500_000)),
        format!("<Information {}='?'>x</Information>", "é".repeat(100_000)),
        "\n".repeat(8 << 20),
        // As many namespaces in scope as the limit allows, on elements that each inherit them.
        format!("{}{}", (0..30).map(|i| format!("<a xmlns:n{i}='u{i}'>")).collect::<String>(), "<b/>".repeat(100_000))
            + &"</a>".repeat(30),
    ] {
        let (_, report) = inspect(permit_with("", &content).as_bytes());

        assert!(report.findings.len() <= 2 * (LISTED + 1));
    }
}
