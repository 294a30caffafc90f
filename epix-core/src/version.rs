//! Which versions of the toolkit exist, and what sets one apart: the only file that lists them.

use std::fmt;

use serde::{Deserialize, Serialize};

/// A version of the CITES e-permit: those of the toolkit, and the JSON form of this project.
///
/// Rules hold for a span of versions, so what has less room for a permit than the others stands at an end.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub enum ToolkitVersion {
    /// 1.0 of 2010, root `CBFShip`.
    #[serde(rename = "1.0")]
    V1,
    /// 2.0 of 2013, root `CITESEPermit`.
    #[serde(rename = "2.0")]
    V2,
    /// 3.0 of 2022, the UN/CEFACT model, as an inferred draft.
    #[serde(rename = "3.0-draft")]
    V3Draft,
    /// The JSON form of this project.
    #[serde(rename = "json-1")]
    Json,
    /// 3.0 of 2022, the WCO model, as an inferred draft around six published elements.
    #[serde(rename = "3.0-wco-draft")]
    WcoDraft,
}

/// What sets a version apart; code asks for these facts, never "is it at least 2?".
#[derive(Debug)]
pub struct VersionSpec {
    /// Which version this is.
    pub version: ToolkitVersion,
    /// How people write it.
    pub label: &'static str,
    /// What people call it.
    pub title: &'static str,
    /// Local name of the root element.
    pub root: &'static str,
    /// Namespace of the root (stand-alone form) and of its children.
    pub message_namespace: &'static str,
    /// Namespace of everything below the root's children.
    pub component_namespace: &'static str,
    /// True when the children of the root are parts of the message, which stand even where nothing is said in them; else an
    /// empty one is read as absent, like every other element.
    pub has_parts: bool,
    /// When it was published.
    pub published: &'static str,
    /// Where the country of import (box 3a) stands.
    pub import_country: ImportCountry,
    /// What becomes of attributes that it does not know.
    pub unknown_attributes: UnknownAttributes,
    /// True when names and namespaces are inferred, not published. A draft claims a document by its namespace only.
    pub is_draft: bool,
}

/// Where the country of import (box 3a) stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ImportCountry {
    /// Apart from the importer, as in toolkit 1.0.
    Apart,
    /// In the address of the importer.
    InAddress,
    /// In either: there is a place for both.
    Either,
}

/// What becomes of the attributes that a version does not know.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum UnknownAttributes {
    /// They are errors.
    Refused,
    /// They are passed over with a note; known is `attribute` on elements whose name ends with `element`.
    Ignored {
        /// The end of the name of the elements that carry it.
        element: &'static str,
        /// The one attribute that is known.
        attribute: &'static str,
    },
}

/// Toolkit 1.0, published 1 January 2010.
pub const V1: VersionSpec = VersionSpec {
    version: ToolkitVersion::V1,
    label: "1.0",
    title: "toolkit 1.0",
    root: "CBFShip",
    message_namespace: "urn:un:unece:uncefact:data:draft:CBFShip:1",
    component_namespace: "urn:un:unece:uncefact:data:draft:ReusableAggregateBusinessInformationEntity:1",
    has_parts: true,
    published: "2010-01-01",
    import_country: ImportCountry::Apart,
    unknown_attributes: UnknownAttributes::Ignored { element: "Quantity", attribute: "unitCode" },
    is_draft: false,
};

/// Toolkit 2.0, published 1 January 2013. Its components stand in the namespace of 1.0, with other content.
pub const V2: VersionSpec = VersionSpec {
    version: ToolkitVersion::V2,
    label: "2.0",
    title: "toolkit 2.0",
    root: "CITESEPermit",
    message_namespace: "urn:un:unece:uncefact:data:standard:CITESEPermit:2",
    published: "2013-01-01",
    import_country: ImportCountry::InAddress,
    unknown_attributes: UnknownAttributes::Refused,
    ..V1
};

/// Toolkit 3.0, the UN/CEFACT model (library D22A), as an inferred draft: no page of it could be read.
///
/// Its names stand in `wire/v3/names.rs`. The namespaces are guesses (grade D) in the pattern of 2.0 and of the library. Of
/// the day only the year is known.
pub const V3_DRAFT: VersionSpec = VersionSpec {
    version: ToolkitVersion::V3Draft,
    label: "3.0-draft",
    title: "toolkit 3.0-draft",
    message_namespace: "urn:un:unece:uncefact:data:standard:CITESEPermit:3",
    component_namespace: "urn:un:unece:uncefact:data:standard:ReusableAggregateBusinessInformationEntity:31",
    published: "2022",
    is_draft: true,
    ..V2
};

/// Toolkit 3.0, the WCO model (WCO Data Model 3.11), as a draft: the root's name and its first six elements are published,
/// the rest (`wire/wco/names.rs`) is inferred from a sibling, and so are the namespaces (grade D).
pub const WCO_DRAFT: VersionSpec = VersionSpec {
    version: ToolkitVersion::WcoDraft,
    label: "3.0-wco-draft",
    title: "toolkit 3.0-wco-draft",
    root: "CITESePermit",
    message_namespace: "urn:wco:datamodel:WCO:CITESePermit:1",
    component_namespace: "urn:wco:datamodel:WCO:CITESePermit:1",
    has_parts: false,
    ..V3_DRAFT
};

/// Our JSON form of a permit: the model as it is, so it carries everything. It has no root element and no namespaces; a
/// document of it is known by its first letter, and its format and version by two fields (`wire/json`).
pub const JSON: VersionSpec = VersionSpec {
    version: ToolkitVersion::Json,
    label: "json-1",
    title: "JSON form 1",
    root: "",
    message_namespace: "",
    component_namespace: "",
    has_parts: false,
    published: "2026",
    import_country: ImportCountry::Either,
    unknown_attributes: UnknownAttributes::Refused,
    is_draft: false,
};

/// Every version, those of the toolkit oldest first.
pub const VERSIONS: [&VersionSpec; 5] = [&V1, &V2, &V3_DRAFT, &WCO_DRAFT, &JSON];

impl ToolkitVersion {
    /// The facts of this version.
    pub fn spec(self) -> &'static VersionSpec {
        match self {
            ToolkitVersion::V1 => &V1,
            ToolkitVersion::V2 => &V2,
            ToolkitVersion::V3Draft => &V3_DRAFT,
            ToolkitVersion::WcoDraft => &WCO_DRAFT,
            ToolkitVersion::Json => &JSON,
        }
    }
}

impl fmt::Display for ToolkitVersion {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.spec().label)
    }
}
