//! The documents of a batch: those of a zip archive, or one a line.

use std::io::Read;

use epix_core::wire::guard::Limits;
use rawzip::{CompressionMethod, ZipArchive, ZipSliceArchive};
use serde::Deserialize;

use super::problem::Problem;

/// A batch of more documents is two: as many are answered in a minute.
const MOST: usize = 10_000;

/// All documents together have at most so many times the bytes of the archive: permits shrink to a fortieth.
const MOST_EXPANSION: usize = 200;

/// One document, or why it could not be read.
pub(super) struct Item {
    pub(super) name: String,
    pub(super) content: Result<Vec<u8>, String>,
}

/// Takes a batch apart.
pub(super) fn items(body: &[u8]) -> Result<Vec<Item>, Problem> {
    let items = if body.starts_with(b"PK") { zipped(body)? } else { lines(body)? };
    if items.is_empty() {
        return Err(Problem::invalid("the batch has no documents: it is a zip archive of files, or JSON lines"));
    }
    Ok(items)
}

fn check_count(count: usize) -> Result<(), Problem> {
    if count < MOST {
        Ok(())
    } else {
        Err(Problem::of(413, "too-many", &format!("a batch has at most {MOST} documents")))
    }
}

/// A line: a permit in our JSON form, or one in XML within a text.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Line {
    name: Option<String>,
    xml: String,
}

fn lines(body: &[u8]) -> Result<Vec<Item>, Problem> {
    let mut items = Vec::new();
    for (number, line) in (1..).zip(body.split(|byte| *byte == b'\n')) {
        if line.iter().all(u8::is_ascii_whitespace) {
            continue;
        }
        check_count(items.len())?;
        let name = format!("line {number}");
        items.push(match serde_json::from_slice::<Line>(line) {
            Ok(line) => Item { name: line.name.unwrap_or(name), content: Ok(line.xml.into_bytes()) },
            // Whatever is wrong with it, the report on the document says it.
            Err(_) => Item { name, content: Ok(line.to_vec()) },
        });
    }
    Ok(items)
}

fn zipped(body: &[u8]) -> Result<Vec<Item>, Problem> {
    let damaged = |error: rawzip::Error| Problem::invalid(format!("the archive: {error}"));
    let archive = ZipArchive::from_slice(body).map_err(damaged)?;
    let (mut items, mut expanded) = (Vec::new(), 0_usize);
    for entry in archive.entries() {
        let entry = entry.map_err(damaged)?;
        let name = String::from_utf8_lossy(entry.file_path().as_bytes()).into_owned();
        if name.ends_with('/') {
            continue;
        }
        check_count(items.len())?;
        let content = if entry.flags().is_encrypted() {
            Err("it is encrypted".to_owned())
        } else {
            unzipped(&archive, entry.wayfinder(), entry.compression_method())
        };
        expanded += content.as_ref().map_or(0, Vec::len);
        if expanded > Limits::DOCUMENT.bytes && expanded / MOST_EXPANSION > body.len() {
            return Err(Problem::of(413, "too-large", "the archive unpacks to more than permits ever do"));
        }
        items.push(Item { name, content });
    }
    Ok(items)
}

fn unzipped(
    archive: &ZipSliceArchive<&[u8]>,
    place: rawzip::ZipArchiveEntryWayfinder,
    method: CompressionMethod,
) -> Result<Vec<u8>, String> {
    let entry = archive.get_entry(place).map_err(|error| error.to_string())?;
    match method {
        CompressionMethod::STORE => read(entry.verifying_reader(entry.data())),
        CompressionMethod::DEFLATE => read(entry.verifying_reader(flate2::read::DeflateDecoder::new(entry.data()))),
        other => Err(format!("its compression method {} is not read here", other.as_u16())),
    }
}

fn read(from: impl Read) -> Result<Vec<u8>, String> {
    let (most, mut bytes) = (Limits::DOCUMENT.bytes, Vec::new());
    from.take(most as u64 + 1).read_to_end(&mut bytes).map_err(|error| error.to_string())?;
    if bytes.len() > most { Err(format!("it has more than {most} bytes")) } else { Ok(bytes) }
}
