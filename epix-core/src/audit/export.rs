//! The audit as a file that can be verified without the store: lines of JSON, read once from first to last.
//!
//! A header says which chains follow, each from where to where; then come the checkpoints, before the lines, so that one
//! reading with little memory can hold the lines against them; then the lines of one chain after the other; then the end.

use chrono::{DateTime, Utc};
use epix_native::signature::{KeyError, PublicKey};
use serde::{Deserialize, Serialize};

use super::checkpoint::SignedCheckpoint;
use super::follow::{Flaw, Followed, Follower, Verdict};
use super::known::Checkpoints;
use super::line::{AuditLine, Head};
use super::time;
use crate::id::AuthorityId;

/// The form of the file that this build writes and reads.
pub const FORM: u32 = 1;

/// What the file begins with.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Header {
    /// [`FORM`].
    pub form: u32,
    /// When it was made.
    #[serde(with = "time::microseconds")]
    pub at: DateTime<Utc>,
    /// The only authority whose chains are in it; all of them when left out.
    pub authority: Option<AuthorityId>,
    /// The chains, in the order in which they follow.
    pub chains: Vec<Stretch>,
}

/// A part of a chain.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Stretch {
    /// The line behind which it begins.
    pub from: Head,
    /// Its last line.
    pub to: Head,
}

/// One line of the file.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Entry {
    /// The first.
    EpixAudit(Header),
    /// A checkpoint.
    Checkpoint(SignedCheckpoint),
    /// A line of a chain.
    Line(AuditLine),
    /// The last: without it the file is not whole.
    End {
        /// How many lines of chains there are.
        lines: u64,
    },
}

impl Entry {
    /// The entry as a line of the file, its end included.
    pub fn to_text(&self) -> String {
        let mut text = serde_json::to_string(self).expect("texts, numbers and lists always serialise");
        text.push('\n');
        text
    }
}

/// Why nobody could look at an export.
#[derive(Debug, thiserror::Error)]
pub enum ExportError {
    /// The file is something else.
    #[error("it is not an export of an audit: its first line is no header")]
    NotAnExport,
    /// A newer build wrote it.
    #[error("it has form {found}, this build reads form {FORM}: use the newer build")]
    Newer {
        /// The form of the file.
        found: u32,
    },
    /// Signatures could not be checked.
    #[error("the signatures of the checkpoints could not be checked")]
    Key(#[from] KeyError),
}

/// On the way through an export.
#[derive(Debug)]
pub struct ExportReader {
    keys: Vec<PublicKey>,
    checkpoints: Vec<SignedCheckpoint>,
    header: Option<Header>,
    /// `None` until the first line of a chain: until then checkpoints come.
    known: Option<Checkpoints>,
    /// How many chains were begun, and the one that is under way; `None` behind its first flaw.
    begun: usize,
    follower: Option<Follower>,
    found: Vec<Result<Followed, Flaw>>,
    at: u64,
    lines: u64,
    has_ended: bool,
}

impl ExportReader {
    /// Begins; `kept` are checkpoints that somebody kept elsewhere.
    pub fn new(keys: Vec<PublicKey>, kept: Vec<SignedCheckpoint>) -> ExportReader {
        ExportReader {
            keys,
            checkpoints: kept,
            header: None,
            known: None,
            begun: 0,
            follower: None,
            found: Vec::new(),
            at: 0,
            lines: 0,
            has_ended: false,
        }
    }

    /// Takes the next line of the file.
    ///
    /// # Errors
    /// [`ExportError`] when one cannot look further; what is wrong is part of the verdict.
    pub fn take(&mut self, text: &str) -> Result<(), ExportError> {
        self.at += 1;
        let entry = serde_json::from_str::<Entry>(text);
        match (entry, &self.header) {
            (Ok(Entry::EpixAudit(header)), None) if header.form > FORM => {
                return Err(ExportError::Newer { found: header.form });
            }
            (Ok(Entry::EpixAudit(header)), None) => self.header = Some(header),
            (_, None) => return Err(ExportError::NotAnExport),
            (_, Some(_)) if self.has_ended => self.blame("it stands behind the end"),
            (Ok(Entry::Checkpoint(signed)), _) if self.known.is_none() => self.checkpoints.push(signed),
            (Ok(Entry::Line(line)), _) => self.line(&line)?,
            (Ok(Entry::End { lines }), _) => self.end(lines)?,
            (Ok(_), _) => self.blame("it stands in the wrong place"),
            (Err(_), _) => self.blame("it cannot be read"),
        }
        Ok(())
    }

    /// Says what was found out.
    ///
    /// # Errors
    /// [`ExportError`] when there was nothing to look at.
    pub fn verdict(mut self) -> Result<Verdict, ExportError> {
        if self.header.is_none() {
            return Err(ExportError::NotAnExport);
        }
        if !self.has_ended {
            self.at += 1;
            self.blame("the end of the file is missing from here on");
        }
        let known = self.known()?.clone();
        self.skip_to(usize::MAX)?;
        let only = self.header.and_then(|header| header.authority);
        let expects = |authority: &AuthorityId| only.as_ref().is_none_or(|only| only == authority);
        Ok(Verdict::new(&known, self.found, expects))
    }

    fn line(&mut self, line: &AuditLine) -> Result<(), ExportError> {
        self.lines += 1;
        self.known()?;
        let stretches = self.header.as_ref().map(|header| header.chains.as_slice()).unwrap_or_default();
        let is_of = |stretch: &Stretch| stretch.from.authority == line.authority && stretch.from.shard == line.shard;
        match stretches.iter().position(is_of) {
            Some(index) if index + 1 >= self.begun => self.skip_to(index + 1)?,
            // Its chain is over, or in no header: the chain that is under way says so.
            _ => {}
        }
        let taken = self.follower.as_mut().map(|follower| follower.take(line));
        match taken {
            Some(Err(broken)) => {
                self.follower = None;
                self.found.push(Err(broken.into()));
            }
            None if self.found.iter().all(Result::is_ok) => self.blame("it belongs to no chain of the header"),
            _ => {}
        }
        Ok(())
    }

    /// Ends the chain that is under way and begins others, until so many were begun.
    fn skip_to(&mut self, count: usize) -> Result<(), ExportError> {
        if self.begun >= count {
            return Ok(());
        }
        let known = self.known()?.clone();
        let stretches = self.header.as_ref().map(|header| header.chains.clone()).unwrap_or_default();
        while self.begun < count {
            if let Some(follower) = self.follower.take() {
                let recorded = &stretches[self.begun - 1].to;
                self.found.push(follower.end(recorded).map_err(Flaw::from));
            }
            let Some(next) = stretches.get(self.begun) else { break };
            self.begun += 1;
            match Follower::begin(&known, next.from.clone()) {
                Ok(follower) => self.follower = Some(follower),
                Err(broken) => self.found.push(Err(broken.into())),
            }
        }
        Ok(())
    }

    fn end(&mut self, lines: u64) -> Result<(), ExportError> {
        self.has_ended = true;
        self.skip_to(usize::MAX)?;
        if lines != self.lines && self.found.iter().all(Result::is_ok) {
            self.blame(&format!("the file was written with {lines} lines of chains, and has {}", self.lines));
        }
        Ok(())
    }

    /// The checkpoints, once all have come.
    fn known(&mut self) -> Result<&Checkpoints, ExportError> {
        let known = match self.known.take() {
            Some(known) => known,
            None => Checkpoints::read(std::mem::take(&mut self.checkpoints), &self.keys)?,
        };
        Ok(self.known.insert(known))
    }

    fn blame(&mut self, what: &str) {
        self.found.push(Err(Flaw::File { line: self.at, what: what.to_owned() }));
    }
}
