//! `epix-server audit purge`: lines that are past their time go, and a checkpoint says that they did.

use std::fs::File;
use std::io::{BufRead as _, BufReader};
use std::path::{Path, PathBuf};

use chrono::{NaiveDate, NaiveTime, Utc};
use clap::Args;

use super::{NewFile, keeper, trouble};
use crate::audit::{Checkpoint, ExportReader};
use crate::auditor::{self, Keeper, Purgeable, Rule};
use crate::command::progress::Progress;
use crate::command::{CommandError, Office, Outcome, operator_event};
use crate::store::{Scope, look_at_audit};

#[derive(Debug, Args)]
pub(super) struct Arguments {
    /// Only lines that were written before this day (UTC).
    #[arg(long, value_name = "YYYY-MM-DD")]
    before: Option<NaiveDate>,
    /// Only tell what would go.
    #[arg(long)]
    dry_run: bool,
    /// Export the whole audit into this file first, and go on only if the file is whole.
    #[arg(long, value_name = "FILE", required_unless_present_any = ["no_export", "dry_run"])]
    export: Option<PathBuf>,
    /// Export nothing: what goes is gone.
    #[arg(long, conflicts_with = "export")]
    no_export: bool,
}

pub(super) async fn run(office: &Office, arguments: &Arguments) -> Result<Outcome, CommandError> {
    let keeper = keeper(office)?;
    // Everything, not only what came after the last checkpoint: a purge must not cover up for lines that were removed before.
    let known = keeper.known(Vec::new()).map_err(trouble)?;
    if let Some(flaw) = look_at_audit(&*office.store, &known, Scope::Whole).await?.flaws.first() {
        say!("nothing is purged, the audit is not whole: {flaw}");
        return Ok(Outcome::Refused);
    }
    let signed = keeper.take(&*office.store).await.map_err(trouble)?.into_signed();
    let newest = signed.read().map_err(|error| CommandError::Other(Box::new(error)))?;
    let before = arguments.before.map(|day| day.and_time(NaiveTime::MIN).and_utc());
    let rule = Rule { keep_years: office.config.audit.keep_years, now: Utc::now(), before };
    let found = auditor::purgeable(&*office.store, &newest, rule).await.map_err(trouble)?;
    tell(&found, rule);
    if found.is_empty() || arguments.dry_run {
        return Ok(Outcome::Done);
    }
    if let Some(path) = &arguments.export
        && !export(office, &keeper, path).await?
    {
        say!("nothing is purged: {} is not whole", path.display());
        return Ok(Outcome::Refused);
    }
    purge(office, &keeper, &found).await
}

fn tell(found: &[Purgeable], rule: Rule) {
    if found.is_empty() {
        say!("nothing is past its time: lines are kept {} years behind the expiry of their permit", rule.keep_years);
    }
    for Purgeable { up_to, lines, last } in found {
        let (authority, shard, sequence, day) = (&up_to.authority, up_to.shard, up_to.sequence, last.date_naive());
        say!("{authority}, shard {shard}: {lines} lines up to line {sequence} of {day} are past their time");
    }
}

/// Writes the whole audit, reads it again, and says whether it is whole.
async fn export(office: &Office, keeper: &Keeper, path: &Path) -> Result<bool, CommandError> {
    let (mut progress, mut file) = (Progress::begin(), NewFile::create(path)?);
    let mut tell = |done, all| progress.tell(done, all);
    let checkpoints = keeper.all().map_err(trouble)?;
    let written = auditor::export(&*office.store, checkpoints, None, None, &mut file.writer, &mut tell).await;
    let exported = written.map_err(trouble)?;
    progress.end();
    file.finish()?;
    let failed = |source| CommandError::File { path: path.to_owned(), source };
    let other = |error| CommandError::Other(Box::new(error));
    let mut reader = ExportReader::new(keeper.keys().to_vec(), Vec::new());
    for line in BufReader::new(File::open(path).map_err(failed)?).lines() {
        reader.take(&line.map_err(failed)?).map_err(other)?;
    }
    say!("{}: {} chains, {} lines", path.display(), exported.chains, exported.lines);
    Ok(reader.verdict().map_err(other)?.is_whole())
}

/// Signs first where the chains begin from now on: should the work end here, every line is still there and verifies.
async fn purge(office: &Office, keeper: &Keeper, found: &[Purgeable]) -> Result<Outcome, CommandError> {
    let purging =
        |checkpoint: Checkpoint| found.iter().fold(checkpoint, |next, found| next.purging(found.up_to.clone()));
    let signed = keeper.take_with(&*office.store, purging).await.map_err(trouble)?.into_signed();
    let number = signed.read().map_or(0, |checkpoint| checkpoint.number);
    for Purgeable { up_to, .. } in found {
        let mut event = operator_event(&up_to.authority, "audit-purge");
        event.detail.insert("up-to".to_owned(), format!("{}/{} {}", up_to.shard, up_to.sequence, up_to.hash));
        event.detail.insert("checkpoint".to_owned(), number.to_string());
        let removed = office.store.purge_audit(up_to.clone(), event).await?;
        say!("{}, shard {}: {removed} lines removed; checkpoint {number} says so", up_to.authority, up_to.shard);
    }
    Ok(Outcome::Done)
}
