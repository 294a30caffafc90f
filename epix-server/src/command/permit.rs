//! `epix-server list | show | cancel | void`: what is kept, and one permit of it.

use clap::Args;
use epix_core::id::PermitNumber;

use super::{CommandError, Office, Outcome};
use crate::audit::AuditEvent;
use crate::service::Status;
use crate::store::{Append, Authority, PermitEvent, PermitRecord, RecordedEvent};

#[derive(Debug, Args)]
pub(super) struct Number {
    /// The number of the permit.
    number: String,
    /// The authority whose permit it is; needed where several are kept.
    #[arg(long)]
    authority: Option<String>,
}

#[derive(Debug, Args)]
pub(super) struct List {
    /// The authority; needed where several are kept.
    #[arg(long)]
    authority: Option<String>,
    /// List the documents that were refused instead, with the first reason of each.
    #[arg(long)]
    refused: bool,
}

#[derive(Debug, Args)]
pub(super) struct Reasoned {
    #[command(flatten)]
    permit: Number,
    /// Why, for the record.
    #[arg(long)]
    reason: String,
}

/// How many rows are read at a time.
const PAGE: usize = 500;

pub(super) async fn list(office: &Office, arguments: &List) -> Result<Outcome, CommandError> {
    let authority = office.named_authority(arguments.authority.as_deref())?;
    if arguments.refused {
        return list_refused(office, authority).await;
    }
    let mut after = None;
    loop {
        let page = office.store.numbers(&authority.id, after.as_ref(), PAGE).await?;
        for number in &page {
            let Some(record) = office.store.find(&authority.id, number).await? else { continue };
            let destination = record.destination.map_or("-".to_owned(), |country| country.to_string());
            println!("{number}  {}  to {destination}", Status::of(&record).word());
        }
        match page.into_iter().last() {
            Some(last) => after = Some(last),
            None => return Ok(Outcome::Done),
        }
    }
}

async fn list_refused(office: &Office, authority: &Authority) -> Result<Outcome, CommandError> {
    let mut after = 0;
    loop {
        let page = office.store.refused(&authority.id, after, PAGE).await?;
        for refused in &page {
            let report: serde_json::Value = serde_json::from_str(&refused.report).unwrap_or_default();
            let findings = report["findings"].as_array().cloned().unwrap_or_default();
            let first = findings.iter().find(|finding| finding["severity"] == "error");
            let reason = first.and_then(|finding| finding["sentence"].as_str()).unwrap_or("no reason was kept");
            println!("{}  {}  {} bytes: {reason}", refused.sequence, refused.at.to_rfc3339(), refused.bytes.len());
        }
        match page.last() {
            Some(last) => after = last.sequence,
            None => return Ok(Outcome::Done),
        }
    }
}

pub(super) async fn show(office: &Office, arguments: &Number) -> Result<Outcome, CommandError> {
    let Some((_, record)) = find(office, arguments).await? else { return Ok(Outcome::Refused) };
    let status = Status::of(&record);
    println!("permit       {}", record.number);
    println!("authority    {}", record.authority);
    println!("destination  {}", record.destination.map_or("not named".to_owned(), |country| country.to_string()));
    println!("state        {}", status.word());
    println!("token        {}", if record.token.is_some() { "required" } else { "none" });
    println!("documents");
    for version in &record.versions {
        let (ordinal, toolkit, at) = (version.ordinal, version.toolkit, version.at.to_rfc3339());
        println!("  {ordinal}  toolkit {toolkit}  {} bytes  {at}  sha256 {}", version.size, version.digest);
    }
    println!("events");
    for event in &record.events {
        println!("  {}  {}  {}", event.sequence, event.at.to_rfc3339(), told(event));
    }
    Ok(Outcome::Done)
}

fn told(recorded: &RecordedEvent) -> String {
    match &recorded.event {
        PermitEvent::Issued => "issued".to_owned(),
        PermitEvent::Confirmed { ledger, organisation, positions, late, .. } => {
            let quantities: Vec<_> = positions.iter().map(|(id, amount)| format!("{id}={amount}")).collect();
            let late = if *late { ", after the end of validity" } else { "" };
            format!("{ledger:?} confirmed by {organisation}: {}{late}", quantities.join(" "))
        }
        PermitEvent::Voided { sequence, reason } => format!("confirmation {sequence} declared void: {reason}"),
        PermitEvent::Cancelled { reason } => format!("cancelled: {reason}"),
        PermitEvent::Reissued { ordinal, reason } => format!("reissued as document {ordinal}: {reason}"),
    }
}

pub(super) async fn cancel(office: &Office, arguments: &Reasoned) -> Result<Outcome, CommandError> {
    let Some((authority, record)) = find(office, &arguments.permit).await? else { return Ok(Outcome::Refused) };
    let status = Status::of(&record);
    if status.cancelled.is_some() || status.exported.is_some() {
        println!("{} cannot be cancelled: it is {}", record.number, status.word());
        return Ok(Outcome::Refused);
    }
    let event = PermitEvent::Cancelled { reason: reason(arguments)? };
    append(office, &record, event, office.event(authority, "cancel")).await?;
    println!("{} is cancelled", record.number);
    Ok(Outcome::Done)
}

pub(super) async fn void(office: &Office, arguments: &Reasoned) -> Result<Outcome, CommandError> {
    let Some((authority, record)) = find(office, &arguments.permit).await? else { return Ok(Outcome::Refused) };
    let status = Status::of(&record);
    // Import stands on export, so the import goes first.
    let Some(last) = status.imported.or(status.exported) else {
        println!("{} has no confirmation that could be declared void", record.number);
        return Ok(Outcome::Refused);
    };
    let event = PermitEvent::Voided { sequence: last.sequence, reason: reason(arguments)? };
    append(office, &record, event, office.event(authority, "void")).await?;
    println!("confirmation {} of {} is void", last.sequence, record.number);
    Ok(Outcome::Done)
}

async fn append(
    office: &Office,
    record: &PermitRecord,
    event: PermitEvent,
    mut audit: AuditEvent,
) -> Result<(), CommandError> {
    audit.permit = Some(record.number.clone());
    let (number, expected_revision) = (record.number.clone(), record.revision);
    office.store.append(Append { number, expected_revision, event, document: None, audit }).await?;
    Ok(())
}

fn reason(arguments: &Reasoned) -> Result<String, CommandError> {
    match arguments.reason.trim() {
        "" => Err(CommandError::Usage("a reason must be given".into())),
        reason => Ok(reason.to_owned()),
    }
}

async fn find<'o>(
    office: &'o Office,
    arguments: &Number,
) -> Result<Option<(&'o Authority, PermitRecord)>, CommandError> {
    let usage = |error: epix_core::id::IdError| CommandError::Usage(error.to_string());
    let number = PermitNumber::parse(&arguments.number).map_err(usage)?;
    let authority = office.named_authority(arguments.authority.as_deref())?;
    let record = office.store.find(&authority.id, &number).await?;
    if record.is_none() {
        println!("no permit {number} is kept for {}", authority.id);
    }
    Ok(record.map(|record| (authority, record)))
}
