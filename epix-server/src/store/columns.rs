//! How our values stand in columns of a database, and what it means when one cannot be read back.
//!
//! Every database keeps the same three types: whole numbers, texts, bytes. Times and days are texts, lists are JSON.

use chrono::{DateTime, NaiveDate, Utc};
use epix_core::id::Sha256Digest;
use epix_core::version::{ToolkitVersion, VERSIONS};
use serde::Serialize;
use serde::de::DeserializeOwned;

use super::StoreError;
use super::packed::Packed;
use crate::audit::{from_timestamp, timestamp};

/// A row of an answer, whichever database gave it.
pub(super) trait Columns {
    /// A whole number.
    fn integer(&self, column: usize) -> Result<Option<i64>, StoreError>;

    /// A text.
    fn text(&self, column: usize) -> Result<Option<String>, StoreError>;

    /// Bytes.
    fn bytes(&self, column: usize) -> Result<Option<Vec<u8>>, StoreError>;

    /// What the column is called, for an error.
    fn name(&self, column: usize) -> String;
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

/// Reads a text that is always there.
pub(super) fn text(row: &impl Columns, column: usize) -> Result<String, StoreError> {
    row.text(column)?.ok_or_else(|| unreadable(row, column))
}

/// Reads a text that must be an identifier of ours.
pub(super) fn id<T: TryFrom<String>>(row: &impl Columns, column: usize) -> Result<T, StoreError> {
    optional_id(row, column)?.ok_or_else(|| unreadable(row, column))
}

/// Reads an identifier that may be absent.
pub(super) fn optional_id<T: TryFrom<String>>(row: &impl Columns, column: usize) -> Result<Option<T>, StoreError> {
    row.text(column)?.map(|text| T::try_from(text).map_err(|_| unreadable(row, column))).transpose()
}

/// Reads a number that is never negative.
pub(super) fn number<T: TryFrom<i64>>(row: &impl Columns, column: usize) -> Result<T, StoreError> {
    let number = row.integer(column)?.ok_or_else(|| unreadable(row, column))?;
    T::try_from(number).map_err(|_| unreadable(row, column))
}

/// Reads 32 bytes.
pub(super) fn digest(row: &impl Columns, column: usize) -> Result<Sha256Digest, StoreError> {
    optional_digest(row, column)?.ok_or_else(|| unreadable(row, column))
}

/// Reads 32 bytes that may be absent.
pub(super) fn optional_digest(row: &impl Columns, column: usize) -> Result<Option<Sha256Digest>, StoreError> {
    let bytes = row.bytes(column)?.map(|bytes| <[u8; 32]>::try_from(bytes).map_err(|_| unreadable(row, column)));
    Ok(bytes.transpose()?.map(Sha256Digest::from_bytes))
}

/// Reads the label of a toolkit version.
pub(super) fn toolkit(row: &impl Columns, column: usize) -> Result<ToolkitVersion, StoreError> {
    let label = text(row, column)?;
    let spec = VERSIONS.iter().find(|spec| spec.label == label).ok_or_else(|| unreadable(row, column))?;
    Ok(spec.version)
}

/// Reads what [`json`] wrote.
pub(super) fn from_json<T: DeserializeOwned>(row: &impl Columns, column: usize) -> Result<T, StoreError> {
    serde_json::from_str(&text(row, column)?).map_err(|_| unreadable(row, column))
}

/// Reads what [`time`] wrote.
pub(super) fn from_time(row: &impl Columns, column: usize) -> Result<DateTime<Utc>, StoreError> {
    optional_time(row, column)?.ok_or_else(|| unreadable(row, column))
}

/// Reads what [`time`] wrote, where something was written.
pub(super) fn optional_time(row: &impl Columns, column: usize) -> Result<Option<DateTime<Utc>>, StoreError> {
    row.text(column)?.map(|text| from_timestamp(&text).ok_or_else(|| unreadable(row, column))).transpose()
}

/// Reads what [`day`] wrote, where something was written.
pub(super) fn optional_day(row: &impl Columns, column: usize) -> Result<Option<NaiveDate>, StoreError> {
    row.text(column)?.map(|text| text.parse().map_err(|_| unreadable(row, column))).transpose()
}

/// Reads the three columns from `first` on: digest, size, content.
pub(super) fn packed(row: &impl Columns, first: usize) -> Result<Packed, StoreError> {
    let content = row.bytes(first + 2)?.ok_or_else(|| unreadable(row, first + 2))?;
    Ok(Packed { digest: digest(row, first)?, size: number(row, first + 1)?, content })
}

/// What it means when a column cannot be read back.
pub(super) fn unreadable(row: &impl Columns, column: usize) -> StoreError {
    let name = row.name(column);
    StoreError::Corrupt { what: format!("column {name} holds something that this program never writes") }
}
