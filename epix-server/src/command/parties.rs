//! `epix-server parties`: the register of organisations that may call, declared in a file.

use std::collections::{BTreeMap, BTreeSet};
use std::io::{IsTerminal as _, Write as _};
use std::path::{Path, PathBuf};

use clap::{Args, Subcommand};
use epix_core::id::{AuthorityId, Country, Fingerprint, Operation, PartyId, Sha256Digest};
use serde::Deserialize;

use super::{CommandError, Office, Outcome};
use crate::store::{Party, Role};
use crate::tls;

#[derive(Debug, Args)]
pub(super) struct Arguments {
    #[command(subcommand)]
    verb: Verb,
}

#[derive(Debug, Subcommand)]
enum Verb {
    /// Show how a file differs from the register, and make the register equal to it.
    Apply(Apply),
    /// List the register.
    List {
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

/// The file: every party of one authority.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Register {
    authority: Option<AuthorityId>,
    #[serde(rename = "party", default)]
    parties: Vec<PartyEntry>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct PartyEntry {
    id: PartyId,
    name: String,
    country: Country,
    roles: BTreeSet<Role>,
    #[serde(default)]
    certificates: Vec<CertificateEntry>,
    operations: Option<BTreeSet<Operation>>,
    #[serde(default)]
    suspended: bool,
}

/// A certificate by its file or by its fingerprint.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "lowercase")]
enum CertificateEntry {
    File(PathBuf),
    Sha256(Sha256Digest),
}

pub(super) async fn run(office: &Office, arguments: &Arguments) -> Result<Outcome, CommandError> {
    match &arguments.verb {
        Verb::Apply(arguments) => apply(office, arguments).await,
        Verb::List { authority } => list(office, authority.as_deref()).await,
    }
}

async fn list(office: &Office, authority: Option<&str>) -> Result<Outcome, CommandError> {
    let named = authority.map(AuthorityId::parse).transpose();
    let named = named.map_err(|error| CommandError::Usage(error.to_string()))?;
    let authority = office.authority(named.as_ref())?;
    for party in office.store.parties(&authority.id).await? {
        print!("{}", told(&party, ""));
    }
    Ok(Outcome::Done)
}

async fn apply(office: &Office, arguments: &Apply) -> Result<Outcome, CommandError> {
    let register = load(&arguments.file)?;
    let authority = office.authority(register.authority.as_ref())?;
    let folder = arguments.file.parent().unwrap_or(Path::new(""));
    let wanted: Result<Vec<_>, _> = register.parties.into_iter().map(|entry| party(entry, folder)).collect();
    let wanted = wanted?;
    let present = office.store.parties(&authority.id).await?;
    let difference = difference(&present, &wanted);
    if difference.is_empty() {
        println!("the register of {} is as declared: nothing to change", authority.id);
        return Ok(Outcome::Done);
    }
    print!("{difference}");
    if arguments.dry_run {
        println!("nothing was changed (--dry-run)");
        return Ok(Outcome::Done);
    }
    if !arguments.yes && !agreed()? {
        println!("nothing was changed");
        return Ok(Outcome::Refused);
    }
    let mut audit = office.event(authority, "parties-apply");
    audit.detail.insert("parties".to_owned(), wanted.len().to_string());
    office.store.apply_parties(wanted, audit).await?;
    println!("the register of {} is changed", authority.id);
    Ok(Outcome::Done)
}

fn load(path: &Path) -> Result<Register, CommandError> {
    let text = std::fs::read_to_string(path).map_err(|source| CommandError::File { path: path.to_owned(), source })?;
    toml::from_str(&text).map_err(|error| CommandError::Usage(format!("{}: {error}", path.display())))
}

fn party(entry: PartyEntry, folder: &Path) -> Result<Party, CommandError> {
    let mut certificates = BTreeSet::new();
    for certificate in &entry.certificates {
        certificates.insert(fingerprint(certificate, folder)?);
    }
    let PartyEntry { id, name, country, roles, operations, suspended, .. } = entry;
    Ok(Party { id, name, country, roles, certificates, operations, suspended })
}

fn fingerprint(entry: &CertificateEntry, folder: &Path) -> Result<Fingerprint, CommandError> {
    let path = match entry {
        CertificateEntry::Sha256(digest) => return Ok(*digest),
        CertificateEntry::File(path) => folder.join(path),
    };
    let other = |error: tls::TlsError| CommandError::Other(Box::new(error));
    // A file may hold the chain behind the certificate; the first one is the party's own.
    let certificates = tls::certificates("the certificate", &path).map_err(other)?;
    let der = certificates[0].to_der().map_err(|error| CommandError::Other(Box::new(error)))?;
    Ok(Sha256Digest::of(&der))
}

/// What applying would change, party by party; empty when nothing.
fn difference(present: &[Party], wanted: &[Party]) -> String {
    let by_id = |parties: &[Party]| -> BTreeMap<PartyId, Party> {
        parties.iter().map(|party| (party.id.clone(), party.clone())).collect()
    };
    let (present, wanted) = (by_id(present), by_id(wanted));
    let mut text = String::new();
    for (id, party) in &present {
        match wanted.get(id) {
            None => text.push_str(&told(party, "- ")),
            Some(other) if other != party => {
                text.push_str(&told(party, "- "));
                text.push_str(&told(other, "+ "));
            }
            Some(_) => {}
        }
    }
    for (_, party) in wanted.iter().filter(|(id, _)| !present.contains_key(id)) {
        text.push_str(&told(party, "+ "));
    }
    text
}

fn told(party: &Party, mark: &str) -> String {
    let words = |values: Vec<String>| if values.is_empty() { "none".to_owned() } else { values.join(", ") };
    let named = |value: Result<serde_json::Value, serde_json::Error>| {
        value.ok().and_then(|value| value.as_str().map(str::to_owned)).unwrap_or_default()
    };
    let roles = words(party.roles.iter().map(|role| named(serde_json::to_value(role))).collect());
    let operations = party.operations.as_ref().map_or("by role".to_owned(), |operations| {
        words(operations.iter().map(|operation| named(serde_json::to_value(operation))).collect())
    });
    let suspended = if party.suspended { ", suspended" } else { "" };
    let mut text = format!("{mark}{} {} ({}){suspended}\n", party.id, party.name, party.country);
    text.push_str(&format!("{mark}    roles {roles}; operations {operations}\n"));
    for certificate in &party.certificates {
        text.push_str(&format!("{mark}    certificate sha256 {certificate}\n"));
    }
    text
}

fn agreed() -> Result<bool, CommandError> {
    if !std::io::stdin().is_terminal() {
        return Err(CommandError::Usage("there is nobody to ask: say --yes or --dry-run".into()));
    }
    print!("Apply? [y/N] ");
    let terminal = |source| CommandError::File { path: PathBuf::from("the terminal"), source };
    std::io::stdout().flush().map_err(terminal)?;
    let mut answer = String::new();
    std::io::stdin().read_line(&mut answer).map_err(terminal)?;
    Ok(matches!(answer.trim(), "y" | "Y" | "yes"))
}
