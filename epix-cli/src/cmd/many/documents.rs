//! Which documents are meant by what was typed, and how is each read?

use std::io::Read;
use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};

use super::super::files;
use super::archive::{Archive, Entry};
use super::folder::{Found, walk};
use crate::exit::Trouble;
use crate::plan::Input;

/// A document that was found and not yet read.
pub(in crate::cmd) enum Document {
    Stdin,
    File(PathBuf),
    Entry(Entry),
}

/// Where standard input is read, by whichever thread gets to it.
pub(in crate::cmd) type Stdin<'a> = Mutex<&'a mut (dyn Read + Send)>;

impl Document {
    /// How people know it.
    pub(in crate::cmd) fn name(&self) -> String {
        match self {
            Document::Stdin => Input::Stdin.name(),
            Document::File(path) => path.display().to_string(),
            Document::Entry(entry) => entry.name(),
        }
    }

    /// The signature in the file beside it, where there is one. Archives are looked at document by document.
    pub(in crate::cmd) fn signature(&self) -> Result<Option<Vec<u8>>, Trouble> {
        let Document::File(path) = self else { return Ok(None) };
        files::signature_of(path)
    }

    /// Reads it behind what is in the buffer.
    pub(in crate::cmd) fn read(&self, stdin: &Stdin<'_>, bytes: &mut Vec<u8>) -> Result<(), Trouble> {
        match self {
            Document::Stdin => {
                let mut stdin = stdin.lock().unwrap_or_else(PoisonError::into_inner);
                files::read_stream(&Input::Stdin.name(), &mut *stdin, bytes)
            }
            Document::File(path) => files::read_file(path, bytes),
            Document::Entry(entry) => entry.read(bytes),
        }
    }
}

/// What a walk through everything that was typed has seen.
#[derive(Debug, Default, PartialEq, Eq)]
pub(in crate::cmd) struct Walked {
    /// Links to folders, which were not followed.
    pub(in crate::cmd) links: usize,
    /// Folders and archives.
    pub(in crate::cmd) containers: usize,
}

/// Passes on every document that is meant, in order, and what stands in the way.
///
/// # Errors
/// What `take` says; the walk ends there.
pub(in crate::cmd) fn find<E>(
    inputs: &[Input],
    take: &mut dyn FnMut(Result<Document, Trouble>) -> Result<(), E>,
) -> Result<Walked, E> {
    let mut walked = Walked::default();
    for input in inputs {
        match input {
            Input::Stdin => take(Ok(Document::Stdin))?,
            Input::File(path) if path.is_dir() => in_folder(path, &mut walked, take)?,
            Input::File(path) if is_archive_name(path) => in_archive(path, &mut walked, take)?,
            Input::File(path) => take(Ok(Document::File(path.clone())))?,
        }
    }
    Ok(walked)
}

/// How many documents the walk will come to, as far as names and tables of contents tell; nothing when it was stopped.
pub(in crate::cmd) fn count(inputs: &[Input], is_stopped: &dyn Fn() -> bool) -> Option<usize> {
    let mut total = 0;
    for input in inputs {
        match input {
            Input::File(path) if path.is_dir() => walk(path, &mut |found| {
                total += usize::from(matches!(found, Found::Document(_)));
                if is_stopped() { Err(()) } else { Ok(()) }
            })
            .ok()?,
            Input::File(path) if is_archive_name(path) => {
                let claimed = Archive::open(path).map_or(1, |archive| archive.claims());
                total += usize::try_from(claimed).unwrap_or(usize::MAX);
            }
            Input::Stdin | Input::File(_) => total += 1,
        }
    }
    Some(total)
}

fn is_archive_name(path: &Path) -> bool {
    path.extension().is_some_and(|ending| ending.eq_ignore_ascii_case("zip"))
}

fn in_folder<E>(
    folder: &Path,
    walked: &mut Walked,
    take: &mut dyn FnMut(Result<Document, Trouble>) -> Result<(), E>,
) -> Result<(), E> {
    walked.containers += 1;
    let mut is_empty = true;
    walk(folder, &mut |found| match found {
        Found::Link => {
            walked.links += 1;
            Ok(())
        }
        Found::Document(path) => {
            is_empty = false;
            take(Ok(Document::File(path)))
        }
        Found::Unreadable(folder, cause) => {
            is_empty = false;
            take(Err(Trouble::Read { file: folder.display().to_string(), cause }))
        }
    })?;
    tell_empty(is_empty, folder, take)
}

fn in_archive<E>(
    path: &Path,
    walked: &mut Walked,
    take: &mut dyn FnMut(Result<Document, Trouble>) -> Result<(), E>,
) -> Result<(), E> {
    walked.containers += 1;
    let archive = match Archive::open(path) {
        Ok(archive) => archive,
        Err(trouble) => return take(Err(trouble)),
    };
    let mut is_empty = true;
    archive.walk(&mut |entry| {
        is_empty = false;
        take(entry.map(Document::Entry))
    })?;
    tell_empty(is_empty, path, take)
}

fn tell_empty<E>(
    is_empty: bool,
    place: &Path,
    take: &mut dyn FnMut(Result<Document, Trouble>) -> Result<(), E>,
) -> Result<(), E> {
    if !is_empty {
        return Ok(());
    }
    take(Err(Trouble::Empty { place: place.display().to_string() }))
}
