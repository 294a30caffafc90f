//! Writing the audit into a file that can be verified without the store.

use std::io::{self, Write};

use chrono::Utc;
use epix_core::id::AuthorityId;

use super::AuditorError;
use crate::audit::{Checkpoint, Entry, FORM, Head, Header, SignedCheckpoint, Stretch};
use crate::store::{PAGE, Store};

/// How much was written.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Exported {
    /// The chains.
    pub chains: usize,
    /// Their lines.
    pub lines: u64,
}

/// Writes everything that is kept of the chains, or what came after a checkpoint, up to where they end now.
///
/// `tell` hears after each page how many lines of how many are written.
///
/// # Errors
/// What the store says, or the file.
pub async fn export(
    store: &dyn Store,
    checkpoints: Vec<SignedCheckpoint>,
    authority: Option<&AuthorityId>,
    since: Option<&Checkpoint>,
    to: &mut dyn Write,
    tell: &mut dyn FnMut(u64, u64),
) -> Result<Exported, AuditorError> {
    let heads = store.heads().await?;
    let mut chains = Vec::new();
    for to in heads.into_iter().filter(|head| authority.is_none_or(|only| *only == head.authority)) {
        chains.push(Stretch { from: beginning(store, &to, since).await?, to });
    }
    write_stretches(store, checkpoints, authority, chains, to, tell).await
}

/// Writes parts of chains.
async fn write_stretches(
    store: &dyn Store,
    checkpoints: Vec<SignedCheckpoint>,
    authority: Option<&AuthorityId>,
    chains: Vec<Stretch>,
    to: &mut dyn Write,
    tell: &mut dyn FnMut(u64, u64),
) -> Result<Exported, AuditorError> {
    let all: u64 = chains.iter().map(|stretch| stretch.to.sequence.saturating_sub(stretch.from.sequence)).sum();
    let header = Header { form: FORM, at: Utc::now(), authority: authority.cloned(), chains: chains.clone() };
    write(to, &Entry::EpixAudit(header))?;
    for signed in checkpoints {
        write(to, &Entry::Checkpoint(signed))?;
    }
    let mut lines = 0;
    for stretch in &chains {
        let mut after = stretch.from.sequence;
        while after < stretch.to.sequence {
            let limit = PAGE.min(usize::try_from(stretch.to.sequence - after).unwrap_or(PAGE));
            let page = store.audit_lines(&stretch.to.authority, stretch.to.shard, after, limit).await?;
            // What is missing at the end of a chain is for whoever verifies the export to name.
            let Some(last) = page.last() else { break };
            after = last.sequence;
            lines += page.len() as u64;
            for line in page {
                write(to, &Entry::Line(line))?;
            }
            tell(lines, all);
        }
    }
    write(to, &Entry::End { lines })?;
    Ok(Exported { chains: chains.len(), lines })
}

/// Behind which line the export of a chain begins.
async fn beginning(store: &dyn Store, chain: &Head, since: Option<&Checkpoint>) -> Result<Head, AuditorError> {
    if let Some(head) = since.and_then(|checkpoint| checkpoint.head(&chain.authority, chain.shard)) {
        return Ok(head.clone());
    }
    let first = store.audit_lines(&chain.authority, chain.shard, 0, 1).await?.pop();
    // Of a chain that was purged to its end nothing is left but where it ends.
    Ok(first.map_or_else(|| chain.clone(), |line| line.before()))
}

fn write(to: &mut dyn Write, entry: &Entry) -> Result<(), AuditorError> {
    let failed = |source: io::Error| AuditorError::File { path: "the export".into(), source };
    to.write_all(entry.to_text().as_bytes()).map_err(failed)
}
