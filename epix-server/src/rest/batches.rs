//! Many permits in one call: each is stored or refused for itself, and the outcome of each is told and kept.
//!
//! A batch is known by the digest of its bytes. It is answered when all of it is done, and done whether or not the caller waits; should
//! the server be killed, the same batch sent again stores the rest: nothing is stored twice, because the same bytes change nothing.

use std::sync::Arc;
use std::time::Duration;

use epix_core::id::Sha256Digest;
use epix_core::wire::guard::Limits;
use serde_json::{Value, json};
use tokio::sync::Semaphore;
use tokio::task::{JoinSet, spawn_blocking};

use super::BASE;
use super::answer::Answer;
use super::call::Call;
use super::items::{Batch, Item};
use super::problem::Problem;
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
    let (outcomes, is_whole) = stored(&call.desk(), clerk, &call.deed()?.audit, &batch).await;
    let count = |word: &str| outcomes.iter().filter(|outcome| outcome["outcome"] == word).count();
    let report = json!({
        "id": id.to_string(),
        "stored": count("stored"),
        "unchanged": count("unchanged"),
        "refused": count("refused"),
        "failed": count("failed"),
        "items": outcomes,
    });
    // What failed through no fault of its own is tried again when the batch comes again.
    let kept = is_whole.then(|| report.to_string());
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

/// The outcome of each document, in their order; and whether all of them could be looked at.
async fn stored(desk: &Desk, clerk: &Clerk, audit: &AuditEvent, batch: &Arc<Batch>) -> (Vec<Value>, bool) {
    let mut outcomes = vec![Value::Null; batch.len()];
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
    for outcome in outcomes.iter_mut().filter(|outcome| outcome.is_null()) {
        *outcome = json!({ "outcome": "failed" });
    }
    let is_whole = outcomes.iter().all(|outcome| outcome["outcome"] != "failed");
    (outcomes, is_whole)
}

async fn outcome(desk: &Desk, deed: &Deed<'_>, batch: Arc<Batch>, index: usize) -> Value {
    let taken = spawn_blocking(move || batch.item(index)).await;
    let Item { name, content } = taken.expect("what reads an entry gives errors and does not break");
    let bytes = match content {
        Ok(bytes) => bytes,
        Err(why) => return json!({ "item": name, "outcome": "refused", "code": "unreadable", "title": why }),
    };
    match desk.store(deed, Submission { bytes, ..Submission::default() }, "submit").await {
        Ok(stored) => {
            let word = if stored.is_new() { "stored" } else { "unchanged" };
            json!({ "item": name, "outcome": word, "number": stored.number.raw() })
        }
        Err(DeskError::Rejected(rejected)) => {
            json!({ "item": name, "outcome": "refused", "code": "refused", "findings": rejected.report.findings })
        }
        Err(error) if error.is_the_callers() => {
            json!({ "item": name, "outcome": "refused", "code": error.outcome(), "title": error.to_string() })
        }
        Err(error) => {
            tracing::error!(causes = crate::problem::chain(&error), "a document of a batch could not be stored");
            json!({ "item": name, "outcome": "failed", "code": error.outcome() })
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
        Once::UnderWay | Once::Another => Ok(Answer::json(&json!({ "id": id.to_string(), "state": "under-way" }))),
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
