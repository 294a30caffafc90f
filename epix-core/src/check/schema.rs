//! Does the view obey the XML schema of its version? Findings are placed in the received bytes.

use std::sync::LazyLock;

use crate::wire::tree::{Document, Node};
use epix_native::schema::{Schema, SchemaError, Violation};

use super::accept::Acceptor;
use crate::report::{Finding, RuleId, Severity};
use crate::version::ToolkitVersion;
use crate::wire::rules::WELL_FORMED;
use crate::wire::{View, path_of};

/// A document obeys the schema of its version.
pub const OBEYS_SCHEMA: RuleId = RuleId("EPIX-SCHEMA-01");

/// The schema of a version, compiled on first use and only read from then on, by all threads.
struct Compiled {
    /// What judges.
    judge: Result<Schema, SchemaError>,
    /// What says yes quickly; a schema that it does not know goes without.
    acceptor: Option<Acceptor>,
}

impl Compiled {
    fn of(main: &str, documents: &[(&str, &[u8])]) -> Compiled {
        Compiled { judge: Schema::compile(main, documents), acceptor: Acceptor::compile(documents).ok() }
    }
}

/// The schema of toolkit 1.0.
static SCHEMA_V1: LazyLock<Compiled> = LazyLock::new(|| {
    Compiled::of(
        "CBFShip.xsd",
        &[
            ("CBFShip.xsd", include_bytes!("../../../xsd/v1/CBFShip.xsd")),
            ("components.xsd", include_bytes!("../../../xsd/v1/components.xsd")),
        ],
    )
});

/// The schema of toolkit 2.0 (open form).
static SCHEMA_V2: LazyLock<Compiled> = LazyLock::new(|| {
    Compiled::of(
        "CITESEPermit.xsd",
        &[
            ("CITESEPermit.xsd", include_bytes!("../../../xsd/v2/CITESEPermit.xsd")),
            ("components.xsd", include_bytes!("../../../xsd/v2/components.xsd")),
        ],
    )
});

/// The schema of our draft of toolkit 3.0 (UN/CEFACT).
static SCHEMA_V3_DRAFT: LazyLock<Compiled> = LazyLock::new(|| {
    Compiled::of(
        "CITESEPermit.xsd",
        &[
            ("CITESEPermit.xsd", include_bytes!("../../../xsd/v3/CITESEPermit.xsd")),
            ("components.xsd", include_bytes!("../../../xsd/v3/components.xsd")),
            ("unqualified.xsd", include_bytes!("../../../xsd/v3/unqualified.xsd")),
            ("qualified.xsd", include_bytes!("../../../xsd/v3/qualified.xsd")),
        ],
    )
});

/// The schema of our draft of toolkit 3.0 (WCO).
static SCHEMA_WCO_DRAFT: LazyLock<Compiled> = LazyLock::new(|| {
    Compiled::of(
        "CITESePermit.xsd",
        &[
            ("CITESePermit.xsd", include_bytes!("../../../xsd/wco/CITESePermit.xsd")),
            ("data-types.xsd", include_bytes!("../../../xsd/wco/data-types.xsd")),
        ],
    )
});

/// The XML schema of a version; our JSON form is held against its own while it is opened (`wire/json`).
fn schema(version: ToolkitVersion) -> Option<&'static LazyLock<Compiled>> {
    match version {
        ToolkitVersion::V1 => Some(&SCHEMA_V1),
        ToolkitVersion::V2 => Some(&SCHEMA_V2),
        ToolkitVersion::V3Draft => Some(&SCHEMA_V3_DRAFT),
        ToolkitVersion::WcoDraft => Some(&SCHEMA_WCO_DRAFT),
        ToolkitVersion::Json => None,
    }
}

/// True when the document of this root, as its view shows it, plainly obeys the schema of its version; false says nothing,
/// and [`check`] has to be asked.
pub fn accepts(version: ToolkitVersion, root: Node<'_, '_>) -> bool {
    let acceptor = schema(version).and_then(|schema| schema.acceptor.as_ref());
    acceptor.is_some_and(|acceptor| acceptor.accepts(root))
}

/// Holds the view against the schema of its version, with libxml2 as the judge.
///
/// # Errors
/// The reason why it could not be looked at, in words; this is never the fault of the sender.
pub fn check(version: ToolkitVersion, view: &View) -> Result<Vec<Finding>, String> {
    let Some(schema) = schema(version) else { return Ok(Vec::new()) };
    let judge = schema.judge.as_ref().map_err(ToString::to_string)?;
    let violations = match judge.validate(view.text()) {
        Ok(violations) => violations,
        // What one of the two parsers refuses is refused, or they could disagree about what a document says.
        Err(SchemaError::NotWellFormed { line, message }) => return Ok(vec![not_well_formed(line, &message, view)]),
        Err(error) => return Err(error.to_string()),
    };
    if violations.is_empty() {
        return Ok(Vec::new());
    }
    let tree = Document::parse(view.text()).map_err(|error| error.to_string())?;
    Ok(violations.iter().map(|violation| placed(violation, &tree, view)).collect())
}

/// The reader took it for XML and the judge does not: the sender's document is at fault, not we.
fn not_well_formed(line: u32, message: &str, view: &View) -> Finding {
    let before = usize::try_from(line).map_or(0, |line| line.saturating_sub(1));
    let offset = view.text().split_inclusive('\n').take(before).map(str::len).sum();
    let sentence = format!("the document is not well-formed XML to the schema checker: {message}");
    Finding::new(WELL_FORMED, Severity::Error, view.place(offset, String::new()), sentence)
}

fn placed(violation: &Violation, tree: &Document<'_>, view: &View) -> Finding {
    let node = element_at(tree.root_element(), &violation.element);
    let place = view.place(node.range().start, path_of(node));
    let sentence = format!("{}: {}", node.tag_name().name(), violation.message);
    Finding::new(OBEYS_SCHEMA, Severity::Error, place, sentence)
}

/// Follows the ordinals of elements down from the root; stops where the tree ends.
fn element_at<'n>(root: Node<'n, 'n>, ordinals: &[usize]) -> Node<'n, 'n> {
    let step = |node: Node<'n, 'n>, ordinal: &usize| node.children().filter(Node::is_element).nth(*ordinal);
    ordinals.iter().try_fold(root, |node, ordinal| step(node, ordinal).ok_or(node)).unwrap_or_else(|last| last)
}
