//! Whom to call, and as whom?

use std::path::PathBuf;

use clap::{Args as Options, ValueEnum};

/// A bare address is no link to rustdoc, so this help stands outside of the comments.
const TO: &str = "The whole address of the partner's service, such as https://epix.example.org:8443/epix/v2";

/// How a partner speaks.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum DialectArg {
    /// The national style, version 1: permits of toolkit 1.0
    V1,
    /// The national style, version 2: permits of toolkit 2.0
    V2,
    /// The hub's: permits of toolkit 2.0
    Hub,
}

/// Whom to call, and as whom.
#[derive(Debug, Options)]
#[command(next_help_heading = "Connection")]
pub struct ConnectionArgs {
    /// The whole address of the partner's service.
    #[arg(long, value_name = "URL", help = TO)]
    pub to: String,
    /// Our certificate (PEM), followed by intermediate ones where there are any
    #[arg(long, value_name = "FILE")]
    pub cert: PathBuf,
    /// The key of our certificate (PEM, PKCS#8, without a password)
    #[arg(long, value_name = "FILE")]
    pub key: PathBuf,
    /// The root certificates (PEM) under which the partner's certificate stands; no other is trusted
    #[arg(long, value_name = "FILE")]
    pub ca: PathBuf,
    /// How the partner speaks
    #[arg(long, value_enum, default_value_t = DialectArg::V2)]
    pub dialect: DialectArg,
    /// The name of the profile of a partner that differs from its dialect: standard or czech
    #[arg(long, value_name = "NAME", default_value = "standard")]
    pub profile: String,
    /// A file with user name and password, one line each, for a profile that asks for them
    #[arg(long, value_name = "FILE")]
    pub login_file: Option<PathBuf>,
    /// How often to send a read again after a trouble that may pass; a confirmation is sent once, always
    #[arg(long, value_name = "TIMES", default_value_t = 0, value_parser = clap::value_parser!(u8).range(0..=10))]
    pub retries: u8,
    /// How long to wait for the whole answer
    #[arg(long, value_name = "SECONDS", default_value_t = 60, value_parser = clap::value_parser!(u32).range(1..=3600))]
    pub timeout: u32,
}
