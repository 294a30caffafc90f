//! How the chains of audit lines are read, and a line written alone.

use epix_core::id::AuthorityId;

use super::known::{Asked, Known};
use super::plan::{Plan, Statement};
use super::readers::Readers;
use super::value::{column, digest, id, number, text, values};
use super::writer::Command;
use crate::audit::{AuditEvent, AuditLine, Head};
use crate::store::commands::no_line;
use crate::store::{Basis, StoreError};

/// Writes an audit line alone.
pub(super) struct Record(pub(super) AuditEvent);

impl Command for Record {
    type Answer = ();

    fn authority(&self) -> Option<&AuthorityId> {
        Some(&self.0.authority)
    }

    fn decide(&self, _: &mut Known, plan: &mut Plan) -> Result<(), StoreError> {
        plan.write(&self.0)
    }
}

/// Writes the line of an answer from memory, if that still holds; false when it does not.
pub(super) struct RecordOn {
    pub(super) basis: Basis,
    pub(super) event: AuditEvent,
}

impl Command for RecordOn {
    type Answer = bool;

    fn authority(&self) -> Option<&AuthorityId> {
        Some(&self.event.authority)
    }

    fn ask(&self, asked: &mut Asked) {
        if let Some(doubted) = &mut asked.doubted {
            doubted.add(&self.basis);
        }
    }

    fn decide(&self, known: &mut Known, plan: &mut Plan) -> Result<bool, StoreError> {
        if known.standing.as_ref().is_some_and(|standing| !standing.bears(&self.basis)) {
            return Ok(false);
        }
        plan.write(&self.event)?;
        if known.standing.is_none() {
            plan.rest_on(&self.basis);
        }
        Ok(true)
    }
}

/// Closes the chains of an authority, and begins the next one.
pub(super) struct BeginShard(pub(super) AuditEvent);

impl Command for BeginShard {
    type Answer = Head;

    fn authority(&self) -> Option<&AuthorityId> {
        Some(&self.0.authority)
    }

    fn ask(&self, asked: &mut Asked) {
        asked.authorities.insert(self.0.authority.to_string());
    }

    fn decide(&self, known: &mut Known, plan: &mut Plan) -> Result<Head, StoreError> {
        let authority = &self.0.authority;
        let unknown = || StoreError::UnknownAuthority { authority: authority.clone() };
        let next = known
            .next_shards
            .get_mut(authority.as_str())
            .filter(|_| known.authorities.contains_key(authority.as_str()));
        let next = next.ok_or_else(unknown)?;
        plan.begin_chain(&Head::genesis(authority.clone(), *next + plan.slot));
        plan.write(&self.0)?;
        // Behind the lines of the batch: some may stand in a chain that is closed now.
        plan.closing.push(Statement {
            sql: "UPDATE audit_head SET closed = 1 WHERE authority = $1 AND shard < $2 AND closed = 0",
            values: values![authority.to_string(), i64::from(*next)],
        });
        *next += plan.slot + 1;
        plan.heads.get(authority).cloned().ok_or_else(unknown)
    }
}

/// Removes the lines of a chain up to one of them: where the chain begins is noted first, and lets them go.
pub(super) struct Purge {
    pub(super) up_to: Head,
    pub(super) audit: AuditEvent,
}

impl Command for Purge {
    type Answer = u64;

    fn authority(&self) -> Option<&AuthorityId> {
        Some(&self.audit.authority)
    }

    fn ask(&self, asked: &mut Asked) {
        asked.authorities.insert(self.audit.authority.to_string());
        asked.purges.insert((self.up_to.authority.clone(), self.up_to.shard), self.up_to.clone());
    }

    fn decide(&self, known: &mut Known, plan: &mut Plan) -> Result<u64, StoreError> {
        let Purge { up_to, audit } = self;
        plan.write(audit)?;
        let lines = known.purges.get(&(up_to.authority.clone(), up_to.shard)).filter(|(head, _)| head == up_to);
        let (_, lines) = lines.ok_or_else(|| no_line(up_to))?;
        let (authority, shard, last) = (up_to.authority.to_string(), i64::from(up_to.shard), column(up_to.sequence)?);
        plan.push(
            "INSERT INTO audit_start (authority, shard, sequence, hash) VALUES ($1, $2, $3, $4)
             ON CONFLICT (authority, shard) DO UPDATE SET sequence = excluded.sequence, hash = excluded.hash",
            values![authority.clone(), shard, last, up_to.hash.as_bytes().to_vec()],
        );
        plan.push(
            "DELETE FROM audit_line WHERE authority = $1 AND shard = $2 AND sequence <= $3",
            values![authority, shard, last],
        );
        Ok(*lines)
    }
}

/// Lists the lines of a chain from behind one of them.
pub(super) async fn lines(
    readers: &Readers,
    authority: &AuthorityId,
    shard: u32,
    after: u64,
    limit: usize,
) -> Result<Vec<AuditLine>, StoreError> {
    let sql = "SELECT sequence, previous, hash, body FROM audit_line
               WHERE authority = $1 AND shard = $2 AND sequence > $3 ORDER BY sequence LIMIT $4";
    let rows = readers.ask(sql, &[&authority.as_str(), &i64::from(shard), &column(after)?, &column(limit)?]).await?;
    rows.iter()
        .map(|row| {
            let (previous, hash) = (digest(row, 1)?, digest(row, 2)?);
            let (authority, body) = (authority.clone(), text(row, 3)?);
            Ok(AuditLine { authority, shard, sequence: number(row, 0)?, previous, hash, body })
        })
        .collect()
}

/// Lists where every chain ends.
pub(super) async fn heads(readers: &Readers) -> Result<Vec<Head>, StoreError> {
    let rows =
        readers.ask("SELECT authority, shard, sequence, hash FROM audit_head ORDER BY authority, shard", &[]).await?;
    rows.iter()
        .map(|row| {
            Ok(Head {
                authority: id(row, 0)?,
                shard: number(row, 1)?,
                sequence: number(row, 2)?,
                hash: digest(row, 3)?,
            })
        })
        .collect()
}
