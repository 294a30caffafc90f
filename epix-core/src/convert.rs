//! From any version to any other: one row for each form that a permit can be written in, and what that form cannot carry.
//!
//! ```text
//! Permit ─> arranged for the target ─> codec.write ─> Converted {document, losses, findings}
//! ```
//! Arranging moves facts that two versions keep in different places, and adds or drops none: the country of import (box 3a)
//! stands apart in 1.0 and in the address of the consignee in 2.0; the guide writes `E` and `R` where senders write 861
//! and 811. What cannot be moved is a loss. Marks are not put into the description: nobody could tell them apart again.

use crate::check::profile::{GUIDE, Profile};
use crate::permit::{DocumentType, Permit};
use crate::receive::{Accepted, inspect};
use crate::report::Finding;
use crate::version::{ImportCountry, ToolkitVersion};
use crate::wire::{Loss, Written, codec, v2};

/// A form that a permit can be written in.
#[derive(Debug)]
pub struct Target {
    /// Its name, as people ask for it.
    pub name: &'static str,
    /// What it is, in words.
    pub what: &'static str,
    /// The version whose documents it is.
    pub version: ToolkitVersion,
    /// True when every document of the version is one of this form.
    is_whole_version: bool,
    write: fn(&Permit) -> Converted,
}

/// Every form, oldest first. Another one is another row.
pub const TARGETS: &[Target] = &[
    Target {
        name: "v1",
        what: "toolkit 1.0",
        version: ToolkitVersion::V1,
        is_whole_version: true,
        write: |permit| in_version(permit, ToolkitVersion::V1),
    },
    Target {
        name: "v2",
        what: "toolkit 2.0",
        version: ToolkitVersion::V2,
        is_whole_version: true,
        write: |permit| in_version(permit, ToolkitVersion::V2),
    },
    Target {
        name: "v2-guide",
        what: "toolkit 2.0, with the elements of its guide only",
        version: ToolkitVersion::V2,
        is_whole_version: false,
        write: |permit| within(permit, &GUIDE),
    },
    Target {
        name: "v3",
        what: "toolkit 3.0 (UN/CEFACT), an inferred draft of this project",
        version: ToolkitVersion::V3Draft,
        is_whole_version: true,
        write: |permit| in_version(permit, ToolkitVersion::V3Draft),
    },
    Target {
        name: "wco",
        what: "toolkit 3.0 (WCO), an inferred draft of this project; much of a permit has no place there",
        version: ToolkitVersion::WcoDraft,
        is_whole_version: true,
        write: |permit| in_version(permit, ToolkitVersion::WcoDraft),
    },
    Target {
        name: "json",
        what: "the JSON form of this project, which carries everything",
        version: ToolkitVersion::Json,
        is_whole_version: true,
        write: |permit| in_version(permit, ToolkitVersion::Json),
    },
];

/// A permit in the form that was asked for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Converted {
    /// The document.
    pub document: String,
    /// What the form could not carry, in the order of the form; nothing else is lost.
    ///
    /// Paths are those of the permit as it was arranged for the form.
    pub losses: Vec<Loss>,
    /// What the form asks for and the permit does not say; only a narrower form asks for anything.
    pub findings: Vec<Finding>,
}

impl Target {
    /// The form of a name.
    pub fn named(name: &str) -> Option<&'static Target> {
        TARGETS.iter().find(|target| target.name == name)
    }

    /// The names of all forms, for people.
    pub fn names() -> String {
        TARGETS.iter().map(|target| target.name).collect::<Vec<_>>().join(", ")
    }

    /// The form that is a version as a whole.
    pub fn version(version: ToolkitVersion) -> Option<&'static Target> {
        TARGETS.iter().find(|target| target.is_whole_version && target.version == version)
    }
}

/// Writes a permit in a form.
///
/// ```
/// use epix_core::convert::{Target, convert};
/// use epix_core::permit::Permit;
/// let converted = convert(&Permit::default(), Target::named("v1").unwrap());
/// assert!(converted.losses.is_empty());
/// ```
pub fn convert(permit: &Permit, to: &Target) -> Converted {
    (to.write)(permit)
}

/// Gives an accepted document in a form; one that is of that form already stays as it is, byte for byte.
pub fn convert_accepted(accepted: &Accepted, to: &Target) -> Converted {
    let is_already = to.is_whole_version && to.version == accepted.version();
    match std::str::from_utf8(accepted.bytes()) {
        Ok(document) if is_already => {
            Converted { document: document.to_owned(), losses: Vec::new(), findings: Vec::new() }
        }
        _ => convert(accepted.permit(), to),
    }
}

fn in_version(permit: &Permit, version: ToolkitVersion) -> Converted {
    let Written { document, losses } = (codec(version).write)(&arranged(permit, version));
    Converted { document, losses, findings: Vec::new() }
}

/// The permit with the facts where a version keeps them.
fn arranged(permit: &Permit, version: ToolkitVersion) -> Permit {
    let mut permit = permit.clone();
    match version.spec().import_country {
        ImportCountry::Apart => permit.consignment.name_import_country(),
        ImportCountry::InAddress => permit.consignment.settle_import_country(),
        ImportCountry::Either => {}
    }
    permit
}

fn within(permit: &Permit, profile: &'static Profile) -> Converted {
    let mut permit = arranged(permit, profile.version);
    permit.consignment.items.iter_mut().flat_map(|item| &mut item.documents).for_each(|document| {
        if let Some(kind) = &mut document.document_type {
            kind.code = letter_of(&kind.code);
        }
    });
    let Written { document, losses } = v2::write_within(&permit, Some(profile));
    let (reading, _) = inspect(document.as_bytes());
    let findings = reading.map(|reading| profile.check(&reading.received.view)).unwrap_or_default();
    Converted { document, losses, findings }
}

/// The letter of the guide for what real senders write as a UN/EDIFACT code (boxes 12, 12a).
fn letter_of(code: &DocumentType) -> DocumentType {
    match code {
        DocumentType::CertificateOfOrigin => DocumentType::Export,
        DocumentType::ExportLicence => DocumentType::ReExport,
        other => other.clone(),
    }
}
