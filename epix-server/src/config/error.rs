//! Why a configuration cannot be used.

use std::path::PathBuf;

use epix_core::policies::PolicyError;

/// Why a configuration cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum ConfigError {
    /// The file cannot be read.
    #[error("the configuration {} cannot be read", path.display())]
    Unreadable {
        /// Which file.
        path: PathBuf,
        /// Why.
        #[source]
        source: std::io::Error,
    },
    /// The file is no configuration.
    #[error("the configuration {} is wrong", path.display())]
    Invalid {
        /// Which file.
        path: PathBuf,
        /// Where and why.
        #[source]
        source: Box<toml::de::Error>,
    },
    /// The file of policies tells none.
    #[error("the policies in {} cannot be used", path.display())]
    Policies {
        /// Which file.
        path: PathBuf,
        /// Where and why.
        #[source]
        source: PolicyError,
    },
    /// A setting has a value that cannot be.
    #[error("the configuration {}: {reason}", path.display())]
    Setting {
        /// Which file.
        path: PathBuf,
        /// What is wrong and what would be right.
        reason: String,
    },
    /// An environment variable cannot be used.
    #[error("the environment variable {name}: {reason}")]
    Variable {
        /// Its name.
        name: String,
        /// What is wrong and what would be right.
        reason: String,
    },
}
