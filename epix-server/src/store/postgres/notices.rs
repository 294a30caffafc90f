//! How notices for partners stand in the database: pointers to events, and how far each party has been told.

use epix_core::id::{AuthorityId, PartyId};

use super::known::Known;
use super::plan::Plan;
use super::readers::Readers;
use super::value::{column, from_json, from_time, id, number, values};
use super::writer::Command;
use crate::audit::AuditEvent;
use crate::store::{Notice, StoreError};

const ALL: &str = "
    SELECT notice.sequence, permit.written, permit_event.at, permit_event.body
    FROM notice
    JOIN permit ON permit.authority = notice.authority AND permit.number = notice.number
    JOIN permit_event ON permit_event.authority = notice.authority AND permit_event.number = notice.number
         AND permit_event.sequence = notice.event
    WHERE notice.authority = $1 AND notice.sequence > $2 ORDER BY notice.sequence LIMIT $3";

/// Lists notices from behind one of them.
pub(super) async fn all(
    readers: &Readers,
    authority: &AuthorityId,
    after: u64,
    limit: usize,
) -> Result<Vec<Notice>, StoreError> {
    let rows = readers.ask(ALL, &[&authority.as_str(), &column(after)?, &column(limit)?]).await?;
    rows.iter()
        .map(|row| {
            let (sequence, number) = (number(row, 0)?, id(row, 1)?);
            Ok(Notice { sequence, number, at: from_time(row, 2)?, event: from_json(row, 3)? })
        })
        .collect()
}

/// How far a party has been told; 0 before the first time.
pub(super) async fn told(readers: &Readers, authority: &AuthorityId, party: &PartyId) -> Result<u64, StoreError> {
    let sql = "SELECT sequence FROM notice_told WHERE authority = $1 AND party = $2";
    let rows = readers.ask(sql, &[&authority.as_str(), &party.as_str()]).await?;
    rows.first().map_or(Ok(0), |row| number(row, 0))
}

/// Remembers how far a party has been told; never less far than before.
pub(super) struct Advance {
    pub(super) party: PartyId,
    pub(super) sequence: u64,
    pub(super) audit: AuditEvent,
}

impl Command for Advance {
    type Answer = ();

    fn authority(&self) -> Option<&AuthorityId> {
        Some(&self.audit.authority)
    }

    fn decide(&self, _: &mut Known, plan: &mut Plan) -> Result<(), StoreError> {
        plan.write(&self.audit)?;
        plan.push(
            "INSERT INTO notice_told (authority, party, sequence) VALUES ($1, $2, $3)
             ON CONFLICT (authority, party) DO UPDATE SET sequence = excluded.sequence
             WHERE excluded.sequence > notice_told.sequence",
            values![self.audit.authority.to_string(), self.party.to_string(), column(self.sequence)?],
        );
        Ok(())
    }
}
