//! Where are checkpoints kept, and how is the next one made?
//!
//! Each stands in a file of its own, `0000000001.json`, in a folder outside the store. A new one is made of what was found
//! whole since the last one, so that nothing that was touched meanwhile is ever signed.

use std::fs::{File, OpenOptions};
use std::io::{ErrorKind, Write as _};
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::{Path, PathBuf};

use chrono::Utc;

use super::AuditorError;
use crate::audit::{BareKey, Checkpoint, Checkpoints, Head, PublicKey, SignedCheckpoint};
use crate::config::AuditSection;
use crate::store::{Scope, Store, look_at_audit};

/// Keeps checkpoints, and makes them if it has the key.
#[derive(Debug)]
pub struct Keeper {
    key: Option<BareKey>,
    known: Vec<PublicKey>,
    key_file: PathBuf,
    folder: PathBuf,
}

/// What making a checkpoint came to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Taken {
    /// It was made.
    New(SignedCheckpoint),
    /// Nothing has happened since this one.
    Unchanged(SignedCheckpoint),
}

impl Taken {
    /// The newest checkpoint.
    pub fn into_signed(self) -> SignedCheckpoint {
        match self {
            Taken::New(signed) | Taken::Unchanged(signed) => signed,
        }
    }
}

impl Keeper {
    /// Reads the keys. Without a key no checkpoint is made; that is an error where there are some already.
    ///
    /// # Errors
    /// [`AuditorError`] naming the file.
    pub fn load(section: &AuditSection) -> Result<Keeper, AuditorError> {
        let unusable = |path: &Path| {
            let path = path.to_owned();
            move |source| AuditorError::Key { path, source }
        };
        let key_file = section.checkpoint_key.clone();
        let key = match std::fs::read(&key_file) {
            Ok(pem) => Some(BareKey::from_pem(&pem).map_err(unusable(&key_file))?),
            Err(error) if error.kind() == ErrorKind::NotFound => None,
            Err(source) => return Err(AuditorError::File { path: key_file, source }),
        };
        let mut known: Vec<PublicKey> = key.iter().map(BareKey::public).collect::<Result<_, _>>()?;
        for path in &section.former_keys {
            let pem = std::fs::read(path).map_err(|source| AuditorError::File { path: path.clone(), source })?;
            known.push(PublicKey::from_pem(&pem).map_err(unusable(path))?);
        }
        let keeper = Keeper { key, known, key_file, folder: section.checkpoints.clone() };
        if keeper.key.is_none() && !keeper.numbers()?.is_empty() {
            return Err(AuditorError::KeyGone { folder: keeper.folder, key: keeper.key_file });
        }
        Ok(keeper)
    }

    /// Makes a new key and keeps it in a file that only its owner can read, its public half beside it; an existing file is
    /// left alone. Gives where the public half stands.
    ///
    /// # Errors
    /// [`AuditorError`] naming the file.
    pub fn create_key(path: &Path) -> Result<PathBuf, AuditorError> {
        let key = BareKey::generate()?;
        write_new(path, &key.to_pem()?, 0o600)?;
        let public = path.with_extension("pub");
        write_new(&public, &key.public()?.to_pem()?, 0o644)?;
        Ok(public)
    }

    /// Whether checkpoints are made here.
    pub fn has_key(&self) -> bool {
        self.key.is_some()
    }

    /// The keys under which checkpoints were signed here.
    pub fn keys(&self) -> &[PublicKey] {
        &self.known
    }

    /// Everything that is kept, held against the keys; `more` are checkpoints that were kept elsewhere.
    ///
    /// # Errors
    /// [`AuditorError`] when they cannot be read.
    pub fn known(&self, more: Vec<SignedCheckpoint>) -> Result<Checkpoints, AuditorError> {
        let kept = self.all()?;
        Ok(Checkpoints::read(kept.into_iter().chain(more), &self.known)?)
    }

    /// Every checkpoint, oldest first.
    ///
    /// # Errors
    /// [`AuditorError`] naming the file.
    pub fn all(&self) -> Result<Vec<SignedCheckpoint>, AuditorError> {
        self.numbers()?.into_iter().map(|number| read_checkpoint(&self.path(number))).collect()
    }

    /// Makes a checkpoint of the audit as it is, if anything has happened since the last one.
    ///
    /// # Errors
    /// [`AuditorError::NoKey`], [`AuditorError::Broken`] when the audit was touched since the last one, or what the store says.
    pub async fn take(&self, store: &dyn Store) -> Result<Taken, AuditorError> {
        self.take_with(store, |checkpoint| checkpoint).await
    }

    /// The same; `note` adds what was purged or restored, and then one is made in any case.
    ///
    /// # Errors
    /// As for [`Keeper::take`].
    pub async fn take_with(
        &self,
        store: &dyn Store,
        note: impl Fn(Checkpoint) -> Checkpoint,
    ) -> Result<Taken, AuditorError> {
        loop {
            let last = self.numbers()?.pop();
            let last = last.map(|number| read_checkpoint(&self.path(number))).transpose()?;
            let heads = self.whole_heads(store).await?;
            let plain = self.after(last.as_ref(), heads)?;
            let next = note(plain.clone());
            if let Some(last) = last
                && next == plain
                && last.read().is_ok_and(|last| last.heads == next.heads)
            {
                return Ok(Taken::Unchanged(last));
            }
            if let Some(signed) = self.keep(&next)? {
                return Ok(Taken::New(signed));
            }
            // Another process was quicker: the next one follows its checkpoint.
        }
    }

    /// Keeps checkpoints that were kept elsewhere, where they are not here; others than ours are left out.
    ///
    /// # Errors
    /// What stands in the way of the files.
    pub fn adopt(&self, more: &[SignedCheckpoint]) -> Result<(), AuditorError> {
        for signed in more {
            let mut is_ours = false;
            for key in &self.known {
                is_ours |= signed.is_signed_by(key)?;
            }
            let Some(checkpoint) = signed.read().ok().filter(|_| is_ours) else { continue };
            let path = self.path(checkpoint.number);
            write_checkpoint(&path, signed).map_err(|source| AuditorError::File { path, source })?;
        }
        Ok(())
    }

    /// Signs that chains end here since a backup was restored, whatever earlier checkpoints know of them.
    ///
    /// # Errors
    /// As for [`Keeper::take`].
    pub async fn note_restored(&self, store: &dyn Store, lost: Vec<Head>) -> Result<SignedCheckpoint, AuditorError> {
        loop {
            let last = self.all()?.pop();
            let next = Checkpoint { restored: lost.clone(), ..self.after(last.as_ref(), store.heads().await?)? };
            if let Some(signed) = self.keep(&next)? {
                return Ok(signed);
            }
        }
    }

    /// Signs and keeps a checkpoint; `None` when there is one of its number already.
    ///
    /// # Errors
    /// [`AuditorError::NoKey`], or what stands in the way of the file.
    fn keep(&self, checkpoint: &Checkpoint) -> Result<Option<SignedCheckpoint>, AuditorError> {
        let key = self.key.as_ref().ok_or_else(|| AuditorError::NoKey { path: self.key_file.clone() })?;
        let signed = checkpoint.sign(key)?;
        let path = self.path(checkpoint.number);
        let is_kept = write_checkpoint(&path, &signed).map_err(|source| AuditorError::File { path, source })?;
        Ok(is_kept.then_some(signed))
    }

    fn after(&self, last: Option<&SignedCheckpoint>, heads: Vec<Head>) -> Result<Checkpoint, AuditorError> {
        let unreadable = |_| AuditorError::NotACheckpoint { path: self.folder.clone() };
        Checkpoint::after(last, Utc::now(), heads).map_err(unreadable)
    }

    /// Where the chains end, after they were found whole since the last checkpoint.
    async fn whole_heads(&self, store: &dyn Store) -> Result<Vec<Head>, AuditorError> {
        let verdict = look_at_audit(store, &self.known(Vec::new())?, Scope::SinceCheckpoint).await?;
        match verdict.flaws.into_iter().next() {
            Some(flaw) => Err(AuditorError::Broken(flaw)),
            None => Ok(verdict.chains.into_iter().map(|followed| followed.head).collect()),
        }
    }

    fn path(&self, number: u64) -> PathBuf {
        self.folder.join(format!("{number:010}.json"))
    }

    /// The numbers of the checkpoints that are there, in their order.
    fn numbers(&self) -> Result<Vec<u64>, AuditorError> {
        let unreadable = |source| AuditorError::File { path: self.folder.clone(), source };
        let entries = match std::fs::read_dir(&self.folder) {
            Err(error) if error.kind() == ErrorKind::NotFound => return Ok(Vec::new()),
            other => other.map_err(unreadable)?,
        };
        let mut numbers = Vec::new();
        for entry in entries {
            let name = entry.map_err(unreadable)?.file_name();
            let number =
                name.to_str().and_then(|name| name.strip_suffix(".json")).and_then(|stem| stem.parse::<u64>().ok());
            numbers.extend(number);
        }
        numbers.sort_unstable();
        Ok(numbers)
    }
}

/// Reads a checkpoint that was kept.
///
/// # Errors
/// [`AuditorError`] naming the file.
pub fn read_checkpoint(path: &Path) -> Result<SignedCheckpoint, AuditorError> {
    let text = std::fs::read(path).map_err(|source| AuditorError::File { path: path.to_owned(), source })?;
    serde_json::from_slice(&text).map_err(|_| AuditorError::NotACheckpoint { path: path.to_owned() })
}

/// Writes a checkpoint whole or not at all; false when there is one already.
fn write_checkpoint(path: &Path, signed: &SignedCheckpoint) -> std::io::Result<bool> {
    let folder = path.parent().unwrap_or(Path::new("."));
    std::fs::create_dir_all(folder)?;
    let temporary = path.with_extension(format!("{}.tmp", std::process::id()));
    let mut file = File::create(&temporary)?;
    let mut text = serde_json::to_string(signed).map_err(std::io::Error::other)?;
    text.push('\n');
    file.write_all(text.as_bytes()).and_then(|()| file.sync_all())?;
    // A link is made only where no file is: two processes cannot both make the same number.
    let linked = std::fs::hard_link(&temporary, path);
    std::fs::remove_file(&temporary)?;
    match linked {
        Ok(()) => File::open(folder)?.sync_all().map(|()| true),
        Err(error) if error.kind() == ErrorKind::AlreadyExists => Ok(false),
        Err(error) => Err(error),
    }
}

fn write_new(path: &Path, bytes: &[u8], mode: u32) -> Result<(), AuditorError> {
    let failed = |source| AuditorError::File { path: path.to_owned(), source };
    let mut options = OpenOptions::new();
    let mut file = options.write(true).create_new(true).mode(mode).open(path).map_err(failed)?;
    file.write_all(bytes).and_then(|()| file.sync_all()).map_err(failed)
}
