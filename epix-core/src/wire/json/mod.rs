//! Our JSON form of a permit: the model as JSON, in an envelope that names format and version.
//!
//! ```text
//! {"format": "epix-permit", "version": 1, "permit": {"document": {"number": {"value": "26XA000123/EX"}, …}, …}}
//! ```
//! The form is ours, no version of the toolkit and nothing that CITES published. Names are those of the model; what is
//! absent is left out, and an unknown or repeated field is refused. Its JSON Schema is
//! `docs/schema/epix-permit-1.json`, printed from the table that also reads and writes.

mod endorse;
mod guard;
mod node;
mod outline;
mod reader;
mod schema;
mod table;
mod values;

pub use guard::Limits;
pub(super) use outline::Piece;
pub use schema::schema;

use super::codec::{Codec, Written};
use super::open::Received;
use super::place::Lines;
use super::rules;
use super::trace::Trace;
use super::view::View;
use crate::permit::{ModelPath, Permit, Step};
use crate::report::{Finding, Layer, Place, Report};
use crate::version::ToolkitVersion;
use guard::{guard, path_at, refusal};
use node::{Kind, Node};
use outline::{Content, Field, Part};
use reader::Reader;

/// What `format` says.
pub const FORMAT: &str = "epix-permit";
/// What `version` says. A field more or less makes a new version, so that no reader passes over what it does not know.
pub const VERSION: u32 = 1;

/// How this form is read and written, like a version of the toolkit. It carries everything.
pub(super) const CODEC: Codec = Codec {
    read: |_, view| {
        let (permit, report) = inspect(view.text().as_bytes());
        (permit.unwrap_or_default(), report.findings, Trace::default())
    },
    write: |permit| Written { document: write(permit), losses: Vec::new() },
    endorse: endorse::endorse,
};

/// True for bytes that begin like JSON; everything else is taken for XML.
pub fn is_json(bytes: &[u8]) -> bool {
    let text = bytes.strip_prefix("\u{FEFF}".as_bytes()).unwrap_or(bytes);
    text.iter().find(|byte| !matches!(byte, b' ' | b'\t' | b'\r' | b'\n')) == Some(&b'{')
}

/// Reads a document in our JSON form.
///
/// # Errors
/// The report that names every error with line, column and JSON path.
///
/// ```
/// use epix_core::wire::json;
/// let text = r#"{"format": "epix-permit", "version": 1, "permit": {"document": {"nummber": {"value": "1"}}}}"#;
/// let report = json::read(text.as_bytes()).unwrap_err();
/// assert_eq!(report.findings[0].place.to_string(), "line 1, column 65, $.permit.document");
/// ```
pub fn read(bytes: &[u8]) -> Result<Permit, Box<Report>> {
    match inspect(bytes) {
        (Some(permit), report) if report.is_clean() => Ok(permit),
        (_, report) => Err(Box::new(report)),
    }
}

/// Reads a document in our JSON form as far as it goes, with the report of every layer.
pub fn inspect(bytes: &[u8]) -> (Option<Permit>, Report) {
    let mut report = Report::default();
    let opened = open_structure(bytes, &mut report).map(|(permit, values)| {
        report.close(Layer::Read, values);
        permit
    });
    (opened, report)
}

/// Opens a document in our JSON form and reads it as far as it goes, closing every layer up to reading.
pub(crate) fn open(bytes: &[u8], report: &mut Report) -> Option<(Received, Permit)> {
    let (permit, values) = open_structure(bytes, report)?;
    report.close(Layer::Read, values);
    Some((received(bytes), permit))
}

/// Opens a document in our JSON form and looks at its structure, closing the layers up to the schema.
pub(crate) fn open_only(bytes: &[u8], report: &mut Report) -> Option<Received> {
    open_structure(bytes, report).map(|_| received(bytes))
}

fn received(bytes: &[u8]) -> Received {
    // Lossless: the guard has looked at it.
    let document = String::from_utf8_lossy(bytes).into_owned();
    let view = View::whole(&document);
    Received { version: ToolkitVersion::Json, document, view }
}

/// The place of what fills a field of the model, in a document that was opened; where nothing does, that of the nearest
/// value around it.
pub(crate) fn place(document: &str, path: &ModelPath) -> Place {
    let text = document.strip_prefix('\u{FEFF}').unwrap_or(document);
    let mut written = "$".to_owned();
    let mut at = Node::root(text).ok();
    let mut steps = vec![Step { field: "permit", index: None }];
    steps.extend(path.steps());
    for Step { field, index } in steps {
        let Some(member) = at.and_then(|node| node.member(field)) else { break };
        let found = index.map_or(Some(member), |index| member.entries().get(index).copied());
        let Some(found) = found else { break };
        at = Some(found);
        written.push_str(&format!(".{field}"));
        written.extend(index.map(|index| format!("[{index}]")));
    }
    let (line, column) = Lines::of(text).position(text, at.map_or(0, Node::offset));
    Place { line, column, path: written }
}

/// The permit, and what is wrong with its values; what is wrong with its structure is in the report.
fn open_structure(bytes: &[u8], report: &mut Report) -> Option<(Permit, Vec<Finding>)> {
    let text = closed(report, Layer::Guard, guard(bytes, &Limits::PERMIT))?;
    let root = closed(report, Layer::WellFormed, Node::root(text).map_err(|error| broken(text, &error)))?;
    closed(report, Layer::Version, known_version(text, root))?;
    let mut reader = Reader::new(text);
    let mut permit = None;
    for (field, content) in reader.members(root, "document", ENVELOPE).unwrap_or_default() {
        // An empty permit is one, though it says nothing.
        let says_nothing = content.kind() == Kind::Object && content.members().is_empty();
        if field.name == "permit" && !says_nothing {
            reader.field(field, content, |content| permit = Some(content));
        }
    }
    let (values, structure) = reader.findings.into_iter().partition(|finding| finding.rule == rules::JSON_VALUE);
    report.close(Layer::Schema, structure);
    Some((permit.unwrap_or_default(), values))
}

fn closed<T>(report: &mut Report, layer: Layer, looked: Result<T, Box<Finding>>) -> Option<T> {
    let (good, findings) = match looked {
        Ok(good) => (Some(good), Vec::new()),
        Err(finding) => (None, vec![*finding]),
    };
    report.close(layer, findings);
    good
}

/// The finding for a text that is no JSON; serde_json counts columns in bytes.
fn broken(text: &str, error: &serde_json::Error) -> Box<Finding> {
    let line_start: usize = text.split_inclusive('\n').take(error.line().saturating_sub(1)).map(str::len).sum();
    let offset = line_start + error.column().saturating_sub(1);
    let sentence = format!("the document is not well-formed JSON: {error}");
    let mut finding = refusal(text, offset, rules::JSON_SYNTAX, sentence);
    finding.place.path = path_at(text, offset);
    finding
}

const ENVELOPE: &[Field] =
    &[Field { name: "format", ..PERMIT_FIELD }, Field { name: "version", ..PERMIT_FIELD }, PERMIT_FIELD];
const PERMIT_FIELD: Field = Field {
    name: "permit",
    occurs: super::describe::Occurs::Once,
    form_box: "",
    says: "The permit.",
    shape: <Permit as Content>::shape,
};

/// Looks at format and version alone: what else stands in a later version, nobody can say here.
fn known_version(text: &str, root: Node<'_>) -> Result<(), Box<Finding>> {
    let unknown = |node: Node<'_>, path: &str, sentence: String| {
        let mut finding = refusal(text, node.offset(), rules::JSON_VERSION, sentence);
        finding.place = Place { path: path.to_owned(), ..finding.place };
        Err(finding)
    };
    if root.kind() != Kind::Object {
        return unknown(root, "$", format!("a document in the form {FORMAT} is an object, not {}", root.kind()));
    }
    let members = root.members();
    for (name, wanted) in [("format", format!("\"{FORMAT}\"")), ("version", VERSION.to_string())] {
        let found = members.iter().find(|(key, _)| key.text().is_ok_and(|key| key == name));
        match found {
            None => return unknown(root, "$", format!("the field {name} must say {wanted}, and is not there")),
            Some((_, value)) if value.raw() != wanted => {
                return unknown(*value, &format!("$.{name}"), format!("the field {name} must say {wanted}"));
            }
            Some(_) => {}
        }
    }
    Ok(())
}

/// Writes a permit in our JSON form: fields in the order of the table, two blanks per level, a line break at the end.
pub fn write(permit: &Permit) -> String {
    let mut out = format!("{{\n  \"format\": \"{FORMAT}\",\n  \"version\": {VERSION},\n  \"permit\": ");
    print(&piece(permit), 1, &mut out);
    out.push_str("\n}\n");
    out
}

/// The permit as nested pieces.
pub(super) fn piece(permit: &Permit) -> Piece {
    permit.piece().unwrap_or_else(|| Piece::Object(Vec::new()))
}

fn print(piece: &Piece, depth: usize, out: &mut String) {
    match piece {
        Piece::Text(text) => out.push_str(&quoted(text)),
        Piece::Flag(flag) => out.push_str(if *flag { "true" } else { "false" }),
        Piece::List(entries) => {
            let entries = entries.iter().map(|entry| (String::new(), entry));
            block(['[', ']'], entries, depth, out);
        }
        Piece::Object(parts) => {
            let parts = parts.iter().map(|Part { name, piece, .. }| (format!("\"{name}\": "), piece));
            block(['{', '}'], parts, depth, out);
        }
    }
}

fn block<'p>(
    [open, close]: [char; 2],
    parts: impl Iterator<Item = (String, &'p Piece)>,
    depth: usize,
    out: &mut String,
) {
    out.push(open);
    let mut is_first = true;
    for (name, piece) in parts {
        out.push_str(if is_first { "\n" } else { ",\n" });
        is_first = false;
        out.push_str(&"  ".repeat(depth + 1));
        out.push_str(&name);
        print(piece, depth + 1, out);
    }
    if !is_first {
        out.push('\n');
        out.push_str(&"  ".repeat(depth));
    }
    out.push(close);
}

/// A string as JSON writes it.
fn quoted(text: &str) -> String {
    serde_json::Value::from(text).to_string()
}
