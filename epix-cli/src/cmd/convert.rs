//! What does a permit look like in another form, and what would be lost?

use epix_core::check::knowledge::Knowledge;
use epix_core::check::policy::Action;
use epix_core::convert::{Converted, convert_accepted};
use epix_core::receive::receive_with;
use epix_core::report::Report;

use super::files;
use crate::exit::{Exit, Trouble};
use crate::output::{Console, plain};
use crate::plan::Convert;

/// Writes a permit in another form; nothing is written when something would be lost and nobody agreed to that.
pub(crate) fn run(plan: &Convert, console: &mut Console<'_>) -> Result<Exit, Trouble> {
    let bytes = files::read(&plan.input, console)?;
    let converted = match converted(plan, &bytes) {
        Ok(converted) => converted,
        Err(report) => return refuse(plan, &report, console),
    };
    let mut remarks = String::new();
    for loss in &converted.losses {
        remarks.push_str(&format!("lost: {}\n", plain(&loss.to_string())));
    }
    for finding in &converted.findings {
        remarks.push_str(&format!("{}: {} [{}]\n", finding.severity, plain(&finding.sentence), finding.rule));
    }
    let is_agreed = plan.accept_loss || plan.policy.on_loss(plan.to.name) != Action::Refuse;
    let refused = !converted.losses.is_empty() && !is_agreed;
    if refused {
        let (count, form) = (converted.losses.len(), plan.to.name);
        remarks.push_str(&format!(
            "nothing was written: {form} has no place for {count} facts; --accept-loss gives them up, \
             and so does losses.{form} = \"accept\" in the file of --policy\n"
        ));
    } else {
        files::write(&plan.output, converted.document.as_bytes(), console)?;
    }
    console.err.write_all(remarks.as_bytes()).map_err(Trouble::Output)?;
    Ok(if refused { Exit::Invalid } else { Exit::Good })
}

fn converted(plan: &Convert, bytes: &[u8]) -> Result<Converted, Box<Report>> {
    match receive_with(bytes, &plan.policy, &Knowledge::default()) {
        Ok(accepted) => Ok(convert_accepted(&accepted, plan.to)),
        Err(rejected) => Err(Box::new(rejected.report)),
    }
}

fn refuse(plan: &Convert, report: &Report, console: &mut Console<'_>) -> Result<Exit, Trouble> {
    let name = plan.input.name();
    let mut text = format!("{name}: not a valid permit, so it is not converted\n");
    for finding in report.errors() {
        let (line, column) = (finding.place.line, finding.place.column);
        text.push_str(&format!("{name}:{line}:{column}: error: {} [{}]\n", plain(&finding.sentence), finding.rule));
    }
    console.err.write_all(text.as_bytes()).map_err(Trouble::Output)?;
    Ok(Exit::Invalid)
}
