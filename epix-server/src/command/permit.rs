//! `epix-server list | show | history`: what is kept, and one permit of it.

use chrono::Utc;
use clap::Args;
use epix_core::id::PermitNumber;
use epix_core::receive;

use super::spoken::is_heard;
use super::{CommandError, Office, Outcome};
use crate::service::{Facts, Status, issued_version};
use crate::store::{Authority, PermitEvent, PermitRecord, RecordedEvent};

#[derive(Debug, Args)]
pub(super) struct Number {
    /// The number of the permit.
    number: String,
    /// The authority whose permit it is; needed where several are kept.
    #[arg(long)]
    authority: Option<String>,
}

impl Number {
    /// The permit that is meant, and whose it is.
    pub(super) fn meant<'o>(&self, office: &'o Office) -> Result<(&'o Authority, PermitNumber), CommandError> {
        let usage = |error: epix_core::id::IdError| CommandError::Usage(error.to_string());
        let number = PermitNumber::parse(&self.number).map_err(usage)?;
        Ok((office.named_authority(self.authority.as_deref())?, number))
    }
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
            let state = Status::of(&record).state(&facts(office, &record).await?, Utc::now());
            say!("{number}  {}  to {destination}", state.word());
        }
        match page.into_iter().last() {
            Some(last) if is_heard() => after = Some(last),
            _ => return Ok(Outcome::Done),
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
            say!("{}  {}  {} bytes: {reason}", refused.sequence, refused.at.to_rfc3339(), refused.bytes.len());
        }
        match page.last() {
            Some(last) if is_heard() => after = last.sequence,
            _ => return Ok(Outcome::Done),
        }
    }
}

pub(super) async fn show(office: &Office, arguments: &Number) -> Result<Outcome, CommandError> {
    let Some((_, record)) = find(office, arguments).await? else { return Ok(Outcome::Refused) };
    let status = Status::of(&record);
    let state = status.state(&facts(office, &record).await?, Utc::now());
    say!("permit       {}", record.number);
    say!("authority    {}", record.authority);
    say!("destination  {}", record.destination.map_or("not named".to_owned(), |country| country.to_string()));
    say!("state        {}", state.word());
    say!("token        {}", if record.token.is_some() { "required" } else { "none" });
    say!("documents");
    for version in &record.versions {
        let (ordinal, toolkit, at) = (version.ordinal, version.toolkit, version.at.to_rfc3339());
        say!("  {ordinal}  toolkit {toolkit}  {} bytes  {at}  sha256 {}", version.size, version.digest);
    }
    say!("events");
    for event in &record.events {
        say!("  {}  {}  {}", event.sequence, event.at.to_rfc3339(), told(event));
    }
    Ok(Outcome::Done)
}

fn told(recorded: &RecordedEvent) -> String {
    match &recorded.event {
        PermitEvent::Issued => "issued".to_owned(),
        PermitEvent::Confirmed { ledger, organisation, roles, positions, late, call, part, .. } => {
            let quantities: Vec<_> = positions.iter().map(|(id, amount)| format!("{id}={amount}")).collect();
            let what = if *part { "a part" } else { "all" };
            let late = if *late { ", after the end of validity" } else { "" };
            let call = call.as_ref().map(|call| format!(", call {call}")).unwrap_or_default();
            let roles: Vec<_> = roles.iter().map(|role| role.name()).collect();
            let role = if roles.is_empty() { String::new() } else { format!(" ({})", roles.join(", ")) };
            format!("{ledger:?} confirmed by {organisation}{role}, {what}: {}{late}{call}", quantities.join(" "))
        }
        PermitEvent::Voided { sequence, reason } => format!("confirmation {sequence} declared void: {reason}"),
        PermitEvent::Suspended { reason } => format!("suspended: {reason}"),
        PermitEvent::Resumed { reason } => format!("resumed: {reason}"),
        PermitEvent::Cancelled { reason } => format!("cancelled: {reason}"),
        PermitEvent::Replaced { by, reason } => format!("replaced by {by}: {reason}"),
        PermitEvent::Replaces { number, reason } => format!("replaces {number}: {reason}"),
        PermitEvent::Lost { reason } => format!("lost: {reason}"),
        PermitEvent::Returned { reason } => format!("returned unused: {reason}"),
        PermitEvent::Reissued { ordinal, reason } => format!("reissued as document {ordinal}: {reason}"),
    }
}

/// Tells everything that happened to a permit: when, by whom, with which certificate.
pub(super) async fn history(office: &Office, arguments: &Number) -> Result<Outcome, CommandError> {
    let Some((_, record)) = find(office, arguments).await? else { return Ok(Outcome::Refused) };
    for event in &record.events {
        say!("{}  {}  {}", event.sequence, event.at.to_rfc3339(), told(event));
        match (&event.party, &event.fingerprint) {
            (Some(party), Some(fingerprint)) => say!("    by {party}, certificate sha256 {fingerprint}"),
            (Some(party), None) => say!("    by {party}"),
            (None, _) => say!("    by the authority"),
        }
    }
    Ok(Outcome::Done)
}

/// What the document that was issued last says about the life of the permit.
pub(super) async fn facts(office: &Office, record: &PermitRecord) -> Result<Facts, CommandError> {
    let Some(version) = issued_version(record) else { return Ok(Facts::default()) };
    let document = office.store.document(&record.authority, &record.number, version.ordinal).await?;
    let reading = document.and_then(|document| receive::inspect(&document.bytes).0);
    Ok(reading.map(|reading| Facts::of(&reading.permit)).unwrap_or_default())
}

pub(super) async fn find<'o>(
    office: &'o Office,
    arguments: &Number,
) -> Result<Option<(&'o Authority, PermitRecord)>, CommandError> {
    let (authority, number) = arguments.meant(office)?;
    let record = office.store.find(&authority.id, &number).await?;
    if record.is_none() {
        say!("no permit {number} is kept for {}", authority.id);
    }
    Ok(record.map(|record| (authority, record)))
}
