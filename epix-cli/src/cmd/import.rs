//! One permit into the books of one's own gateway, with what travels with it.

use std::time::{SystemTime, UNIX_EPOCH};

use epix_client::gateway::{GatewayError, Submission};
use epix_core::id::Sha256Digest;

use super::{files, say};
use crate::args::Format;
use crate::exit::{Exit, Trouble};
use crate::output::json::{self, SubmittedLine};
use crate::output::{Console, human, plain};
use crate::plan::{Import, Input};

/// Sends a permit.
pub(crate) fn run(plan: &Import, console: &mut Console<'_>) -> Result<Exit, Trouble> {
    let name = plan.input.name();
    let document = files::read(&plan.input, console)?;
    let signature = match &plan.input {
        Input::File(path) => files::signature_of(path)?,
        Input::Stdin => None,
    };
    let mut attachments = Vec::new();
    for path in &plan.attachments {
        let mut bytes = Vec::new();
        files::read_file(path, &mut bytes)?;
        attachments.push((path.file_name().unwrap_or_default().to_string_lossy().into_owned(), bytes));
    }
    let (signature, key) = (signature.as_deref(), key(&document));
    let submission = Submission { document: &document, signature, attachments: &attachments, key: &key };
    let digest = files::digest(&document, signature);
    let line =
        |outcome, number| SubmittedLine { outcome, number, sha256: Some(digest), ..SubmittedLine::not_sent(&name) };
    match super::waited_for(&plan.gateway, plan.gateway.store(submission)) {
        Ok(stored) => {
            let number = stored.number.as_deref();
            let (outcome, words) =
                if stored.is_new { ("stored", "stored") } else { ("unchanged", "kept already, unchanged") };
            match plan.format {
                Format::Json => json::line(console, &line(outcome, number))?,
                Format::Human => {
                    say(console, &format!("{}: {} {words}\n", plain(&name), plain(number.unwrap_or("it is"))))?
                }
            }
            Ok(Exit::Good)
        }
        Err(Trouble::Vain { cause: GatewayError::Problem(problem), .. }) if problem.is_about_the_document() => {
            let reason = problem.to_string();
            match plan.format {
                Format::Json => {
                    let (reason, findings) = (Some(reason.as_str()), problem.findings.as_slice());
                    json::line(console, &SubmittedLine { reason, findings, ..line("refused", None) })?;
                }
                Format::Human => say(console, &human::refusal(&name, Some(&reason), Some(&problem)))?,
            }
            Ok(Exit::Invalid)
        }
        Err(trouble) => Err(trouble),
    }
}

/// Each call is one of its own: what is kept already is recognised by its bytes.
fn key(document: &[u8]) -> String {
    let now = SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |since| since.as_nanos());
    format!("import-{now}-{}", &Sha256Digest::of(document).to_string()[..16])
}
