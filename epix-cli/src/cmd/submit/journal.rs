//! What became of each document, remembered on disk so that an interrupted work can go on.
//!
//! One JSON object a line: first whom it is about, then one line for each document that is settled. A line that was cut off by a
//! loss of power is passed over: its document is sent again, which the gateway recognises.

use std::collections::BTreeMap;
use std::fs::{File, OpenOptions};
use std::io::{self, BufRead as _, BufReader, Seek as _, SeekFrom, Write as _};
use std::path::{Path, PathBuf};
use std::time::{SystemTime, UNIX_EPOCH};

use epix_core::id::Sha256Digest;
use serde::{Deserialize, Serialize};

use crate::exit::Trouble;

/// How a document was settled.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(super) enum Word {
    /// It is in the books.
    Stored,
    /// It was in the books before.
    Unchanged,
    /// The gateway does not take it.
    Refused,
}

/// What is remembered of a document.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Settled {
    /// Its name as people know it.
    pub(super) document: String,
    /// SHA-256 over its bytes and those of its signature.
    pub(super) sha256: Sha256Digest,
    pub(super) outcome: Word,
    pub(super) number: Option<String>,
    /// Why it was refused.
    pub(super) reason: Option<String>,
}

#[derive(Debug, Serialize, Deserialize)]
#[serde(untagged)]
enum Line {
    Head(Head),
    Settled(Settled),
}

#[derive(Debug, Clone, Serialize, Deserialize)]
struct Head {
    /// The gateway.
    to: String,
    /// Which run: part of the keys by which the gateway recognises what is sent again.
    run: String,
}

/// An open journal.
#[derive(Debug)]
pub(super) struct Journal {
    path: PathBuf,
    file: File,
    run: String,
    settled: BTreeMap<Sha256Digest, Settled>,
}

impl Journal {
    /// Opens the journal of a gateway, a new one where there is none. Nobody else works with it meanwhile.
    ///
    /// # Errors
    /// When it cannot be read or written, is in use, is no journal, or is about another gateway.
    pub(super) fn open(path: &Path, to: &str, again: bool) -> Result<Journal, Trouble> {
        let trouble = |cause| Trouble::Write { file: path.to_owned(), cause };
        let unfit = |reason| Trouble::Journal { file: path.to_owned(), reason };
        let opened = OpenOptions::new().read(true).append(true).create(true).open(path);
        let mut file = opened.map_err(trouble)?;
        file.try_lock().map_err(|_| unfit("another epix submit works with it"))?;
        let (head, settled) =
            read(&mut file).map_err(trouble)?.ok_or_else(|| unfit("it is no journal of epix submit"))?;
        if head.as_ref().is_some_and(|head| head.to != to) {
            return Err(unfit("it is about another gateway; name another file with --journal"));
        }
        let run = match head.filter(|_| !again) {
            Some(head) => head.run,
            None => new_run(to),
        };
        let mut journal = Journal { path: path.to_owned(), file, run, settled };
        journal.settled.retain(|_, settled| !again || settled.outcome != Word::Refused);
        let head = Head { to: to.to_owned(), run: journal.run.clone() };
        journal.write(&Line::Head(head))?;
        Ok(journal)
    }

    /// How a document with this digest was settled before.
    pub(super) fn settled(&self, digest: &Sha256Digest) -> Option<&Settled> {
        self.settled.get(digest)
    }

    /// The caller's own id of the call that sends a document: the same whenever this work sends it.
    pub(super) fn key(&self, digest: &Sha256Digest) -> String {
        format!("{}-{}", self.run, &digest.to_string()[..32])
    }

    /// Remembers how a document was settled.
    ///
    /// # Errors
    /// When it cannot be written.
    pub(super) fn settle(&mut self, settled: Settled) -> Result<(), Trouble> {
        self.write(&Line::Settled(settled))
    }

    /// Waits until what was written is on the disk.
    ///
    /// # Errors
    /// When it cannot be.
    pub(super) fn close(&mut self) -> Result<(), Trouble> {
        self.file.sync_data().map_err(|cause| Trouble::Write { file: self.path.clone(), cause })
    }

    fn write(&mut self, line: &Line) -> Result<(), Trouble> {
        let mut bytes = serde_json::to_vec(line).unwrap_or_else(|_| unreachable!("texts always serialise"));
        bytes.push(b'\n');
        self.file.write_all(&bytes).map_err(|cause| Trouble::Write { file: self.path.clone(), cause })
    }
}

/// What stands in a journal: its newest head and what is settled; `None` when it is no journal.
#[expect(clippy::type_complexity, reason = "a pair that only the caller above takes apart")]
fn read(file: &mut File) -> io::Result<Option<(Option<Head>, BTreeMap<Sha256Digest, Settled>)>> {
    file.seek(SeekFrom::Start(0))?;
    let (mut head, mut settled) = (None, BTreeMap::new());
    let mut reader = BufReader::new(&*file);
    let (mut line, mut is_whole) = (Vec::new(), true);
    while reader.read_until(b'\n', &mut line)? > 0 {
        is_whole = line.ends_with(b"\n");
        match serde_json::from_slice(&line) {
            Ok(Line::Head(found)) => head = Some(found),
            Ok(Line::Settled(found)) => drop(settled.insert(found.sha256, found)),
            Err(_) if head.is_none() => return Ok(None),
            Err(_) => {}
        }
        line.clear();
    }
    if !is_whole {
        // The next line must not be glued to one that was cut off.
        file.write_all(b"\n")?;
    }
    Ok(Some((head, settled)))
}

/// A name for a run that no other run has.
fn new_run(to: &str) -> String {
    let now = SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |since| since.as_nanos());
    let seed = format!("{to} {now} {}", std::process::id());
    Sha256Digest::of(seed.as_bytes()).to_string()[..16].to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    const TO: &str = "https://a.example/rest/v1/";

    fn settled(name: &str, outcome: Word) -> Settled {
        let sha256 = Sha256Digest::of(name.as_bytes());
        Settled { document: name.to_owned(), sha256, outcome, number: None, reason: None }
    }

    fn open(path: &Path, again: bool) -> Journal {
        Journal::open(path, TO, again).unwrap()
    }

    #[test]
    fn what_was_settled_is_known_after_a_line_was_cut_off() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("journal");
        let mut journal = open(&path, false);
        let key = journal.key(&Sha256Digest::of(b"b"));
        journal.settle(settled("a", Word::Stored)).unwrap();
        journal.close().unwrap();
        drop(journal);
        let mut bytes = std::fs::read(&path).unwrap();
        bytes.extend_from_slice(br#"{"document":"b","sha2"#);
        std::fs::write(&path, bytes).unwrap();

        let mut journal = open(&path, false);
        journal.settle(settled("c", Word::Refused)).unwrap();
        drop(journal);
        let journal = open(&path, false);

        let known = |name: &str| journal.settled(&Sha256Digest::of(name.as_bytes())).is_some();
        assert_eq!((known("a"), known("b"), known("c")), (true, false, true));
        assert_eq!(journal.key(&Sha256Digest::of(b"b")), key, "what may have arrived is recognised by the same key");
    }

    #[test]
    fn refused_ones_are_sent_again_under_another_key() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("journal");
        let digest = Sha256Digest::of(b"a");
        let mut journal = open(&path, false);
        let key = journal.key(&digest);
        journal.settle(settled("a", Word::Refused)).unwrap();
        drop(journal);

        let journal = open(&path, true);

        assert!(journal.settled(&digest).is_none());
        assert_ne!(journal.key(&digest), key);
    }

    #[test]
    fn a_journal_of_something_else_is_left_alone() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("journal");
        let reason = |error: Trouble| match error {
            Trouble::Journal { reason, .. } => reason,
            other => panic!("{other:?}"),
        };
        drop(open(&path, false));

        let other = reason(Journal::open(&path, "https://b.example/rest/v1/", false).unwrap_err());
        let held = open(&path, false);
        let in_use = reason(Journal::open(&path, TO, false).unwrap_err());
        drop(held);
        std::fs::write(&path, "a letter\n").unwrap();
        let letter = reason(Journal::open(&path, TO, false).unwrap_err());

        assert!(other.contains("another gateway") && in_use.contains("another epix submit"), "{other}, {in_use}");
        assert_eq!(
            (letter, std::fs::read(&path).unwrap()),
            ("it is no journal of epix submit", b"a letter\n".to_vec())
        );
    }
}
