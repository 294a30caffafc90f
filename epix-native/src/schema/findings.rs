//! What did libxml2 complain about, in our words and at which element?

use std::ffi::{CStr, c_char, c_void};

use libxml::bindings::{self, xmlError, xmlNode};

use super::guards::ParserContext;
use super::{MOST_VIOLATIONS, SchemaError, Violation, loader};

/// Longest message kept: it may quote a value, and a value may be a whole document.
const LONGEST_MESSAGE: usize = 300;

/// The error argument of a callback: `*mut` in older libxml2 headers, `*const` since 2.12.
pub(super) trait AnyError {
    fn as_const(&self) -> *const xmlError;
}

impl AnyError for *mut xmlError {
    fn as_const(&self) -> *const xmlError {
        *self
    }
}

impl AnyError for *const xmlError {
    fn as_const(&self) -> *const xmlError {
        *self
    }
}

/// The violations of one validation, as they come in.
#[derive(Default)]
pub(super) struct Collected {
    kept: Vec<Violation>,
    total: usize,
}

impl Collected {
    pub(super) fn found_any(&self) -> bool {
        self.total > 0
    }

    /// In document order: libxml2 reports a missing child only when it leaves the parent.
    pub(super) fn into_violations(self) -> Vec<Violation> {
        let mut violations = self.kept;
        violations.sort_by(|one, other| one.element.cmp(&other.element));
        if self.total > violations.len() {
            let listed = violations.len();
            violations.push(Violation {
                code: Violation::CUT,
                message: format!("only {listed} of {} violations are listed", self.total),
                line: 1,
                element: Vec::new(),
                attribute: None,
            });
        }
        violations
    }
}

/// Callback of a validation.
///
/// # Safety
///
/// To be called by libxml2 only, with the [`Collected`] that was registered and an error whose node, if any, is live.
pub(super) unsafe extern "C" fn on_violation<E: AnyError>(collected: *mut c_void, error: E) {
    // SAFETY: `validate` registered a `Collected` that nobody else touches during the call; libxml2 passes null or an
    // error that lives as long as the callback.
    let (collected, error) = unsafe { (collected.cast::<Collected>().as_mut(), error.as_const().as_ref()) };
    let (Some(collected), Some(error)) = (collected, error) else {
        return;
    };
    if error.level < bindings::xmlErrorLevel_XML_ERR_ERROR {
        return;
    }
    collected.total += 1;
    if collected.kept.len() < MOST_VIOLATIONS {
        // SAFETY: the error comes from libxml2, and the document it points into is live until the validation ends.
        collected.kept.push(unsafe { violation(error) });
    } else {
        // SAFETY: as above; nobody reads the tree but libxml2 and, for the violations that are kept, this file.
        unsafe { forget_the_way_back(error.node.cast()) };
    }
}

/// Cuts a node and those above it off from their elder siblings, once the list is full and nobody counts these any more.
///
/// For each error libxml2 walks back from the node over all elder siblings, its own and those of its ancestors, in search
/// of an XInclude: a document of 4 MB that is wrong 200,000 times would keep it busy for minutes. The walk ends where an
/// earlier error has cut it. Validation and the freeing of a tree go forward only.
///
/// # Safety
///
/// `node` is null or a live node of a tree that nobody else uses.
unsafe fn forget_the_way_back(mut node: *mut xmlNode) {
    // SAFETY: the caller's promise; attributes begin with the same fields as elements, up to `prev`, and end at the document.
    unsafe {
        while !node.is_null() && (*node).type_ != bindings::xmlElementType_XML_DOCUMENT_NODE {
            (*node).prev = std::ptr::null_mut();
            node = (*node).parent;
        }
    }
}

/// What a schema compilation complained about first.
#[derive(Default)]
pub(super) struct Complaints {
    first: Option<SchemaError>,
}

impl Complaints {
    pub(super) fn into_error(self) -> SchemaError {
        self.first.unwrap_or(SchemaError::Library { doing: "compiling a schema" })
    }
}

/// Callback of a schema compilation.
///
/// # Safety
///
/// To be called by libxml2 only, with the [`Complaints`] that were registered.
pub(super) unsafe extern "C" fn on_complaint<E: AnyError>(complaints: *mut c_void, error: E) {
    // SAFETY: `parse_schema` registered `Complaints` that nobody else touches during the call; libxml2 passes null or an
    // error that lives as long as the callback.
    let (complaints, error) = unsafe { (complaints.cast::<Complaints>().as_mut(), error.as_const().as_ref()) };
    let (Some(complaints), Some(error)) = (complaints, error) else {
        return;
    };
    if complaints.first.is_some() || error.level < bindings::xmlErrorLevel_XML_ERR_ERROR {
        return;
    }
    // SAFETY: the strings of a live error are null or C strings.
    let (document, message) = unsafe { (text(error.file), text(error.message)) };
    complaints.first = Some(SchemaError::BrokenSchema {
        document: loader::name_of(&document).to_owned(),
        line: line_number(error.line),
        message: one_line(&message),
    });
}

/// The first error of a parse that failed.
pub(super) fn not_well_formed(context: &ParserContext) -> SchemaError {
    // SAFETY: the context is live; the answer is null or an error inside of it.
    let error = unsafe { bindings::xmlCtxtGetLastError(context.as_ptr().cast()).as_ref() };
    let Some(error) = error else {
        return SchemaError::Library { doing: "parsing a document" };
    };
    // SAFETY: the message of a live error is null or a C string.
    let message = unsafe { text(error.message) };
    SchemaError::NotWellFormed { line: line_number(error.line), message: one_line(&message) }
}

/// True when the last thing a parse complained about is a namespace name that is no URI.
///
/// Namespace names are compared as texts, so nothing depends on it, and other parsers say nothing of it. A complaint
/// before the last may be about anything else; then the tree holds names that no schema knows.
pub(super) fn is_odd_namespace(context: &ParserContext) -> bool {
    // SAFETY: the context is live; the answer is null or an error inside of it.
    let error = unsafe { bindings::xmlCtxtGetLastError(context.as_ptr().cast()).as_ref() };
    error.is_some_and(|error| {
        u32::try_from(error.code).is_ok_and(|code| code == bindings::xmlParserErrors_XML_WAR_NS_URI)
    })
}

/// # Safety
///
/// `error` and the node it points to come from libxml2 and are live.
unsafe fn violation(error: &xmlError) -> Violation {
    // SAFETY: the caller's promise: message and node are null or live, and so is everything reached from the node.
    unsafe {
        let message = text(error.message);
        let node = error.node.cast::<xmlNode>();
        let element = element_at(node);
        let line = match element.is_null() {
            true => line_number(error.line),
            false => line_number(bindings::xmlGetLineNo(element)),
        };
        Violation {
            code: error.code,
            message: one_line(&usable(&message, &namespace_of(element))),
            line,
            element: ordinals(element),
            attribute: attribute_at(node).or_else(|| attribute_named(&message)),
        }
    }
}

/// The element a node is, or belongs to; null when there is none.
///
/// # Safety
///
/// `node` is null or a live node.
unsafe fn element_at(mut node: *const xmlNode) -> *const xmlNode {
    // SAFETY: the caller's promise; attributes begin with the same fields as elements, `parent` among them.
    unsafe {
        while !node.is_null() && (*node).type_ != bindings::xmlElementType_XML_ELEMENT_NODE {
            node = (*node).parent;
        }
    }
    node
}

/// # Safety
///
/// `node` is null or a live node.
unsafe fn attribute_at(node: *const xmlNode) -> Option<String> {
    // SAFETY: the caller's promise; attributes begin with the same fields as elements, `name` among them.
    unsafe {
        let is_attribute = !node.is_null() && (*node).type_ == bindings::xmlElementType_XML_ATTRIBUTE_NODE;
        is_attribute.then(|| text((*node).name.cast()))
    }
}

/// # Safety
///
/// `element` is null or a live element.
unsafe fn namespace_of(element: *const xmlNode) -> String {
    // SAFETY: the caller's promise; a namespace is null or live with its document.
    unsafe {
        match element.as_ref().and_then(|element| element.ns.as_ref()) {
            Some(namespace) => text(namespace.href.cast()),
            None => String::new(),
        }
    }
}

/// # Safety
///
/// `element` is null or a live element of a document.
unsafe fn ordinals(mut element: *const xmlNode) -> Vec<usize> {
    let mut path = Vec::new();
    // SAFETY: the caller's promise; parents and siblings of a live node are null or live.
    unsafe {
        while !element.is_null() {
            let parent: *const xmlNode = (*element).parent;
            let is_root = parent.is_null() || (*parent).type_ != bindings::xmlElementType_XML_ELEMENT_NODE;
            if is_root {
                break;
            }
            path.push(elements_before(element));
            element = parent;
        }
    }
    path.reverse();
    path
}

/// # Safety
///
/// `element` is a live element.
unsafe fn elements_before(element: *const xmlNode) -> usize {
    let mut count = 0;
    // SAFETY: the caller's promise; siblings of a live node are null or live.
    unsafe {
        let mut sibling: *const xmlNode = (*element).prev;
        while !sibling.is_null() {
            count += usize::from((*sibling).type_ == bindings::xmlElementType_XML_ELEMENT_NODE);
            sibling = (*sibling).prev;
        }
    }
    count
}

/// # Safety
///
/// `raw` is null or a C string.
unsafe fn text(raw: *const c_char) -> String {
    if raw.is_null() {
        return String::new();
    }
    // SAFETY: not null, and the caller's promise.
    unsafe { CStr::from_ptr(raw) }.to_string_lossy().into_owned()
}

/// Drops the leading `Element '...': ` (the path says which) and the element's own namespace from the names that follow; a
/// name in another namespace keeps it, because then that is what is wrong.
fn usable(message: &str, namespace: &str) -> String {
    let body = match message.split_once("': ") {
        Some((lead, body)) if lead.starts_with("Element '") => body,
        _ => message,
    };
    if namespace.is_empty() { body.to_owned() } else { body.replace(&format!("{{{namespace}}}"), "") }
}

/// The attribute a message speaks of, where the node is the element: `..., attribute 'x': ...` or `The attribute 'x' is
/// required but missing.`
fn attribute_named(message: &str) -> Option<String> {
    let (_, rest) = message.split_once(", attribute '").or_else(|| message.split_once("': The attribute '"))?;
    let (name, _) = rest.split_once('\'')?;
    let local = name.rsplit_once('}').map_or(name, |(_, local)| local);
    Some(local.to_owned())
}

fn one_line(message: &str) -> String {
    let mut line = message.split_whitespace().collect::<Vec<_>>().join(" ");
    if let Some((end, _)) = line.char_indices().nth(LONGEST_MESSAGE) {
        line.truncate(end);
        line.push('…');
    }
    line
}

/// 0 where libxml2 has no number to give.
fn line_number(line: impl TryInto<u32>) -> u32 {
    line.try_into().unwrap_or(0)
}
