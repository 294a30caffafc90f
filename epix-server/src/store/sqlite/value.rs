//! How our values stand in columns, and what it means when one cannot be read back.

use std::cell::RefCell;
use std::io;

use chrono::{DateTime, NaiveDate, Utc};
use epix_core::id::Sha256Digest;
use epix_core::version::{ToolkitVersion, VERSIONS};
use rusqlite::Row;
use rusqlite::types::{FromSql, ValueRef};
use serde::Serialize;
use serde::de::DeserializeOwned;
use zstd::bulk::Decompressor;

use crate::audit::{from_timestamp, timestamp};
use crate::store::StoreError;

/// Level 3 packs a permit to a tenth in 35 µs; higher levels cost many times as much for little (the row is 4 kB anyway).
const LEVEL: i32 = 3;

/// No value in SQLite can be longer; a kept size beyond it is damage, not a reason to ask for that much memory.
const LONGEST: u64 = 1_000_000_000;

/// Bytes as they are kept: packed, with what proves that they came back whole. Packed by the caller, not by the writer.
pub(super) struct Packed {
    pub(super) digest: Sha256Digest,
    pub(super) size: u64,
    pub(super) content: Vec<u8>,
}

impl Packed {
    pub(super) fn of(bytes: &[u8]) -> Result<Packed, StoreError> {
        let content = zstd::bulk::compress(bytes, LEVEL).map_err(StoreError::backend)?;
        Ok(Packed { digest: Sha256Digest::of(bytes), size: bytes.len() as u64, content })
    }

    /// The bytes, checked against size and digest; `what` names them in an error.
    pub(super) fn unpack(&self, what: &str) -> Result<Vec<u8>, StoreError> {
        let damaged = |how: &str| StoreError::Corrupt { what: format!("{what}: {how}") };
        let size = usize::try_from(self.size.min(LONGEST)).map_err(|_| damaged("it is too long to be read"))?;
        let bytes = decompressed(&self.content, size).map_err(|_| damaged("it can no longer be decompressed"))?;
        if Sha256Digest::of(&bytes) != self.digest {
            return Err(damaged("its bytes no longer have the digest that was kept"));
        }
        Ok(bytes)
    }

    /// Reads the three columns from `first` on: digest, size, content.
    pub(super) fn from_row(row: &Row<'_>, first: usize) -> Result<Packed, StoreError> {
        Ok(Packed { digest: digest(row, first)?, size: number(row, first + 1)?, content: row.get(first + 2)? })
    }
}

thread_local! {
    /// Making one costs more than unpacking a permit does.
    static DECOMPRESSOR: RefCell<Option<Decompressor<'static>>> = const { RefCell::new(None) };
}

fn decompressed(content: &[u8], size: usize) -> io::Result<Vec<u8>> {
    DECOMPRESSOR.with_borrow_mut(|kept| {
        let mut decompressor = match kept.take() {
            Some(decompressor) => decompressor,
            None => Decompressor::new()?,
        };
        let bytes = decompressor.decompress(content, size)?;
        *kept = Some(decompressor);
        Ok(bytes)
    })
}

/// A time as text.
pub(super) fn time(at: DateTime<Utc>) -> String {
    timestamp(at)
}

/// A day as text.
pub(super) fn day(day: NaiveDate) -> String {
    day.to_string()
}

/// A value as JSON.
pub(super) fn json<T: Serialize>(value: &T) -> Result<String, StoreError> {
    serde_json::to_string(value).map_err(StoreError::backend)
}

/// A whole number as a column can hold it.
pub(super) fn column(number: impl TryInto<i64>) -> Result<i64, StoreError> {
    number.try_into().map_err(|_| StoreError::Corrupt { what: "a number is too large to be kept".to_owned() })
}

/// Reads a text that must be an identifier of ours.
pub(super) fn id<T: TryFrom<String>>(row: &Row<'_>, column: usize) -> Result<T, StoreError> {
    T::try_from(row.get(column)?).map_err(|_| unreadable(row, column))
}

/// Reads an identifier that may be absent.
pub(super) fn optional_id<T: TryFrom<String>>(row: &Row<'_>, column: usize) -> Result<Option<T>, StoreError> {
    let text: Option<String> = row.get(column)?;
    text.map(|text| T::try_from(text).map_err(|_| unreadable(row, column))).transpose()
}

/// Reads a number that is never negative.
pub(super) fn number<T: TryFrom<i64>>(row: &Row<'_>, column: usize) -> Result<T, StoreError> {
    T::try_from(row.get(column)?).map_err(|_| unreadable(row, column))
}

/// Reads 32 bytes.
pub(super) fn digest(row: &Row<'_>, column: usize) -> Result<Sha256Digest, StoreError> {
    Ok(Sha256Digest::from_bytes(row.get(column)?))
}

/// Reads the label of a toolkit version.
pub(super) fn toolkit(row: &Row<'_>, column: usize) -> Result<ToolkitVersion, StoreError> {
    let label: String = row.get(column)?;
    let spec = VERSIONS.iter().find(|spec| spec.label == label).ok_or_else(|| unreadable(row, column))?;
    Ok(spec.version)
}

/// Reads what [`json`] wrote.
pub(super) fn from_json<T: DeserializeOwned>(row: &Row<'_>, column: usize) -> Result<T, StoreError> {
    let text: String = row.get(column)?;
    serde_json::from_str(&text).map_err(|_| unreadable(row, column))
}

/// Reads what [`time`] wrote.
pub(super) fn from_time(row: &Row<'_>, column: usize) -> Result<DateTime<Utc>, StoreError> {
    let text: String = row.get(column)?;
    from_timestamp(&text).ok_or_else(|| unreadable(row, column))
}

/// Reads what [`time`] wrote, where something was written.
pub(super) fn optional_time(row: &Row<'_>, column: usize) -> Result<Option<DateTime<Utc>>, StoreError> {
    let text: Option<String> = row.get(column)?;
    text.map(|text| from_timestamp(&text).ok_or_else(|| unreadable(row, column))).transpose()
}

/// Reads what [`day`] wrote, where something was written.
pub(super) fn optional_day(row: &Row<'_>, column: usize) -> Result<Option<NaiveDate>, StoreError> {
    let text: Option<String> = row.get(column)?;
    text.map(|text| text.parse().map_err(|_| unreadable(row, column))).transpose()
}

/// The value of a setting as text, whatever its type.
pub(super) fn as_text(value: ValueRef<'_>) -> rusqlite::Result<String> {
    match value {
        ValueRef::Integer(number) => Ok(number.to_string()),
        other => Ok(String::column_result(other)?),
    }
}

fn unreadable(row: &Row<'_>, column: usize) -> StoreError {
    let name = row.as_ref().column_name(column).unwrap_or("?");
    StoreError::Corrupt { what: format!("column {name} holds something that this program never writes") }
}
