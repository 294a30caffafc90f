//! Lists of revoked certificates that servers on one store pass on to one another.

use std::collections::BTreeMap;

use chrono::{DateTime, Utc};

/// What an issuer revoked. The store keeps the newest of each issuer and looks into none: whoever takes one from it verifies it first.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RevocationList {
    /// The issuer's name (DER).
    pub issuer: IssuerName,
    /// When it was issued, as it says itself.
    pub issued_at: DateTime<Utc>,
    /// The list (DER).
    pub bytes: Vec<u8>,
}

impl RevocationList {
    /// A longer one is not passed on: some hundred thousand certificates fit in.
    pub const LONGEST: usize = 8 << 20;
}

/// The name of an issuer (DER).
pub type IssuerName = Vec<u8>;

/// Up to when the lists of each issuer are known.
pub type KnownLists = BTreeMap<IssuerName, DateTime<Utc>>;
