//! What is this document? From bytes to a permit of a known version, stand-alone or inside something else.

use super::edit::apply;
use super::form::standalone_edits;
use super::guard::{Limits, guard};
use super::place::Lines;
use super::rules;
use super::trace::Trace;
use super::tree::{Document, Node};
use super::versions::codec;
use super::view::View;
use crate::permit::Permit;
use crate::report::{Finding, Layer, Place, Report, RuleId, Severity};
use crate::version::{ToolkitVersion, VERSIONS, VersionSpec};

/// A permit document of a known version, not yet looked into.
#[derive(Debug, Clone)]
pub struct Received {
    /// The version it claims to be.
    pub version: ToolkitVersion,
    /// The stand-alone document: the received text untouched, or, where the permit stood inside something, its root
    /// re-tagged.
    pub document: String,
    /// What schema and reader look at.
    pub view: View,
}

/// Opens a document: guard, well-formedness, version. Each layer is closed in the report; `None` when one failed.
///
/// A permit may be the whole document or stand inside something, such as a SOAP answer; there must be exactly one.
pub fn open(bytes: &[u8], limits: &Limits, report: &mut Report) -> Option<Received> {
    open_with(bytes, limits, report, |_, _| ()).map(|(received, ())| received)
}

/// Opens a document and reads it into the model, without asking its schema or any rule: for those who want to look only.
pub fn read(bytes: &[u8], limits: &Limits, report: &mut Report) -> Option<(Received, Permit, Trace)> {
    let read = |root: Node<'_, '_>, received: &Received| (codec(received.version).read)(root, &received.view);
    let (received, (permit, findings, trace)) = open_with(bytes, limits, report, read)?;
    report.close(Layer::Read, received.view.tolerated.iter().cloned().chain(findings).collect());
    Some((received, permit, trace))
}

/// Opens a document, and lets the caller look at the root of the permit, as its view shows it, while the tree is there.
pub(crate) fn open_with<T>(
    bytes: &[u8],
    limits: &Limits,
    report: &mut Report,
    look: impl FnOnce(Node<'_, '_>, &Received) -> T,
) -> Option<(Received, T)> {
    let text = match guard(bytes, limits) {
        Ok(text) => text,
        Err(finding) => {
            refuse(report, *finding);
            return None;
        }
    };
    report.close(Layer::Guard, Vec::new());
    let tree = match Document::parse_without_indentation(text) {
        Ok(tree) => tree,
        Err(error) => {
            let at = Place { line: error.line, column: error.column, path: String::new() };
            let sentence = format!("the document is not well-formed XML: {}", error.reason);
            report.close(Layer::WellFormed, vec![error_at(rules::WELL_FORMED, at, sentence)]);
            return None;
        }
    };
    report.close(Layer::WellFormed, Vec::new());
    let mut permits = Vec::new();
    permits_in(tree.root_element(), &mut permits);
    match permits.as_slice() {
        [(root, spec)] => {
            let received = received(text, *root, spec);
            let note = draft_note(text, *root, spec);
            match seen(*root, &received, look) {
                Ok(seen) => {
                    report.close(Layer::Version, note.into_iter().collect());
                    Some((received, seen))
                }
                Err(finding) => {
                    report.close(Layer::Version, vec![finding]);
                    None
                }
            }
        }
        [] => {
            let sentence = unknown_document(tree.root_element());
            report.close(Layer::Version, vec![at_node(text, tree.root_element(), rules::UNKNOWN_DOCUMENT, sentence)]);
            None
        }
        [_, (second, _), ..] => {
            let sentence = "the document holds more than one permit".to_owned();
            report.close(Layer::Version, vec![at_node(text, *second, rules::SEVERAL_PERMITS, sentence)]);
            None
        }
    }
}

/// What the caller sees at the root of the view: that of the document, or that of the mended text.
fn seen<T>(
    root: Node<'_, '_>,
    received: &Received,
    look: impl FnOnce(Node<'_, '_>, &Received) -> T,
) -> Result<T, Finding> {
    let Some(mended) = received.view.mended() else { return Ok(look(root, received)) };
    // The view only takes out or declares, so this cannot fail; if it does, the document is refused with its reason.
    let tree = Document::parse_without_indentation(mended).map_err(|error| {
        let sentence = format!("the mended document is not well-formed XML: {}", error.reason);
        let place = received.view.root_place(String::new());
        Finding::new(rules::WELL_FORMED, Severity::Error, place, sentence)
    })?;
    Ok(look(tree.root_element(), received))
}

/// The permits below and with an element, outermost only: what stands in a permit is the reader's to judge.
fn permits_in<'n>(node: Node<'n, 'n>, found: &mut Vec<(Node<'n, 'n>, &'static VersionSpec)>) {
    match claim(node) {
        Some(spec) => found.push((node, spec)),
        None => node.children().filter(Node::is_element).for_each(|child| permits_in(child, found)),
    }
}

/// The version that claims an element as its root. No two versions do: they differ in the root's name or namespace, and
/// where neither root nor first child stands in one, drafts claim nothing.
fn claim(node: Node<'_, '_>) -> Option<&'static VersionSpec> {
    VERSIONS.into_iter().find(|spec| claims(spec, node))
}

/// True when a version claims an element as its root: by the root's name with the namespaces of root and first child.
fn claims(spec: &VersionSpec, node: Node<'_, '_>) -> bool {
    if !node.is_element() || node.tag_name().name() != spec.root {
        return false;
    }
    let namespaces =
        [node.tag_name().namespace(), node.first_element_child().and_then(|child| child.tag_name().namespace())];
    let is_qualified = namespaces.iter().any(Option::is_some);
    (is_qualified || !spec.is_draft) && namespaces.into_iter().flatten().all(|uri| uri == spec.message_namespace)
}

/// What is to be said of a document whose version is a draft.
fn draft_note(text: &str, root: Node<'_, '_>, spec: &VersionSpec) -> Option<Finding> {
    let sentence = format!("toolkit {} is an inferred draft of this project, not the published message", spec.label);
    let finding = || at_node(text, root, rules::INFERRED_DRAFT, sentence);
    spec.is_draft.then(|| Finding { severity: Severity::Note, ..finding() })
}

fn received(text: &str, root: Node<'_, '_>, spec: &'static VersionSpec) -> Received {
    let document = if root.parent_element().is_none() {
        text.to_owned()
    } else {
        apply(text, root.range(), standalone_edits(text, root, spec)).text
    };
    Received { version: spec.version, document, view: View::of(text, root, spec) }
}

fn refuse(report: &mut Report, finding: Finding) {
    let layer = if finding.rule == rules::WELL_FORMED {
        report.close(Layer::Guard, Vec::new());
        Layer::WellFormed
    } else {
        Layer::Guard
    };
    report.close(layer, vec![finding]);
}

fn unknown_document(root: Node<'_, '_>) -> String {
    let (name, namespace) = (root.tag_name().name(), root.tag_name().namespace().unwrap_or("none"));
    format!("no permit of a known toolkit version was found; the root is {name} in namespace {namespace}")
}

fn at_node(text: &str, node: Node<'_, '_>, rule: RuleId, sentence: String) -> Finding {
    let (line, column) = Lines::of(text).position(text, node.range().start);
    error_at(rule, Place { line, column, path: super::path_of(node) }, sentence)
}

fn error_at(rule: RuleId, place: Place, sentence: String) -> Finding {
    Finding::new(rule, Severity::Error, place, sentence)
}

#[cfg(test)]
mod tests {
    use std::fs;
    use std::path::{Path, PathBuf};

    use super::super::form::parse;
    use super::super::json;
    use super::*;

    /// The labels of the versions that claim an element of a text.
    fn claimants(text: &str) -> Vec<&'static str> {
        let Ok(tree) = parse(text) else { return Vec::new() };
        let claimed =
            |node: Node<'_, '_>| VERSIONS.into_iter().filter(move |spec| claims(spec, node)).collect::<Vec<_>>();
        tree.descendants().flat_map(claimed).map(|spec| spec.label).collect()
    }

    fn fixtures(folder: &str) -> Vec<PathBuf> {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../fixtures").join(folder);
        fs::read_dir(folder).map_or_else(|_| Vec::new(), |files| files.map(|file| file.unwrap().path()).collect())
    }

    #[test]
    fn every_fixture_is_claimed_by_the_version_of_its_folder_and_by_no_other() {
        let mut seen = 0;
        for (folder, label) in [("v1", "1.0"), ("v2", "2.0"), ("v3", "3.0-draft"), ("wco", "3.0-wco-draft")] {
            for path in ["valid", "tolerated"].into_iter().flat_map(|kind| fixtures(&format!("{folder}/{kind}"))) {
                let bytes = fs::read(&path).unwrap();
                let text = guard(&bytes, &Limits::DOCUMENT).unwrap();

                assert_eq!(claimants(text), [label], "{}", path.display());
                assert!(!json::is_json(&bytes), "{}", path.display());
                seen += 1;
            }
        }
        assert!(seen > 30, "{seen}");
        for path in ["json/valid", "json/invalid"].into_iter().flat_map(fixtures) {
            let bytes = fs::read(&path).unwrap();

            assert!(json::is_json(&bytes), "{}", path.display());
            assert_eq!(claimants(&String::from_utf8(bytes).unwrap()), [""; 0], "{}", path.display());
        }
    }

    #[test]
    fn however_roots_and_namespaces_are_mixed_one_version_claims_at_most() {
        let names = VERSIONS.map(|spec| spec.root);
        let others = ["urn:other", VERSIONS[0].component_namespace];
        let namespaces: Vec<&str> =
            VERSIONS.iter().map(|spec| spec.message_namespace).chain(others).chain([""]).collect();
        let mut claimed = Vec::new();
        for (name, root) in names.iter().flat_map(|name| namespaces.iter().map(move |root| (name, root))) {
            for child in &namespaces {
                let found = claimants(&format!("<{name} xmlns='{root}'><a xmlns='{child}'/></{name}>"));
                assert!(found.len() <= 1, "{name} in {root:?} with a child in {child:?}: {found:?}");
                claimed.extend(found);
            }
            assert!(claimants(&format!("<{name} xmlns='{root}'/>")).len() <= 1, "{name} in {root:?}");
        }
        let mut of_xml = VERSIONS.iter().filter(|spec| spec.version != ToolkitVersion::Json);
        assert!(of_xml.all(|spec| claimed.contains(&spec.label)), "{claimed:?}");
    }
}
