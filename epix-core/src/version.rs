//! Which versions of the toolkit exist, and what sets one apart: the only file that lists them.

use std::fmt;

use serde::{Deserialize, Serialize};

/// A published version of the CITES e-permitting toolkit.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub enum ToolkitVersion {
    /// 2.0 of 2013, root `CITESEPermit`.
    #[serde(rename = "2.0")]
    V2,
}

/// What sets a version apart; code asks for these facts, never "is it at least 2?".
#[derive(Debug)]
pub struct VersionSpec {
    /// Which version this is.
    pub version: ToolkitVersion,
    /// How people write it.
    pub label: &'static str,
    /// Local name of the root element.
    pub root: &'static str,
    /// Namespace of the root (stand-alone form) and of its children.
    pub message_namespace: &'static str,
    /// Namespace of everything below the root's children.
    pub component_namespace: &'static str,
}

/// Toolkit 2.0, published 1 January 2013.
pub const V2: VersionSpec = VersionSpec {
    version: ToolkitVersion::V2,
    label: "2.0",
    root: "CITESEPermit",
    message_namespace: "urn:un:unece:uncefact:data:standard:CITESEPermit:2",
    component_namespace: "urn:un:unece:uncefact:data:draft:ReusableAggregateBusinessInformationEntity:1",
};

/// Every version, oldest first.
pub const VERSIONS: [&VersionSpec; 1] = [&V2];

impl ToolkitVersion {
    /// The facts of this version.
    pub fn spec(self) -> &'static VersionSpec {
        match self {
            ToolkitVersion::V2 => &V2,
        }
    }
}

impl fmt::Display for ToolkitVersion {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.spec().label)
    }
}
