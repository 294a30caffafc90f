//! Is the audit of a store whole, by itself and by the checkpoints that are known of it?

use super::{Store, StoreError};
use crate::audit::{AuditLine, Checkpoints, Flaw, Followed, Follower, Head, Verdict};

/// How many audit lines are held in memory at once: about a megabyte.
pub const PAGE: usize = 1_000;

/// How much of the chains is looked at.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Scope {
    /// What came after the newest checkpoint; everything where there is none.
    SinceCheckpoint,
    /// Everything that is kept.
    Whole,
}

/// Why the audit of a store could not be shown to be whole.
#[derive(Debug, thiserror::Error)]
pub enum AuditError {
    /// Looked, and it is wrong.
    #[error(transparent)]
    Broken(#[from] Flaw),
    /// Could not look.
    #[error("the audit could not be read")]
    Store(#[from] StoreError),
}

/// Follows every chain of a store from its first line to its recorded head, without checkpoints.
///
/// # Errors
/// The first flaw, or what the store says.
pub async fn verify_audit(store: &dyn Store) -> Result<Vec<Head>, AuditError> {
    let verdict = look_at_audit(store, &Checkpoints::none(), Scope::Whole).await?;
    match verdict.flaws.into_iter().next() {
        Some(flaw) => Err(flaw.into()),
        None => Ok(verdict.chains.into_iter().map(|followed| followed.head).collect()),
    }
}

/// Follows every chain of a store to its recorded head, and holds it against checkpoints.
///
/// # Errors
/// What the store says; what is wrong is part of the verdict.
pub async fn look_at_audit(store: &dyn Store, known: &Checkpoints, scope: Scope) -> Result<Verdict, StoreError> {
    let mut found = Vec::new();
    for recorded in store.heads().await? {
        found.push(follow(store, known, recorded, scope).await?);
    }
    Ok(Verdict::new(known, found, |_| true))
}

async fn follow(
    store: &dyn Store,
    known: &Checkpoints,
    mut recorded: Head,
    scope: Scope,
) -> Result<Result<Followed, Flaw>, StoreError> {
    let signed = known.chains().find(|signed| signed.is_same_chain(&recorded));
    let begun = match (scope, signed) {
        (Scope::SinceCheckpoint, Some(signed)) => {
            let line = first_behind(store, &recorded, signed.sequence - 1).await?;
            Follower::begin_at(known, signed, line.as_ref(), &recorded)
        }
        _ => {
            let first = first_behind(store, &recorded, 0).await?;
            // Of a chain that was purged to its end nothing is left but where it ends.
            Follower::begin(known, first.map_or_else(|| recorded.clone(), |line| line.before()))
        }
    };
    let mut follower = match begun {
        Ok(follower) => follower,
        Err(broken) => return Ok(Err(broken.into())),
    };
    loop {
        let after = follower.head().sequence;
        let page = store.audit_lines(&recorded.authority, recorded.shard, after, PAGE).await?;
        // A store in a file answers at once: whoever else waits for this thread gets a turn after each page.
        tokio::task::yield_now().await;
        if page.is_empty() {
            return Ok(follower.end(&recorded).map_err(Flaw::from));
        }
        for line in &page {
            if let Err(broken) = follower.take(line) {
                return Ok(Err(broken.into()));
            }
        }
        if follower.head().sequence > recorded.sequence {
            // A server may be writing: lines that came after the head was read have moved the head too.
            let now = store.heads().await?;
            recorded = now.into_iter().find(|head| head.is_same_chain(&recorded)).unwrap_or(recorded);
        }
    }
}

async fn first_behind(store: &dyn Store, chain: &Head, after: u64) -> Result<Option<AuditLine>, StoreError> {
    Ok(store.audit_lines(&chain.authority, chain.shard, after, 1).await?.pop())
}
