//! `epix sign` and `epix signature`: sign a permit, and move a signature about without its key.

use std::path::Path;

use epix_core::check::policy::Policy;
use epix_core::receive;
use epix_core::report::Finding;
use epix_core::sign::make::{self, Statement};
use epix_core::sign::place;
use epix_core::wire::guard::{Limits, guard};

use super::{files, say};
use crate::args::Format;
use crate::exit::{Exit, Trouble};
use crate::output::human::{self, Detail};
use crate::output::json::{self, ReportLine};
use crate::output::signature::SignedLine;
use crate::output::{Console, Verdict};
use crate::plan::sign::{Act, Sign};
use crate::plan::{Input, Target};

/// Signs a permit that every layer accepts.
pub(crate) fn run(plan: &Sign, console: &mut Console<'_>) -> Result<Exit, Trouble> {
    let bytes = files::read(&plan.input, console)?;
    let name = plan.input.name();
    let refused = |cause| Trouble::Sign { file: name.clone(), cause };
    let verdict = Verdict::of(&bytes, &Policy::default());
    let Some(accepted) = verdict.accepted() else {
        if opened(&bytes).is_some_and(|document| place::part(&document).is_ok_and(|parted| parted.signature.is_some()))
        {
            return Err(refused(make::SignError::Signed));
        }
        return invalid(plan, name, &verdict, console);
    };
    let document = guarded(accepted.bytes(), &name)?;
    let statement = Statement { time: Some(plan.now), original: None };
    let signed = make::sign(document, &plan.key, plan.place, &statement).map_err(refused)?;
    files::write(&plan.output, signed.as_bytes(), console)?;
    let Target::File(path) = &plan.output else { return Ok(Exit::Good) };
    let written = path.display().to_string();
    let signer = plan.key.chain().first().map(|own| own.subject()).unwrap_or_default();
    match plan.format {
        Format::Json => json::line(console, &SignedLine::new(&verdict, written, plan.place, signer))?,
        Format::Human => say(console, &format!("{written}: {} signature of {signer}\n", plan.place))?,
    }
    Ok(Exit::Good)
}

fn invalid(plan: &Sign, name: String, verdict: &Verdict, console: &mut Console<'_>) -> Result<Exit, Trouble> {
    match plan.format {
        Format::Json => json::line(console, &ReportLine::new(Some(name), verdict))?,
        Format::Human => {
            say(console, &human::report(&name, verdict, Detail::Digest))?;
            say(console, "only a valid permit is signed\n")?;
        }
    }
    Ok(Exit::Invalid)
}

fn opened(bytes: &[u8]) -> Option<String> {
    let (received, _) = receive::inspect_schema(bytes);
    received.map(|received| received.document)
}

/// Moves a signature about.
pub(crate) fn act(plan: &Act, console: &mut Console<'_>) -> Result<Exit, Trouble> {
    match plan {
        Act::Detach { from, document, signature } => detach(from, document, signature, console)?,
        Act::Attach { document, signature, to } => {
            let (name, permit) = text(document, console)?;
            let (_, signature) = text(&Input::File(signature.clone()), console)?;
            let joined = place::join(&permit, &signature).map_err(unfit(&name))?;
            files::write(to, joined.as_bytes(), console)?;
        }
        Act::Value { signature, to } => {
            let (name, signature) = text(signature, console)?;
            let value = make::value_of(&signature).map_err(unfit(&name))?;
            files::write(to, &value, console)?;
        }
        Act::Stamp { signature, token, to } => {
            let (name, signature) = text(signature, console)?;
            let token = files::read(&Input::File(token.clone()), console)?;
            let stamped = make::stamp(&signature, &token).map_err(unfit(&name))?;
            files::write(to, stamped.as_bytes(), console)?;
        }
    }
    Ok(Exit::Good)
}

fn detach(from: &Input, document: &Path, signature: &Path, console: &mut Console<'_>) -> Result<(), Trouble> {
    let (name, permit) = text(from, console)?;
    let parted = place::part(&permit).map_err(unfit(&name))?;
    let Some(taken) = parted.signature else {
        return Err(Trouble::Unfit { file: name, sentence: "it holds no signature".to_owned() });
    };
    files::write(&Target::File(signature.to_owned()), taken.as_bytes(), console)?;
    files::write(&Target::File(document.to_owned()), parted.document.as_bytes(), console)
}

fn unfit(file: &str) -> impl Fn(Box<Finding>) -> Trouble {
    let file = file.to_owned();
    move |finding| Trouble::Unfit { file: file.clone(), sentence: finding.sentence }
}

/// A text that the guard lets through, with its name.
fn text(input: &Input, console: &mut Console<'_>) -> Result<(String, String), Trouble> {
    let bytes = files::read(input, console)?;
    let name = input.name();
    let text = guarded(&bytes, &name)?.to_owned();
    Ok((name, text))
}

fn guarded<'b>(bytes: &'b [u8], name: &str) -> Result<&'b str, Trouble> {
    guard(bytes, &Limits::DOCUMENT).map_err(unfit(name))
}
