//! `epix-server parties`: the register of organisations that may call, declared in a file.

mod check;
mod file;
mod told;

use std::io::{IsTerminal as _, Write as _};
use std::path::{Path, PathBuf};

use chrono::Utc;
use clap::{Args, Subcommand};
use epix_core::id::PartyId;

use self::file::Register;
use super::{CommandError, Office, Outcome};
use crate::store::Authority;

#[derive(Debug, Args)]
pub(super) struct Arguments {
    #[command(subcommand)]
    verb: Verb,
}

#[derive(Debug, Subcommand)]
enum Verb {
    /// Show how a file differs from the register, and make the register equal to it.
    Apply(Apply),
    /// List the register, a line for each party, and the certificates that end soon.
    List {
        /// The authority; needed where several are kept.
        #[arg(long)]
        authority: Option<String>,
    },
    /// Call each party that has an endpoint, and say in words what is in the way.
    Check {
        /// Only this party.
        party: Option<String>,
        /// The authority; needed where several are kept.
        #[arg(long)]
        authority: Option<String>,
    },
    /// Show everything about one party.
    Show {
        /// The id of the party.
        party: String,
        /// The authority; needed where several are kept.
        #[arg(long)]
        authority: Option<String>,
    },
}

#[derive(Debug, Args)]
struct Apply {
    /// The file that declares every party of an authority (TOML).
    file: PathBuf,
    /// Apply without asking.
    #[arg(long)]
    yes: bool,
    /// Show the difference and change nothing.
    #[arg(long, conflicts_with = "yes")]
    dry_run: bool,
}

pub(super) async fn run(office: &Office, arguments: &Arguments) -> Result<Outcome, CommandError> {
    match &arguments.verb {
        Verb::Apply(arguments) => apply(office, arguments).await,
        Verb::List { authority } => list(office, office.named_authority(authority.as_deref())?).await,
        Verb::Check { party, authority } => {
            check::run(office, office.named_authority(authority.as_deref())?, party.as_deref()).await
        }
        Verb::Show { party, authority } => show(office, office.named_authority(authority.as_deref())?, party).await,
    }
}

async fn list(office: &Office, authority: &Authority) -> Result<Outcome, CommandError> {
    let parties = office.store.parties(&authority.id).await?;
    for party in &parties {
        say!("{}", told::in_a_line(party));
    }
    for warning in parties.iter().flat_map(|party| told::warnings(party, Utc::now())) {
        say!("warning: {warning}");
    }
    Ok(Outcome::Done)
}

async fn show(office: &Office, authority: &Authority, id: &str) -> Result<Outcome, CommandError> {
    let id = PartyId::parse(id).map_err(|error| CommandError::Usage(error.to_string()))?;
    let parties = office.store.parties(&authority.id).await?;
    let Some(party) = parties.iter().find(|party| party.id == id) else {
        say!("no party {id} is registered with {}", authority.id);
        return Ok(Outcome::Refused);
    };
    say_all!("{}", told::in_full(party, ""));
    for warning in told::warnings(party, Utc::now()) {
        say!("warning: {warning}");
    }
    Ok(Outcome::Done)
}

async fn apply(office: &Office, arguments: &Apply) -> Result<Outcome, CommandError> {
    let register = Register::load(&arguments.file)?;
    let authority = office.authority(register.authority.as_ref())?;
    let wanted = register.into_parties(arguments.file.parent().unwrap_or(Path::new("")))?;
    let present = office.store.parties(&authority.id).await?;
    let difference = told::difference(&present, &wanted);
    if difference.is_empty() {
        say!("the register of {} is as declared: nothing to change", authority.id);
        return Ok(Outcome::Done);
    }
    say_all!("{difference}");
    for warning in wanted.iter().flat_map(|party| told::warnings(party, Utc::now())) {
        say!("warning: {warning}");
    }
    if arguments.dry_run {
        say!("nothing was changed (--dry-run)");
        return Ok(Outcome::Done);
    }
    if !arguments.yes && !agreed()? {
        say!("nothing was changed");
        return Ok(Outcome::Refused);
    }
    let mut audit = office.event(authority, "parties-apply");
    audit.detail.insert("parties".to_owned(), wanted.len().to_string());
    audit.detail.insert("difference".to_owned(), difference);
    office.store.apply_parties(wanted, audit).await?;
    say!("the register of {} is changed", authority.id);
    Ok(Outcome::Done)
}

fn agreed() -> Result<bool, CommandError> {
    if !std::io::stdin().is_terminal() {
        return Err(CommandError::Usage("there is nobody to ask: say --yes or --dry-run".into()));
    }
    say_all!("Apply? [y/N] ");
    let terminal = |source| CommandError::File { path: PathBuf::from("the terminal"), source };
    std::io::stdout().flush().map_err(terminal)?;
    let mut answer = String::new();
    std::io::stdin().read_line(&mut answer).map_err(terminal)?;
    Ok(matches!(answer.trim(), "y" | "Y" | "yes"))
}
