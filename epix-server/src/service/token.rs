//! How security tokens are kept: as keyed hashes, so that a copy of the store gives none away.

use std::io::Write as _;
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::{Path, PathBuf};

use hmac::{Hmac, KeyInit as _, Mac as _};
use sha2::Sha256;

use crate::store::TokenHash;

/// The key of this installation.
pub struct TokenKey([u8; 32]);

/// Why the key cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum TokenKeyError {
    /// The file cannot be read or written.
    #[error("the token key {} cannot be read or written", path.display())]
    File {
        /// Which file.
        path: PathBuf,
        /// Why.
        #[source]
        source: std::io::Error,
    },
    /// The file does not hold 64 hexadecimal digits.
    #[error("the token key {} does not hold 64 hexadecimal digits", path.display())]
    Invalid {
        /// Which file.
        path: PathBuf,
    },
}

impl TokenKey {
    /// Takes key bytes.
    pub fn from_bytes(bytes: [u8; 32]) -> TokenKey {
        TokenKey(bytes)
    }

    /// Reads a key that `init` made.
    ///
    /// # Errors
    /// [`TokenKeyError`] naming the file.
    pub fn load(path: &Path) -> Result<TokenKey, TokenKeyError> {
        let file = |source| TokenKeyError::File { path: path.to_owned(), source };
        let text = std::fs::read_to_string(path).map_err(file)?;
        let mut bytes = [0; 32];
        let invalid = |_| TokenKeyError::Invalid { path: path.to_owned() };
        hex::decode_to_slice(text.trim(), &mut bytes).map_err(invalid)?;
        Ok(TokenKey(bytes))
    }

    /// Makes a new key and keeps it in a file that only its owner can read; an existing file is left alone.
    ///
    /// # Errors
    /// [`TokenKeyError`] naming the file.
    pub fn create(path: &Path) -> Result<(), TokenKeyError> {
        let file = |source| TokenKeyError::File { path: path.to_owned(), source };
        let mut bytes = [0; 32];
        openssl::rand::rand_bytes(&mut bytes).map_err(|error| file(std::io::Error::other(error)))?;
        let mut options = std::fs::OpenOptions::new();
        let mut key = options.write(true).create_new(true).mode(0o600).open(path).map_err(file)?;
        writeln!(key, "{}", hex::encode(bytes)).and_then(|()| key.sync_all()).map_err(file)
    }

    /// Hashes a token (HMAC-SHA-256).
    pub fn hash(&self, token: &str) -> TokenHash {
        let mut mac = Hmac::<Sha256>::new_from_slice(&self.0).expect("HMAC takes keys of any length");
        mac.update(token.as_bytes());
        TokenHash::from_bytes(mac.finalize().into_bytes().into())
    }
}
