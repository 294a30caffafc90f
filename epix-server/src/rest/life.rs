//! The life of a permit: its state and what changes it, its documents, what happened to it, what was confirmed.

use std::collections::BTreeMap;

use chrono::{DateTime, Utc};
use epix_core::id::{Amount, Country, IdError, PermitNumber, PositionId};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::answer::Answer;
use super::call::{Call, Caller};
use super::permits::{address, media_type, submission};
use super::problem::Problem;
use super::told;
use crate::service::{Book, Change, State};

/// The state of a permit.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(super) struct PermitState {
    number: String,
    authority: String,
    #[schema(value_type = String)]
    state: State,
    /// How many events it has.
    revision: u64,
    /// The country of import.
    destination: Option<String>,
    token_required: bool,
    stored_at: DateTime<Utc>,
}

/// Tells the state of a permit.
pub(super) async fn state(call: &Call<'_>) -> Result<Answer, Problem> {
    let (told, tag) = state_now(call).await?;
    Ok(if call.has(&tag) { Answer::not_modified(&tag) } else { Answer::json(&told).tagged(&tag) })
}

/// The state of a permit, and its tag.
async fn state_now(call: &Call<'_>) -> Result<(PermitState, String), Problem> {
    let shown = call.desk().show(&call.deed()?, &call.number()?).await;
    let (record, state) = shown.map_err(|error| call.refused(&error))?;
    let told = PermitState {
        number: record.number.raw().to_owned(),
        authority: record.authority.to_string(),
        state,
        revision: record.revision,
        destination: record.destination.map(|country| country.to_string()),
        token_required: record.token.is_some(),
        stored_at: record.stored_at,
    };
    Ok((told, format!("\"{}\"", record.revision)))
}

/// What is to become of a permit.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct StateChange {
    /// suspend, resume, cancel, replace, lost or return.
    change: String,
    /// Why, for the record.
    reason: String,
    /// The permit that takes its place.
    by: Option<String>,
}

/// Changes the state of a permit.
pub(super) async fn change(call: &Call<'_>) -> Result<Answer, Problem> {
    let wish: StateChange = call.json()?;
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
    let told = |version: &_| -> Result<Version, serde_json::Error> {
        let version: Version = told::of_row(version)?;
        let href = format!("{}/versions/{}", address(&record.number), version.ordinal);
        Ok(Version { href, ..version })
    };
    let versions: Result<_, _> = record.versions.iter().map(told).collect();
    let versions = versions.map_err(|error| Problem::ours(&error, call.request_id))?;
    Ok(Answer::json(&Versions { versions }).tagged(&format!("\"{}\"", record.revision)))
}

/// The documents of a permit, oldest first.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct Versions {
    versions: Vec<Version>,
}

#[derive(Debug, Serialize, Deserialize, ToSchema)]
struct Version {
    ordinal: u32,
    /// The toolkit version that it is written in.
    toolkit: String,
    /// SHA-256 of its bytes.
    digest: String,
    /// In bytes.
    size: u64,
    reason: VersionReason,
    at: DateTime<Utc>,
    #[serde(default)]
    href: String,
}

/// Why a document exists.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
struct VersionReason {
    /// received, endorsed or reissued.
    because: String,
    /// SHA-256 of the document that was endorsed.
    #[serde(skip_serializing_if = "Option::is_none")]
    original: Option<String>,
    /// Sequence of the confirmation that it shows.
    #[serde(skip_serializing_if = "Option::is_none")]
    event: Option<u64>,
    /// Why it was reissued.
    #[serde(skip_serializing_if = "Option::is_none")]
    reason: Option<String>,
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

/// A permit with a new document.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct ReissuedPermit {
    number: String,
    /// Which version the new one is.
    ordinal: u32,
}

/// Replaces the document of a permit.
pub(super) async fn reissue(call: &Call<'_>) -> Result<Answer, Problem> {
    let why: Why = call.query()?;
    let submission = submission(call).await?;
    let (number, expected, deed) = (call.number()?, call.expected()?, call.deed()?);
    let signature = submission.signature.as_deref();
    let (meant, desk) = (Some((&number, expected)), call.desk());
    let reissued = desk.reissue(&deed, &submission.bytes, signature, &why.reason, meant).await;
    let (number, ordinal) = reissued.map_err(|error| call.refused(&error))?;
    let told = ReissuedPermit { number: number.raw().to_owned(), ordinal };
    Ok(Answer::json(&told).created(&format!("{}/versions/{ordinal}", address(&number))))
}

/// What happened to a permit.
pub(super) async fn events(call: &Call<'_>) -> Result<Answer, Problem> {
    let shown = call.desk().show(&call.deed()?, &call.number()?).await;
    let (record, _) = shown.map_err(|error| call.refused(&error))?;
    let events: Result<_, _> = record.events.iter().map(told::of_row::<Event>).collect();
    let events = events.map_err(|error| Problem::ours(&error, call.request_id))?;
    Ok(Answer::json(&Events { events }).tagged(&format!("\"{}\"", record.revision)))
}

/// What happened to a permit, oldest first.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct Events {
    events: Vec<Event>,
}

#[derive(Debug, Serialize, Deserialize, ToSchema)]
struct Event {
    /// Its number, from 1.
    sequence: u64,
    at: DateTime<Utc>,
    /// The party that caused it; null for the authority.
    party: Option<String>,
    /// The certificate with which it was caused.
    fingerprint: Option<String>,
    event: Happening,
}

/// What happened; which members there are follows from the word.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
struct Happening {
    /// The word for it: issued, confirmed, voided, cancelled, suspended, resumed, replaced, replaces, lost, returned, reissued.
    event: String,
    /// Why, in the authority's words.
    #[serde(skip_serializing_if = "Option::is_none")]
    reason: Option<String>,
    #[serde(flatten)]
    confirmed: Confirmation,
    /// Of the confirmation that is void.
    #[serde(skip_serializing_if = "Option::is_none")]
    sequence: Option<u64>,
    /// The permit that stands in the place of this one.
    #[serde(skip_serializing_if = "Option::is_none")]
    by: Option<String>,
    /// The permit in whose place this one stands.
    #[serde(skip_serializing_if = "Option::is_none")]
    number: Option<String>,
    /// Which version the new document is.
    #[serde(skip_serializing_if = "Option::is_none")]
    ordinal: Option<u32>,
}

/// What was confirmed; what makes repetitions recognisable is the store's own affair.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
struct Confirmation {
    /// export or import.
    #[serde(skip_serializing_if = "Option::is_none")]
    ledger: Option<String>,
    /// The country whose organisation confirmed.
    #[serde(skip_serializing_if = "Option::is_none")]
    country: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    organisation: Option<String>,
    /// By position, as decimal numbers.
    #[serde(skip_serializing_if = "Option::is_none")]
    positions: Option<BTreeMap<String, String>>,
    /// True when it came after the end of validity.
    #[serde(skip_serializing_if = "Option::is_none")]
    late: Option<bool>,
    /// What the organisation was registered as.
    #[serde(skip_serializing_if = "Option::is_none")]
    roles: Option<Vec<String>>,
    /// The caller's own id of the call.
    #[serde(skip_serializing_if = "Option::is_none")]
    call: Option<String>,
    /// True when the permit is used in parts.
    #[serde(skip_serializing_if = "Option::is_none")]
    part: Option<bool>,
}

/// What left, or arrived.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct Quantities {
    /// By position, as decimal numbers.
    positions: BTreeMap<String, String>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
struct Whose {
    country: Option<Country>,
}

/// The quantities that a body confirms.
pub(super) fn positions(call: &Call<'_>) -> Result<Vec<(PositionId, Amount)>, Problem> {
    let confirmed: Quantities = call.json()?;
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
        Caller::Clerk(_) => {
            let (told, tag) = state_now(call).await?;
            Ok(Answer::json(&AfterConfirmation::State(told)).tagged(&tag))
        }
        _ => {
            let taken = QuantitiesTaken { number: request.number.raw().to_owned(), confirmed: true };
            Ok(Answer::json(&AfterConfirmation::Taken(taken)))
        }
    }
}

/// What follows a confirmation: for a key the state of the permit, for a partner that it counts.
#[derive(Debug, Serialize, ToSchema)]
#[serde(untagged)]
pub(super) enum AfterConfirmation {
    State(PermitState),
    Taken(QuantitiesTaken),
}

/// The quantities count.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct QuantitiesTaken {
    pub(super) number: String,
    pub(super) confirmed: bool,
}

/// Which confirmation is void: the last one, of the book that is named or of any.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct VoidRequest {
    /// Why, for the record.
    reason: String,
    /// export or import.
    #[schema(value_type = Option<String>)]
    book: Option<Book>,
}

/// Declares the last confirmation void.
pub(super) async fn void(call: &Call<'_>) -> Result<Answer, Problem> {
    let wish: VoidRequest = call.json()?;
    let (deed, number, expected) = (call.deed()?, call.number()?, call.expected()?);
    let voided = call.desk().void(&deed, &number, wish.book, &wish.reason, expected).await;
    voided.map_err(|error| call.refused(&error))?;
    state(call).await
}
