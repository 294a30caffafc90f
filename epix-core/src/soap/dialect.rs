//! Which dialects of the service there are, and what sets one apart: the only file that lists them.

use std::fmt;

use super::fault::{Fault, FaultCode};
use crate::id::Operation;
use crate::version::ToolkitVersion;

/// A dialect of the EPIX service.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Dialect {
    /// The national style, version 1: permits of toolkit 1.0.
    V1,
    /// The national style, version 2: permits of toolkit 2.0.
    V2,
    /// The hub's, as its description meant it: typed answers, typed faults.
    Hub,
    /// The hub's, answered with what the public hub of 2017 really sent; an option for clients made against that.
    HubAsWas,
}

/// What sets a dialect apart; code asks for these facts.
#[derive(Debug)]
pub struct DialectSpec {
    /// Which dialect this is.
    pub dialect: Dialect,
    /// Its name, as registers, addresses and command lines give it.
    pub name: &'static str,
    /// What it is, in words.
    pub what: &'static str,
    /// The namespace of its messages, by which a request is known.
    pub namespace: &'static str,
    /// The toolkit version of the permits in its answers, unless a Party is registered otherwise.
    pub toolkit: ToolkitVersion,
    /// The media type of its answers, fault or not.
    pub media_type: &'static str,
    /// The prefix that we write for its namespace.
    pub(super) prefix: &'static str,
    /// What stands behind the operation in the name of a request.
    pub(super) request_suffix: &'static str,
    /// What stands before the operation in SOAPAction.
    pub(super) action_prefix: &'static str,
    /// How `ConfirmQuantities` and `ServiceState` are answered.
    pub(super) words: Words,
    /// How faults are written.
    pub(super) faults: Faults,
    /// The dialect in whose words a permit is answered.
    pub(super) answers_as: Dialect,
}

/// How the answers without a permit are written. Both are ours: the public contract says only that the hub's is a string.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Words {
    /// `Confirmed`, a boolean, and `State`.
    Typed,
    /// `Value`, a string, for both.
    Value,
}

/// How faults are written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Faults {
    /// With a qualified code and a detail.
    Typed,
    /// With an unqualified code that is nearly always `Server`, and without a detail.
    Bare,
}

const V2: DialectSpec = DialectSpec {
    dialect: Dialect::V2,
    name: "v2",
    what: "the national style, version 2",
    namespace: "urn:CitesDataExchange/v2/",
    toolkit: ToolkitVersion::V2,
    media_type: "text/xml; charset=utf-8",
    prefix: "v2",
    request_suffix: "Request",
    action_prefix: "urn:",
    words: Words::Typed,
    faults: Faults::Typed,
    answers_as: Dialect::V2,
};

const V1: DialectSpec = DialectSpec {
    dialect: Dialect::V1,
    name: "v1",
    what: "the national style, version 1",
    namespace: "urn:CitesDataExchange/v1/",
    toolkit: ToolkitVersion::V1,
    prefix: "v1",
    answers_as: Dialect::V1,
    ..V2
};

const HUB: DialectSpec = DialectSpec {
    dialect: Dialect::Hub,
    name: "hub",
    what: "the hub's",
    namespace: "urn:CitesDataExchange",
    prefix: "hub",
    request_suffix: "",
    action_prefix: "",
    words: Words::Value,
    answers_as: Dialect::Hub,
    ..V2
};

// Measured with the versions that the hub's lock file names: success is `application/xml`, a permit is the answer of the
// national service as it came, faults are bare.
const HUB_AS_WAS: DialectSpec = DialectSpec {
    dialect: Dialect::HubAsWas,
    name: "hub-as-was",
    what: "the hub's, as the public hub of 2017 answered",
    media_type: "application/xml; charset=utf-8",
    faults: Faults::Bare,
    answers_as: Dialect::V2,
    ..HUB
};

/// Every dialect; of two with one namespace the first is the one that a request is in.
pub const DIALECTS: [&DialectSpec; 4] = [&V1, &V2, &HUB, &HUB_AS_WAS];

impl Dialect {
    /// The facts of this dialect.
    pub fn spec(self) -> &'static DialectSpec {
        match self {
            Dialect::V1 => &V1,
            Dialect::V2 => &V2,
            Dialect::Hub => &HUB,
            Dialect::HubAsWas => &HUB_AS_WAS,
        }
    }

    /// The namespace of its messages.
    pub fn namespace(self) -> &'static str {
        self.spec().namespace
    }

    /// The toolkit version of the permits in its answers, unless a Party is registered otherwise.
    pub fn toolkit(self) -> ToolkitVersion {
        self.spec().toolkit
    }

    /// The dialect of a name, such as `v2`.
    pub fn named(name: &str) -> Option<Dialect> {
        DIALECTS.iter().find(|spec| spec.name == name).map(|spec| spec.dialect)
    }

    /// The dialect whose messages stand in a namespace.
    pub fn of_namespace(namespace: &str) -> Option<Dialect> {
        DIALECTS.iter().find(|spec| spec.namespace == namespace).map(|spec| spec.dialect)
    }

    /// The dialect in which a request is, by the namespace of its first element.
    ///
    /// # Errors
    /// `VersionNotSupported` for another version of the national style; `InvalidRequest` for a namespace of others.
    pub(super) fn spoken_in(namespace: &str) -> Result<Dialect, Fault> {
        if let Some(dialect) = Dialect::of_namespace(namespace) {
            return Ok(dialect);
        }
        let code = match namespace.starts_with(Dialect::Hub.namespace()) {
            true => FaultCode::VersionNotSupported,
            false => FaultCode::InvalidRequest,
        };
        let known: Vec<&str> =
            [Dialect::V1, Dialect::V2, Dialect::Hub].into_iter().map(|dialect| dialect.namespace()).collect();
        Err(Fault::with(code, format!("the first element must stand in one of the namespaces {}", known.join(", "))))
    }

    /// The name of the request for an operation.
    pub(super) fn request_name(self, operation: Operation) -> String {
        format!("{}{}", operation.name(), self.spec().request_suffix)
    }

    /// The value of the SOAPAction header for an operation, with its quotes.
    pub(super) fn soap_action(self, operation: Operation) -> String {
        format!("\"{}{}\"", self.spec().action_prefix, operation.name())
    }
}

impl fmt::Display for Dialect {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.spec().name)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_dialect_is_found_by_its_name_and_the_first_by_its_namespace() {
        for spec in DIALECTS {
            assert_eq!(Dialect::named(spec.name), Some(spec.dialect));
            assert_eq!(spec.dialect.spec().dialect, spec.dialect);
        }
        assert_eq!(Dialect::of_namespace("urn:CitesDataExchange"), Some(Dialect::Hub));
        assert_eq!(Dialect::of_namespace("urn:CitesDataExchange/v1"), None);
    }

    #[test]
    fn another_version_and_another_service_are_told_apart() {
        let code = |namespace| Dialect::spoken_in(namespace).unwrap_err().code;

        assert_eq!(code("urn:CitesDataExchange/v3/"), FaultCode::VersionNotSupported);
        assert_eq!(code("urn:WashOut"), FaultCode::InvalidRequest);
        assert_eq!(code(""), FaultCode::InvalidRequest);
    }
}
