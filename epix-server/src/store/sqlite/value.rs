//! How rows of SQLite are read.

use rusqlite::Row;
use rusqlite::types::{FromSql, ValueRef};

use crate::store::StoreError;
pub(super) use crate::store::columns::{
    Columns, column, day, digest, from_json, from_time, id, json, number, optional_day, optional_id, optional_time,
    packed, time, toolkit,
};
pub(super) use crate::store::packed::Packed;

impl Columns for Row<'_> {
    fn integer(&self, column: usize) -> Result<Option<i64>, StoreError> {
        Ok(self.get(column)?)
    }

    fn text(&self, column: usize) -> Result<Option<String>, StoreError> {
        Ok(self.get(column)?)
    }

    fn bytes(&self, column: usize) -> Result<Option<Vec<u8>>, StoreError> {
        Ok(self.get(column)?)
    }

    fn name(&self, column: usize) -> String {
        self.as_ref().column_name(column).unwrap_or("?").to_owned()
    }
}

/// The value of a setting as text, whatever its type.
pub(super) fn as_text(value: ValueRef<'_>) -> rusqlite::Result<String> {
    match value {
        ValueRef::Integer(number) => Ok(number.to_string()),
        other => Ok(String::column_result(other)?),
    }
}
