//! `epix verify`: is the signature of a permit to be trusted?

use epix_core::check::knowledge::Knowledge;
use epix_core::check::policy::Policy;
use epix_core::receive::{self, Judged, Requirement};
use epix_core::report::Layer;

use super::{files, say};
use crate::args::Format;
use crate::exit::{Exit, Trouble};
use crate::output::signature::SignatureLine;
use crate::output::{Console, json, signature};
use crate::plan::Input;
use crate::plan::sign::Verify;

/// Looks at one permit.
pub(crate) fn run(plan: &Verify, console: &mut Console<'_>) -> Result<Exit, Trouble> {
    let bytes = files::read(&plan.input, console)?;
    let detached = plan.signature.as_ref().map(|path| files::read(&Input::File(path.clone()), console)).transpose()?;
    let sealing = plan.trusted.sealing(detached.as_deref(), Requirement::Required, None);
    let name = plan.input.name();
    let judged = receive::judge(&bytes, &sealing, &Policy::default(), &Knowledge::default());
    let judged = judged.map_err(|cause| Trouble::Unseen { file: name.clone(), cause })?;
    let is_trusted = is_trusted(&judged);
    match plan.format {
        Format::Json => json::line(console, &SignatureLine::new(name, &judged, is_trusted))?,
        Format::Human => say(console, &signature::verdict(&name, &judged, is_trusted))?,
    }
    Ok(if is_trusted { Exit::Good } else { Exit::Invalid })
}

/// The permit has to be read for the country that issued it; what else is wrong with it is not asked here.
fn is_trusted(judged: &Judged) -> bool {
    let layer = judged.checked.report.outcome(Layer::Signature);
    let is_passed = layer == Some(&epix_core::report::Outcome::Passed);
    is_passed && judged.signature.is_trusted() && judged.checked.reading.is_some()
}
