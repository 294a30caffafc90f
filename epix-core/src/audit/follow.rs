//! Following a chain line by line, held against the checkpoints that are known of it.

use std::collections::BTreeMap;
use std::fmt;

use serde::{Serialize, Serializer};

use super::chain::{Break, ChainBreak, fault_of};
use super::known::{CheckpointBreak, Checkpoints, Cut, Mark, Signatures, Summary};
use super::line::{AuditLine, Head};
use crate::id::AuthorityId;

/// Where a chain, or the part of it that is looked at, begins.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Beginning {
    /// With its first line.
    FirstLine,
    /// Behind the line at which this checkpoint found it.
    Checkpoint(u64),
    /// Behind lines that were purged, as this checkpoint says.
    Purged(u64),
}

/// One chain that holds.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Followed {
    /// Where it ends.
    pub head: Head,
    /// Where what was looked at begins.
    pub begins: Beginning,
    /// How many lines were looked at.
    pub lines: u64,
    /// Number of the last line that a checkpoint signed; 0 without one. For those behind it the chain stands for itself.
    pub signed_up_to: u64,
    /// What a restored backup cut off.
    pub lost: Option<Cut>,
}

/// On the way along a chain.
#[derive(Debug)]
pub struct Follower {
    head: Head,
    begins: Beginning,
    lines: u64,
    marks: BTreeMap<u64, Mark>,
    lost: Option<Cut>,
}

impl Follower {
    /// Begins behind a line.
    ///
    /// # Errors
    /// [`Break::NoBeginning`] when that is not where a chain may begin: at genesis, at a checkpoint, at the end of a purge.
    pub fn begin(known: &Checkpoints, from: Head) -> Result<Follower, ChainBreak> {
        let marks = known.marks(&from);
        let at_checkpoint = || marks.get(&from.sequence).filter(|mark| mark.hash == from.hash).map(|mark| mark.number);
        let begins = if from.is_genesis() {
            Beginning::FirstLine
        } else if let Some(number) = known.purged(&from) {
            Beginning::Purged(number)
        } else if let Some(number) = at_checkpoint() {
            Beginning::Checkpoint(number)
        } else {
            return Err(broken(&from, from.sequence, Break::NoBeginning));
        };
        let lost = known.cut(&from);
        Ok(Follower { head: from, begins, lines: 0, marks, lost })
    }

    /// Begins with the line at which the newest checkpoint found the chain: `found` is what stands there now.
    ///
    /// # Errors
    /// When it is another line, or none is there and none was purged; `recorded` is where the chain ends.
    pub fn begin_at(
        known: &Checkpoints,
        signed: Head,
        found: Option<&AuditLine>,
        recorded: &Head,
    ) -> Result<Follower, ChainBreak> {
        let number = known.marks(&signed).last_key_value().map_or(0, |(_, mark)| mark.number);
        let at = signed.sequence;
        let wrong = match found {
            Some(line) if !line.is_intact() => Some((at, Break::Edited)),
            Some(line) if line.sequence == at && line.hash != signed.hash => {
                Some((at, Break::OffCheckpoint { number }))
            }
            Some(line) if line.sequence == at => None,
            _ if known.purged(&signed).is_some() => None,
            Some(_) => Some((at, Break::Missing)),
            None => Some((at.min(recorded.sequence.saturating_add(1)), Break::BehindCheckpoint { number })),
        };
        match wrong {
            Some((sequence, what)) => Err(broken(&signed, sequence, what)),
            None => Follower::begin(known, signed),
        }
    }

    /// Where the next line is expected.
    pub fn head(&self) -> &Head {
        &self.head
    }

    /// Takes the next line.
    ///
    /// # Errors
    /// What keeps it from being the next.
    pub fn take(&mut self, line: &AuditLine) -> Result<(), ChainBreak> {
        if let Some((sequence, what)) = fault_of(&self.head, line) {
            return Err(broken(&self.head, sequence, what));
        }
        if let Some(mark) = self.marks.get(&line.sequence).filter(|mark| mark.hash != line.hash) {
            return Err(broken(&self.head, line.sequence, Break::OffCheckpoint { number: mark.number }));
        }
        self.head = line.head();
        self.lines += 1;
        Ok(())
    }

    /// Ends where the lines end; `recorded` is where they should.
    ///
    /// # Errors
    /// When lines are missing at the end, or there are too many.
    pub fn end(self, recorded: &Head) -> Result<Followed, ChainBreak> {
        let reached = self.head.sequence;
        let signed = self.marks.last_key_value().map(|(sequence, mark)| (*sequence, mark.number));
        let what = match (reached.cmp(&recorded.sequence), signed) {
            (_, Some((last, number))) if last > reached.min(recorded.sequence) => {
                Some((reached.min(recorded.sequence).saturating_add(1), Break::BehindCheckpoint { number }))
            }
            (std::cmp::Ordering::Less, _) => Some((reached.saturating_add(1), Break::MissingTail)),
            (std::cmp::Ordering::Greater, _) => Some((recorded.sequence.saturating_add(1), Break::BeyondHead)),
            (std::cmp::Ordering::Equal, _) => (self.head.hash != recorded.hash).then_some((reached, Break::Edited)),
        };
        if let Some((sequence, what)) = what {
            return Err(broken(&self.head, sequence, what));
        }
        let signed_up_to = signed.map_or(0, |(last, _)| last);
        Ok(Followed { head: self.head, begins: self.begins, lines: self.lines, signed_up_to, lost: self.lost })
    }
}

fn broken(head: &Head, sequence: u64, what: Break) -> ChainBreak {
    ChainBreak { authority: head.authority.clone(), shard: head.shard, sequence, what }
}

/// What was found out about an audit.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Verdict {
    /// The chains that hold.
    pub chains: Vec<Followed>,
    /// What does not.
    #[serde(serialize_with = "with_sentences")]
    pub flaws: Vec<Flaw>,
    /// The checkpoints that it was held against.
    pub checkpoints: Option<Summary>,
}

/// One thing that is wrong with an audit.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, thiserror::Error)]
#[serde(rename_all = "kebab-case")]
pub enum Flaw {
    /// With a chain.
    #[error(transparent)]
    Chain(#[from] ChainBreak),
    /// With a checkpoint.
    #[error(transparent)]
    Checkpoint(#[from] CheckpointBreak),
    /// With a whole chain: a checkpoint knows it.
    #[error("audit chain of {authority}, shard {shard}: it is missing, and a checkpoint knows {lines} lines of it")]
    MissingChain {
        /// Whose chain.
        authority: AuthorityId,
        /// Which part of it.
        shard: u32,
        /// How many lines were signed.
        lines: u64,
    },
    /// With the file of an export.
    #[error("line {line} of the file: {what}")]
    File {
        /// Which line of the file, from 1.
        line: u64,
        /// What is wrong with it.
        what: String,
    },
}

impl Verdict {
    /// Puts together what was found out, and looks for chains that checkpoints know and nobody has seen.
    pub fn new(
        known: &Checkpoints,
        found: Vec<Result<Followed, Flaw>>,
        expects: impl Fn(&AuthorityId) -> bool,
    ) -> Verdict {
        let mut verdict = Verdict { chains: Vec::new(), flaws: Vec::new(), checkpoints: known.summary() };
        verdict.flaws.extend(known.flaws().iter().cloned().map(Flaw::from));
        for found in found {
            match found {
                Ok(followed) => verdict.chains.push(followed),
                Err(flaw) => verdict.flaws.push(flaw),
            }
        }
        let missing: Vec<Head> =
            known.chains().filter(|chain| expects(&chain.authority) && !verdict.names(chain)).collect();
        verdict.flaws.extend(
            missing.into_iter().map(|Head { authority, shard, sequence: lines, .. }| Flaw::MissingChain {
                authority,
                shard,
                lines,
            }),
        );
        verdict
    }

    /// True when nothing is wrong.
    pub fn is_whole(&self) -> bool {
        self.flaws.is_empty()
    }

    fn names(&self, chain: &Head) -> bool {
        let is_broken = |flaw: &Flaw| matches!(flaw, Flaw::Chain(found) if found.authority == chain.authority && found.shard == chain.shard);
        self.chains.iter().any(|followed| followed.head.is_same_chain(chain)) || self.flaws.iter().any(is_broken)
    }
}

impl fmt::Display for Followed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Head { authority, shard, sequence, hash } = &self.head;
        write!(f, "{authority}, shard {shard}: {sequence} lines, whole")?;
        match self.begins {
            Beginning::FirstLine => {}
            Beginning::Checkpoint(number) => write!(f, " from checkpoint {number} on ({} looked at)", self.lines)?,
            Beginning::Purged(number) => {
                write!(f, "; the first {} were purged (checkpoint {number})", sequence - self.lines)?;
            }
        }
        if self.signed_up_to > 0 {
            write!(f, "; signed up to line {}", self.signed_up_to)?;
        }
        if let Some(Cut { lines, checkpoint }) = self.lost {
            write!(f, "; {lines} lines behind it were lost before a backup was restored (checkpoint {checkpoint})")?;
        }
        write!(f, "; head {hash}")
    }
}

/// Programs that only pass it on need the sentence, others the facts.
fn with_sentences<S: Serializer>(flaws: &[Flaw], serializer: S) -> Result<S::Ok, S::Error> {
    #[derive(Serialize)]
    struct Told<'f> {
        sentence: String,
        flaw: &'f Flaw,
    }
    serializer.collect_seq(flaws.iter().map(|flaw| Told { sentence: flaw.to_string(), flaw }))
}

/// For people: one line each.
impl fmt::Display for Verdict {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for chain in &self.chains {
            writeln!(f, "{chain}")?;
        }
        match &self.checkpoints {
            None => writeln!(f, "no checkpoints: a tail that was cut off together with its head would not be seen")?,
            Some(Summary { first, last, at, signatures, .. }) => {
                let signed = match signatures {
                    Signatures::Checked => "signatures hold",
                    Signatures::NotChecked => "their signatures were NOT looked at, because no key was given",
                };
                writeln!(f, "checkpoints {first} to {last}, the last of {}: {signed}", super::timestamp(*at))?;
            }
        }
        for flaw in &self.flaws {
            writeln!(f, "{flaw}")?;
        }
        Ok(())
    }
}
