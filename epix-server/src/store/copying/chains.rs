//! Where do the chains of the audit end, as the rows of a store tell it?

use epix_core::id::{AuthorityId, Sha256Digest};

use super::compare::Reader;
use crate::audit::{AuditEvent, AuditLine, Head};
use crate::store::StoreError;
use crate::store::tables::{Table, Tables, Value};

/// The digest of where all chains end: another one after anything was written down.
pub(super) async fn digest(store: &mut dyn Tables, tables: &[Table]) -> Result<Sha256Digest, StoreError> {
    let mut heads = Reader::of(store, heads_of(tables)?);
    while heads.next().await?.is_some() {}
    Ok(heads.digest())
}

/// Where the chain ends that each authority goes on with: of those that are not closed the last one, which is the one that a
/// store in a file goes on with, and one of those that the processes on a database go on with.
pub(super) async fn open_heads(store: &mut dyn Tables, tables: &[Table]) -> Result<Vec<Head>, StoreError> {
    let table = heads_of(tables)?;
    let closed = table.position("closed").ok_or_else(unreadable)?;
    let (sequence, hash) = (table.position("sequence").ok_or_else(unreadable)?, table.position("hash"));
    let hash = hash.ok_or_else(unreadable)?;
    let mut rows = Reader::of(store, table);
    let mut heads: Vec<Head> = Vec::new();
    while let Some(row) = rows.next().await? {
        if row[closed] != Value::Integer(0) {
            continue;
        }
        let head = head(&row[..table.key], &row[sequence], &row[hash]).ok_or_else(unreadable)?;
        heads.retain(|before| before.authority != head.authority);
        heads.push(head);
    }
    Ok(heads)
}

/// The next lines of these chains.
pub(super) fn lines(heads: &[Head], events: &[AuditEvent]) -> Vec<AuditLine> {
    let next = |event: &AuditEvent| {
        let head = heads.iter().find(|head| head.authority == event.authority)?;
        Some(AuditLine::chain(head, event))
    };
    events.iter().filter_map(next).collect()
}

fn heads_of(tables: &[Table]) -> Result<&Table, StoreError> {
    tables.iter().find(|table| table.name == "audit_head").ok_or_else(unreadable)
}

fn head(key: &[Value], sequence: &Value, hash: &Value) -> Option<Head> {
    let ([Value::Text(authority), Value::Integer(shard)], Value::Integer(sequence), Value::Bytes(hash)) =
        (key, sequence, hash)
    else {
        return None;
    };
    Some(Head {
        authority: AuthorityId::parse(authority).ok()?,
        shard: u32::try_from(*shard).ok()?,
        sequence: u64::try_from(*sequence).ok()?,
        hash: Sha256Digest::from_bytes(hash.as_slice().try_into().ok()?),
    })
}

fn unreadable() -> StoreError {
    StoreError::Corrupt { what: "where the chains of the audit end cannot be read".to_owned() }
}
