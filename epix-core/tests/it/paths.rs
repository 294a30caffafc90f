//! Does the description know the 253 paths of toolkit 2.0, no more and no fewer, as the schema and our own list do?

use std::collections::{BTreeMap, BTreeSet};
use std::fs;

use epix_core::version::V2;
use epix_core::wire::describe::Occurs;
use epix_core::wire::v2::described_paths;
use roxmltree::{Document, Node};

use crate::fixture;

const XS: &str = "http://www.w3.org/2001/XMLSchema";

/// One line of the list: path, occurrence, attributes.
fn line(path: &str, occurs: &str, attributes: &[&str]) -> String {
    format!("{path}\t{occurs}\t{}\n", attributes.join(" "))
}

fn described() -> Vec<String> {
    let paths = described_paths();
    let occurs = |occurs: &Occurs| match occurs {
        Occurs::Once => "1..1",
        Occurs::AtMostOnce => "0..1",
        Occurs::Many => "0..n",
    };
    paths.iter().map(|(path, often, attributes)| line(path, occurs(often), attributes)).collect()
}

#[test]
fn the_description_is_the_list() {
    let list = format!("path\toccurs\tattributes\n{}", described().concat());

    fixture::compare("v2/paths.tsv", list.as_bytes());
    assert_eq!(described().len(), 253);
}

#[test]
fn the_schema_declares_the_described_paths() {
    let schema = |name: &str| fs::read_to_string(fixture::folder().join("../xsd/v2").join(name)).unwrap();
    let (message, components) = (schema("CITESEPermit.xsd"), schema("components.xsd"));
    let (message, components) = (Document::parse(&message).unwrap(), Document::parse(&components).unwrap());
    let types = [&message, &components].into_iter().flat_map(Document::descendants);
    let types: BTreeMap<_, _> = types
        .filter(|node| node.has_tag_name((XS, "complexType")))
        .map(|node| (node.attribute("name").unwrap(), node))
        .collect();

    let mut declared = vec![line(V2.root, "1..1", &[])];
    walk(&types, "CITESEPermitType", V2.root, &mut declared);

    assert_eq!(declared, described());
}

/// Adds the paths below a type, in the schema's order.
fn walk(types: &BTreeMap<&str, Node<'_, '_>>, name: &str, above: &str, declared: &mut Vec<String>) {
    for element in types[name].descendants().filter(|node| node.has_tag_name((XS, "element"))) {
        let path = format!("{above}/{}", element.attribute("name").unwrap());
        let (min, max) = (element.attribute("minOccurs").unwrap_or("1"), element.attribute("maxOccurs").unwrap_or("1"));
        let (prefix, local) = element.attribute("type").unwrap().split_once(':').unwrap();
        let below = types.get(local).filter(|_| prefix != "xs");
        let attributes = below.map(|below| attributes(*below)).unwrap_or_default();
        declared.push(line(&path, &format!("{min}..{}", max.replace("unbounded", "n")), &attributes));
        if below.is_some() {
            walk(types, local, &path, declared);
        }
    }
}

fn attributes<'a>(declared: Node<'a, '_>) -> Vec<&'a str> {
    let attributes = declared.descendants().filter(|node| node.has_tag_name((XS, "attribute")));
    attributes.map(|attribute| attribute.attribute("name").unwrap()).collect()
}

#[test]
fn one_fixture_uses_every_path_and_attribute_once() {
    let text = fixture::text("v2/valid/xa-every-path.xml");
    let document = Document::parse(&text).unwrap();
    let path_of = |node: Node<'_, '_>| {
        let mut names: Vec<_> = node.ancestors().filter(Node::is_element).map(|node| node.tag_name().name()).collect();
        names.reverse();
        names.join("/")
    };
    let used = document.descendants().filter(Node::is_element).map(|node| {
        let attributes: BTreeSet<_> = node.attributes().map(|attribute| attribute.name().to_owned()).collect();
        (path_of(node), attributes)
    });

    let known = described_paths().into_iter();
    let known = known.map(|(path, _, names)| (path, names.iter().map(|name| (*name).to_owned()).collect()));

    assert_eq!(used.collect::<Vec<_>>(), known.collect::<Vec<_>>());
}
