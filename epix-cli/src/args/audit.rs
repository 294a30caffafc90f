//! Which audit should be looked at?

use std::path::PathBuf;

use clap::{Args as Options, Subcommand};

use super::OutputArgs;

/// `audit`.
#[derive(Debug, Subcommand)]
pub enum AuditAct {
    /// Say whether an exported audit is whole, and where it is not
    Verify(AuditVerifyArgs),
}

/// `audit verify`.
#[derive(Debug, Options)]
#[command(after_help = "\
The file is what epix-server audit export wrote; nothing else is needed, no store and no network. Each \
line is held against the one before it, and the chains against the checkpoints in the file and those of \
--checkpoint. A line that was edited, dropped, reordered or inserted is named, and a tail that was cut off.

Checkpoints prove something only where their signatures are looked at: give the public key of the \
gateway (checkpoint.pub) with --key. Without it that is said, and the exit status rests on the chains.

The exit status is 0 when all is whole, 1 when something is not, 2 when nobody could look.

Examples:
  epix audit verify audit.jsonl --key checkpoint.pub
  epix audit verify audit.jsonl --key checkpoint.pub --checkpoint kept/0000000042.json")]
pub struct AuditVerifyArgs {
    /// An exported audit; - is standard input
    #[arg(value_name = "FILE")]
    pub file: PathBuf,
    /// The public key that signs checkpoints, PEM; also a former one, may be repeated
    #[arg(long, value_name = "FILE")]
    pub key: Vec<PathBuf>,
    /// A checkpoint that was kept elsewhere; may be repeated
    #[arg(long, value_name = "FILE")]
    pub checkpoint: Vec<PathBuf>,
    /// How the result is written.
    #[command(flatten)]
    pub output: OutputArgs,
}
