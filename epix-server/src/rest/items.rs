//! The documents of a batch: those of a zip archive, or one a line. Each is taken out when its turn comes, never all at once.

use std::io::Read;
use std::ops::Range;

use actix_web::web::Bytes;
use epix_core::wire::guard::Limits;
use rawzip::{CompressionMethod, ZipArchive, ZipArchiveEntryWayfinder, ZipSliceArchive};
use serde::Deserialize;

use super::problem::Problem;

/// A batch of more documents is two: as many are answered in a minute.
const MOST: usize = 10_000;

/// All documents of an archive together have at most so many bytes: permits shrink to a fortieth, and a request has at most 40 MiB.
const MOST_UNPACKED: u64 = 2 << 30;

/// One document, or why it could not be read.
pub(super) struct Item {
    pub(super) name: String,
    pub(super) content: Result<Vec<u8>, String>,
}

/// A batch whose documents are known by their places, and not yet taken out.
pub(super) struct Batch {
    source: Source,
    places: Vec<Place>,
}

enum Source {
    Lines(Bytes),
    Archive(ZipSliceArchive<Bytes>),
}

/// Where a document is.
enum Place {
    Line { number: usize, range: Range<usize> },
    Entry { name: String, way: ZipArchiveEntryWayfinder, method: CompressionMethod, is_encrypted: bool },
}

impl Batch {
    /// Finds the documents.
    pub(super) fn of(body: Bytes) -> Result<Batch, Problem> {
        let batch = if body.starts_with(b"PK") { archive(body)? } else { lines(body)? };
        if batch.places.is_empty() {
            return Err(Problem::invalid("the batch has no documents: it is a zip archive of files, or JSON lines"));
        }
        Ok(batch)
    }

    /// How many documents there are.
    pub(super) fn len(&self) -> usize {
        self.places.len()
    }

    /// How many bytes a document has at most when it is taken out.
    pub(super) fn size(&self, index: usize) -> usize {
        match &self.places[index] {
            Place::Line { range, .. } => range.len(),
            Place::Entry { way, .. } => most_of(way),
        }
    }

    /// Takes a document out.
    pub(super) fn item(&self, index: usize) -> Item {
        match (&self.places[index], &self.source) {
            (Place::Line { number, range }, Source::Lines(body)) => line(*number, &body[range.clone()]),
            (Place::Entry { name, is_encrypted: true, .. }, _) => {
                Item { name: name.clone(), content: Err("it is encrypted".to_owned()) }
            }
            (Place::Entry { name, way, method, .. }, Source::Archive(archive)) => {
                Item { name: name.clone(), content: unpacked(archive, *way, *method) }
            }
            _ => unreachable!("lines and entries have their places in what they came from"),
        }
    }
}

fn check_count(count: usize) -> Result<(), Problem> {
    if count < MOST {
        Ok(())
    } else {
        Err(Problem::of(413, "too-many", &format!("a batch has at most {MOST} documents")))
    }
}

fn lines(body: Bytes) -> Result<Batch, Problem> {
    let (mut places, mut start) = (Vec::new(), 0);
    for (number, line) in (1..).zip(body.split(|byte| *byte == b'\n')) {
        let range = start..start + line.len();
        start = range.end + 1;
        if line.iter().all(u8::is_ascii_whitespace) {
            continue;
        }
        check_count(places.len())?;
        places.push(Place::Line { number, range });
    }
    Ok(Batch { source: Source::Lines(body), places })
}

/// A line: a permit in our JSON form, or one in XML within a text.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Line {
    name: Option<String>,
    xml: String,
}

fn line(number: usize, line: &[u8]) -> Item {
    let name = format!("line {number}");
    match serde_json::from_slice::<Line>(line) {
        Ok(line) => Item { name: line.name.unwrap_or(name), content: Ok(line.xml.into_bytes()) },
        // Whatever is wrong with it, the report on the document says it.
        Err(_) => Item { name, content: Ok(line.to_vec()) },
    }
}

fn archive(body: Bytes) -> Result<Batch, Problem> {
    let damaged = |error: rawzip::Error| Problem::invalid(format!("the archive: {error}"));
    let archive = ZipArchive::from_slice(body).map_err(damaged)?;
    let (mut places, mut whole) = (Vec::new(), 0_u64);
    for entry in archive.entries() {
        let entry = entry.map_err(damaged)?;
        let name = String::from_utf8_lossy(entry.file_path().as_bytes()).into_owned();
        if name.ends_with('/') {
            continue;
        }
        check_count(places.len())?;
        let (way, method) = (entry.wayfinder(), entry.compression_method());
        whole = whole.saturating_add(way.uncompressed_size_hint());
        if whole > MOST_UNPACKED {
            return Err(Problem::of(
                413,
                "too-large",
                &format!("the archive unpacks to more than {MOST_UNPACKED} bytes"),
            ));
        }
        places.push(Place::Entry { name, way, method, is_encrypted: entry.flags().is_encrypted() });
    }
    Ok(Batch { source: Source::Archive(archive), places })
}

/// An entry has as many bytes as it says, and no more than a document may have.
fn most_of(way: &ZipArchiveEntryWayfinder) -> usize {
    usize::try_from(way.uncompressed_size_hint())
        .map_or(Limits::DOCUMENT.bytes, |said| said.min(Limits::DOCUMENT.bytes))
}

fn unpacked(
    archive: &ZipSliceArchive<Bytes>,
    way: ZipArchiveEntryWayfinder,
    method: CompressionMethod,
) -> Result<Vec<u8>, String> {
    let (entry, most) = (archive.get_entry(way).map_err(|error| error.to_string())?, most_of(&way));
    match method {
        CompressionMethod::STORE => read(entry.verifying_reader(entry.data()), most),
        CompressionMethod::DEFLATE => {
            read(entry.verifying_reader(flate2::read::DeflateDecoder::new(entry.data())), most)
        }
        other => Err(format!("its compression method {} is not read here", other.as_u16())),
    }
}

fn read(from: impl Read, most: usize) -> Result<Vec<u8>, String> {
    let mut bytes = Vec::with_capacity(most.min(1 << 20));
    from.take(most as u64 + 1).read_to_end(&mut bytes).map_err(|error| error.to_string())?;
    if bytes.len() > most { Err(format!("it has more than {most} bytes")) } else { Ok(bytes) }
}
