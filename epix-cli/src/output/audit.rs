//! What is said of an exported audit?

use epix_core::audit::Verdict;
use serde::Serialize;

/// `epix audit verify`.
#[derive(Debug, Serialize)]
#[serde(tag = "kind", rename = "audit")]
pub struct AuditLine<'a> {
    /// The file that was looked at.
    pub file: String,
    /// True when nothing is wrong.
    pub whole: bool,
    /// What was found out.
    #[serde(flatten)]
    pub verdict: &'a Verdict,
}

impl<'a> AuditLine<'a> {
    /// What was found out about an export.
    pub fn new(file: String, verdict: &'a Verdict) -> AuditLine<'a> {
        AuditLine { file, whole: verdict.is_whole(), verdict }
    }
}
