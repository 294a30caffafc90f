//! An event in its place in a chain: each line's hash covers the hash of the line before it.

use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};

use super::event::AuditEvent;
use crate::id::{AuthorityId, Sha256Digest};

/// What a line's hash begins with, so that it can never be taken for the hash of something else.
const LINE_LABEL: &[u8] = b"epix audit line 1";

/// What the hash before the first line begins with.
const GENESIS_LABEL: &[u8] = b"epix audit genesis 1";

/// Where a chain ends: what the next line follows, and what a checkpoint signs.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Head {
    /// Whose chain.
    pub authority: AuthorityId,
    /// Which part of it; one shard is written by one process at a time.
    pub shard: u32,
    /// Number of the last line; 0 before the first.
    pub sequence: u64,
    /// Hash of the last line.
    pub hash: Sha256Digest,
}

impl Head {
    /// The head of a chain without lines.
    pub fn genesis(authority: AuthorityId, shard: u32) -> Head {
        let mut hash = Sha256::new();
        absorb(&mut hash, GENESIS_LABEL);
        absorb(&mut hash, authority.as_str().as_bytes());
        absorb(&mut hash, &shard.to_be_bytes());
        Head { authority, shard, sequence: 0, hash: Sha256Digest::from_bytes(hash.finalize().into()) }
    }

    /// True when nothing stands before the next line.
    pub fn is_genesis(&self) -> bool {
        *self == Head::genesis(self.authority.clone(), self.shard)
    }

    /// True when both are of one chain.
    pub fn is_same_chain(&self, other: &Head) -> bool {
        self.authority == other.authority && self.shard == other.shard
    }

    /// Which chain.
    pub(super) fn chain(&self) -> (AuthorityId, u32) {
        (self.authority.clone(), self.shard)
    }
}

/// An event in its place in the chain. The body is kept as the text that was hashed, so that a line written by an older
/// build is verified as it was written, whatever fields an event has today.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct AuditLine {
    /// Whose chain.
    pub authority: AuthorityId,
    /// Which part of it.
    pub shard: u32,
    /// Its number, from 1, without gaps.
    pub sequence: u64,
    /// Hash of the line before.
    pub previous: Sha256Digest,
    /// Hash of this line.
    pub hash: Sha256Digest,
    /// The event as canonical JSON.
    pub body: String,
}

impl AuditLine {
    /// Puts an event behind a head. The line belongs to the head's chain.
    pub fn chain(previous: &Head, event: &AuditEvent) -> AuditLine {
        let mut line = AuditLine {
            authority: previous.authority.clone(),
            shard: previous.shard,
            sequence: previous.sequence + 1,
            previous: previous.hash,
            hash: previous.hash,
            body: event.canonical(),
        };
        line.hash = line.computed_hash();
        line
    }

    /// The head after this line.
    pub fn head(&self) -> Head {
        Head { authority: self.authority.clone(), shard: self.shard, sequence: self.sequence, hash: self.hash }
    }

    /// True when its hash is that of its content.
    pub fn is_intact(&self) -> bool {
        self.hash == self.computed_hash()
    }

    /// The head before this line.
    pub fn before(&self) -> Head {
        let (authority, sequence) = (self.authority.clone(), self.sequence.saturating_sub(1));
        Head { authority, shard: self.shard, sequence, hash: self.previous }
    }

    /// The event that the body holds.
    ///
    /// # Errors
    /// When the body is no event: it was edited, or written by a newer build.
    pub fn event(&self) -> Result<AuditEvent, serde_json::Error> {
        serde_json::from_str(&self.body)
    }

    pub(super) fn computed_hash(&self) -> Sha256Digest {
        let mut hash = Sha256::new();
        absorb(&mut hash, LINE_LABEL);
        absorb(&mut hash, self.authority.as_str().as_bytes());
        absorb(&mut hash, &self.shard.to_be_bytes());
        absorb(&mut hash, &self.sequence.to_be_bytes());
        absorb(&mut hash, self.previous.as_bytes());
        absorb(&mut hash, self.body.as_bytes());
        Sha256Digest::from_bytes(hash.finalize().into())
    }
}

/// Hashes a field behind its length, so that no two lists of fields give the same bytes.
pub(super) fn absorb(hash: &mut Sha256, field: &[u8]) {
    hash.update((field.len() as u64).to_be_bytes());
    hash.update(field);
}
