//! What does a store look like row by row? The same tables in every database, so that rows can go from one to another as they stand.
//!
//! Nothing here lists tables or columns: they are read from the layout that this build makes, so that what a later step of the
//! layout adds is copied and compared without anybody thinking of it.

use std::cmp::Ordering;

use async_trait::async_trait;

use super::StoreError;
use crate::audit::AuditLine;

/// The most rows that are read or written at once.
pub(super) const PAGE_ROWS: usize = 5_000;

/// The most bytes of texts and documents that are read at once; the last row may go beyond it.
pub(super) const PAGE_BYTES: usize = 8 << 20;

/// What stands in a column; every database keeps the same types.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    /// A whole number.
    Integer,
    /// A number with a fraction; never part of a key.
    Real,
    /// A text.
    Text,
    /// Bytes.
    Bytes,
}

/// A column of a table.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Column {
    pub(super) name: String,
    pub(super) kind: Kind,
}

/// A table of the books.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Table {
    pub(super) name: String,
    /// Those of the primary key first, in its order.
    pub(super) columns: Vec<Column>,
    /// How many columns the primary key has.
    pub(super) key: usize,
    /// The database itself numbers the rows, and gives no number twice.
    pub(super) is_numbered: bool,
}

impl Table {
    /// All columns, for a statement.
    pub(super) fn listed(&self) -> String {
        listed(&self.columns)
    }

    /// The columns of the key, for a statement.
    pub(super) fn listed_key(&self) -> String {
        listed(&self.columns[..self.key])
    }

    /// The key of a row.
    pub(super) fn key_of<'r>(&self, row: &'r [Value]) -> &'r [Value] {
        &row[..self.key]
    }

    /// Where a column stands.
    pub(super) fn position(&self, name: &str) -> Option<usize> {
        self.columns.iter().position(|column| column.name == name)
    }
}

fn listed(columns: &[Column]) -> String {
    columns.iter().map(|column| format!("\"{}\"", column.name)).collect::<Vec<_>>().join(", ")
}

/// A value as it stands. Values of a column are ordered as every database orders them: numbers by size, all else byte by byte.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Value {
    /// Nothing.
    Null,
    /// A whole number.
    Integer(i64),
    /// A number with a fraction.
    Real(Real),
    /// A text.
    Text(String),
    /// Bytes.
    Bytes(Vec<u8>),
}

/// A number with a fraction, which is the same where its bits are.
#[derive(Debug, Clone, Copy)]
pub(super) struct Real(pub(super) f64);

impl PartialEq for Real {
    fn eq(&self, other: &Real) -> bool {
        self.cmp(other).is_eq()
    }
}

impl Eq for Real {}

impl PartialOrd for Real {
    fn partial_cmp(&self, other: &Real) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for Real {
    fn cmp(&self, other: &Real) -> Ordering {
        self.0.total_cmp(&other.0)
    }
}

impl Value {
    /// How many bytes it takes, about.
    pub(super) fn weight(&self) -> usize {
        match self {
            Value::Null | Value::Integer(_) | Value::Real(_) => 0,
            Value::Text(text) => text.len(),
            Value::Bytes(bytes) => bytes.len(),
        }
    }
}

/// A row: a value for each column of its table.
pub(super) type Row = Vec<Value>;

/// Of what a store is a copy that is not finished.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Origin {
    /// Where its rows come from, without a password.
    pub(super) place: String,
    /// The digest of where the chains of the audit ended there when the copy was begun: it tells whether it is still the same store.
    pub(super) heads: String,
}

/// What makes a database a copy that is not finished: a table with one row, gone when it is finished.
pub(super) const MAKE_ORIGIN: &str = "CREATE TABLE epix_copy (place TEXT NOT NULL, heads TEXT NOT NULL)";
/// Its row.
pub(super) const READ_ORIGIN: &str = "SELECT place, heads FROM epix_copy";
/// Its name.
pub(super) const ORIGIN: &str = "epix_copy";

/// A database that nobody else writes while this stands, row by row.
#[async_trait]
pub(super) trait Tables: Send {
    /// Of what it is a copy that is not finished.
    async fn origin(&mut self) -> Result<Option<Origin>, StoreError>;

    /// Counts the rows of a table.
    async fn count(&mut self, table: &Table) -> Result<u64, StoreError>;

    /// Reads the next rows behind a key, in the order of keys, and at least one if there is one.
    async fn page(&mut self, table: &Table, after: Option<&[Value]>) -> Result<Vec<Row>, StoreError>;

    /// Finds the last key of a table.
    async fn last_key(&mut self, table: &Table) -> Result<Option<Row>, StoreError>;

    /// Writes rows: all of them durably, or none.
    async fn put(&mut self, table: &Table, rows: &[Row]) -> Result<(), StoreError>;

    /// Finds the last number that a numbered table has given.
    async fn last_number(&mut self, table: &Table) -> Result<i64, StoreError>;

    /// Has a numbered table go on behind a number.
    async fn go_on_behind(&mut self, table: &Table, number: i64) -> Result<(), StoreError>;

    /// Makes a store of what was a copy, and writes the first lines behind the ends of its chains; all of it or nothing.
    async fn finish(&mut self, lines: &[AuditLine]) -> Result<(), StoreError>;
}
