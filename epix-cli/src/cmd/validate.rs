//! Are these documents valid permits? One or a million of them, in files, folders and archives.
//!
//! ```text
//! documents::find ─> pool: read, look, put into words ─> say, in the order of the documents; only counts are kept
//! ```

mod tally;

use std::io::Write;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Mutex, OnceLock};
use std::thread;

use chrono::Utc;
use epix_core::receive::Sealing;
use epix_core::sign::seal::TimeSource;
use epix_core::sign::{Question, Signers};

use super::attachments;
use super::many::bar::Bar;
use super::many::documents::{self, Document, Stdin, Walked};
use super::many::pool;
use crate::args::ReportFormat;
use crate::exit::{Exit, Trouble};
use crate::output::human::{self, Detail};
use crate::output::json::{self, AttachmentLine, ErrorLine, ReportLine};
use crate::output::{Console, Verdict, junit};
use crate::plan::{Depth, Validate};
use tally::Tally;

/// Looks at every document, also when one cannot be read.
pub(crate) fn run(plan: &Validate, console: &mut Console<'_>) -> Result<Exit, Trouble> {
    let Console { input, out, err, shows_progress } = console;
    let stdin: Stdin<'_> = Mutex::new(&mut **input);
    let (total, is_done) = (OnceLock::new(), AtomicBool::new(false));
    let mut speaker = Speaker { out: &mut **out, err: &mut **err, bar: Bar::new(*shows_progress, &total) };
    let mut tally = Tally::default();
    if plan.format == ReportFormat::Junit {
        speaker.out(junit::HEAD.as_bytes())?;
    }
    let walked = thread::scope(|scope| {
        if *shows_progress {
            scope.spawn(|| documents::count(&plan.inputs, &|| is_done.load(Ordering::Relaxed)).map(|n| total.set(n)));
        }
        let ended = look_at_all(plan, &stdin, |said| {
            tally.count(said.exit);
            speaker.say(&said, &tally)
        });
        is_done.store(true, Ordering::Relaxed);
        ended
    })?;
    speaker.bar.clear(speaker.err);
    match plan.format {
        ReportFormat::Junit => speaker.out(junit::TAIL.as_bytes())?,
        ReportFormat::Human if tally.total() > 1 || walked.containers > 0 => {
            speaker.out(tally.line(&walked).as_bytes())?;
        }
        ReportFormat::Human | ReportFormat::Json => {}
    }
    Ok(tally.exit())
}

fn look_at_all(
    plan: &Validate,
    stdin: &Stdin<'_>,
    take: impl FnMut(Said) -> Result<(), Trouble>,
) -> Result<Walked, Trouble> {
    let mut walked = Walked::default();
    pool::in_order(
        pool::processors(),
        |submit| {
            walked = documents::find(&plan.inputs, submit)?;
            Ok(())
        },
        |bytes, found: Result<Document, Trouble>| match found {
            Ok(document) => look(plan, &document, stdin, bytes),
            Err(trouble) => Said::trouble(plan, None, &trouble),
        },
        take,
    )?;
    Ok(walked)
}

fn look(plan: &Validate, document: &Document, stdin: &Stdin<'_>, bytes: &mut Vec<u8>) -> Said {
    let name = document.name();
    if let Err(trouble) = document.read(stdin, bytes) {
        return Said::trouble(plan, Some(&name), &trouble);
    }
    let verdict = match plan.depth {
        Depth::Whole => signed(plan, document, bytes),
        Depth::Schema => Ok(Verdict::of_schema(bytes, &plan.policy)),
        Depth::Guide => Ok(Verdict::of_guide(bytes, &plan.policy)),
    };
    match verdict {
        Ok(verdict) => Said::verdict(plan, name, bytes, &verdict),
        Err(trouble) => Said::trouble(plan, Some(&name), &trouble),
    }
}

/// Looks at a document with the signature in it, or in the file beside it.
fn signed(plan: &Validate, document: &Document, bytes: &[u8]) -> Result<Verdict, Trouble> {
    let detached = document.signature()?;
    let trusted = plan.trusted.as_ref();
    let question = || Question { at: Utc::now(), by: TimeSource::Now };
    let sealing = Sealing {
        detached: detached.as_deref(),
        requirement: plan.requirement,
        trust: trusted.map(|trusted| &trusted.trust),
        question: trusted.map_or_else(question, |trusted| trusted.question),
        signers: trusted.and_then(|trusted| trusted.issuer).map_or(Signers::OfIssuer, Signers::Of),
    };
    let verdict = Verdict::of_signed(bytes, &sealing, &plan.policy);
    verdict.map_err(|cause| Trouble::Unseen { file: document.name(), cause })
}

/// What is to be said of one document, in words already, so that nothing else of it need be kept.
struct Said {
    exit: Exit,
    out: Vec<u8>,
    err: Vec<u8>,
}

impl Said {
    fn verdict(plan: &Validate, name: String, bytes: &[u8], verdict: &Verdict) -> Said {
        let exit = if verdict.is_accepted() { Exit::Good } else { Exit::Invalid };
        let out = match plan.format {
            ReportFormat::Human => {
                let beside = beside(bytes).iter().map(attachments::line).collect::<String>();
                (human::report(&name, verdict, detail(plan)) + &beside).into_bytes()
            }
            ReportFormat::Json => {
                let attachments = beside(bytes);
                json::bytes(&ReportLine { attachments, ..ReportLine::new(Some(name), verdict) })
            }
            ReportFormat::Junit => junit::case(&name, verdict, detail(plan)).into_bytes(),
        };
        Said { exit, out, err: Vec::new() }
    }

    /// `name` is that of the document; trouble with a folder or an archive as a whole has it in its sentence.
    fn trouble(plan: &Validate, name: Option<&str>, trouble: &Trouble) -> Said {
        let (out, err) = match plan.format {
            ReportFormat::Human => (Vec::new(), human::trouble(trouble).into_bytes()),
            ReportFormat::Json => (json::bytes(&ErrorLine::new(trouble)), Vec::new()),
            ReportFormat::Junit => (junit::trouble(name, trouble).into_bytes(), Vec::new()),
        };
        Said { exit: Exit::Trouble, out, err }
    }
}

/// The files that travel with a permit in an answer, by name and digest.
fn beside(bytes: &[u8]) -> Vec<AttachmentLine> {
    attachments::name_all(&attachments::within(bytes).files)
}

fn detail(plan: &Validate) -> Detail {
    match (plan.all, plan.notes) {
        (true, _) => Detail::Everything,
        (false, true) => Detail::Notes,
        (false, false) => Detail::Digest,
    }
}

/// Results, complaints and the bar, so that none stands in the middle of another.
struct Speaker<'a> {
    out: &'a mut dyn Write,
    err: &'a mut dyn Write,
    bar: Bar<'a>,
}

impl Speaker<'_> {
    fn say(&mut self, said: &Said, tally: &Tally) -> Result<(), Trouble> {
        self.out(&said.out)?;
        if !said.err.is_empty() {
            // What was found so far comes before the complaint, where both go to one terminal.
            self.out.flush().map_err(Trouble::Output)?;
            self.bar.clear(self.err);
            let _ = self.err.write_all(&said.err);
        }
        if self.bar.is_due() {
            self.bar.clear(self.err);
            self.out.flush().map_err(Trouble::Output)?;
            self.bar.draw(&tally.so_far(), self.err);
        }
        Ok(())
    }

    fn out(&mut self, bytes: &[u8]) -> Result<(), Trouble> {
        self.out.write_all(bytes).map_err(Trouble::Output)
    }
}
