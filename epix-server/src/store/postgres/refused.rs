//! How refused documents stand in the database, and how the oldest make room.

use epix_core::id::AuthorityId;

use super::known::{Asked, Known};
use super::plan::Plan;
use super::readers::Readers;
use super::value::{Packed, column, from_time, number, packed, text, time, values};
use super::writer::Command;
use crate::store::commands::time_of;
use crate::store::{Quotas, Refusal, RefusedDocument, StoreError};

/// Keeps a refused document, and drops the oldest ones beyond the quota.
pub(super) struct Keep {
    pub(super) refusal: Refusal,
    pub(super) content: Packed,
    pub(super) quotas: Quotas,
}

impl Command for Keep {
    type Answer = ();

    fn authority(&self) -> Option<&AuthorityId> {
        Some(&self.refusal.audit.authority)
    }

    /// One process at a time makes room for an authority.
    fn ask(&self, asked: &mut Asked) {
        asked.authorities.insert(self.refusal.audit.authority.to_string());
    }

    fn decide(&self, _: &mut Known, plan: &mut Plan) -> Result<(), StoreError> {
        let Keep { refusal, content, quotas } = self;
        plan.write(&refusal.audit)?;
        if content.size > quotas.refused_bytes {
            return Ok(()); // It would push out all others and then itself.
        }
        let authority = refusal.audit.authority.to_string();
        plan.push(
            "INSERT INTO refused_document (authority, at, report, digest, size, content)
             VALUES ($1, $2, $3, $4, $5, $6)",
            values![
                authority.clone(),
                time(time_of(&refusal.audit)),
                refusal.report.clone(),
                content.digest.as_bytes().to_vec(),
                column(content.size)?,
                content.content.clone()
            ],
        );
        // Counted from the newest: whatever stands beyond one of the limits goes.
        plan.push(
            "DELETE FROM refused_document WHERE sequence IN (
                 SELECT sequence FROM (
                     SELECT sequence, row_number() OVER newest AS count, sum(size) OVER newest AS bytes
                     FROM refused_document WHERE authority = $1 WINDOW newest AS (ORDER BY sequence DESC)) AS counted
                 WHERE count > $2::bigint OR bytes > $3::bigint)",
            values![authority, column(quotas.refused_documents)?, column(quotas.refused_bytes)?],
        );
        Ok(())
    }
}

/// Lists the refused documents of an authority from behind one of them.
pub(super) async fn all(
    readers: &Readers,
    authority: &AuthorityId,
    after: u64,
    limit: usize,
) -> Result<Vec<RefusedDocument>, StoreError> {
    let sql = "SELECT sequence, at, report, digest, size, content FROM refused_document
               WHERE authority = $1 AND sequence > $2 ORDER BY sequence LIMIT $3";
    let rows = readers.ask(sql, &[&authority.as_str(), &column(after)?, &column(limit)?]).await?;
    rows.iter()
        .map(|row| {
            let sequence = number(row, 0)?;
            let bytes = packed(row, 3)?.unpack(&format!("refused document {sequence} of {authority}"))?;
            Ok(RefusedDocument { sequence, at: from_time(row, 1)?, report: text(row, 2)?, bytes })
        })
        .collect()
}
