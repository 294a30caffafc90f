//! Does a chain hold, and where not?

use serde::Serialize;

use super::line::{AuditLine, Head};
use crate::id::AuthorityId;

/// The first place where a chain does not hold.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, thiserror::Error)]
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
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, thiserror::Error)]
#[serde(rename_all = "kebab-case")]
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
    /// A checkpoint knows lines that are not there.
    #[error("the lines from here on are missing, which checkpoint {number} knows")]
    BehindCheckpoint {
        /// The newest checkpoint that knows them.
        number: u64,
    },
    /// The line is another one than a checkpoint signed.
    #[error("it is not the line that checkpoint {number} signed: it, or lines before it, were written anew")]
    OffCheckpoint {
        /// The checkpoint.
        number: u64,
    },
    /// The first lines are missing.
    #[error("the lines up to here are missing, and no checkpoint says that they were purged")]
    NoBeginning,
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
pub(super) fn fault_of(head: &Head, line: &AuditLine) -> Option<(u64, Break)> {
    let expected = head.sequence.saturating_add(1);
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

#[cfg(test)]
mod tests {
    use chrono::DateTime;

    use super::super::AuditEvent;
    use super::*;
    use crate::id::{PartyId, PermitNumber};
    use std::collections::BTreeMap;

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
