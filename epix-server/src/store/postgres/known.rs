//! What a batch must know before it decides: asked for in one go, under the locks that keep it true until the commit.

use std::collections::{BTreeMap, BTreeSet};

use deadpool_postgres::ClientWrapper;
use epix_core::id::{AuthorityId, PermitNumber, Sha256Digest};
use epix_core::version::ToolkitVersion;
use tokio_postgres::Row;
use tokio_postgres::types::ToSql;

use super::session::{self, CHAINS, Heads};
use super::value::{Columns as _, column, digest, from_time, id, number, text, toolkit};
use super::{catalogue, keys, renditions};
use crate::audit::Head;
use crate::store::commands::Kept;
use crate::store::packed::{Packed, PackedRendition};
use crate::store::{Authority, Basis, Keyword, Rendition, StoreError, TokenHash};

/// A permit: authority and normalised number.
pub(super) use crate::store::remembered::{Key, key};

/// A document of a permit in a toolkit version.
pub(super) type RenditionKey = (String, String, u32, &'static str);

/// A claim: authority, caller, the caller's own key.
pub(super) type ClaimKey = (String, String, String);

/// What is asked. Locks are taken in the order of the fields, and of the keys in each, so that two processes never wait for
/// one another.
#[derive(Default)]
pub(super) struct Asked {
    /// Permits, to be held.
    pub(super) permits: BTreeSet<Key>,
    /// Authorities, to be held: notices are numbered without gaps, so that one process at a time does it for an authority.
    pub(super) authorities: BTreeSet<String>,
    /// Authorities whose chain has no head in this shard, as far as is known.
    pub(super) chains: BTreeSet<AuthorityId>,
    /// Where a purge of the audit is to end: of a chain by authority and shard.
    pub(super) purges: BTreeMap<(AuthorityId, u32), Head>,
    /// Claims that may stand, to be held.
    pub(super) claims: BTreeSet<ClaimKey>,
    /// Renditions that may be there.
    pub(super) renditions: BTreeSet<RenditionKey>,
    /// What answers from memory rest on, once some of it was found not to hold.
    pub(super) doubted: Option<Basis>,
}

impl Asked {
    pub(super) fn is_empty(&self) -> bool {
        let Asked { permits, authorities, chains, purges, claims, renditions, doubted } = self;
        permits.is_empty()
            && authorities.is_empty()
            && chains.is_empty()
            && purges.is_empty()
            && claims.is_empty()
            && renditions.is_empty()
            && doubted.is_none()
    }
}

/// What is known. Commands of the batch add what they plan.
#[derive(Default)]
pub(super) struct Known {
    pub(super) permits: BTreeMap<Key, Permit>,
    pub(super) authorities: BTreeMap<String, Authority>,
    /// The last notice of each authority that was asked for.
    pub(super) notices: BTreeMap<String, i64>,
    /// The next number of a chain of each authority that was asked for.
    pub(super) next_shards: BTreeMap<String, u32>,
    /// Chains that another process has begun for this slot, before it was ours.
    pub(super) begun: Heads,
    /// Where the chains of this slot begin of authorities that are declared and have none yet.
    pub(super) not_begun: Heads,
    /// How many lines a purge removes; those that end at no line are left out.
    pub(super) purges: BTreeMap<(AuthorityId, u32), (Head, u64)>,
    pub(super) claims: BTreeMap<ClaimKey, keys::Standing>,
    pub(super) renditions: BTreeMap<RenditionKey, Rendition>,
    /// How it stands with what was doubted; `None` when nothing was, so that it is looked at with the lines.
    pub(super) standing: Option<Standing>,
}

/// What memory is held against.
#[derive(Default)]
pub(super) struct Standing {
    /// How often the registers were replaced, all of them together.
    registers: u64,
    /// The revisions of permits.
    revisions: BTreeMap<Key, u64>,
}

impl Standing {
    /// Does all of it still hold?
    pub(super) fn bears(&self, basis: &Basis) -> bool {
        let holds = |(authority, number, revision): &(AuthorityId, PermitNumber, u64)| {
            self.revisions.get(&key(authority, number)) == Some(revision)
        };
        basis.registers.iter().all(|registers| *registers == self.registers) && basis.permits.iter().all(holds)
    }
}

/// What is known of a permit.
pub(super) struct Permit {
    pub(super) token: Option<TokenHash>,
    pub(super) revision: u64,
    /// What it is found by; `None` where it was never entered.
    pub(super) terms: Option<BTreeSet<Keyword>>,
    pub(super) versions: Vec<Version>,
}

/// What is known of a document of a permit.
pub(super) struct Version {
    pub(super) ordinal: u32,
    pub(super) digest: Sha256Digest,
    pub(super) attachments_of: u32,
    /// What was stored with this document itself.
    pub(super) attachments: Vec<(String, Sha256Digest)>,
}

impl Permit {
    /// What is kept of the version with these bytes; `None` when there is none.
    pub(super) fn with_bytes(&self, bytes: Sha256Digest) -> Option<Kept> {
        let same = self.versions.iter().find(|version| version.digest == bytes)?;
        let with = self.version(same.attachments_of)?;
        Some(Kept { token: self.token, attachments: with.attachments.clone() })
    }

    pub(super) fn version(&self, ordinal: u32) -> Option<&Version> {
        self.versions.iter().find(|version| version.ordinal == ordinal)
    }
}

const PERMITS: &str = "
    SELECT authority, number, token, revision, entry FROM permit
    WHERE (authority, number) IN (SELECT * FROM unnest($1::text[], $2::text[]))
    ORDER BY authority, number FOR NO KEY UPDATE";

const VERSIONS: &str = "
    SELECT authority, number, ordinal, digest, attachments_of FROM permit_version
    WHERE (authority, number) IN (SELECT * FROM unnest($1::text[], $2::text[]))
    ORDER BY authority, number, ordinal";

const ATTACHMENTS: &str = "
    SELECT authority, number, ordinal, name, digest FROM attachment
    WHERE (authority, number) IN (SELECT * FROM unnest($1::text[], $2::text[]))
    ORDER BY authority, number, ordinal, position";

const AUTHORITIES: &str =
    "SELECT id, country, name FROM authority WHERE id = ANY ($1::text[]) ORDER BY id FOR NO KEY UPDATE";

/// The index holds the notices in this order, so that the last one is found without counting them.
const NOTICES: &str = "
    SELECT asked.id, coalesce((SELECT max(sequence) FROM notice WHERE authority = asked.id), 0)
    FROM unnest($1::text[]) AS asked (id)";

/// The line that a purge goes up to, and how many there are.
const PURGED: &str = "
    SELECT count(*) FROM audit_line
    WHERE authority = $1 AND shard = $2 AND sequence <= $3
          AND EXISTS (SELECT 1 FROM audit_line WHERE authority = $1 AND shard = $2 AND sequence = $3 AND hash = $4)";

/// Behind all chains of an authority, open or closed.
const NEXT_SHARD: &str = "
    SELECT asked.id, coalesce((SELECT max(shard) + 1 FROM audit_head WHERE authority = asked.id), 0)
    FROM unnest($1::text[]) AS asked (id)";

const CLAIMS: &str = "
    SELECT authority, caller, key, request, begun_at, answer FROM kept_answer
    WHERE (authority, caller, key) IN (SELECT * FROM unnest($1::text[], $2::text[], $3::text[]))
    ORDER BY authority, caller, key FOR UPDATE";

const RENDITIONS: &str = "
    SELECT authority, number, ordinal, toolkit, losses, digest, size, content FROM rendition
    WHERE (authority, number, ordinal, toolkit)
          IN (SELECT * FROM unnest($1::text[], $2::text[], $3::bigint[], $4::text[]))";

const REGISTERS: &str = "SELECT coalesce(sum(register), 0)::bigint FROM authority";

const REVISIONS: &str = "
    SELECT authority, number, revision FROM permit
    WHERE (authority, number) IN (SELECT * FROM unnest($1::text[], $2::text[]))";

/// Has the questions prepared, so that they are asked without waiting for one another.
pub(super) async fn prepare(client: &ClientWrapper) -> Result<(), StoreError> {
    for sql in [
        PERMITS,
        VERSIONS,
        ATTACHMENTS,
        AUTHORITIES,
        NOTICES,
        NEXT_SHARD,
        CHAINS,
        PURGED,
        CLAIMS,
        RENDITIONS,
        REGISTERS,
        REVISIONS,
    ] {
        client.prepare_cached(sql).await?;
    }
    Ok(())
}

impl Known {
    /// Begins a transaction and asks.
    pub(super) async fn ask(client: &ClientWrapper, slot: u32, asked: &Asked) -> Result<Known, StoreError> {
        let (permit_authorities, permit_numbers): (Vec<&str>, Vec<&str>) =
            asked.permits.iter().map(|(authority, number)| (&**authority, &**number)).unzip();
        let keys: &[&(dyn ToSql + Sync)] = &[&permit_authorities, &permit_numbers];
        let authorities: Vec<&str> = asked.authorities.iter().map(String::as_str).collect();
        let chains: Vec<&str> = asked.chains.iter().map(AuthorityId::as_str).collect();
        let slot = i64::from(slot);
        let (held, strange): ([&(dyn ToSql + Sync); 1], [&(dyn ToSql + Sync); 2]) = ([&authorities], [&slot, &chains]);
        let (has_permits, has_authorities) = (!asked.permits.is_empty(), !asked.authorities.is_empty());
        let (
            _,
            permits,
            versions,
            attachments,
            authorities,
            notices,
            shards,
            chains,
            purges,
            claims,
            renditions,
            standing,
        ) = tokio::try_join!(biased;
            async { Ok(client.batch_execute("BEGIN ISOLATION LEVEL READ COMMITTED").await?) },
            rows(client, has_permits, PERMITS, keys),
            rows(client, has_permits, VERSIONS, keys),
            rows(client, has_permits, ATTACHMENTS, keys),
            rows(client, has_authorities, AUTHORITIES, &held),
            rows(client, has_authorities, NOTICES, &held),
            rows(client, has_authorities, NEXT_SHARD, &held),
            rows(client, !asked.chains.is_empty(), CHAINS, &strange),
            purged(client, &asked.purges),
            standing_claims(client, &asked.claims),
            kept_renditions(client, &asked.renditions),
            standing(client, asked.doubted.as_ref()),
        )?;
        let (begun, not_begun) = session::chains(&chains)?;
        let mut known = Known { renditions, claims, purges, begun, not_begun, standing, ..Known::default() };
        known.learn_permits(&permits, &versions, &attachments)?;
        for row in &authorities {
            let authority = Authority { id: id(row, 0)?, country: id(row, 1)?, name: text(row, 2)? };
            known.authorities.insert(authority.id.to_string(), authority);
        }
        for row in &notices {
            known.notices.insert(text(row, 0)?, number(row, 1)?);
        }
        for row in &shards {
            known.next_shards.insert(text(row, 0)?, number(row, 1)?);
        }
        Ok(known)
    }

    fn learn_permits(&mut self, permits: &[Row], versions: &[Row], attachments: &[Row]) -> Result<(), StoreError> {
        for row in permits {
            let token: Option<Vec<u8>> = row.try_get(2)?;
            let token = token.is_some().then(|| digest(row, 2)).transpose()?;
            let token = token.map(|token| TokenHash::from_bytes(*token.as_bytes()));
            let terms = catalogue::optional_entry(row, 4)?.map(|entry| entry.terms);
            let permit = Permit { token, revision: number(row, 3)?, terms, versions: Vec::new() };
            self.permits.insert((text(row, 0)?, text(row, 1)?), permit);
        }
        for row in versions {
            let attachments = Vec::new();
            let version = Version {
                ordinal: number(row, 2)?,
                digest: digest(row, 3)?,
                attachments_of: number(row, 4)?,
                attachments,
            };
            if let Some(permit) = self.permits.get_mut(&(text(row, 0)?, text(row, 1)?)) {
                permit.versions.push(version);
            }
        }
        for row in attachments {
            let ordinal: u32 = number(row, 2)?;
            let permit = self.permits.get_mut(&(text(row, 0)?, text(row, 1)?));
            let version = permit.and_then(|permit| permit.versions.iter_mut().find(|v| v.ordinal == ordinal));
            if let Some(version) = version {
                version.attachments.push((text(row, 3)?, digest(row, 4)?));
            }
        }
        Ok(())
    }
}

/// Asks, unless there is nothing to ask for.
async fn rows(
    client: &ClientWrapper,
    is_asked: bool,
    sql: &str,
    values: &[&(dyn ToSql + Sync)],
) -> Result<Vec<Row>, StoreError> {
    if !is_asked {
        return Ok(Vec::new());
    }
    Ok(client.query(&client.prepare_cached(sql).await?, values).await?)
}

async fn purged(
    client: &ClientWrapper,
    asked: &BTreeMap<(AuthorityId, u32), Head>,
) -> Result<BTreeMap<(AuthorityId, u32), (Head, u64)>, StoreError> {
    let mut purged = BTreeMap::new();
    for (chain, head) in asked {
        let (shard, sequence) = (i64::from(head.shard), column(head.sequence)?);
        let values: [&(dyn ToSql + Sync); 4] =
            [&head.authority.as_str(), &shard, &sequence, &head.hash.as_bytes().as_slice()];
        let rows = rows(client, true, PURGED, &values).await?;
        let lines: u64 = rows.first().map_or(Ok(0), |row| number(row, 0))?;
        if lines > 0 {
            purged.insert(chain.clone(), (head.clone(), lines));
        }
    }
    Ok(purged)
}

async fn standing_claims(
    client: &ClientWrapper,
    asked: &BTreeSet<ClaimKey>,
) -> Result<BTreeMap<ClaimKey, keys::Standing>, StoreError> {
    let authorities: Vec<&str> = asked.iter().map(|key| key.0.as_str()).collect();
    let callers: Vec<&str> = asked.iter().map(|key| key.1.as_str()).collect();
    let own: Vec<&str> = asked.iter().map(|key| key.2.as_str()).collect();
    let mut claims = BTreeMap::new();
    for row in rows(client, !asked.is_empty(), CLAIMS, &[&authorities, &callers, &own]).await? {
        let (request, begun, answer) = (digest(&row, 3)?, from_time(&row, 4)?, row.text(5)?);
        claims.insert((text(&row, 0)?, text(&row, 1)?, text(&row, 2)?), keys::Standing { request, begun, answer });
    }
    Ok(claims)
}

async fn kept_renditions(
    client: &ClientWrapper,
    asked: &BTreeSet<RenditionKey>,
) -> Result<BTreeMap<RenditionKey, Rendition>, StoreError> {
    let authorities: Vec<&str> = asked.iter().map(|key| key.0.as_str()).collect();
    let numbers: Vec<&str> = asked.iter().map(|key| key.1.as_str()).collect();
    let ordinals: Vec<i64> = asked.iter().map(|key| i64::from(key.2)).collect();
    let toolkits: Vec<&str> = asked.iter().map(|key| key.3).collect();
    let values: &[&(dyn ToSql + Sync)] = &[&authorities, &numbers, &ordinals, &toolkits];
    let mut kept = BTreeMap::new();
    for row in rows(client, !asked.is_empty(), RENDITIONS, values).await? {
        let version: ToolkitVersion = toolkit(&row, 3)?;
        let (authority, permit, ordinal) = (text(&row, 0)?, text(&row, 1)?, number(&row, 2)?);
        let what = PackedRendition::name(&authority, &permit, ordinal, version);
        let rendition = renditions::read(&row, 4)?.unpack(ordinal, version, Packed::unpack, &what)?;
        kept.insert((authority, permit, ordinal, version.spec().label), rendition);
    }
    Ok(kept)
}

async fn standing(client: &ClientWrapper, doubted: Option<&Basis>) -> Result<Option<Standing>, StoreError> {
    let Some(basis) = doubted else { return Ok(None) };
    let (authorities, numbers): (Vec<&str>, Vec<&str>) =
        basis.permits.iter().map(|(authority, number, _)| (authority.as_str(), number.normalised())).unzip();
    let keys: &[&(dyn ToSql + Sync)] = &[&authorities, &numbers];
    let (registers, revisions) =
        tokio::try_join!(biased; rows(client, true, REGISTERS, &[]), rows(client, true, REVISIONS, keys))?;
    let mut standing = Standing::default();
    for row in &registers {
        standing.registers = number(row, 0)?;
    }
    for row in &revisions {
        standing.revisions.insert((text(row, 0)?, text(row, 1)?), number(row, 2)?);
    }
    Ok(Some(standing))
}
