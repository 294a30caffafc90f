//! Does each crate depend only on what it may?

use serde_json::Value;

use super::{Verdict, metadata, verdict};
use crate::trouble::Trouble;

struct Allowed {
    package: &'static str,
    /// Dependencies of the crate itself, and of its build script.
    normal: &'static [&'static str],
    /// Dependencies of its tests, beyond the normal ones.
    tests: &'static [&'static str],
    /// What the lists are there to keep out.
    why: &'static str,
}

/// One row per crate of the workspace; a new dependency comes with its row and its reason.
const ALLOWED: &[Allowed] = &[
    Allowed {
        package: "epix-native",
        normal: &["foreign-types", "libc", "libxml", "openssl", "openssl-sys", "thiserror"],
        tests: &["tempfile"],
        why: "it knows its C libraries and nothing of ours",
    },
    Allowed {
        package: "epix-core",
        normal: &[
            "base64",
            "chrono",
            "epix-native",
            "hex",
            "memchr",
            "quick-xml",
            "rust_decimal",
            "serde",
            "serde_json",
            "sha2",
            "thiserror",
            "toml",
        ],
        tests: &["bergshamra", "libxml", "openssl", "proptest", "roxmltree", "tempfile"],
        why: "the core does no I/O: never tokio, actix, reqwest or a database",
    },
    Allowed {
        package: "epix-client",
        // All but the first four are of features: the simulated partner, the cases, the gateway.
        normal: &[
            "epix-core",
            "reqwest",
            "thiserror",
            "tokio",
            "chrono",
            "httparse",
            "openssl",
            "serde",
            "serde_json",
            "toml",
        ],
        tests: &["tempfile"],
        why: "it calls others and serves nobody but rehearsals: never actix, a database, the server or the command line",
    },
    Allowed {
        package: "epix-server",
        normal: &[
            "actix-tls",
            "actix-web",
            "async-trait",
            "base64",
            "chrono",
            "clap",
            "deadpool-postgres",
            "epix-client",
            "epix-core",
            "flate2",
            "futures-util",
            "hex",
            "hmac",
            "mimalloc",
            "multer",
            "openssl",
            "percent-encoding",
            "postgres-openssl",
            "prometheus",
            "quick_cache",
            "rawzip",
            "rusqlite",
            "rust_decimal",
            "serde",
            "serde_json",
            "sha2",
            "subtle",
            "thiserror",
            "tokio",
            "tokio-postgres",
            "toml",
            "tracing",
            "tracing-appender",
            "tracing-subscriber",
            "utoipa",
            "uuid",
            "zstd",
        ],
        tests: &["proptest", "tempfile"],
        why: "never the command line, and never reqwest itself: calls go through epix-client",
    },
    Allowed {
        package: "epix-cli",
        normal: &[
            "chrono",
            "clap",
            "clap_complete",
            "clap_mangen",
            "epix-client",
            "epix-core",
            "flate2",
            "rawzip",
            "rpassword",
            "serde",
            "serde_json",
            "thiserror",
            "tokio",
        ],
        tests: &["openssl", "roxmltree", "tempfile"],
        why: "never the server, its frameworks or a database",
    },
    Allowed {
        package: "xtask",
        normal: &["serde_json"],
        tests: &[],
        why: "it installs what the rest needs, so it may need nothing of it: no crate of ours, no C library",
    },
];

/// Compares the manifest of each crate with its row.
pub(super) fn check() -> Verdict {
    let metadata = metadata(&["--no-deps", "--offline"])?;
    let packages =
        metadata["packages"].as_array().ok_or_else(|| Trouble::Missing("cargo metadata lists no packages".into()))?;
    println!("{} crates", packages.len());
    verdict(packages.iter().flat_map(findings).collect())
}

fn findings(package: &Value) -> Vec<String> {
    let name = package["name"].as_str().unwrap_or("");
    let Some(row) = ALLOWED.iter().find(|row| row.package == name) else {
        return vec![format!("{name}: this crate has no row in xtask/src/check/dependencies.rs")];
    };
    let dependencies = package["dependencies"].as_array().into_iter().flatten();
    dependencies.filter_map(|dependency| finding(row, dependency)).collect()
}

fn finding(row: &Allowed, dependency: &Value) -> Option<String> {
    let name = dependency["name"].as_str().unwrap_or("");
    let is_for_tests = dependency["kind"] == "dev";
    let is_allowed = row.normal.contains(&name) || (is_for_tests && row.tests.contains(&name));
    let kind = if is_for_tests { "test dependency" } else { "dependency" };
    (!is_allowed).then(|| {
        format!("{}/Cargo.toml: the {kind} {name} is not on the list of {}: {}", row.package, row.package, row.why)
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn package(name: &str, dependency: &str, kind: Option<&str>) -> Value {
        json!({"name": name, "dependencies": [{"name": dependency, "kind": kind}]})
    }

    #[test]
    fn the_core_may_not_gain_a_runtime() {
        for name in ["tokio", "actix-web", "reqwest", "rusqlite"] {
            let found = findings(&package("epix-core", name, None));

            assert_eq!(found.len(), 1, "{name}");
            assert!(found[0].contains("the core does no I/O"), "{found:?}");
        }
    }

    #[test]
    fn a_test_may_use_what_the_crate_may_not() {
        assert!(findings(&package("epix-core", "proptest", Some("dev"))).is_empty());
        assert_eq!(findings(&package("epix-core", "proptest", None)).len(), 1);
    }

    #[test]
    fn a_crate_without_a_row_is_told() {
        assert!(findings(&package("epix-new", "serde", None))[0].contains("has no row"));
    }

    #[test]
    fn no_crate_imports_upwards() {
        let allows =
            |package: &str, name: &str| ALLOWED.iter().any(|row| row.package == package && row.normal.contains(&name));

        for (package, name) in [
            ("epix-cli", "epix-server"),
            ("epix-server", "epix-cli"),
            ("epix-client", "epix-server"),
            ("epix-native", "epix-core"),
        ] {
            assert!(!allows(package, name), "{package} -> {name}");
        }
    }
}
