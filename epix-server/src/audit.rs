//! Who did what, when, and with what outcome: the audit event, and the chain that shows when one was touched.
//!
//! Every authority has its own chain per shard. A line's hash covers the hash of the line before it, so that an edited,
//! dropped, reordered or inserted line is named by [`verify`]. What a chain alone cannot show is a tail that was cut off
//! together with its head: signed checkpoints over all heads, kept outside the database, will build on [`Head`].

use std::collections::BTreeMap;
use std::fmt;

use chrono::{DateTime, NaiveDateTime, Utc};
use epix_core::id::{AuthorityId, Fingerprint, PartyId, PermitNumber, Sha256Digest};
use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};

/// What a line's hash begins with, so that it can never be taken for the hash of something else.
const LINE_LABEL: &[u8] = b"epix audit line 1";

/// What the hash before the first line begins with.
const GENESIS_LABEL: &[u8] = b"epix audit genesis 1";

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
/// use epix_server::audit::AuditEvent;
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
    #[serde(with = "microseconds")]
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
    fn canonical(&self) -> String {
        serde_json::to_string(self).expect("texts, numbers and maps with text keys always serialise")
    }
}

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

    /// The event that the body holds.
    ///
    /// # Errors
    /// When the body is no event: it was edited, or written by a newer build.
    pub fn event(&self) -> Result<AuditEvent, serde_json::Error> {
        serde_json::from_str(&self.body)
    }

    fn computed_hash(&self) -> Sha256Digest {
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
fn absorb(hash: &mut Sha256, field: &[u8]) {
    hash.update((field.len() as u64).to_be_bytes());
    hash.update(field);
}

/// The first place where a chain does not hold.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("audit chain of {authority}, shard {shard}, line {sequence}: {what}")]
pub struct ChainBreak {
    /// Whose chain.
    pub authority: AuthorityId,
    /// Which part of it.
    pub shard: u32,
    /// Number of the line that is meant.
    pub sequence: u64,
    /// What is wrong there.
    pub what: Break,
}

/// What is wrong with a line.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Break {
    /// Its content is not what was hashed.
    #[error("the line was edited")]
    Edited,
    /// It is not there, but a later one is.
    #[error("the line is missing")]
    Missing,
    /// It comes again, or after a later one.
    #[error("the line is out of order")]
    OutOfOrder,
    /// It does not follow the line before it: one of the two was put in or replaced.
    #[error("the line does not follow the one before it")]
    Unlinked,
    /// It is of another authority or shard.
    #[error("the line belongs to another chain")]
    OtherChain,
    /// The chain ends before its recorded head.
    #[error("the lines from here to the recorded end of the chain are missing")]
    MissingTail,
    /// The chain goes on behind its recorded head.
    #[error("the lines from here on stand behind the recorded end of the chain")]
    BeyondHead,
}

/// Follows lines from a known head (genesis, a checkpoint, the end of the page before) to the last one.
///
/// # Errors
/// The first line that was edited, dropped, reordered or inserted.
pub fn verify(from: Head, lines: impl IntoIterator<Item = AuditLine>) -> Result<Head, ChainBreak> {
    let mut head = from;
    for line in lines {
        match fault_of(&head, &line) {
            None => head = line.head(),
            Some((sequence, what)) => {
                return Err(ChainBreak { authority: head.authority, shard: head.shard, sequence, what });
            }
        }
    }
    Ok(head)
}

/// What keeps a line from following a head, and the number of the line that is to blame.
fn fault_of(head: &Head, line: &AuditLine) -> Option<(u64, Break)> {
    let expected = head.sequence + 1;
    if line.authority != head.authority || line.shard != head.shard {
        return Some((expected, Break::OtherChain));
    }
    if line.sequence > expected {
        return Some((expected, Break::Missing));
    }
    if line.sequence < expected {
        return Some((line.sequence, Break::OutOfOrder));
    }
    if line.hash != line.computed_hash() {
        return Some((expected, Break::Edited));
    }
    (line.previous != head.hash).then_some((expected, Break::Unlinked))
}

/// The one way in which the audit and the store write a time: RFC 3339, UTC, six digits of fraction.
pub(crate) fn timestamp(at: DateTime<Utc>) -> String {
    at.format(TIMESTAMP).to_string()
}

/// Reads what [`timestamp`] wrote; `None` for anything else.
pub(crate) fn from_timestamp(text: &str) -> Option<DateTime<Utc>> {
    NaiveDateTime::parse_from_str(text, TIMESTAMP).ok().map(|at| at.and_utc())
}

const TIMESTAMP: &str = "%Y-%m-%dT%H:%M:%S%.6fZ";

/// Times in JSON, as [`timestamp`] writes them.
mod microseconds {
    use chrono::{DateTime, Utc};
    use serde::{Deserialize as _, Deserializer, Serializer, de::Error as _};

    pub(super) fn serialize<S: Serializer>(at: &DateTime<Utc>, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&super::timestamp(*at))
    }

    pub(super) fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<DateTime<Utc>, D::Error> {
        let text = String::deserialize(deserializer)?;
        super::from_timestamp(&text).ok_or_else(|| D::Error::custom("not a time in UTC with microseconds"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn authority() -> AuthorityId {
        AuthorityId::parse("XA").unwrap()
    }

    fn event(operation: &str) -> AuditEvent {
        let at = DateTime::from_timestamp(1_800_000_000, 123_456_789).unwrap();
        AuditEvent::new(authority(), at, "r-1".into(), operation)
    }

    fn chain_of(operations: &[&str]) -> Vec<AuditLine> {
        let mut head = Head::genesis(authority(), 0);
        let mut lines = Vec::new();
        for operation in operations {
            lines.push(AuditLine::chain(&head, &event(operation)));
            head = lines.last().unwrap().head();
        }
        lines
    }

    fn break_of(lines: Vec<AuditLine>) -> (u64, Break) {
        let found = verify(Head::genesis(authority(), 0), lines).unwrap_err();
        (found.sequence, found.what)
    }

    #[test]
    fn an_untouched_chain_holds_to_its_head() {
        let lines = chain_of(&["a", "b", "c"]);
        let last = lines[2].head();

        assert_eq!(verify(Head::genesis(authority(), 0), lines).unwrap(), last);
    }

    #[test]
    fn a_chain_can_be_followed_page_by_page() {
        let lines = chain_of(&["a", "b", "c", "d"]);
        let last = lines[3].head();

        let middle = verify(Head::genesis(authority(), 0), lines[..2].to_vec()).unwrap();

        assert_eq!(verify(middle, lines[2..].to_vec()).unwrap(), last);
    }

    #[test]
    fn an_edited_line_is_named() {
        let mut lines = chain_of(&["a", "b", "c"]);
        lines[1].body = lines[1].body.replace("\"b\"", "\"x\"");

        assert_eq!(break_of(lines), (2, Break::Edited));
    }

    #[test]
    fn a_dropped_line_is_named() {
        let mut lines = chain_of(&["a", "b", "c"]);
        lines.remove(1);

        assert_eq!(break_of(lines), (2, Break::Missing));
    }

    #[test]
    fn reordered_lines_are_named() {
        let mut lines = chain_of(&["a", "b", "c"]);
        lines.swap(1, 2);
        assert_eq!(break_of(lines), (2, Break::Missing));

        let mut lines = chain_of(&["a", "b", "c"]);
        lines.push(lines[1].clone());
        assert_eq!(break_of(lines), (2, Break::OutOfOrder));
    }

    #[test]
    fn an_inserted_line_breaks_the_link_of_the_next() {
        let mut lines = chain_of(&["a", "b", "c"]);
        lines[1] = AuditLine::chain(&lines[0].head(), &event("forged"));

        assert_eq!(break_of(lines), (3, Break::Unlinked));
    }

    #[test]
    fn a_line_of_another_authority_does_not_fit() {
        let other = Head::genesis(AuthorityId::parse("XB").unwrap(), 0);
        let line = AuditLine::chain(&other, &event("a"));

        assert_eq!(break_of(vec![line]), (1, Break::OtherChain));
    }

    #[test]
    fn the_canonical_text_of_an_event_never_changes() {
        let mut event = event("get-final");
        event.actor.party = Some(PartyId::parse("XB-MA").unwrap());
        event.permit = Some(PermitNumber::parse("XA-2026-0001").unwrap());
        event.detail = BTreeMap::from([("z".to_owned(), "1".to_owned()), ("a".to_owned(), "2".to_owned())]);

        let line = AuditLine::chain(&Head::genesis(authority(), 0), &event);

        // Kept lines are verified for years: whoever changes this text breaks every chain in use.
        assert_eq!(
            line.body,
            r#"{"authority":"XA","at":"2027-01-15T08:00:00.123456Z","request_id":"r-1","operation":"get-final","#
                .to_owned()
                + r#""actor":{"party":"XB-MA","fingerprint":null,"name":null},"remote":null,"permit":"XA-2026-0001","#
                + r#""outcome":"ok","request_digest":null,"document_digest":null,"detail":{"a":"2","z":"1"}}"#
        );
        assert_eq!(line.hash.to_string(), "c2272c2ed7d0ac5b142e2313d19d794893599cbf4aea28bb311e45636760b840");
        assert_eq!(line.event().unwrap().detail, event.detail);
    }
}
