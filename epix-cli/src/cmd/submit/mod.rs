//! However many permits, into the books of one's own gateway: side by side, and never one of them twice.
//!
//! ```text
//! many::documents ─> pool: read, look into the journal, send ─> journal, then say, in the order of the documents
//! ```

mod journal;
mod sender;
mod tally;

use std::io::Write;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Mutex, OnceLock, PoisonError};
use std::thread;

use epix_client::gateway::Problem;
use tokio::runtime::{Builder, Runtime};
use tokio::signal::unix::{SignalKind, signal};
use tokio::sync::watch;

use super::many::bar::Bar;
use super::many::documents::{self, Document, Stdin};
use super::many::pool;
use crate::args::Format;
use crate::exit::{Exit, Trouble};
use crate::output::json::{self, ErrorLine, SubmittedLine};
use crate::output::{Console, human, plain};
use crate::plan::Submit;
use journal::{Journal, Settled, Word};
use sender::{Outcome, Sender};
use tally::Tally;

/// Sends every document that is not settled yet.
pub(crate) fn run(plan: &Submit, console: &mut Console<'_>) -> Result<Exit, Trouble> {
    let journal = Mutex::new(Journal::open(&plan.journal, plan.gateway.address(), plan.again)?);
    // One thread drives the connections; the threads of the pool wait for theirs.
    let runtime = Builder::new_multi_thread().worker_threads(1).enable_all().build().map_err(Trouble::Runtime)?;
    let stop = watch::Sender::new(false);
    end_when_asked(&runtime, &stop)?;
    let sender = Sender { gateway: &plan.gateway, journal: &journal, runtime: runtime.handle().clone(), stop };
    let mut tally = Tally::default();
    send_all(plan, &sender, &mut tally, console)?;
    journal.lock().unwrap_or_else(PoisonError::into_inner).close()?;
    if plan.format == Format::Human {
        super::say(console, &tally.line())?;
    }
    if tally.open() > 0 {
        let name = plain(&plan.journal.display().to_string());
        super::complain(
            console,
            &format!("epix: not all is done; the same command goes on where it ended (journal {name})\n"),
        );
    }
    Ok(tally.exit())
}

/// What is under way is waited for, and nothing more is begun, once somebody asks to end.
fn end_when_asked(runtime: &Runtime, stop: &watch::Sender<bool>) -> Result<(), Trouble> {
    let _entered = runtime.enter();
    for kind in [SignalKind::interrupt(), SignalKind::terminate()] {
        let (mut asked, stop) = (signal(kind).map_err(Trouble::Runtime)?, stop.clone());
        runtime.spawn(async move {
            asked.recv().await;
            stop.send_replace(true);
        });
    }
    Ok(())
}

fn send_all(plan: &Submit, sender: &Sender<'_>, tally: &mut Tally, console: &mut Console<'_>) -> Result<(), Trouble> {
    let Console { input, out, err, shows_progress } = console;
    let stdin: Stdin<'_> = Mutex::new(&mut **input);
    let (total, is_done) = (OnceLock::new(), AtomicBool::new(false));
    let mut bar = Bar::new(*shows_progress, &total);
    thread::scope(|scope| {
        if *shows_progress {
            scope.spawn(|| documents::count(&plan.inputs, &|| is_done.load(Ordering::Relaxed)).map(|n| total.set(n)));
        }
        let ended = pool::in_order(
            plan.jobs,
            |submit| documents::find(&plan.inputs, submit).map(drop),
            |bytes, found: Result<Document, Trouble>| match found {
                Ok(document) => (Some(document.name()), sender.send(&document, &stdin, bytes)),
                Err(trouble) => (None, Outcome::Trouble(trouble)),
            },
            |(name, outcome)| {
                if let Outcome::Settled(settled, _) = &outcome {
                    sender.journal.lock().unwrap_or_else(PoisonError::into_inner).settle(settled.clone())?;
                }
                tally.count(&outcome);
                let (said, complaint) = words(plan.format, name.as_deref(), &outcome);
                if !said.is_empty() || !complaint.is_empty() {
                    bar.clear(err);
                    out.write_all(&said).map_err(Trouble::Output)?;
                    let _ = err.write_all(complaint.as_bytes());
                }
                if bar.is_due() {
                    out.flush().map_err(Trouble::Output)?;
                    bar.draw(&tally.so_far(), err);
                }
                Ok(())
            },
        );
        is_done.store(true, Ordering::Relaxed);
        bar.clear(err);
        ended
    })
}

/// What is said of a document: results, and complaints.
fn words(format: Format, name: Option<&str>, outcome: &Outcome) -> (Vec<u8>, String) {
    let none = (Vec::new(), String::new());
    match (format, outcome) {
        (Format::Json, Outcome::Settled(settled, problem)) => {
            (json::bytes(&line(settled, false, problem.as_deref())), String::new())
        }
        (Format::Json, Outcome::Earlier(settled)) => (json::bytes(&line(settled, true, None)), String::new()),
        (Format::Json, Outcome::NotSent) => {
            (json::bytes(&SubmittedLine::not_sent(name.unwrap_or_default())), String::new())
        }
        (Format::Json, Outcome::Trouble(trouble)) => (json::bytes(&ErrorLine::new(trouble)), String::new()),
        (Format::Human, Outcome::Settled(settled, problem)) if settled.outcome == Word::Refused => (
            human::refusal(&settled.document, settled.reason.as_deref(), problem.as_deref()).into_bytes(),
            String::new(),
        ),
        (Format::Human, Outcome::Earlier(settled)) if settled.outcome == Word::Refused => {
            let again = "refused before; --again sends it once more";
            (human::refusal(&settled.document, Some(again), None).into_bytes(), String::new())
        }
        (Format::Human, Outcome::Trouble(trouble)) => (Vec::new(), human::trouble(trouble)),
        (Format::Human, _) => none,
    }
}

fn line<'a>(settled: &'a Settled, earlier: bool, problem: Option<&'a Problem>) -> SubmittedLine<'a> {
    let outcome = match settled.outcome {
        Word::Stored => "stored",
        Word::Unchanged => "unchanged",
        Word::Refused => "refused",
    };
    SubmittedLine {
        file: &settled.document,
        outcome,
        earlier,
        number: settled.number.as_deref(),
        sha256: Some(settled.sha256),
        reason: settled.reason.as_deref(),
        findings: problem.map_or(&[], |problem| &problem.findings),
    }
}
