//! What is this document? From bytes to a permit of a known version, stand-alone or inside something else.

use roxmltree::Node;

use super::edit::apply;
use super::form::{parse, standalone_edits};
use super::guard::{Limits, guard};
use super::place::Lines;
use super::rules;
use super::tag::namespace_of;
use super::view::View;
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

/// Opens a document, and lets the caller look at the root of the permit while its tree is there.
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
    let tree = match parse(text) {
        Ok(tree) => tree,
        Err(error) => {
            let at = Place { line: error.pos().row, column: error.pos().col, path: String::new() };
            let sentence = format!("the document is not well-formed XML: {error}");
            report.close(Layer::WellFormed, vec![error_at(rules::WELL_FORMED, at, sentence)]);
            return None;
        }
    };
    report.close(Layer::WellFormed, Vec::new());
    let permits: Vec<_> = tree.descendants().filter_map(|node| claim(node).map(|spec| (node, spec))).collect();
    match permits.as_slice() {
        [(root, spec)] => {
            report.close(Layer::Version, Vec::new());
            let received = received(text, *root, spec);
            let seen = look(*root, &received);
            Some((received, seen))
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

/// The version that claims an element as its root: by the root's name with the namespaces of root and first child.
fn claim(node: Node<'_, '_>) -> Option<&'static VersionSpec> {
    if !node.is_element() {
        return None;
    }
    let fits = |namespace: Option<&str>, spec: &VersionSpec| namespace.is_none_or(|uri| uri == spec.message_namespace);
    let child = node.first_element_child().and_then(namespace_of);
    VERSIONS
        .into_iter()
        .find(|spec| node.tag_name().name() == spec.root && fits(namespace_of(node), spec) && fits(child, spec))
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
    let (name, namespace) = (root.tag_name().name(), namespace_of(root).unwrap_or("none"));
    format!("no permit of a known toolkit version was found; the root is {name} in namespace {namespace}")
}

fn at_node(text: &str, node: Node<'_, '_>, rule: RuleId, sentence: String) -> Finding {
    let (line, column) = Lines::of(text).position(text, node.range().start);
    error_at(rule, Place { line, column, path: super::path_of(node) }, sentence)
}

fn error_at(rule: RuleId, place: Place, sentence: String) -> Finding {
    Finding { rule, severity: Severity::Error, place, sentence }
}
