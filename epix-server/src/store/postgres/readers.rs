//! How questions are asked: over a pool of connections, each question in one round trip.

use deadpool_postgres::{Manager, ManagerConfig, Pool, RecyclingMethod};
use tokio_postgres::Row;
use tokio_postgres::error::SqlState;
use tokio_postgres::types::ToSql;

use super::line::Line;
use crate::store::StoreError;

/// A pool of connections for reading.
#[derive(Debug)]
pub(super) struct Readers {
    pool: Pool,
}

impl Readers {
    pub(super) fn new(line: &Line, connections: usize) -> Result<Readers, StoreError> {
        // Connections that have ended are noticed when they are taken out; asking each time would double the round trips.
        let config = ManagerConfig { recycling_method: RecyclingMethod::Fast };
        let manager = Manager::from_connect(line.config().clone(), line.clone(), config);
        let pool = Pool::builder(manager).max_size(connections).build().map_err(StoreError::backend)?;
        Ok(Readers { pool })
    }

    /// Asks a question. One that was under way when the database was restarted is asked again.
    pub(super) async fn ask(&self, sql: &'static str, values: &[&(dyn ToSql + Sync)]) -> Result<Vec<Row>, StoreError> {
        match self.ask_once(sql, values).await? {
            Err(error) if is_gone(&error) => Ok(self.ask_once(sql, values).await??),
            answer => Ok(answer?),
        }
    }

    async fn ask_once(
        &self,
        sql: &'static str,
        values: &[&(dyn ToSql + Sync)],
    ) -> Result<Result<Vec<Row>, tokio_postgres::Error>, StoreError> {
        let client = self.pool.get().await.map_err(StoreError::backend)?;
        let prepared = match client.prepare_cached(sql).await {
            Ok(prepared) => prepared,
            Err(error) => return Ok(Err(error)),
        };
        Ok(client.query(&prepared, values).await)
    }
}

/// Did the connection end, rather than the question fail?
fn is_gone(error: &tokio_postgres::Error) -> bool {
    error.is_closed() || matches!(error.code(), Some(&SqlState::ADMIN_SHUTDOWN | &SqlState::CRASH_SHUTDOWN))
}
