//! Where do keys and documents lie, and who is trusted in these tests?

use std::fs;
use std::path::{Path, PathBuf};

use chrono::{DateTime, Utc};
use epix_core::sign::seal::TimeSource;
use epix_core::sign::{Anchors, Certificate, Profile, Question, SoftwareKey, Trust};

/// The folder of all fixtures.
pub(crate) fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../fixtures")
}

/// The bytes of a fixture, by its path below [`folder`].
pub(crate) fn bytes(path: &str) -> Vec<u8> {
    fs::read(folder().join(path)).unwrap_or_else(|error| panic!("fixtures/{path}: {error}"))
}

/// The text of a fixture.
pub(crate) fn text(path: &str) -> String {
    String::from_utf8(bytes(path)).unwrap()
}

/// The names of what lies in a folder, sorted.
pub(crate) fn names(below: &str) -> Vec<String> {
    let entries = fs::read_dir(folder().join(below)).unwrap();
    let mut names: Vec<_> = entries.map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect();
    names.sort();
    names
}

/// The permit of XA that is signed everywhere here.
pub(crate) fn permit() -> String {
    text("v2/valid/xa-export-permit.xml")
}

/// A test key with its certificate and the root above it.
pub(crate) fn key(name: &str) -> SoftwareKey {
    let root = if name.starts_with("rogue") { "rogue-ca" } else { "ca" };
    let mut chain = certificates(name);
    chain.extend(certificates(root));
    SoftwareKey::from_pem(&bytes(&format!("signatures/keys/{name}.key")), None, chain).unwrap()
}

/// The certificates of a test key.
pub(crate) fn certificates(name: &str) -> Vec<Certificate> {
    Certificate::all_from_pem(&bytes(&format!("signatures/keys/{name}.pem"))).unwrap()
}

/// Trusts the test root, with its revocation list.
pub(crate) fn trust() -> Trust {
    let mut anchors = Anchors::new(certificates("ca"));
    anchors.add_list(&bytes("signatures/keys/ca.crl")).unwrap();
    Trust { anchors, clocks: Some(Anchors::new(certificates("ca"))), profile: Profile::default() }
}

/// A day on which the good test keys are valid, after the revocation list was made.
pub(crate) fn at() -> Question {
    Question { at: moment("2027-03-01T12:00:00Z"), by: TimeSource::Asked }
}

/// A moment as it is written.
pub(crate) fn moment(text: &str) -> DateTime<Utc> {
    DateTime::parse_from_rfc3339(text).unwrap().to_utc()
}
