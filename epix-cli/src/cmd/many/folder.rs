//! Which documents are in a folder, in the order of their names, however many there are?

use std::collections::BinaryHeap;
use std::ffi::{OsStr, OsString};
use std::fs::{self, DirEntry};
use std::io;
use std::path::{Path, PathBuf};

/// How many names of one folder are kept at a time. A larger folder is read again for each further batch: reading a
/// hundred thousand names takes a tenth of a second, looking at as many documents takes minutes.
const BATCH: usize = 50_000;

/// What a walk comes upon.
#[derive(Debug)]
pub(super) enum Found {
    /// A file with the name of a document.
    Document(PathBuf),
    /// A link to a folder. It is not followed: it may lead back here, or anywhere.
    Link,
    /// A folder that cannot be read, or not to its end.
    Unreadable(PathBuf, io::Error),
}

/// True for `*.xml` and `*.json`, in either case, unless the name begins with a dot: those are left by editors, and by archives
/// made on a Mac. A signature (`*.sig.xml`) is looked at with the document that it stands beside.
pub(super) fn is_document_name(name: &[u8]) -> bool {
    let ends_with = |ending: &[u8]| {
        let start = name.len().checked_sub(ending.len());
        start.is_some_and(|start| name[start..].eq_ignore_ascii_case(ending))
    };
    let is_signature = ends_with(b".sig.xml") && name.len() > b".sig.xml".len();
    (ends_with(b".xml") || ends_with(b".json")) && !name.starts_with(b".") && !is_signature
}

/// Passes on all documents in and below a folder, each folder in the order of its names.
///
/// # Errors
/// What `take` says; the walk ends there.
pub(super) fn walk<E>(folder: &Path, take: &mut dyn FnMut(Found) -> Result<(), E>) -> Result<(), E> {
    walk_by(BATCH, folder, take)
}

fn walk_by<E>(batch: usize, folder: &Path, take: &mut dyn FnMut(Found) -> Result<(), E>) -> Result<(), E> {
    let mut last: Option<OsString> = None;
    loop {
        let (names, trouble) = names_after(last.as_deref(), batch, folder);
        last = names.last().filter(|_| names.len() == batch).map(|name| name.name.clone());
        for name in names {
            let path = folder.join(&name.name);
            match name.kind {
                Kind::Folder => walk_by(batch, &path, take)?,
                Kind::Document => take(Found::Document(path))?,
                Kind::Link => take(Found::Link)?,
            }
        }
        if let Some(cause) = trouble {
            return take(Found::Unreadable(folder.to_owned(), cause));
        }
        if last.is_none() {
            return Ok(());
        }
    }
}

/// A name that means something to the walk; ordered by the name.
#[derive(PartialEq, Eq, PartialOrd, Ord)]
struct Name {
    name: OsString,
    kind: Kind,
}

#[derive(PartialEq, Eq, PartialOrd, Ord)]
enum Kind {
    Folder,
    Document,
    Link,
}

/// The first names of a folder behind another one, sorted; with what kept us from reading them all.
fn names_after(last: Option<&OsStr>, batch: usize, folder: &Path) -> (Vec<Name>, Option<io::Error>) {
    let mut first = BinaryHeap::new();
    let trouble = fs::read_dir(folder).and_then(|entries| {
        for entry in entries {
            let Some(name) = named(&entry?)? else { continue };
            if last.is_none_or(|last| *last < *name.name) {
                first.push(name);
            }
            if first.len() > batch {
                first.pop();
            }
        }
        Ok(())
    });
    (first.into_sorted_vec(), trouble.err())
}

/// What an entry of a folder is to the walk; nothing for what is neither folder nor document.
fn named(entry: &DirEntry) -> io::Result<Option<Name>> {
    let name = entry.file_name();
    let bytes = name.as_encoded_bytes();
    if bytes.starts_with(b".") {
        return Ok(None);
    }
    let is_document = is_document_name(bytes);
    let kind = entry.file_type()?;
    let behind = if kind.is_symlink() { fs::metadata(entry.path()).ok() } else { None };
    let kind = match behind {
        Some(behind) if behind.is_dir() => Kind::Link,
        _ if kind.is_dir() => Kind::Folder,
        // A pipe with the name of a document would keep us waiting for ever. A link into the void is told by reading it.
        _ if is_document && (kind.is_file() || kind.is_symlink() && behind.is_none_or(|file| file.is_file())) => {
            Kind::Document
        }
        _ => return Ok(None),
    };
    Ok(Some(Name { name, kind }))
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::convert::Infallible;

    fn found(batch: usize, folder: &Path) -> Vec<String> {
        let mut all = Vec::new();
        let Ok(()) = walk_by::<Infallible>(batch, folder, &mut |found| {
            all.push(match found {
                Found::Document(path) => path.strip_prefix(folder).unwrap().display().to_string(),
                Found::Link => "a link".to_owned(),
                Found::Unreadable(path, _) => format!("{} unreadable", path.display()),
            });
            Ok(())
        });
        all
    }

    #[test]
    fn documents_come_in_the_order_of_their_names_whatever_the_size_of_a_batch() {
        let folder = tempfile::tempdir().unwrap();
        fs::create_dir_all(folder.path().join("c/e")).unwrap();
        let names = [
            "d.xml",
            "b.XML",
            "a.xml",
            "c/z.xml",
            "c/e/f.xml",
            "g.Json",
            "notes.txt",
            ".hidden.xml",
            ".xml",
            "a.sig.xml",
        ];
        for name in names {
            fs::write(folder.path().join(name), "").unwrap();
        }

        for batch in [1, 2, 3, 100] {
            assert_eq!(
                found(batch, folder.path()),
                ["a.xml", "b.XML", "c/e/f.xml", "c/z.xml", "d.xml", "g.Json"],
                "{batch}"
            );
        }
    }

    #[test]
    fn a_folder_that_is_not_there_is_told() {
        let folder = tempfile::tempdir().unwrap();

        assert!(found(10, &folder.path().join("gone"))[0].ends_with("gone unreadable"));
    }

    #[cfg(unix)]
    #[test]
    fn links_to_files_are_read_and_links_to_folders_are_not_followed() {
        use std::os::unix::fs::symlink;
        let folder = tempfile::tempdir().unwrap();
        fs::write(folder.path().join("a.xml"), "").unwrap();
        symlink(folder.path().join("a.xml"), folder.path().join("b.xml")).unwrap();
        symlink(folder.path(), folder.path().join("loop")).unwrap();
        symlink(folder.path().join("nowhere"), folder.path().join("c.xml")).unwrap();

        assert_eq!(found(10, folder.path()), ["a.xml", "b.xml", "c.xml", "a link"]);
    }
}
