//! What each section of the configuration holds, as types; [`super::settings`] says the same for people.

use std::collections::BTreeMap;
use std::net::{IpAddr, SocketAddr};
use std::path::PathBuf;

use actix_web::http::header::HeaderName;
use epix_core::id::{AuthorityId, Country, Fingerprint};
use epix_core::receive::Requirement;
use serde::Deserialize;

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
    /// The SQLite file; set unless there is a URL.
    pub path: Option<PathBuf>,
    /// The PostgreSQL database that stands in its place.
    pub url: Option<String>,
    /// The file with the password for it on the first line.
    pub password_file: Option<PathBuf>,
    /// PEM file with the roots under which the certificate of its server is trusted.
    pub ca: Option<PathBuf>,
    /// How many connections to it are kept for reading.
    #[serde(default = "connections")]
    pub connections: usize,
    /// How many mebibytes of permits and documents are remembered.
    #[serde(default = "memory_mib")]
    pub memory_mib: usize,
    /// The file with the key under which security tokens are hashed.
    pub token_key_file: PathBuf,
}

/// Enough for two busy processors, and few enough for a dozen servers on one database as Debian sets it up (100 connections).
fn connections() -> usize {
    8
}

/// Some ten thousand permits with their newest documents, on a machine of a few gibibytes.
fn memory_mib() -> usize {
    128
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

/// The listener for the authority's own systems and clerks, and for partners by certificate: REST.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RestSection {
    /// Address and port; port 0 takes a free one.
    pub listen: SocketAddr,
    /// TLS with the files of `[exchange]`, a client certificate asked for and not required; without it on loopback only.
    #[serde(default = "with_tls")]
    pub tls: bool,
    /// Is REST answered on the listener of `[proxy]` too?
    #[serde(default)]
    pub proxied: bool,
}

fn with_tls() -> bool {
    true
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

/// How much strangers can make a store write, for each authority.
#[derive(Debug, Clone, Copy, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct QuotasSection {
    /// Audit lines of unregistered callers in an hour; more are counted.
    pub lines_per_hour: u64,
    /// Refused documents that are kept; the oldest go.
    pub refused_documents: u64,
    /// Mebibytes of refused documents that are kept; the oldest go.
    pub refused_mebibytes: u64,
}

impl Default for QuotasSection {
    fn default() -> QuotasSection {
        QuotasSection { lines_per_hour: 600, refused_documents: 1_000, refused_mebibytes: 64 }
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
#[derive(Debug, Clone, Default, Deserialize)]
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

impl SignatureSection {
    /// Every file that it names.
    pub fn files(&self) -> impl Iterator<Item = &PathBuf> {
        let single = [&self.key, &self.certificate, &self.chain, &self.passphrase_file, &self.algorithms];
        single.into_iter().flatten().chain(&self.trust).chain(&self.crl).chain(&self.tsa)
    }
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

/// What proves that the audit was not touched, and how long it is kept.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct AuditSection {
    /// The key that signs checkpoints.
    pub checkpoint_key: PathBuf,
    /// The folder in which checkpoints are kept.
    pub checkpoints: PathBuf,
    /// How often one is made.
    pub checkpoint_minutes: u32,
    /// Public keys that signed before.
    pub former_keys: Vec<PathBuf>,
    /// How long lines are kept behind the expiry of their permit.
    pub keep_years: u32,
}

impl Default for AuditSection {
    fn default() -> AuditSection {
        AuditSection {
            checkpoint_key: "checkpoint.key".into(),
            checkpoints: "checkpoints".into(),
            checkpoint_minutes: 60,
            former_keys: Vec::new(),
            keep_years: LEAST_YEARS,
        }
    }
}

/// Decisions 18.125 to 18.128 ask for five years behind the expiry of a permit; more may be set, and not less.
pub const LEAST_YEARS: u32 = 5;

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
