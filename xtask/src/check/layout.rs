//! Does each thing stand where the architecture says, and is no file too long?

use std::fs;
use std::path::{Path, PathBuf};

use super::{Verdict, verdict};
use crate::process::{files_with_extension, read_text, repository};
use crate::trouble::Trouble;

/// Past this a file answers two questions.
const LONGEST_FILE: usize = 600;

/// Generated tables may be longer; a path from the root of the repository each.
const GENERATED_TABLES: &[&str] = &[];

/// Everything that may stand at the top of the repository; see `docs/architecture.md`.
const TOP_LEVEL: &[&str] = &[
    ".cargo",
    ".ci",
    ".clippy.toml",
    ".gitignore",
    "CHANGELOG.md",
    "CONTRIBUTING.md",
    "Cargo.lock",
    "Cargo.toml",
    "LICENSE",
    "README.md",
    "conformance",
    "docs",
    "epix-cli",
    "epix-client",
    "epix-core",
    "epix-native",
    "epix-server",
    "fixtures",
    "rustfmt.toml",
    "wsdl",
    "xsd",
    "xtask",
];

/// Never committed.
const NOT_OURS: &[&str] = &[".git", ".work", "target"];

/// Checks the top of the repository and the length of each Rust file.
pub(super) fn check() -> Verdict {
    let root = repository();
    let mut findings = strangers(&names_in(&root)?);
    let files = rust_files(&root)?;
    for file in &files {
        let lines = read_text(file)?.lines().count();
        findings.extend(too_long(&file.strip_prefix(&root).unwrap_or(file).to_string_lossy(), lines));
    }
    println!("{} Rust files", files.len());
    verdict(findings)
}

/// All Rust files under the workspace's crates and `conformance`, sorted.
fn rust_files(root: &Path) -> Result<Vec<PathBuf>, Trouble> {
    let mut found = Vec::new();
    for name in TOP_LEVEL {
        let folder = root.join(name);
        if folder.is_dir() && !name.starts_with('.') {
            found.extend(rust_files_below(&folder)?);
        }
    }
    Ok(found)
}

/// All Rust files below a folder, sorted; what package managers install is not ours.
pub(super) fn rust_files_below(folder: &Path) -> Result<Vec<PathBuf>, Trouble> {
    let mut found = files_with_extension(folder, "rs")?;
    for name in names_in(folder)? {
        let path = folder.join(&name);
        if path.is_dir() && name != "node_modules" && name != "target" {
            found.extend(rust_files_below(&path)?);
        }
    }
    Ok(found)
}

fn names_in(folder: &Path) -> Result<Vec<String>, Trouble> {
    let entries = fs::read_dir(folder).map_err(Trouble::file(folder))?;
    let mut names: Vec<String> =
        entries.flatten().map(|entry| entry.file_name().to_string_lossy().into_owned()).collect();
    names.sort();
    Ok(names)
}

fn strangers(names: &[String]) -> Vec<String> {
    let is_known = |name: &&String| TOP_LEVEL.contains(&name.as_str()) || NOT_OURS.contains(&name.as_str());
    let stranger = |name: &String| {
        format!("{name}: nothing of this name may stand at the top (the list is in xtask/src/check/layout.rs)")
    };
    names.iter().filter(|name| !is_known(name)).map(stranger).collect()
}

fn too_long(file: &str, lines: usize) -> Option<String> {
    let is_bound = lines > LONGEST_FILE && !GENERATED_TABLES.contains(&file);
    is_bound.then(|| format!("{file}: {lines} lines, more than {LONGEST_FILE}: it answers two questions, split it"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_unknown_name_at_the_top_is_told() {
        let names = ["Cargo.toml", "target", "scratch.txt"].map(str::to_owned);

        let found = strangers(&names);

        assert_eq!(found.len(), 1);
        assert!(found[0].starts_with("scratch.txt: "));
    }

    #[test]
    fn a_file_of_exactly_the_limit_is_not_too_long() {
        assert_eq!(too_long("a.rs", LONGEST_FILE), None);
        assert!(too_long("a.rs", LONGEST_FILE + 1).is_some());
    }
}
