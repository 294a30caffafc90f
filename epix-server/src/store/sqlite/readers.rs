//! How everything is read: on read-only connections beside the writer, each question on one snapshot.

use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};

use rusqlite::{Connection, OpenFlags};

use crate::store::StoreError;

/// How many idle connections are kept: more readers than this at once open their own and close them again.
const IDLE: usize = 8;

/// Connections that cannot write. A question runs on the thread of its caller: it takes tens of microseconds, less than
/// handing it to another thread would.
#[derive(Debug)]
pub(super) struct Readers {
    path: PathBuf,
    idle: Mutex<Vec<Connection>>,
}

impl Readers {
    pub(super) fn new(path: &Path) -> Readers {
        Readers { path: path.to_owned(), idle: Mutex::default() }
    }

    /// Asks a question on one snapshot of everything that was committed before.
    pub(super) fn ask<T>(&self, question: impl FnOnce(&Connection) -> Result<T, StoreError>) -> Result<T, StoreError> {
        let connection = self.take()?;
        // Cached like all other statements: rusqlite's own transactions have them parsed each time. A connection whose question
        // failed is closed, and its snapshot with it.
        connection.prepare_cached("BEGIN DEFERRED")?.execute([])?;
        let answer = question(&connection)?;
        connection.prepare_cached("COMMIT")?.execute([])?;
        self.put_back(connection);
        Ok(answer)
    }

    fn take(&self) -> Result<Connection, StoreError> {
        let idle = self.idle.lock().unwrap_or_else(PoisonError::into_inner).pop();
        match idle {
            Some(connection) => Ok(connection),
            None => self.connect(),
        }
    }

    fn put_back(&self, connection: Connection) {
        let mut idle = self.idle.lock().unwrap_or_else(PoisonError::into_inner);
        if idle.len() < IDLE {
            idle.push(connection);
        }
    }

    fn connect(&self) -> Result<Connection, StoreError> {
        super::connect_for(&self.path, OpenFlags::SQLITE_OPEN_READ_ONLY)
    }
}
