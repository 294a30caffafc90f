//! How everything is written: one thread, many commands in one transaction, answers only after the commit.
//!
//! A commit costs one flush to the disk, whatever stands in it. Commands that arrive while one batch is being flushed wait
//! and share the next flush. Each has a savepoint of its own, so that a refused one leaves no trace and its neighbours
//! stand. Why it is done so: `docs/decisions/0004-group-commit.md`.

use std::time::Instant;

use rusqlite::{Connection, Transaction, TransactionBehavior};

use crate::store::StoreError;
use crate::store::counted::Counted;
use crate::store::queue::{BATCH, Queue, Reply, Waiting};

/// The way to the thread that writes.
#[derive(Debug)]
pub(super) struct Writer(Queue<dyn Job>);

impl Writer {
    /// Starts the thread on a connection of its own.
    pub(super) fn start(connection: Connection) -> Result<Writer, StoreError> {
        Queue::start(move |waiting, counted| serve(connection, waiting, &counted)).map(Writer)
    }

    /// What is counted of its commits.
    pub(super) fn counted(&self) -> &Counted {
        self.0.counted()
    }

    /// Runs work inside the next transaction; resolves when it is durable, or refused and undone.
    pub(super) async fn run<T, W>(&self, work: W) -> Result<T, StoreError>
    where
        T: Send + 'static,
        W: FnOnce(&Connection) -> Result<T, StoreError> + Send + 'static,
    {
        self.run_then(work, || ()).await
    }

    /// The same, with something to do once the transaction has ended, however it did, and before anybody is told.
    pub(super) async fn run_then<T, W, A>(&self, work: W, then: A) -> Result<T, StoreError>
    where
        T: Send + 'static,
        W: FnOnce(&Connection) -> Result<T, StoreError> + Send + 'static,
        A: FnOnce() + Send + 'static,
    {
        self.0.run(|reply| Box::new(Pending { work: Some(work), outcome: None, then, reply })).await
    }
}

/// A command on its way through the writer.
trait Job: Send {
    /// Does the work; an error means that it was refused and must be undone.
    fn run(&mut self, connection: &Connection) -> Result<(), StoreError>;

    /// Tells the caller, after the transaction has ended.
    fn answer(self: Box<Self>, committed: &Result<(), StoreError>);
}

struct Pending<T, W, A> {
    work: Option<W>,
    outcome: Option<Result<T, StoreError>>,
    then: A,
    reply: Reply<T>,
}

impl<T, W, A> Job for Pending<T, W, A>
where
    T: Send,
    W: FnOnce(&Connection) -> Result<T, StoreError> + Send,
    A: FnOnce() + Send,
{
    fn run(&mut self, connection: &Connection) -> Result<(), StoreError> {
        let work = self.work.take().ok_or(StoreError::Unavailable)?;
        let outcome = work(connection);
        let done = outcome.as_ref().map(|_| ()).map_err(StoreError::clone);
        self.outcome = Some(outcome);
        done
    }

    /// A refusal counts only after a commit too: it may rest on what a neighbour had written.
    fn answer(self: Box<Self>, committed: &Result<(), StoreError>) {
        (self.then)();
        let outcome = match committed {
            Ok(()) => self.outcome.unwrap_or(Err(StoreError::Unavailable)),
            Err(error) => Err(error.clone()),
        };
        // A caller that has gone away needs no answer.
        let _ = self.reply.send(outcome);
    }
}

/// Takes batch after batch until every sender is gone and the queue is empty.
fn serve(mut connection: Connection, mut waiting: Waiting<dyn Job>, counted: &Counted) {
    let mut batch = Vec::with_capacity(BATCH);
    while waiting.blocking_recv_many(&mut batch, BATCH) > 0 {
        counted.taken(batch.len());
        let started = Instant::now();
        let committed = write(&mut connection, &mut batch);
        counted.committed(batch.len(), started.elapsed(), committed.is_ok());
        if let Err(error) = &committed {
            tracing::error!(error = error as &dyn std::error::Error, commands = batch.len(), "a commit failed");
        }
        for job in batch.drain(..) {
            job.answer(&committed);
        }
    }
}

/// Does a batch in one transaction. An error means that nothing of it stands.
fn write(connection: &mut Connection, batch: &mut [Box<dyn Job>]) -> Result<(), StoreError> {
    let transaction = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
    for job in batch {
        write_one(&transaction, job.as_mut())?;
    }
    Ok(transaction.commit()?)
}

/// Does one command in a savepoint of its own. An error here is the batch's, not the command's.
fn write_one(transaction: &Transaction<'_>, job: &mut dyn Job) -> Result<(), StoreError> {
    let run = |statement: &str| transaction.prepare_cached(statement)?.execute([]);
    run("SAVEPOINT command")?;
    match job.run(transaction) {
        Ok(()) => {}
        // A full disk and the like undo the whole transaction behind our back: nothing may run outside of one.
        Err(error) if transaction.is_autocommit() => return Err(error),
        Err(_) => {
            run("ROLLBACK TO command")?;
        }
    }
    run("RELEASE command")?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use std::sync::mpsc as gate;

    use tokio::sync::oneshot;

    use super::*;

    fn writer(folder: &tempfile::TempDir) -> Writer {
        let connection = Connection::open(folder.path().join("x.sqlite")).unwrap();
        connection
            .execute_batch(
                "PRAGMA journal_mode = WAL; PRAGMA foreign_keys = ON;
                 CREATE TABLE kept (x INTEGER PRIMARY KEY, parent INTEGER REFERENCES kept (x)) STRICT",
            )
            .unwrap();
        Writer::start(connection).unwrap()
    }

    fn keep(x: i64) -> impl FnOnce(&Connection) -> Result<i64, StoreError> + Send + 'static {
        move |connection| {
            connection.execute("INSERT INTO kept (x) VALUES (?1)", [x])?;
            Ok(x)
        }
    }

    /// Writes something and is refused then.
    fn refused(connection: &Connection) -> Result<i64, StoreError> {
        keep(-1)(connection)?;
        Err(StoreError::Conflict { revision: 7 })
    }

    /// Succeeds, and makes the commit fail.
    fn poison(connection: &Connection) -> Result<i64, StoreError> {
        connection.execute_batch("PRAGMA defer_foreign_keys = ON; INSERT INTO kept (x, parent) VALUES (9, 99)")?;
        Ok(9)
    }

    /// Loses the transaction under way, as a full disk does.
    fn collapse(connection: &Connection) -> Result<i64, StoreError> {
        connection.execute_batch("ROLLBACK")?;
        Err(StoreError::NotDurable { setting: "disk", found: "full".to_owned() })
    }

    async fn kept(writer: &Writer) -> Vec<i64> {
        let read = |connection: &Connection| {
            let mut statement = connection.prepare("SELECT x FROM kept ORDER BY x")?;
            let rows = statement.query_map([], |row| row.get(0))?;
            Ok(rows.collect::<Result<Vec<i64>, _>>()?)
        };
        writer.run(read).await.unwrap()
    }

    /// Holds the writer until the gate opens, so that what is queued meanwhile becomes one batch.
    async fn held(writer: &std::sync::Arc<Writer>) -> gate::Sender<()> {
        let (open, wait) = gate::channel();
        let (started, begun) = oneshot::channel();
        let busy = writer.clone();
        tokio::spawn(async move {
            let hold = move |_: &Connection| {
                started.send(()).unwrap();
                wait.recv().unwrap();
                Ok(())
            };
            busy.run(hold).await.unwrap();
        });
        begun.await.unwrap();
        open
    }

    #[tokio::test]
    async fn a_refused_command_leaves_no_trace_in_its_batch() {
        let folder = tempfile::tempdir().unwrap();
        let writer = std::sync::Arc::new(writer(&folder));
        let gate = held(&writer).await;

        let (first, conflict, second, _) =
            tokio::join!(writer.run(keep(1)), writer.run(refused), writer.run(keep(2)), async { gate.send(()) });

        assert_eq!((first.unwrap(), second.unwrap()), (1, 2));
        assert!(matches!(conflict, Err(StoreError::Conflict { revision: 7 })));
        assert_eq!(kept(&writer).await, [1, 2]);
    }

    #[tokio::test]
    async fn a_failed_commit_fails_its_whole_batch_and_no_other() {
        let folder = tempfile::tempdir().unwrap();
        let writer = std::sync::Arc::new(writer(&folder));
        let gate = held(&writer).await;

        let (first, poisoned, conflict, _) =
            tokio::join!(writer.run(keep(1)), writer.run(poison), writer.run(refused), async { gate.send(()) });

        for outcome in [first, poisoned, conflict] {
            assert!(matches!(outcome, Err(StoreError::Backend { .. })), "{outcome:?}");
        }
        assert_eq!(writer.run(keep(2)).await.unwrap(), 2);
        assert_eq!(kept(&writer).await, [2]);
    }

    #[tokio::test]
    async fn a_transaction_that_is_lost_on_the_way_fails_its_batch() {
        let folder = tempfile::tempdir().unwrap();
        let writer = std::sync::Arc::new(writer(&folder));
        let gate = held(&writer).await;

        let (first, lost, last, _) =
            tokio::join!(writer.run(keep(1)), writer.run(collapse), writer.run(keep(2)), async { gate.send(()) });

        for outcome in [first, lost, last] {
            assert!(matches!(outcome, Err(StoreError::NotDurable { .. })), "{outcome:?}");
        }
        assert_eq!(kept(&writer).await, [] as [i64; 0]);
    }

    #[tokio::test]
    async fn what_was_queued_is_done_before_the_writer_stops() {
        let folder = tempfile::tempdir().unwrap();
        let writer = std::sync::Arc::new(writer(&folder));
        let gate = held(&writer).await;
        let mut abandoned = Box::pin(writer.run(keep(1)));
        let waiting = is_waiting(&mut abandoned).await;
        drop(abandoned);

        gate.send(()).unwrap();
        let mut owner = writer;
        let last = loop {
            match std::sync::Arc::try_unwrap(owner) {
                Ok(last) => break last,
                Err(shared) => owner = shared,
            }
            tokio::task::yield_now().await;
        };
        drop(last);

        assert!(waiting);
        let connection = Connection::open(folder.path().join("x.sqlite")).unwrap();
        let kept: i64 = connection.query_row("SELECT count(*) FROM kept", [], |row| row.get(0)).unwrap();
        assert_eq!(kept, 1);
    }

    /// Polls once; true when it is still waiting.
    async fn is_waiting<F: Future + Unpin>(future: &mut F) -> bool {
        std::future::poll_fn(|context| {
            std::task::Poll::Ready(std::pin::Pin::new(&mut *future).poll(context).is_pending())
        })
        .await
    }

    #[tokio::test]
    async fn a_writer_that_has_stopped_is_unavailable() {
        let folder = tempfile::tempdir().unwrap();
        let writer = writer(&folder);

        let crashed = writer.run(|_| -> Result<(), StoreError> { panic!("a bug of ours") }).await;
        let after = writer.run(keep(1)).await;

        assert!(matches!(crashed, Err(StoreError::Unavailable)));
        assert!(matches!(after, Err(StoreError::Unavailable)));
    }
}
