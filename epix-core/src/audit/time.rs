//! How does the audit write a time?

use chrono::{DateTime, NaiveDateTime, Utc};

/// The one way in which the audit and the store write a time: RFC 3339, UTC, six digits of fraction.
pub fn timestamp(at: DateTime<Utc>) -> String {
    at.format(TIMESTAMP).to_string()
}

/// Reads what [`timestamp`] wrote; `None` for anything else.
pub fn from_timestamp(text: &str) -> Option<DateTime<Utc>> {
    NaiveDateTime::parse_from_str(text, TIMESTAMP).ok().map(|at| at.and_utc())
}

const TIMESTAMP: &str = "%Y-%m-%dT%H:%M:%S%.6fZ";

/// Times in JSON, as [`timestamp`] writes them.
pub(super) mod microseconds {
    use chrono::{DateTime, Utc};
    use serde::{Deserialize as _, Deserializer, Serializer, de::Error as _};

    pub(in crate::audit) fn serialize<S: Serializer>(at: &DateTime<Utc>, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&super::timestamp(*at))
    }

    pub(in crate::audit) fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<DateTime<Utc>, D::Error> {
        let text = String::deserialize(deserializer)?;
        super::from_timestamp(&text).ok_or_else(|| D::Error::custom("not a time in UTC with microseconds"))
    }
}
