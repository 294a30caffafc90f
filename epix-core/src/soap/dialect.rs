//! Which namespace is which dialect of the service.

use crate::version::ToolkitVersion;

/// A dialect of the EPIX service that this library speaks.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Dialect {
    /// The national style, version 2: document/literal, permits of toolkit 2.0.
    V2,
}

/// What a namespace stands for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Spoken {
    /// A dialect we speak.
    Ours(Dialect),
    /// A known dialect that this service does not answer.
    Other(&'static str),
    /// Nothing known.
    Unknown,
}

impl Dialect {
    /// The namespace of its messages.
    pub fn namespace(self) -> &'static str {
        match self {
            Dialect::V2 => "urn:CitesDataExchange/v2/",
        }
    }

    /// The toolkit version of the permits in its answers.
    pub fn toolkit(self) -> ToolkitVersion {
        match self {
            Dialect::V2 => ToolkitVersion::V2,
        }
    }

    /// The prefix that we write for its namespace.
    pub(super) fn prefix(self) -> &'static str {
        match self {
            Dialect::V2 => "v2",
        }
    }

    /// Looks a namespace up.
    pub(super) fn of(namespace: &str) -> Spoken {
        match namespace {
            "urn:CitesDataExchange/v2/" => Spoken::Ours(Dialect::V2),
            "urn:CitesDataExchange/v1/" => Spoken::Other("version 1"),
            "urn:CitesDataExchange" => Spoken::Other("the hub's dialect"),
            _ => Spoken::Unknown,
        }
    }
}
