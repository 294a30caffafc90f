//! How rows of PostgreSQL are read, and values handed to it.

use std::error::Error;

use tokio_postgres::Row;
use tokio_postgres::error::SqlState;
use tokio_postgres::types::ToSql;

use crate::store::StoreError;
pub(super) use crate::store::columns::{
    Columns, column, day, digest, from_json, from_time, id, json, number, optional_id, packed, text, time, toolkit,
};
pub(super) use crate::store::packed::Packed;

/// A value on its way into a statement.
pub(super) type Value = Box<dyn ToSql + Send + Sync>;

/// Values of a statement, in the order of its places.
macro_rules! values {
    ($($value:expr),* $(,)?) => { vec![$(Box::new($value) as $crate::store::postgres::value::Value),*] };
}
pub(super) use values;

impl Columns for Row {
    fn integer(&self, column: usize) -> Result<Option<i64>, StoreError> {
        Ok(self.try_get(column)?)
    }

    fn text(&self, column: usize) -> Result<Option<String>, StoreError> {
        Ok(self.try_get(column)?)
    }

    fn bytes(&self, column: usize) -> Result<Option<Vec<u8>>, StoreError> {
        Ok(self.try_get(column)?)
    }

    fn name(&self, column: usize) -> String {
        self.columns().get(column).map_or("?", tokio_postgres::Column::name).to_owned()
    }
}

impl From<tokio_postgres::Error> for StoreError {
    fn from(error: tokio_postgres::Error) -> StoreError {
        match error.code() {
            Some(&SqlState::DATA_CORRUPTED | &SqlState::INDEX_CORRUPTED) => StoreError::Corrupt { what: said(&error) },
            _ => StoreError::backend(error),
        }
    }
}

fn said(error: &tokio_postgres::Error) -> String {
    error.source().map_or_else(|| error.to_string(), ToString::to_string)
}
