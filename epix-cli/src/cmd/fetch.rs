//! What did the partner issue?

use std::fmt::Write as _;

use epix_core::permit::Permit;
use epix_core::receive::Accepted;
use epix_core::report::{Layer, Outcome};
use epix_core::sign;
use epix_core::soap::{Answer, Attachment, Call};

use super::attachments;
use super::{ask, complain, files, other_answer, say};
use crate::args::Format;
use crate::exit::{Exit, Trouble};
use crate::output::form::form;
use crate::output::human::{self, Detail};
use crate::output::json::{self, AttachmentLine, PermitLine, ReportLine, TrustLine};
use crate::output::signature::seal_lines;
use crate::output::{Console, Verdict, plain};
use crate::plan::{Fetch, Keep, Stage, Target};

/// Asks for a permit, looks at what comes, and keeps what is wanted of it.
pub(crate) fn run(plan: Fetch, console: &mut Console<'_>) -> Result<Exit, Trouble> {
    let question = match plan.stage {
        Stage::NonFinal => Call::GetNonFinal(plan.key.clone()),
        Stage::Final => Call::GetFinal(plan.key.clone()),
    };
    let answered = ask(&plan.link, question)?;
    let Answer::Certificate(beside) = &answered.answer else {
        return other_answer(&plan.link, &answered.answer, plan.format, console);
    };
    // The whole answer is kept before it is judged: it is what one needs to see why a permit is refused.
    if let Keep::WholeAnswer(target) = &plan.keep {
        files::write(target, &answered.bytes, console)?;
    }
    let verdict = look(&plan, &answered.bytes, &beside.files)?;
    let Some(accepted) = verdict.accepted() else {
        return refuse(&plan, &verdict, &beside.files, console);
    };
    require_same_number(&plan, accepted)?;
    if let Keep::Permit(target) = &plan.keep {
        files::write(target, accepted.bytes(), console)?;
    }
    let saved = match &plan.attachments {
        Some(folder) => attachments::save_all(&beside.files, folder)?,
        None => attachments::name_all(&beside.files),
    };
    tell(&plan, &verdict, accepted.permit(), &saved, console)?;
    // Complaints go to standard error, which programs that read our JSON do not look at.
    let _ = console.err.write_all(attachments::complaint(&beside.unreadable).as_bytes());
    Ok(Exit::Good)
}

/// Looks at the permit, and at the signature in it or among the attachments where somebody is trusted.
fn look(plan: &Fetch, answer: &[u8], attachments: &[Attachment]) -> Result<Verdict, Trouble> {
    let Some(trusted) = &plan.trusted else { return Ok(Verdict::of(answer, &plan.policy)) };
    let detached = attachments.iter().find(|file| file.name == sign::ATTACHMENT).map(|file| file.content.as_slice());
    let sealing = trusted.sealing(detached, plan.requirement, plan.key.country);
    let verdict = Verdict::of_signed(answer, &sealing, &plan.policy);
    verdict.map_err(|cause| Trouble::Unseen { file: "the answer".to_owned(), cause })
}

/// A partner that answers with another permit has made a mistake that must not end up under the wrong number.
fn require_same_number(plan: &Fetch, accepted: &Accepted) -> Result<(), Trouble> {
    let (asked, answered) = (&plan.key.number, accepted.number());
    if asked.normalised() == answered.normalised() {
        return Ok(());
    }
    Err(Trouble::OtherPermit { asked: asked.clone(), answered: answered.clone() })
}

/// The file that was written, where one was.
fn file_kept(keep: &Keep) -> Option<String> {
    match keep {
        Keep::Permit(Target::File(path)) | Keep::WholeAnswer(Target::File(path)) => Some(path.display().to_string()),
        _ => None,
    }
}

fn refuse(plan: &Fetch, verdict: &Verdict, beside: &[Attachment], console: &mut Console<'_>) -> Result<Exit, Trouble> {
    let raw = match &plan.keep {
        Keep::WholeAnswer(Target::File(path)) => Some(path.display().to_string()),
        _ => None,
    };
    match plan.format {
        Format::Json => {
            let attachments = attachments::name_all(beside);
            json::line(console, &ReportLine { attachments, ..ReportLine::new(raw, verdict) })?;
        }
        Format::Human => {
            let name = raw.as_deref().unwrap_or("answer");
            let next = match (&raw, &plan.keep) {
                (Some(file), _) => format!("the whole answer is in {}", plain(file)),
                (None, Keep::WholeAnswer(_)) => "the whole answer is on standard output".to_owned(),
                (None, _) => "nothing was kept; --raw -o FILE keeps the whole answer for a closer look".to_owned(),
            };
            let text = human::report(name, verdict, Detail::Digest);
            let text = format!("epix: the partner's document is not a valid permit\n{text}  hint: {next}\n");
            complain(console, &text);
        }
    }
    Ok(Exit::Invalid)
}

fn tell(
    plan: &Fetch,
    verdict: &Verdict,
    permit: &Permit,
    saved: &[AttachmentLine],
    console: &mut Console<'_>,
) -> Result<(), Trouble> {
    if plan.format == Format::Json {
        let line = PermitLine::new(permit, verdict, file_kept(&plan.keep), saved.to_vec());
        let signature = plan.trusted.as_ref().map(|_| TrustLine::new(verdict));
        return json::line(console, &PermitLine { signature, ..line });
    }
    let mut lines =
        if plan.keep == Keep::Nothing { form(permit, verdict.version()) } else { summary(plan, verdict, permit) };
    lines.push_str(&remarks(plan, permit));
    lines.push_str(&signature_lines(plan, verdict));
    lines.push_str(&attachment_lines(plan, saved));
    // Where the document itself goes to standard output, nothing may stand beside it.
    if matches!(&plan.keep, Keep::Permit(Target::Stdout) | Keep::WholeAnswer(Target::Stdout)) {
        complain(console, &lines);
        return Ok(());
    }
    say(console, &lines)
}

fn summary(plan: &Fetch, verdict: &Verdict, permit: &Permit) -> String {
    let stage = if permit.is_endorsed() { "final" } else { "not final" };
    let version = verdict.version().map(|version| format!(", {}", version.spec().title)).unwrap_or_default();
    let mut text = format!("permit {}{version}, {stage}", plain(verdict.number().unwrap_or_default()));
    if let Some(file) = file_kept(&plan.keep) {
        let what = if matches!(plan.keep, Keep::WholeAnswer(_)) { "the whole answer is in" } else { "written to" };
        let _ = write!(text, ": {what} {}", plain(&file));
    }
    text + "\n"
}

/// What a careful reader would ask about.
fn remarks(plan: &Fetch, permit: &Permit) -> String {
    if plan.stage == Stage::Final && !permit.is_endorsed() {
        return "warning: the final permit was asked for, and this one certifies no quantities (box 14)\n".to_owned();
    }
    String::new()
}

/// What is known of the signature, where somebody is trusted.
fn signature_lines(plan: &Fetch, verdict: &Verdict) -> String {
    if plan.trusted.is_none() {
        return String::new();
    }
    match (verdict.report().outcome(Layer::Signature), verdict.seal()) {
        (Some(Outcome::Passed), Some(seal)) => format!("the signature is trusted\n{}", seal_lines(seal)),
        (Some(Outcome::Failed), _) => {
            "warning: the signature is not trusted, and the policy takes the permit\n".to_owned()
        }
        _ => "warning: the permit is not signed (--signed refuses such permits)\n".to_owned(),
    }
}

fn attachment_lines(plan: &Fetch, saved: &[AttachmentLine]) -> String {
    if saved.is_empty() {
        return String::new();
    }
    let heading = match &plan.attachments {
        Some(folder) => format!("attachments saved in {}:\n", plain(&folder.display().to_string())),
        None => "attachments, not saved (--attachments DIR saves them):\n".to_owned(),
    };
    heading + &saved.iter().map(attachments::line).collect::<String>()
}
