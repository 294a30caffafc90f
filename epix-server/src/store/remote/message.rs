//! What is asked over the control socket, and what is answered.

use epix_core::id::{AuthorityId, Fingerprint, PartyId, PermitNumber};
use epix_core::receive::receive_again;
use epix_core::version::ToolkitVersion;
use serde::{Deserialize, Serialize};

use crate::audit::{AuditEvent, Head};
use crate::store::{
    ApiKey, Append, Attachment, Attachments, Authority, Claim, Difference, Entry, KeyId, NewDocument, NewPermit, Party,
    PermitEvent, Proven, Refusal, Rendition, Search, Standing, StoreError, TokenHash, VersionReason,
};

/// A question or a command, one for each method of the store.
#[derive(Debug, Serialize, Deserialize)]
pub(super) enum Ask {
    Declare(Authority, AuditEvent),
    Insert {
        bytes: Bytes,
        token: Option<TokenHash>,
        attachments: Vec<Attachment>,
        proven: Option<Proven>,
        entry: Entry,
        audit: AuditEvent,
    },
    Append {
        number: PermitNumber,
        expected: u64,
        event: Box<PermitEvent>,
        document: Option<Document>,
        entry: Box<Entry>,
        audit: AuditEvent,
    },
    Find(AuthorityId, PermitNumber),
    Document(AuthorityId, PermitNumber, u32),
    Proven(AuthorityId, PermitNumber, u32),
    Rendition(AuthorityId, PermitNumber, u32, ToolkitVersion),
    KeepRendition(PermitNumber, Rendition, AuditEvent),
    Numbers(AuthorityId, Option<PermitNumber>, usize),
    Search(AuthorityId, Search),
    Enter(AuthorityId, PermitNumber, Entry),
    KeepKey(ApiKey, AuditEvent),
    Key(KeyId),
    Keys(AuthorityId),
    Claim(Claim),
    Settle(Claim, Option<String>),
    Record(AuditEvent, Standing),
    Parties(AuthorityId),
    ApplyParties(Vec<Party>, AuditEvent),
    Registrations(Fingerprint),
    Notices(AuthorityId, u64, usize),
    Told(AuthorityId, PartyId),
    Advance(PartyId, u64, AuditEvent),
    KeepRefused {
        bytes: Bytes,
        report: String,
        audit: AuditEvent,
    },
    Refused(AuthorityId, u64, usize),
    AuditLines(AuthorityId, u32, u64, usize),
    Heads,
    BeginShard(AuditEvent),
    PurgeAudit(Head, AuditEvent),
    Health,
}

/// A new document of a permit, as it travels.
#[derive(Debug, Serialize, Deserialize)]
pub(super) struct Document {
    bytes: Bytes,
    reason: VersionReason,
    attachments: Attachments,
    proven: Option<Proven>,
}

/// Bytes that travel as base64.
#[derive(Debug, Serialize, Deserialize)]
pub(super) struct Bytes(#[serde(with = "base64")] pub(super) Vec<u8>);

impl Ask {
    pub(super) fn insert(permit: NewPermit) -> Ask {
        let NewPermit { accepted, token, attachments, proven, entry, audit } = permit;
        Ask::Insert { bytes: Bytes(accepted.bytes().to_vec()), token, attachments, proven, entry, audit }
    }

    pub(super) fn append(change: Append) -> Ask {
        let Append { number, expected_revision: expected, event, document, entry, audit } = change;
        let document = document.map(|NewDocument { accepted, reason, attachments, proven }| Document {
            bytes: Bytes(accepted.bytes().to_vec()),
            reason,
            attachments,
            proven,
        });
        Ask::Append { number, expected, event: Box::new(event), document, entry: Box::new(entry), audit }
    }

    pub(super) fn keep_refused(refusal: Refusal) -> Ask {
        let Refusal { bytes, report, audit } = refusal;
        Ask::KeepRefused { bytes: Bytes(bytes), report, audit }
    }
}

impl Document {
    /// The document as the store takes it: only what can be accepted can be stored, whoever sends it.
    pub(super) fn into_new(self) -> Result<NewDocument, StoreError> {
        let Document { bytes, reason, attachments, proven } = self;
        Ok(NewDocument { accepted: accepted(&bytes)?, reason, attachments, proven })
    }
}

pub(super) fn accepted(bytes: &Bytes) -> Result<epix_core::receive::Accepted, StoreError> {
    receive_again(&bytes.0).map_err(|_| StoreError::backend(Said("the document cannot be accepted".to_owned())))
}

/// Why something was not done, as it travels: what callers tell apart keeps its facts, everything else its words.
#[derive(Debug, Serialize, Deserialize)]
pub(super) enum Trouble {
    NotFound(PermitNumber),
    Conflict(u64),
    Different(PermitNumber, Difference),
    CertificateTaken { fingerprint: Fingerprint, first: PartyId, second: PartyId },
    PartyTwice(PartyId),
    UnknownAuthority(AuthorityId),
    NoLine(AuthorityId, u32, u64),
    Corrupt(String),
    Said(String),
}

/// What the server said.
#[derive(Debug, thiserror::Error)]
#[error("{0}")]
pub(super) struct Said(pub(super) String);

impl From<StoreError> for Trouble {
    fn from(error: StoreError) -> Trouble {
        match error {
            StoreError::NotFound { number } => Trouble::NotFound(number),
            StoreError::Conflict { revision } => Trouble::Conflict(revision),
            StoreError::Different { number, what } => Trouble::Different(number, what),
            StoreError::CertificateTaken { fingerprint, first, second } => {
                Trouble::CertificateTaken { fingerprint, first, second }
            }
            StoreError::PartyTwice { party } => Trouble::PartyTwice(party),
            StoreError::UnknownAuthority { authority } => Trouble::UnknownAuthority(authority),
            StoreError::NoLine { authority, shard, sequence } => Trouble::NoLine(authority, shard, sequence),
            StoreError::Corrupt { what } => Trouble::Corrupt(what),
            other => Trouble::Said(causes(&other)),
        }
    }
}

impl From<Trouble> for StoreError {
    fn from(trouble: Trouble) -> StoreError {
        match trouble {
            Trouble::NotFound(number) => StoreError::NotFound { number },
            Trouble::Conflict(revision) => StoreError::Conflict { revision },
            Trouble::Different(number, what) => StoreError::Different { number, what },
            Trouble::CertificateTaken { fingerprint, first, second } => {
                StoreError::CertificateTaken { fingerprint, first, second }
            }
            Trouble::PartyTwice(party) => StoreError::PartyTwice { party },
            Trouble::UnknownAuthority(authority) => StoreError::UnknownAuthority { authority },
            Trouble::NoLine(authority, shard, sequence) => StoreError::NoLine { authority, shard, sequence },
            Trouble::Corrupt(what) => StoreError::Corrupt { what },
            Trouble::Said(words) => StoreError::backend(Said(words)),
        }
    }
}

fn causes(error: &dyn std::error::Error) -> String {
    let mut text = error.to_string();
    let mut cause = error.source();
    while let Some(error) = cause {
        text.push_str(&format!(": {error}"));
        cause = error.source();
    }
    text
}

/// Bytes in JSON: as base64, not as a list of numbers four times as long.
pub(in crate::store) mod base64 {
    use base64::Engine as _;
    use base64::engine::general_purpose::STANDARD;
    use serde::{Deserialize as _, Deserializer, Serializer, de::Error as _};

    pub(in crate::store) fn serialize<S: Serializer>(bytes: &[u8], serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&STANDARD.encode(bytes))
    }

    pub(in crate::store) fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Vec<u8>, D::Error> {
        STANDARD.decode(String::deserialize(deserializer)?).map_err(D::Error::custom)
    }
}
