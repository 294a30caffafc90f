//! Which layout the database has, and how an older one becomes the newest.

use std::path::Path;

use rusqlite::{Connection, ErrorCode, OptionalExtension as _, TransactionBehavior};

use crate::store::StoreError;
use crate::store::tables::{MAKE_ORIGIN, ORIGIN, Origin, READ_ORIGIN};

/// Written into the header of our databases ("EPIX"), so that a database of something else is never taken for ours.
const APPLICATION_ID: i64 = 0x4550_4958;

/// The steps from an empty database to the newest layout: number, title, statements. The same numbers and titles as in
/// PostgreSQL. The number of the last step taken is kept as `user_version`; a step that was released is never edited.
pub(super) const MIGRATIONS: &[(i64, &str, &str)] = &[
    (1, "books", include_str!("migrations/0001_books.sql")),
    (2, "register", include_str!("migrations/0002_register.sql")),
    (3, "renditions", include_str!("migrations/0003_renditions.sql")),
    (4, "notices", include_str!("migrations/0004_notices.sql")),
    (5, "audit", include_str!("migrations/0005_audit.sql")),
    (6, "proofs", include_str!("migrations/0006_proofs.sql")),
    (7, "rest", include_str!("migrations/0007_rest.sql")),
    (8, "pace", include_str!("migrations/0008_pace.sql")),
    (9, "revocation", include_str!("migrations/0009_revocation.sql")),
    (10, "memory", include_str!("migrations/0010_memory.sql")),
];

/// The newest layout that this build knows.
pub(super) const SUPPORTED: i64 = MIGRATIONS.len() as i64;

/// Marks an empty database as ours.
pub(super) fn claim(connection: &Connection) -> Result<(), StoreError> {
    Ok(connection.pragma_update(None, "application_id", APPLICATION_ID)?)
}

/// Marks a database as a copy that is not finished.
pub(super) fn mark(connection: &Connection, origin: &Origin) -> Result<(), StoreError> {
    connection.execute_batch(MAKE_ORIGIN)?;
    connection
        .execute(&format!("INSERT INTO {ORIGIN} (place, heads) VALUES (?1, ?2)"), [&origin.place, &origin.heads])?;
    Ok(())
}

/// Of what the database is a copy that is not finished.
pub(super) fn origin(connection: &Connection) -> Result<Option<Origin>, StoreError> {
    let is_there = "SELECT 1 FROM sqlite_schema WHERE type = 'table' AND name = ?1";
    if connection.query_row(is_there, [ORIGIN], |_| Ok(())).optional()?.is_none() {
        return Ok(None);
    }
    let read = |row: &rusqlite::Row<'_>| Ok(Origin { place: row.get(0)?, heads: row.get(1)? });
    Ok(connection.query_row(READ_ORIGIN, [], read).optional()?)
}

/// Refuses a database that is not ours, was written by a newer build, or is half a copy, before anything is changed in it.
pub(super) fn recognise(connection: &Connection, path: &Path) -> Result<(), StoreError> {
    recognise_layout(connection, path)?;
    match origin(connection)? {
        Some(origin) => Err(StoreError::Unfinished { place: path.display().to_string(), from: origin.place }),
        None => Ok(()),
    }
}

/// True where nothing was written yet.
pub(super) fn is_blank(connection: &Connection, path: &Path) -> Result<bool, StoreError> {
    Ok(header(connection, "page_count", path)? == 0)
}

/// What the header of a file says; it may be no database at all.
fn header(connection: &Connection, name: &str, path: &Path) -> Result<i64, StoreError> {
    match number(connection, name) {
        Err(error) if error.sqlite_error_code() == Some(ErrorCode::NotADatabase) => {
            Err(StoreError::NotOurs { place: path.display().to_string() })
        }
        other => Ok(other?),
    }
}

/// Refuses a database that is not ours or was written by a newer build.
pub(super) fn recognise_layout(connection: &Connection, path: &Path) -> Result<(), StoreError> {
    if header(connection, "application_id", path)? != APPLICATION_ID {
        return Err(StoreError::NotOurs { place: path.display().to_string() });
    }
    let found = number(connection, "user_version")?;
    if found > SUPPORTED {
        return Err(StoreError::Newer { found, supported: SUPPORTED });
    }
    Ok(())
}

/// Takes the steps that are missing, each in a transaction of its own.
pub(super) fn migrate(connection: &mut Connection) -> Result<(), StoreError> {
    let found = number(connection, "user_version")?;
    for (step, title, sql) in MIGRATIONS.iter().filter(|(step, ..)| *step > found) {
        let transaction = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
        transaction.execute_batch(sql)?;
        transaction.pragma_update(None, "user_version", step)?;
        transaction.commit()?;
        tracing::debug!(step, title, "a step of the layout was taken");
    }
    Ok(())
}

fn number(connection: &Connection, pragma: &str) -> rusqlite::Result<i64> {
    connection.pragma_query_value(None, pragma, |row| row.get(0))
}
