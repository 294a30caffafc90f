//! How everything is written: one task, many commands in one transaction, answers only after the commit.
//!
//! A batch costs two round trips and one flush, however many commands stand in it: what the commands must know is asked for
//! first, under locks; each decides then in memory, a refused one plans nothing; what was planned is sent in one go with the
//! commit. A batch of reads is one statement, and one round trip. Why it is done so: `docs/decisions/0015-batches-on-postgresql.md`.

use std::sync::Arc;
use std::time::Instant;

use deadpool_postgres::ClientWrapper;
use epix_core::id::AuthorityId;
use futures_util::future::join_all;
use prometheus::IntCounter;
use tokio::runtime::Runtime;
use tokio_postgres::error::SqlState;
use tokio_postgres::types::ToSql;

use super::known::{Asked, Known};
use super::line::Line;
use super::plan::{Plan, Statement};
use super::session::{self, Heads, Session};
use crate::store::counted::Counted;
use crate::store::queue::{BATCH, Queue, Reply, Waiting};
use crate::store::remembered::Remembered;
use crate::store::{Basis, StoreError};

/// How often a batch is tried that other processes came in the way of.
const TRIES: usize = 10;

/// What the database says when a chain is written to that was closed.
const CHAIN_IS_CLOSED: &str = "EP001";

/// What it says when an answer rests on something that has changed.
const OUTDATED: &str = "EP002";

/// Something to be written. It may be asked to decide again, on what is known by then.
pub(super) trait Command: Send + 'static {
    /// What the caller is told.
    type Answer: Send + 'static;

    /// In whose books it is written, if it writes.
    fn authority(&self) -> Option<&AuthorityId>;

    /// Says what it must know.
    fn ask(&self, _asked: &mut Asked) {}

    /// Decides, and plans what it does. When it refuses, what it had planned is forgotten; what it says of `known` is not, so
    /// that it speaks only when nothing can refuse it any more.
    fn decide(&self, known: &mut Known, plan: &mut Plan) -> Result<Self::Answer, StoreError>;
}

/// The way to the thread that writes.
#[derive(Debug)]
pub(super) struct Writer(Queue<dyn Job>);

impl Writer {
    /// Starts the thread with a session that has begun. The runtime, on which all connections live, ends with it.
    pub(super) fn start(
        runtime: Runtime,
        line: Line,
        session: Session,
        remembered: Arc<Remembered>,
        trips: IntCounter,
    ) -> Result<Writer, StoreError> {
        let serve = move |waiting, counted| {
            let serving = Serving { line, session: Some(session), remembered, counted, trips };
            runtime.block_on(serving.serve(waiting));
        };
        Queue::start(serve).map(Writer)
    }

    /// What is counted of its commits.
    pub(super) fn counted(&self) -> &Counted {
        self.0.counted()
    }

    /// Does a command in the next transaction; resolves when it is durable, or refused.
    pub(super) async fn run<C: Command>(&self, command: C) -> Result<C::Answer, StoreError> {
        self.0.run(|reply| Box::new(Pending { command, outcome: Err(StoreError::Unavailable), reply })).await
    }
}

/// A command on its way through the writer.
trait Job: Send {
    fn authority(&self) -> Option<&AuthorityId>;
    fn ask(&self, asked: &mut Asked);
    fn run(&mut self, known: &mut Known, plan: &mut Plan);
    fn fail(&mut self, error: StoreError);
    fn answer(self: Box<Self>);
}

struct Pending<C: Command> {
    command: C,
    outcome: Result<C::Answer, StoreError>,
    reply: Reply<C::Answer>,
}

impl<C: Command> Job for Pending<C> {
    fn authority(&self) -> Option<&AuthorityId> {
        self.command.authority()
    }

    fn ask(&self, asked: &mut Asked) {
        self.command.ask(asked);
    }

    fn run(&mut self, known: &mut Known, plan: &mut Plan) {
        let mark = plan.mark();
        self.outcome = self.command.decide(known, plan);
        if self.outcome.is_err() {
            plan.back_to(&mark);
        }
    }

    fn fail(&mut self, error: StoreError) {
        self.outcome = Err(error);
    }

    fn answer(self: Box<Self>) {
        // A caller that has gone away needs no answer.
        let _ = self.reply.send(self.outcome);
    }
}

/// What went wrong with a batch.
enum Failed {
    /// Another process came in the way; nothing was done, and it may go well the next time.
    Crossed(StoreError),
    /// Another process has closed a chain of ours; nothing was done, and our chains are to be looked up again.
    Closed(StoreError),
    /// An answer rests on something that has changed; nothing was done, and it is to be asked which.
    Outdated(StoreError),
    /// Nothing was done, and it would not be the next time.
    Refused(StoreError),
    /// The connection is gone; nobody knows what was done.
    Lost(StoreError),
}

struct Serving {
    line: Line,
    session: Option<Session>,
    remembered: Arc<Remembered>,
    counted: Counted,
    /// How often an answer was waited for.
    trips: IntCounter,
}

impl Serving {
    /// Takes batch after batch until every sender is gone and the queue is empty.
    async fn serve(mut self, mut waiting: Waiting<dyn Job>) {
        let mut batch = Vec::with_capacity(BATCH);
        while waiting.recv_many(&mut batch, BATCH).await > 0 {
            self.counted.taken(batch.len());
            self.write(&mut batch).await;
            batch.drain(..).for_each(Job::answer);
        }
    }

    /// Does a batch; each job has its outcome then.
    async fn write(&mut self, batch: &mut [Box<dyn Job>]) {
        let started = Instant::now();
        let written = self.write_together(batch).await;
        self.counted.committed(batch.len(), started.elapsed(), written.is_ok());
        let Err(error) = written else { return };
        tracing::warn!(causes = %causes(&error), commands = batch.len(), "a batch failed");
        let is_alive = self.session.as_ref().is_some_and(|session| !session.client.is_closed());
        if batch.len() == 1 || !is_alive {
            return batch.iter_mut().for_each(|job| job.fail(error.clone()));
        }
        // One of them cannot be written: the others must not suffer for it.
        for job in batch {
            if let Err(error) = self.write_together(std::slice::from_mut(job)).await {
                job.fail(error);
            }
        }
    }

    /// Does a batch in one transaction. An error means that nothing of it stands, unless the connection is gone.
    async fn write_together(&mut self, batch: &mut [Box<dyn Job>]) -> Result<(), StoreError> {
        let (mut tries, mut is_doubted) = (1, false);
        loop {
            let trips = self.trips.clone();
            let Err(failed) = attempt(self.session().await?, batch, is_doubted, &trips).await else { return Ok(()) };
            match failed {
                Failed::Crossed(error) | Failed::Closed(error) | Failed::Outdated(error) if tries == TRIES => {
                    return Err(error);
                }
                Failed::Crossed(_) => {}
                Failed::Closed(_) => self.session = None,
                Failed::Outdated(_) => is_doubted = true,
                Failed::Refused(error) => return Err(error),
                Failed::Lost(error) => {
                    self.session = None;
                    return Err(error);
                }
            }
            tries += 1;
        }
    }

    /// The session, begun anew where the old one is gone: the shard may be another one then, and its heads are read again. It may even
    /// be another database, put back from a backup, so that nothing of the old one is remembered.
    async fn session(&mut self) -> Result<&mut Session, StoreError> {
        if self.session.as_ref().is_none_or(|session| session.client.is_closed()) {
            self.session = None;
            self.session = Some(Session::begin(&self.line).await?);
            self.remembered.clear();
        }
        self.session.as_mut().ok_or(StoreError::Unavailable)
    }
}

async fn attempt(
    session: &mut Session,
    batch: &mut [Box<dyn Job>],
    is_doubted: bool,
    trips: &IntCounter,
) -> Result<(), Failed> {
    let error = match plan_and_write(session, batch, is_doubted, trips).await {
        Ok(heads) => {
            session.heads = heads;
            return Ok(());
        }
        Err(error) => error,
    };
    trips.inc();
    match session.client.batch_execute("ROLLBACK").await {
        Ok(()) => Err(failed(error)),
        Err(_) => Err(Failed::Lost(StoreError::Unavailable)),
    }
}

/// Gives where the chains end after the batch.
async fn plan_and_write(
    session: &Session,
    batch: &mut [Box<dyn Job>],
    is_doubted: bool,
    trips: &IntCounter,
) -> Result<Heads, StoreError> {
    let Session { client, slot, heads } = session;
    let mut asked = Asked { doubted: is_doubted.then(Basis::default), ..Asked::default() };
    batch.iter().for_each(|job| job.ask(&mut asked));
    let strange = batch.iter().filter_map(|job| job.authority()).filter(|id| !heads.contains_key(*id));
    asked.chains = strange.cloned().collect();
    let began = !asked.is_empty();
    let mut known = Known::default();
    if began {
        trips.inc();
        known = Known::ask(client, *slot, &asked).await?;
    }
    let mut heads = heads.clone();
    heads.append(&mut known.begun);
    let mut plan = Plan::new(*slot, heads, std::mem::take(&mut known.not_begun));
    batch.iter_mut().for_each(|job| job.run(&mut known, &mut plan));
    write_plan(client, &plan, began, trips).await?;
    Ok(plan.heads)
}

/// Sends what was planned, all at once, with the commit behind it.
async fn write_plan(client: &ClientWrapper, plan: &Plan, began: bool, trips: &IntCounter) -> Result<(), StoreError> {
    if plan.is_empty() {
        return if began { Ok(client.batch_execute("COMMIT").await?) } else { Ok(()) };
    }
    let lines = plan.lines()?;
    let alone = !began && plan.statements.is_empty();
    let mut sent = Vec::new();
    for Statement { sql, values } in plan.statements.iter().chain(&lines).chain(&plan.closing) {
        let prepared = session::prepared(client, sql, trips).await?;
        sent.push(async move {
            let values: Vec<&(dyn ToSql + Sync)> = values.iter().map(|value| &**value as &(dyn ToSql + Sync)).collect();
            client.execute(&prepared, &values).await
        });
    }
    let begin = async { if began || alone { Ok(()) } else { client.batch_execute("BEGIN").await } };
    let commit = async { if alone { Ok(()) } else { client.batch_execute("COMMIT").await } };
    trips.inc();
    // Futures that are polled in this order are sent in this order, without waiting for one another.
    let (begun, done, committed) = tokio::join!(biased; begin, join_all(sent), commit);
    begun?;
    for outcome in done {
        outcome?;
    }
    Ok(committed?)
}

/// What an error means for the batch, of which nothing was done.
fn failed(error: StoreError) -> Failed {
    let code = match &error {
        StoreError::Backend { source } => {
            source.downcast_ref::<tokio_postgres::Error>().and_then(|error| error.code()).cloned()
        }
        _ => None,
    };
    match code {
        Some(SqlState::T_R_SERIALIZATION_FAILURE | SqlState::T_R_DEADLOCK_DETECTED | SqlState::UNIQUE_VIOLATION) => {
            Failed::Crossed(error)
        }
        Some(code) if code.code() == CHAIN_IS_CLOSED => Failed::Closed(error),
        Some(code) if code.code() == OUTDATED => Failed::Outdated(error),
        _ => Failed::Refused(error),
    }
}

fn causes(error: &StoreError) -> String {
    let mut text = error.to_string();
    let mut cause = std::error::Error::source(error);
    while let Some(error) = cause {
        text.push_str(&format!(": {error}"));
        cause = error.source();
    }
    text
}
