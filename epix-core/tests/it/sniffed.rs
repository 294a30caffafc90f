//! Is every document claimed by exactly one version, whatever was done to it?

use std::collections::BTreeSet;

use epix_core::receive::inspect;
use epix_core::version::{ToolkitVersion, VERSIONS, VersionSpec};
use proptest::prelude::*;

use crate::{fixture, permits, rough};

/// The folder of a version's fixtures.
fn folder(version: ToolkitVersion) -> &'static str {
    match version {
        ToolkitVersion::V1 => "v1",
        ToolkitVersion::V2 => "v2",
        ToolkitVersion::V3Draft => "v3",
        ToolkitVersion::WcoDraft => "wco",
        ToolkitVersion::Json => "json",
    }
}

/// Every good and every tolerated fixture with the version it belongs to.
fn files() -> Vec<(String, ToolkitVersion)> {
    // Our own form tolerates nothing.
    let is_strict = |spec: &VersionSpec| spec.version == ToolkitVersion::Json;
    let kinds = |spec: &VersionSpec| if is_strict(spec) { vec!["valid"] } else { vec!["valid", "tolerated"] };
    let folders = VERSIONS.iter().flat_map(|spec| kinds(spec).into_iter().map(|kind| (spec.version, kind)));
    folders
        .flat_map(|(version, kind)| {
            let folder = format!("{}/{kind}", folder(version));
            fixture::names(&folder).into_iter().map(move |name| (format!("{folder}/{name}"), version))
        })
        .collect()
}

fn claimed(document: &[u8]) -> Option<ToolkitVersion> {
    inspect(document).0.map(|reading| reading.received.version)
}

#[test]
fn every_fixture_is_claimed_by_its_version() {
    for (file, version) in files() {
        assert_eq!(claimed(&fixture::bytes(&file)), Some(version), "{file}");
    }
}

#[test]
fn no_two_versions_can_claim_the_same_root() {
    let roots: BTreeSet<_> = VERSIONS.iter().map(|spec| (spec.root, spec.message_namespace)).collect();

    assert_eq!(roots.len(), VERSIONS.len());
}

/// A JSON text with other white space between its values.
fn rough_json(text: &str, choices: &[u8]) -> String {
    let value: serde_json::Value = serde_json::from_str(text).unwrap();
    let blank = ["", " ", "\n", "\r\n\t", "\u{FEFF}"][usize::from(choices[0]) % 5];
    format!("{blank}{value}")
}

proptest! {
    #![proptest_config(permits::cases(64))]

    #[test]
    fn however_a_fixture_is_written_it_is_claimed_by_its_version_alone(
        file in proptest::sample::select(files()),
        other in proptest::sample::select(VERSIONS.to_vec()),
        choices in rough::choices(),
    ) {
        let (file, version) = file;
        let text = String::from_utf8(fixture::bytes(&file)).unwrap();
        let text = text.trim_start_matches('\u{FEFF}');
        if version == ToolkitVersion::Json {
            let document = rough_json(text, &choices);
            prop_assert_eq!(claimed(document.as_bytes()), Some(version), "{}", document);
            return Ok(());
        }
        let document = match roxmltree::Document::parse(text).unwrap().root_element().tag_name().namespace() {
            // A draft is known by its namespaces alone: without them it is nobody's.
            _ if version.spec().is_draft => text.to_owned(),
            Some(namespace) if namespace == version.spec().message_namespace => rough::rewrite(text, choices),
            _ => text.to_owned(),
        };

        prop_assert_eq!(claimed(document.as_bytes()), Some(version), "{}", document);

        // The name of one version in the namespace of another is nobody's, unless both have that name.
        if file.contains("/valid/") {
            let other = if other.version == ToolkitVersion::Json { version.spec() } else { other };
            let mixed = text.replace(version.spec().message_namespace, other.message_namespace);
            let expected = (other.root == version.spec().root).then_some(other.version);
            prop_assert_eq!(claimed(mixed.as_bytes()), expected, "{}", mixed);
        }
    }
}
