//! What a batch of commands is going to write: statements in their order, and the audit lines that say so.

use std::collections::BTreeMap;

use epix_core::id::{AuthorityId, Sha256Digest};

use super::session::Heads;
use super::value::{Value, column, values};
use crate::audit::{AuditEvent, AuditLine, Head};
use crate::store::{Basis, StoreError};

/// One statement with its values.
pub(super) struct Statement {
    pub(super) sql: &'static str,
    pub(super) values: Vec<Value>,
}

/// All lines of a batch and where they leave the heads, in one statement: it is the whole of a batch of reads. Where an answer rests on
/// what was remembered and is so no longer, nothing is written. (The volatile function keeps the planner from asking it early.)
const WRITE_LINES: &str = "
    WITH written AS (
        INSERT INTO audit_line (authority, shard, sequence, previous, hash, body)
        SELECT * FROM unnest($1::text[], $2::bigint[], $3::bigint[], $4::bytea[], $5::bytea[], $6::text[])
        WHERE CASE
            WHEN NOT EXISTS (
                SELECT FROM unnest($11::bigint[]) AS seen (registers)
                WHERE seen.registers <> (SELECT sum(register)::bigint FROM authority))
            AND NOT EXISTS (
                SELECT FROM unnest($12::text[], $13::text[], $14::bigint[]) AS seen (authority, number, revision)
                WHERE seen.revision IS DISTINCT FROM (
                    SELECT permit.revision FROM permit
                    WHERE permit.authority = seen.authority AND permit.number = seen.number))
            THEN TRUE ELSE epix_outdated() END)
    UPDATE audit_head SET sequence = head.sequence, hash = head.hash
    FROM unnest($7::text[], $8::bigint[], $9::bigint[], $10::bytea[]) AS head (authority, shard, sequence, hash)
    WHERE audit_head.authority = head.authority AND audit_head.shard = head.shard";

/// What is going to be written.
pub(super) struct Plan {
    pub(super) statements: Vec<Statement>,
    /// What is done behind the last line.
    pub(super) closing: Vec<Statement>,
    pub(super) heads: Heads,
    pub(super) slot: u32,
    /// Where chains begin that have not yet; they do with their first line.
    not_begun: Heads,
    lines: Vec<AuditLine>,
    /// What must still hold when the lines are written.
    basis: Basis,
}

/// A place in a plan to go back to.
pub(super) struct Mark {
    statements: usize,
    lines: usize,
}

impl Plan {
    pub(super) fn new(slot: u32, heads: Heads, not_begun: Heads) -> Plan {
        Plan {
            statements: Vec::new(),
            closing: Vec::new(),
            heads,
            slot,
            not_begun,
            lines: Vec::new(),
            basis: Basis::default(),
        }
    }

    pub(super) fn push(&mut self, sql: &'static str, values: Vec<Value>) {
        self.statements.push(Statement { sql, values });
    }

    /// Makes room for the chain of an authority that is new; it begins with its first line.
    pub(super) fn expect_chain(&mut self, authority: &AuthorityId) {
        self.not_begun.insert(authority.clone(), Head::genesis(authority.clone(), self.slot));
    }

    /// Begins a chain; what is written from here on stands in it.
    pub(super) fn begin_chain(&mut self, genesis: &Head) {
        self.push(
            "INSERT INTO audit_head (authority, shard, sequence, hash) VALUES ($1, $2, 0, $3) ON CONFLICT DO NOTHING",
            values![genesis.authority.to_string(), i64::from(genesis.shard), genesis.hash.as_bytes().to_vec()],
        );
        self.heads.insert(genesis.authority.clone(), genesis.clone());
    }

    /// Puts an event at the end of its authority's chain.
    pub(super) fn write(&mut self, event: &AuditEvent) -> Result<(), StoreError> {
        if !self.heads.contains_key(&event.authority)
            && let Some(genesis) = self.not_begun.get(&event.authority).cloned()
        {
            self.begin_chain(&genesis);
        }
        let unknown = || StoreError::UnknownAuthority { authority: event.authority.clone() };
        let head = self.heads.get_mut(&event.authority).ok_or_else(unknown)?;
        let line = AuditLine::chain(head, event);
        *head = line.head();
        self.lines.push(line);
        Ok(())
    }

    /// Writes nothing of all this unless it still holds what an answer rests on.
    pub(super) fn rest_on(&mut self, basis: &Basis) {
        self.basis.add(basis);
    }

    pub(super) fn mark(&self) -> Mark {
        Mark { statements: self.statements.len(), lines: self.lines.len() }
    }

    /// Forgets what was planned behind a mark.
    pub(super) fn back_to(&mut self, mark: &Mark) {
        self.statements.truncate(mark.statements);
        for line in self.lines.split_off(mark.lines).into_iter().rev() {
            let before = Head { sequence: line.sequence - 1, hash: line.previous, ..line.head() };
            match before.sequence {
                // The chain was begun behind the mark too.
                0 => self.heads.remove(&line.authority),
                _ => self.heads.insert(line.authority, before),
            };
        }
    }

    pub(super) fn is_empty(&self) -> bool {
        self.statements.is_empty() && self.lines.is_empty()
    }

    /// The statement that writes the lines, if there are any.
    pub(super) fn lines(&self) -> Result<Option<Statement>, StoreError> {
        if self.lines.is_empty() {
            return Ok(None);
        }
        let ends: BTreeMap<(&AuthorityId, u32), &AuditLine> =
            self.lines.iter().map(|line| ((&line.authority, line.shard), line)).collect();
        let lines: Vec<&AuditLine> = self.lines.iter().collect();
        let ends: Vec<&AuditLine> = ends.into_values().collect();
        let permits = &self.basis.permits;
        let values = values![
            texts(&lines, |line| line.authority.to_string()),
            numbers(&lines, |line| u64::from(line.shard))?,
            numbers(&lines, |line| line.sequence)?,
            digests(&lines, |line| line.previous),
            digests(&lines, |line| line.hash),
            texts(&lines, |line| line.body.clone()),
            texts(&ends, |line| line.authority.to_string()),
            numbers(&ends, |line| u64::from(line.shard))?,
            numbers(&ends, |line| line.sequence)?,
            digests(&ends, |line| line.hash),
            self.basis.registers.iter().map(|registers| column(*registers)).collect::<Result<Vec<i64>, _>>()?,
            permits.iter().map(|(authority, ..)| authority.to_string()).collect::<Vec<_>>(),
            permits.iter().map(|(_, number, _)| number.normalised().to_owned()).collect::<Vec<_>>(),
            permits.iter().map(|(.., revision)| column(*revision)).collect::<Result<Vec<i64>, _>>()?,
        ];
        Ok(Some(Statement { sql: WRITE_LINES, values }))
    }
}

fn texts(lines: &[&AuditLine], of: fn(&AuditLine) -> String) -> Vec<String> {
    lines.iter().map(|line| of(line)).collect()
}

fn digests(lines: &[&AuditLine], of: fn(&AuditLine) -> Sha256Digest) -> Vec<Vec<u8>> {
    lines.iter().map(|line| of(line).as_bytes().to_vec()).collect()
}

fn numbers(lines: &[&AuditLine], of: fn(&AuditLine) -> u64) -> Result<Vec<i64>, StoreError> {
    lines.iter().map(|line| column(of(line))).collect()
}
