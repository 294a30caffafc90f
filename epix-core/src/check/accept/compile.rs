//! How does a schema become an acceptor? What stands in the XSD is read literally; what is not known here stops it.

use std::collections::BTreeMap;

use super::value::{Base, Simple};
use super::{Acceptor, Alternative, Attribute, Content, Particle, Symbols, Type};
use crate::wire::tree::{Document, Node};

const XS: &str = "http://www.w3.org/2001/XMLSchema";

/// Something in a schema that the acceptor was not made for, in words.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("the schema uses {0}, which the acceptor does not know")]
pub struct Unknown(pub String);

/// A qualified name as local name and namespace.
type Name = (String, String);

pub(super) fn compile<'b>(documents: &[(&str, &'b [u8])]) -> Result<Acceptor, Unknown> {
    let mut compiler = Compiler::default();
    let read =
        |(name, bytes): &(&str, &'b [u8])| Document::parse(utf8(name, bytes)?).map_err(|e| Unknown(e.to_string()));
    let schemas = documents.iter().map(read).collect::<Result<Vec<_>, _>>()?;
    for schema in &schemas {
        compiler.declare(schema.root_element())?;
    }
    for schema in &schemas {
        compiler.define(schema.root_element())?;
    }
    compiler.finish()
}

fn utf8<'b>(name: &str, bytes: &'b [u8]) -> Result<&'b str, Unknown> {
    std::str::from_utf8(bytes).map_err(|_| Unknown(format!("bytes in {name} that are not UTF-8")))
}

#[derive(Default)]
struct Compiler {
    /// The number of each complex type, and the simple types, by name.
    complex: BTreeMap<Name, usize>,
    simple: BTreeMap<Name, Simple>,
    types: Vec<Option<Type>>,
    symbols: Symbols,
    elements: usize,
    roots: Vec<Alternative>,
}

impl Compiler {
    /// Names the types of one document, so that each may be used before it is defined.
    fn declare(&mut self, schema: Node<'_, '_>) -> Result<(), Unknown> {
        let known = ["targetNamespace", "elementFormDefault", "attributeFormDefault", "version"];
        only(schema, "schema", &known)?;
        let is_usual = schema.attribute("elementFormDefault") == Some("qualified")
            && schema.attribute("attributeFormDefault") == Some("unqualified");
        if !is_usual {
            return Err(Unknown("other forms of names than qualified elements and bare attributes".to_owned()));
        }
        for part in parts(schema) {
            let name = || Ok((part.attribute("name").ok_or_else(|| unknown(part))?.to_owned(), target(schema)));
            match kind(part)? {
                "complexType" => {
                    self.complex.insert(name()?, self.types.len());
                    self.types.push(None);
                }
                "simpleType" => {
                    let simple = restricted(part)?;
                    self.simple.insert(name()?, simple);
                }
                "element" | "import" => {}
                _ => return Err(unknown(part)),
            }
        }
        Ok(())
    }

    fn define(&mut self, schema: Node<'_, '_>) -> Result<(), Unknown> {
        for part in parts(schema) {
            let name = (part.attribute("name").unwrap_or_default().to_owned(), target(schema));
            match kind(part)? {
                "complexType" => {
                    let defined = self.complex_type(part)?;
                    let number = self.complex[&name];
                    self.types[number] = Some(defined);
                }
                "element" => {
                    only(part, "element", &["name", "type"])?;
                    let root = self.element(part)?;
                    self.roots.push(root);
                }
                _ => {}
            }
        }
        Ok(())
    }

    fn finish(self) -> Result<Acceptor, Unknown> {
        let types: Option<Vec<Type>> = self.types.into_iter().collect();
        let types = types.ok_or_else(|| Unknown("a type that is not defined".to_owned()))?;
        Ok(Acceptor { types, symbols: self.symbols, roots: self.roots })
    }

    fn complex_type(&mut self, node: Node<'_, '_>) -> Result<Type, Unknown> {
        only(node, "complexType", &["name"])?;
        let mut defined = Type { attributes: Vec::new(), content: Content::Elements(Vec::new()) };
        for part in parts(node) {
            match kind(part)? {
                "sequence" => defined.content = Content::Elements(self.sequence(part)?),
                "choice" => defined.content = Content::Elements(vec![self.choice(part)?]),
                "simpleContent" => return self.simple_content(part),
                "attribute" => defined.attributes.push(self.attribute(part)?),
                _ => return Err(unknown(part)),
            }
        }
        Ok(defined)
    }

    fn simple_content(&mut self, node: Node<'_, '_>) -> Result<Type, Unknown> {
        only(node, "simpleContent", &[])?;
        let mut inner = parts(node);
        let (Some(extension), None) = (inner.next(), inner.next()) else { return Err(unknown(node)) };
        only(extension, "extension", &["base"])?;
        let value = self.simple_type(extension, "base")?;
        let attributes: Result<_, _> = parts(extension).map(|part| self.attribute(part)).collect();
        Ok(Type { attributes: attributes?, content: Content::Value(value) })
    }

    fn attribute(&self, node: Node<'_, '_>) -> Result<Attribute, Unknown> {
        only(node, "attribute", &["name", "type"])?;
        let name = node.attribute("name").ok_or_else(|| unknown(node))?.to_owned();
        Ok(Attribute { name, value: self.simple_type(node, "type")? })
    }

    fn sequence(&mut self, node: Node<'_, '_>) -> Result<Vec<Particle>, Unknown> {
        only(node, "sequence", &[])?;
        let mut particles = Vec::new();
        for part in parts(node) {
            particles.push(if kind(part)? == "choice" {
                self.choice(part)?
            } else {
                only(part, "element", &["name", "type", "minOccurs", "maxOccurs"])?;
                let (least, most) = occurs(part)?;
                Particle { alternatives: vec![self.element(part)?], least, most }
            });
        }
        Ok(particles)
    }

    fn choice(&mut self, node: Node<'_, '_>) -> Result<Particle, Unknown> {
        only(node, "choice", &["minOccurs", "maxOccurs"])?;
        let mut alternatives = Vec::new();
        for part in parts(node) {
            only(part, "element", &["name", "type"])?;
            alternatives.push(self.element(part)?);
        }
        let (least, most) = occurs(node)?;
        Ok(Particle { alternatives, least, most })
    }

    /// An element by its name, with the number of its type.
    fn element(&mut self, node: Node<'_, '_>) -> Result<Alternative, Unknown> {
        let local = node.attribute("name").ok_or_else(|| unknown(node))?;
        let symbol = self.symbol(local, target(node.document().root_element()));
        let known = qualified(node, "type")?;
        if let Some(is) = self.complex.get(&known) {
            return Ok(Alternative { symbol, is: *is });
        }
        let value = self.simple_type(node, "type")?;
        self.types.push(Some(Type { attributes: Vec::new(), content: Content::Value(value) }));
        Ok(Alternative { symbol, is: self.types.len() - 1 })
    }

    fn symbol(&mut self, local: &str, namespace: String) -> usize {
        let namespaces = self.symbols.entry(local.to_owned()).or_default();
        if let Some((_, symbol)) = namespaces.iter().find(|(known, _)| *known == namespace) {
            return *symbol;
        }
        namespaces.push((namespace, self.elements));
        self.elements += 1;
        self.elements - 1
    }

    fn simple_type(&self, node: Node<'_, '_>, attribute: &str) -> Result<Simple, Unknown> {
        let (local, namespace) = qualified(node, attribute)?;
        let found = if namespace == XS {
            Simple::built_in(&local)
        } else {
            self.simple.get(&(local.clone(), namespace)).cloned()
        };
        found.ok_or_else(|| Unknown(format!("the type {local} for a value")))
    }
}

/// A simple type that narrows one that is built in.
fn restricted(node: Node<'_, '_>) -> Result<Simple, Unknown> {
    only(node, "simpleType", &["name"])?;
    let mut inner = parts(node);
    let (Some(restriction), None) = (inner.next(), inner.next()) else { return Err(unknown(node)) };
    only(restriction, "restriction", &["base"])?;
    let (local, namespace) = qualified(restriction, "base")?;
    let built_in = Simple::built_in(&local).filter(|_| namespace == XS);
    let mut simple = built_in.ok_or_else(|| Unknown(format!("a restriction of {local}")))?;
    for facet in parts(restriction) {
        narrow(&mut simple, facet)?;
    }
    Ok(simple)
}

fn narrow(simple: &mut Simple, facet: Node<'_, '_>) -> Result<(), Unknown> {
    let name = kind(facet)?;
    only(facet, name, &["value"])?;
    let value = facet.attribute("value").ok_or_else(|| unknown(facet))?;
    let number = || value.parse::<usize>().map_err(|_| unknown(facet));
    let long = || value.parse::<u64>().map_err(|_| unknown(facet));
    let (least, most) = (*simple.length.start(), *simple.length.end());
    match name {
        "minLength" => simple.length = least.max(number()?)..=most,
        "maxLength" => simple.length = least..=most.min(number()?),
        "minInclusive" | "maxInclusive" if simple.base != Base::UnsignedInt => return Err(unknown(facet)),
        "minInclusive" => simple.numbers = long()?..=*simple.numbers.end(),
        "maxInclusive" => simple.numbers = *simple.numbers.start()..=long()?,
        "enumeration" => simple.listed.push(value.to_owned()),
        // The only pattern that our schemas use besides lists: so many characters of any kind but line ends.
        "pattern" => {
            let (from, to) = counted(value).ok_or_else(|| Unknown(format!("the pattern {value}")))?;
            simple.length = least.max(from)..=most.min(to);
        }
        _ => return Err(unknown(facet)),
    }
    Ok(())
}

/// The numbers of `.{1,35}`.
fn counted(pattern: &str) -> Option<(usize, usize)> {
    let (from, to) = pattern.strip_prefix(".{")?.strip_suffix('}')?.split_once(',')?;
    Some((from.parse().ok()?, to.parse().ok()?))
}

fn occurs(node: Node<'_, '_>) -> Result<(usize, usize), Unknown> {
    let number = |text: &str| text.parse::<usize>().map_err(|_| unknown(node));
    let least = node.attribute("minOccurs").map_or(Ok(1), number)?;
    let most = match node.attribute("maxOccurs") {
        Some("unbounded") => usize::MAX,
        most => most.map_or(Ok(1), number)?,
    };
    Ok((least, most))
}

/// The elements of a part of a schema, without what only explains it.
fn parts<'a, 'i: 'a>(node: Node<'a, 'i>) -> impl Iterator<Item = Node<'a, 'i>> {
    node.children().filter(|child| child.is_element() && !child.has_tag_name((XS, "annotation")))
}

fn kind<'a>(node: Node<'a, '_>) -> Result<&'a str, Unknown> {
    let is_xs = node.tag_name().namespace() == Some(XS);
    if is_xs { Ok(node.tag_name().name()) } else { Err(unknown(node)) }
}

/// Refuses an element of another name, and one with attributes beside the known ones.
fn only(node: Node<'_, '_>, name: &str, attributes: &[&str]) -> Result<(), Unknown> {
    if kind(node)? != name {
        return Err(unknown(node));
    }
    match node.attributes().find(|attribute| !attributes.contains(&attribute.name())) {
        Some(other) => Err(Unknown(format!("the attribute {} of {name}", other.name()))),
        None => Ok(()),
    }
}

fn target(schema: Node<'_, '_>) -> String {
    schema.attribute("targetNamespace").unwrap_or_default().to_owned()
}

/// The name that an attribute holds, with the namespace of its prefix.
fn qualified(node: Node<'_, '_>, attribute: &str) -> Result<Name, Unknown> {
    let written = node.attribute(attribute).ok_or_else(|| unknown(node))?;
    let (prefix, local) = written.split_once(':').map_or((None, written), |(prefix, local)| (Some(prefix), local));
    let namespace = node.lookup_namespace_uri(prefix).unwrap_or_default();
    Ok((local.to_owned(), namespace.to_owned()))
}

fn unknown(node: Node<'_, '_>) -> Unknown {
    Unknown(format!("{} with this content", node.tag_name().name()))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn schema(content: &str) -> String {
        format!(
            "<xs:schema xmlns:xs='{XS}' xmlns:t='urn:t' targetNamespace='urn:t' elementFormDefault='qualified' \
             attributeFormDefault='unqualified'>{content}</xs:schema>"
        )
    }

    fn accepts(content: &str, document: &str) -> bool {
        let schema = schema(content);
        let acceptor = Acceptor::compile(&[("t.xsd", schema.as_bytes())]).unwrap();
        acceptor.accepts(Document::parse_without_indentation(document).unwrap().root_element())
    }

    const LINES: &str = "<xs:element name='a' type='t:A'/><xs:complexType name='A'><xs:sequence>\
        <xs:element name='b' type='xs:token' minOccurs='0'/><xs:element name='c' type='t:C' maxOccurs='2'/>\
        <xs:element name='e' type='t:E' minOccurs='0'/>\
        </xs:sequence></xs:complexType><xs:complexType name='E'/><xs:complexType name='C'><xs:simpleContent><xs:extension base='xs:decimal'>\
        <xs:attribute name='u' type='xs:token'/></xs:extension></xs:simpleContent></xs:complexType>";

    #[test]
    fn order_number_names_attributes_and_values_are_looked_at() {
        for (inside, is_accepted) in [
            ("<b>x</b>\n<!-- n --><c u='k'>1.5</c>", true),
            ("<c>1</c><c>2</c>", true),
            ("<b/><c>1</c>", true),
            ("<c>1</c><e>\n</e>", true),
            ("", false),
            ("<b>x</b>", false),
            ("<c>1</c><b>x</b>", false),
            ("<c>1</c><c>2</c><c>3</c>", false),
            ("<c>one</c>", false),
            ("<c v='k'>1</c>", false),
            ("<c xml:lang='en'>1</c>", false),
            ("<c>1<!-- n --></c>", false),
            ("<c>1</c>x", false),
            ("<c>1</c><![CDATA[ ]]>", false),
            ("<c xmlns=''>1</c>", false),
            ("<d>1</d>", false),
        ] {
            assert_eq!(accepts(LINES, &format!("<a xmlns='urn:t'>{inside}</a>")), is_accepted, "{inside}");
        }
        assert!(!accepts(LINES, "<a><c>1</c></a>"));
    }

    #[test]
    fn what_is_not_known_is_never_guessed() {
        for content in [
            "<xs:element name='a' type='xs:float'/>",
            "<xs:element name='a' type='xs:token' nillable='true'/>",
            "<xs:element name='a'><xs:complexType/></xs:element>",
            "<xs:complexType name='A'><xs:sequence><xs:any/></xs:sequence></xs:complexType>",
            "<xs:complexType name='A' mixed='true'/>",
            "<xs:simpleType name='A'><xs:restriction base='xs:token'><xs:pattern value='[A-Z]'/></xs:restriction></xs:simpleType>",
            "<xs:group name='A'/>",
        ] {
            assert!(Acceptor::compile(&[("t.xsd", schema(content).as_bytes())]).is_err(), "{content}");
        }
    }
}
