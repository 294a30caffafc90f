//! What does this permit say?

use epix_core::check::policy::Policy;
use epix_core::id::Operation;
use epix_core::soap::{Answer, Attachment, Attachments, answer};

use super::{attachments, files, say};
use crate::args::Format;
use crate::exit::{Exit, Trouble};
use crate::output::form::form;
use crate::output::human::{self, Detail};
use crate::output::json::{self, PermitLine, ReportLine, ShownLine};
use crate::output::{Console, Verdict};
use crate::plan::Show;

/// Shows a document, good or not, as far as it can be read.
pub(crate) fn run(plan: &Show, console: &mut Console<'_>) -> Result<Exit, Trouble> {
    let bytes = files::read(&plan.input, console)?;
    let verdict = Verdict::of(&bytes, &Policy::default());
    let Attachments { files: beside, unreadable } = attachments_in(&bytes);
    let complaint = attachments::complaint(&unreadable);
    match plan.format {
        Format::Json => for_programs(&plan.input.name(), &verdict, &beside, console)?,
        Format::Human => say(console, &(for_people(&plan.input.name(), &verdict, &beside) + &complaint))?,
    }
    Ok(if verdict.is_accepted() { Exit::Good } else { Exit::Invalid })
}

/// What travels beside the permit, where the document is the answer to one of the two questions for a permit.
fn attachments_in(bytes: &[u8]) -> Attachments {
    for operation in [Operation::GetNonFinal, Operation::GetFinal] {
        if let Ok(Answer::Certificate(attachments)) = answer::read(bytes, operation) {
            return attachments;
        }
    }
    Attachments::default()
}

fn for_programs(
    name: &str,
    verdict: &Verdict,
    beside: &[Attachment],
    console: &mut Console<'_>,
) -> Result<(), Trouble> {
    let file = Some(name.to_owned());
    let Some(permit) = verdict.permit() else {
        return json::line(console, &ReportLine::new(file, verdict));
    };
    let names = attachments::name_all(beside).into_iter().map(|saved| saved.name).collect();
    let validity = permit.validity();
    let line = ShownLine {
        summary: PermitLine::new(permit, verdict, file, names),
        accepted: verdict.is_accepted(),
        valid_from: validity.and_then(|period| period.start.as_ref()),
        valid_until: validity.and_then(|period| period.end.as_ref()),
        permit,
    };
    json::line(console, &line)
}

fn for_people(name: &str, verdict: &Verdict, beside: &[Attachment]) -> String {
    let mut lines = String::new();
    if !verdict.is_accepted() {
        lines.push_str(&human::report(name, verdict, Detail::Digest));
    }
    let Some(permit) = verdict.permit() else { return lines };
    if !verdict.is_accepted() {
        lines.push_str("\nTHIS DOCUMENT IS NOT VALID. As far as it can be read, it says:\n\n");
    }
    lines.push_str(&form(permit, verdict.version()));
    if !beside.is_empty() {
        lines.push_str("\nAttachments\n");
        lines.extend(attachments::name_all(beside).iter().map(attachment_line));
    }
    lines
}

/// `  scan.pdf, 1234 bytes, sha-256 …`
pub(super) fn attachment_line(attachment: &attachments::Saved) -> String {
    format!("  {}, {} bytes, sha-256 {}\n", attachment.name, attachment.size, attachment.digest)
}
