//! A copy of the database while it is in use, and whether a copy is sound.

use std::path::Path;

use rusqlite::{Connection, OpenFlags};

use super::{BUSY, schema};
use crate::store::StoreError;

/// Writes everything that was committed into a new file, as of one moment; whoever writes meanwhile is not held up.
///
/// # Errors
/// [`StoreError::Occupied`] when the file is there already, or what SQLite says.
pub(in crate::store) fn copy_database(from: &Path, to: &Path) -> Result<(), StoreError> {
    super::create_private(to)?;
    let connection = open(from)?;
    schema::recognise(&connection, from)?;
    // An empty file is taken for none, so that the copy is its owner's from the first byte on.
    connection.execute("VACUUM INTO ?1", [to.to_string_lossy()])?;
    std::fs::File::open(to).and_then(|file| file.sync_all()).map_err(StoreError::backend)
}

/// Looks at every page, index and reference of a database that nobody has open; gives what is wrong.
///
/// # Errors
/// [`StoreError::NotOurs`], [`StoreError::Newer`], or what SQLite says.
pub(in crate::store) fn check_database(path: &Path) -> Result<Vec<String>, StoreError> {
    let connection = open(path)?;
    schema::recognise(&connection, path)?;
    let mut wrong = Vec::new();
    let mut statement = connection.prepare("PRAGMA integrity_check")?;
    let mut rows = statement.query([])?;
    while let Some(row) = rows.next()? {
        let said: String = row.get(0)?;
        if said != "ok" {
            wrong.push(said);
        }
    }
    let mut statement = connection.prepare("PRAGMA foreign_key_check")?;
    let mut rows = statement.query([])?;
    while let Some(row) = rows.next()? {
        let (table, refers): (String, String) = (row.get(0)?, row.get(2)?);
        wrong.push(format!("a row of {table} refers to a row of {refers} that is not there"));
    }
    Ok(wrong)
}

fn open(path: &Path) -> Result<Connection, StoreError> {
    let connection = Connection::open_with_flags(path, OpenFlags::SQLITE_OPEN_READ_ONLY)?;
    connection.busy_timeout(BUSY)?;
    Ok(connection)
}
