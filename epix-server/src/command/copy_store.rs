//! `epix-server copy-store`: everything from one store to another, from a file to a database or back.

use std::path::{Path, PathBuf};

use clap::Args;
use epix_core::id::AuthorityId;

use super::progress::Progress;
use super::{CommandError, Outcome, operator_event};
use crate::audit::AuditEvent;
use crate::store::{Comparison, Copying, Place};

#[derive(Debug, Args)]
pub(super) struct Arguments {
    /// The store to copy: sqlite:PATH or postgres://USER@HOST/DATABASE; no server may work on it meanwhile.
    #[arg(long, value_name = "PLACE")]
    from: String,
    /// Where to: a file that is not there yet, an empty database, or a copy that was begun.
    #[arg(long, value_name = "PLACE")]
    to: String,
    /// The file with the password for the database to copy from.
    #[arg(long, value_name = "FILE")]
    from_password_file: Option<PathBuf>,
    /// The file with the password for the database to copy to.
    #[arg(long, value_name = "FILE")]
    to_password_file: Option<PathBuf>,
    /// PEM file with the roots under which certificates of databases are trusted; those of the system without it.
    #[arg(long, value_name = "FILE")]
    ca: Option<PathBuf>,
    /// Only compare two stores that are there.
    #[arg(long)]
    compare: bool,
}

pub(super) async fn run(arguments: &Arguments) -> Result<Outcome, CommandError> {
    let ca = arguments.ca.as_deref();
    let from = place(&arguments.from, arguments.from_password_file.as_deref(), ca)?;
    let to = place(&arguments.to, arguments.to_password_file.as_deref(), ca)?;
    if from.to_string() == to.to_string() {
        return Err(CommandError::Usage(format!("{from} is the same place twice")));
    }
    if arguments.compare {
        let mut stores = Copying::beside(&from, &to).await?;
        return Ok(told(&compared(&mut stores).await?, &to));
    }
    let mut copying = Copying::begin(&from, &to).await?;
    if copying.found() > 0 {
        let (found, rows) = (copying.found(), copying.rows());
        say!("going on with a copy that was begun: {found} of {rows} rows are there");
    }
    copy(&mut copying).await?;
    say!("copied: {} rows in {} tables", copying.rows(), copying.tables());
    let comparison = compared(&mut copying).await?;
    if told(&comparison, &to) == Outcome::Refused {
        say!("{to} is no store: empty it and begin anew");
        return Ok(Outcome::Refused);
    }
    let authorities = copying.authorities().await?;
    let events: Vec<_> = authorities.iter().map(|authority| event(authority, &from, &comparison)).collect();
    copying.finish(&events).await?;
    say!("{to} is a store now, and its audit says where it comes from");
    say!("next: name it in [store] of the configuration, and start no server on {from} any more");
    Ok(Outcome::Done)
}

/// A place as it was typed; what names no backend is a file.
fn place(typed: &str, password: Option<&Path>, ca: Option<&Path>) -> Result<Place, CommandError> {
    let mut place = if typed.contains(':') { Place::parse(typed)? } else { Place::sqlite(Path::new(typed)) };
    if let Some(path) = password {
        let text = std::fs::read_to_string(path);
        let text = text.map_err(|source| CommandError::File { path: path.to_owned(), source })?;
        place = place.with_password(text.lines().next().unwrap_or_default().to_owned());
    }
    Ok(match ca {
        Some(ca) => place.trusting(ca.to_owned()),
        None => place,
    })
}

async fn copy(copying: &mut Copying) -> Result<(), CommandError> {
    let (mut progress, rows) = (Progress::behind(copying.found()), copying.rows());
    let copied = copying.copy(&mut |done| progress.tell(done, rows)).await;
    progress.end();
    Ok(copied?)
}

async fn compared(stores: &mut Copying) -> Result<Comparison, CommandError> {
    let (mut progress, rows) = (Progress::begin(), stores.rows());
    let compared = stores.compare(&mut |done| progress.tell(done, rows)).await;
    progress.end();
    Ok(compared?)
}

fn told(comparison: &Comparison, to: &Place) -> Outcome {
    if comparison.is_equal() {
        say!("compared: both hold the same, SHA-256 {}", comparison.from);
        return Outcome::Done;
    }
    say!("compared: {to} does not hold the same");
    comparison.differences.iter().for_each(|difference| say!("  {difference}"));
    if comparison.more > 0 {
        say!("  and {} more", comparison.more);
    }
    Outcome::Refused
}

/// The first line behind those that were copied.
fn event(authority: &AuthorityId, from: &Place, comparison: &Comparison) -> AuditEvent {
    let mut event = operator_event(authority, "copy-store");
    event.detail.insert("from".to_owned(), from.to_string());
    event.detail.insert("sha256".to_owned(), comparison.from.to_string());
    event
}
