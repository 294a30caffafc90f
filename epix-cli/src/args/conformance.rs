//! Which service is tried out, and what is it given?

use std::path::PathBuf;

use clap::Args as Options;

use super::{DialectArg, ReportFormat};

const URL: &str = "The whole address of the service, such as https://epix.example.org:8443/epix";

/// `conformance`.
#[derive(Debug, Options)]
#[command(after_help = "\
The cases are graded: E1 state, E2 and E3 reading in version 2 and 1, E4 tokens, E5 faults, E6 confirming, \
E7 the final permit, E8 attachments, E9 calls for other countries, E10 certificates. A case is asked when \
its inputs are given, else it is skipped and says which it needs. Only --confirm changes anything at the \
service: that permit is final afterwards. The certificate of --cert should be one of the issuing side, \
because only that makes a permit final. No case is passed over in silence; each says what it rests on.

The exit status is 0 when no case fails, 1 when one does, 2 when none could be asked.

Examples, with CERT for --cert FILE --key FILE --ca FILE:
  epix conformance https://epix.example.org/epix --country XA --number XA-2026-0001 CERT
  epix conformance https://epix.example.org/epix --country XA --confirm XA-2026-0002 --only E6 --only E7 CERT
  epix conformance https://epix.example.org/epix --country XA --format junit CERT > report.xml")]
pub struct ConformanceArgs {
    /// The whole address of the service.
    #[arg(value_name = "URL", help = URL)]
    pub url: String,
    /// The country whose permits it keeps
    #[arg(long, value_name = "XA")]
    pub country: String,
    /// Our certificate (PEM), which is registered there
    #[arg(long, value_name = "FILE")]
    pub cert: PathBuf,
    /// The key of our certificate (PEM, PKCS#8)
    #[arg(long, value_name = "FILE")]
    pub key: PathBuf,
    /// The root certificates (PEM) under which the service stands; no other is trusted
    #[arg(long, value_name = "FILE")]
    pub ca: PathBuf,
    /// The dialect of the cases that name none
    #[arg(long, value_enum, default_value_t = DialectArg::V2)]
    pub dialect: DialectArg,
    /// Only the cases of this grade (E5) or this case (E5.3); once for each
    #[arg(long, value_name = "CASE")]
    pub only: Vec<String>,
    /// How long to wait for each answer
    #[arg(long, value_name = "SECONDS", default_value_t = 60, value_parser = clap::value_parser!(u32).range(1..=3600))]
    pub timeout: u32,
    /// A permit that is not final, and that we may read
    #[arg(long, value_name = "NUMBER", help_heading = "Inputs")]
    pub number: Option<String>,
    /// A permit with a security token
    #[arg(long, value_name = "NUMBER", help_heading = "Inputs")]
    pub token_number: Option<String>,
    /// The file with that token
    #[arg(long, value_name = "FILE", help_heading = "Inputs")]
    pub token_file: Option<PathBuf>,
    /// A permit that was cancelled
    #[arg(long, value_name = "NUMBER", help_heading = "Inputs")]
    pub cancelled: Option<String>,
    /// A permit that is made final; at least 0.5 must be permitted at its first position
    #[arg(long, value_name = "NUMBER", help_heading = "Inputs")]
    pub confirm: Option<String>,
    /// A permit with attachments
    #[arg(long, value_name = "NUMBER", help_heading = "Inputs")]
    pub papers: Option<String>,
    /// A country that the service passes calls on to
    #[arg(long, value_name = "XB", help_heading = "Inputs")]
    pub relay_country: Option<String>,
    /// A permit of that country, which we may read
    #[arg(long, value_name = "NUMBER", help_heading = "Inputs")]
    pub relay_number: Option<String>,
    /// A country behind the service that does not answer in time
    #[arg(long, value_name = "XC", help_heading = "Inputs")]
    pub slow_country: Option<String>,
    /// A country behind the service that answers with a fault and HTTP 200
    #[arg(long, value_name = "XD", help_heading = "Inputs")]
    pub fault_country: Option<String>,
    /// A country behind the service that answers with junk and HTTP 200
    #[arg(long, value_name = "XE", help_heading = "Inputs")]
    pub junk_country: Option<String>,
    /// A second certificate that is registered for us, for roll-over
    #[arg(long, value_name = "FILE", requires = "new_key", help_heading = "Inputs")]
    pub new_cert: Option<PathBuf>,
    /// Its key
    #[arg(long, value_name = "FILE", requires = "new_cert", help_heading = "Inputs")]
    pub new_key: Option<PathBuf>,
    /// The certificate of a Party that the permits do not concern
    #[arg(long, value_name = "FILE", requires = "other_key", help_heading = "Inputs")]
    pub other_cert: Option<PathBuf>,
    /// Its key
    #[arg(long, value_name = "FILE", requires = "other_cert", help_heading = "Inputs")]
    pub other_key: Option<PathBuf>,
    /// A certificate that is registered for nobody
    #[arg(long, value_name = "FILE", requires = "unregistered_key", help_heading = "Inputs")]
    pub unregistered_cert: Option<PathBuf>,
    /// Its key
    #[arg(long, value_name = "FILE", requires = "unregistered_cert", help_heading = "Inputs")]
    pub unregistered_key: Option<PathBuf>,
    /// For whom the report is written
    #[arg(long, value_enum, default_value_t = ReportFormat::Human)]
    pub format: ReportFormat,
}
