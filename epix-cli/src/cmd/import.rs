//! One permit into the books of one's own gateway, with what travels with it.

use std::time::{SystemTime, UNIX_EPOCH};

use epix_client::gateway::{GatewayError, Problem, Submission};
use epix_core::id::Sha256Digest;

use super::{files, say};
use crate::args::Format;
use crate::exit::{Exit, Trouble};
use crate::output::json::{self, SubmittedLine};
use crate::output::{Console, human, plain};
use crate::plan::sign::beside;
use crate::plan::{Import, Input};

/// Sends a permit.
pub(crate) fn run(plan: &Import, console: &mut Console<'_>) -> Result<Exit, Trouble> {
    let name = plan.input.name();
    let document = files::read(&plan.input, console)?;
    let signature = signature(&plan.input)?;
    let mut attachments = Vec::new();
    for path in &plan.attachments {
        let mut bytes = Vec::new();
        files::read_file(path, &mut bytes)?;
        attachments.push((path.file_name().unwrap_or_default().to_string_lossy().into_owned(), bytes));
    }
    let (signature, key) = (signature.as_deref(), key(&document));
    let submission = Submission { document: &document, signature, attachments: &attachments, key: &key };
    let line = |outcome, number, problem| line(&name, &document, outcome, number, problem);
    match super::waited_for(&plan.gateway, plan.gateway.store(submission)) {
        Ok(stored) => {
            let number = stored.number.as_deref();
            let (outcome, words) =
                if stored.is_new { ("stored", "stored") } else { ("unchanged", "kept already, unchanged") };
            match plan.format {
                Format::Json => json::line(console, &line(outcome, number, None))?,
                Format::Human => {
                    say(console, &format!("{}: {} {words}\n", plain(&name), plain(number.unwrap_or("it is"))))?
                }
            }
            Ok(Exit::Good)
        }
        Err(Trouble::Vain { cause: GatewayError::Problem(problem), .. }) if problem.is_about_the_document() => {
            match plan.format {
                Format::Json => json::line(console, &line("refused", None, Some(&problem)))?,
                Format::Human => say(console, &human::refusal(&name, Some(&problem.to_string()), Some(&problem)))?,
            }
            Ok(Exit::Invalid)
        }
        Err(trouble) => Err(trouble),
    }
}

/// The signature in the file beside the document, where there is one.
fn signature(input: &Input) -> Result<Option<Vec<u8>>, Trouble> {
    let Input::File(path) = input else { return Ok(None) };
    let beside = beside(path);
    if !beside.is_file() {
        return Ok(None);
    }
    let mut bytes = Vec::new();
    files::read_file(&beside, &mut bytes)?;
    Ok(Some(bytes))
}

/// Each call is one of its own: what is kept already is recognised by its bytes.
fn key(document: &[u8]) -> String {
    let now = SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |since| since.as_nanos());
    format!("import-{now}-{}", &Sha256Digest::of(document).to_string()[..16])
}

fn line<'a>(
    name: &'a str,
    document: &[u8],
    outcome: &'static str,
    number: Option<&'a str>,
    problem: Option<&'a Problem>,
) -> SubmittedLine<'a> {
    SubmittedLine {
        outcome,
        number,
        sha256: Some(Sha256Digest::of(document)),
        reason: problem.map(|problem| problem.title.as_str()),
        findings: problem.map_or(&[], |problem| &problem.findings),
        ..SubmittedLine::not_sent(name)
    }
}
