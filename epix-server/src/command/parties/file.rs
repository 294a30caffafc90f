//! The file that declares the parties of an authority: what may stand in it, and what it means.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use chrono::{DateTime, NaiveDate, Utc};
use epix_client::{Endpoint, PROFILES, Profile, STANDARD};
use epix_core::id::{AuthorityId, Country, Fingerprint, Operation, PartyId, Sha256Digest};
use epix_core::receive::Requirement;
use epix_core::version::ToolkitVersion;
use openssl::asn1::{Asn1Time, Asn1TimeRef};
use serde::Deserialize;

use super::CommandError;
use crate::store::{Availability, EndpointEntry, Grant, Party, Role, Term, Terms, Webhook};
use crate::tls;

/// A secret that is shorter could be guessed.
const SHORTEST_SECRET: usize = 32;

/// Every party of one authority.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Register {
    pub(super) authority: Option<AuthorityId>,
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
    #[serde(default)]
    blanket: bool,
    #[serde(default)]
    grants: Vec<Grant>,
    #[serde(default)]
    partial_use: bool,
    #[serde(default)]
    availability: Availability,
    toolkit: Option<ToolkitVersion>,
    policy: Option<String>,
    #[serde(default)]
    signature: Requirement,
    endpoint: Option<EndpointEntry>,
    webhook: Option<Webhook>,
    calls_per_minute: Option<u32>,
}

/// A certificate by its file or by its fingerprint, and from when until when it is taken.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct CertificateEntry {
    file: Option<PathBuf>,
    sha256: Option<Sha256Digest>,
    from: Option<NaiveDate>,
    until: Option<NaiveDate>,
}

impl Register {
    pub(super) fn load(path: &Path) -> Result<Register, CommandError> {
        let text =
            std::fs::read_to_string(path).map_err(|source| CommandError::File { path: path.to_owned(), source })?;
        toml::from_str(&text).map_err(|error| CommandError::Usage(format!("{}: {error}", path.display())))
    }

    /// The parties as they are kept; files that they name are looked for from a folder, and must be there.
    pub(super) fn into_parties(self, folder: &Path) -> Result<Vec<Party>, CommandError> {
        // What is kept must mean the same to a server that runs elsewhere.
        let here = std::env::current_dir();
        let folder = here.map_err(|source| CommandError::File { path: folder.to_owned(), source })?.join(folder);
        self.parties.into_iter().map(|entry| party(entry, &folder)).collect()
    }
}

fn party(entry: PartyEntry, folder: &Path) -> Result<Party, CommandError> {
    let wrong = |reason: String| CommandError::Usage(format!("party {}: {reason}", entry.id));
    let mut certificates = BTreeMap::new();
    for certificate in &entry.certificates {
        let (fingerprint, term) = certificate.read(folder).map_err(|reason| reason.of(&entry.id))?;
        if certificates.insert(fingerprint, term).is_some() {
            return Err(wrong(format!("certificate {fingerprint} stands there twice")));
        }
    }
    if let Some(grant) = entry.grants.iter().find(|grant| grant.permits.is_empty() && grant.destinations.is_empty()) {
        let reason = &grant.reason;
        return Err(wrong(format!(
            "the grant {reason:?} names neither permits nor destinations; for all there is blanket"
        )));
    }
    if entry.calls_per_minute == Some(0) {
        return Err(wrong("calls_per_minute must be at least 1; to shut it out there is suspended".to_owned()));
    }
    let endpoint = entry.endpoint.map(|endpoint| checked_endpoint(endpoint, folder)).transpose();
    let webhook = entry.webhook.map(|webhook| checked_webhook(webhook, folder)).transpose();
    let terms = Terms {
        blanket: entry.blanket,
        grants: entry.grants,
        partial_use: entry.partial_use,
        availability: entry.availability,
        toolkit: entry.toolkit,
        policy: entry.policy,
        signature: entry.signature,
        endpoint: endpoint.map_err(|reason| reason.of(&entry.id))?,
        webhook: webhook.map_err(|reason| reason.of(&entry.id))?,
        calls_per_minute: entry.calls_per_minute,
    };
    let PartyEntry { id, name, country, roles, operations, suspended, .. } = entry;
    Ok(Party { id, name, country, roles, certificates, operations, suspended, terms })
}

/// Why an entry cannot be taken; whose entry it is, is said by the caller.
enum Wrong {
    Said(String),
    Other(Box<dyn std::error::Error + Send + Sync>),
}

impl Wrong {
    fn of(self, party: &PartyId) -> CommandError {
        match self {
            Wrong::Said(reason) => CommandError::Usage(format!("party {party}: {reason}")),
            Wrong::Other(error) => CommandError::Other(error),
        }
    }
}

impl From<tls::TlsError> for Wrong {
    fn from(error: tls::TlsError) -> Wrong {
        Wrong::Other(Box::new(error))
    }
}

impl From<openssl::error::ErrorStack> for Wrong {
    fn from(error: openssl::error::ErrorStack) -> Wrong {
        Wrong::Other(Box::new(error))
    }
}

impl CertificateEntry {
    fn read(&self, folder: &Path) -> Result<(Fingerprint, Term), Wrong> {
        let term = Term { from: self.from, until: self.until, expires: None };
        if self.from.zip(self.until).is_some_and(|(from, until)| until < from) {
            return Err(Wrong::Said("a certificate is taken until a day that is before its first".to_owned()));
        }
        match (&self.file, self.sha256) {
            (None, Some(fingerprint)) => Ok((fingerprint, term)),
            (Some(file), None) => {
                // A file may hold the chain behind the certificate; the first one is the party's own.
                let certificates = tls::certificates("the certificate", &folder.join(file))?;
                let fingerprint = Sha256Digest::of(&certificates[0].to_der()?);
                Ok((fingerprint, Term { expires: Some(moment(certificates[0].not_after())?), ..term }))
            }
            _ => Err(Wrong::Said("a certificate is given by file or by sha256, and not by both".to_owned())),
        }
    }
}

/// A time of a certificate as ours.
fn moment(time: &Asn1TimeRef) -> Result<DateTime<Utc>, Wrong> {
    let since = Asn1Time::from_unix(0)?.diff(time)?;
    let seconds = i64::from(since.days) * 86_400 + i64::from(since.secs);
    DateTime::from_timestamp(seconds, 0).ok_or_else(|| Wrong::Said(format!("{time} is no time")))
}

fn checked_endpoint(mut endpoint: EndpointEntry, folder: &Path) -> Result<EndpointEntry, Wrong> {
    Endpoint::parse(&endpoint.url).map_err(|error| Wrong::Said(format!("endpoint.url: {error}")))?;
    if !(1..=EndpointEntry::LONGEST).contains(&endpoint.timeout) {
        return Err(Wrong::Said(format!("endpoint.timeout must be 1 to {} seconds", EndpointEntry::LONGEST)));
    }
    if endpoint.retries > EndpointEntry::MOST_RETRIES {
        return Err(Wrong::Said(format!("endpoint.retries must be 0 to {}", EndpointEntry::MOST_RETRIES)));
    }
    if endpoint.certificate.is_some() != endpoint.key.is_some() {
        return Err(Wrong::Said("endpoint.certificate and endpoint.key come together".to_owned()));
    }
    check_profile(&endpoint)?;
    endpoint.login = endpoint.login.map(|login| folder.join(login));
    if let Some(login) = endpoint.login.as_ref().filter(|login| !login.is_file()) {
        return Err(Wrong::Said(format!("endpoint.login: there is no file {}", login.display())));
    }
    endpoint.ca = folder.join(&endpoint.ca);
    tls::certificates("the roots of the endpoint", &endpoint.ca)?;
    if let Some(certificate) = &mut endpoint.certificate {
        *certificate = folder.join(&certificate);
        tls::certificates("the certificate for the endpoint", certificate)?;
    }
    endpoint.key = endpoint.key.map(|key| folder.join(key));
    if let Some(key) = endpoint.key.as_ref().filter(|key| !key.is_file()) {
        return Err(Wrong::Said(format!("endpoint.key: there is no file {}", key.display())));
    }
    Ok(endpoint)
}

fn check_profile(endpoint: &EndpointEntry) -> Result<(), Wrong> {
    let name = endpoint.profile.as_deref().unwrap_or(STANDARD.name);
    let known: Vec<_> = PROFILES.iter().map(|profile| profile.name).collect();
    let unknown = || Wrong::Said(format!("endpoint.profile: there is no {name:?}; there are {}", known.join(", ")));
    let profile = Profile::named(name).ok_or_else(unknown)?;
    match (profile.needs_login, &endpoint.login) {
        (true, None) => Err(Wrong::Said(format!("endpoint.login is missing: the profile {name} asks for one"))),
        (false, Some(_)) => Err(Wrong::Said(format!("endpoint.login: the profile {name} takes none"))),
        _ => Ok(()),
    }
}

fn checked_webhook(mut webhook: Webhook, folder: &Path) -> Result<Webhook, Wrong> {
    Endpoint::parse(&webhook.url).map_err(|error| Wrong::Said(format!("webhook.url: {error}")))?;
    webhook.ca = folder.join(&webhook.ca);
    webhook.secret = folder.join(&webhook.secret);
    tls::certificates("the roots of the webhook", &webhook.ca)?;
    let secret = std::fs::read_to_string(&webhook.secret)
        .map_err(|error| Wrong::Said(format!("webhook.secret {}: {error}", webhook.secret.display())))?;
    if secret.trim().len() < SHORTEST_SECRET {
        return Err(Wrong::Said(format!("webhook.secret must have at least {SHORTEST_SECRET} characters")));
    }
    Ok(webhook)
}
