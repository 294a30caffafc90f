//! What does this permit say?

use epix_core::check::policy::Policy;
use epix_core::soap::{Attachment, Attachments};

use super::{attachments, files, say};
use crate::args::Format;
use crate::exit::{Exit, Trouble};
use crate::output::form::form;
use crate::output::human::{self, Detail};
use crate::output::json::{self, PermitLine, ReportLine, ShownLine};
use crate::output::{Console, Verdict};
use crate::plan::{Show, Source};

/// Shows a document, good or not, as far as it can be read.
pub(crate) fn run(plan: &Show, console: &mut Console<'_>) -> Result<Exit, Trouble> {
    let (name, bytes) = match &plan.source {
        Source::Document(input) => (input.name(), files::read(input, console)?),
        Source::Books(gateway, number) => {
            (number.raw().to_owned(), super::waited_for(gateway, gateway.document(number))?)
        }
    };
    let verdict = Verdict::of(&bytes, &Policy::default());
    let Attachments { files: beside, unreadable } = attachments::within(&bytes);
    let complaint = attachments::complaint(&unreadable);
    match plan.format {
        Format::Json => for_programs(&name, &verdict, &beside, console)?,
        Format::Human => say(console, &(for_people(&name, &verdict, &beside) + &complaint))?,
    }
    Ok(if verdict.is_accepted() { Exit::Good } else { Exit::Invalid })
}

fn for_programs(
    name: &str,
    verdict: &Verdict,
    beside: &[Attachment],
    console: &mut Console<'_>,
) -> Result<(), Trouble> {
    let (file, attachments) = (Some(name.to_owned()), attachments::name_all(beside));
    let Some(permit) = verdict.permit() else {
        return json::line(console, &ReportLine { attachments, ..ReportLine::new(file, verdict) });
    };
    let validity = permit.validity();
    let line = ShownLine {
        summary: PermitLine::new(permit, verdict, file, attachments),
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
        lines.extend(attachments::name_all(beside).iter().map(attachments::line));
    }
    lines
}
