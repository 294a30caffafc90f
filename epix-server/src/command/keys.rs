//! `epix-server keys`: the keys by which the authority's own systems and clerks call REST.

use chrono::{DateTime, NaiveDate, NaiveTime, TimeDelta, Utc};
use clap::{Args, Subcommand};

use super::{CommandError, Office, Outcome};
use crate::app::StartError;
use crate::service::{TokenKey, new_key};
use crate::store::{Access, ApiKey, KeyId};

#[derive(Debug, Args)]
pub(super) struct Arguments {
    #[command(subcommand)]
    verb: Verb,
}

#[derive(Debug, Subcommand)]
enum Verb {
    /// Make a key and print it, once: only a hash of it is kept.
    Add(Add),
    /// List the keys of an authority, without their secrets.
    List(Whose),
    /// Revoke a key; it is refused at once.
    Revoke(Revoke),
}

#[derive(Debug, Args)]
struct Whose {
    /// The authority; needed where several are kept.
    #[arg(long)]
    authority: Option<String>,
}

#[derive(Debug, Args)]
struct Add {
    /// Who holds it, such as "the registry".
    name: String,
    /// What it may be used for: permits:read, permits:write, confirm, exchange, parties, audit; several by commas.
    #[arg(long, value_name = "SCOPE", value_delimiter = ',', required = true, value_parser = scope)]
    scope: Vec<Access>,
    /// The last day on which it is taken; a year from now when left out.
    #[arg(long, value_name = "DAY")]
    until: Option<NaiveDate>,
    #[command(flatten)]
    whose: Whose,
}

#[derive(Debug, Args)]
struct Revoke {
    /// The public half of the key, as `keys list` shows it.
    id: String,
    #[command(flatten)]
    whose: Whose,
}

fn scope(word: &str) -> Result<Access, String> {
    let words: Vec<&str> = Access::ALL.iter().map(|access| access.word()).collect();
    Access::named(word).ok_or_else(|| format!("there are {}", words.join(", ")))
}

/// How long a key is taken when nothing else is said: long enough to be forgotten is too long.
const USUAL: TimeDelta = TimeDelta::days(365);

pub(super) async fn run(office: &Office, arguments: &Arguments) -> Result<Outcome, CommandError> {
    match &arguments.verb {
        Verb::Add(arguments) => add(office, arguments).await,
        Verb::List(whose) => list(office, whose).await,
        Verb::Revoke(arguments) => revoke(office, arguments).await,
    }
}

async fn add(office: &Office, arguments: &Add) -> Result<Outcome, CommandError> {
    let authority = office.named_authority(arguments.whose.authority.as_deref())?;
    let name = arguments.name.trim();
    if name.is_empty() {
        return Err(CommandError::Usage("a key needs a name: who holds it".into()));
    }
    let created_at = Utc::now();
    let end = arguments.until.map_or(created_at + USUAL, behind);
    if end <= created_at {
        return Err(CommandError::Usage("the last day of the key is over already".into()));
    }
    let token_key = TokenKey::load(&office.config.store.token_key_file).map_err(StartError::TokenKey)?;
    let (id, hash, text) = new_key(&token_key).map_err(|error| CommandError::Other(Box::new(error)))?;
    let scopes = arguments.scope.iter().copied().collect();
    let (name, authority_id) = (name.to_owned(), authority.id.clone());
    let key =
        ApiKey { id, authority: authority_id, name, scopes, hash, created_at, expires_at: Some(end), revoked_at: None };
    let mut audit = office.event(authority, "keys-add");
    audit.detail.insert("key".to_owned(), told(&key));
    office.store.keep_key(key, audit).await?;
    say!("{text}");
    remark!("This is the only time that the key is shown; it is taken until {}.", end.format("%Y-%m-%d %H:%M UTC"));
    Ok(Outcome::Done)
}

/// The moment at which a day is over.
fn behind(day: NaiveDate) -> DateTime<Utc> {
    (day + TimeDelta::days(1)).and_time(NaiveTime::MIN).and_utc()
}

async fn list(office: &Office, whose: &Whose) -> Result<Outcome, CommandError> {
    let authority = office.named_authority(whose.authority.as_deref())?;
    let now = Utc::now();
    for key in office.store.keys(&authority.id).await? {
        let standing = match (key.revoked_at, key.expires_at) {
            (Some(at), _) => format!("revoked {}", at.format("%Y-%m-%d")),
            (None, Some(end)) if end <= now => format!("expired {}", end.format("%Y-%m-%d")),
            (None, Some(end)) => format!("until {}", end.format("%Y-%m-%d")),
            (None, None) => "without end".to_owned(),
        };
        say!("{}  {standing}", told(&key));
    }
    Ok(Outcome::Done)
}

async fn revoke(office: &Office, arguments: &Revoke) -> Result<Outcome, CommandError> {
    let authority = office.named_authority(arguments.whose.authority.as_deref())?;
    let id = KeyId::parse(&arguments.id)
        .ok_or_else(|| CommandError::Usage(format!("{} is no id of a key", arguments.id)))?;
    let found = office.store.key(&id).await?.filter(|key| key.authority == authority.id);
    let Some(key) = found else {
        say!("{} has no key {id}", authority.id);
        return Ok(Outcome::Refused);
    };
    if key.revoked_at.is_some() {
        say!("key {id} is revoked already");
        return Ok(Outcome::Done);
    }
    let mut audit = office.event(authority, "keys-revoke");
    audit.detail.insert("key".to_owned(), told(&key));
    let revoked_at = Some(audit.at);
    office.store.keep_key(ApiKey { revoked_at, ..key }, audit).await?;
    say!("key {id} is revoked");
    Ok(Outcome::Done)
}

/// A key without its secret.
fn told(key: &ApiKey) -> String {
    let scopes: Vec<&str> = key.scopes.iter().map(|scope| scope.word()).collect();
    format!("{}  {}  {}", key.id, key.name, scopes.join(","))
}
