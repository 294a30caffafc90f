//! `epix-server suspend | resume | cancel | replace | lost | return | reissue | void`: what an authority does to its permits.

use std::path::PathBuf;

use clap::{Args, ValueEnum};
use epix_core::id::PermitNumber;

use super::import::{beside, print_why, read};
use super::permit::Number;
use super::{CommandError, Office, Outcome};
use crate::service::{Change, DeskError};
use crate::store::Ledger;

#[derive(Debug, Args)]
pub(super) struct Reasoned {
    #[command(flatten)]
    permit: Number,
    /// Why, for the record.
    #[arg(long)]
    reason: String,
}

#[derive(Debug, Args)]
pub(super) struct Replace {
    #[command(flatten)]
    reasoned: Reasoned,
    /// The number of the permit that stands in its place; it is stored already.
    #[arg(long, value_name = "NUMBER")]
    by: String,
}

#[derive(Debug, Args)]
pub(super) struct Reissue {
    /// The corrected document, under the same number.
    file: PathBuf,
    /// The authority whose permit it is; needed where several are kept.
    #[arg(long)]
    authority: Option<String>,
    /// Why, for the record.
    #[arg(long)]
    reason: String,
}

#[derive(Debug, Args)]
pub(super) struct Void {
    #[command(flatten)]
    reasoned: Reasoned,
    /// Whose last confirmation; without it the import's, where there is one, because it stands on the export.
    #[arg(long)]
    book: Option<Book>,
}

/// One of the two books.
#[derive(Debug, Clone, Copy, ValueEnum)]
enum Book {
    /// What left.
    Export,
    /// What arrived.
    Import,
}

pub(super) async fn suspend(office: &Office, arguments: &Reasoned) -> Result<Outcome, CommandError> {
    change(office, arguments, Change::Suspend, "suspended").await
}

pub(super) async fn resume(office: &Office, arguments: &Reasoned) -> Result<Outcome, CommandError> {
    change(office, arguments, Change::Resume, "no longer suspended").await
}

pub(super) async fn cancel(office: &Office, arguments: &Reasoned) -> Result<Outcome, CommandError> {
    change(office, arguments, Change::Cancel, "cancelled").await
}

pub(super) async fn lost(office: &Office, arguments: &Reasoned) -> Result<Outcome, CommandError> {
    change(office, arguments, Change::Lose, "recorded as lost").await
}

pub(super) async fn give_back(office: &Office, arguments: &Reasoned) -> Result<Outcome, CommandError> {
    change(office, arguments, Change::Return, "recorded as returned").await
}

async fn change(office: &Office, arguments: &Reasoned, change: Change, done: &str) -> Result<Outcome, CommandError> {
    let (authority, number) = arguments.permit.meant(office)?;
    let changed = office.desk()?.change(&office.deed(authority), &number, change, &arguments.reason, None).await;
    said(&number, changed.map(|record| format!("{} is {done}", record.number)))
}

pub(super) async fn replace(office: &Office, arguments: &Replace) -> Result<Outcome, CommandError> {
    let (authority, number) = arguments.reasoned.permit.meant(office)?;
    let by = PermitNumber::parse(&arguments.by).map_err(|error| CommandError::Usage(error.to_string()))?;
    let (deed, reason) = (office.deed(authority), &arguments.reasoned.reason);
    let replaced = office.desk()?.replace(&deed, &number, &by, reason, None).await;
    said(&number, replaced.map(|(record, by)| format!("{} is replaced by {by}", record.number)))
}

pub(super) async fn reissue(office: &Office, arguments: &Reissue) -> Result<Outcome, CommandError> {
    let authority = office.named_authority(arguments.authority.as_deref())?;
    let (path, deed) = (&arguments.file, office.deed(authority));
    let (bytes, signature) = (read(path)?, beside(path)?);
    let reissued = office.desk()?.reissue(&deed, &bytes, signature.as_deref(), &arguments.reason, None).await;
    if let Err(DeskError::Rejected(rejected)) = &reissued {
        print_why(path, &office.config.policies.of(authority.id.as_str()), &rejected.report);
        return Ok(Outcome::Refused);
    }
    said(&path.display(), reissued.map(|(number, ordinal)| format!("{number} is reissued as document {ordinal}")))
}

pub(super) async fn void(office: &Office, arguments: &Void) -> Result<Outcome, CommandError> {
    let (authority, number) = arguments.reasoned.permit.meant(office)?;
    let book = arguments.book.map(|book| match book {
        Book::Export => Ledger::Export,
        Book::Import => Ledger::Import,
    });
    let (deed, reason) = (office.deed(authority), &arguments.reasoned.reason);
    let voided = office.desk()?.void(&deed, &number, book, reason, None).await;
    said(&number, voided.map(|(record, last)| format!("confirmation {last} of {} is void", record.number)))
}

/// Tells what was done, or why the authority cannot have it so.
fn said(what: &dyn std::fmt::Display, done: Result<String, DeskError>) -> Result<Outcome, CommandError> {
    match done {
        Ok(text) => {
            say!("{text}");
            Ok(Outcome::Done)
        }
        Err(error @ (DeskError::NoReason | DeskError::OwnPlace | DeskError::Changed)) => {
            Err(CommandError::Usage(error.to_string()))
        }
        Err(error) if error.is_the_callers() => {
            say!("{what}: {error}");
            Ok(Outcome::Refused)
        }
        Err(error) => Err(error.into()),
    }
}
