//! Are our dependencies pinned, licensed for our use, and how many stand twice?

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;

use super::licence;
use super::{Verdict, metadata, verdict};
use crate::process::{Call, repository};
use crate::trouble::Trouble;

/// Looks at the dependencies this machine builds. Offline: it runs after the lints, which have fetched all of them.
pub(super) fn check() -> Verdict {
    if !repository().join("Cargo.lock").is_file() {
        return Ok(Err("Cargo.lock is not there: nothing is pinned".into()));
    }
    let host = host()?;
    let metadata = metadata(&["--locked", "--offline", "--filter-platform", &host])?;
    let packages: Vec<&Value> = metadata["packages"].as_array().into_iter().flatten().collect();
    println!("{} packages, pinned by Cargo.lock; advisories are not looked up: that needs the network", packages.len());
    for (name, versions) in versions(&packages).into_iter().filter(|(_, versions)| versions.len() > 1) {
        let versions: Vec<&str> = versions.into_iter().collect();
        println!("for information: {name} stands more than once: {}", versions.join(", "));
    }
    verdict(packages.into_iter().filter_map(unlicensed).collect())
}

fn host() -> Result<String, Trouble> {
    let call = Call::new("rustc").arg("-vV");
    let ended = call.must()?;
    let host = ended.stdout.lines().find_map(|line| line.strip_prefix("host: "));
    host.map(str::to_owned).ok_or_else(|| Trouble::Missing("`rustc -vV` names no host".into()))
}

fn versions<'a>(packages: &[&'a Value]) -> BTreeMap<&'a str, BTreeSet<&'a str>> {
    let mut versions: BTreeMap<&str, BTreeSet<&str>> = BTreeMap::new();
    for package in packages {
        let (Some(name), Some(version)) = (package["name"].as_str(), package["version"].as_str()) else { continue };
        versions.entry(name).or_default().insert(version);
    }
    versions
}

fn unlicensed(package: &Value) -> Option<String> {
    let expression = package["license"].as_str().unwrap_or("");
    let (name, version) = (package["name"].as_str().unwrap_or(""), package["version"].as_str().unwrap_or(""));
    let stated = if expression.is_empty() { "no licence" } else { expression };
    (!licence::is_allowed(expression))
        .then(|| format!("{name} {version}: {stated} is not on the list in xtask/src/check/licence.rs"))
}
