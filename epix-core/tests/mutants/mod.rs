//! What can go wrong with a document? Named mutations of one element each, for the tests that need many bad documents.

mod random;
mod spot;
mod values;

use roxmltree::{Document, Node};

pub(crate) use random::Random;
use spot::{Edits, Spot, edited};

/// One way to spoil an element.
pub(crate) struct Mutation {
    on: On,
    change: Change,
    name: &'static str,
}

/// Which elements a mutation is for. Types are told by the names that the standard gives to elements of a type.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum On {
    /// Each element.
    Any,
    /// One that holds elements.
    Branch,
    /// One that holds a value.
    Leaf,
    /// A date and time.
    Moment,
    /// An amount.
    Number,
    /// A yes or no.
    Indicator,
    /// One with an attribute.
    Attributed,
}

enum Change {
    Value(&'static str),
    Shape(fn(&Spot<'_, '_>, &mut Random) -> Option<Edits>),
}

/// Every mutation, in a fixed order.
pub(crate) fn all() -> Vec<Mutation> {
    let shapes = SHAPES.iter().map(|(name, on, shape)| Mutation { on: *on, change: Change::Shape(*shape), name });
    let values = [
        (On::Moment, values::MOMENTS),
        (On::Number, values::NUMBERS),
        (On::Indicator, values::INDICATORS),
        (On::Leaf, values::ANY),
    ];
    let values = values.into_iter().flat_map(|(on, values)| {
        values.iter().map(move |value| Mutation { on, change: Change::Value(value), name: value })
    });
    shapes.chain(values).collect()
}

impl Mutation {
    /// What is done, in words.
    #[allow(dead_code, reason = "the fuzz test, which shares this module, has the message itself and asks for no name")]
    pub(crate) fn name(&self) -> String {
        match self.change {
            Change::Value(value) => format!("{:?} {value:?}", self.on),
            Change::Shape(_) => self.name.to_owned(),
        }
    }

    /// Spoils one element at or below the first one called `root`, else anywhere; `None` when there is none it is for.
    pub(crate) fn of(&self, document: &str, root: &str, random: &mut Random) -> Option<String> {
        let tree = Document::parse(document).ok()?;
        let top = tree.descendants().find(|node| node.tag_name().name() == root).unwrap_or(tree.root_element());
        let fit: Vec<_> = top.descendants().filter(|node| node.is_element() && self.on.fits(*node)).collect();
        if fit.is_empty() {
            return None;
        }
        let spot = Spot::of(document, *random.pick(&fit));
        let edits = match self.change {
            Change::Value(value) => spot.filled(value)?,
            Change::Shape(shape) => shape(&spot, random)?,
        };
        Some(edited(document, edits))
    }
}

impl On {
    fn fits(self, node: Node<'_, '_>) -> bool {
        let holds_elements = node.first_element_child().is_some();
        let ends = |end: &str| node.tag_name().name().ends_with(end) && !holds_elements;
        match self {
            On::Any => true,
            On::Branch => holds_elements,
            On::Leaf => !holds_elements,
            On::Moment => ends("DateTime"),
            On::Number => ends("Quantity") || ends("Measure"),
            On::Indicator => ends("Indicator"),
            On::Attributed => node.attributes().next().is_some(),
        }
    }
}

const SCHEMA_TYPES: &str = "xmlns:xs=\"http://www.w3.org/2001/XMLSchema\"";
const INSTANCE: &str = "xmlns:i=\"http://www.w3.org/2001/XMLSchema-instance\"";

/// A mutation of the shape of an element: what it is called, which elements it is for, and what it does.
type Shape = (&'static str, On, fn(&Spot<'_, '_>, &mut Random) -> Option<Edits>);

const SHAPES: &[Shape] = &[
    ("dropped", On::Any, |spot, _| Some(vec![(spot.whole(), String::new())])),
    ("dropped, a value", On::Leaf, |spot, _| Some(vec![(spot.whole(), String::new())])),
    ("doubled", On::Any, |spot, _| Some(vec![(spot.whole(), spot.text().repeat(2))])),
    ("tripled, a value", On::Leaf, |spot, _| Some(vec![(spot.whole(), spot.text().repeat(3))])),
    ("moved behind the next", On::Any, behind_the_next),
    ("moved to the end", On::Any, to_the_end),
    ("in the place of another", On::Any, in_the_place_of_another),
    ("wrong namespace", On::Any, |spot, _| Some(spot.renamed(&format!("w:{}", local(spot)), " xmlns:w=\"urn:wrong\""))),
    ("wrong default namespace", On::Any, |spot, _| Some(spot.renamed(local(spot), " xmlns=\"urn:wrong\""))),
    ("no namespace", On::Any, |spot, _| Some(spot.renamed(local(spot), " xmlns=\"\""))),
    ("no namespace, a value", On::Leaf, |spot, _| Some(spot.renamed(local(spot), " xmlns=\"\""))),
    ("namespace of another element", On::Any, namespace_of_another),
    ("namespace with a slash more", On::Any, namespace_with_a_slash),
    ("unknown name", On::Any, |spot, _| Some(spot.renamed(&format!("{}Nonsense", spot.prefix()), ""))),
    ("name of another case", On::Any, |spot, _| {
        Some(spot.renamed(&format!("{}{}", spot.prefix(), local(spot).to_lowercase()), ""))
    }),
    ("name of another element", On::Any, name_of_another),
    ("wrapped in itself", On::Any, |spot, _| {
        let tag = spot.name();
        Some(vec![(spot.whole(), format!("<{tag}>{}</{tag}>", spot.text()))])
    }),
    ("unwrapped", On::Branch, |spot, _| Some(vec![(spot.whole(), spot.source[spot.content()?].to_owned())])),
    ("emptied", On::Branch, |spot, _| spot.filled("")),
    ("text in element content", On::Branch, |spot, _| inserted(spot, "stray")),
    ("text at the end of element content", On::Branch, |spot, _| {
        let end = spot.content()?.end;
        Some(vec![(end..end, "stray".to_owned())])
    }),
    ("no-break space in element content", On::Branch, |spot, _| inserted(spot, "\u{A0}")),
    ("referenced blank in element content", On::Branch, |spot, _| inserted(spot, "&#32;")),
    ("CDATA blank in element content", On::Branch, |spot, _| inserted(spot, "<![CDATA[ ]]>")),
    ("comment in element content", On::Branch, |spot, _| inserted(spot, "<!-- nothing -->")),
    ("unknown element in element content", On::Branch, |spot, _| inserted(spot, "<x xmlns=\"urn:wrong\">1</x>")),
    ("element in value", On::Leaf, |spot, _| inserted(spot, "<x xmlns=\"urn:wrong\">1</x>")),
    ("itself in value", On::Leaf, |spot, _| inserted(spot, spot.text())),
    ("empty value", On::Leaf, |spot, _| spot.filled("")),
    ("blank value", On::Leaf, |spot, _| spot.filled(" \n\t")),
    ("white space around the value", On::Leaf, |spot, _| {
        spot.filled(&format!("\n   {}\t \r\n", &spot.source[spot.content()?]))
    }),
    ("white space around the moment", On::Moment, |spot, _| {
        spot.filled(&format!("\n   {}\t ", &spot.source[spot.content()?]))
    }),
    ("referenced white space around the moment", On::Moment, |spot, _| {
        spot.filled(&format!("&#9;{}&#xA;", &spot.source[spot.content()?]))
    }),
    ("comments in and around the moment", On::Moment, |spot, _| {
        let value = &spot.source[spot.content()?];
        let (date, time) = value.split_once('T')?;
        spot.filled(&format!(" <!-- a -->\t{date}T<!-- b -->{time} <!-- c --> "))
    }),
    ("moment in a CDATA section", On::Moment, |spot, _| {
        spot.filled(&format!("<![CDATA[ {} ]]>", spot.node.text().unwrap_or_default()))
    }),
    ("referenced white space around the value", On::Leaf, |spot, _| {
        spot.filled(&format!("&#9;&#32;{}&#13;&#10;", &spot.source[spot.content()?]))
    }),
    ("comment around the value", On::Leaf, |spot, _| {
        spot.filled(&format!(" <!-- a --> {} <!-- b --> ", &spot.source[spot.content()?]))
    }),
    ("no-break space around the value", On::Leaf, |spot, _| {
        spot.filled(&format!("\u{A0}{}\u{A0}", &spot.source[spot.content()?]))
    }),
    ("value in references", On::Leaf, |spot, _| {
        let value = spot.node.text().unwrap_or_default();
        spot.filled(&value.chars().map(|c| format!("&#x{:X};", c as u32)).collect::<String>())
    }),
    ("over-long value", On::Leaf, |spot, _| spot.filled(&"long value ".repeat(3_000))),
    ("over-long word", On::Leaf, |spot, _| spot.filled(&"7".repeat(20_000))),
    ("value doubled", On::Leaf, |spot, _| spot.filled(&spot.source[spot.content()?].repeat(2))),
    ("unknown attribute", On::Any, |spot, _| spot.with("unknown=\"1\"")),
    ("attribute schemeID", On::Any, |spot, _| spot.with("schemeID=\"x\"")),
    ("attribute listID", On::Any, |spot, _| spot.with("listID=\"x\"")),
    ("attribute languageID", On::Any, |spot, _| spot.with("languageID=\"x\"")),
    ("attribute unitCode", On::Any, |spot, _| spot.with("unitCode=\"KGM\"")),
    ("attribute in another namespace", On::Any, |spot, _| spot.with("xmlns:w=\"urn:wrong\" w:unitCode=\"KGM\"")),
    ("attribute xml:lang", On::Any, |spot, _| spot.with("xml:lang=\"en\"")),
    ("attribute xml:space", On::Any, |spot, _| spot.with("xml:space=\"preserve\"")),
    ("attribute nil true", On::Any, |spot, _| spot.with(&format!("{INSTANCE} i:nil=\"true\""))),
    ("attribute nil false", On::Any, |spot, _| spot.with(&format!("{INSTANCE} i:nil=\"false\""))),
    ("attribute type string", On::Any, |spot, _| spot.with(&format!("{INSTANCE} {SCHEMA_TYPES} i:type=\"xs:string\""))),
    ("attribute type token", On::Leaf, |spot, _| spot.with(&format!("{INSTANCE} {SCHEMA_TYPES} i:type=\"xs:token\""))),
    ("attribute type unknown", On::Any, |spot, _| spot.with(&format!("{INSTANCE} i:type=\"none\""))),
    ("hint where the schema is", On::Any, |spot, _| {
        spot.with(&format!(
            "{INSTANCE} i:schemaLocation=\"urn:wrong nowhere.xsd\" i:noNamespaceSchemaLocation=\"no.xsd\""
        ))
    }),
    ("attribute emptied", On::Attributed, |spot, random| attribute(spot, random, "")),
    ("attribute a question mark", On::Attributed, |spot, random| attribute(spot, random, "?")),
    ("attribute of blanks and a word", On::Attributed, |spot, random| attribute(spot, random, " \n a  b\t&#10;")),
    ("attribute over-long", On::Attributed, |spot, random| attribute(spot, random, &"x".repeat(20_000))),
    ("attribute dropped", On::Attributed, |spot, random| {
        let attributes: Vec<_> = spot.node.attributes().collect();
        Some(vec![(random.pick(&attributes).range(), String::new())])
    }),
    ("attribute of another case", On::Attributed, |spot, random| {
        let attributes: Vec<_> = spot.node.attributes().collect();
        let range = random.pick(&attributes).range();
        Some(vec![(range.clone(), spot.source[range].to_uppercase())])
    }),
];

fn local<'s>(spot: &Spot<'s, '_>) -> &'s str {
    &spot.name()[spot.prefix().len()..]
}

fn inserted(spot: &Spot<'_, '_>, text: &str) -> Option<Edits> {
    let start = spot.content()?.start;
    Some(vec![(start..start, text.to_owned())])
}

fn behind_the_next(spot: &Spot<'_, '_>, _: &mut Random) -> Option<Edits> {
    let next = spot.node.next_sibling_element()?.range();
    Some(vec![(spot.whole(), spot.source[next.clone()].to_owned()), (next, spot.text().to_owned())])
}

fn to_the_end(spot: &Spot<'_, '_>, _: &mut Random) -> Option<Edits> {
    let last = spot.node.parent_element()?.last_element_child().filter(|last| *last != spot.node)?;
    let end = last.range().end;
    Some(vec![(spot.whole(), String::new()), (end..end, spot.text().to_owned())])
}

/// Another element of the document, which may be anything but its root.
fn another<'n>(spot: &Spot<'_, 'n>, random: &mut Random) -> Option<Node<'n, 'n>> {
    let elements: Vec<_> = spot.node.document().root_element().descendants().skip(1).filter(Node::is_element).collect();
    (!elements.is_empty()).then(|| *random.pick(&elements))
}

fn in_the_place_of_another(spot: &Spot<'_, '_>, random: &mut Random) -> Option<Edits> {
    Some(vec![(another(spot, random)?.range(), spot.text().to_owned())])
}

fn namespace_of_another(spot: &Spot<'_, '_>, random: &mut Random) -> Option<Edits> {
    let other = another(spot, random)?;
    let namespace =
        other.tag_name().namespace().filter(|uri| *uri != spot.node.tag_name().namespace().unwrap_or(""))?;
    Some(spot.renamed(&format!("w:{}", local(spot)), &format!(" xmlns:w=\"{namespace}\"")))
}

fn namespace_with_a_slash(spot: &Spot<'_, '_>, _: &mut Random) -> Option<Edits> {
    let namespace = spot.node.tag_name().namespace()?;
    Some(spot.renamed(&format!("w:{}", local(spot)), &format!(" xmlns:w=\"{namespace}/\"")))
}

fn name_of_another(spot: &Spot<'_, '_>, random: &mut Random) -> Option<Edits> {
    let name = another(spot, random)?.tag_name().name();
    Some(spot.renamed(&format!("{}{name}", spot.prefix()), ""))
}

fn attribute(spot: &Spot<'_, '_>, random: &mut Random, value: &str) -> Option<Edits> {
    let attributes: Vec<_> = spot.node.attributes().collect();
    Some(vec![(random.pick(&attributes).range_value(), value.to_owned())])
}
