//! How many documents ended how?

use std::fmt::Write as _;

use crate::cmd::many::bar::SoFar;
use crate::cmd::many::documents::Walked;
use crate::exit::Exit;

/// The count so far.
#[derive(Debug, Default, Clone, Copy)]
pub(super) struct Tally {
    accepted: usize,
    refused: usize,
    unread: usize,
}

impl Tally {
    pub(super) fn count(&mut self, exit: Exit) {
        match exit {
            Exit::Good => self.accepted += 1,
            Exit::Invalid => self.refused += 1,
            Exit::Trouble => self.unread += 1,
        }
    }

    pub(super) fn total(&self) -> usize {
        self.accepted + self.refused + self.unread
    }

    pub(super) fn exit(&self) -> Exit {
        match self {
            Tally { unread: 1.., .. } => Exit::Trouble,
            Tally { refused: 1.., .. } => Exit::Invalid,
            Tally { .. } => Exit::Good,
        }
    }

    /// The sum at the end, for people.
    pub(super) fn line(&self, walked: &Walked) -> String {
        let noun = if self.total() == 1 { "document" } else { "documents" };
        let mut line = format!("{} {noun}: {} accepted, {} refused", self.total(), self.accepted, self.refused);
        if self.unread > 0 {
            let _ = write!(line, ", {} not read", self.unread);
        }
        match walked.links {
            0 => {}
            1 => line.push_str("; a link to a folder was not followed"),
            links => {
                let _ = write!(line, "; {links} links to folders were not followed");
            }
        }
        line + "\n"
    }

    /// The same while it goes on, short enough for one line of a terminal.
    pub(super) fn so_far(&self) -> SoFar {
        let mut words = format!("{} refused", self.refused);
        if self.unread > 0 {
            let _ = write!(words, ", {} not read", self.unread);
        }
        SoFar { done: self.total(), words }
    }
}
