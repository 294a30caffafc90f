//! What is written down about one thing that was done or refused?

use std::collections::BTreeMap;
use std::fmt;

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

use super::time;
use crate::id::{AuthorityId, Fingerprint, PartyId, PermitNumber, Sha256Digest};

/// The outcome of a call that was answered; every other outcome is a fault code.
pub const OK: &str = "ok";

/// The id under which one call is found in answers, logs and the audit.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(transparent)]
pub struct RequestId(String);

impl RequestId {
    /// The text of the id.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl From<String> for RequestId {
    fn from(text: String) -> RequestId {
        RequestId(text)
    }
}

impl From<&str> for RequestId {
    fn from(text: &str) -> RequestId {
        RequestId(text.to_owned())
    }
}

impl fmt::Display for RequestId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// Who acted, as far as it is known.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Actor {
    /// The registered party; `None` for strangers and for the operator.
    pub party: Option<PartyId>,
    /// The whole certificate that was shown.
    pub fingerprint: Option<Fingerprint>,
    /// The operator's account or the organisation's registered name; never a person of the permit.
    pub name: Option<String>,
}

/// One thing that was done or refused. Neither tokens nor personal data may be put into it.
///
/// ```
/// use chrono::DateTime;
/// use epix_core::id::AuthorityId;
/// use epix_core::audit::AuditEvent;
///
/// let authority = AuthorityId::parse("XA").unwrap();
/// let event = AuditEvent::new(authority, DateTime::UNIX_EPOCH, "r-1".into(), "service-state");
/// assert_eq!(event.outcome, "ok");
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct AuditEvent {
    /// In whose books it stands.
    pub authority: AuthorityId,
    /// When, to the microsecond.
    #[serde(with = "time::microseconds")]
    pub at: DateTime<Utc>,
    /// Which call.
    pub request_id: RequestId,
    /// What was asked: an operation of the service or a verb of the operator.
    pub operation: String,
    /// Who asked.
    pub actor: Actor,
    /// From where: the address of the peer.
    pub remote: Option<String>,
    /// About which permit.
    pub permit: Option<PermitNumber>,
    /// [`OK`] or the fault code.
    pub outcome: String,
    /// Digest of the request as it was received.
    pub request_digest: Option<Sha256Digest>,
    /// Digest of the document that was stored or handed out.
    pub document_digest: Option<Sha256Digest>,
    /// Headers kept, counts.
    pub detail: BTreeMap<String, String>,
}

impl AuditEvent {
    /// Begins an event with the outcome [`OK`]; what else is known is filled in by the caller.
    pub fn new(authority: AuthorityId, at: DateTime<Utc>, request_id: RequestId, operation: &str) -> AuditEvent {
        AuditEvent {
            authority,
            at,
            request_id,
            operation: operation.to_owned(),
            actor: Actor::default(),
            remote: None,
            permit: None,
            outcome: OK.to_owned(),
            request_digest: None,
            document_digest: None,
            detail: BTreeMap::new(),
        }
    }

    /// The canonical text: JSON in the order of the fields above, maps sorted, no white space.
    pub(super) fn canonical(&self) -> String {
        serde_json::to_string(self).expect("texts, numbers and maps with text keys always serialise")
    }
}
