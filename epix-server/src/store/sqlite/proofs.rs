//! How proofs stand in the database: one for a signed document, and the evidence that it names, each piece once.

use epix_core::id::{AuthorityId, PermitNumber, Sha256Digest};
use rusqlite::{Connection, OptionalExtension as _, params};

use super::value::{column, from_json, packed};
use crate::store::packed::PackedProof;
use crate::store::{Evidence, Proof, Proven, StoreError};

/// Keeps the proof of a document, and what of its evidence is not kept yet.
pub(super) fn keep(
    connection: &Connection,
    authority: &str,
    number: &str,
    ordinal: u32,
    proof: &PackedProof,
) -> Result<(), StoreError> {
    for piece in &proof.evidence {
        connection
            .prepare_cached(
                "INSERT INTO evidence (authority, digest, size, content) VALUES (?1, ?2, ?3, ?4)
                 ON CONFLICT (authority, digest) DO NOTHING",
            )?
            .execute(params![authority, piece.digest.as_bytes(), column(piece.size)?, piece.content])?;
    }
    connection
        .prepare_cached("INSERT INTO proof (authority, number, ordinal, body) VALUES (?1, ?2, ?3, ?4)")?
        .execute(params![authority, number, ordinal, proof.body])?;
    Ok(())
}

/// Reads the proof of a document with its evidence.
pub(super) fn find(
    connection: &Connection,
    authority: &AuthorityId,
    number: &PermitNumber,
    ordinal: u32,
) -> Result<Option<Proven>, StoreError> {
    let mut statement =
        connection.prepare_cached("SELECT body FROM proof WHERE authority = ?1 AND number = ?2 AND ordinal = ?3")?;
    let mut rows = statement.query(params![authority.as_str(), number.normalised(), ordinal])?;
    let Some(row) = rows.next()? else { return Ok(None) };
    let proof: Proof = from_json(row, 0)?;
    let pieces = proof.named().map(|digest| piece(connection, authority, digest));
    let evidence = pieces.collect::<Result<_, _>>()?;
    Ok(Some(Proven { proof, evidence }))
}

fn piece(connection: &Connection, authority: &AuthorityId, digest: &Sha256Digest) -> Result<Evidence, StoreError> {
    let what = format!("the piece of evidence {digest}");
    let mut statement =
        connection.prepare_cached("SELECT digest, size, content FROM evidence WHERE authority = ?1 AND digest = ?2")?;
    let kept = statement
        .query_row(params![authority.as_str(), digest.as_bytes()], |row| Ok(packed(row, 0)))
        .optional()?
        .ok_or_else(|| StoreError::Corrupt { what: format!("{what}: it is not there") })??;
    Ok(Evidence(kept.unpack(&what)?))
}
