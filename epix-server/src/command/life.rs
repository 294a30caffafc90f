//! `epix-server suspend | resume | cancel | replace | lost | return | reissue | void`: what an authority does to its permits.

use std::path::PathBuf;

use chrono::Utc;
use clap::{Args, ValueEnum};
use epix_core::id::PermitNumber;

use super::permit::{Number, facts, find};
use super::sealed::{self, Taken};
use super::{CommandError, Office, Outcome};
use crate::service::{Change, Confirmation, Facts, Status};
use crate::store::{Append, Authority, Ledger, NewDocument, PermitEvent, PermitRecord, StoreError, VersionReason};

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

/// A permit on which a change is possible.
struct Open<'o> {
    authority: &'o Authority,
    record: PermitRecord,
}

pub(super) async fn suspend(office: &Office, arguments: &Reasoned) -> Result<Outcome, CommandError> {
    let reason = reason(&arguments.reason)?;
    change(office, arguments, Change::Suspend, PermitEvent::Suspended { reason }, "suspended").await
}

pub(super) async fn resume(office: &Office, arguments: &Reasoned) -> Result<Outcome, CommandError> {
    let reason = reason(&arguments.reason)?;
    change(office, arguments, Change::Resume, PermitEvent::Resumed { reason }, "no longer suspended").await
}

pub(super) async fn cancel(office: &Office, arguments: &Reasoned) -> Result<Outcome, CommandError> {
    let reason = reason(&arguments.reason)?;
    change(office, arguments, Change::Cancel, PermitEvent::Cancelled { reason }, "cancelled").await
}

pub(super) async fn lost(office: &Office, arguments: &Reasoned) -> Result<Outcome, CommandError> {
    let reason = reason(&arguments.reason)?;
    change(office, arguments, Change::Lose, PermitEvent::Lost { reason }, "recorded as lost").await
}

pub(super) async fn give_back(office: &Office, arguments: &Reasoned) -> Result<Outcome, CommandError> {
    let reason = reason(&arguments.reason)?;
    change(office, arguments, Change::Return, PermitEvent::Returned { reason }, "recorded as returned").await
}

async fn change(
    office: &Office,
    arguments: &Reasoned,
    change: Change,
    event: PermitEvent,
    done: &str,
) -> Result<Outcome, CommandError> {
    let Some(open) = open(office, &arguments.permit, change).await? else { return Ok(Outcome::Refused) };
    append(office, &open, event, None, change.command()).await?;
    println!("{} is {done}", open.record.number);
    Ok(Outcome::Done)
}

pub(super) async fn replace(office: &Office, arguments: &Replace) -> Result<Outcome, CommandError> {
    let reason = reason(&arguments.reasoned.reason)?;
    let Some(old) = open(office, &arguments.reasoned.permit, Change::Replace).await? else {
        return Ok(Outcome::Refused);
    };
    let by = PermitNumber::parse(&arguments.by).map_err(|error| CommandError::Usage(error.to_string()))?;
    if by.normalised() == old.record.number.normalised() {
        return Err(CommandError::Usage("a permit cannot stand in its own place; a corrected one is reissued".into()));
    }
    let Some(new) = office.store.find(&old.authority.id, &by).await? else {
        println!("no permit {by} is kept for {}: import it first", old.authority.id);
        return Ok(Outcome::Refused);
    };
    if Status::of(&new).ended.is_some() {
        println!("{by} cannot stand in the place of {}: it has ended itself", old.record.number);
        return Ok(Outcome::Refused);
    }
    let by = new.number.clone();
    let replaces = PermitEvent::Replaces { number: old.record.number.clone(), reason: reason.clone() };
    let is_linked =
        |event: &PermitEvent| matches!(event, PermitEvent::Replaces { number, .. } if *number == old.record.number);
    // The link on the new one comes first: should we be cut off here, the old one still stands and the command is repeated.
    if !new.events.iter().any(|recorded| is_linked(&recorded.event)) {
        append(office, &Open { authority: old.authority, record: new }, replaces, None, "replaces").await?;
    }
    append(office, &old, PermitEvent::Replaced { by: by.clone(), reason }, None, Change::Replace.command()).await?;
    println!("{} is replaced by {by}", old.record.number);
    Ok(Outcome::Done)
}

pub(super) async fn reissue(office: &Office, arguments: &Reissue) -> Result<Outcome, CommandError> {
    let reason = reason(&arguments.reason)?;
    let authority = office.named_authority(arguments.authority.as_deref())?;
    let path = &arguments.file;
    let bytes = std::fs::read(path).map_err(|source| CommandError::File { path: path.clone(), source })?;
    let policy = office.config.policies.of(authority.id.as_str());
    let Taken { accepted, signature, proven, told } =
        match sealed::take(office, authority, path, &bytes, &policy).await? {
            Ok(taken) => taken,
            Err(rejected) => {
                super::import::print_why(path, &policy, &rejected.report);
                return Ok(Outcome::Refused);
            }
        };
    let number = Number::of(accepted.number(), authority);
    let Some(open) = open(office, &number, Change::Reissue).await? else { return Ok(Outcome::Refused) };
    if open.record.versions.iter().any(|version| version.digest == accepted.digest()) {
        println!("{} is kept with these bytes already", open.record.number);
        return Ok(Outcome::Refused);
    }
    let ordinal = open.record.versions.last().map_or(1, |version| version.ordinal + 1);
    let version = VersionReason::Reissued { reason: reason.clone() };
    let attachments = sealed::travels(office, authority, &open.record, signature).await?;
    let document = NewDocument { accepted, reason: version, attachments, proven };
    let event = PermitEvent::Reissued { ordinal, reason };
    append_telling(office, &open, event, Some(document), Change::Reissue.command(), told).await?;
    println!("{} is reissued as document {ordinal}", open.record.number);
    Ok(Outcome::Done)
}

pub(super) async fn void(office: &Office, arguments: &Void) -> Result<Outcome, CommandError> {
    let reason = reason(&arguments.reasoned.reason)?;
    let Some((authority, record)) = find(office, &arguments.reasoned.permit).await? else {
        return Ok(Outcome::Refused);
    };
    let facts = facts(office, &record).await?;
    let last = match last_confirmation(&Status::of(&record), arguments.book, &facts) {
        Ok(last) => last.sequence,
        Err(why) => {
            println!("{} {why}", record.number);
            return Ok(Outcome::Refused);
        }
    };
    let open = Open { authority, record };
    append(office, &open, PermitEvent::Voided { sequence: last, reason }, None, "void").await?;
    println!("confirmation {last} of {} is void", open.record.number);
    Ok(Outcome::Done)
}

/// The confirmation that is to be void: the last of a book, because those after it were made on top of it.
fn last_confirmation<'r>(
    status: &Status<'r>,
    book: Option<Book>,
    facts: &Facts,
) -> Result<Confirmation<'r>, &'static str> {
    let book = match book {
        Some(Book::Export) => Ledger::Export,
        Some(Book::Import) => Ledger::Import,
        None if status.imported.is_empty() => Ledger::Export,
        None => Ledger::Import,
    };
    let last = *status.book(book).last().ok_or("has no confirmation that could be declared void")?;
    let without =
        Status { exported: status.exported[..status.exported.len().saturating_sub(1)].to_vec(), ..status.clone() };
    if book == Ledger::Export && !without.covers_what_arrived(facts) {
        return Err("has arrivals that stand on this export: declare them void first");
    }
    Ok(last)
}

/// Finds a permit on which a change is possible, or says why it is not.
async fn open<'o>(office: &'o Office, number: &Number, change: Change) -> Result<Option<Open<'o>>, CommandError> {
    let Some((authority, record)) = find(office, number).await? else { return Ok(None) };
    let facts = facts(office, &record).await?;
    let checked = change.check(&Status::of(&record), &facts, Utc::now());
    match checked {
        Ok(()) => Ok(Some(Open { authority, record })),
        Err(state) => {
            println!("{}: {} is not possible: it is {}", record.number, change.command(), state.word());
            Ok(None)
        }
    }
}

async fn append(
    office: &Office,
    open: &Open<'_>,
    event: PermitEvent,
    document: Option<NewDocument>,
    verb: &str,
) -> Result<(), CommandError> {
    append_telling(office, open, event, document, verb, Vec::new()).await
}

/// With more to tell in the audit.
async fn append_telling(
    office: &Office,
    open: &Open<'_>,
    event: PermitEvent,
    document: Option<NewDocument>,
    verb: &str,
    told: Vec<(String, String)>,
) -> Result<(), CommandError> {
    let mut audit = office.event(open.authority, verb);
    audit.detail.extend(told);
    audit.permit = Some(open.record.number.clone());
    audit.document_digest = document.as_ref().map(|document| document.accepted.digest());
    let (number, expected_revision) = (open.record.number.clone(), open.record.revision);
    match office.store.append(Append { number, expected_revision, event, document, audit }).await {
        Ok(_) => Ok(()),
        Err(StoreError::Conflict { .. }) => {
            Err(CommandError::Usage(format!("{} was just changed by somebody else: look again", open.record.number)))
        }
        Err(error) => Err(error.into()),
    }
}

fn reason(text: &str) -> Result<String, CommandError> {
    match text.trim() {
        "" => Err(CommandError::Usage("a reason must be given".into())),
        reason => Ok(reason.to_owned()),
    }
}
