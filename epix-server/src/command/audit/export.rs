//! `epix-server audit export`: the audit as a file that can be verified anywhere.

use std::fs::File;
use std::io::{BufWriter, Write};
use std::path::{Path, PathBuf};

use clap::Args;

use super::{keeper, trouble};
use crate::audit::{Checkpoint, SignedCheckpoint};
use crate::auditor::{self, AuditorError, Keeper};
use crate::command::progress::Progress;
use crate::command::{CommandError, Office, Outcome};

#[derive(Debug, Args)]
pub(super) struct Arguments {
    /// Only the chains of this authority.
    #[arg(long)]
    authority: Option<String>,
    /// Only what came after the checkpoint of this number.
    #[arg(long, value_name = "NUMBER")]
    since: Option<u64>,
    /// Where to write; the file must not be there yet.
    #[arg(short, long, value_name = "FILE")]
    output: PathBuf,
}

pub(super) async fn run(office: &Office, arguments: &Arguments) -> Result<Outcome, CommandError> {
    let authority = arguments.authority.as_deref().map(|id| office.named_authority(Some(id))).transpose()?;
    let keeper = keeper(office)?;
    let outcome = sign_first(office, &keeper).await?;
    let (since, checkpoints) = since(&keeper, arguments.since).map_err(trouble)?;
    let store = &*office.store;
    let mut progress = Progress::begin();
    let mut file = NewFile::create(&arguments.output)?;
    let authority = authority.map(|authority| &authority.id);
    let mut tell = |done, all| progress.tell(done, all);
    let written = auditor::export(store, checkpoints, authority, since.as_ref(), &mut file.writer, &mut tell).await;
    let exported = written.map_err(trouble)?;
    progress.end();
    file.finish()?;
    say!("{}: {} chains, {} lines", arguments.output.display(), exported.chains, exported.lines);
    Ok(outcome)
}

/// A checkpoint right before the export signs everything that is in it. Of a broken audit none is made; its export is
/// evidence all the same.
async fn sign_first(office: &Office, keeper: &Keeper) -> Result<Outcome, CommandError> {
    if !keeper.has_key() {
        remark!("there is no key for checkpoints: a tail that is cut off the export would not be seen");
        return Ok(Outcome::Done);
    }
    match keeper.take(&*office.store).await {
        Ok(_) => Ok(Outcome::Done),
        Err(AuditorError::Broken(flaw)) => {
            say!("the audit is not whole: {flaw}");
            Ok(Outcome::Refused)
        }
        Err(error) => Err(trouble(error)),
    }
}

/// The checkpoint to begin with, and the checkpoints from there on.
fn since(keeper: &Keeper, number: Option<u64>) -> Result<(Option<Checkpoint>, Vec<SignedCheckpoint>), AuditorError> {
    let mut all = keeper.all()?;
    let Some(number) = number else { return Ok((None, all)) };
    let begins = all.iter().position(|signed| signed.read().is_ok_and(|checkpoint| checkpoint.number == number));
    let all = all.split_off(begins.ok_or(AuditorError::NoSuchCheckpoint { number })?);
    Ok((all.first().and_then(|signed| signed.read().ok()), all))
}

/// A file that is there whole or not at all, and never in the place of another.
pub(in crate::command) struct NewFile<'p> {
    path: &'p Path,
    pub(in crate::command) writer: BufWriter<File>,
    is_whole: bool,
}

impl<'p> NewFile<'p> {
    pub(in crate::command) fn create(path: &'p Path) -> Result<NewFile<'p>, CommandError> {
        let failed = |source| CommandError::File { path: path.to_owned(), source };
        let file = File::options().write(true).create_new(true).open(path).map_err(failed)?;
        Ok(NewFile { path, writer: BufWriter::new(file), is_whole: false })
    }

    pub(in crate::command) fn finish(mut self) -> Result<(), CommandError> {
        let failed = |source| CommandError::File { path: self.path.to_owned(), source };
        self.writer.flush().and_then(|()| self.writer.get_ref().sync_all()).map_err(failed)?;
        self.is_whole = true;
        Ok(())
    }
}

impl Drop for NewFile<'_> {
    fn drop(&mut self) {
        if !self.is_whole {
            // Should it be gone already, there is nothing to tidy up.
            drop(std::fs::remove_file(self.path));
        }
    }
}
