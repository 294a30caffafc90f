//! Toolkit 2.0 (`CITESEPermit`, 2013): the open form as seen on the wire.

mod endorse;
mod names;
mod values;

pub use endorse::{Endorsement, endorse};

use super::describe::{Content, Occurs, paths};
use super::form::parse;
use super::reader::Reader;
use super::rules;
use super::view::View;
use super::writer::Writer;
use crate::permit::Permit;
use crate::report::{Finding, Place, Severity};
use crate::version::V2;
use names::Version2;

/// Reads the view of a 2.0 document into the model. Where a finding is an error, the permit lacks what it speaks of.
pub fn read(view: &View) -> (Permit, Vec<Finding>) {
    let tree = match parse(view.text()) {
        Ok(tree) => tree,
        Err(error) => {
            // The view only takes out or declares, so this cannot be; if it is, the document is refused with its reason.
            let place = Place { line: 1, column: 1, path: String::new() };
            let sentence = format!("the mended document is not well-formed XML: {error}");
            let finding = Finding { rule: rules::WELL_FORMED, severity: Severity::Error, place, sentence };
            return (Permit::default(), vec![finding]);
        }
    };
    let place = |offset, path| view.place(offset, path);
    let mut reader = Reader::new(&place);
    let permit = <Permit as Content<Version2>>::read(tree.root_element(), &mut reader).unwrap_or_default();
    (permit, reader.findings)
}

/// Writes a permit as a stand-alone 2.0 document.
pub fn write(permit: &Permit) -> String {
    let mut writer = Writer::document(names::PREFIXES);
    let root = writer.name(V2.message_namespace, V2.root);
    Content::<Version2>::write(permit, &root, &mut writer);
    writer.finish()
}

/// Every path of the version with how often it may stand and its attributes, in document order, the root first.
pub fn described_paths() -> Vec<(String, Occurs, &'static [&'static str])> {
    let mut all = vec![(V2.root.to_owned(), Occurs::Once, [].as_slice())];
    all.extend(paths(<Permit as Content<Version2>>::shape(), V2.root));
    all
}
