//! How does a store get from one place to another, whichever database is at either end?
//!
//! Rows are copied as they stand, table by table in the order of their keys, a page at a time, each page in one transaction. So
//! the rows that are there tell how far a copy has come: whatever interrupted it, it goes on behind the last key. Until it is
//! compared and finished, a mark in the database keeps everybody from taking it for a store.

mod chains;
mod compare;
mod error;
#[cfg(test)]
mod tests;

use epix_core::id::AuthorityId;

pub use self::compare::Comparison;
pub use self::error::CopyError;
use super::place::Backend;
use super::postgres::PostgresTables;
use super::sqlite::{self, SqliteTables};
use super::tables::{Origin, Table, Tables};
use super::{Place, StoreError};
use crate::audit::AuditEvent;

/// Two stores side by side, on which nobody else works meanwhile.
pub struct Copying {
    tables: Vec<Table>,
    from: Box<dyn Tables>,
    to: Box<dyn Tables>,
    rows: u64,
    found: u64,
}

impl Copying {
    /// Begins a copy of a store at an empty place, or goes on with the one that was begun there.
    ///
    /// # Errors
    /// [`CopyError`]: what stands in the way at either place.
    pub async fn begin(from: &Place, to: &Place) -> Result<Copying, CopyError> {
        let tables = sqlite::tables()?;
        let mut source = open(from).await?;
        let origin =
            Origin { place: from.to_string(), heads: chains::digest(&mut *source, &tables).await?.to_string() };
        let mut target = begin_at(to, &origin).await?;
        let begun = target.origin().await?.unwrap_or_else(|| origin.clone());
        if begun.heads != origin.heads {
            let (from, to) = (begun.place, to.to_string());
            return Err(if from == origin.place {
                CopyError::Overtaken { from, to }
            } else {
                CopyError::Other { from, to }
            });
        }
        Copying::of(tables, source, target).await
    }

    /// Opens two stores that are there, to compare them.
    ///
    /// # Errors
    /// What stands in the way at either place.
    pub async fn beside(from: &Place, to: &Place) -> Result<Copying, CopyError> {
        Copying::of(sqlite::tables()?, open(from).await?, open(to).await?).await
    }

    async fn of(tables: Vec<Table>, mut from: Box<dyn Tables>, mut to: Box<dyn Tables>) -> Result<Copying, CopyError> {
        let (mut rows, mut found) = (0, 0);
        for table in &tables {
            rows += from.count(table).await?;
            found += to.count(table).await?;
        }
        Ok(Copying { tables, from, to, rows, found })
    }

    /// How many rows there are to copy.
    pub fn rows(&self) -> u64 {
        self.rows
    }

    /// How many of them were there when it was opened.
    pub fn found(&self) -> u64 {
        self.found
    }

    /// In how many tables they stand.
    pub fn tables(&self) -> usize {
        self.tables.len()
    }

    /// Copies what is not there yet, and tells after each page how many rows are.
    ///
    /// # Errors
    /// [`CopyError`], naming the table; what was told stands.
    pub async fn copy(&mut self, tell: &mut (dyn FnMut(u64) + Send)) -> Result<(), CopyError> {
        let mut done = self.found;
        for table in &self.tables {
            let failed = |source| CopyError::Table { table: table.name.clone(), source };
            let mut last = self.to.last_key(table).await.map_err(failed)?;
            loop {
                let rows = self.from.page(table, last.as_deref()).await.map_err(failed)?;
                let Some(row) = rows.last() else { break };
                self.to.put(table, &rows).await.map_err(failed)?;
                done += rows.len() as u64;
                last = Some(table.key_of(row).to_vec());
                tell(done);
            }
            if table.is_numbered {
                let number = self.from.last_number(table).await.map_err(failed)?;
                self.to.go_on_behind(table, number).await.map_err(failed)?;
            }
        }
        Ok(())
    }

    /// Reads both sides anew and holds them against each other; tells after each page how many rows were looked at.
    ///
    /// # Errors
    /// What the stores say; what differs is part of the comparison.
    pub async fn compare(&mut self, tell: &mut (dyn FnMut(u64) + Send)) -> Result<Comparison, CopyError> {
        compare::compare(&self.tables, &mut *self.from, &mut *self.to, tell).await
    }

    /// Whose books are copied: those with a chain of the audit that goes on.
    ///
    /// # Errors
    /// What the store says.
    pub async fn authorities(&mut self) -> Result<Vec<AuthorityId>, CopyError> {
        let heads = chains::open_heads(&mut *self.to, &self.tables).await?;
        Ok(heads.into_iter().map(|head| head.authority).collect())
    }

    /// Makes a store of the copy; each event becomes the next line of the chain of its authority.
    ///
    /// # Errors
    /// What the store says; then it is a copy as before.
    pub async fn finish(mut self, events: &[AuditEvent]) -> Result<(), CopyError> {
        let heads = chains::open_heads(&mut *self.to, &self.tables).await?;
        Ok(self.to.finish(&chains::lines(&heads, events)).await?)
    }
}

impl std::fmt::Debug for Copying {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.debug_struct("Copying").field("rows", &self.rows).field("found", &self.found).finish_non_exhaustive()
    }
}

async fn open(place: &Place) -> Result<Box<dyn Tables>, CopyError> {
    Ok(match &place.backend {
        Backend::Memory => return Err(missing(place)),
        Backend::Sqlite(path) => Box::new(SqliteTables::open(path)?),
        Backend::Postgres(database) => Box::new(PostgresTables::open(database).await?),
    })
}

async fn begin_at(place: &Place, origin: &Origin) -> Result<Box<dyn Tables>, CopyError> {
    Ok(match &place.backend {
        Backend::Memory => return Err(missing(place)),
        Backend::Sqlite(path) => Box::new(SqliteTables::begin(path, origin)?),
        Backend::Postgres(database) => Box::new(PostgresTables::begin(database, origin).await?),
    })
}

/// What is in memory is there for its own process only.
fn missing(place: &Place) -> CopyError {
    StoreError::Missing { place: place.to_string() }.into()
}
