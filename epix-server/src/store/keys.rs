//! The keys by which the authority's own systems and clerks call, and the answers that are given again.

use std::collections::BTreeSet;
use std::fmt;

use chrono::{DateTime, TimeDelta, Utc};
use epix_core::id::{AuthorityId, Sha256Digest};
use serde::{Deserialize, Serialize};

use super::TokenHash;

/// The public half of a key: what it is called in lists and in the audit.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(transparent)]
pub struct KeyId(String);

impl KeyId {
    /// How many letters an id has: 48 bits in hexadecimal digits, enough that two never meet.
    pub const LETTERS: usize = 12;

    /// Reads an id: hexadecimal digits in small letters.
    pub fn parse(text: &str) -> Option<KeyId> {
        let is_digit = |letter: u8| matches!(letter, b'0'..=b'9' | b'a'..=b'f');
        (text.len() == KeyId::LETTERS && text.bytes().all(is_digit)).then(|| KeyId(text.to_owned()))
    }

    /// The text of the id.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for KeyId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// What a key may be used for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub enum Access {
    /// Read permits, their versions and events.
    #[serde(rename = "permits:read")]
    PermitsRead,
    /// Store permits and change their state.
    #[serde(rename = "permits:write")]
    PermitsWrite,
    /// Confirm quantities, and declare confirmations void.
    #[serde(rename = "confirm")]
    Confirm,
    /// Ask partners for permits, and confirm with them.
    #[serde(rename = "exchange")]
    Exchange,
    /// Read the register of parties.
    #[serde(rename = "parties")]
    Parties,
    /// Read the audit.
    #[serde(rename = "audit")]
    Audit,
}

impl Access {
    /// Every scope.
    pub const ALL: [Access; 6] =
        [Access::PermitsRead, Access::PermitsWrite, Access::Confirm, Access::Exchange, Access::Parties, Access::Audit];

    /// The word for it.
    pub const fn word(self) -> &'static str {
        match self {
            Access::PermitsRead => "permits:read",
            Access::PermitsWrite => "permits:write",
            Access::Confirm => "confirm",
            Access::Exchange => "exchange",
            Access::Parties => "parties",
            Access::Audit => "audit",
        }
    }

    /// The scope of a word.
    pub fn named(word: &str) -> Option<Access> {
        Access::ALL.into_iter().find(|scope| scope.word() == word)
    }
}

/// A key of an authority: whoever holds it calls as one of the authority's own systems.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ApiKey {
    /// Its public half.
    pub id: KeyId,
    /// Whose.
    pub authority: AuthorityId,
    /// Who holds it, in the operator's words.
    pub name: String,
    /// What it may be used for.
    pub scopes: BTreeSet<Access>,
    /// What its secret half must hash to.
    pub hash: TokenHash,
    /// When it was made.
    pub created_at: DateTime<Utc>,
    /// From when on it is no longer taken.
    pub expires_at: Option<DateTime<Utc>>,
    /// When it was revoked.
    pub revoked_at: Option<DateTime<Utc>>,
}

impl ApiKey {
    /// Is it taken at this moment?
    pub fn holds(&self, at: DateTime<Utc>) -> bool {
        self.revoked_at.is_none() && self.expires_at.is_none_or(|end| at < end)
    }
}

/// A caller's wish that a change be made once, however often it is asked for.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Claim {
    /// In whose books.
    pub authority: AuthorityId,
    /// Who asks.
    pub caller: String,
    /// The caller's own key for the change.
    pub key: String,
    /// Digest of what is asked.
    pub request: Sha256Digest,
    /// When it is asked.
    pub at: DateTime<Utc>,
}

impl Claim {
    /// How long an answer is kept: longer than anybody tries again.
    pub const KEPT: TimeDelta = TimeDelta::days(7);

    /// After so long without an answer the work is taken to have been cut off: no call takes a tenth of it.
    pub const CUT_OFF: TimeDelta = TimeDelta::minutes(5);

    /// What is to be done about it, where a claim of the same key stands already.
    pub(super) fn meets(&self, request: Sha256Digest, begun: DateTime<Utc>, answer: Option<String>) -> Claimed {
        match answer {
            _ if request != self.request => Claimed::Another,
            Some(answer) => Claimed::Answered(answer),
            None if self.at - begun >= Claim::CUT_OFF => Claimed::Yours,
            None => Claimed::UnderWay,
        }
    }
}

/// What comes of a claim.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub enum Claimed {
    /// The change is to be made now.
    Yours,
    /// It was made before, with this answer.
    Answered(String),
    /// Somebody is making it.
    UnderWay,
    /// The same key stood for something else.
    Another,
}
