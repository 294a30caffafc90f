//! What do the checkpoints that somebody kept say of a chain, and do they hold themselves?

use std::collections::BTreeMap;

use chrono::{DateTime, Utc};
use epix_native::signature::{KeyError, PublicKey};
use serde::Serialize;

use super::checkpoint::{Checkpoint, SignedCheckpoint};
use super::line::Head;
use crate::id::{AuthorityId, Sha256Digest};

/// The first thing that is wrong with a checkpoint.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, thiserror::Error)]
#[error("checkpoint {number}: {what}")]
pub struct CheckpointBreak {
    /// Which one; 0 when its number cannot be read.
    pub number: u64,
    /// What is wrong with it.
    pub what: CheckpointFlaw,
}

/// What is wrong with a checkpoint.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, thiserror::Error)]
#[serde(rename_all = "kebab-case")]
pub enum CheckpointFlaw {
    /// Nothing can be read in it.
    #[error("it cannot be read")]
    Unreadable,
    /// Its signature is none of the known keys.
    #[error("it is not signed with the known key")]
    NotSigned,
    /// It is not there, but a later one is.
    #[error("it is missing")]
    Missing,
    /// There are two of the same number.
    #[error("there is another one of the same number")]
    Twice,
    /// It does not name the one before it.
    #[error("it does not follow the one before it")]
    Unlinked,
    /// A chain is shorter in it than in the one before, and no restored backup is the reason.
    #[error("the chain of {authority}, shard {shard}, is shorter in it than in the one before")]
    GoesBack {
        /// Whose chain.
        authority: AuthorityId,
        /// Which part of it.
        shard: u32,
    },
}

/// Whether the signatures of checkpoints were looked at.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Signatures {
    /// With a key that was given: those that do not hold were left out and told.
    Checked,
    /// No key was given.
    NotChecked,
}

/// A line that a checkpoint signed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Mark {
    pub(super) hash: Sha256Digest,
    pub(super) number: u64,
}

/// What a restored backup cut off.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct Cut {
    /// How many lines are lost that a checkpoint knew.
    pub lines: u64,
    /// The checkpoint that says so.
    pub checkpoint: u64,
}

type Chain = (AuthorityId, u32);

/// The checkpoints that somebody kept, those that do not hold left out.
#[derive(Debug, Clone)]
pub struct Checkpoints {
    all: Vec<Checkpoint>,
    marks: BTreeMap<Chain, BTreeMap<u64, Mark>>,
    cuts: BTreeMap<Chain, Cut>,
    signatures: Signatures,
    flaws: Vec<CheckpointBreak>,
}

impl Checkpoints {
    /// No checkpoints at all: a chain then stands for itself.
    pub fn none() -> Checkpoints {
        let (all, marks, cuts) = Default::default();
        Checkpoints { all, marks, cuts, signatures: Signatures::NotChecked, flaws: Vec::new() }
    }

    /// Takes checkpoints in any order. Without a key their signatures are not looked at.
    ///
    /// # Errors
    /// [`KeyError`] when nobody could look; what is wrong is told by [`Checkpoints::flaws`].
    pub fn read(
        signed: impl IntoIterator<Item = SignedCheckpoint>,
        keys: &[PublicKey],
    ) -> Result<Checkpoints, KeyError> {
        let mut known = Checkpoints::none();
        if !keys.is_empty() {
            known.signatures = Signatures::Checked;
        }
        let mut sorted: BTreeMap<u64, (SignedCheckpoint, Checkpoint)> = BTreeMap::new();
        for signed in signed {
            let Ok(read) = signed.read() else {
                known.blame(0, CheckpointFlaw::Unreadable);
                continue;
            };
            if !is_signed(&signed, keys)? {
                known.blame(read.number, CheckpointFlaw::NotSigned);
                continue;
            }
            match sorted.get(&read.number) {
                Some((other, _)) if *other != signed => known.blame(read.number, CheckpointFlaw::Twice),
                _ => drop(sorted.insert(read.number, (signed, read))),
            }
        }
        known.link(sorted);
        Ok(known)
    }

    fn link(&mut self, sorted: BTreeMap<u64, (SignedCheckpoint, Checkpoint)>) {
        let mut before: Option<(u64, Sha256Digest)> = None;
        for (number, (signed, read)) in sorted {
            match before {
                Some((last, _)) if last.saturating_add(1) != number => {
                    self.blame(last.saturating_add(1), CheckpointFlaw::Missing)
                }
                Some((_, digest)) if read.previous != Some(digest) => self.blame(number, CheckpointFlaw::Unlinked),
                _ => {}
            }
            before = Some((number, signed.digest()));
            self.mark(&read);
            self.all.push(read);
        }
    }

    fn mark(&mut self, read: &Checkpoint) {
        for cut in &read.restored {
            let marks = self.marks.entry(cut.chain()).or_default();
            let lost = marks.split_off(&(cut.sequence.saturating_add(1)));
            let lines = lost.keys().next_back().map_or(0, |last| last - cut.sequence);
            self.cuts.insert(cut.chain(), Cut { lines, checkpoint: read.number });
        }
        let shorter: Vec<Chain> =
            self.marks.iter().filter(|(chain, marks)| is_shorter(read, chain, marks)).map(|(c, _)| c.clone()).collect();
        for (authority, shard) in shorter {
            self.blame(read.number, CheckpointFlaw::GoesBack { authority, shard });
        }
        for head in read.heads.iter().filter(|head| head.sequence > 0) {
            let mark = Mark { hash: head.hash, number: read.number };
            self.marks.entry(head.chain()).or_default().entry(head.sequence).or_insert(mark);
        }
    }

    fn blame(&mut self, number: u64, what: CheckpointFlaw) {
        self.flaws.push(CheckpointBreak { number, what });
    }

    /// What is wrong with the checkpoints themselves.
    pub fn flaws(&self) -> &[CheckpointBreak] {
        &self.flaws
    }

    /// The newest one.
    pub fn last(&self) -> Option<&Checkpoint> {
        self.all.last()
    }

    /// One by its number.
    pub fn numbered(&self, number: u64) -> Option<&Checkpoint> {
        self.all.iter().find(|checkpoint| checkpoint.number == number)
    }

    /// In short: how many, up to which, and whether their signatures were looked at.
    pub fn summary(&self) -> Option<Summary> {
        let (first, last) = (self.all.first()?, self.all.last()?);
        Some(Summary {
            first: first.number,
            last: last.number,
            count: self.all.len(),
            at: last.at,
            signatures: self.signatures,
        })
    }

    /// The chains that they know, each with the last line that was signed.
    pub fn chains(&self) -> impl Iterator<Item = Head> + '_ {
        self.marks.iter().filter_map(|((authority, shard), marks)| {
            let (sequence, mark) = marks.last_key_value()?;
            Some(Head { authority: authority.clone(), shard: *shard, sequence: *sequence, hash: mark.hash })
        })
    }

    /// The lines of a chain that they signed, by number.
    pub(super) fn marks(&self, head: &Head) -> BTreeMap<u64, Mark> {
        self.marks.get(&head.chain()).cloned().unwrap_or_default()
    }

    /// What a restored backup cut off a chain.
    pub(super) fn cut(&self, head: &Head) -> Option<Cut> {
        self.cuts.get(&head.chain()).copied()
    }

    /// The checkpoint that says that everything up to this line was purged.
    pub fn purged(&self, up_to: &Head) -> Option<u64> {
        self.all.iter().find(|checkpoint| checkpoint.purged.contains(up_to)).map(|checkpoint| checkpoint.number)
    }
}

/// Checkpoints in short.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Summary {
    /// The number of the oldest.
    pub first: u64,
    /// The number of the newest.
    pub last: u64,
    /// How many there are.
    pub count: usize,
    /// When the newest was made.
    pub at: DateTime<Utc>,
    /// Whether their signatures were looked at.
    pub signatures: Signatures,
}

fn is_signed(signed: &SignedCheckpoint, keys: &[PublicKey]) -> Result<bool, KeyError> {
    for key in keys {
        if signed.is_signed_by(key)? {
            return Ok(true);
        }
    }
    Ok(keys.is_empty())
}

/// Does a checkpoint know less of a chain than those before it?
fn is_shorter(read: &Checkpoint, (authority, shard): &Chain, marks: &BTreeMap<u64, Mark>) -> bool {
    let last = marks.keys().next_back().copied().unwrap_or(0);
    read.head(authority, *shard).map_or(0, |head| head.sequence) < last
}
