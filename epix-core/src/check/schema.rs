//! Does the view obey the XML schema of its version? Findings are placed in the received bytes.

use std::sync::LazyLock;

use epix_native::schema::{Schema, SchemaError, Violation};
use roxmltree::{Document, Node};

use crate::report::{Finding, RuleId, Severity};
use crate::version::ToolkitVersion;
use crate::wire::{View, path_of};

/// A document obeys the schema of its version.
pub const OBEYS_SCHEMA: RuleId = RuleId("EPIX-SCHEMA-01");

/// The schema of toolkit 2.0 (open form), compiled on first use and only read from then on, by all threads.
static SCHEMA_V2: LazyLock<Result<Schema, SchemaError>> = LazyLock::new(|| {
    let documents: [(&str, &[u8]); 2] = [
        ("CITESEPermit.xsd", include_bytes!("../../../xsd/v2/CITESEPermit.xsd")),
        ("components.xsd", include_bytes!("../../../xsd/v2/components.xsd")),
    ];
    Schema::compile("CITESEPermit.xsd", &documents)
});

/// Holds the view against the schema of its version.
///
/// # Errors
/// The reason why it could not be looked at, in words; this is never the fault of the sender.
pub fn check(version: ToolkitVersion, view: &View) -> Result<Vec<Finding>, String> {
    let schema = match version {
        ToolkitVersion::V2 => SCHEMA_V2.as_ref().map_err(ToString::to_string)?,
    };
    let violations = match schema.validate(view.text()) {
        Ok(violations) => violations,
        Err(SchemaError::NotWellFormed { line, message }) => return Ok(vec![unreadable(line, &message, view)]),
        Err(error) => return Err(error.to_string()),
    };
    if violations.is_empty() {
        return Ok(Vec::new());
    }
    let tree = Document::parse(view.text()).map_err(|error| error.to_string())?;
    Ok(violations.iter().map(|violation| placed(violation, &tree, view)).collect())
}

/// The reader took it for XML and the judge does not: the sender's document is at fault, not we.
fn unreadable(line: u32, message: &str, view: &View) -> Finding {
    let before = usize::try_from(line).map_or(0, |line| line.saturating_sub(1));
    let offset = view.text().split_inclusive('\n').take(before).map(str::len).sum();
    let sentence = format!("no schema can be held against this: {message}");
    Finding { rule: OBEYS_SCHEMA, severity: Severity::Error, place: view.place(offset, String::new()), sentence }
}

fn placed(violation: &Violation, tree: &Document<'_>, view: &View) -> Finding {
    let node = element_at(tree.root_element(), &violation.element);
    let place = view.place(node.range().start, path_of(node));
    let sentence = format!("{}: {}", node.tag_name().name(), violation.message);
    Finding { rule: OBEYS_SCHEMA, severity: Severity::Error, place, sentence }
}

/// Follows the ordinals of elements down from the root; stops where the tree ends.
fn element_at<'n>(root: Node<'n, 'n>, ordinals: &[usize]) -> Node<'n, 'n> {
    let step = |node: Node<'n, 'n>, ordinal: &usize| node.children().filter(Node::is_element).nth(*ordinal);
    ordinals.iter().try_fold(root, |node, ordinal| step(node, ordinal).ok_or(node)).unwrap_or_else(|last| last)
}
