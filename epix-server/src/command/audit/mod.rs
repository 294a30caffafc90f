//! `epix-server audit`: is the record of who did what still whole, and what proves it?

mod export;
mod purge;

use std::path::PathBuf;

use clap::{Args, Subcommand, ValueEnum};

use super::{CommandError, Office, Outcome};
use crate::app::StartError;
use crate::auditor::{AuditorError, Keeper, Taken, read_checkpoint};
use crate::store::{Scope, look_at_audit};

pub(super) use export::NewFile;

#[derive(Debug, Args)]
pub(super) struct Arguments {
    #[command(subcommand)]
    verb: Verb,
}

#[derive(Debug, Subcommand)]
enum Verb {
    /// Follow every chain to its head, from the newest checkpoint on.
    Verify(Verify),
    /// Make a checkpoint now.
    Checkpoint,
    /// Make the key that signs checkpoints; its public half stands beside it.
    Key,
    /// Write the audit into a file that `epix audit verify` can verify anywhere.
    Export(export::Arguments),
    /// Remove lines that are past their time; the rest still verifies.
    Purge(purge::Arguments),
}

#[derive(Debug, Args)]
struct Verify {
    /// Begin with the first line that is kept, not with the newest checkpoint.
    #[arg(long)]
    all: bool,
    /// A checkpoint that was kept elsewhere; may be repeated.
    #[arg(long, value_name = "FILE")]
    checkpoint: Vec<PathBuf>,
    /// For people, or for programs.
    #[arg(long, value_enum, default_value_t = Format::Human)]
    format: Format,
}

/// For whom the verdict is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Format {
    /// For people.
    Human,
    /// For programs: one JSON object.
    Json,
}

pub(super) async fn run(office: &Office, arguments: &Arguments) -> Result<Outcome, CommandError> {
    match &arguments.verb {
        Verb::Verify(arguments) => verify(office, arguments).await,
        Verb::Checkpoint => checkpoint(office).await,
        Verb::Key => key(office),
        Verb::Purge(arguments) => purge::run(office, arguments).await,
        Verb::Export(arguments) => export::run(office, arguments).await,
    }
}

pub(super) fn keeper(office: &Office) -> Result<Keeper, CommandError> {
    Keeper::load(&office.config.audit).map_err(trouble)
}

pub(super) fn trouble(error: AuditorError) -> CommandError {
    StartError::Auditor(error).into()
}

async fn verify(office: &Office, arguments: &Verify) -> Result<Outcome, CommandError> {
    let kept = arguments.checkpoint.iter().map(|path| read_checkpoint(path)).collect::<Result<Vec<_>, _>>();
    let known = keeper(office)?.known(kept.map_err(trouble)?).map_err(trouble)?;
    let scope = if arguments.all { Scope::Whole } else { Scope::SinceCheckpoint };
    let verdict = look_at_audit(&*office.store, &known, scope).await?;
    match arguments.format {
        Format::Human => say_all!("{verdict}"),
        Format::Json => {
            let line = serde_json::to_string(&verdict).map_err(|error| CommandError::Other(Box::new(error)))?;
            say!("{line}");
        }
    }
    Ok(if verdict.is_whole() { Outcome::Done } else { Outcome::Refused })
}

async fn checkpoint(office: &Office) -> Result<Outcome, CommandError> {
    let keeper = keeper(office)?;
    match keeper.take(&*office.store).await {
        Ok(taken) => {
            let words = if matches!(taken, Taken::New(_)) { "made" } else { "unchanged: nothing happened since" };
            let signed = taken.into_signed();
            let number = signed.read().map_or(0, |checkpoint| checkpoint.number);
            say!("checkpoint {number}, {words}; digest {}", signed.digest());
            Ok(Outcome::Done)
        }
        Err(AuditorError::Broken(flaw)) => {
            say!("no checkpoint is made, the audit is not whole: {flaw}");
            Ok(Outcome::Refused)
        }
        Err(error) => Err(trouble(error)),
    }
}

fn key(office: &Office) -> Result<Outcome, CommandError> {
    let path = &office.config.audit.checkpoint_key;
    let public = Keeper::create_key(path).map_err(trouble)?;
    say!("wrote {} and its public half {}", path.display(), public.display());
    say!("give the public half to whoever verifies exports; keep both apart from backups of the store");
    Ok(Outcome::Done)
}
