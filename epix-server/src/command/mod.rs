//! The command line of the server: what was typed, what it means, and the exit status.
//!
//! All commands but those about the configuration and `run` work on the store, or through the server that holds it; each leaves its audit line.

#[macro_use]
mod spoken;

mod audit;
mod check_config;
mod copies;
mod copy_store;
mod events;
mod import;
mod init;
mod keys;
mod life;
mod parties;
mod permit;
mod progress;
mod sealed;

use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::sync::Arc;

use chrono::Utc;
use clap::{Parser, Subcommand};
use epix_core::id::AuthorityId;

use crate::app::{self, Gateway, StartError};
use crate::audit::{Actor, AuditEvent};
use crate::config::Config;
use crate::notary::Notary;
use crate::problem::chain;
use crate::service::{Deed, Desk, DeskError};
use crate::store::{Authority, CopyError, Store, StoreError};

/// The gateway for CITES permits: keeps the permits of an authority and answers EPIX calls of partner Parties.
#[derive(Debug, Parser)]
#[command(name = "epix-server", version, propagate_version = true)]
#[command(after_help = "Exit status: 0 done, 1 something is invalid or refused, 2 the work could not be done.")]
pub struct Arguments {
    /// The configuration file.
    #[arg(long, global = true, default_value = "epix-server.toml", value_name = "FILE")]
    config: PathBuf,
    #[command(subcommand)]
    verb: Verb,
}

#[derive(Debug, Subcommand)]
enum Verb {
    /// Write a documented configuration, an empty store and a new token key into a folder.
    Init(init::Arguments),
    /// Print every setting with its meaning, as a configuration.
    DefaultConfig,
    /// Look whether a server could start with this configuration and what it names.
    CheckConfig,
    /// Serve until SIGTERM or SIGINT; calls under way are finished.
    Run,
    /// Check permit files and store them.
    Import(import::Arguments),
    /// List stored permits, or refused documents.
    List(permit::List),
    /// Show a stored permit: its state, documents and events.
    Show(permit::Number),
    /// Tell what happened to a permit: when, and by whom.
    History(permit::Number),
    /// Suspend a permit: it is not to be relied on for the time being.
    Suspend(life::Reasoned),
    /// Lift the suspension of a permit.
    Resume(life::Reasoned),
    /// Cancel a permit of which nothing has left.
    Cancel(life::Reasoned),
    /// Put another permit in the place of a permit.
    Replace(life::Replace),
    /// Record that a permit was lost or stolen.
    Lost(life::Reasoned),
    /// Record that a permit came back unused.
    Return(life::Reasoned),
    /// Replace the document of a permit by a corrected one under the same number.
    Reissue(life::Reissue),
    /// Declare the last confirmation of a permit void.
    Void(life::Void),
    /// The organisations that may call.
    Parties(parties::Arguments),
    /// The keys by which the authority's own systems and clerks call REST.
    Keys(keys::Arguments),
    /// What partners are told of permits, and how far each has been told.
    Events(events::Arguments),
    /// Look again at the signatures of what is kept.
    Reverify(sealed::Reverify),
    /// The record of who did what.
    Audit(audit::Arguments),
    /// Write everything that is stored into one file, while a server runs.
    Backup(copies::backup::Arguments),
    /// Put a store in place from a backup.
    Restore(copies::restore::Arguments),
    /// Copy a store to another place: from a file to a database, or back.
    CopyStore(copy_store::Arguments),
}

/// What a command came to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Outcome {
    Done,
    Refused,
}

/// Why a command could not do its work.
#[derive(Debug, thiserror::Error)]
enum CommandError {
    /// The configuration or the store stands in the way.
    #[error(transparent)]
    Start(#[from] StartError),
    /// The store failed.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// A file cannot be read or written.
    #[error("{} cannot be read or written", path.display())]
    File {
        /// Which file.
        path: PathBuf,
        /// Why.
        #[source]
        source: std::io::Error,
    },
    /// What there was to say could not be written; the work was done.
    #[error("the output cannot be written")]
    Output(#[source] std::io::Error),
    /// What was typed cannot be done.
    #[error("{0}")]
    Usage(String),
    /// A store was not copied.
    #[error(transparent)]
    Copy(#[from] CopyError),
    /// The work of the authority was not done.
    #[error(transparent)]
    Desk(#[from] DeskError),
    /// Any other cause.
    #[error(transparent)]
    Other(Box<dyn std::error::Error + Send + Sync>),
}

/// Does what was typed and gives the exit status.
pub fn run(arguments: Arguments) -> ExitCode {
    let result = actix_web::rt::System::new().block_on(perform(arguments));
    match result.and_then(|outcome| spoken::end().map(|()| outcome).map_err(CommandError::Output)) {
        Ok(Outcome::Done) => ExitCode::SUCCESS,
        Ok(Outcome::Refused) => ExitCode::from(1),
        Err(error) => {
            remark!("epix-server: {}", chain(&error));
            ExitCode::from(2)
        }
    }
}

async fn perform(arguments: Arguments) -> Result<Outcome, CommandError> {
    let config = &arguments.config;
    match arguments.verb {
        Verb::Init(arguments) => init::run(&arguments).await,
        Verb::DefaultConfig => {
            say_all!("{}", crate::config::template(None));
            Ok(Outcome::Done)
        }
        Verb::CheckConfig => Ok(check_config::run(config)),
        Verb::Run => serve(config).await,
        Verb::Import(arguments) => import::run(&Office::open(config).await?, &arguments).await,
        Verb::List(arguments) => permit::list(&Office::open(config).await?, &arguments).await,
        Verb::Show(arguments) => permit::show(&Office::open(config).await?, &arguments).await,
        Verb::History(arguments) => permit::history(&Office::open(config).await?, &arguments).await,
        Verb::Suspend(arguments) => life::suspend(&Office::open(config).await?, &arguments).await,
        Verb::Resume(arguments) => life::resume(&Office::open(config).await?, &arguments).await,
        Verb::Cancel(arguments) => life::cancel(&Office::open(config).await?, &arguments).await,
        Verb::Replace(arguments) => life::replace(&Office::open(config).await?, &arguments).await,
        Verb::Lost(arguments) => life::lost(&Office::open(config).await?, &arguments).await,
        Verb::Return(arguments) => life::give_back(&Office::open(config).await?, &arguments).await,
        Verb::Reissue(arguments) => life::reissue(&Office::open(config).await?, &arguments).await,
        Verb::Void(arguments) => life::void(&Office::open(config).await?, &arguments).await,
        Verb::Parties(arguments) => parties::run(&Office::open(config).await?, &arguments).await,
        Verb::Keys(arguments) => keys::run(&Office::open(config).await?, &arguments).await,
        Verb::Events(arguments) => events::run(&Office::open(config).await?, &arguments).await,
        Verb::Reverify(arguments) => sealed::reverify(&Office::open(config).await?, &arguments).await,
        Verb::Backup(arguments) => copies::backup::run(&Office::open(config).await?, &arguments).await,
        Verb::Restore(arguments) => copies::restore::run(config, &arguments).await,
        Verb::CopyStore(arguments) => copy_store::run(&arguments).await,
        Verb::Audit(arguments) => audit::run(&Office::open(config).await?, &arguments).await,
    }
}

async fn serve(config: &Path) -> Result<Outcome, CommandError> {
    let config = Config::load(config).map_err(StartError::Config)?;
    let gateway = Gateway::start(&config).await?;
    // The one line on standard output: whoever started the server learns from it where it listens.
    let addresses = serde_json::json!({
        "event": "listening",
        "exchange": gateway.exchange_address.to_string(),
        "admin": gateway.admin_address.to_string(),
        "proxy": gateway.proxy_address.map(|address| address.to_string()),
        "rest": gateway.rest_address.map(|address| address.to_string()),
    });
    say!("{addresses}");
    gateway.run().await?;
    Ok(Outcome::Done)
}

/// The store as an operator works on it.
struct Office {
    config: Config,
    store: Arc<dyn Store>,
    authorities: Vec<Authority>,
}

impl Office {
    async fn open(config: &Path) -> Result<Office, CommandError> {
        let config = Config::load(config).map_err(StartError::Config)?;
        let store = app::reach_store(&config).await?;
        let authorities = app::authorities(&config);
        Ok(Office { config, store, authorities })
    }

    /// The authority that is meant: the one that was named, or the only one.
    fn authority(&self, named: Option<&AuthorityId>) -> Result<&Authority, CommandError> {
        match (named, self.authorities.as_slice()) {
            (Some(id), all) => {
                let found = all.iter().find(|authority| authority.id == *id);
                found.ok_or_else(|| CommandError::Usage(format!("the configuration has no authority {id}")))
            }
            (None, [only]) => Ok(only),
            (None, _) => {
                Err(CommandError::Usage("several authorities are kept here: name one with --authority".into()))
            }
        }
    }

    /// The authority's own side of the gateway.
    fn desk(&self) -> Result<Desk, CommandError> {
        Ok(Desk::new(self.store.clone(), Arc::new(self.notary()?), Arc::new(self.config.policies.clone())))
    }

    /// What the operator does now for an authority.
    fn deed<'a>(&self, authority: &'a Authority) -> Deed<'a> {
        Deed { authority, audit: self.event(authority, "") }
    }

    /// Who signs, and whose signatures are trusted.
    fn notary(&self) -> Result<Notary, CommandError> {
        Notary::load(&self.config.signature).map_err(|error| StartError::Notary(error).into())
    }

    /// The authority that was named on the command line, or the only one.
    fn named_authority(&self, named: Option<&str>) -> Result<&Authority, CommandError> {
        let named = named.map(AuthorityId::parse).transpose();
        self.authority(named.map_err(|error| CommandError::Usage(error.to_string()))?.as_ref())
    }

    /// The audit line of an operator's command.
    fn event(&self, authority: &Authority, verb: &str) -> AuditEvent {
        operator_event(&authority.id, verb)
    }
}

/// The audit line of what an operator does to the books of an authority.
fn operator_event(authority: &AuthorityId, verb: &str) -> AuditEvent {
    let mut event = AuditEvent::new(authority.clone(), Utc::now(), app::request_id(), verb);
    let account = std::env::var("USER").or_else(|_| std::env::var("LOGNAME")).ok();
    event.actor = Actor { party: None, fingerprint: None, name: Some(account.unwrap_or("operator".into())) };
    event
}
