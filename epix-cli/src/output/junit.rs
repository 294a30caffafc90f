//! What do build servers get? One JUnit test case per document, as it comes: nothing is counted in front.
//!
//! The counts that `testsuite` may carry are left out, because they stand before what they count; readers count themselves.

use std::fmt::Write as _;

use super::human::{self, Detail};
use super::{Verdict, plain};
use crate::exit::Trouble;

/// What stands before the first test case.
pub const HEAD: &str = "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<testsuite name=\"epix validate\">\n";

/// What stands behind the last one.
pub const TAIL: &str = "</testsuite>\n";

/// The test case of a document: a failure with the findings when it is refused, the findings alone when it is not.
pub fn case(name: &str, verdict: &Verdict, detail: Detail) -> String {
    let lines = human::report(name, verdict, detail);
    let (first, findings) = lines.split_once('\n').unwrap_or((&lines, ""));
    let mut case = begin(name);
    if !verdict.is_accepted() {
        let message = first.strip_prefix(&format!("{}: ", plain(name))).unwrap_or(first);
        let rule = verdict.refused_for().first().map_or("", |rule| rule.0);
        let (message, rule) = (text(message), text(rule));
        let _ = writeln!(case, "    <failure message=\"{message}\" type=\"{rule}\">{}</failure>", text(findings));
    } else if !findings.is_empty() {
        let _ = writeln!(case, "    <system-out>{}</system-out>", text(findings));
    }
    case + "  </testcase>\n"
}

/// The test case of something that could not be looked at; a folder or an archive as a whole has no name here.
pub fn trouble(name: Option<&str>, trouble: &Trouble) -> String {
    let mut case = begin(name.unwrap_or("epix validate"));
    let _ = writeln!(case, "    <error message=\"{}\"/>", text(&plain(&trouble.sentences().join(": "))));
    case + "  </testcase>\n"
}

fn begin(name: &str) -> String {
    format!("  <testcase classname=\"epix.validate\" name=\"{}\">\n", text(&plain(name)))
}

/// A text as it may stand in an element or attribute.
pub(super) fn text(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '&' => escaped.push_str("&amp;"),
            '<' => escaped.push_str("&lt;"),
            '>' => escaped.push_str("&gt;"),
            '"' => escaped.push_str("&quot;"),
            c if epix_core::permit::is_xml_char(c) => escaped.push(c),
            c => escaped.extend(c.escape_unicode()),
        }
    }
    escaped
}
