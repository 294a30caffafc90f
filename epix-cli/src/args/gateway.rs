//! Which gateway keeps our books, and as whom do we call it?

use std::path::PathBuf;

use chrono::NaiveDate;
use clap::Args as Options;

use super::OutputArgs;

/// A bare address is no link to rustdoc, so this help stands outside of the comments.
pub(super) const TO: &str = "The address of the gateway's REST face, such as https://epix.example.org:8444; plain http is for this machine only";

/// Which gateway, and as whom.
#[derive(Debug, Options)]
#[command(next_help_heading = "Connection")]
pub struct GatewayArgs {
    /// The address of the gateway's REST face.
    #[arg(long, value_name = "URL", help = TO)]
    pub to: String,
    /// As whom.
    #[command(flatten)]
    pub caller: CallerArgs,
}

/// As whom a gateway is called.
#[derive(Debug, Options)]
#[command(next_help_heading = "Connection")]
pub struct CallerArgs {
    /// A file with an API key on its first line (epix-server keys add)
    #[arg(long, value_name = "FILE")]
    pub api_key_file: Option<PathBuf>,
    /// Our certificate (PEM), where we are known by one
    #[arg(long, value_name = "FILE", requires = "key")]
    pub cert: Option<PathBuf>,
    /// The key of our certificate (PEM, PKCS#8, without a password)
    #[arg(long, value_name = "FILE", requires = "cert")]
    pub key: Option<PathBuf>,
    /// The root certificates (PEM) under which the gateway's certificate stands; no other is trusted
    #[arg(long, value_name = "FILE")]
    pub ca: Option<PathBuf>,
    /// How long to wait for the whole answer; 60 seconds where nothing is said
    #[arg(long, value_name = "SECONDS", value_parser = clap::value_parser!(u32).range(1..=3600))]
    pub timeout: Option<u32>,
}

/// `submit`.
#[derive(Debug, Options)]
#[command(after_help = "\
Folders and zip archives are gone through as by validate. A signature in the file beside a document \
(permit.sig.xml for permit.xml) travels with it. The gateway looks at each document; those that it \
accepts are stored, whatever becomes of the others.

What became of each document is written into the journal. When the work is interrupted, by you, by the network \
or by a power cut, the same command goes on where it ended. Nothing is stored twice: a document that \
was stored already is told apart by its bytes, here and by the gateway.

A refused document is not sent again as long as its bytes are the same; --again sends it, for instance after the \
policy of the gateway has changed.

Examples:
  epix submit inbox --to https://epix.example.org:8444 --ca ca.pem --api-key-file key
  epix submit delivery.zip --to http://127.0.0.1:8444 --api-key-file key --format json > outcome.jsonl")]
pub struct SubmitArgs {
    /// Permits in any form; folders and zip archives of such; - is standard input
    #[arg(value_name = "PATH", required = true)]
    pub paths: Vec<PathBuf>,
    /// Which gateway, and as whom.
    #[command(flatten)]
    pub gateway: GatewayArgs,
    /// Where to remember what became of each document
    #[arg(long, value_name = "FILE", default_value = "epix-submit.journal")]
    pub journal: PathBuf,
    /// How many documents are under way at the same time
    #[arg(long, value_name = "NUMBER", default_value_t = 8, value_parser = clap::value_parser!(u8).range(1..=64))]
    pub jobs: u8,
    /// Send documents again that were refused before
    #[arg(long)]
    pub again: bool,
    /// How the result is written.
    #[command(flatten)]
    pub output: OutputArgs,
}

/// `import`.
#[derive(Debug, Options)]
#[command(after_help = "\
One permit, with what travels with it; the signature in the file beside it (permit.sig.xml) comes along. The same \
bytes again change nothing. For many permits there is epix submit.

Example:
  epix import permit.xml --attach scan.pdf --to https://epix.example.org:8444 --ca ca.pem --api-key-file key")]
pub struct ImportArgs {
    /// A permit in any form; - is standard input
    #[arg(value_name = "FILE")]
    pub file: PathBuf,
    /// A file that travels with the permit; may be repeated
    #[arg(long, value_name = "FILE")]
    pub attach: Vec<PathBuf>,
    /// Which gateway, and as whom.
    #[command(flatten)]
    pub gateway: GatewayArgs,
    /// How the result is written.
    #[command(flatten)]
    pub output: OutputArgs,
}

/// `list`.
#[derive(Debug, Options)]
#[command(after_help = "\
Permits are listed in the order of their numbers. What is asked for has to hold all together; days are written as \
2026-03-01.

Examples, with GATEWAY for --to URL --ca FILE --api-key-file FILE:
  epix list GATEWAY
  epix list --state issued --country XB --valid-until 2026-12-31 GATEWAY
  epix list --species crocodylus --format json GATEWAY")]
pub struct ListArgs {
    /// Sent to this country
    #[arg(long, value_name = "XX")]
    pub country: Option<String>,
    /// Whose number begins so
    #[arg(long, value_name = "BEGINNING")]
    pub number: Option<String>,
    /// In this state now, such as issued or final
    #[arg(long, value_name = "STATE")]
    pub state: Option<String>,
    /// With these words in a scientific name
    #[arg(long, value_name = "WORDS")]
    pub species: Option<String>,
    /// With these words in the name of consignor or consignee
    #[arg(long, value_name = "WORDS")]
    pub party: Option<String>,
    /// With these words in number, species, common names or parties
    #[arg(long, value_name = "WORDS")]
    pub text: Option<String>,
    /// Issued on this day or later
    #[arg(long, value_name = "DAY")]
    pub issued_from: Option<NaiveDate>,
    /// Issued on this day or before
    #[arg(long, value_name = "DAY")]
    pub issued_until: Option<NaiveDate>,
    /// Valid until this day or later
    #[arg(long, value_name = "DAY")]
    pub valid_from: Option<NaiveDate>,
    /// Valid until this day or before
    #[arg(long, value_name = "DAY")]
    pub valid_until: Option<NaiveDate>,
    /// At most so many
    #[arg(long, value_name = "NUMBER", default_value_t = usize::MAX, hide_default_value = true)]
    pub limit: usize,
    /// Which gateway, and as whom.
    #[command(flatten)]
    pub gateway: GatewayArgs,
    /// How the result is written.
    #[command(flatten)]
    pub output: OutputArgs,
}
