//! `epix-server restore`: a store from a backup, which begins new chains of the audit and says what is lost.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use clap::Args;
use epix_core::id::AuthorityId;

use super::look::{self, Audit};
use super::{CHECKPOINT, DIGEST, beside, digest_of, file_of, sync_folder_of};
use crate::app::{self, StartError};
use crate::audit::{Head, SignedCheckpoint};
use crate::auditor::{Keeper, read_checkpoint};
use crate::command::audit::trouble;
use crate::command::progress::Progress;
use crate::command::{CommandError, Outcome, operator_event};
use crate::config::Config;
use crate::store::{self, Place, Store, StoreError, check_file};

#[derive(Debug, Args)]
pub(in crate::command) struct Arguments {
    /// The backup: the file that `backup` wrote.
    #[arg(long, value_name = "FILE", required_unless_present = "in_place")]
    from: Option<PathBuf>,
    /// Look at every page of the database and at the digest of every document too.
    #[arg(long)]
    verify: bool,
    /// Only look; nothing is put in place.
    #[arg(long)]
    dry_run: bool,
    /// A checkpoint that was kept elsewhere; may be repeated.
    #[arg(long, value_name = "FILE")]
    checkpoint: Vec<PathBuf>,
    /// The database was put in place by other means: only begin new chains of the audit.
    #[arg(long, conflicts_with_all = ["from", "dry_run"])]
    in_place: bool,
}

pub(in crate::command) async fn run(config: &Path, arguments: &Arguments) -> Result<Outcome, CommandError> {
    let config = Config::load(config).map_err(StartError::Config)?;
    let keeper = Keeper::load(&config.audit).map_err(trouble)?;
    match &arguments.from {
        Some(from) => from_file(&config, &keeper, arguments, from).await,
        None => {
            let store = app::open_store(&config).await?;
            let Some(audit) = look(&store, &keeper, arguments, kept(arguments, None)?).await? else {
                return Ok(Outcome::Refused);
            };
            begin(&*store, &keeper, &audit, "in place").await
        }
    }
}

async fn from_file(
    config: &Config,
    keeper: &Keeper,
    arguments: &Arguments,
    from: &Path,
) -> Result<Outcome, CommandError> {
    let place = file_of(config)?;
    for taken in [place.clone(), beside(place, "-wal")] {
        if taken.exists() && !arguments.dry_run {
            return Err(StoreError::Occupied { place: taken.display().to_string() }.into());
        }
    }
    if !is_as_written(from)? {
        return Ok(Outcome::Refused);
    }
    let unfinished = Unfinished(beside(place, ".restoring"));
    unfinished.fill(from)?;
    let wrong = if arguments.verify { check_file(&unfinished.0)? } else { Vec::new() };
    wrong.iter().for_each(|wrong| say!("the database is damaged: {wrong}"));
    if !wrong.is_empty() {
        return Ok(Outcome::Refused);
    }
    let store = store::open(&Place::sqlite(&unfinished.0)).await?;
    let Some(audit) = look(&store, keeper, arguments, kept(arguments, Some(from))?).await? else {
        return Ok(Outcome::Refused);
    };
    drop(store);
    if arguments.dry_run {
        tell_lost(&audit);
        say!("nothing was put in place");
        return Ok(Outcome::Done);
    }
    let moved = std::fs::rename(&unfinished.0, place);
    moved.map_err(|source| CommandError::File { path: place.clone(), source })?;
    sync_folder_of(place)?;
    let store = store::open(&Place::sqlite(place)).await?;
    let name = from.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
    begin(&*store, keeper, &audit, &name).await
}

/// Holds the backup against the digest beside it.
fn is_as_written(from: &Path) -> Result<bool, CommandError> {
    let found = digest_of(from)?;
    let path = beside(from, DIGEST);
    match std::fs::read_to_string(&path) {
        Ok(text) if text.split_whitespace().next() == Some(found.to_string().as_str()) => Ok(true),
        Ok(_) => {
            say!("{}: its digest {found} is not the one in {}", from.display(), path.display());
            Ok(false)
        }
        Err(_) => {
            remark!("there is no {}: whether the backup is as it was written is not known", path.display());
            Ok(true)
        }
    }
}

/// The checkpoints that were kept elsewhere, and the one beside the backup.
fn kept(arguments: &Arguments, from: Option<&Path>) -> Result<Vec<SignedCheckpoint>, CommandError> {
    let beside = from.map(|from| beside(from, CHECKPOINT)).filter(|path| path.exists());
    let read = |path: &PathBuf| read_checkpoint(path).map_err(trouble);
    arguments.checkpoint.iter().chain(&beside).map(read).collect()
}

/// Looks at what was restored; `None` when it is not sound, which is told.
async fn look(
    store: &Arc<dyn Store>,
    keeper: &Keeper,
    arguments: &Arguments,
    more: Vec<SignedCheckpoint>,
) -> Result<Option<Audit>, CommandError> {
    if !arguments.dry_run {
        keeper.adopt(&more).map_err(trouble)?;
    }
    let mut wrong = Vec::new();
    if arguments.verify {
        let mut progress = Progress::begin();
        let (count, found) = look::documents(&**store, &mut |count| progress.tell(count, count)).await?;
        progress.end();
        say!("documents: {count} looked at");
        wrong = found;
    }
    let audit = look::audit(&**store, keeper, more).await.map_err(trouble)?;
    say_all!("{}", audit.verdict);
    wrong.iter().for_each(|wrong| say!("the store is damaged: {wrong}"));
    Ok((wrong.is_empty() && audit.verdict.is_whole()).then_some(audit))
}

/// Begins new chains, says in them where they come from, and signs that the old ones end there.
async fn begin(store: &dyn Store, keeper: &Keeper, audit: &Audit, name: &str) -> Result<Outcome, CommandError> {
    let heads = store.heads().await?;
    for authority in look::authorities(store).await? {
        let least = audit.lost.iter().filter(|(head, _)| head.authority == authority).map(|(head, _)| head.shard).max();
        loop {
            let mut event = operator_event(&authority, "restore");
            event.detail.insert("backup".to_owned(), name.to_owned());
            event.detail.extend(told(&authority, &heads, audit));
            let begun = store.begin_shard(event).await?;
            // A number that a lost chain had is never used again for what follows.
            if least.is_none_or(|least| begun.shard > least) {
                say!("{authority}: restored from {name}; the audit goes on in shard {}", begun.shard);
                break;
            }
        }
    }
    tell_lost(audit);
    if keeper.has_key() {
        let lost = audit.lost.iter().map(|(head, _)| head.clone()).collect();
        let signed = keeper.note_restored(store, lost).await.map_err(trouble)?;
        say!("checkpoint {} says so", signed.read().map_or(0, |checkpoint| checkpoint.number));
    }
    Ok(Outcome::Done)
}

fn tell_lost(audit: &Audit) {
    for (head, lines) in &audit.lost {
        say!(
            "{}, shard {}: {lines} lines behind line {} are lost, which a checkpoint knows",
            head.authority,
            head.shard,
            head.sequence
        );
    }
}

/// Where the old chains of an authority end, and what is lost of them.
fn told(authority: &AuthorityId, heads: &[Head], audit: &Audit) -> Vec<(String, String)> {
    let mut told = Vec::new();
    for head in heads.iter().filter(|head| head.authority == *authority) {
        told.push((format!("shard-{}", head.shard), format!("{} {}", head.sequence, head.hash)));
    }
    for (head, lines) in audit.lost.iter().filter(|(head, _)| head.authority == *authority) {
        told.push((format!("lost-of-shard-{}", head.shard), lines.to_string()));
    }
    told
}

/// A store that is not in its place yet; it goes away with everything beside it, unless it was moved.
struct Unfinished(PathBuf);

impl Unfinished {
    fn fill(&self, from: &Path) -> Result<(), CommandError> {
        use std::os::unix::fs::OpenOptionsExt as _;
        let failed = |source| CommandError::File { path: self.0.clone(), source };
        let mut options = std::fs::OpenOptions::new();
        let mut file = options.write(true).create(true).truncate(true).mode(0o600).open(&self.0).map_err(failed)?;
        let mut backup =
            std::fs::File::open(from).map_err(|source| CommandError::File { path: from.to_owned(), source })?;
        std::io::copy(&mut backup, &mut file).and_then(|_| file.sync_all()).map_err(failed)
    }
}

impl Drop for Unfinished {
    fn drop(&mut self) {
        for ending in ["", "-wal", "-shm", ".lock"] {
            // What was moved or never made is not there.
            drop(std::fs::remove_file(beside(&self.0, ending)));
        }
    }
}
