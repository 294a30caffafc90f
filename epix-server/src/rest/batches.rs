//! Many permits in one call: each is stored or refused for itself, and the outcome of each is told and kept.
//!
//! A batch is known by the digest of its bytes. It is answered when all of it is done, and done whether or not the caller waits; should
//! the server be killed, the same batch sent again stores the rest: nothing is stored twice, because the same bytes change nothing.

use std::sync::Arc;
use std::time::Duration;

use epix_core::id::Sha256Digest;
use epix_core::report::{Report, Severity};
use epix_core::wire::guard::Limits;
use serde::Serialize;
use tokio::sync::Semaphore;
use tokio::task::{JoinSet, spawn_blocking};
use utoipa::ToSchema;

use super::BASE;
use super::answer::Answer;
use super::call::Call;
use super::items::{Batch, Item};
use super::problem::Problem;
use super::told::{self, Finding};
use crate::audit::AuditEvent;
use crate::service::{Clerk, Deed, Desk, DeskError, Once, Submission};

/// How many documents are under way at once: they share the flushes of the disk.
const AT_ONCE: usize = 32;

/// How many bytes of documents are under way at once: one of the longest, or many of the usual ones.
const ROOM: usize = Limits::DOCUMENT.bytes;

fn key(id: &Sha256Digest) -> String {
    format!("batch:{id}")
}

/// Stores the documents of a batch.
pub(super) async fn store(call: &Call<'_>) -> Result<Answer, Problem> {
    let (clerk, id) = (call.clerk()?, Sha256Digest::of(&call.body));
    let ours = |error: &dyn std::error::Error| Problem::ours(error, call.request_id);
    let exchange = &call.face.exchange;
    let claim = match claimed(call, clerk, &id).await.map_err(|error| ours(&error))? {
        Once::Now(claim) => claim,
        Once::Before(kept) => return Ok(Answer::bytes("application/json", kept.into_bytes())),
        Once::UnderWay | Once::Another => return Err(Problem::of(409, "under-way", "this batch is under way")),
    };
    let batch = match Batch::of(call.body.clone()) {
        Ok(batch) => Arc::new(batch),
        Err(problem) => {
            exchange.settle(claim, None).await.map_err(|error| ours(&error))?;
            return Err(problem);
        }
    };
    let items = stored(&call.desk(), clerk, &call.deed()?.audit, &batch).await;
    let report = BatchReport::of(id, items);
    // What failed through no fault of its own is tried again when the batch comes again.
    let kept =
        (report.failed == 0).then(|| serde_json::to_string(&report)).transpose().map_err(|error| ours(&error))?;
    exchange.settle(claim, kept).await.map_err(|error| ours(&error))?;
    Ok(Answer::json(&report).created(&format!("{BASE}/batches/{id}")))
}

/// How long it is waited for somebody who only asks for the outcome, and holds the claim while asking.
const PATIENCE: [Duration; 3] = [Duration::from_millis(20), Duration::from_millis(100), Duration::from_millis(300)];

async fn claimed(call: &Call<'_>, clerk: &Clerk, id: &Sha256Digest) -> Result<Once, impl std::error::Error + use<>> {
    let exchange = &call.face.exchange;
    for pause in PATIENCE {
        match exchange.once(clerk, &key(id), *id, call.context.at).await {
            Ok(Once::UnderWay) => tokio::time::sleep(pause).await,
            other => return other,
        }
    }
    exchange.once(clerk, &key(id), *id, call.context.at).await
}

/// The outcome of each document, in their order.
async fn stored(desk: &Desk, clerk: &Clerk, audit: &AuditEvent, batch: &Arc<Batch>) -> Vec<ItemOutcome> {
    let mut outcomes: Vec<ItemOutcome> = (0..batch.len()).map(|_| ItemOutcome::default()).collect();
    let (room, mut under_way) = (Arc::new(Semaphore::new(ROOM)), JoinSet::new());
    for index in 0..batch.len() {
        let share = u32::try_from(batch.size(index).clamp(ROOM / AT_ONCE, ROOM)).expect("a document has no 4 GiB");
        let held = Arc::clone(&room).acquire_many_owned(share).await.expect("the room is never closed");
        let (desk, authority, audit, batch) = (desk.clone(), clerk.authority.clone(), audit.clone(), Arc::clone(batch));
        under_way.spawn(async move {
            let _held = held;
            (index, outcome(&desk, &Deed { authority: &authority, audit }, batch, index).await)
        });
    }
    while let Some(done) = under_way.join_next().await {
        match done {
            Ok((index, outcome)) => outcomes[index] = outcome,
            // A task that broke leaves its place empty: it failed.
            Err(error) => tracing::error!(%error, "a document of a batch was given up"),
        }
    }
    outcomes
}

async fn outcome(desk: &Desk, deed: &Deed<'_>, batch: Arc<Batch>, index: usize) -> ItemOutcome {
    let taken = spawn_blocking(move || batch.item(index)).await;
    let Item { name, content } = taken.expect("what reads an entry gives errors and does not break");
    let blank = ItemOutcome { item: Some(name), ..ItemOutcome::default() };
    let refused = |code: &str, title: String| ItemOutcome {
        outcome: Fate::Refused,
        code: Some(code.to_owned()),
        title: Some(title).filter(|title| !title.is_empty()),
        ..blank.clone()
    };
    let bytes = match content {
        Ok(bytes) => bytes,
        Err(why) => return refused("unreadable", why),
    };
    match desk.store(deed, Submission { bytes, ..Submission::default() }, "submit").await {
        Ok(stored) => {
            let fate = if stored.is_new() { Fate::Stored } else { Fate::Unchanged };
            ItemOutcome { outcome: fate, number: Some(stored.number.raw().to_owned()), ..blank }
        }
        Err(DeskError::Rejected(rejected)) => refused("refused", String::new()).reporting(&rejected.report),
        Err(error) if error.is_the_callers() => refused(error.outcome(), error.to_string()),
        Err(error) => {
            tracing::error!(causes = crate::problem::chain(&error), "a document of a batch could not be stored");
            ItemOutcome { code: Some(error.outcome().to_owned()), ..blank }
        }
    }
}

/// What became of a batch.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct BatchReport {
    /// The digest of its bytes.
    id: String,
    state: Progress,
    stored: usize,
    unchanged: usize,
    refused: usize,
    /// Through no fault of their own: they are tried again when the batch is sent again.
    failed: usize,
    /// The outcome of each document, in their order; empty while it is under way.
    items: Vec<ItemOutcome>,
}

#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "kebab-case")]
enum Progress {
    Done,
    UnderWay,
}

/// What became of a document.
#[derive(Debug, Clone, Default, Serialize, ToSchema)]
struct ItemOutcome {
    /// The name of the entry or the number of the line.
    #[serde(skip_serializing_if = "Option::is_none")]
    item: Option<String>,
    outcome: Fate,
    /// The number of the permit.
    #[serde(skip_serializing_if = "Option::is_none")]
    number: Option<String>,
    /// Why not, in a word.
    #[serde(skip_serializing_if = "Option::is_none")]
    code: Option<String>,
    /// Why not, in a sentence.
    #[serde(skip_serializing_if = "Option::is_none")]
    title: Option<String>,
    /// How many errors were found.
    #[serde(skip_serializing_if = "Option::is_none")]
    errors: Option<usize>,
    /// How many warnings were found.
    #[serde(skip_serializing_if = "Option::is_none")]
    warnings: Option<usize>,
    /// The first of them, errors before warnings; `/validate` tells all of a document.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    findings: Vec<Finding>,
}

#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "lowercase")]
enum Fate {
    Stored,
    Unchanged,
    Refused,
    /// Nobody could look.
    #[default]
    Failed,
}

/// As many findings are told of each document: with 10,000 of them a report stays below what a caller reads at once.
const TOLD: usize = 5;

impl ItemOutcome {
    fn reporting(self, report: &Report) -> ItemOutcome {
        let of = |severity| report.findings.iter().filter(move |finding| finding.severity == severity);
        let (errors, warnings) = (of(Severity::Error), of(Severity::Warning));
        ItemOutcome {
            errors: Some(errors.clone().count()),
            warnings: Some(warnings.clone().count()),
            findings: told::findings(errors.chain(warnings).take(TOLD)),
            ..self
        }
    }
}

impl BatchReport {
    fn of(id: Sha256Digest, items: Vec<ItemOutcome>) -> BatchReport {
        let count = |fate| items.iter().filter(|item| item.outcome == fate).count();
        BatchReport {
            id: id.to_string(),
            state: Progress::Done,
            stored: count(Fate::Stored),
            unchanged: count(Fate::Unchanged),
            refused: count(Fate::Refused),
            failed: count(Fate::Failed),
            items,
        }
    }
}

/// The outcome of a batch that was sent before, by the same key.
pub(super) async fn show(call: &Call<'_>) -> Result<Answer, Problem> {
    let id = Sha256Digest::parse(&call.segment("id")?).map_err(|error| Problem::invalid(error.to_string()))?;
    let ours = |error: &dyn std::error::Error| Problem::ours(error, call.request_id);
    let exchange = &call.face.exchange;
    match exchange.once(call.clerk()?, &key(&id), id, call.context.at).await.map_err(|error| ours(&error))? {
        Once::Before(kept) => Ok(Answer::bytes("application/json", kept.into_bytes())),
        Once::UnderWay | Once::Another => {
            Ok(Answer::json(&BatchReport { state: Progress::UnderWay, ..BatchReport::of(id, Vec::new()) }))
        }
        Once::Now(claim) => {
            exchange.settle(claim, None).await.map_err(|error| ours(&error))?;
            Err(Problem::of(
                404,
                "no-batch",
                "no outcome of such a batch is kept: send it again, nothing is stored twice",
            ))
        }
    }
}
