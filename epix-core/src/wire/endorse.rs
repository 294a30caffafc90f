//! How box 14 is put into an issued document without touching anything else of it.

use super::codec::Endorsement;
use super::describe::{Content, Message};
use super::edit::{Edit, apply};
use super::form::{FormError, parse};
use super::tag::StartTag;
use super::tree::Node;
use super::writer::Writer;
use crate::permit::Examination;

/// What the elements around box 14 are called in a version.
pub(super) struct Box14 {
    /// Namespace of all of them.
    pub(super) namespace: &'static str,
    /// Namespaces of values in it, each with the prefix that we would give it.
    pub(super) values: &'static [(&'static str, &'static str)],
    /// The examination, in the consignment and in a position.
    pub(super) event: &'static str,
    /// A position of the consignment.
    pub(super) item: &'static str,
    /// What follows the examination in a position.
    pub(super) procedure: &'static str,
}

/// Gives the document with only box 14 inserted; every other byte stays.
///
/// Empty examination elements that senders leave behind give way to the new ones.
///
/// # Errors
/// [`FormError`] when the document is not well-formed, which cannot be for one that was accepted.
pub(super) fn endorse<M: Message>(document: &str, endorsement: &Endorsement, names: &Box14) -> Result<String, FormError>
where
    Examination: Content<M>,
{
    let tree = parse(document)?;
    let consignment = tree.root_element().children().filter(Node::is_element).nth(2);
    let Some(consignment) = consignment else { return Ok(document.to_owned()) };
    let mut edits = Vec::new();
    let event = fragment::<M>(consignment, document, names, &endorsement.examination);
    edits.extend(insertion(document, consignment, names.event, names.item, event));
    for (item, quantity) in filled(consignment, names.item).zip(&endorsement.quantities) {
        let Some(quantity) = quantity else { continue };
        let found = Examination { quantity: Some(quantity.clone()), ..Examination::default() };
        let event = fragment::<M>(item, document, names, &found);
        edits.extend(insertion(document, item, names.event, names.procedure, event));
    }
    Ok(apply(document, 0..document.len(), edits).text)
}

fn children<'n>(parent: Node<'n, 'n>, name: &'static str) -> impl Iterator<Item = Node<'n, 'n>> {
    parent.children().filter(move |child| child.is_element() && child.tag_name().name() == name)
}

/// The children that the reader sees: it passes over empty elements, so an empty item is no position, and where an empty
/// element stands says nothing about the order.
fn filled<'n>(parent: Node<'n, 'n>, name: &'static str) -> impl Iterator<Item = Node<'n, 'n>> {
    children(parent, name).filter(|child| child.is_filled())
}

/// Puts a fragment behind the examinations that are there, else in front of what follows them, else at the end.
fn insertion(
    source: &str,
    parent: Node<'_, '_>,
    event: &'static str,
    follower: &'static str,
    fragment: String,
) -> Vec<Edit> {
    let empty = children(parent, event).filter(|event| !event.is_filled());
    let mut edits: Vec<_> = empty.map(|event| Edit::remove(event.range())).collect();
    let behind = filled(parent, event).last().map(|event| event.range());
    let before = filled(parent, follower).next().map(|next| next.range().start);
    edits.push(match (behind, before) {
        (Some(last), _) => Edit::insert(last.end, line_break_before(source, last.start).to_owned() + &fragment),
        (None, Some(next)) => Edit::insert(next, fragment + line_break_before(source, next)),
        (None, None) => at_the_end(source, parent, fragment),
    });
    edits
}

fn at_the_end(source: &str, parent: Node<'_, '_>, fragment: String) -> Edit {
    let range = parent.range();
    if source[range.clone()].ends_with("/>") {
        let name = &source[StartTag::at(source, range.start).name];
        return Edit::replace(range.end - "/>".len()..range.end, format!(">{fragment}</{name}>"));
    }
    let end_tag = source[..range.end].rfind("</").unwrap_or(range.end);
    Edit::insert(end_tag, fragment + line_break_before(source, end_tag))
}

/// The line break and indentation in front of an offset, so that what is inserted stands on a line of its own.
fn line_break_before(source: &str, at: usize) -> &str {
    let blank = source[..at].trim_end_matches([' ', '\t']).len();
    if source[..blank].ends_with('\n') { &source[blank - 1..at] } else { "" }
}

/// The element as the document around it writes names: with the prefix of its siblings, else with a declaration.
fn fragment<M: Message>(parent: Node<'_, '_>, source: &str, names: &Box14, examination: &Examination) -> String
where
    Examination: Content<M>,
{
    let namespace = names.namespace;
    let sibling = parent.first_element_child().map(|child| StartTag::at(source, child.range().start));
    let prefix = sibling.map(|tag| tag.prefix(source).to_owned()).unwrap_or_default();
    let scope = if prefix.is_empty() { parent.default_namespace() } else { parent.lookup_namespace_uri(Some(&prefix)) };
    let in_scope = scope == Some(namespace);
    let mut writer = if in_scope { Writer::fragment(namespace, &prefix) } else { Writer::declaring(namespace, "ram") };
    for (namespace, usual) in names.values {
        let known = parent.lookup_prefix(namespace).filter(|prefix| !prefix.is_empty());
        let free = |prefix: &String| parent.lookup_namespace_uri(Some(prefix)).is_none();
        let candidates = std::iter::once((*usual).to_owned()).chain((1..).map(|n| format!("{usual}{n}")));
        let prefix = known.map(str::to_owned).or_else(|| candidates.into_iter().find(free)).unwrap_or_default();
        writer = writer.with(namespace, &prefix, known.is_none());
    }
    let name = writer.name(namespace, names.event);
    Content::<M>::write(examination, &name, &mut writer);
    writer.finish()
}

#[cfg(test)]
mod tests {
    use super::super::v2::endorse;
    use super::{Endorsement, Examination, parse};
    use crate::id::Amount;
    use crate::permit::{Moment, Quantity, Word};
    use crate::version::V2;

    const EVENT: &str = "ExaminationTransportEvent";

    fn endorsement(quantities: &[Option<&str>]) -> Endorsement {
        let examination =
            Examination { occurred: Some(Moment::parse("2026-03-01T09:30:00Z").unwrap()), ..Examination::default() };
        let quantity = |text: &&str| Quantity { amount: Amount::parse(text).unwrap(), unit: Word::parse("KIL").ok() };
        Endorsement { examination, quantities: quantities.iter().map(|text| text.as_ref().map(quantity)).collect() }
    }

    fn document(root_declarations: &str, consignment: &str) -> String {
        format!(
            "<r:CITESEPermit xmlns:r=\"{}\" {root_declarations}><r:X/><r:Y/><r:Z>{consignment}</r:Z></r:CITESEPermit>",
            V2.message_namespace
        )
    }

    #[test]
    fn box_14_stands_in_front_of_the_items_and_behind_the_lines() {
        let ram = format!("xmlns:c=\"{}\"", V2.component_namespace);
        let item = "<c:IncludedSupplyChainConsignmentItem><c:ID>A</c:ID></c:IncludedSupplyChainConsignmentItem>";

        let endorsed = endorse(&document(&ram, item), &endorsement(&[Some("2.5")])).unwrap();

        let event = "<c:ExaminationTransportEvent><c:ActualOccurrenceDateTime>2026-03-01T09:30:00Z</c:ActualOccurrenceDateTime></c:ExaminationTransportEvent>";
        let found = "<c:ExaminationTransportEvent><c:UnitQuantity unitCode=\"KIL\">2.5</c:UnitQuantity></c:ExaminationTransportEvent>";
        let item = format!(
            "<c:IncludedSupplyChainConsignmentItem><c:ID>A</c:ID>{found}</c:IncludedSupplyChainConsignmentItem>"
        );
        assert_eq!(endorsed, document(&ram, &format!("{event}{item}")));
    }

    #[test]
    fn an_empty_examination_gives_way_and_a_filled_one_stays() {
        let ram = format!("xmlns:c=\"{}\"", V2.component_namespace);
        let empty = "<c:ExaminationTransportEvent><c:UnitQuantity/></c:ExaminationTransportEvent>";
        let filled = "<c:ExaminationTransportEvent><c:UnitQuantity>1</c:UnitQuantity></c:ExaminationTransportEvent>";

        let endorsed = endorse(&document(&ram, &format!("{empty}{filled}")), &endorsement(&[])).unwrap();

        let at = endorsed.find(filled).unwrap();
        assert!(!endorsed.contains(empty));
        assert!(endorsed[at + filled.len()..].starts_with("<c:ExaminationTransportEvent><c:ActualOccurrenceDateTime>"));
    }

    #[test]
    fn an_empty_item_is_no_position() {
        let ram = format!("xmlns:c=\"{}\"", V2.component_namespace);
        let empty = "<c:IncludedSupplyChainConsignmentItem><c:ID/></c:IncludedSupplyChainConsignmentItem>";
        let item = "<c:IncludedSupplyChainConsignmentItem><c:ID>B</c:ID></c:IncludedSupplyChainConsignmentItem>";

        let endorsed = endorse(&document(&ram, &format!("{empty}{item}")), &endorsement(&[Some("7")])).unwrap();

        assert!(endorsed.contains(empty));
        assert!(endorsed.contains("<c:ID>B</c:ID><c:ExaminationTransportEvent><c:UnitQuantity unitCode=\"KIL\">7<"));
    }

    #[test]
    fn a_consignment_without_anything_in_it_is_opened() {
        let ram = format!("xmlns:c=\"{}\"", V2.component_namespace);
        let source = document(&ram, "").replace("<r:Z></r:Z>", "<r:Z />");

        let endorsed = endorse(&source, &endorsement(&[])).unwrap();

        let tree = parse(&endorsed).unwrap();
        let event = tree.descendants().find(|node| node.tag_name().name() == EVENT).unwrap();
        assert_eq!(event.parent_element().unwrap().tag_name().name(), "Z");
    }

    #[test]
    fn where_no_prefix_is_in_scope_the_element_declares_its_own() {
        let item = format!(
            "<IncludedSupplyChainConsignmentItem xmlns=\"{}\"><ID>A</ID></IncludedSupplyChainConsignmentItem>",
            V2.component_namespace
        );

        let endorsed = endorse(&document("", &item), &endorsement(&[Some("1")])).unwrap();

        let tree = parse(&endorsed).unwrap();
        let events: Vec<_> = tree.descendants().filter(|node| node.tag_name().name() == EVENT).collect();
        assert_eq!(events.len(), 2);
        assert!(events.iter().all(|event| event.tag_name().namespace() == Some(V2.component_namespace)));
    }
}
