//! How many documents ended how?

use std::fmt::Write as _;

use super::journal::Word;
use super::sender::Outcome;
use crate::cmd::many::bar::SoFar;
use crate::exit::Exit;

/// The count so far.
#[derive(Debug, Default, Clone, Copy)]
pub(super) struct Tally {
    stored: usize,
    unchanged: usize,
    refused: usize,
    /// Of those above: settled by an earlier run.
    earlier: usize,
    not_sent: usize,
    troubled: usize,
}

impl Tally {
    pub(super) fn count(&mut self, outcome: &Outcome) {
        match outcome {
            Outcome::Settled(settled, _) => self.settled(settled.outcome),
            Outcome::Earlier(settled) => {
                self.earlier += 1;
                self.settled(settled.outcome);
            }
            Outcome::NotSent => self.not_sent += 1,
            Outcome::Trouble(_) => self.troubled += 1,
        }
    }

    fn settled(&mut self, word: Word) {
        match word {
            Word::Stored => self.stored += 1,
            Word::Unchanged => self.unchanged += 1,
            Word::Refused => self.refused += 1,
        }
    }

    fn total(&self) -> usize {
        self.stored + self.unchanged + self.refused + self.open()
    }

    /// How many are not settled.
    pub(super) fn open(&self) -> usize {
        self.not_sent + self.troubled
    }

    pub(super) fn exit(&self) -> Exit {
        match self {
            tally if tally.open() > 0 => Exit::Trouble,
            Tally { refused: 1.., .. } => Exit::Invalid,
            Tally { .. } => Exit::Good,
        }
    }

    /// The sum at the end, for people.
    pub(super) fn line(&self) -> String {
        let noun = if self.total() == 1 { "document" } else { "documents" };
        let mut line = format!("{} {noun}: {} stored", self.total(), self.stored);
        for (count, words) in [
            (self.unchanged, "kept there already"),
            (self.refused, "refused"),
            (self.troubled, "in trouble"),
            (self.not_sent, "not sent"),
        ] {
            if count > 0 {
                let _ = write!(line, ", {count} {words}");
            }
        }
        if self.earlier > 0 {
            let _ = write!(line, " ({} of them settled before, as the journal says)", self.earlier);
        }
        line + "\n"
    }

    /// The same while it goes on, short enough for one line of a terminal.
    pub(super) fn so_far(&self) -> SoFar {
        SoFar { done: self.total(), words: format!("{} stored, {} refused", self.stored, self.refused) }
    }
}
