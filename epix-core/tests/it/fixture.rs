//! Where do the fixtures lie, and do they still say what their table says?

use std::fs;
use std::path::{Path, PathBuf};

use epix_core::receive::{Accepted, receive, receive_again};

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
    String::from_utf8(bytes(path)).unwrap_or_else(|error| panic!("fixtures/{path}: {error}"))
}

/// The file names of a folder of fixtures, sorted.
pub(crate) fn names(below: &str) -> Vec<String> {
    let entries = fs::read_dir(folder().join(below)).unwrap_or_else(|error| panic!("fixtures/{below}: {error}"));
    let mut names: Vec<_> = entries.map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect();
    names.sort();
    names
}

/// Every XML document of the fixtures, whatever it is worth, in the order of the paths.
pub(crate) fn documents() -> Vec<Vec<u8>> {
    let mut folders = vec![folder()];
    let mut paths = Vec::new();
    while let Some(folder) = folders.pop() {
        for path in fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()) {
            if path.is_dir() {
                folders.push(path);
            } else if path.extension().is_some_and(|end| end == "xml") {
                paths.push(path);
            }
        }
    }
    paths.sort();
    paths.iter().map(|path| fs::read(path).unwrap()).collect()
}

/// Holds a fixture against what makes it; `cargo xtask gen` and `cargo xtask bless` write it instead.
///
/// They find the tests that write by a word in the name.
pub(crate) fn compare(path: &str, made: &[u8]) {
    let thread = std::thread::current();
    let test = thread.name().unwrap_or_default();
    let is_found = |word: &str| test.contains(word) || test == "main";
    assert!(is_found("generated") || is_found("golden"), "{test} writes fixtures/{path}, so its name must say so");
    if std::env::var_os("EPIX_BLESS").is_some() {
        fs::create_dir_all(folder().join(path).parent().unwrap()).unwrap();
        fs::write(folder().join(path), made).unwrap();
    }
    assert!(
        bytes(path) == made,
        "fixtures/{path} is not what makes it: cargo xtask gen, or bless where it is a golden"
    );
}

/// Receives a document that must be accepted by every layer; what was found is printed when it is not.
pub(crate) fn good(bytes: &[u8], name: &str) -> Accepted {
    receive(bytes).unwrap_or_else(|refused| panic!("{name}: {:#?}", refused.report.findings))
}

/// Receives a document that must be read without errors, whatever the rules say of it.
pub(crate) fn accepted(bytes: &[u8], name: &str) -> Accepted {
    receive_again(bytes).unwrap_or_else(|refused| panic!("{name}: {:#?}", refused.report.findings))
}

/// Replaces a text that must be there: a table whose mutation does nothing is wrong.
pub(crate) fn swap(document: &str, from: &str, to: &str) -> String {
    assert!(document.contains(from), "{from:?} is not in the document");
    document.replace(from, to)
}
