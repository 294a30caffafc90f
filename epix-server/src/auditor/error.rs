//! Why checkpoints cannot be made or read.

use std::path::PathBuf;

use crate::audit::{Flaw, KeyError};
use crate::store::StoreError;

/// Why checkpoints cannot be made or read.
#[derive(Debug, thiserror::Error)]
pub enum AuditorError {
    /// A file or folder cannot be read or written.
    #[error("{} cannot be read or written", path.display())]
    File {
        /// Which one.
        path: PathBuf,
        /// Why.
        #[source]
        source: std::io::Error,
    },
    /// A key is not usable.
    #[error("{} cannot be used", path.display())]
    Key {
        /// Which file.
        path: PathBuf,
        /// Why.
        #[source]
        source: KeyError,
    },
    /// There are checkpoints, and nobody can go on with them.
    #[error("there are checkpoints in {}, but no key at {}: who took it away?", folder.display(), key.display())]
    KeyGone {
        /// Where they are.
        folder: PathBuf,
        /// Where the key should be.
        key: PathBuf,
    },
    /// Without a key nothing is signed.
    #[error("there is no key for checkpoints at {}; `epix-server audit key` makes one", path.display())]
    NoKey {
        /// Where it should be.
        path: PathBuf,
    },
    /// A file is no checkpoint.
    #[error("{} is no checkpoint", path.display())]
    NotACheckpoint {
        /// Which file.
        path: PathBuf,
    },
    /// There is no checkpoint of that number.
    #[error("there is no checkpoint {number}")]
    NoSuchCheckpoint {
        /// The number.
        number: u64,
    },
    /// What is broken is not signed.
    #[error("the audit is not whole, and no checkpoint is made of it")]
    Broken(#[source] Flaw),
    /// The library could not sign or look.
    #[error("signatures of checkpoints cannot be made or checked")]
    Signature(#[from] KeyError),
    /// The store failed.
    #[error(transparent)]
    Store(#[from] StoreError),
}
