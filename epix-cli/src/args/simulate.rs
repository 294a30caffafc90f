//! What should a simulated partner be?

use std::net::SocketAddr;
use std::path::PathBuf;

use clap::Args as Options;

use super::OutputArgs;

/// `simulate`.
#[derive(Debug, Options)]
#[command(after_help = "\
Without a script it is a partner that behaves well and keeps a few invented permits: XB-SIM-1, XB-SIM-2, \
XB-SIM-FINAL, XB-SIM-TOKEN (its token is simulated-token), XB-SIM-CANCELLED and XB-SIM-PAPERS for the \
country XB. It forgets everything when it ends, knows no register of callers, and takes every confirmation \
for one of the exporting side. docs/how-to/test-a-partner.md tells what a script can say, and how a \
running partner is given orders; what it did can be seen through its service only.

Without --cert it makes a test authority of its own in the folder --pki, with a certificate for a caller \
(caller.pem, caller.key) and for a second one (other.pem, other.key). It ends on SIGINT or SIGTERM.

Examples:
  epix simulate --country XB
  epix simulate --country XB --script slow.toml --listen 127.0.0.1:8443")]
pub struct SimulateArgs {
    /// The country whose permits it keeps
    #[arg(long, value_name = "XB")]
    pub country: String,
    /// The country of import on the permits that it brings along
    #[arg(long, value_name = "XA", default_value = "XA")]
    pub importer: String,
    /// What it does, and when (TOML)
    #[arg(long, value_name = "FILE")]
    pub script: Option<PathBuf>,
    /// Where it answers calls; port 0 takes a free one
    #[arg(long, value_name = "ADDRESS", default_value = "127.0.0.1:0")]
    pub listen: SocketAddr,
    /// Where it takes orders, on loopback; port 0 takes a free one
    #[arg(long, value_name = "ADDRESS", default_value = "127.0.0.1:0")]
    pub control: SocketAddr,
    /// The folder for its test authority, which is made where it is missing; certificates in it are replaced
    #[arg(long, value_name = "DIR", default_value = "epix-simulated", conflicts_with = "cert")]
    pub pki: PathBuf,
    /// Its certificate (PEM), instead of one that it makes
    #[arg(long, value_name = "FILE", requires_all = ["key", "ca"])]
    pub cert: Option<PathBuf>,
    /// The key of its certificate (PEM)
    #[arg(long, value_name = "FILE", requires = "cert")]
    pub key: Option<PathBuf>,
    /// The root certificates (PEM) under which its callers stand
    #[arg(long, value_name = "FILE", requires = "cert")]
    pub ca: Option<PathBuf>,
    /// How the line is written that says where it answers
    #[command(flatten)]
    pub output: OutputArgs,
}
