//! Which gateway keeps our books, and as whom do we call it?

use std::path::PathBuf;

use clap::Args as Options;

use super::OutputArgs;

/// A bare address is no link to rustdoc, so this help stands outside of the comments.
const TO: &str = "The address of the gateway's REST face, such as https://epix.example.org:8444; plain http is for this machine only";

/// Which gateway, and as whom.
#[derive(Debug, Options)]
#[command(next_help_heading = "Connection")]
pub struct GatewayArgs {
    /// The address of the gateway's REST face.
    #[arg(long, value_name = "URL", help = TO)]
    pub to: String,
    /// A file with an API key on its first line (epix-server keys add)
    #[arg(long, value_name = "FILE", required_unless_present = "cert")]
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
    /// How long to wait for the whole answer
    #[arg(long, value_name = "SECONDS", default_value_t = 60, value_parser = clap::value_parser!(u32).range(1..=3600))]
    pub timeout: u32,
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
