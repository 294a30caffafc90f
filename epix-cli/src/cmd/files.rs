//! How are documents read, and written so that nobody finds half of one?

use std::fs::{self, File, OpenOptions};
use std::io::{self, Read, Write};
use std::path::{Path, PathBuf};

use epix_core::id::Sha256Digest;
use epix_core::wire::guard::Limits;

use crate::exit::Trouble;
use crate::output::Console;
use crate::plan::{Input, Target, sign};

/// More is not read: twice what the guard accepts, so that the guard can say how large a document is.
const MOST_BYTES: usize = 2 * Limits::DOCUMENT.bytes;

/// Reads a document.
pub(super) fn read(input: &Input, console: &mut Console<'_>) -> Result<Vec<u8>, Trouble> {
    let mut bytes = Vec::new();
    match input {
        Input::Stdin => read_stream(&input.name(), console.input, &mut bytes)?,
        Input::File(path) => read_file(path, &mut bytes)?,
    }
    Ok(bytes)
}

/// Reads a file behind what is in the buffer.
pub(super) fn read_file(path: &Path, bytes: &mut Vec<u8>) -> Result<(), Trouble> {
    let name = || path.display().to_string();
    let opened = File::open(path).and_then(|file| Ok((file.metadata()?.len(), file)));
    let (size, mut file) = opened.map_err(|cause| Trouble::Read { file: name(), cause })?;
    // One more byte than the file has: then its end is seen with the first reading.
    bytes.reserve(usize::try_from(size).unwrap_or(MOST_BYTES).min(MOST_BYTES) + 1);
    read_stream(&name(), &mut file, bytes)
}

/// Reads what comes behind what is in the buffer.
pub(super) fn read_stream(name: &str, from: &mut dyn Read, bytes: &mut Vec<u8>) -> Result<(), Trouble> {
    let unreadable = |cause| Trouble::Read { file: name.to_owned(), cause };
    let length = from.take(MOST_BYTES as u64 + 1).read_to_end(bytes).map_err(unreadable)?;
    if length > MOST_BYTES {
        return Err(unreadable(io::Error::other("it is far too large for a permit")));
    }
    Ok(())
}

/// Writes bytes where they are wanted, whole or not at all.
pub(super) fn write(target: &Target, bytes: &[u8], console: &mut Console<'_>) -> Result<(), Trouble> {
    match target {
        Target::Stdout => console.out.write_all(bytes).map_err(Trouble::Output),
        Target::File(path) => replace(path, bytes).map_err(|cause| Trouble::Write { file: path.clone(), cause }),
    }
}

/// Puts a file in the place of another by one rename; what is no regular file (a pipe, `/dev/null`) is written to.
fn replace(path: &Path, bytes: &[u8]) -> io::Result<()> {
    let place = match fs::metadata(path) {
        Ok(there) if !there.is_file() => return OpenOptions::new().write(true).open(path)?.write_all(bytes),
        // A link stays a link: the file behind it is replaced.
        Ok(_) => fs::canonicalize(path)?,
        Err(_) => path.to_owned(),
    };
    let (temporary, mut file) = beside(&place)?;
    let written = file.write_all(bytes).and_then(|()| file.sync_all()).and_then(|()| fs::rename(&temporary, &place));
    if written.is_err() {
        let _ = fs::remove_file(&temporary);
    }
    written
}

/// A new file in the folder of another, under a name of its own.
fn beside(place: &Path) -> io::Result<(PathBuf, File)> {
    let nameless = || io::Error::new(io::ErrorKind::InvalidInput, "it has no file name");
    let name = place.file_name().ok_or_else(nameless)?.to_string_lossy().into_owned();
    let mut attempt = 0_u32;
    loop {
        let temporary = place.with_file_name(format!(".{name}.{}-{attempt}.tmp", std::process::id()));
        match OpenOptions::new().write(true).create_new(true).open(&temporary) {
            Ok(file) => return Ok((temporary, file)),
            Err(error) if error.kind() == io::ErrorKind::AlreadyExists && attempt < 100 => attempt += 1,
            Err(error) => return Err(error),
        }
    }
}

/// The signature in the file beside a document, where there is one.
pub(super) fn signature_of(document: &Path) -> Result<Option<Vec<u8>>, Trouble> {
    let beside = sign::beside(document);
    if !beside.is_file() {
        return Ok(None);
    }
    let mut bytes = Vec::new();
    read_file(&beside, &mut bytes)?;
    Ok(Some(bytes))
}

/// SHA-256 by which a document is known with the signature beside it.
pub(super) fn digest(document: &[u8], signature: Option<&[u8]>) -> Sha256Digest {
    match signature {
        None => Sha256Digest::of(document),
        Some(signature) => Sha256Digest::of(&[Sha256Digest::of(document).as_bytes(), signature].concat()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_is_replaced_whole_and_nothing_is_left_beside_it() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("permit.xml");

        replace(&path, b"one, and longer").unwrap();
        replace(&path, b"two").unwrap();

        assert_eq!(fs::read(&path).unwrap(), b"two");
        assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 1);
    }

    #[test]
    fn what_cannot_be_written_leaves_what_was_there() {
        let folder = tempfile::tempdir().unwrap();

        assert!(replace(&folder.path().join("missing/permit.xml"), b"x").is_err());
        assert!(replace(folder.path(), b"x").is_err());
        assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 0);
    }

    #[cfg(unix)]
    #[test]
    fn a_link_stays_a_link() {
        let folder = tempfile::tempdir().unwrap();
        let (real, link) = (folder.path().join("real.xml"), folder.path().join("link.xml"));
        fs::write(&real, "old").unwrap();
        std::os::unix::fs::symlink(&real, &link).unwrap();

        replace(&link, b"new").unwrap();

        assert_eq!(fs::read(&real).unwrap(), b"new");
        assert!(fs::symlink_metadata(&link).unwrap().is_symlink());
    }
}
