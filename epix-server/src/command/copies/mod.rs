//! `epix-server backup` and `restore`: a copy of the store while it is in use, and a store from a copy.

pub(super) mod backup;
mod look;
pub(super) mod restore;

use std::ffi::OsString;
use std::fs::File;
use std::io::Read;
use std::path::{Path, PathBuf};

use epix_core::id::Sha256Digest;
use sha2::{Digest as _, Sha256};

use super::CommandError;
use crate::app;
use crate::config::Config;

/// The file of the store.
fn file_of(config: &Config) -> Result<&PathBuf, CommandError> {
    let advice = "permits are kept in a database: back it up with pg_dump while servers run; put it back with pg_restore into an \
                  empty database, then `restore --in-place --verify` begins new chains of the audit and tells what is lost";
    app::file(config).ok_or_else(|| CommandError::Usage(advice.to_owned()))
}

/// The name of a file that belongs to another one.
fn beside(path: &Path, ending: &str) -> PathBuf {
    let mut name = OsString::from(path);
    name.push(ending);
    name.into()
}

/// The digest of a file, as `sha256sum` writes it.
const DIGEST: &str = ".sha256";

/// The newest checkpoint when the copy was made.
const CHECKPOINT: &str = ".checkpoint.json";

fn digest_of(path: &Path) -> Result<Sha256Digest, CommandError> {
    let failed = |source| CommandError::File { path: path.to_owned(), source };
    let mut file = File::open(path).map_err(failed)?;
    let mut hash = Sha256::new();
    let mut buffer = vec![0; 1 << 20];
    loop {
        match file.read(&mut buffer).map_err(failed)? {
            0 => return Ok(Sha256Digest::from_bytes(hash.finalize().into())),
            read => hash.update(&buffer[..read]),
        }
    }
}

/// Makes names in a folder durable.
fn sync_folder_of(path: &Path) -> Result<(), CommandError> {
    let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
    let failed = |source| CommandError::File { path: folder.to_owned(), source };
    File::open(folder).and_then(|folder| folder.sync_all()).map_err(failed)
}
