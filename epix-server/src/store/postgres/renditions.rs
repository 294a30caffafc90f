//! How renditions stand in the database: at most one for each document of a permit and toolkit version.

use epix_core::id::{AuthorityId, PermitNumber};
use epix_core::version::ToolkitVersion;
use tokio_postgres::Row;

use super::known::{Asked, Known, RenditionKey, key};
use super::plan::Plan;
use super::readers::Readers;
use super::value::{Packed, column, from_json, json, packed, time, values};
use super::writer::Command;
use crate::audit::AuditEvent;
use crate::store::commands::time_of;
use crate::store::packed::PackedRendition;
use crate::store::remembered::Remembered;
use crate::store::{Rendition, StoreError};

/// Keeps a rendition, unless there is one already; gives the one that is kept.
pub(super) struct Keep {
    pub(super) number: PermitNumber,
    pub(super) rendition: Rendition,
    pub(super) content: Packed,
    pub(super) audit: AuditEvent,
}

impl Keep {
    fn key(&self) -> RenditionKey {
        let (authority, number) = key(&self.audit.authority, &self.number);
        (authority, number, self.rendition.ordinal, self.rendition.toolkit.spec().label)
    }
}

impl Command for Keep {
    type Answer = Rendition;

    fn authority(&self) -> Option<&AuthorityId> {
        Some(&self.audit.authority)
    }

    fn ask(&self, asked: &mut Asked) {
        asked.permits.insert(key(&self.audit.authority, &self.number));
        asked.renditions.insert(self.key());
    }

    fn decide(&self, known: &mut Known, plan: &mut Plan) -> Result<Rendition, StoreError> {
        let Keep { number, rendition, content, audit } = self;
        plan.write(audit)?;
        let permit = known.permits.get(&key(&audit.authority, number));
        if permit.and_then(|permit| permit.version(rendition.ordinal)).is_none() {
            return Err(StoreError::NotFound { number: number.clone() });
        }
        if let Some(kept) = known.renditions.get(&self.key()) {
            return Ok(kept.clone());
        }
        let (authority, normalised, ordinal, label) = self.key();
        plan.push(
            "INSERT INTO rendition (authority, number, ordinal, toolkit, losses, stored_at, digest, size, content)
             VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)",
            values![
                authority,
                normalised,
                i64::from(ordinal),
                label,
                json(&rendition.losses)?,
                time(time_of(audit)),
                content.digest.as_bytes().to_vec(),
                column(content.size)?,
                content.content.clone()
            ],
        );
        known.renditions.insert(self.key(), rendition.clone());
        Ok(rendition.clone())
    }
}

/// Reads the rendition of a document in a toolkit version.
pub(super) async fn find(
    readers: &Readers,
    remembered: &Remembered,
    authority: &AuthorityId,
    permit: &PermitNumber,
    ordinal: u32,
    toolkit: ToolkitVersion,
) -> Result<Option<Rendition>, StoreError> {
    if let Some(rendition) = remembered.rendition(key(authority, permit), ordinal, toolkit) {
        return Ok(Some(rendition));
    }
    let sql = "SELECT losses, digest, size, content FROM rendition
               WHERE authority = $1 AND number = $2 AND ordinal = $3 AND toolkit = $4";
    let (number, label) = (permit.normalised(), toolkit.spec().label);
    let rows = readers.ask(sql, &[&authority.as_str(), &number, &i64::from(ordinal), &label]).await?;
    let Some(row) = rows.first() else {
        return Ok(None);
    };
    let kept = read(row, 0)?;
    let what = PackedRendition::name(authority, permit, ordinal, toolkit);
    let rendition = kept.unpack(ordinal, toolkit, Packed::unpack, &what)?;
    remembered.learn_rendition(key(authority, permit), ordinal, toolkit, kept);
    Ok(Some(rendition))
}

/// Reads a rendition from its four columns, losses first.
pub(super) fn read(row: &Row, first: usize) -> Result<PackedRendition, StoreError> {
    Ok(PackedRendition { losses: from_json(row, first)?, content: packed(row, first + 1)? })
}
