//! How do commands reach the one thread that writes, and answers their callers? The same way to every database.

use std::thread::{self, JoinHandle};

use tokio::sync::{mpsc, oneshot};

use super::StoreError;
use super::counted::Counted;

/// The most commands in one transaction: a batch this long takes some ten milliseconds, and no caller waits for two.
pub(super) const BATCH: usize = 256;

/// The most commands that wait; beyond it callers wait to be let in, so that a slow disk is felt and not hidden in memory.
const LENGTH: usize = 4 * BATCH;

/// Where the answer to a command goes.
pub(super) type Reply<T> = oneshot::Sender<Result<T, StoreError>>;

/// Commands that wait, as the thread that writes sees them.
pub(super) type Waiting<J> = mpsc::Receiver<Box<J>>;

/// The way to the thread that writes. Dropping it finishes what was queued.
pub(super) struct Queue<J: ?Sized> {
    /// `None` only while it is being dropped.
    jobs: Option<mpsc::Sender<Box<J>>>,
    thread: Option<JoinHandle<()>>,
    counted: Counted,
}

impl<J: ?Sized + Send + 'static> Queue<J> {
    /// Starts the thread that writes. It is to serve until nobody can send any more and nothing waits.
    pub(super) fn start(serve: impl FnOnce(Waiting<J>, Counted) + Send + 'static) -> Result<Queue<J>, StoreError> {
        let (jobs, waiting) = mpsc::channel(LENGTH);
        let counted = Counted::new();
        let counting = counted.clone();
        let thread = thread::Builder::new()
            .name("store-writer".to_owned())
            .spawn(move || serve(waiting, counting))
            .map_err(StoreError::backend)?;
        Ok(Queue { jobs: Some(jobs), thread: Some(thread), counted })
    }

    /// What is counted of its commits.
    pub(super) fn counted(&self) -> &Counted {
        &self.counted
    }

    /// Queues a job, which is told where its answer goes; resolves when that is given.
    ///
    /// A caller that goes away changes nothing: what was queued is done.
    pub(super) async fn run<T>(&self, job: impl FnOnce(Reply<T>) -> Box<J>) -> Result<T, StoreError> {
        let (reply, answer) = oneshot::channel();
        let jobs = self.jobs.as_ref().ok_or(StoreError::Unavailable)?;
        let job = job(reply);
        let place = jobs.reserve().await.map_err(|_| StoreError::Unavailable)?;
        self.counted.queued();
        place.send(job);
        answer.await.map_err(|_| StoreError::Unavailable)?
    }
}

impl<J: ?Sized> Drop for Queue<J> {
    fn drop(&mut self) {
        drop(self.jobs.take());
        if let Some(thread) = self.thread.take()
            && thread.join().is_err()
        {
            tracing::error!("the writer of the store had stopped before it was closed");
        }
    }
}

impl<J: ?Sized> std::fmt::Debug for Queue<J> {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.debug_struct("Queue").field("thread", &self.thread).finish_non_exhaustive()
    }
}
