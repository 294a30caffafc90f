//! Which documents are in a zip archive, and what do they hold? Nothing is ever unpacked to a file.
//!
//! The table of contents is read entry by entry, so an archive may be of any size. What an archive claims is believed only
//! as far as it is harmless: no document larger than the guard accepts comes out, no more entries are looked at than
//! [`MOST_ENTRIES`], and all documents together are no larger than [`MOST_EXPANSION`] times the archive.

use std::fs::File;
use std::io::Read;
use std::path::Path;
use std::sync::Arc;

use epix_core::wire::guard::Limits;
use flate2::read::DeflateDecoder;
use rawzip::{
    CompressionMethod, FileReader, RECOMMENDED_BUFFER_SIZE, ZipArchive, ZipArchiveEntryWayfinder, ZipFileHeaderRecord,
};

use super::folder::is_document_name;
use crate::exit::{ArchiveFlaw, Trouble};

/// A year of permits of a large country is a tenth of this; a table of nothing costs a reader seconds, not minutes.
const MOST_ENTRIES: u64 = 1_000_000;

/// Permits shrink to a tenth or a fortieth of their size; deflate can pretend a thousandfold, and entries that share
/// their bytes a millionfold.
const MOST_EXPANSION: u64 = 200;

/// Below this much nobody minds what the factor is.
const NEVER_A_BOMB: u64 = Limits::DOCUMENT.bytes as u64;

/// An archive that was opened.
pub(in crate::cmd) struct Archive {
    name: String,
    size: u64,
    zip: ZipArchive<FileReader>,
}

/// A document in an archive.
pub(in crate::cmd) struct Entry {
    archive: Arc<Archive>,
    name: String,
    size: u64,
    method: CompressionMethod,
    is_encrypted: bool,
    place: ZipArchiveEntryWayfinder,
}

impl Archive {
    /// Opens an archive by its table of contents.
    pub(in crate::cmd) fn open(path: &Path) -> Result<Archive, Trouble> {
        let name = path.display().to_string();
        let unreadable = |cause| Trouble::Read { file: name.clone(), cause };
        let file = File::open(path).map_err(unreadable)?;
        let size = file.metadata().map_err(unreadable)?.len();
        let zip = ZipArchive::from_file(file, &mut vec![0; RECOMMENDED_BUFFER_SIZE]);
        let zip = zip.map_err(|error| Trouble::Archive { file: name.clone(), cause: error.into() })?;
        Ok(Archive { name, size, zip })
    }

    /// How many entries it claims to have, documents or not.
    pub(in crate::cmd) fn claims(&self) -> u64 {
        self.zip.entries_hint()
    }

    /// Passes on its documents in the order of its table; what is wrong with the archive itself comes last.
    ///
    /// # Errors
    /// What `take` says; the walk ends there.
    pub(in crate::cmd) fn walk<E>(
        self,
        take: &mut dyn FnMut(Result<Entry, Trouble>) -> Result<(), E>,
    ) -> Result<(), E> {
        let archive = Arc::new(self);
        match archive.pass_on(take) {
            Ok(Ok(())) => Ok(()),
            Ok(Err(cause)) => take(Err(Trouble::Archive { file: archive.name.clone(), cause })),
            Err(end) => Err(end),
        }
    }

    fn pass_on<E>(
        self: &Arc<Archive>,
        take: &mut dyn FnMut(Result<Entry, Trouble>) -> Result<(), E>,
    ) -> Result<Result<(), ArchiveFlaw>, E> {
        let listed = self.claims();
        if listed > MOST_ENTRIES {
            return Ok(Err(ArchiveFlaw::TooMany { listed, most: MOST_ENTRIES }));
        }
        // Names, comments and extra fields of one entry have at most 64 KiB each.
        let mut buffer = vec![0; rawzip::MAX_CENTRAL_DIRECTORY_RECORD_SIZE];
        let mut entries = self.zip.entries(&mut buffer);
        let (mut found, mut expanded) = (0, 0_u64);
        loop {
            let record = match entries.next_entry() {
                Ok(Some(record)) if found < listed => record,
                Ok(Some(_)) => return Ok(Err(ArchiveFlaw::OtherCount { listed, found: found + 1 })),
                Ok(None) if found == listed => return Ok(Ok(())),
                Ok(None) => return Ok(Err(ArchiveFlaw::OtherCount { listed, found })),
                Err(error) => return Ok(Err(error.into())),
            };
            found += 1;
            if !is_document(&record) {
                continue;
            }
            let entry = self.entry(&record);
            expanded = expanded.saturating_add(entry.size);
            if expanded > NEVER_A_BOMB && expanded / MOST_EXPANSION > self.size {
                return Ok(Err(ArchiveFlaw::Bomb { most: MOST_EXPANSION }));
            }
            take(Ok(entry))?;
        }
    }

    fn entry(self: &Arc<Archive>, record: &ZipFileHeaderRecord<'_>) -> Entry {
        Entry {
            archive: Arc::clone(self),
            name: String::from_utf8_lossy(record.file_path().as_bytes()).into_owned(),
            size: record.uncompressed_size_hint(),
            method: record.compression_method(),
            is_encrypted: record.flags().is_encrypted(),
            place: record.wayfinder(),
        }
    }
}

fn is_document(record: &ZipFileHeaderRecord<'_>) -> bool {
    let path = record.file_path();
    let name = path.as_bytes().rsplit(|byte| *byte == b'/').next().unwrap_or_default();
    is_document_name(name)
}

impl Entry {
    /// How people know it: `archive.zip!inner.xml`.
    pub(in crate::cmd) fn name(&self) -> String {
        format!("{}!{}", self.archive.name, self.name)
    }

    /// Expands it.
    pub(in crate::cmd) fn read(&self, bytes: &mut Vec<u8>) -> Result<(), Trouble> {
        self.expand(bytes).map_err(|cause| Trouble::Archive { file: self.name(), cause })
    }

    fn expand(&self, bytes: &mut Vec<u8>) -> Result<(), ArchiveFlaw> {
        let most = Limits::DOCUMENT.bytes as u64;
        if self.is_encrypted {
            return Err(ArchiveFlaw::Encrypted);
        }
        if self.size > most {
            return Err(ArchiveFlaw::TooLarge { bytes: self.size, most });
        }
        let entry = self.archive.zip.get_entry(self.place)?;
        match self.method {
            CompressionMethod::STORE => self.read_all(entry.verifying_reader(entry.reader()), bytes),
            CompressionMethod::DEFLATE => {
                self.read_all(entry.verifying_reader(DeflateDecoder::new(entry.reader())), bytes)
            }
            other => Err(ArchiveFlaw::Method(other.as_u16())),
        }
    }

    /// Reads what was promised, and a byte: the end is where size and checksum are compared, and more would be a lie.
    fn read_all(&self, reader: impl Read, bytes: &mut Vec<u8>) -> Result<(), ArchiveFlaw> {
        let read = reader.take(self.size + 1).read_to_end(bytes);
        read.map(|_| ()).map_err(|cause| match cause.downcast::<rawzip::Error>() {
            Ok(error) => error.into(),
            Err(cause) => ArchiveFlaw::Damaged(cause.to_string()),
        })
    }
}
