//! The connection of a process for what it does in the background: which work it does for all, and what it tells the others.
//!
//! The lock of a work belongs to the connection and goes with it, however it went: the work of a process that was killed is taken
//! up by the next one that asks.

use deadpool_postgres::{ClientWrapper, Connect as _};
use tokio::sync::Mutex;
use tokio_postgres::Row;
use tokio_postgres::types::ToSql;

use super::line::Line;
use crate::store::StoreError;

/// The lock of a work, told apart from those of another store in the same database. Who holds it may take it again.
const TAKE: &str = "SELECT pg_try_advisory_lock('epix_layout'::regclass::oid::int, hashtext($1::text))";

/// The connection that holds the locks of this process.
pub(super) struct Background {
    line: Line,
    client: Mutex<Option<ClientWrapper>>,
}

impl Background {
    /// Nothing is connected until there is something to do.
    pub(super) fn new(line: Line) -> Background {
        Background { line, client: Mutex::new(None) }
    }

    /// Takes a work that nobody does; true as well when it is ours already, and our connection still stands.
    pub(super) async fn lead(&self, work: &str) -> Result<bool, StoreError> {
        let rows = self.ask(TAKE, &[&work]).await?;
        Ok(rows.first().ok_or(StoreError::Unavailable)?.try_get(0)?)
    }

    /// Asks a question.
    pub(super) async fn ask(&self, sql: &str, values: &[&(dyn ToSql + Sync)]) -> Result<Vec<Row>, StoreError> {
        let mut held = self.client.lock().await;
        let client = match held.take().filter(|client| !client.is_closed()) {
            Some(client) => client,
            None => {
                let (client, moved) = self.line.connect(self.line.config()).await?;
                ClientWrapper::new(client, moved)
            }
        };
        // What fails gives up the connection and its locks: nobody is to believe that it leads when it cannot ask.
        let rows = client.query(&client.prepare_cached(sql).await?, values).await?;
        *held = Some(client);
        Ok(rows)
    }
}

impl std::fmt::Debug for Background {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.debug_struct("Background").finish_non_exhaustive()
    }
}
