//! How questions are asked: over a pool of connections, what belongs together in one round trip.

use deadpool_postgres::{Manager, ManagerConfig, Pool, RecyclingMethod};
use futures_util::future::try_join_all;
use prometheus::IntCounter;
use tokio_postgres::Row;
use tokio_postgres::error::SqlState;
use tokio_postgres::types::ToSql;

use super::line::Line;
use super::session;
use crate::store::StoreError;

/// A pool of connections for reading.
#[derive(Debug)]
pub(super) struct Readers {
    pool: Pool,
    /// How often an answer was waited for.
    trips: IntCounter,
}

/// A question with its values.
pub(super) type Question<'q> = (&'static str, &'q [&'q (dyn ToSql + Sync)]);

impl Readers {
    pub(super) fn new(line: &Line, connections: usize, trips: IntCounter) -> Result<Readers, StoreError> {
        // Connections that have ended are noticed when they are taken out; asking each time would double the round trips.
        let config = ManagerConfig { recycling_method: RecyclingMethod::Fast };
        let manager = Manager::from_connect(line.config().clone(), line.clone(), config);
        let pool = Pool::builder(manager).max_size(connections).build().map_err(StoreError::backend)?;
        Ok(Readers { pool, trips })
    }

    /// Asks a question.
    pub(super) async fn ask(&self, sql: &'static str, values: &[&(dyn ToSql + Sync)]) -> Result<Vec<Row>, StoreError> {
        let [rows] = self.ask_at_once([(sql, values)]).await?;
        Ok(rows)
    }

    /// Asks questions that do not wait for one another. What was under way when the database was restarted is asked again.
    pub(super) async fn ask_at_once<const N: usize>(
        &self,
        questions: [Question<'_>; N],
    ) -> Result<[Vec<Row>; N], StoreError> {
        match self.ask_once(&questions).await? {
            Err(error) if is_gone(&error) => Ok(self.ask_once(&questions).await??),
            answers => Ok(answers?),
        }
    }

    async fn ask_once<const N: usize>(
        &self,
        questions: &[Question<'_>; N],
    ) -> Result<Result<[Vec<Row>; N], tokio_postgres::Error>, StoreError> {
        let client = self.pool.get().await.map_err(StoreError::backend)?;
        let mut prepared = Vec::with_capacity(N);
        for (sql, _) in questions {
            match session::prepared(&client, sql, &self.trips).await {
                Ok(statement) => prepared.push(statement),
                Err(error) => return Ok(Err(error)),
            }
        }
        self.trips.inc();
        // Futures that are polled in this order are sent in this order, without waiting for one another.
        let asked = prepared.iter().zip(questions).map(|(prepared, (_, values))| client.query(prepared, values));
        Ok(try_join_all(asked).await.map(|answers| {
            let mut answers = answers.into_iter();
            std::array::from_fn(|_| answers.next().unwrap_or_default())
        }))
    }
}

/// Did the connection end, rather than the question fail?
fn is_gone(error: &tokio_postgres::Error) -> bool {
    error.is_closed() || matches!(error.code(), Some(&SqlState::ADMIN_SHUTDOWN | &SqlState::CRASH_SHUTDOWN))
}
