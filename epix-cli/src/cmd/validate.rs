//! Are these documents valid permits?

use super::{files, give_up, say};
use crate::args::Format;
use crate::exit::{Exit, Trouble};
use crate::output::human::{self, Detail};
use crate::output::json::{self, ReportLine};
use crate::output::{Console, Verdict};
use crate::plan::{Input, Validate};

/// Looks at every document, also when one cannot be read.
pub(crate) fn run(plan: &Validate, console: &mut Console<'_>) -> Result<Exit, Trouble> {
    let mut tally = Tally::default();
    for (index, input) in plan.inputs.iter().enumerate() {
        progress(index, plan, console);
        match one(input, plan, console) {
            Ok(exit) => tally.count(exit),
            Err(trouble @ Trouble::Output(_)) => return Err(trouble),
            Err(trouble) => tally.count(give_up(&trouble, plan.format, console)),
        }
    }
    progress(plan.inputs.len(), plan, console);
    if plan.format == Format::Human && plan.inputs.len() > 1 {
        say(console, &tally.line())?;
    }
    Ok(tally.exit())
}

fn one(input: &Input, plan: &Validate, console: &mut Console<'_>) -> Result<Exit, Trouble> {
    let bytes = files::read(input, console)?;
    let verdict = Verdict::of(&bytes);
    match plan.format {
        Format::Json => json::line(console, &ReportLine::new(Some(input.name()), &verdict))?,
        Format::Human => say(console, &human::report(&input.name(), &verdict, detail(plan)))?,
    }
    Ok(if verdict.is_accepted() { Exit::Good } else { Exit::Invalid })
}

fn detail(plan: &Validate) -> Detail {
    match (plan.all, plan.notes) {
        (true, _) => Detail::Everything,
        (false, true) => Detail::Notes,
        (false, false) => Detail::Digest,
    }
}

/// A count for those who wait for many; gone when the last one is done.
fn progress(done: usize, plan: &Validate, console: &mut Console<'_>) {
    let total = plan.inputs.len();
    if !console.shows_progress || total < 10 {
        return;
    }
    let count = if done < total { format!("\r{done} of {total}") } else { "\r\x1b[K".to_owned() };
    let _ = console.err.write_all(count.as_bytes()).and_then(|()| console.err.flush());
}

/// How many ended how.
#[derive(Default)]
struct Tally {
    accepted: usize,
    refused: usize,
    unread: usize,
}

impl Tally {
    fn count(&mut self, exit: Exit) {
        match exit {
            Exit::Good => self.accepted += 1,
            Exit::Invalid => self.refused += 1,
            Exit::Trouble => self.unread += 1,
        }
    }

    fn exit(&self) -> Exit {
        match self {
            Tally { unread: 1.., .. } => Exit::Trouble,
            Tally { refused: 1.., .. } => Exit::Invalid,
            Tally { .. } => Exit::Good,
        }
    }

    fn line(&self) -> String {
        let total = self.accepted + self.refused + self.unread;
        let unread = if self.unread > 0 { format!(", {} not read", self.unread) } else { String::new() };
        format!("{total} documents: {} accepted, {} refused{unread}\n", self.accepted, self.refused)
    }
}
