//! How renditions stand in the database: at most one for each document of a permit and toolkit version.

use epix_core::id::{AuthorityId, PermitNumber};
use epix_core::version::ToolkitVersion;
use rusqlite::{Connection, OptionalExtension as _, params};

use super::value::{Packed, column, from_json, json, packed, time};
use super::{audit, time_of};
use crate::audit::AuditEvent;
use crate::store::packed::PackedRendition;
use crate::store::{Rendition, StoreError};

/// Keeps a rendition, unless there is one already; gives the one that is kept.
pub(super) fn keep(
    connection: &Connection,
    permit: &PermitNumber,
    rendition: Rendition,
    content: &Packed,
    event: &AuditEvent,
) -> Result<Rendition, StoreError> {
    audit::append(connection, event)?;
    let Rendition { ordinal, toolkit, .. } = rendition;
    if !has_version(connection, &event.authority, permit, ordinal)? {
        return Err(StoreError::NotFound { number: permit.clone() });
    }
    if let Some(kept) = find(connection, &event.authority, permit, ordinal, toolkit)? {
        let name = PackedRendition::name(&event.authority, permit, ordinal, toolkit);
        return kept.unpack(ordinal, toolkit, Packed::unpack, &name);
    }
    connection
        .prepare_cached(
            "INSERT INTO rendition (authority, number, ordinal, toolkit, losses, stored_at, digest, size, content)
             VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9)",
        )?
        .execute(params![
            event.authority.as_str(),
            permit.normalised(),
            ordinal,
            toolkit.spec().label,
            json(&rendition.losses)?,
            time(time_of(event)),
            content.digest.as_bytes(),
            column(content.size)?,
            content.content
        ])?;
    Ok(rendition)
}

/// Reads the rendition of a document in a toolkit version.
pub(super) fn find(
    connection: &Connection,
    authority: &AuthorityId,
    permit: &PermitNumber,
    ordinal: u32,
    toolkit: ToolkitVersion,
) -> Result<Option<PackedRendition>, StoreError> {
    let mut statement = connection.prepare_cached(
        "SELECT losses, digest, size, content FROM rendition
         WHERE authority = ?1 AND number = ?2 AND ordinal = ?3 AND toolkit = ?4",
    )?;
    let mut rows = statement.query(params![authority.as_str(), permit.normalised(), ordinal, toolkit.spec().label])?;
    let Some(row) = rows.next()? else {
        return Ok(None);
    };
    Ok(Some(PackedRendition { losses: from_json(row, 0)?, content: packed(row, 1)? }))
}

fn has_version(
    connection: &Connection,
    authority: &AuthorityId,
    permit: &PermitNumber,
    ordinal: u32,
) -> Result<bool, StoreError> {
    let mut statement = connection
        .prepare_cached("SELECT 1 FROM permit_version WHERE authority = ?1 AND number = ?2 AND ordinal = ?3")?;
    let found =
        statement.query_row(params![authority.as_str(), permit.normalised(), ordinal], |_| Ok(())).optional()?;
    Ok(found.is_some())
}
