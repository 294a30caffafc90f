//! Does each module import only what its row allows?

use std::collections::BTreeMap;
use std::path::Path;

use super::layout::rust_files_below;
use super::rows::{CRATES, Crate, FENCES, Row};
use super::scanner::{Mention, Scanned, scan};
use super::{Verdict, verdict};
use crate::process::{read_text, repository};
use crate::trouble::Trouble;

/// A module path without `crate`, one part each; empty for the root.
type Parts = Vec<String>;

struct Module {
    krate: &'static Crate,
    file: String,
    path: Parts,
    scanned: Scanned,
}

/// Names that a module of each crate hands on from elsewhere in it: the path they are called by, and where they come from.
type Handed = BTreeMap<&'static str, BTreeMap<Parts, Parts>>;

/// A name is handed on from module to module at most this often; it keeps a circle of names from turning for ever.
const LONGEST_HANDING: usize = 8;

/// Scans every module of the crates in the table and judges what it mentions.
pub(super) fn check() -> Verdict {
    let mut modules = Vec::new();
    for krate in CRATES {
        modules.extend(modules_of(krate)?);
    }
    println!("{} modules", modules.len());
    verdict(findings(&modules))
}

fn modules_of(krate: &'static Crate) -> Result<Vec<Module>, Trouble> {
    let root = repository();
    let folder = root.join(krate.folder);
    let mut modules = Vec::new();
    for file in rust_files_below(&folder)? {
        let path = module_path(file.strip_prefix(&folder).unwrap_or(&file));
        let scanned = scan(&read_text(&file)?, &path);
        let file = file.strip_prefix(&root).unwrap_or(&file).display().to_string();
        modules.push(Module { krate, file, path, scanned });
    }
    Ok(modules)
}

/// From `store/sqlite/mod.rs` to `store::sqlite`; programs are roots.
fn module_path(file: &Path) -> Parts {
    let mut parts: Parts = file.with_extension("").iter().map(|part| part.to_string_lossy().into_owned()).collect();
    let is_program = parts.first().is_some_and(|first| first == "bin");
    let is_root = parts.len() == 1 && (parts[0] == "lib" || parts[0] == "main");
    if is_program || is_root {
        return Vec::new();
    }
    if parts.last().is_some_and(|last| last == "mod") {
        parts.pop();
    }
    parts
}

fn findings(modules: &[Module]) -> Vec<String> {
    let handed = handed_on(modules);
    let for_tests = modules_for_tests(modules);
    let is_bound = |module: &&Module| {
        !for_tests.iter().any(|(krate, path)| *krate == module.krate.name && starts_with(&module.path, path))
    };
    modules.iter().filter(is_bound).flat_map(|module| findings_in(module, &handed)).collect()
}

fn findings_in(module: &Module, handed: &Handed) -> Vec<String> {
    if module.path.is_empty() {
        return Vec::new(); // a root names all of its crate, and the manifest says which others it may name
    }
    let place = format!("{}::{}", module.krate.name, module.path.join("::"));
    let Some(row) = row_of(module.krate, &module.path) else {
        return vec![format!("{}:1: the module {place} has no row in xtask/src/check/rows.rs", module.file)];
    };
    let tell = |mention: &Mention, why: String| {
        format!("{}:{}: {place} mentions {}: {why}", module.file, mention.line, mention.text())
    };
    let judged = module
        .scanned
        .mentions
        .iter()
        .filter_map(|mention| Some(tell(mention, offence(module.krate, row, mention, handed)?)));
    judged.collect()
}

/// Why a row forbids a mention; nothing when it does not.
fn offence(krate: &Crate, row: &Row, mention: &Mention, handed: &Handed) -> Option<String> {
    let (first, rest) = mention.path.split_first()?;
    if let Some(fence) = FENCES.iter().find(|fence| fence.external == first) {
        let here = format!("{}::{}", krate.name, row.module);
        let is_outside = !fence.only.contains(&here.as_str());
        return is_outside.then(|| format!("{first} is for {} only: {}", fence.only.join(", "), fence.why));
    }
    let target = if first == "crate" { krate.name } else { first };
    if !target.starts_with("epix_") {
        return None;
    }
    let rest: Parts = rest.iter().filter(|part| *part != "*").cloned().collect();
    let path = origin(target, rest, handed);
    let is_allowed = if target == krate.name { may_inside(krate, row, &path) } else { may_outside(target, row, &path) };
    (!is_allowed).then(|| format!("{} may import {}: {}", row.module, list(row.may), row.why))
}

fn may_inside(krate: &Crate, row: &Row, path: &[String]) -> bool {
    if row.may.contains(&"*") {
        return true;
    }
    let Some(target) = row_of(krate, path) else {
        return !path.is_empty(); // an item of the root itself; all of the root at once would be all of the crate
    };
    let lies_below = starts_with(&parts(target.module), &parts(row.module));
    lies_below || row.may.iter().any(|may| covers(&parts(may), path, &parts(target.module)))
}

fn may_outside(target: &str, row: &Row, path: &[String]) -> bool {
    let mut entries = row.may.iter().filter_map(|may| may.strip_prefix(target)?.strip_prefix("::"));
    let Some(krate) = CRATES.iter().find(|krate| krate.name == target) else {
        return entries.any(|entry| entry == "*" || starts_with(path, &parts(entry)));
    };
    let known = row_of(krate, path).map(|row| parts(row.module));
    entries.any(|entry| match &known {
        _ if entry == "*" => true,
        Some(row) => covers(&parts(entry), path, row),
        None => !path.is_empty(),
    })
}

/// Whether an entry names this path and no row stands between the two.
fn covers(entry: &[String], path: &[String], row: &[String]) -> bool {
    starts_with(path, entry) && entry.len() >= row.len()
}

/// Follows names that modules hand on to the module they come from.
fn origin(krate: &str, mut path: Parts, handed: &Handed) -> Parts {
    let Some(handed) = handed.get(krate) else { return path };
    for _ in 0..LONGEST_HANDING {
        let called = (1..=path.len()).rev().find_map(|length| handed.get_key_value(&path[..length]));
        match called {
            Some((name, source)) if !starts_with(source, name) => path = [source, &path[name.len()..]].concat(),
            _ => break,
        }
    }
    path
}

fn handed_on(modules: &[Module]) -> Handed {
    let mut handed = Handed::new();
    for module in modules {
        for mention in &module.scanned.mentions {
            let is_own = mention.path.first().is_some_and(|first| first == "crate" || first == module.krate.name);
            let Some(name) = mention.name.clone().filter(|name| is_own && name != "*") else { continue };
            let called: Parts = module.path.iter().cloned().chain([name]).collect();
            handed.entry(module.krate.name).or_default().insert(called, mention.path[1..].to_vec());
        }
    }
    handed
}

fn modules_for_tests(modules: &[Module]) -> Vec<(&'static str, Parts)> {
    let below = |module: &Module, name: &String| module.path.iter().chain([name]).cloned().collect();
    modules
        .iter()
        .flat_map(|module| module.scanned.test_modules.iter().map(move |name| (module.krate.name, below(module, name))))
        .collect()
}

/// The row with the longest module path that this path starts with.
fn row_of(krate: &Crate, path: &[String]) -> Option<&'static Row> {
    let rows = krate.rows.iter().filter(|row| starts_with(path, &parts(row.module)));
    rows.max_by_key(|row| row.module.len())
}

fn parts(path: &str) -> Parts {
    path.split("::").map(str::to_owned).collect()
}

fn starts_with(path: &[String], start: &[String]) -> bool {
    path.starts_with(start)
}

fn list(may: &[&str]) -> String {
    if may.is_empty() { "nothing of ours".to_owned() } else { may.join(", ") }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn module(krate: &str, path: &str, source: &str) -> Module {
        let krate = CRATES.iter().find(|row| row.name == krate).unwrap();
        let path = if path.is_empty() { Vec::new() } else { parts(path) };
        let scanned = scan(source, &path);
        Module { krate, file: "f.rs".into(), path, scanned }
    }

    fn judged(krate: &str, path: &str, source: &str) -> Vec<String> {
        findings(&[module(krate, path, source)])
    }

    #[test]
    fn an_import_off_the_list_is_told_with_place_path_and_rule() {
        let found = judged("epix_core", "permit::item", "\nuse crate::wire::names::PERMIT;");

        assert_eq!(
            found,
            [
                "f.rs:2: epix_core::permit::item mentions crate::wire::names::PERMIT: permit may import id, version, codes: the model has no XML names in it"
            ]
        );
    }

    #[test]
    fn an_import_on_the_list_is_fine() {
        assert!(
            judged("epix_core", "permit", "use crate::id::Country; use super::version::X; use self::item::Item;")
                .is_empty()
        );
    }

    #[test]
    fn an_entry_may_be_narrower_than_a_row() {
        assert!(judged("epix_server", "store", "use epix_core::receive::Accepted;").is_empty());
        assert_eq!(judged("epix_server", "store", "use epix_core::receive::inspect;").len(), 1);
        assert_eq!(judged("epix_server", "store", "use epix_core::receive;").len(), 1);
    }

    #[test]
    fn a_trait_does_not_open_its_backends() {
        assert!(judged("epix_server", "service::fetch", "use crate::store::Store;").is_empty());
        assert_eq!(judged("epix_server", "service::fetch", "use crate::store::sqlite::open;").len(), 1);
        assert!(judged("epix_server", "app", "use crate::store::sqlite::open;").is_empty());
        assert_eq!(judged("epix_server", "store::sqlite", "use crate::store::memory::open;").len(), 1);
    }

    #[test]
    fn a_folder_may_name_its_own_parts() {
        assert!(judged("epix_server", "store", "mod sqlite; pub use sqlite::open;").is_empty());
    }

    #[test]
    fn another_crate_is_judged_by_its_rows() {
        assert!(judged("epix_server", "store", "use epix_core::receive::Accepted;").is_empty());
        assert_eq!(judged("epix_server", "store", "use epix_core::receive::Rejected;").len(), 1);
        assert_eq!(judged("epix_server", "store", "use epix_core::wire::open::open;").len(), 1);
        assert_eq!(judged("epix_cli", "cmd::fetch", "use epix_server::app::App;").len(), 1);
    }

    #[test]
    fn a_name_handed_on_by_the_root_is_followed_home() {
        let root = "mod wire; pub use wire::reader::Reader; pub use id::Country; mod id;";
        let user = |source| module("epix_server", "store", source);

        assert_eq!(findings(&[module("epix_core", "", root), user("use epix_core::Reader;")]).len(), 1);
        assert!(findings(&[module("epix_core", "", root), user("use epix_core::Country;")]).is_empty());
    }

    #[test]
    fn a_name_handed_on_by_a_module_is_followed_home() {
        let store = module("epix_server", "store", "mod sqlite; pub use sqlite::{Store, open};");
        let service = module("epix_server", "service", "use crate::store::Store; use crate::store::Trait;");

        let found = findings(&[store, service]);

        assert_eq!(found.len(), 1, "{found:?}");
        assert!(found[0].contains("mentions crate::store::Store: "), "{found:?}");
    }

    #[test]
    fn a_function_of_its_modules_name_is_no_circle() {
        let wire = module("epix_core", "wire", "mod open; pub use open::open;");
        let check = module("epix_core", "check", "use crate::wire::open;");

        assert!(findings(&[wire, check]).is_empty());
    }

    #[test]
    fn everything_of_a_crate_at_once_needs_the_star() {
        assert_eq!(judged("epix_server", "store", "use epix_core::*;").len(), 1);
        assert_eq!(judged("epix_core", "wire", "use crate::*;").len(), 1);
        assert!(judged("epix_core", "receive", "use crate::*;").is_empty());
    }

    #[test]
    fn frameworks_stay_behind_their_fence() {
        let found = judged("epix_server", "service::confirm", "fn f() -> actix_web::HttpResponse { todo!() }");

        assert_eq!(found.len(), 1);
        assert!(found[0].contains("service and store know no HTTP"), "{found:?}");
        assert_eq!(judged("epix_server", "store", "use rusqlite as sql;").len(), 1);
        assert!(judged("epix_server", "store::sqlite::writer", "use rusqlite::Connection;").is_empty());
    }

    #[test]
    fn a_module_without_a_row_fails() {
        let found = judged("epix_server", "helpers", "");

        assert!(found[0].contains("epix_server::helpers has no row"), "{found:?}");
    }

    #[test]
    fn modules_for_tests_in_their_own_files_are_exempt() {
        let parent = module("epix_core", "permit", "#[cfg(test)] mod build;");
        let child = module("epix_core", "permit::build", "use crate::wire::X;");

        assert!(findings(&[parent, child]).is_empty());
    }

    #[test]
    fn a_file_name_tells_its_module() {
        assert!(module_path(Path::new("lib.rs")).is_empty());
        assert!(module_path(Path::new("bin/tool.rs")).is_empty());
        assert_eq!(module_path(Path::new("store/sqlite/mod.rs")), ["store", "sqlite"]);
        assert_eq!(module_path(Path::new("cmd/fetch.rs")), ["cmd", "fetch"]);
    }
}
