//! The life of a permit: its state and what changes it, its documents, what happened to it, what was confirmed.

use std::collections::BTreeMap;

use epix_core::id::{Amount, Country, IdError, PermitNumber, PositionId};
use serde::Deserialize;
use serde_json::{Value, json};

use super::answer::Answer;
use super::call::{Call, Caller};
use super::permits::{address, media_type, submission};
use super::problem::Problem;
use crate::service::{Book, Change};

/// The state of a permit.
pub(super) async fn state(call: &Call<'_>) -> Result<Answer, Problem> {
    let shown = call.desk().show(&call.deed()?, &call.number()?).await;
    let (record, state) = shown.map_err(|error| call.refused(&error))?;
    let tag = format!("\"{}\"", record.revision);
    if call.has(&tag) {
        return Ok(Answer::not_modified(&tag));
    }
    let told = json!({
        "number": record.number.raw(),
        "authority": record.authority,
        "state": state,
        "revision": record.revision,
        "destination": record.destination,
        "tokenRequired": record.token.is_some(),
        "storedAt": record.stored_at,
    });
    Ok(Answer::json(&told).tagged(&tag))
}

/// What is to become of a permit.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Wish {
    change: String,
    reason: String,
    /// The permit that takes its place.
    by: Option<String>,
}

/// Changes the state of a permit.
pub(super) async fn change(call: &Call<'_>) -> Result<Answer, Problem> {
    let wish: Wish = call.json()?;
    let known = Change::ALL.into_iter().find(|change| change.command() == wish.change && *change != Change::Reissue);
    let words = "suspend, resume, cancel, replace, lost or return";
    let change = known.ok_or_else(|| Problem::invalid(format!("change must be {words}, not {:?}", wish.change)))?;
    let (deed, number, expected) = (call.deed()?, call.number()?, call.expected()?);
    let desk = call.desk();
    let changed = match (change, &wish.by) {
        (Change::Replace, Some(by)) => {
            let by = PermitNumber::parse(by).map_err(|error| Problem::invalid(format!("by: {error}")))?;
            desk.replace(&deed, &number, &by, &wish.reason, expected).await.map(|_| ())
        }
        (Change::Replace, None) => return Err(Problem::invalid("by must name the permit that takes its place")),
        (_, Some(_)) => return Err(Problem::invalid("by is for replace alone")),
        (_, None) => desk.change(&deed, &number, change, &wish.reason, expected).await.map(|_| ()),
    };
    changed.map_err(|error| call.refused(&error))?;
    state(call).await
}

/// The documents of a permit.
pub(super) async fn versions(call: &Call<'_>) -> Result<Answer, Problem> {
    let shown = call.desk().show(&call.deed()?, &call.number()?).await;
    let (record, _) = shown.map_err(|error| call.refused(&error))?;
    let told = |version: &_| {
        let mut told = serde_json::to_value(version).unwrap_or_default();
        let ordinal = told["ordinal"].clone();
        told["href"] = format!("{}/versions/{ordinal}", address(&record.number)).into();
        told
    };
    let versions: Vec<Value> = record.versions.iter().map(told).collect();
    Ok(Answer::json(&json!({ "versions": versions })).tagged(&format!("\"{}\"", record.revision)))
}

/// One document of a permit, as it was stored.
pub(super) async fn version(call: &Call<'_>) -> Result<Answer, Problem> {
    let ordinal = call.segment("ordinal")?.parse().map_err(|_| Problem::invalid("the version is not a number"))?;
    let read = call.desk().read(&call.deed()?, &call.number()?, Some(ordinal)).await;
    let (_, stored) = read.map_err(|error| call.refused(&error))?;
    let tag = format!("\"{}\"", stored.digest);
    Ok(Answer::bytes(media_type(&stored.bytes), stored.bytes).tagged(&tag))
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Why {
    reason: String,
}

/// Replaces the document of a permit.
pub(super) async fn reissue(call: &Call<'_>) -> Result<Answer, Problem> {
    let why: Why = call.query()?;
    let submission = submission(call)?;
    let (number, expected, deed) = (call.number()?, call.expected()?, call.deed()?);
    let signature = submission.signature.as_deref();
    let (meant, desk) = (Some((&number, expected)), call.desk());
    let reissued = desk.reissue(&deed, &submission.bytes, signature, &why.reason, meant).await;
    let (number, ordinal) = reissued.map_err(|error| call.refused(&error))?;
    let told = json!({ "number": number.raw(), "ordinal": ordinal });
    Ok(Answer::json(&told).created(&format!("{}/versions/{ordinal}", address(&number))))
}

/// What happened to a permit.
pub(super) async fn events(call: &Call<'_>) -> Result<Answer, Problem> {
    let shown = call.desk().show(&call.deed()?, &call.number()?).await;
    let (record, _) = shown.map_err(|error| call.refused(&error))?;
    let told = |recorded: &_| {
        let mut told = serde_json::to_value(recorded).unwrap_or_default();
        // What makes repetitions recognisable is the store's own affair.
        if let Some(event) = told["event"].as_object_mut() {
            event.remove("identity");
        }
        told
    };
    let events: Vec<Value> = record.events.iter().map(told).collect();
    Ok(Answer::json(&json!({ "events": events })).tagged(&format!("\"{}\"", record.revision)))
}

/// What left, or arrived.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Confirmed {
    positions: BTreeMap<String, String>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
struct Whose {
    country: Option<Country>,
}

/// The quantities that a body confirms.
pub(super) fn positions(call: &Call<'_>) -> Result<Vec<(PositionId, Amount)>, Problem> {
    let confirmed: Confirmed = call.json()?;
    let pairs = confirmed.positions.iter().map(|(id, amount)| Ok((PositionId::parse(id)?, Amount::parse(amount)?)));
    pairs.collect::<Result<_, IdError>>().map_err(|error| Problem::invalid(format!("positions: {error}")))
}

/// Confirms quantities: in the book of the caller's side, as SOAP would.
pub(super) async fn confirm(call: &Call<'_>) -> Result<Answer, Problem> {
    let (positions, whose): (_, Whose) = (positions(call)?, call.query()?);
    let mut context = call.context.clone();
    context.call = call.call_id()?;
    let request = call.request(whose.country)?;
    let done = call.face.exchange.confirm(&context, &request, &positions).await;
    done.map_err(|error| call.call_refused(&error))?;
    match call.caller {
        Caller::Clerk(_) => state(call).await,
        _ => Ok(Answer::json(&json!({ "number": request.number.raw(), "confirmed": true }))),
    }
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Voided {
    reason: String,
    book: Option<Book>,
}

/// Declares the last confirmation void.
pub(super) async fn void(call: &Call<'_>) -> Result<Answer, Problem> {
    let wish: Voided = call.json()?;
    let (deed, number, expected) = (call.deed()?, call.number()?, call.expected()?);
    let voided = call.desk().void(&deed, &number, wish.book, &wish.reason, expected).await;
    voided.map_err(|error| call.refused(&error))?;
    state(call).await
}
