//! Do two stores hold the same rows? Read anew on both sides, whoever wrote them.

use std::cmp::Ordering;
use std::collections::VecDeque;

use epix_core::id::Sha256Digest;
use sha2::{Digest as _, Sha256};

use super::CopyError;
use crate::store::StoreError;
use crate::store::tables::{Row, Table, Tables, Value};

/// The most differences that are named; the others are counted.
const NAMED: usize = 20;

/// What came of holding two stores against each other.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Comparison {
    /// The digest of all rows of the first store, in the order of tables and keys.
    pub from: Sha256Digest,
    /// The same of the second.
    pub to: Sha256Digest,
    /// The first differences in words, with the keys of the rows and without what stands in them.
    pub differences: Vec<String>,
    /// How many there are beyond those.
    pub more: u64,
}

impl Comparison {
    /// True when both hold the same.
    pub fn is_equal(&self) -> bool {
        self.from == self.to && self.differences.is_empty()
    }

    fn name(&mut self, difference: String) {
        if self.differences.len() < NAMED {
            self.differences.push(difference);
        } else {
            self.more += 1;
        }
    }
}

pub(super) async fn compare(
    tables: &[Table],
    from: &mut dyn Tables,
    to: &mut dyn Tables,
    tell: &mut (dyn FnMut(u64) + Send),
) -> Result<Comparison, CopyError> {
    let nothing = Sha256Digest::of(b"");
    let mut found = Comparison { from: nothing, to: nothing, differences: Vec::new(), more: 0 };
    let (mut from_all, mut to_all, mut done) = (Sha256::new(), Sha256::new(), 0);
    for table in tables {
        let failed = |source| CopyError::Table { table: table.name.clone(), source };
        let (mut left, mut right) = (Reader::of(&mut *from, table), Reader::of(&mut *to, table));
        let mut tell_more = |rows| tell(done + rows);
        walk(&mut left, &mut right, &mut found, &mut tell_more).await.map_err(failed)?;
        done += left.rows;
        from_all.update(left.digest().as_bytes());
        to_all.update(right.digest().as_bytes());
    }
    found.from = Sha256Digest::from_bytes(from_all.finalize().into());
    found.to = Sha256Digest::from_bytes(to_all.finalize().into());
    Ok(found)
}

/// Goes through both sides of a table in the order of its key.
async fn walk(
    left: &mut Reader<'_>,
    right: &mut Reader<'_>,
    found: &mut Comparison,
    tell: &mut (dyn FnMut(u64) + Send),
) -> Result<(), StoreError> {
    let table = left.table;
    let (mut one, mut other) = (left.next().await?, right.next().await?);
    while one.is_some() || other.is_some() {
        let order = meet(table, one.as_deref(), other.as_deref());
        if let Some(difference) = difference(table, order, one.as_deref(), other.as_deref()) {
            found.name(difference);
        }
        if order != Ordering::Greater {
            one = left.next().await?;
        }
        if order != Ordering::Less {
            other = right.next().await?;
        }
        if left.has_turned() {
            tell(left.rows);
        }
    }
    Ok(())
}

/// Which of two rows comes first; a side that has ended comes behind everything.
fn meet(table: &Table, one: Option<&[Value]>, other: Option<&[Value]>) -> Ordering {
    match (one, other) {
        (Some(one), Some(other)) => table.key_of(one).cmp(table.key_of(other)),
        (Some(_), None) => Ordering::Less,
        _ => Ordering::Greater,
    }
}

fn difference(table: &Table, order: Ordering, one: Option<&[Value]>, other: Option<&[Value]>) -> Option<String> {
    let name = |row: &[Value]| format!("{} {}", table.name, shown(table.key_of(row)));
    match (order, one, other) {
        (Ordering::Less, Some(row), _) => Some(format!("{}: is not in the second store", name(row))),
        (Ordering::Greater, _, Some(row)) => Some(format!("{}: is in the second store only", name(row))),
        (_, Some(one), Some(other)) if one != other => {
            let differing = table.columns.iter().zip(one.iter().zip(other)).filter(|(_, (one, other))| one != other);
            let columns: Vec<&str> = differing.map(|(column, _)| column.name.as_str()).collect();
            Some(format!("{}: differs in {}", name(one), columns.join(", ")))
        }
        _ => None,
    }
}

fn shown(key: &[Value]) -> String {
    let part = |value: &Value| match value {
        Value::Null => "-".to_owned(),
        Value::Integer(number) => number.to_string(),
        Value::Real(number) => number.0.to_string(),
        Value::Text(text) => text.clone(),
        Value::Bytes(bytes) => hex::encode(bytes),
    };
    key.iter().map(part).collect::<Vec<_>>().join(" / ")
}

/// The rows of a table one after the other, a page at a time, and the digest of those that were read.
pub(super) struct Reader<'a> {
    store: &'a mut dyn Tables,
    table: &'a Table,
    page: VecDeque<Row>,
    last: Option<Row>,
    digest: Sha256,
    rows: u64,
    has_turned: bool,
}

impl<'a> Reader<'a> {
    pub(super) fn of(store: &'a mut dyn Tables, table: &'a Table) -> Reader<'a> {
        let digest = Sha256::new_with_prefix(format!("{}\n", table.name));
        Reader { store, table, page: VecDeque::new(), last: None, digest, rows: 0, has_turned: false }
    }

    pub(super) async fn next(&mut self) -> Result<Option<Row>, StoreError> {
        if self.page.is_empty() {
            self.page = self.store.page(self.table, self.last.as_deref()).await?.into();
            self.last = self.page.back().map(|row| self.table.key_of(row).to_vec()).or(self.last.take());
            self.has_turned = true;
        }
        let row = self.page.pop_front();
        if let Some(row) = &row {
            row.iter().for_each(|value| take(&mut self.digest, value));
            self.rows += 1;
        }
        Ok(row)
    }

    /// True once for each page.
    fn has_turned(&mut self) -> bool {
        std::mem::take(&mut self.has_turned)
    }

    /// The digest of the rows that were read.
    pub(super) fn digest(self) -> Sha256Digest {
        Sha256Digest::from_bytes(self.digest.finalize().into())
    }
}

/// A value in a form that no other value has: what it is, how long, and its bytes.
fn take(digest: &mut Sha256, value: &Value) {
    let (mark, bytes): (u8, &[u8]) = match value {
        Value::Null => (0, &[]),
        Value::Integer(number) => (1, &number.to_be_bytes()),
        Value::Text(text) => (2, text.as_bytes()),
        Value::Bytes(bytes) => (3, bytes),
        Value::Real(number) => (4, &number.0.to_be_bytes()),
    };
    digest.update([mark]);
    digest.update((bytes.len() as u64).to_be_bytes());
    digest.update(bytes);
}
