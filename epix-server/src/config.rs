//! What the operator has set: the configuration file and the environment, checked when they are read.

mod environment;
mod error;
mod printed;
mod sections;
pub mod settings;

use std::collections::BTreeMap;
use std::path::Path;

use epix_core::check::policy::Policies;
use epix_core::policies;
use serde::Deserialize;
use toml::{Table, Value};

pub use environment::variable;
pub use error::ConfigError;
pub use printed::{Database, Owner, page, template};
pub use sections::{
    AdminSection, AuditSection, AuthoritySection, CertificateForm, ExchangeSection, Header, LEAST_YEARS, LateReports,
    LimitsSection, LogFormat, LogSection, PolicySection, ProxySection, QuotasSection, RestSection, SignatureSection,
    SignersSection, StoreSection,
};

/// More refused documents than this nobody looks through: 64 GiB.
const MOST_MEBIBYTES: u64 = 64 << 10;

/// The whole configuration.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Config {
    /// The authorities whose permits are kept here, at least one.
    #[serde(rename = "authority")]
    pub authorities: Vec<AuthoritySection>,
    /// Where permits are kept.
    pub store: StoreSection,
    /// The listener for partners.
    pub exchange: ExchangeSection,
    /// The listener for proxies that end TLS in front of this server.
    pub proxy: Option<ProxySection>,
    /// The listener for the authority's own systems and clerks.
    pub rest: Option<RestSection>,
    /// The listener for the operator's tools.
    #[serde(default)]
    pub admin: AdminSection,
    /// How much callers may ask.
    #[serde(default)]
    pub limits: LimitsSection,
    /// How much strangers can make the server write.
    #[serde(default)]
    pub quotas: QuotasSection,
    /// What is done about findings and losses.
    #[serde(default)]
    pub policy: PolicySection,
    /// Who signs, and whose signatures are trusted.
    #[serde(default)]
    pub signature: SignatureSection,
    /// What proves that the audit was not touched, and how long it is kept.
    #[serde(default)]
    pub audit: AuditSection,
    /// What is logged.
    #[serde(default)]
    pub log: LogSection,
    /// What the file of policies says; read with the configuration, so that a mistake in it keeps the server from starting.
    #[serde(skip)]
    pub policies: Policies,
    /// The environment variables that set something.
    #[serde(skip)]
    pub variables: Vec<String>,
}

impl Config {
    /// Reads and checks a configuration: the file, then what the environment says otherwise. Paths are relative to the
    /// folder of the file.
    ///
    /// # Errors
    /// [`ConfigError`] naming the file or variable, the place in it and what would be right.
    pub fn load(path: &Path) -> Result<Config, ConfigError> {
        Config::load_with(path, &environment::of_process()?)
    }

    fn load_with(path: &Path, variables: &BTreeMap<String, String>) -> Result<Config, ConfigError> {
        let text = read(path)?;
        let invalid = |source| ConfigError::Invalid { path: path.to_owned(), source: Box::new(source) };
        let folder = path.parent().unwrap_or(Path::new(""));
        let mut table: Table = toml::from_str(&text).map_err(invalid)?;
        let variables = environment::apply(&mut table, variables, folder)?;
        settings::resolve(&mut table, folder);
        let mut config = typed(table, &text).map_err(invalid)?;
        config.variables = variables;
        config.check().map_err(|reason| ConfigError::Setting { path: path.to_owned(), reason })?;
        if let Some(file) = &config.policy.file {
            config.policies = policies_in(file)?;
        }
        Ok(config)
    }

    fn check(&self) -> Result<(), String> {
        if self.authorities.is_empty() {
            return Err("at least one [[authority]] is needed".to_owned());
        }
        for (index, authority) in self.authorities.iter().enumerate() {
            if self.authorities[..index].iter().any(|other| other.id == authority.id) {
                return Err(format!("authority {} is there twice", authority.id));
            }
        }
        if self.store.path.is_none() && self.store.url.is_none() {
            return Err("store.path or store.url must say where permits are kept".to_owned());
        }
        if self.store.connections == 0 {
            return Err("store.connections must be at least 1".to_owned());
        }
        if self.limits.calls_per_minute == 0 || self.limits.misses_per_hour == 0 {
            return Err("limits.calls_per_minute and limits.misses_per_hour must be at least 1".to_owned());
        }
        let quotas = self.quotas;
        if quotas.lines_per_hour == 0 || quotas.refused_documents == 0 {
            return Err("quotas.lines_per_hour and quotas.refused_documents must be at least 1".to_owned());
        }
        if !(1..=MOST_MEBIBYTES).contains(&quotas.refused_mebibytes) {
            let found = quotas.refused_mebibytes;
            return Err(format!("quotas.refused_mebibytes must be from 1 to {MOST_MEBIBYTES}, not {found}"));
        }
        if self.proxy.as_ref().is_some_and(|proxy| proxy.from.is_empty()) {
            return Err("proxy.from must name the address of at least one proxy".to_owned());
        }
        if let Some(rest) = self.rest.as_ref().filter(|rest| !rest.tls && !rest.listen.ip().is_loopback()) {
            let found = rest.listen;
            return Err(format!("rest.listen must be a loopback address where rest.tls = false, not {found}"));
        }
        if self.audit.keep_years < LEAST_YEARS {
            let found = self.audit.keep_years;
            return Err(format!(
                "audit.keep_years must be at least {LEAST_YEARS}, not {found}: it can only be lengthened"
            ));
        }
        if self.audit.checkpoint_minutes == 0 {
            return Err("audit.checkpoint_minutes must be at least 1".to_owned());
        }
        if !self.admin.listen.ip().is_loopback() {
            let found = self.admin.listen;
            return Err(format!("admin.listen must be a loopback address such as 127.0.0.1:9443, not {found}"));
        }
        Ok(())
    }
}

/// The table as a configuration. A mistake that stands in the file is told with its line, which the table has lost.
fn typed(table: Table, text: &str) -> Result<Config, toml::de::Error> {
    Value::Table(table).try_into().map_err(|error: toml::de::Error| match toml::from_str::<Config>(text) {
        Err(placed) if placed.message() == error.message() => placed,
        _ => error,
    })
}

/// Reads a file of policies.
///
/// # Errors
/// [`ConfigError`] naming the file and the place in it.
pub fn policies_in(file: &Path) -> Result<Policies, ConfigError> {
    policies::read(&read(file)?).map_err(|source| ConfigError::Policies { path: file.to_owned(), source })
}

fn read(path: &Path) -> Result<String, ConfigError> {
    std::fs::read_to_string(path).map_err(|source| ConfigError::Unreadable { path: path.to_owned(), source })
}

#[cfg(test)]
mod tests;
