//! Who does the work in the background that one process does for all of them: whoever holds its lock.
//!
//! The lock belongs to a connection and goes with it, however it went: the work of a process that was killed is taken up by
//! the next one that asks.

use deadpool_postgres::Connect as _;
use tokio::sync::Mutex;
use tokio_postgres::Client;

use super::line::Line;
use crate::store::StoreError;

/// The lock of a work, told apart from those of another store in the same database. Who holds it may take it again.
const TAKE: &str = "SELECT pg_try_advisory_lock('epix_layout'::regclass::oid::int, hashtext($1::text))";

/// The connection that holds the locks of this process.
pub(super) struct Leading {
    line: Line,
    client: Mutex<Option<Client>>,
}

impl Leading {
    /// Nothing is connected until there is a work.
    pub(super) fn new(line: Line) -> Leading {
        Leading { line, client: Mutex::new(None) }
    }

    /// Takes a work that nobody does; true as well when it is ours already, and our connection still stands.
    pub(super) async fn take(&self, work: &str) -> Result<bool, StoreError> {
        let mut held = self.client.lock().await;
        let client = match held.take().filter(|client| !client.is_closed()) {
            Some(client) => client,
            None => self.line.connect(self.line.config()).await?.0,
        };
        // What fails gives up the connection and its locks: nobody is to believe that it leads when it cannot ask.
        let is_ours = client.query_one(TAKE, &[&work]).await?.try_get(0)?;
        *held = Some(client);
        Ok(is_ours)
    }
}

impl std::fmt::Debug for Leading {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.debug_struct("Leading").finish_non_exhaustive()
    }
}
