//! The server's end of the control socket.

use std::io;
use std::os::unix::fs::{MetadataExt as _, PermissionsExt as _};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use serde::Serialize;
use serde_json::Value;
use tokio::io::{AsyncBufReadExt as _, AsyncWriteExt as _, BufReader};
use tokio::net::{UnixListener, UnixStream};
use tokio::task::JoinHandle;

use super::message::{Ask, Trouble, accepted};
use crate::store::{Append, NewPermit, Refusal, Store, StoreError};

/// A control socket that answers; it is gone when this is dropped.
#[derive(Debug)]
pub struct Control {
    path: PathBuf,
    serving: JoinHandle<()>,
}

impl Control {
    /// Listens at a path for the owner of the file at `of`, and answers from a store.
    ///
    /// The caller holds the lock of the store, so a socket that is there already is one that a crash left behind.
    ///
    /// # Errors
    /// When the socket cannot be made.
    pub fn listen(path: &Path, of: &Path, store: Arc<dyn Store>) -> io::Result<Control> {
        let owner = std::fs::metadata(of)?.uid();
        match std::fs::remove_file(path) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
            _ => {}
        }
        let listener = UnixListener::bind(path)?;
        std::fs::set_permissions(path, std::fs::Permissions::from_mode(0o600))?;
        let serving = tokio::spawn(serve(listener, owner, store));
        Ok(Control { path: path.to_owned(), serving })
    }
}

impl Drop for Control {
    fn drop(&mut self) {
        self.serving.abort();
        // Should it be gone already, there is nothing to tidy up.
        drop(std::fs::remove_file(&self.path));
    }
}

async fn serve(listener: UnixListener, owner: u32, store: Arc<dyn Store>) {
    loop {
        let Ok((stream, _)) = listener.accept().await else {
            // Too many open files: others will close some.
            tokio::time::sleep(std::time::Duration::from_millis(100)).await;
            continue;
        };
        // Between making the socket and closing it for others somebody may have come in.
        let may = stream.peer_cred().is_ok_and(|peer| peer.uid() == owner || peer.uid() == 0);
        if !may {
            tracing::warn!("somebody else than the owner of the store asked at the control socket");
            continue;
        }
        tokio::spawn(converse(stream, Arc::clone(&store)));
    }
}

/// Answers line by line until the other end hangs up.
async fn converse(stream: UnixStream, store: Arc<dyn Store>) {
    let (reading, mut writing) = stream.into_split();
    let mut lines = BufReader::new(reading).lines();
    while let Ok(Some(line)) = lines.next_line().await {
        let outcome = match serde_json::from_str::<Ask>(&line) {
            Ok(ask) => answer(&*store, ask).await.map_err(Trouble::from),
            // Another build than the server's.
            Err(error) => Err(Trouble::Said(format!("the server does not know this question: {error}"))),
        };
        let Ok(mut text) = serde_json::to_string(&outcome) else { return };
        text.push('\n');
        if writing.write_all(text.as_bytes()).await.is_err() {
            return;
        }
    }
}

async fn answer(store: &dyn Store, ask: Ask) -> Result<Value, StoreError> {
    match ask {
        Ask::Declare(authority, audit) => told(store.declare(authority, audit).await?),
        Ask::Insert { bytes, token, attachments, proven, entry, audit } => {
            let accepted = accepted(&bytes)?;
            told(store.insert(NewPermit { accepted, token, attachments, proven, entry, audit }).await?)
        }
        Ask::Append { number, expected, event, document, entry, audit } => {
            let document = document.map(|document| document.into_new()).transpose()?;
            let change = Append { number, expected_revision: expected, event: *event, document, entry: *entry, audit };
            told(store.append(change).await?)
        }
        Ask::Find(authority, number) => told(store.find(&authority, &number).await?),
        Ask::Document(authority, number, ordinal) => told(store.document(&authority, &number, ordinal).await?),
        Ask::Proven(authority, number, ordinal) => told(store.proven(&authority, &number, ordinal).await?),
        Ask::Rendition(authority, number, ordinal, toolkit) => {
            told(store.rendition(&authority, &number, ordinal, toolkit).await?)
        }
        Ask::KeepRendition(number, rendition, audit) => told(store.keep_rendition(number, rendition, audit).await?),
        Ask::Numbers(authority, after, limit) => told(store.numbers(&authority, after.as_ref(), limit).await?),
        Ask::Search(authority, search) => told(store.search(&authority, &search).await?),
        Ask::Enter(authority, number, entry) => told(store.enter(&authority, &number, entry).await?),
        Ask::KeepKey(key, audit) => told(store.keep_key(key, audit).await?),
        Ask::Key(id) => told(store.key(&id).await?),
        Ask::Keys(authority) => told(store.keys(&authority).await?),
        Ask::Claim(claim) => told(store.claim(claim).await?),
        Ask::Settle(claim, answer) => told(store.settle(claim, answer).await?),
        Ask::Record(event, standing) => told(store.record(event, standing).await?),
        Ask::Parties(authority) => told(store.parties(&authority).await?),
        Ask::ApplyParties(parties, audit) => told(store.apply_parties(parties, audit).await?),
        Ask::Registrations(fingerprint) => told(store.registrations(&fingerprint).await?),
        Ask::Notices(authority, after, limit) => told(store.notices(&authority, after, limit).await?),
        Ask::Told(authority, party) => told(store.told(&authority, &party).await?),
        Ask::Advance(party, sequence, audit) => told(store.advance(&party, sequence, audit).await?),
        Ask::KeepRefused { bytes, report, audit } => {
            told(store.keep_refused(Refusal { bytes: bytes.0, report, audit }).await?)
        }
        Ask::Refused(authority, after, limit) => told(store.refused(&authority, after, limit).await?),
        Ask::AuditLines(authority, shard, after, limit) => {
            told(store.audit_lines(&authority, shard, after, limit).await?)
        }
        Ask::Heads => told(store.heads().await?),
        Ask::BeginShard(audit) => told(store.begin_shard(audit).await?),
        Ask::PurgeAudit(up_to, audit) => told(store.purge_audit(up_to, audit).await?),
        Ask::Health => told(store.health().await?),
    }
}

fn told(answer: impl Serialize) -> Result<Value, StoreError> {
    serde_json::to_value(answer).map_err(StoreError::backend)
}
