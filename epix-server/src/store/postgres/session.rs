//! The one connection on which a process writes: which chains of the audit are its own, and where they end.
//!
//! Processes that write at the same time have slots, and each slot its own chains. A slot is held by an advisory lock of the
//! session: it is free again as soon as the connection is gone, however it went, and nothing can be written to its chains over
//! another connection of ours.

use std::collections::BTreeMap;

use deadpool_postgres::ClientWrapper;
use epix_core::id::AuthorityId;
use prometheus::IntCounter;
use tokio_postgres::error::SqlState;
use tokio_postgres::{Client, Error, Row, Statement};

use super::line::{LOCK_TIMEOUT, Line};
use super::value::{Columns as _, digest, id, number};
use super::{known, schema};
use crate::audit::Head;
use crate::store::StoreError;

/// More processes than this cannot write at once.
const SLOTS: u32 = 1_024;

/// The lock of a slot, told apart from those of another store in the same database.
const TAKE_SLOT: &str = "SELECT pg_try_advisory_lock(('epix_layout'::regclass::oid::bigint << 32) | $1::bigint)";

/// Who writes holds this lock together with others, who copies holds it alone; it lies behind those of the slots.
const USE: &str = "('epix_layout'::regclass::oid::bigint << 32) | 1024";

/// Where the chain of each authority ends that a process writes; its number stands behind those of the chains that were closed, in
/// the order of the processes. An authority whose chain has not begun has no sequence.
pub(super) const CHAINS: &str = "
    SELECT authority.id, base.shard + $1::bigint, head.sequence, head.hash
    FROM authority
    CROSS JOIN LATERAL (
        SELECT coalesce(max(shard), -1) + 1 AS shard FROM audit_head WHERE authority = authority.id AND closed = 1) AS base
    LEFT JOIN audit_head AS head ON head.authority = authority.id AND head.shard = base.shard + $1::bigint
    WHERE authority.id = ANY ($2::text[]) OR $2 IS NULL";

/// A connection that may write.
pub(super) struct Session {
    pub(super) client: ClientWrapper,
    /// Which of the processes that write at the same time this one is.
    pub(super) slot: u32,
    /// Where the chains end that this process writes.
    pub(super) heads: BTreeMap<AuthorityId, Head>,
}

impl Session {
    /// Connects, takes a slot that nobody holds, and reads where its chains end.
    pub(super) async fn begin(line: &Line) -> Result<Session, StoreError> {
        let (client, moved) = line.open().await?;
        schema::check_durable(&client).await?;
        take_use(&client, "pg_advisory_lock_shared", StoreError::Copying).await?;
        let client = ClientWrapper::new(client, moved);
        known::prepare(&client).await?;
        let slot = take_slot(&client).await?;
        let (heads, _) = chains(&client.query(CHAINS, &[&i64::from(slot), &None::<Vec<&str>>]).await?)?;
        tracing::debug!(slot, "writing the audit of this process");
        Ok(Session { client, slot, heads })
    }
}

/// Keeps everybody from writing for as long as the connection stands, unless somebody writes.
pub(super) async fn hold_alone(client: &Client, place: &str) -> Result<(), StoreError> {
    take_use(client, "pg_advisory_lock", StoreError::InUse { place: place.to_owned() }).await
}

/// Waits a moment, because a connection that was given up may not be gone yet.
async fn take_use(client: &Client, how: &str, refused: StoreError) -> Result<(), StoreError> {
    let sql = format!("SET lock_timeout = '2s'; SELECT {how}({USE}); SET lock_timeout = '{LOCK_TIMEOUT}'");
    client.batch_execute(&sql).await.map_err(|error| match error.code() {
        Some(&SqlState::LOCK_NOT_AVAILABLE) => refused,
        _ => error.into(),
    })
}

async fn take_slot(client: &ClientWrapper) -> Result<u32, StoreError> {
    for slot in 0..SLOTS {
        let is_ours: bool = client.query_one(TAKE_SLOT, &[&i64::from(slot)]).await?.try_get(0)?;
        if is_ours {
            return Ok(slot);
        }
    }
    Err(StoreError::Unavailable)
}

/// Has a statement prepared; the first time it costs an answer more.
pub(super) async fn prepared(
    client: &ClientWrapper,
    sql: &'static str,
    trips: &IntCounter,
) -> Result<Statement, Error> {
    let known = client.statement_cache.size();
    let prepared = client.prepare_cached(sql).await;
    if client.statement_cache.size() > known {
        trips.inc();
    }
    prepared
}

/// Chains by authority.
pub(super) type Heads = BTreeMap<AuthorityId, Head>;

/// Reads an answer to [`CHAINS`]: chains that have begun, and those that have not.
pub(super) fn chains(rows: &[Row]) -> Result<(Heads, Heads), StoreError> {
    let (mut begun, mut not_begun) = (Heads::new(), Heads::new());
    for row in rows {
        let (authority, shard): (AuthorityId, u32) = (id(row, 0)?, number(row, 1)?);
        let genesis = Head::genesis(authority.clone(), shard);
        match row.integer(2)? {
            Some(_) => begun.insert(authority, Head { sequence: number(row, 2)?, hash: digest(row, 3)?, ..genesis }),
            None => not_begun.insert(authority, genesis),
        };
    }
    Ok((begun, not_begun))
}
