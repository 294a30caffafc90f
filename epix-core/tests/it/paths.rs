//! Does the description know every path of its version, no more and no fewer, as the schema and our own list do?

use std::collections::{BTreeMap, BTreeSet};
use std::fs;

use epix_core::version::{V1, V2, VersionSpec};
use epix_core::wire::describe::Occurs;
use epix_core::wire::{v1, v2};
use roxmltree::{Document, Node};

use crate::fixture;

const XS: &str = "http://www.w3.org/2001/XMLSchema";

/// One line of the list: path, occurrence, attributes.
fn line(path: &str, occurs: &str, attributes: &[&str]) -> String {
    format!("{path}\t{occurs}\t{}\n", attributes.join(" "))
}

/// A path, how often it may stand, its attributes.
type Path = (String, Occurs, &'static [&'static str]);

/// A version and what is known of its paths.
struct Known {
    spec: &'static VersionSpec,
    folder: &'static str,
    paths: fn() -> Vec<Path>,
    count: usize,
}

const VERSIONS: [Known; 2] = [
    Known { spec: &V1, folder: "v1", paths: v1::described_paths, count: 258 },
    Known { spec: &V2, folder: "v2", paths: v2::described_paths, count: 253 },
];

impl Known {
    fn described(&self) -> Vec<String> {
        let occurs = |occurs: &Occurs| match occurs {
            Occurs::Once => "1..1",
            Occurs::AtMostOnce => "0..1",
            Occurs::Many => "0..n",
        };
        (self.paths)().iter().map(|(path, often, attributes)| line(path, occurs(often), attributes)).collect()
    }
}

#[test]
fn the_generated_list_is_the_description() {
    for known in VERSIONS {
        let list = format!("path\toccurs\tattributes\n{}", known.described().concat());

        fixture::compare(&format!("{}/paths.tsv", known.folder), list.as_bytes());
        assert_eq!(known.described().len(), known.count, "{}", known.folder);
    }
}

#[test]
fn the_schema_declares_the_described_paths() {
    for known in VERSIONS {
        let folder = fixture::folder().join("../xsd").join(known.folder);
        let schema = |name: &str| fs::read_to_string(folder.join(name)).unwrap();
        let root = known.spec.root;
        let (message, components) = (schema(&format!("{root}.xsd")), schema("components.xsd"));
        let (message, components) = (Document::parse(&message).unwrap(), Document::parse(&components).unwrap());
        let types = [&message, &components].into_iter().flat_map(Document::descendants);
        let types: BTreeMap<_, _> = types
            .filter(|node| node.has_tag_name((XS, "complexType")))
            .map(|node| (node.attribute("name").unwrap(), node))
            .collect();

        let mut declared = vec![line(root, "1..1", &[])];
        walk(&types, &format!("{root}Type"), root, &mut declared);

        assert_eq!(declared, known.described(), "{}", known.folder);
    }
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
    for known in VERSIONS {
        let text = fixture::text(&format!("{}/valid/xa-every-path.xml", known.folder));
        let document = Document::parse(&text).unwrap();
        let used = document.descendants().filter(Node::is_element).map(|node| {
            let attributes: BTreeSet<_> = node.attributes().map(|attribute| attribute.name().to_owned()).collect();
            (path_of(node), attributes)
        });

        let paths = (known.paths)().into_iter();
        let paths = paths.map(|(path, _, names)| (path, names.iter().map(|name| (*name).to_owned()).collect()));

        assert_eq!(used.collect::<Vec<_>>(), paths.collect::<Vec<_>>(), "{}", known.folder);
    }
}

fn path_of(node: Node<'_, '_>) -> String {
    let mut names: Vec<_> = node.ancestors().filter(Node::is_element).map(|node| node.tag_name().name()).collect();
    names.reverse();
    names.join("/")
}
