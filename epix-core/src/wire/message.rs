//! How a permit as a whole is read from a view and written as a document, whatever the message is called.

use super::carry::{Carrier, Within};
use super::codec::{Loss, Written};
use super::describe::{Content, Message, Occurs};
use super::reader::Reader;
use super::shape::paths;
use super::trace::Trace;
use super::tree::Node;
use super::view::View;
use super::writer::Writer;
use crate::permit::Permit;
use crate::report::Finding;
use crate::version::VersionSpec;

/// Reads the root of a view into the model. Where a finding is an error, the permit lacks what it speaks of.
pub(super) fn read<M: Message>(root: Node<'_, '_>, view: &View) -> (Permit, Vec<Finding>, Trace)
where
    Permit: Content<M>,
{
    let place = |offset, path| view.place(offset, path);
    let mut reader = Reader::new(&place);
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
