//! Which cases does a service pass? Told case by case, as they end.

use epix_client::conformance::{CaseResult, Outcome, run as run_case};

use super::{complain, say};
use crate::args::ReportFormat;
use crate::exit::{Exit, Trouble};
use crate::output::cases::{self, CaseLine, Count};
use crate::output::{Console, json};
use crate::plan::Conformance;

/// Runs the cases one after the other: what one confirms, a later one reads.
pub(crate) fn run(plan: &Conformance, console: &mut Console<'_>) -> Result<Exit, Trouble> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().map_err(Trouble::Runtime)?;
    let mut count = Count::default();
    if plan.format == ReportFormat::Junit {
        say(console, cases::HEAD)?;
    }
    for case in &plan.cases {
        let result = runtime.block_on(run_case(case, &plan.inputs));
        count.add(&result.outcome);
        tell(&result, plan.format, console)?;
        console.out.flush().map_err(Trouble::Output)?;
    }
    match plan.format {
        ReportFormat::Junit => say(console, cases::TAIL)?,
        ReportFormat::Human => say(console, &count.sentence())?,
        ReportFormat::Json => {}
    }
    if count.asked() == 0 {
        complain(console, "epix: no case could be asked: each needs inputs that were not given\n");
        return Ok(Exit::Trouble);
    }
    Ok(if count.failed > 0 { Exit::Invalid } else { Exit::Good })
}

fn tell(result: &CaseResult, format: ReportFormat, console: &mut Console<'_>) -> Result<(), Trouble> {
    match format {
        ReportFormat::Human => say(console, &cases::human(result)),
        ReportFormat::Junit => say(console, &cases::junit(result)),
        ReportFormat::Json => json::line(console, &CaseLine::of(result)),
    }
}

impl Count {
    fn add(&mut self, outcome: &Outcome) {
        match outcome {
            Outcome::Passed => self.passed += 1,
            Outcome::Failed(_) => self.failed += 1,
            Outcome::Skipped(_) => self.skipped += 1,
        }
    }
}
