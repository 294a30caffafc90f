//! Does the schema module find what is wrong, say where, and leave the world alone?

use std::io::ErrorKind;
use std::net::TcpListener;
use std::thread;

use epix_native::schema::{MOST_VIOLATIONS, Schema, SchemaError, Violation};

const ORDER: &[u8] = br#"
<xs:schema xmlns:xs="http://www.w3.org/2001/XMLSchema" xmlns:o="urn:order" xmlns:p="urn:parts"
           targetNamespace="urn:order" elementFormDefault="qualified">
  <xs:import namespace="urn:parts" schemaLocation="parts.xsd"/>
  <xs:element name="order">
    <xs:complexType>
      <xs:sequence>
        <xs:element name="number" type="xs:token"/>
        <xs:element name="line" type="p:Line" minOccurs="0" maxOccurs="unbounded"/>
      </xs:sequence>
    </xs:complexType>
  </xs:element>
</xs:schema>"#;

const PARTS: &[u8] = br#"
<xs:schema xmlns:xs="http://www.w3.org/2001/XMLSchema" xmlns:p="urn:parts"
           targetNamespace="urn:parts" elementFormDefault="qualified">
  <xs:complexType name="Line">
    <xs:sequence>
      <xs:element name="item" type="p:Item"/>
      <xs:element name="quantity" type="p:Quantity"/>
    </xs:sequence>
  </xs:complexType>
  <xs:simpleType name="Item">
    <xs:restriction base="xs:token"><xs:pattern value="[A-Z]{2}"/></xs:restriction>
  </xs:simpleType>
  <xs:complexType name="Quantity">
    <xs:simpleContent>
      <xs:extension base="xs:decimal">
        <xs:attribute name="unit" type="p:Unit" use="required"/>
      </xs:extension>
    </xs:simpleContent>
  </xs:complexType>
  <xs:simpleType name="Unit">
    <xs:restriction base="xs:token"><xs:enumeration value="KGM"/><xs:enumeration value="PCS"/></xs:restriction>
  </xs:simpleType>
</xs:schema>"#;

fn order_schema() -> Schema {
    Schema::compile("order.xsd", &[("order.xsd", ORDER), ("parts.xsd", PARTS)]).expect("the schema is good")
}

/// An order with these lines, one XML line each, from line 3 on.
fn order(lines: &[&str]) -> String {
    let lines = lines.join("\n");
    format!("<o:order xmlns:o='urn:order' xmlns:p='urn:parts'>\n<o:number>1</o:number>\n{lines}\n</o:order>")
}

const GOOD_LINE: &str = "<o:line><p:item>AB</p:item><p:quantity unit='KGM'>1.5</p:quantity></o:line>";

fn violations(lines: &[&str]) -> Vec<Violation> {
    order_schema().validate(&order(lines)).expect("the order is XML")
}

#[test]
fn a_valid_document_has_no_violations() {
    assert_eq!(violations(&[GOOD_LINE, GOOD_LINE]), []);
}

#[test]
fn a_wrong_value_names_its_element() {
    let found =
        violations(&[GOOD_LINE, "<o:line><p:item>AB</p:item><p:quantity unit='KGM'>many</p:quantity></o:line>"]);

    assert_eq!(
        found,
        [Violation {
            code: 1824,
            message: "'many' is not a valid value of the atomic type 'xs:decimal'.".into(),
            line: 4,
            element: vec![2, 1],
            attribute: None,
        }]
    );
}

#[test]
fn a_broken_pattern_names_its_element() {
    let found = violations(&["<o:line><p:item>ABC</p:item><p:quantity unit='KGM'>1</p:quantity></o:line>"]);

    assert!(found.iter().any(|violation| violation.code == 1839), "{found:?}");
    assert!(found.iter().all(|violation| violation.element == [1, 0]), "{found:?}");
}

#[test]
fn a_wrong_attribute_value_names_the_attribute() {
    let found = violations(&["<o:line><p:item>AB</p:item><p:quantity unit='TON'>1</p:quantity></o:line>"]);

    assert!(found.iter().any(|violation| violation.code == 1840), "{found:?}");
    for violation in &found {
        assert_eq!(violation.element, [1, 1]);
        assert_eq!(violation.attribute.as_deref(), Some("unit"));
    }
}

#[test]
fn a_missing_attribute_is_named() {
    let found = violations(&["<o:line><p:item>AB</p:item><p:quantity>1</p:quantity></o:line>"]);

    assert_eq!(found.len(), 1);
    assert_eq!((found[0].code, &found[0].element[..]), (1868, &[1, 1][..]));
    assert_eq!(found[0].attribute.as_deref(), Some("unit"));
}

#[test]
fn a_strange_attribute_is_named() {
    let found = violations(&["<o:line colour='red'><p:item>AB</p:item><p:quantity unit='KGM'>1</p:quantity></o:line>"]);

    assert_eq!(found.len(), 1);
    assert_eq!((found[0].code, &found[0].element[..]), (1866, &[1][..]));
    assert_eq!(found[0].attribute.as_deref(), Some("colour"));
}

#[test]
fn an_unexpected_element_is_the_one_named() {
    let found = violations(&["<o:line><p:item>AB</p:item><p:weight>1</p:weight></o:line>"]);

    assert_eq!(found.len(), 1);
    assert_eq!((found[0].code, &found[0].element[..]), (1871, &[1, 1][..]));
    assert_eq!(found[0].message, "This element is not expected. Expected is ( quantity ).");
}

#[test]
fn an_element_in_another_namespace_is_told_the_expected_one() {
    let found = violations(&["<o:line><p:item>AB</p:item><o:quantity>1</o:quantity></o:line>"]);

    assert_eq!(found.len(), 1);
    assert_eq!(found[0].message, "This element is not expected. Expected is ( {urn:parts}quantity ).");
}

#[test]
fn a_missing_element_is_reported_at_its_parent() {
    let found = violations(&["<o:line><p:item>AB</p:item></o:line>"]);

    assert_eq!(found.len(), 1);
    assert_eq!((found[0].code, &found[0].element[..]), (1871, &[1][..]));
}

#[test]
fn stray_text_is_reported_at_the_element_that_holds_it() {
    let found = violations(&[&GOOD_LINE.replace("<p:quantity", "text<p:quantity")]);

    assert_eq!(found.len(), 1);
    assert_eq!(found[0].element, [1]);
}

#[test]
fn an_unknown_root_is_reported_at_the_root() {
    let found = order_schema().validate("<order/>").unwrap();

    assert_eq!(found.len(), 1);
    assert_eq!((found[0].code, &found[0].element[..]), (1845, &[][..]));
}

#[test]
fn comments_and_text_do_not_count_as_elements() {
    let found = violations(&[
        "<!-- one --> <?two?> ",
        GOOD_LINE,
        "<o:line><!-- x --><p:item>AB</p:item><p:quantity unit='KGM'>many</p:quantity></o:line>",
    ]);

    assert_eq!(found.len(), 1);
    assert_eq!(found[0].element, [2, 1]);
}

#[test]
fn violations_come_in_document_order() {
    let found = violations(&[
        "<o:line><p:item>abc</p:item></o:line>",
        "<o:line><p:item>AB</p:item><p:quantity>x</p:quantity></o:line>",
    ]);

    let places: Vec<_> = found.iter().map(|violation| violation.element.clone()).collect();
    let mut sorted = places.clone();
    sorted.sort();
    assert_eq!(places, sorted);
    assert_eq!(places[0], [1], "the missing child is found last and belongs first");
}

#[test]
fn a_message_is_one_line_and_short() {
    let long = "a\nlong\tvalue ".repeat(1_000);
    let found = violations(&[&GOOD_LINE.replace("1.5", &long)]);

    assert!(found[0].message.starts_with("'a long value a long"), "{}", found[0].message);
    assert!(found[0].message.chars().count() <= 301);
}

#[test]
fn the_list_is_cut_and_says_so() {
    let bad = GOOD_LINE.replace("1.5", "x");
    let found = violations(&vec![bad.as_str(); MOST_VIOLATIONS + 50]);

    assert_eq!(found.len(), MOST_VIOLATIONS + 1);
    let last = found.last().unwrap();
    assert_eq!(last.code, Violation::CUT);
    assert_eq!(last.message, "only 200 of 250 violations are listed");
}

#[test]
fn a_line_past_65535_is_found_again() {
    let lines = 70_000;
    let mut many = vec![GOOD_LINE; lines];
    let bad = GOOD_LINE.replace("1.5", "x");
    many[lines - 10] = &bad;

    let found = violations(&many);

    let truth = u32::try_from(lines - 10 + 3).unwrap();
    assert_eq!(found.len(), 1);
    assert_eq!(found[0].element, [lines - 10 + 1, 1]);
    assert!((truth..truth + 3).contains(&found[0].line), "{} {truth}", found[0].line);
}

#[test]
fn what_is_not_xml_is_an_error_not_a_violation() {
    let schema = order_schema();
    for (text, line) in [("", 1), ("<a>\n<b></a>", 2), ("<a/><a/>", 1), ("<x:a/>", 1), ("<a>\0</a>", 1)] {
        match schema.validate(text) {
            Err(SchemaError::NotWellFormed { line: at, .. }) => assert_eq!(at, line, "{text}"),
            other => panic!("{text}: {other:?}"),
        }
    }
}

#[test]
fn a_document_type_is_an_error() {
    let found = order_schema().validate("<!DOCTYPE a [<!ENTITY b SYSTEM 'file:///etc/passwd'>]><a>&b;</a>");

    assert_eq!(found, Err(SchemaError::DocumentType));
}

#[test]
fn the_declared_encoding_is_ignored() {
    let text = order(&[]).replace("<o:number>1<", "<o:number>é<");

    let found = order_schema().validate(&format!("<?xml version='1.0' encoding='UTF-16'?>{text}"));

    assert_eq!(found, Ok(vec![]));
}

#[test]
fn the_entry_document_must_be_given() {
    let refused = Schema::compile("other.xsd", &[("order.xsd", ORDER)]).err();

    assert_eq!(refused, Some(SchemaError::MissingMain { name: "other.xsd".into() }));
}

#[test]
fn a_broken_schema_says_where() {
    let broken = std::str::from_utf8(PARTS).unwrap().replace("p:Unit\"", "p:Unti\"");

    let refused = Schema::compile("order.xsd", &[("order.xsd", ORDER), ("parts.xsd", broken.as_bytes())]);

    match refused.err() {
        Some(SchemaError::BrokenSchema { document, line, message }) => {
            assert_eq!((document.as_str(), line), ("parts.xsd", 16));
            assert!(message.contains("Unti"), "{message}");
        }
        other => panic!("{other:?}"),
    }
}

/// A schema that is complete by itself and also imports something from `location`, which libxml2 alone would only warn of.
fn importing(location: &str) -> String {
    format!(
        "<xs:schema xmlns:xs='http://www.w3.org/2001/XMLSchema'>
           <xs:import namespace='urn:elsewhere' schemaLocation='{location}'/>
           <xs:element name='a'/>
         </xs:schema>"
    )
}

#[test]
fn a_reference_to_anything_not_given_is_refused_and_not_fetched() {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    listener.set_nonblocking(true).unwrap();
    let http = format!("http://{}/parts.xsd", listener.local_addr().unwrap());

    for location in [&http, "file:///etc/passwd", "/etc/passwd", "../parts.xsd", "missing.xsd"] {
        let refused = Schema::compile("main.xsd", &[("main.xsd", importing(location).as_bytes())]);
        match refused.err() {
            Some(SchemaError::OutsideReference { reference }) => {
                let name = location.trim_start_matches("../");
                assert!(reference.ends_with(name), "{reference} {location}");
            }
            other => panic!("{location}: {other:?}"),
        }
    }

    assert_eq!(listener.accept().unwrap_err().kind(), ErrorKind::WouldBlock);
}

#[test]
fn an_entity_in_a_schema_is_refused_and_not_fetched() {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    listener.set_nonblocking(true).unwrap();
    let http = format!("http://{}/entity", listener.local_addr().unwrap());
    let text = format!(
        "<!DOCTYPE s [<!ENTITY e SYSTEM '{http}'>]><xs:schema xmlns:xs='http://www.w3.org/2001/XMLSchema'>&e;</xs:schema>"
    );

    let refused = Schema::compile("main.xsd", &[("main.xsd", text.as_bytes())]);

    assert!(matches!(refused.err(), Some(SchemaError::OutsideReference { reference }) if reference == http));
    assert_eq!(listener.accept().unwrap_err().kind(), ErrorKind::WouldBlock);
}

#[test]
fn a_schema_location_in_the_document_is_not_fetched() {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    listener.set_nonblocking(true).unwrap();
    let address = listener.local_addr().unwrap();
    let hint = format!(
        "<o:order xmlns:xsi='http://www.w3.org/2001/XMLSchema-instance' \
         xsi:schemaLocation='urn:order http://{address}/a.xsd urn:other http://{address}/b.xsd' \
         xsi:noNamespaceSchemaLocation='http://{address}/c.xsd'"
    );
    let text = order(&[GOOD_LINE]).replace("<o:order", &hint);

    let found = order_schema().validate(&text);

    assert_eq!(found, Ok(vec![]));
    assert_eq!(listener.accept().unwrap_err().kind(), ErrorKind::WouldBlock);
}

#[test]
fn threads_share_one_schema_and_agree() {
    let schema = order_schema();
    let documents: Vec<String> =
        (0..40).map(|i| order(&vec![if i % 2 == 0 { GOOD_LINE } else { "<o:line/>" }; i])).collect();
    let expected: Vec<_> = documents.iter().map(|xml| schema.validate(xml)).collect();

    thread::scope(|scope| {
        for _ in 0..4 {
            scope.spawn(|| {
                for _ in 0..20 {
                    let found: Vec<_> = documents.iter().map(|xml| schema.validate(xml)).collect();
                    assert_eq!(found, expected);
                    assert!(order_schema().validate(&documents[2]).unwrap().is_empty());
                }
            });
        }
    });
}

#[test]
fn a_namespace_name_that_is_no_uri_is_a_name_like_another() {
    let odd = GOOD_LINE.replace("<o:line>", "<o:line xmlns:x='no uri'>");

    assert!(violations(&[&odd]).is_empty());
    assert_eq!(
        violations(&[&odd.replace("p:item>AB", "x:item xmlns:x='&lt;'>AB").replace("</p:item", "</x:item")]).len(),
        1
    );
}

#[test]
fn a_document_that_is_wrong_everywhere_comes_to_an_end() {
    let bad = "<o:line><p:item>a</p:item><p:quantity unit='?' x='1'>x</p:quantity></o:line>";

    // Libxml2 alone takes minutes for as many: it walks back to the first line from each of the errors.
    let found = violations(&[bad; 60_000]);

    assert_eq!(found.len(), MOST_VIOLATIONS + 1);
    assert_eq!(found[MOST_VIOLATIONS].code, Violation::CUT);
}
