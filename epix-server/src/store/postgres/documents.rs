//! How the documents of permits are read: asked for once, remembered as they are kept.

use epix_core::id::{AuthorityId, PermitNumber};
use tokio_postgres::Row;

use super::known::key;
use super::readers::Readers;
use super::value::{Columns as _, id, number as whole, packed, text, toolkit};
use crate::store::packed::{Packed, PackedAttachment, PackedVersion};
use crate::store::remembered::Remembered;
use crate::store::{StoreError, StoredDocument};

/// A document with what travels with it, one row for each attachment; a document without has one row with nothing in it.
macro_rules! documents_where {
    ($condition:literal) => {
        concat!(
            "SELECT version.authority, version.ordinal, version.toolkit, version.digest, version.size, version.content,
                    file.position, file.name, file.digest, file.size, file.content
             FROM permit_version AS version
             LEFT JOIN attachment AS file ON file.authority = version.authority AND file.number = version.number
                  AND file.ordinal = version.attachments_of
             WHERE ",
            $condition,
            " ORDER BY version.authority, version.ordinal, file.position"
        )
    };
}
pub(super) use documents_where;

/// Reads one document of a permit with what travels with it.
pub(super) async fn find(
    readers: &Readers,
    remembered: &Remembered,
    authority: &AuthorityId,
    number: &PermitNumber,
    ordinal: u32,
) -> Result<Option<StoredDocument>, StoreError> {
    if let Some(document) = remembered.document(key(authority, number), ordinal) {
        return Ok(Some(document));
    }
    let sql = documents_where!("version.authority = $1 AND version.number = $2 AND version.ordinal = $3");
    let rows = readers.ask(sql, &[&authority.as_str(), &number.normalised(), &i64::from(ordinal)]).await?;
    let Some((.., document)) = read(&rows)?.pop() else {
        return Ok(None);
    };
    let unpacked = document.unpack(Packed::unpack, &PackedVersion::name(authority, number, ordinal))?;
    remembered.learn_document(key(authority, number), ordinal, document);
    Ok(Some(unpacked))
}

/// Reads rows of [`documents_where`]: whose document, which version, and what is kept of it.
pub(super) fn read(rows: &[Row]) -> Result<Vec<(AuthorityId, u32, PackedVersion)>, StoreError> {
    let mut found: Vec<(AuthorityId, u32, PackedVersion)> = Vec::new();
    for row in rows {
        let (authority, ordinal): (AuthorityId, u32) = (id(row, 0)?, whole(row, 1)?);
        if found.last().is_none_or(|(last, of, _)| (last, *of) != (&authority, ordinal)) {
            let version =
                PackedVersion { toolkit: toolkit(row, 2)?, content: packed(row, 3)?, attachments: Vec::new() };
            found.push((authority, ordinal, version));
        }
        if row.integer(6)?.is_some()
            && let Some((.., version)) = found.last_mut()
        {
            version.attachments.push(PackedAttachment { name: text(row, 7)?, content: packed(row, 8)? });
        }
    }
    Ok(found)
}
