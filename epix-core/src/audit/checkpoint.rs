//! What is signed at one moment, so that a tail that is cut off or a chain that is written anew can be shown?
//!
//! A checkpoint names where every chain ends, and the checkpoint before it by its digest. It is signed with a key that the
//! database does not hold, and kept where the database is not.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD as BASE64;
use chrono::{DateTime, Utc};
use epix_native::signature::{BareKey, KeyError, PublicKey};
use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};

use super::line::{Head, absorb};
use super::time;
use crate::id::{AuthorityId, Sha256Digest};

/// What the signed bytes begin with, so that a signature can never be taken for one over something else.
const LABEL: &[u8] = b"epix audit checkpoint 1";

/// Where every chain ends at one moment.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Checkpoint {
    /// Its number, from 1, without gaps.
    pub number: u64,
    /// When it was made.
    #[serde(with = "time::microseconds")]
    pub at: DateTime<Utc>,
    /// The digest of the checkpoint before it; none before the first.
    pub previous: Option<Sha256Digest>,
    /// Where the chains end, in the order of authority and shard.
    pub heads: Vec<Head>,
    /// Where chains begin whose first lines were purged: each of these lines was the last to go.
    pub purged: Vec<Head>,
    /// Where chains end that a restored backup cut: lines behind these, which earlier checkpoints know, are lost.
    pub restored: Vec<Head>,
}

/// A checkpoint as it is kept: the text that was signed stays as it was, whatever fields a checkpoint has today.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SignedCheckpoint {
    /// The checkpoint as JSON.
    pub body: String,
    /// Which key signed it: SHA-256 over the public key.
    pub key: Sha256Digest,
    /// The signature in base64.
    pub signature: String,
}

impl Checkpoint {
    /// Begins the checkpoint that follows another; what was purged stays purged.
    ///
    /// # Errors
    /// When the one before cannot be read.
    pub fn after(
        previous: Option<&SignedCheckpoint>,
        at: DateTime<Utc>,
        heads: Vec<Head>,
    ) -> Result<Checkpoint, serde_json::Error> {
        let (number, purged) = match previous {
            None => (1, Vec::new()),
            Some(signed) => signed.read().map(|before| (before.number.saturating_add(1), before.purged))?,
        };
        let previous = previous.map(SignedCheckpoint::digest);
        Ok(Checkpoint { number, at, previous, heads, purged, restored: Vec::new() })
    }

    /// Notes that a chain begins behind this line from now on.
    #[must_use]
    pub fn purging(mut self, up_to: Head) -> Checkpoint {
        self.purged.retain(|head| !head.is_same_chain(&up_to));
        self.purged.push(up_to);
        self.purged.sort_by(|a, b| (&a.authority, a.shard).cmp(&(&b.authority, b.shard)));
        self
    }

    /// Where a chain ended when the checkpoint was made.
    pub fn head(&self, authority: &AuthorityId, shard: u32) -> Option<&Head> {
        self.heads.iter().find(|head| head.authority == *authority && head.shard == shard)
    }

    /// Signs it.
    ///
    /// # Errors
    /// [`KeyError`] when the key cannot do it.
    pub fn sign(&self, key: &BareKey) -> Result<SignedCheckpoint, KeyError> {
        let body = serde_json::to_string(self).expect("texts, numbers and lists always serialise");
        let signature = BASE64.encode(key.sign(&covered(&body))?);
        Ok(SignedCheckpoint { key: Sha256Digest::from_bytes(*key.public()?.digest()), body, signature })
    }
}

impl SignedCheckpoint {
    /// The checkpoint that the body holds.
    ///
    /// # Errors
    /// When the body is none: it was edited, or written by a newer build.
    pub fn read(&self) -> Result<Checkpoint, serde_json::Error> {
        serde_json::from_str(&self.body)
    }

    /// By which the next checkpoint names this one.
    pub fn digest(&self) -> Sha256Digest {
        Sha256Digest::of(&covered(&self.body))
    }

    /// True when it was signed with this key.
    ///
    /// # Errors
    /// [`KeyError`] when nobody could look.
    pub fn is_signed_by(&self, key: &PublicKey) -> Result<bool, KeyError> {
        match BASE64.decode(&self.signature) {
            Ok(value) if key.digest() == self.key.as_bytes() => key.holds(&covered(&self.body), &value),
            _ => Ok(false),
        }
    }
}

/// The bytes that a signature covers: the digest of the body behind our label.
fn covered(body: &str) -> Vec<u8> {
    let mut hash = Sha256::new();
    absorb(&mut hash, LABEL);
    absorb(&mut hash, body.as_bytes());
    [LABEL, &hash.finalize()].concat()
}
