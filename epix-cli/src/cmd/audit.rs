//! `epix audit verify`: is an exported audit whole?

use std::fs::File;
use std::io::{self, BufRead, BufReader, Read as _};

use epix_core::audit::{ExportError, ExportReader, Verdict};

use super::say;
use crate::args::Format;
use crate::exit::{Exit, Trouble};
use crate::output::audit::AuditLine;
use crate::output::{Console, json, plain};
use crate::plan::{Audit, Input};

/// No line of an export comes near it: the longest hold a chain of certificates and revocation lists.
const LONGEST: u64 = 64 << 20;

/// How many lines pass between two words about how far it is.
const TOLD: u64 = 50_000;

/// Looks at one export, from its first line to its last.
pub(crate) fn run(plan: Audit, console: &mut Console<'_>) -> Result<Exit, Trouble> {
    let name = plan.input.name();
    let reader = ExportReader::new(plan.keys, plan.checkpoints);
    let verdict = match &plan.input {
        Input::Stdin => {
            let Console { input, err, shows_progress, .. } = console;
            follow(reader, &mut BufReader::new(&mut **input), &name, shows_progress.then_some(&mut **err))?
        }
        Input::File(path) => {
            let file = File::open(path).map_err(|cause| Trouble::Read { file: name.clone(), cause })?;
            let Console { err, shows_progress, .. } = console;
            follow(reader, &mut BufReader::new(file), &name, shows_progress.then_some(&mut **err))?
        }
    };
    match plan.format {
        Format::Json => json::line(console, &AuditLine::new(name, &verdict))?,
        Format::Human => {
            for line in verdict.to_string().lines() {
                say(console, &format!("{}\n", plain(line)))?;
            }
        }
    }
    Ok(if verdict.is_whole() { Exit::Good } else { Exit::Invalid })
}

fn follow(
    mut reader: ExportReader,
    from: &mut dyn BufRead,
    name: &str,
    mut told: Option<&mut dyn io::Write>,
) -> Result<Verdict, Trouble> {
    let unreadable = |cause| Trouble::Read { file: name.to_owned(), cause };
    let unseen = |cause: ExportError| Trouble::Audit { file: name.to_owned(), cause };
    let mut line = Vec::new();
    let mut count = 0;
    loop {
        line.clear();
        let read = (&mut *from).take(LONGEST).read_until(b'\n', &mut line).map_err(unreadable)?;
        if read == 0 {
            break;
        }
        if read as u64 == LONGEST {
            return Err(unreadable(io::Error::other("it has a line that is far too long for an audit")));
        }
        // What is no UTF-8 is no JSON either: the reader names the line.
        reader.take(String::from_utf8_lossy(&line).trim_end()).map_err(unseen)?;
        count += 1;
        if let Some(err) = told.as_mut().filter(|_| count % TOLD == 0) {
            // Where nobody hears it the verdict still tells.
            let _ = write!(err, "\r{count} lines");
        }
    }
    if let Some(err) = told.filter(|_| count >= TOLD) {
        let _ = write!(err, "\r\x1b[K");
    }
    reader.verdict().map_err(unseen)
}
