//! A change that is asked for twice is made once: `Idempotency-Key`, for every call that changes something.

use super::answer::Answer;
use super::call::{Call, Caller};
use super::problem::Problem;
use crate::service::Once;

/// The longest key: a UUID has 36 letters, a digest 64.
const LONGEST: usize = 128;

/// Does the work of a call; under a key that is known, the answer of the first time is given again.
///
/// Confirmations of partners are counted once by their own identity, whoever asks; the key is their call id.
pub(super) async fn made(call: &Call<'_>) -> Result<Answer, Problem> {
    let (Caller::Clerk(clerk), Some(key), true) = (&call.caller, call.header("idempotency-key"), call.route.changes())
    else {
        return (call.route.work)(call).await;
    };
    if key.is_empty() || key.len() > LONGEST {
        return Err(Problem::invalid(format!("Idempotency-Key must have 1 to {LONGEST} letters")));
    }
    let ours = |error: &dyn std::error::Error| Problem::ours(error, call.request_id);
    let (exchange, digest) = (&call.face.exchange, call.context.request_digest);
    let claim = match exchange.once(clerk, key, digest, call.context.at).await.map_err(|error| ours(&error))? {
        Once::Now(claim) => claim,
        Once::Before(answer) => {
            let answer: Answer = serde_json::from_str(&answer).map_err(|error| ours(&error))?;
            return Ok(answer.header("idempotent-replayed", "true"));
        }
        Once::UnderWay => {
            return Err(Problem::of(409, "under-way", "a call with this Idempotency-Key is under way: try again"));
        }
        Once::Another => {
            return Err(Problem::of(422, "other-request", "this Idempotency-Key stood for another request"));
        }
    };
    let made = (call.route.work)(call).await;
    // A refusal changed nothing: the same call may be made again when what was in its way is gone.
    let kept =
        made.as_ref().ok().map(|answer| serde_json::to_string(answer).map_err(|error| ours(&error))).transpose()?;
    exchange.settle(claim, kept).await.map_err(|error| ours(&error))?;
    made
}
