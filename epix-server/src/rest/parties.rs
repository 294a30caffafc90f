//! The books around the permits: who may call, and who did what.

use std::collections::BTreeMap;

use serde::{Deserialize, Deserializer, Serialize};
use serde_json::Value;
use utoipa::ToSchema;

use super::answer::Answer;
use super::call::Call;
use super::problem::Problem;
use super::told::{self, Term};

/// Lists the register.
pub(super) async fn list(call: &Call<'_>) -> Result<Answer, Problem> {
    let (deed, desk) = (call.deed()?, call.desk());
    let parties = desk.parties(&deed).await.map_err(|error| call.refused(&error))?;
    let parties: Result<_, _> = parties.iter().map(told::of_row::<Party>).collect();
    let parties = parties.map_err(|error| Problem::ours(&error, call.request_id))?;
    Ok(Answer::json(&Parties { parties }))
}

/// The register.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct Parties {
    parties: Vec<Party>,
}

#[derive(Debug, Serialize, Deserialize, ToSchema)]
struct Party {
    id: String,
    name: String,
    country: String,
    roles: Vec<String>,
    /// The certificates it may call with, by fingerprint.
    certificates: BTreeMap<String, Term>,
    /// What it may call; null means what its roles may.
    operations: Option<Vec<String>>,
    /// True while its calls are refused.
    suspended: bool,
    /// True for a party that can be asked.
    #[serde(rename(deserialize = "terms", serialize = "hasEndpoint"), deserialize_with = "has_endpoint")]
    #[schema(rename = "hasEndpoint")]
    has_endpoint: bool,
}

/// Where partners answer, and by which secret, is the affair of the operator.
fn has_endpoint<'de, D: Deserializer<'de>>(terms: D) -> Result<bool, D::Error> {
    Ok(!Value::deserialize(terms)?["endpoint"].is_null())
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Asked {
    #[serde(default)]
    after: u64,
    #[serde(default)]
    shard: u32,
    limit: Option<usize>,
}

/// The most lines of one page.
const MOST: usize = 500;

/// Lists lines of the audit; that they were read is written down too.
pub(super) async fn audit(call: &Call<'_>) -> Result<Answer, Problem> {
    let Asked { after, shard, limit } = call.query()?;
    let limit = limit.unwrap_or(MOST);
    if !(1..=MOST).contains(&limit) {
        return Err(Problem::invalid(format!("limit must be 1 to {MOST}")));
    }
    let (deed, desk) = (call.deed()?, call.desk());
    let lines = desk.audit(&deed, shard, after, limit).await.map_err(|error| call.refused(&error))?;
    let lines: Result<Vec<AuditLine>, _> = lines.iter().map(told::of_row).collect();
    let mut lines = lines.map_err(|error| Problem::ours(&error, call.request_id))?;
    lines.iter_mut().for_each(|line| line.event = serde_json::from_str(&line.body).unwrap_or_default());
    let next = lines.last().filter(|_| lines.len() == limit).map(|line| line.sequence);
    Ok(Answer::json(&AuditLines { lines, next }))
}

/// A page of the audit.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct AuditLines {
    lines: Vec<AuditLine>,
    /// What to ask for the next page with (`after`); null where there is none.
    next: Option<u64>,
}

/// A line in its place in the chain.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
struct AuditLine {
    authority: String,
    shard: u32,
    sequence: u64,
    /// Hash of the line before.
    previous: String,
    /// Hash of this line.
    hash: String,
    /// The event as the text that was hashed.
    body: String,
    /// The same, to be read.
    #[serde(default)]
    event: serde_json::Map<String, Value>,
}
