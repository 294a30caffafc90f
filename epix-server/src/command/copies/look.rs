//! Is a restored store sound, and what do the checkpoints know that it has lost?

use std::collections::BTreeSet;

use epix_core::id::{AuthorityId, PermitNumber};
use epix_core::version::VERSIONS;

use crate::audit::{Checkpoints, Head, SignedCheckpoint, Verdict};
use crate::auditor::{AuditorError, Keeper};
use crate::store::{Scope, Store, StoreError, look_at_audit};

/// How many numbers are asked for at once.
const PAGE: usize = 500;

/// Whose books are in a store.
pub(super) async fn authorities(store: &dyn Store) -> Result<BTreeSet<AuthorityId>, StoreError> {
    Ok(store.heads().await?.into_iter().map(|head| head.authority).collect())
}

/// Reads every document with what belongs to it, each against its digest; gives how many there are.
pub(super) async fn documents(
    store: &dyn Store,
    tell: &mut (dyn FnMut(u64) + Send),
) -> Result<(u64, Vec<String>), StoreError> {
    let (mut count, mut wrong) = (0, Vec::new());
    for authority in authorities(store).await? {
        let mut last: Option<PermitNumber> = None;
        loop {
            let page = store.numbers(&authority, last.as_ref(), PAGE).await?;
            for number in &page {
                match permit(store, &authority, number).await {
                    Ok(documents) => count += documents,
                    Err(StoreError::Corrupt { what }) => wrong.push(what),
                    Err(error) => return Err(error),
                }
            }
            tell(count);
            match page.last() {
                Some(number) => last = Some(number.clone()),
                None => break,
            }
        }
    }
    Ok((count, wrong))
}

async fn permit(store: &dyn Store, authority: &AuthorityId, number: &PermitNumber) -> Result<u64, StoreError> {
    let missing =
        |what: &str| StoreError::Corrupt { what: format!("{what} of permit {number} of {authority} is missing") };
    let record = store.find(authority, number).await?.ok_or_else(|| missing("the record"))?;
    for version in &record.versions {
        let document = store.document(authority, number, version.ordinal).await?;
        document.ok_or_else(|| missing(&format!("version {}", version.ordinal)))?;
        for spec in VERSIONS {
            store.rendition(authority, number, version.ordinal, spec.version).await?;
        }
    }
    Ok(record.versions.len() as u64)
}

/// What was found out about the audit of a restored store.
pub(super) struct Audit {
    /// Held against the checkpoints that were made before the copy.
    pub(super) verdict: Verdict,
    /// Where chains end that later checkpoints knew to be longer, and how many lines of each are lost.
    pub(super) lost: Vec<(Head, u64)>,
}

/// Follows every chain from its first line. Checkpoints that know more than the store were made after the copy: they say what
/// is lost, and the store is held against the others.
pub(super) async fn audit(
    store: &dyn Store,
    keeper: &Keeper,
    more: Vec<SignedCheckpoint>,
) -> Result<Audit, AuditorError> {
    let heads = store.heads().await?;
    let knows_no_more = |signed: &SignedCheckpoint| {
        let is_there =
            |head: &Head| heads.iter().any(|kept| kept.is_same_chain(head) && kept.sequence >= head.sequence);
        signed.read().is_ok_and(|checkpoint| checkpoint.heads.iter().all(is_there))
    };
    let all: Vec<SignedCheckpoint> = keeper.all()?.into_iter().chain(more).collect();
    let earlier = all.iter().filter(|signed| knows_no_more(signed)).cloned();
    let earlier = Checkpoints::read(earlier, keeper.keys())?;
    let verdict = look_at_audit(store, &earlier, Scope::Whole).await?;
    let known = Checkpoints::read(all, keeper.keys())?;
    Ok(Audit { verdict, lost: lost(&known, &heads) })
}

fn lost(known: &Checkpoints, heads: &[Head]) -> Vec<(Head, u64)> {
    let mut lost = Vec::new();
    for signed in known.chains() {
        let kept = heads.iter().find(|head| head.is_same_chain(&signed)).cloned();
        let kept = kept.unwrap_or_else(|| Head::genesis(signed.authority.clone(), signed.shard));
        if kept.sequence < signed.sequence {
            let lines = signed.sequence - kept.sequence;
            lost.push((kept, lines));
        }
    }
    lost
}
