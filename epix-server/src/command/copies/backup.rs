//! `epix-server backup`: one file with everything that is stored, as of one moment, its digest and its checkpoint beside it.

use std::path::{Path, PathBuf};
use std::time::Duration;

use clap::Args;
use epix_core::id::Sha256Digest;

use super::{CHECKPOINT, DIGEST, beside, digest_of, file_of, sync_folder_of};
use crate::audit::SignedCheckpoint;
use crate::auditor::AuditorError;
use crate::command::audit::{NewFile, keeper, trouble};
use crate::command::progress::Progress;
use crate::command::{CommandError, Office, Outcome};
use crate::store::{Standing, copy_file};

#[derive(Debug, Args)]
pub(in crate::command) struct Arguments {
    /// The file to write; it must not be there yet.
    #[arg(long, value_name = "FILE")]
    to: PathBuf,
}

pub(in crate::command) async fn run(office: &Office, arguments: &Arguments) -> Result<Outcome, CommandError> {
    let store = file_of(&office.config)?;
    let to = &arguments.to;
    for path in [to.clone(), beside(to, DIGEST), beside(to, CHECKPOINT)] {
        if path.exists() {
            return Err(CommandError::Usage(format!("{} is there already", path.display())));
        }
    }
    let (signed, outcome) = sign_first(office).await?;
    let unfinished = beside(to, ".unfinished");
    copy(store, &unfinished).await?;
    let digest = digest_of(&unfinished)?;
    let moved = std::fs::rename(&unfinished, to);
    moved.map_err(|source| CommandError::File { path: to.clone(), source })?;
    let name = to.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
    write(&beside(to, DIGEST), &format!("{digest}  {name}\n"))?;
    if let Some(signed) = signed {
        let text = serde_json::to_string(&signed).map_err(|error| CommandError::Other(Box::new(error)))?;
        write(&beside(to, CHECKPOINT), &(text + "\n"))?;
    }
    sync_folder_of(to)?;
    write_down(office, &name, digest).await?;
    say!("{}: SHA-256 {digest}", to.display());
    say!(
        "keep {} elsewhere: without it permits with a token cannot be fetched",
        office.config.store.token_key_file.display()
    );
    Ok(outcome)
}

/// A checkpoint right before the copy: what it signs is in the copy. A broken audit is copied all the same, and told.
async fn sign_first(office: &Office) -> Result<(Option<SignedCheckpoint>, Outcome), CommandError> {
    let keeper = keeper(office)?;
    if !keeper.has_key() {
        return Ok((None, Outcome::Done));
    }
    match keeper.take(&*office.store).await {
        Ok(taken) => Ok((Some(taken.into_signed()), Outcome::Done)),
        Err(AuditorError::Broken(flaw)) => {
            say!("the audit is not whole: {flaw}");
            Ok((keeper.all().map_err(trouble)?.pop(), Outcome::Refused))
        }
        Err(error) => Err(trouble(error)),
    }
}

/// Copies the database, and says how far it is.
async fn copy(from: &Path, to: &Path) -> Result<(), CommandError> {
    let size = |path: &Path| std::fs::metadata(path).map_or(0, |found| found.len() >> 20);
    let all = size(from);
    let mut progress = Progress::begin();
    let (source, target) = (from.to_owned(), to.to_owned());
    let mut work = tokio::task::spawn_blocking(move || copy_file(&source, &target));
    let copied = loop {
        tokio::select! {
            done = &mut work => break done,
            () = tokio::time::sleep(Duration::from_millis(200)) => progress.tell(size(to), all),
        }
    };
    progress.end();
    let copied = copied.map_err(|error| CommandError::Other(Box::new(error)))?;
    copied.map_err(|error| {
        // What is there of it is no backup.
        drop(std::fs::remove_file(to));
        error.into()
    })
}

async fn write_down(office: &Office, name: &str, digest: Sha256Digest) -> Result<(), CommandError> {
    for authority in &office.authorities {
        let mut event = office.event(authority, "backup");
        event.detail.insert("file".to_owned(), name.to_owned());
        event.detail.insert("sha256".to_owned(), digest.to_string());
        office.store.record(event, Standing::Registered).await?;
    }
    Ok(())
}

fn write(path: &Path, text: &str) -> Result<(), CommandError> {
    use std::io::Write as _;
    let mut file = NewFile::create(path)?;
    file.writer.write_all(text.as_bytes()).map_err(|source| CommandError::File { path: path.to_owned(), source })?;
    file.finish()
}
