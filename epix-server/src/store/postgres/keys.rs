//! How API keys stand in the database, and the answers that are given again.

use chrono::{DateTime, Utc};
use epix_core::id::{AuthorityId, Sha256Digest};
use tokio_postgres::Row;

use super::known::{Asked, ClaimKey, Known};
use super::plan::Plan;
use super::readers::Readers;
use super::value::{digest, from_json, from_time, id, json, text, time, values};
use super::writer::Command;
use crate::audit::AuditEvent;
use crate::store::columns::{optional_time, unreadable};
use crate::store::{ApiKey, Claim, Claimed, KeyId, StoreError, TokenHash};

/// Keeps a key, or replaces the one of the same id.
pub(super) struct KeepKey {
    pub(super) key: ApiKey,
    pub(super) audit: AuditEvent,
}

impl Command for KeepKey {
    type Answer = ();

    fn authority(&self) -> Option<&AuthorityId> {
        Some(&self.audit.authority)
    }

    fn decide(&self, _: &mut Known, plan: &mut Plan) -> Result<(), StoreError> {
        let KeepKey { key, audit } = self;
        plan.write(audit)?;
        plan.push(
            "INSERT INTO api_key (id, authority, name, scopes, hash, created_at, expires_at, revoked_at)
             VALUES ($1, $2, $3, $4, $5, $6, $7, $8)
             ON CONFLICT (id) DO UPDATE SET name = excluded.name, scopes = excluded.scopes,
             expires_at = excluded.expires_at, revoked_at = excluded.revoked_at",
            values![
                key.id.to_string(),
                key.authority.to_string(),
                key.name.clone(),
                json(&key.scopes)?,
                key.hash.as_bytes().to_vec(),
                time(key.created_at),
                key.expires_at.map(time),
                key.revoked_at.map(time)
            ],
        );
        Ok(())
    }
}

/// Finds a key by its public half.
pub(super) async fn find(readers: &Readers, id: &KeyId) -> Result<Option<ApiKey>, StoreError> {
    let sql = "SELECT id, authority, name, scopes, hash, created_at, expires_at, revoked_at FROM api_key WHERE id = $1";
    readers.ask(sql, &[&id.as_str()]).await?.first().map(read).transpose()
}

/// Lists the keys of an authority.
pub(super) async fn all(readers: &Readers, authority: &AuthorityId) -> Result<Vec<ApiKey>, StoreError> {
    let sql = "SELECT id, authority, name, scopes, hash, created_at, expires_at, revoked_at FROM api_key
               WHERE authority = $1 ORDER BY id";
    readers.ask(sql, &[&authority.as_str()]).await?.iter().map(read).collect()
}

fn read(row: &Row) -> Result<ApiKey, StoreError> {
    Ok(ApiKey {
        id: KeyId::parse(&text(row, 0)?).ok_or_else(|| unreadable(row, 0))?,
        authority: id(row, 1)?,
        name: text(row, 2)?,
        scopes: from_json(row, 3)?,
        hash: TokenHash::from_bytes(*digest(row, 4)?.as_bytes()),
        created_at: from_time(row, 5)?,
        expires_at: optional_time(row, 6)?,
        revoked_at: optional_time(row, 7)?,
    })
}

/// A claim as it stands.
#[derive(Clone)]
pub(super) struct Standing {
    pub(super) request: Sha256Digest,
    pub(super) begun: DateTime<Utc>,
    pub(super) answer: Option<String>,
}

fn key_of(claim: &Claim) -> ClaimKey {
    (claim.authority.to_string(), claim.caller.clone(), claim.key.clone())
}

/// Claims a change, unless it was claimed before.
pub(super) struct Make(pub(super) Claim);

impl Command for Make {
    type Answer = Claimed;

    fn authority(&self) -> Option<&AuthorityId> {
        None
    }

    fn ask(&self, asked: &mut Asked) {
        asked.claims.insert(key_of(&self.0));
    }

    fn decide(&self, known: &mut Known, plan: &mut Plan) -> Result<Claimed, StoreError> {
        let (claim, (authority, caller, key)) = (&self.0, key_of(&self.0));
        let oldest = claim.at - Claim::KEPT;
        plan.push(
            "DELETE FROM kept_answer WHERE authority = $1 AND begun_at <= $2",
            values![authority.clone(), time(oldest)],
        );
        let standing = known.claims.get(&key_of(claim)).filter(|standing| standing.begun > oldest);
        let claimed = standing.map(|s| claim.meets(s.request, s.begun, s.answer.clone()));
        let request = claim.request.as_bytes().to_vec();
        match &claimed {
            // Without a word about conflicts: whoever claims it at the same time must not believe that it is theirs too.
            None => plan.push(
                "INSERT INTO kept_answer (authority, caller, key, request, begun_at) VALUES ($1, $2, $3, $4, $5)",
                values![authority, caller, key, request, time(claim.at)],
            ),
            Some(Claimed::Yours) => plan.push(
                "UPDATE kept_answer SET begun_at = $4, answer = NULL WHERE authority = $1 AND caller = $2 AND key = $3",
                values![authority, caller, key, time(claim.at)],
            ),
            Some(other) => return Ok(other.clone()),
        }
        known.claims.insert(key_of(claim), Standing { request: claim.request, begun: claim.at, answer: None });
        Ok(Claimed::Yours)
    }
}

/// Keeps the answer to a claimed change, or gives the claim up.
pub(super) struct Settle {
    pub(super) claim: Claim,
    pub(super) answer: Option<String>,
}

impl Command for Settle {
    type Answer = ();

    fn authority(&self) -> Option<&AuthorityId> {
        None
    }

    fn ask(&self, asked: &mut Asked) {
        asked.claims.insert(key_of(&self.claim));
    }

    fn decide(&self, known: &mut Known, plan: &mut Plan) -> Result<(), StoreError> {
        let Claim { request, at, .. } = self.claim;
        let (authority, caller, key) = key_of(&self.claim);
        let Some(answer) = self.answer.clone() else {
            known.claims.remove(&key_of(&self.claim));
            plan.push(
                "DELETE FROM kept_answer WHERE authority = $1 AND caller = $2 AND key = $3",
                values![authority, caller, key],
            );
            return Ok(());
        };
        plan.push(
            "INSERT INTO kept_answer (authority, caller, key, request, begun_at, answer)
             VALUES ($1, $2, $3, $4, $5, $6)
             ON CONFLICT (authority, caller, key) DO UPDATE SET begun_at = excluded.begun_at, answer = excluded.answer",
            values![authority, caller, key, request.as_bytes().to_vec(), time(at), answer.clone()],
        );
        known.claims.insert(key_of(&self.claim), Standing { request, begun: at, answer: Some(answer) });
        Ok(())
    }
}
