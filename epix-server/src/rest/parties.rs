//! The books around the permits: who may call, and who did what.

use serde::Deserialize;
use serde_json::{Value, json};

use super::answer::Answer;
use super::call::Call;
use super::problem::Problem;

/// Lists the register.
pub(super) async fn list(call: &Call<'_>) -> Result<Answer, Problem> {
    let (deed, desk) = (call.deed()?, call.desk());
    let parties = desk.parties(&deed).await.map_err(|error| call.refused(&error))?;
    let told = |party: &_| {
        let mut told = serde_json::to_value(party).unwrap_or_default();
        // Where partners answer, and by which secret: the affair of the operator.
        if let Some(told) = told.as_object_mut() {
            let terms = told.remove("terms").unwrap_or_default();
            told.insert("hasEndpoint".to_owned(), (!terms["endpoint"].is_null()).into());
        }
        told
    };
    let parties: Vec<Value> = parties.iter().map(told).collect();
    Ok(Answer::json(&json!({ "parties": parties })))
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
    let told = |line: &_| {
        let mut told = serde_json::to_value(line).unwrap_or_default();
        let body = told["body"].as_str().and_then(|body| serde_json::from_str::<Value>(body).ok());
        told["event"] = body.unwrap_or_default();
        told
    };
    let lines: Vec<Value> = lines.iter().map(told).collect();
    let next = lines.last().filter(|_| lines.len() == limit).map(|line| line["sequence"].clone());
    Ok(Answer::json(&json!({ "lines": lines, "next": next })))
}
