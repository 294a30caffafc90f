//! What is asked of a partner, and reported to it?

use std::path::PathBuf;

use clap::Args as Options;

use super::sign::TrustArgs;
use super::{ConnectionArgs, OutputArgs, PolicyArgs};

/// `state`.
#[derive(Debug, Options)]
#[command(after_help = "\
The answer is the partner's own word; OK, DEGRADED, MAINTENANCE and DOWN are usual. The exit status \
is 1 for MAINTENANCE and DOWN.

Example:
  epix state --to https://epix.example.org/epix/v2 --cert xb.pem --key xb.key --ca roots.pem")]
pub struct StateArgs {
    /// The country whose service is meant, where a hub answers for several
    #[arg(long, value_name = "XA")]
    pub country: Option<String>,
    /// How the result is written.
    #[command(flatten)]
    pub output: OutputArgs,
    /// Whom to call, and as whom.
    #[command(flatten)]
    pub connection: ConnectionArgs,
}

/// Which permit.
#[derive(Debug, Options)]
pub struct KeyArgs {
    /// The number of the permit (box 1)
    #[arg(value_name = "NUMBER")]
    pub number: String,
    /// The country whose authority issued the permit, two letters
    #[arg(long, value_name = "XA")]
    pub country: String,
    /// A file with the security token of the permit; a token is never given on the command line, where others can see it
    #[arg(long, value_name = "FILE")]
    pub token_file: Option<PathBuf>,
}

/// `fetch`.
#[derive(Debug, Options)]
#[command(after_help = "\
Without -o the permit is shown and nothing is written. A permit that is not valid is not written \
either: the report says why, and --raw keeps the answer for a closer look. Files are written whole or \
not at all, and -o replaces a file that is there.

Attachments get harmless names without folders; a file that is there is never replaced, the new one \
is numbered.

A signature, in the permit or in the attachment permit.sig.xml, is looked at where --trust names root \
certificates. One that is there has to hold, and to be of the country that was asked, or of --issuer; with \
--signed there has to be one. What is shown and written is then exactly what the signature covers.

Examples, with PARTNER for --to URL --cert FILE --key FILE --ca FILE:
  epix fetch XA-2026-0001 --country XA PARTNER
  epix fetch XA-2026-0001 --country XA --final -o permit.xml --attachments papers PARTNER
  epix fetch XA-2026-0001 --country XA --trust roots.pem --signed -o permit.xml PARTNER
  epix fetch XA-2026-0001 --country XA --raw -o answer.xml PARTNER")]
pub struct FetchArgs {
    /// Which permit.
    #[command(flatten)]
    pub key: KeyArgs,
    /// Ask for the final permit, with the quantities that customs certified (box 14)
    #[arg(long = "final")]
    pub is_final: bool,
    /// Write the stand-alone permit to FILE; - is standard output
    #[arg(short, long, value_name = "FILE")]
    pub output: Option<PathBuf>,
    /// Write the whole answer as it came, instead of the permit; to standard output where -o is not given
    #[arg(long)]
    pub raw: bool,
    /// Save the attachments in DIR, which is made where it is missing
    #[arg(long, value_name = "DIR")]
    pub attachments: Option<PathBuf>,
    /// Refuse permits without a signature that is trusted
    #[arg(long, requires = "trust")]
    pub signed: bool,
    /// Whom to trust.
    #[command(flatten)]
    pub trust: TrustArgs,
    /// Who decides what is accepted.
    #[command(flatten)]
    pub policy: PolicyArgs,
    /// How the result is written.
    #[command(flatten)]
    pub format: OutputArgs,
    /// Whom to call, and as whom.
    #[command(flatten)]
    pub connection: ConnectionArgs,
}

/// `confirm`.
#[derive(Debug, Options)]
#[command(after_help = "\
Quantities are decimal numbers in the unit of the permit. Positions that are not named count as \
nothing found; the same call again changes nothing.

Example, with PARTNER for --to URL --cert FILE --key FILE --ca FILE:
  epix confirm XA-2026-0001 --country XA --quantity A=5 --quantity B=2.75 PARTNER")]
pub struct ConfirmArgs {
    /// Which permit.
    #[command(flatten)]
    pub key: KeyArgs,
    /// The quantity found at a position of the permit; once for each position
    #[arg(long = "quantity", value_name = "A=5", required = true)]
    pub quantities: Vec<String>,
    /// How the result is written.
    #[command(flatten)]
    pub output: OutputArgs,
    /// Whom to call, and as whom.
    #[command(flatten)]
    pub connection: ConnectionArgs,
}
