//! What the operator has set: the configuration file, checked when it is read.

use std::collections::BTreeMap;
use std::net::{IpAddr, SocketAddr};
use std::path::{Path, PathBuf};

use actix_web::http::header::HeaderName;
use epix_core::check::policy::Policies;
use epix_core::id::{AuthorityId, Country, Fingerprint};
use epix_core::policies::{self, PolicyError};
use epix_core::receive::Requirement;
use serde::Deserialize;

/// The configuration that `init` writes; every setting with its meaning.
pub const TEMPLATE: &str = include_str!("config/epix-server.toml");

/// Why a configuration cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum ConfigError {
    /// The file cannot be read.
    #[error("the configuration {} cannot be read", path.display())]
    Unreadable {
        /// Which file.
        path: PathBuf,
        /// Why.
        #[source]
        source: std::io::Error,
    },
    /// The file is no configuration.
    #[error("the configuration {} is wrong", path.display())]
    Invalid {
        /// Which file.
        path: PathBuf,
        /// Where and why.
        #[source]
        source: Box<toml::de::Error>,
    },
    /// The file of policies tells none.
    #[error("the policies in {} cannot be used", path.display())]
    Policies {
        /// Which file.
        path: PathBuf,
        /// Where and why.
        #[source]
        source: PolicyError,
    },
    /// A setting has a value that cannot be.
    #[error("the configuration {}: {reason}", path.display())]
    Setting {
        /// Which file.
        path: PathBuf,
        /// What is wrong and what would be right.
        reason: String,
    },
}

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
    /// The listener for the operator's tools.
    #[serde(default)]
    pub admin: AdminSection,
    /// How much callers may ask.
    #[serde(default)]
    pub limits: LimitsSection,
    /// What is done about findings and losses.
    #[serde(default)]
    pub policy: PolicySection,
    /// Who signs, and whose signatures are trusted.
    #[serde(default)]
    pub signature: SignatureSection,
    /// What is logged.
    #[serde(default)]
    pub log: LogSection,
    /// What the file of policies says; read with the configuration, so that a mistake in it keeps the server from starting.
    #[serde(skip)]
    pub policies: Policies,
}

/// An authority whose permits are kept here.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct AuthoritySection {
    /// Its id in this store.
    pub id: AuthorityId,
    /// Its country, under which partners ask.
    pub country: Country,
    /// Its name.
    pub name: String,
    /// Permits whose name in box 1 holds one of these words may be used in parts.
    #[serde(default = "multi_use_certificates")]
    pub partial_use: Vec<String>,
    /// Whether confirmations are taken after the last day of validity.
    #[serde(default)]
    pub late_reports: LateReports,
}

/// The certificates of Res. Conf. 12.3 that are used more than once, by the words of their titles (ours).
fn multi_use_certificates() -> Vec<String> {
    ["travelling exhibition", "personal ownership", "musical instrument", "sample collection"].map(str::to_owned).into()
}

/// What becomes of a confirmation after the last day of validity.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum LateReports {
    /// It is taken and marked.
    #[default]
    Taken,
    /// It is refused.
    Refused,
}

/// Where permits are kept.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct StoreSection {
    /// The SQLite file.
    pub path: PathBuf,
    /// The file with the key under which security tokens are hashed.
    pub token_key_file: PathBuf,
}

/// The listener for partners.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ExchangeSection {
    /// Address and port; port 0 takes a free one.
    pub listen: SocketAddr,
    /// PEM file with the server's certificate, then its chain.
    pub certificate: PathBuf,
    /// PEM file with the server's key.
    pub key: PathBuf,
    /// PEM file with the roots under which callers' certificates are trusted.
    pub client_ca: PathBuf,
    /// PEM files with lists of certificates that their issuers have revoked.
    #[serde(default)]
    pub crl: Vec<PathBuf>,
    /// The address that partners use, for the service description; without it, the one under which it was asked for.
    pub public_url: Option<String>,
    /// True to answer the hub's dialect as the public hub of 2017 did, mistakes included.
    #[serde(default)]
    pub hub_as_was: bool,
}

/// The listener for proxies that end TLS in front of this server.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ProxySection {
    /// Address and port, without TLS: for loopback or a network of the proxy's own; port 0 takes a free one.
    pub listen: SocketAddr,
    /// The addresses of the proxies; what others send is not believed.
    pub from: Vec<IpAddr>,
    /// The header in which they name the caller's certificate.
    #[serde(default)]
    pub header: Header,
    /// How the certificate is written in it.
    #[serde(default)]
    pub form: CertificateForm,
}

/// The name of an HTTP header.
#[derive(Debug, Clone, Deserialize)]
#[serde(try_from = "String")]
pub struct Header(pub HeaderName);

impl Default for Header {
    fn default() -> Header {
        Header(HeaderName::from_static("client-cert"))
    }
}

impl TryFrom<String> for Header {
    type Error = String;

    fn try_from(text: String) -> Result<Header, String> {
        HeaderName::try_from(&text).map(Header).map_err(|_| format!("{text:?} is no name of an HTTP header"))
    }
}

/// How a proxy writes a certificate in a header.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum CertificateForm {
    /// RFC 9440: the DER bytes in base64 between colons.
    #[default]
    Rfc9440,
    /// PEM, percent-encoded, as nginx writes `$ssl_client_escaped_cert`.
    EscapedPem,
}

/// How much callers may ask.
#[derive(Debug, Clone, Copy, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct LimitsSection {
    /// Calls of one certificate in a minute, where the register says nothing else.
    pub calls_per_minute: u32,
    /// Calls of one certificate in an hour that name no permit which it may use; then it is slowed and an alarm is raised.
    pub misses_per_hour: u32,
}

impl Default for LimitsSection {
    fn default() -> LimitsSection {
        LimitsSection { calls_per_minute: 6_000, misses_per_hour: 120 }
    }
}

/// The listener for the operator's tools.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct AdminSection {
    /// A loopback address and port; port 0 takes a free one.
    pub listen: SocketAddr,
}

impl Default for AdminSection {
    fn default() -> AdminSection {
        AdminSection { listen: SocketAddr::from(([127, 0, 0, 1], 9443)) }
    }
}

/// What is done about findings and losses.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PolicySection {
    /// The file of policies; without it errors are refused, warnings told, losses refused.
    pub file: Option<PathBuf>,
}

/// Who signs, and whose signatures are trusted.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct SignatureSection {
    /// The key that signs what is issued: PEM or PKCS#12; without it nothing is signed here.
    pub key: Option<PathBuf>,
    /// PEM file with its certificate; not needed with PKCS#12.
    pub certificate: Option<PathBuf>,
    /// PEM file with the certificates above it.
    pub chain: Option<PathBuf>,
    /// The file with the passphrase of the key on its first line.
    pub passphrase_file: Option<PathBuf>,
    /// PEM files with the roots under which signers are trusted; without them no signature is.
    pub trust: Vec<PathBuf>,
    /// Revocation lists; with one, each certificate of a chain needs one.
    pub crl: Vec<PathBuf>,
    /// PEM files with the roots of time-stamping authorities.
    pub tsa: Vec<PathBuf>,
    /// The file that says which algorithms are retired.
    pub algorithms: Option<PathBuf>,
    /// Whether what is received has to be signed.
    pub require: Requirement,
    /// What differs for permits of a country.
    pub country: BTreeMap<Country, SignersSection>,
}

/// Who signs for a country.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct SignersSection {
    /// Whether its permits have to be signed; as for all where nothing is said.
    pub require: Option<Requirement>,
    /// SHA-256 of the certificates that sign for it; empty: every trusted certificate that names the country.
    pub signers: Vec<Fingerprint>,
}

impl SignatureSection {
    fn paths(&mut self) -> impl Iterator<Item = &mut PathBuf> {
        let single = [&mut self.key, &mut self.certificate, &mut self.chain, &mut self.passphrase_file];
        let many = self.trust.iter_mut().chain(&mut self.crl).chain(&mut self.tsa);
        single.into_iter().flatten().chain(many).chain(&mut self.algorithms)
    }
}

/// What is logged.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct LogSection {
    /// For people or for programs.
    pub format: LogFormat,
    /// `error`, `warn`, `info`, `debug` or `trace`, or a filter such as `info,epix_server=debug`.
    pub level: String,
}

impl Default for LogSection {
    fn default() -> LogSection {
        LogSection { format: LogFormat::Human, level: "info".to_owned() }
    }
}

/// For whom logs are written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum LogFormat {
    /// Lines for people.
    Human,
    /// One JSON object a line.
    Json,
}

impl Config {
    /// Reads and checks a configuration; paths in it are relative to its folder.
    ///
    /// # Errors
    /// [`ConfigError`] naming the file, the place in it and what would be right.
    pub fn load(path: &Path) -> Result<Config, ConfigError> {
        let text = read(path)?;
        let mut config: Config = toml::from_str(&text)
            .map_err(|source| ConfigError::Invalid { path: path.to_owned(), source: Box::new(source) })?;
        config.check().map_err(|reason| ConfigError::Setting { path: path.to_owned(), reason })?;
        config.resolve(path.parent().unwrap_or(Path::new("")));
        if let Some(file) = &config.policy.file {
            let wrong = |source| ConfigError::Policies { path: file.clone(), source };
            config.policies = policies::read(&read(file)?).map_err(wrong)?;
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
        if self.limits.calls_per_minute == 0 || self.limits.misses_per_hour == 0 {
            return Err("limits.calls_per_minute and limits.misses_per_hour must be at least 1".to_owned());
        }
        if self.proxy.as_ref().is_some_and(|proxy| proxy.from.is_empty()) {
            return Err("proxy.from must name the address of at least one proxy".to_owned());
        }
        if !self.admin.listen.ip().is_loopback() {
            let found = self.admin.listen;
            return Err(format!("admin.listen must be a loopback address such as 127.0.0.1:9443, not {found}"));
        }
        Ok(())
    }

    fn resolve(&mut self, folder: &Path) {
        let exchange = &mut self.exchange;
        let paths = [
            &mut self.store.path,
            &mut self.store.token_key_file,
            &mut exchange.certificate,
            &mut exchange.key,
            &mut exchange.client_ca,
        ];
        for path in
            paths.into_iter().chain(&mut self.policy.file).chain(self.signature.paths()).chain(&mut exchange.crl)
        {
            *path = folder.join(&path);
        }
    }
}

fn read(path: &Path) -> Result<String, ConfigError> {
    std::fs::read_to_string(path).map_err(|source| ConfigError::Unreadable { path: path.to_owned(), source })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn load(text: &str) -> Result<Config, ConfigError> {
        load_beside(text, "")
    }

    /// Loads a configuration that has a file `policies.toml` beside it.
    fn load_beside(text: &str, policies: &str) -> Result<Config, ConfigError> {
        let folder = tempfile::tempdir().unwrap();
        std::fs::write(folder.path().join("policies.toml"), policies).unwrap();
        let path = folder.path().join("epix-server.toml");
        std::fs::write(&path, text).unwrap();
        Config::load(&path)
    }

    #[test]
    fn the_template_is_a_configuration() {
        let config = load(TEMPLATE).unwrap();

        assert_eq!(config.authorities[0].id.as_str(), "XA");
        assert!(config.store.path.is_absolute());
    }

    #[test]
    fn policies_are_read_with_the_configuration() {
        let text = format!("{TEMPLATE}\n[policy]\nfile = \"policies.toml\"\n");

        let good = load_beside(&text, "[partner.XB-MA]\nerrors = \"warn\"").unwrap();
        let bad = load_beside(&text, "[rules]\n\"EPIX-NONE-01\" = \"warn\"").unwrap_err();

        assert!(good.policies.of("XB-MA").errors.is_some() && good.policies.of("XC-MA").errors.is_none());
        let place = std::error::Error::source(&bad).map(ToString::to_string).unwrap_or_default();
        assert!(place.starts_with("line 2, column 1, key rules.EPIX-NONE-01: no rule is called"), "{place}");
    }

    #[test]
    fn a_wrong_setting_is_named() {
        for (from, to, expected) in [
            ("127.0.0.1:9443", "0.0.0.0:9443", "loopback"),
            ("country = \"XA\"", "country = \"XAX\"", "country code"),
            ("level = \"info\"", "levle = \"info\"", "levle"),
            ("# misses_per_hour = 120", "misses_per_hour = 0", "at least 1"),
        ] {
            let error = load(&TEMPLATE.replace(from, to)).unwrap_err();
            let chain =
                format!("{error}: {}", std::error::Error::source(&error).map(ToString::to_string).unwrap_or_default());
            assert!(chain.contains(expected), "{chain}");
        }
    }
}
