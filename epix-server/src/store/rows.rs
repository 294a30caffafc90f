//! What a store keeps and gives back: authorities, permits with their versions and events, parties, refused documents.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

use chrono::{DateTime, Utc};
use epix_core::id::{
    Amount, AuthorityId, CallId, Country, Fingerprint, PartyId, PermitNumber, PositionId, Sha256Digest,
};
use epix_core::report::Lost;
use epix_core::sign::Seal;
use epix_core::version::ToolkitVersion;
use serde::{Deserialize, Serialize};
use subtle::ConstantTimeEq as _;

use super::Role;

/// An authority whose books are kept here.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Authority {
    /// Its id; everything in the store belongs to one.
    pub id: AuthorityId,
    /// Its country, under which partners ask.
    pub country: Country,
    /// Its name.
    pub name: String,
}

/// Keyed hash of a permit's token: compared in constant time, never printed. It is serialised for the control socket only.
#[derive(Clone, Copy, Serialize, Deserialize)]
#[serde(transparent)]
pub struct TokenHash([u8; 32]);

impl TokenHash {
    /// Takes a hash that was made with the key of this installation.
    pub fn from_bytes(bytes: [u8; 32]) -> TokenHash {
        TokenHash(bytes)
    }

    /// The 32 bytes, for a backend to keep.
    pub(crate) fn as_bytes(&self) -> &[u8; 32] {
        &self.0
    }
}

impl PartialEq for TokenHash {
    fn eq(&self, other: &TokenHash) -> bool {
        self.0.ct_eq(&other.0).into()
    }
}

impl Eq for TokenHash {}

impl fmt::Debug for TokenHash {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("TokenHash(secret)")
    }
}

/// Everything about a permit but its documents: what decisions are made from.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PermitRecord {
    /// Whose permit.
    pub authority: AuthorityId,
    /// Its number, as written when it was stored.
    pub number: PermitNumber,
    /// The country of import (boxes 3, 3a).
    pub destination: Option<Country>,
    /// What a caller's token must hash to; `None` for a permit without token.
    pub token: Option<TokenHash>,
    /// The number of events: what the next change must be based on.
    pub revision: u64,
    /// The documents, oldest first.
    pub versions: Vec<VersionRow>,
    /// What happened to it, oldest first.
    pub events: Vec<RecordedEvent>,
    /// When it was stored.
    pub stored_at: DateTime<Utc>,
}

/// One document of a permit; never changed once it stands.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct VersionRow {
    /// Its number among the permit's documents, from 1.
    pub ordinal: u32,
    /// The toolkit version it is written in.
    pub toolkit: ToolkitVersion,
    /// Digest of its bytes.
    pub digest: Sha256Digest,
    /// Its length in bytes.
    pub size: u64,
    /// Why it exists.
    pub reason: VersionReason,
    /// When it was stored.
    pub at: DateTime<Utc>,
}

/// What the verdict on a signature rested on when the document was received: enough to repeat it in ten years. The digests name
/// pieces of evidence, which are kept apart, each once.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Proof {
    /// Who signed, how and when; `None` where the signature was kept and not looked at.
    pub seal: Option<Seal>,
    /// The certificates from the signer to the root.
    pub chain: Vec<Sha256Digest>,
    /// The revocation lists that were at hand.
    pub lists: Vec<Sha256Digest>,
    /// The roots of the time-stamping authorities that were trusted.
    pub clocks: Vec<Sha256Digest>,
    /// The file that retires algorithms, where there was one.
    pub algorithms: Option<Sha256Digest>,
    /// The certificates that were registered for the country; empty where the name in the certificate counted.
    pub signers: Vec<Fingerprint>,
    /// What came, where other bytes are kept: those that the signature in it covers.
    pub received: Option<Sha256Digest>,
}

/// A proof with its evidence.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Proven {
    /// What the verdict rested on.
    pub proof: Proof,
    /// The pieces that it names.
    pub evidence: Vec<Evidence>,
}

/// A piece of evidence: a certificate, a revocation list, what came.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Evidence(#[serde(with = "super::remote::base64")] pub Vec<u8>);

impl Proof {
    /// The digests of the pieces of evidence that it names, in the order in which they are kept in [`Proven::evidence`].
    pub fn named(&self) -> impl Iterator<Item = &Sha256Digest> {
        self.chain.iter().chain(&self.lists).chain(&self.clocks).chain(&self.algorithms).chain(&self.received)
    }
}

impl Proven {
    /// Puts a proof together; the pieces stand in the order in which the proof names them.
    pub fn new(proof: Proof, pieces: impl IntoIterator<Item = Vec<u8>>) -> Proven {
        Proven { proof, evidence: pieces.into_iter().map(Evidence).collect() }
    }

    /// The piece of evidence with a digest.
    pub fn piece(&self, digest: &Sha256Digest) -> Option<&[u8]> {
        let found = self.proof.named().position(|named| named == digest)?;
        self.evidence.get(found).map(|Evidence(bytes)| bytes.as_slice())
    }
}

/// Why a document of a permit exists.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "because", rename_all = "kebab-case")]
pub enum VersionReason {
    /// It is the document that was first stored.
    Received,
    /// It is an issued document with box 14 inserted.
    Endorsed {
        /// Digest of the issued document.
        original: Sha256Digest,
        /// Sequence of the confirmation it shows.
        event: u64,
    },
    /// The authority replaced the document.
    Reissued {
        /// Why, in its words.
        reason: String,
    },
}

/// An event in its place in a permit's history.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct RecordedEvent {
    /// Its number, from 1; the permit's revision after it.
    pub sequence: u64,
    /// When.
    pub at: DateTime<Utc>,
    /// The party that caused it; `None` for the operator.
    pub party: Option<PartyId>,
    /// The certificate with which it was caused.
    pub fingerprint: Option<Fingerprint>,
    /// What happened.
    pub event: PermitEvent,
}

/// What can happen to a permit. A wrong event is answered by another event, never edited.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "event", rename_all = "kebab-case")]
pub enum PermitEvent {
    /// The authority issued it.
    Issued,
    /// Quantities were confirmed, all of them or none.
    Confirmed {
        /// In which of the two books.
        ledger: Ledger,
        /// The country whose organisation confirmed.
        country: Country,
        /// The organisation that confirmed, as registered.
        organisation: String,
        /// What was confirmed; a position left out of the call stands here with 0.
        positions: BTreeMap<PositionId, Amount>,
        /// What makes a repetition recognisable as the same confirmation.
        identity: Sha256Digest,
        /// True when it came after the end of validity.
        late: bool,
        /// What the organisation was registered as.
        #[serde(default)]
        roles: BTreeSet<Role>,
        /// The caller's own id of the call, where it sent one.
        #[serde(default)]
        call: Option<CallId>,
        /// True when the permit is used in parts: then it may not be the last one.
        #[serde(default)]
        part: bool,
    },
    /// The authority declared a confirmation void.
    Voided {
        /// Sequence of the confirmation.
        sequence: u64,
        /// Why, in the authority's words.
        reason: String,
    },
    /// The authority cancelled the permit.
    Cancelled {
        /// Why, in the authority's words.
        reason: String,
    },
    /// The authority suspended the permit.
    Suspended {
        /// Why, in the authority's words.
        reason: String,
    },
    /// The authority lifted the suspension.
    Resumed {
        /// Why, in the authority's words.
        reason: String,
    },
    /// Another permit stands in the place of this one.
    Replaced {
        /// Which.
        by: PermitNumber,
        /// Why, in the authority's words.
        reason: String,
    },
    /// This permit stands in the place of another one.
    Replaces {
        /// Which.
        number: PermitNumber,
        /// Why, in the authority's words.
        reason: String,
    },
    /// The permit was lost or stolen.
    Lost {
        /// How, in the authority's words.
        reason: String,
    },
    /// The permit was given back unused.
    Returned {
        /// Why, in the authority's words.
        reason: String,
    },
    /// The authority replaced the document.
    Reissued {
        /// Which version is the new one.
        ordinal: u32,
        /// Why, in the authority's words.
        reason: String,
    },
}

impl PermitEvent {
    /// The word for it, for programs.
    pub fn word(&self) -> &'static str {
        match self {
            PermitEvent::Issued => "issued",
            PermitEvent::Confirmed { .. } => "confirmed",
            PermitEvent::Voided { .. } => "voided",
            PermitEvent::Cancelled { .. } => "cancelled",
            PermitEvent::Suspended { .. } => "suspended",
            PermitEvent::Resumed { .. } => "resumed",
            PermitEvent::Replaced { .. } => "replaced",
            PermitEvent::Replaces { .. } => "replaces",
            PermitEvent::Lost { .. } => "lost",
            PermitEvent::Returned { .. } => "returned",
            PermitEvent::Reissued { .. } => "reissued",
        }
    }

    /// Are partners told of it? Not that a permit is stored: an import of many would tell them nothing that they wait for.
    pub fn is_told(&self) -> bool {
        !matches!(self, PermitEvent::Issued | PermitEvent::Replaces { .. })
    }
}

/// What partners are told: an event of a permit, in the order of the authority's events.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Notice {
    /// Its number among the authority's notices, from 1, without gaps.
    pub sequence: u64,
    /// The permit.
    pub number: PermitNumber,
    /// When it happened.
    pub at: DateTime<Utc>,
    /// What happened.
    pub event: PermitEvent,
}

/// In which of the two books a confirmation stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Ledger {
    /// What left the issuing country.
    Export,
    /// What arrived.
    Import,
}

/// A file that travels with a permit.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Attachment {
    /// Its name, as the sender gave it.
    pub name: String,
    /// Its bytes.
    #[serde(with = "super::remote::base64")]
    pub content: Vec<u8>,
}

/// One document of a permit with what travels with it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct StoredDocument {
    /// The toolkit version it is written in.
    pub toolkit: ToolkitVersion,
    /// Digest of its bytes; checked when it was read.
    pub digest: Sha256Digest,
    /// The stand-alone document, untouched.
    #[serde(with = "super::remote::base64")]
    pub bytes: Vec<u8>,
    /// Its attachments, in the order in which they came.
    pub attachments: Vec<Attachment>,
}

/// A document of a permit in another toolkit version than the one it was stored in: made once, then kept.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Rendition {
    /// The version of the permit that it was made from.
    pub ordinal: u32,
    /// The toolkit version it is written in.
    pub toolkit: ToolkitVersion,
    /// What the toolkit version has no place for.
    pub losses: Vec<Lost>,
    /// The stand-alone document.
    #[serde(with = "super::remote::base64")]
    pub bytes: Vec<u8>,
}

/// A document that was refused, kept apart until newer ones push it out.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct RefusedDocument {
    /// Its number among all refused documents; grows, has gaps.
    pub sequence: u64,
    /// When it came.
    pub at: DateTime<Utc>,
    /// The report that says why, as JSON.
    pub report: String,
    /// What came, untouched.
    #[serde(with = "super::remote::base64")]
    pub bytes: Vec<u8>,
}
