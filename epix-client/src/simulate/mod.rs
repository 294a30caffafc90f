//! A partner that does what a script tells it, for trying out what we do when a partner does so.
//!
//! ```text
//! listen (TLS) ─> http ─> stock (what a well-behaved partner would answer) ─> script (what this one does instead) ─> http
//! control (loopback) ─> script
//! ```
//! It keeps a handful of invented permits in memory. It is for tests and rehearsals: it knows no register of callers, and
//! takes every confirmation for one of the exporting side.

mod control;
mod http;
mod listen;
mod pki;
mod play;
mod script;
mod stock;

use std::io;
use std::net::SocketAddr;
use std::path::PathBuf;
use std::sync::Arc;

use epix_core::id::Country;

pub use listen::Simulator;
pub use pki::{Pki, PkiError};
pub use script::{Script, ScriptError};

/// What a simulated partner is.
pub struct Settings {
    /// The country whose permits it keeps.
    pub country: Country,
    /// The country of import on the permits that it brings along.
    pub importer: Country,
    /// What it does.
    pub script: Script,
    /// As whom it answers.
    pub credentials: Credentials,
    /// Where it answers calls; port 0 takes a free one.
    pub listen: SocketAddr,
    /// Where it takes orders, on loopback; port 0 takes a free one.
    pub control: SocketAddr,
    /// Hears of each call that was answered: operation and outcome, and never a token.
    pub told: Arc<dyn Fn(&str) + Send + Sync>,
}

/// As whom a simulated partner answers.
#[derive(Debug, Clone)]
pub enum Credentials {
    /// A test authority and certificates of its own, made in a folder.
    Made(PathBuf),
    /// Files of somebody else: certificate, key, and the roots of callers.
    Given {
        /// PEM file with the certificate, then its chain.
        certificate: PathBuf,
        /// PEM file with the key.
        key: PathBuf,
        /// PEM file with the roots under which callers are trusted.
        authority: PathBuf,
    },
}

/// Says why a simulated partner could not be started.
#[derive(Debug, thiserror::Error)]
pub enum SimulateError {
    /// Its script cannot be used.
    #[error(transparent)]
    Script(#[from] ScriptError),
    /// Its certificates cannot be made.
    #[error(transparent)]
    Pki(#[from] PkiError),
    /// Its certificate, key or roots cannot be used.
    #[error("{} cannot be used for TLS", .file.display())]
    Credential {
        /// Which file.
        file: PathBuf,
        /// What the TLS library said.
        #[source]
        cause: openssl::error::ErrorStack,
    },
    /// A wrong certificate is asked for, and only certificates that were made here can be wrong.
    #[error("a script that shows a wrong certificate needs certificates that were made here")]
    NoWrongCertificate,
    /// The orders would come in over the network.
    #[error("orders are taken on loopback only, not at {address}")]
    NotLoopback {
        /// Where they were to be taken.
        address: SocketAddr,
    },
    /// It cannot listen.
    #[error("cannot listen on {address}")]
    Listen {
        /// Where.
        address: SocketAddr,
        /// What the system said.
        #[source]
        cause: io::Error,
    },
}
