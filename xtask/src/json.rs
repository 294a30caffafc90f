//! Does an independent validator find our JSON as our JSON Schemas say, and refuse what they forbid?

use std::fs;
use std::path::Path;
use std::time::Duration;

use crate::process::{Call, repository, write_text};
use crate::tally::Failure;
use crate::trouble::Trouble;

const LIMIT: Duration = Duration::from_secs(120);
const PERMIT: &str = "docs/schema/epix-permit-1.json";
const REPORT: &str = "docs/schema/epix-report-1.json";
/// What of the invalid documents in our JSON form breaks its structure, by the ids of the rules; a JSON Schema sees no more.
const STRUCTURE: &[&str] = &["EPIX-JSON-03", "EPIX-JSON-04", "EPIX-JSON-06", "EPIX-JSON-07", "EPIX-JSON-08"];

/// Holds permits in our JSON form, and reports of `epix validate` on every fixture, against their schemas.
pub(crate) fn obeys_its_schemas(python: &Path, epix: &Path, work: &Path) -> Result<Result<(), Failure>, Trouble> {
    let mut wrong = Vec::new();
    for (folder, is_good) in [("fixtures/json/valid", true), ("fixtures/json/invalid", false)] {
        for (name, is_valid, line) in judged(python, PERMIT, &repository().join(folder))? {
            let is_structure = STRUCTURE.iter().any(|rule| name.starts_with(rule));
            if (is_good && !is_valid) || (!is_good && is_structure && is_valid) {
                wrong.push(format!("{folder}: {line}"));
            }
        }
    }
    let reports = reports(epix, work)?;
    let lines = judged(python, REPORT, &reports)?;
    println!("{} reports were held against {REPORT}", lines.len());
    if lines.is_empty() {
        wrong.push("epix validate wrote no report".to_owned());
    }
    wrong.extend(lines.into_iter().filter(|(_, is_valid, _)| !is_valid).map(|(_, _, line)| line));
    fs::remove_file(&reports).map_err(Trouble::file(&reports))?;
    Ok(if wrong.is_empty() { Ok(()) } else { Err(wrong.join("\n")) })
}

/// What `epix validate` says of all fixtures, good and bad.
fn reports(epix: &Path, work: &Path) -> Result<std::path::PathBuf, Trouble> {
    let call = Call::new(epix).args(["validate", "--format", "json"]).arg(repository().join("fixtures")).within(LIMIT);
    let said = call.capture()?;
    let file = work.join("reports.jsonl");
    write_text(&file, &said.stdout)?;
    Ok(file)
}

/// Each document with what the validator says: its name, whether it is valid, the whole line.
fn judged(python: &Path, schema: &str, documents: &Path) -> Result<Vec<(String, bool, String)>, Trouble> {
    let program = repository().join("conformance/validators/json_schema.py");
    let call = Call::new(python).arg(program).arg(repository().join(schema)).arg(documents).within(LIMIT);
    let said = call.must()?.stdout;
    let line = |line: &str| {
        let mut cells = line.split('\t');
        let (name, verdict) = (cells.next().unwrap_or_default(), cells.next());
        (name.to_owned(), verdict == Some("valid"), line.to_owned())
    };
    Ok(said.lines().map(line).collect())
}
