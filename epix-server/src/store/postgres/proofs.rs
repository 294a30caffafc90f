//! How proofs stand in the database: one for a signed document, and the evidence that it names, each piece once.

use epix_core::id::{AuthorityId, PermitNumber, Sha256Digest};

use super::known::Key;
use super::plan::Plan;
use super::readers::Readers;
use super::value::{column, digest, from_json, packed, values};
use crate::store::packed::PackedProof;
use crate::store::{Evidence, Proof, Proven, StoreError};

/// Keeps the proof of a document, and what of its evidence is not kept yet.
pub(super) fn keep(plan: &mut Plan, key: &Key, ordinal: u32, proof: &PackedProof) -> Result<(), StoreError> {
    for piece in &proof.evidence {
        plan.push(
            "INSERT INTO evidence (authority, digest, size, content) VALUES ($1, $2, $3, $4)
             ON CONFLICT (authority, digest) DO NOTHING",
            values![key.0.clone(), piece.digest.as_bytes().to_vec(), column(piece.size)?, piece.content.clone()],
        );
    }
    plan.push(
        "INSERT INTO proof (authority, number, ordinal, body) VALUES ($1, $2, $3, $4)",
        values![key.0.clone(), key.1.clone(), i64::from(ordinal), proof.body.clone()],
    );
    Ok(())
}

/// Reads the proof of a document with its evidence.
pub(super) async fn find(
    readers: &Readers,
    authority: &AuthorityId,
    number: &PermitNumber,
    ordinal: u32,
) -> Result<Option<Proven>, StoreError> {
    let sql = "SELECT body FROM proof WHERE authority = $1 AND number = $2 AND ordinal = $3";
    let rows = readers.ask(sql, &[&authority.as_str(), &number.normalised(), &i64::from(ordinal)]).await?;
    let Some(row) = rows.first() else { return Ok(None) };
    let proof: Proof = from_json(row, 0)?;
    let named: Vec<&[u8]> = proof.named().map(|digest| digest.as_bytes().as_slice()).collect();
    let sql = "SELECT digest, size, content FROM evidence WHERE authority = $1 AND digest = ANY ($2::bytea[])";
    let pieces = readers.ask(sql, &[&authority.as_str(), &named]).await?;
    let piece = |wanted: &Sha256Digest| {
        let what = format!("the piece of evidence {wanted}");
        let found = pieces.iter().find(|row| digest(*row, 0).is_ok_and(|digest| digest == *wanted));
        let found = found.ok_or_else(|| StoreError::Corrupt { what: format!("{what}: it is not there") })?;
        Ok(Evidence(packed(found, 0)?.unpack(&what)?))
    };
    let evidence = proof.named().map(piece).collect::<Result<_, StoreError>>()?;
    Ok(Some(Proven { proof, evidence }))
}
