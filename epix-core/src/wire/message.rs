//! How a permit as a whole is read from a view and written as a document, whatever the message is called.

use roxmltree::Node;

use super::carry::{Carrier, Within};
use super::codec::{Loss, Written};
use super::describe::{Content, Message, Occurs, paths};
use super::form::parse;
use super::reader::Reader;
use super::rules;
use super::trace::Trace;
use super::view::View;
use super::writer::Writer;
use crate::permit::Permit;
use crate::report::{Finding, Place, Severity};
use crate::version::VersionSpec;

/// Reads the view of a document into the model. Where a finding is an error, the permit lacks what it speaks of.
pub(super) fn read<M: Message>(view: &View) -> (Permit, Vec<Finding>, Trace)
where
    Permit: Content<M>,
{
    let tree = match parse(view.text()) {
        Ok(tree) => tree,
        Err(error) => {
            // The view only takes out or declares, so this cannot be; if it is, the document is refused with its reason.
            let place = Place { line: 1, column: 1, path: String::new() };
            let sentence = format!("the mended document is not well-formed XML: {error}");
            let finding = Finding::new(rules::WELL_FORMED, Severity::Error, place, sentence);
            return (Permit::default(), vec![finding], Trace::default());
        }
    };
    read_root::<M>(tree.root_element(), &|offset, path| view.place(offset, path))
}

/// Does the same with the tree that the document was opened with, where the view is untouched: parsing twice costs.
pub(super) fn read_tree<M: Message>(root: Node<'_, '_>, view: &View) -> (Permit, Vec<Finding>, Trace)
where
    Permit: Content<M>,
{
    let (permit, findings, trace) = read_root::<M>(root, &|offset, path| view.place_received(offset, path));
    (permit, findings, trace.of_received())
}

fn read_root<M: Message>(root: Node<'_, '_>, place: &dyn Fn(usize, String) -> Place) -> (Permit, Vec<Finding>, Trace)
where
    Permit: Content<M>,
{
    let mut reader = Reader::new(place);
    let permit = <Permit as Content<M>>::read(root, &mut reader).unwrap_or_default();
    (permit, reader.findings, reader.trace)
}

/// Writes a permit as a stand-alone document with these prefixes, saying what the message could not carry.
///
/// With limits, only what they have room for is written; the rest is lost.
pub(super) fn write<M: Message>(
    permit: &Permit,
    spec: &VersionSpec,
    prefixes: &[(&str, &str)],
    within: Option<&dyn Within>,
) -> Written
where
    Permit: Content<M>,
{
    let carried = Content::<M>::carried(permit, &mut Carrier::new(within)).unwrap_or_default();
    let losses = permit.missing_in(&carried).into_iter().map(Loss::from).collect();
    let mut writer = Writer::document(prefixes);
    let root = writer.name(spec.message_namespace, spec.root);
    Content::<M>::write(&carried.pruned(), &root, &mut writer);
    Written { document: writer.finish(), losses }
}

/// Every path of a message with how often it may stand and its attributes, in document order, the root first.
pub(super) fn described_paths<M: Message>(spec: &VersionSpec) -> Vec<(String, Occurs, &'static [&'static str])>
where
    Permit: Content<M>,
{
    let mut all = vec![(spec.root.to_owned(), Occurs::Once, [].as_slice())];
    all.extend(paths(<Permit as Content<M>>::shape(), spec.root));
    all
}
