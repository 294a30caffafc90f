//! `epix-server events`: what partners are told, and how far each that wants it brought has been told.

use clap::Args;

use super::{CommandError, Office, Outcome};

#[derive(Debug, Args)]
pub(super) struct Arguments {
    /// Only what came after this one.
    #[arg(long, default_value_t = 0, value_name = "NUMBER")]
    after: u64,
    /// The authority; needed where several are kept.
    #[arg(long)]
    authority: Option<String>,
}

/// How many rows are read at a time.
const PAGE: usize = 500;

pub(super) async fn run(office: &Office, arguments: &Arguments) -> Result<Outcome, CommandError> {
    let authority = office.named_authority(arguments.authority.as_deref())?;
    let mut after = arguments.after;
    loop {
        let page = office.store.notices(&authority.id, after, PAGE).await?;
        for notice in &page {
            say!("{}  {}  {}  {}", notice.sequence, notice.at.to_rfc3339(), notice.number, notice.event.word());
        }
        match page.last() {
            Some(last) => after = last.sequence,
            None => break,
        }
    }
    for party in office.store.parties(&authority.id).await? {
        let Some(webhook) = &party.terms.webhook else { continue };
        let told = office.store.told(&authority.id, &party.id).await?;
        say!("{} is told at {} and has taken everything up to {told}", party.id, webhook.url);
    }
    Ok(Outcome::Done)
}
