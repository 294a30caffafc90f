//! What was typed about signatures?

use std::path::PathBuf;

use clap::{Args as Options, Subcommand};

use super::OutputArgs;

/// Whom to trust, and when.
#[derive(Debug, Default, Options)]
#[command(next_help_heading = "Signature")]
pub struct TrustArgs {
    /// Root certificates (PEM) of the authorities that certify signers; may be repeated
    #[arg(long, value_name = "FILE")]
    pub trust: Vec<PathBuf>,
    /// A revocation list (PEM or DER); with one, each certificate of a chain needs one of its issuer
    #[arg(long, value_name = "FILE", requires = "trust")]
    pub crl: Vec<PathBuf>,
    /// Root certificates (PEM) of time-stamping authorities; without them no time stamp is believed
    #[arg(long, value_name = "FILE", requires = "trust")]
    pub tsa: Vec<PathBuf>,
    /// Judge validity for a day (its end, UTC) or a moment, instead of now
    #[arg(long, value_name = "DATE", requires = "trust")]
    pub at: Option<String>,
    /// The country whose authority must have issued and signed the permit; else the one that was asked for it, or that the permit names
    #[arg(long, value_name = "XA", requires = "trust")]
    pub issuer: Option<String>,
    /// A file (TOML) that says which algorithms are retired, and when
    #[arg(long, value_name = "FILE", requires = "trust")]
    pub algorithms: Option<PathBuf>,
}

/// `sign`.
#[derive(Debug, Options)]
#[command(after_help = "\
The signature covers the canonical stand-alone form of the permit. By default it is written beside the \
permit, as permit.sig.xml for permit.xml; with --enveloped the permit is written with the signature in it, \
as the last child of its root. Only a valid permit is signed. docs/signatures.md explains both forms.

The key is PEM, or PKCS#12 with its certificates. A passphrase is asked for on the terminal, or read from \
the first line of --passphrase-file; it is never given on the command line, where others can see it.

Examples:
  epix sign --key xa.key --cert xa.pem --chain ca.pem permit.xml
  epix sign --key xa.p12 --passphrase-file secret --enveloped permit.xml -o signed.xml")]
pub struct SignArgs {
    /// The private key: PEM or PKCS#12
    #[arg(long, value_name = "FILE")]
    pub key: PathBuf,
    /// The certificate of the key (PEM); not needed with PKCS#12
    #[arg(long, value_name = "FILE")]
    pub cert: Option<PathBuf>,
    /// Certificates (PEM) from the one that issued it towards the root
    #[arg(long, value_name = "FILE")]
    pub chain: Option<PathBuf>,
    /// A file with the passphrase of the key on its first line
    #[arg(long, value_name = "FILE")]
    pub passphrase_file: Option<PathBuf>,
    /// Put the signature into the permit
    #[arg(long)]
    pub enveloped: bool,
    /// A permit, or a whole EPIX answer that carries one; - is standard input
    #[arg(value_name = "IN")]
    pub file: PathBuf,
    /// Where to write; - is standard output
    #[arg(short, long, value_name = "OUT")]
    pub output: Option<PathBuf>,
    /// How the result is written.
    #[command(flatten)]
    pub format: OutputArgs,
}

/// `verify`.
#[derive(Debug, Options)]
#[command(after_help = "\
The signature is the one in the permit, that of --sig, or the file beside it: permit.sig.xml for \
permit.xml. It has to hold, its certificate to lead to a root of --trust, and its signer to be of the \
country that issued the permit: a valid certificate of one Party says nothing of another Party's permit.

The time of signing that a signature states is shown and never trusted. A time stamp in it, made by an \
authority of --tsa, says for which moment validity is judged.

The exit status is 0 when the signature is trusted, 1 when it is refused, 2 when nobody could look.

Examples:
  epix verify --trust roots.pem --issuer XA permit.xml
  epix verify --trust roots.pem --crl ca.crl --at 2027-03-01 --format json permit.xml")]
pub struct VerifyArgs {
    /// A permit, or a whole EPIX answer that carries one; - is standard input
    #[arg(value_name = "IN")]
    pub file: PathBuf,
    /// The detached signature
    #[arg(long, value_name = "FILE")]
    pub sig: Option<PathBuf>,
    /// Whom to trust.
    #[command(flatten)]
    pub trust: TrustArgs,
    /// How the result is written.
    #[command(flatten)]
    pub output: OutputArgs,
}

/// `signature`.
#[derive(Debug, Options)]
pub struct SignatureArgs {
    /// What is to be done with it.
    #[command(subcommand)]
    pub act: SignatureAct,
}

/// What can be done with a signature without its key.
#[derive(Debug, Subcommand)]
pub enum SignatureAct {
    /// Take the signature out of a permit: writes OUT, and OUT's name with .sig.xml
    Detach {
        /// A permit that holds a signature
        #[arg(value_name = "IN")]
        file: PathBuf,
        /// Where the permit without it is written
        #[arg(short, long, value_name = "OUT")]
        output: PathBuf,
    },
    /// Put a detached signature into its permit
    Attach {
        /// A permit that holds no signature
        #[arg(value_name = "IN")]
        file: PathBuf,
        /// The signature; the file beside the permit when left out
        #[arg(long, value_name = "FILE")]
        sig: Option<PathBuf>,
        /// Where the permit with it is written
        #[arg(short, long, value_name = "OUT")]
        output: PathBuf,
    },
    /// Write the bytes that a time-stamping authority is asked to stamp
    Value {
        /// A detached signature
        #[arg(value_name = "SIG")]
        file: PathBuf,
        /// Where they are written
        #[arg(short, long, value_name = "OUT")]
        output: PathBuf,
    },
    /// Put a time-stamp token (RFC 3161, DER) into a detached signature
    Stamp {
        /// A detached signature
        #[arg(value_name = "SIG")]
        file: PathBuf,
        /// The token
        #[arg(long, value_name = "FILE")]
        token: PathBuf,
        /// Where the stamped signature is written
        #[arg(short, long, value_name = "OUT")]
        output: PathBuf,
    },
}
