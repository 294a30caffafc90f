//! Who may import whom? The table of `docs/architecture.md` as data.
//!
//! A row holds for its module and everything below it that has no row of its own. It may name itself and what lies below
//! it; everything else must be on its list:
//! `name` is the module `name` of the same crate (not the rows below it), `*` all of the same crate,
//! `epix_core::name` a module or item of another crate, `epix_core::*` all of it.

/// One module and what it may import.
pub(super) struct Row {
    pub(super) module: &'static str,
    pub(super) may: &'static [&'static str],
    /// What the row is there to keep apart.
    pub(super) why: &'static str,
}

/// The rows of one crate. Its root may name all of the crate.
pub(super) struct Crate {
    pub(super) name: &'static str,
    pub(super) folder: &'static str,
    pub(super) rows: &'static [Row],
}

/// A crate from elsewhere that only some modules may name.
pub(super) struct Fence {
    pub(super) external: &'static str,
    /// Module rows as `crate::module`.
    pub(super) only: &'static [&'static str],
    pub(super) why: &'static str,
}

const fn row(module: &'static str, may: &'static [&'static str], why: &'static str) -> Row {
    Row { module, may, why }
}

/// All crates whose modules are checked; `epix-native` and `xtask` are kept apart by their dependencies alone.
pub(super) const CRATES: &[Crate] = &[
    Crate { name: "epix_core", folder: "epix-core/src", rows: CORE },
    Crate { name: "epix_client", folder: "epix-client/src", rows: CLIENT },
    Crate { name: "epix_server", folder: "epix-server/src", rows: SERVER },
    Crate { name: "epix_cli", folder: "epix-cli/src", rows: CLI },
];

const CORE: &[Row] = &[
    row("id", &[], "what everybody may name imports nothing of ours"),
    row("version", &["id"], "it lists versions, and knows no document"),
    row("report", &["id", "version"], "what everybody may say"),
    row("codes", &["id", "version", "report"], "lists of the standard, below the model"),
    row("permit", &["id", "version", "codes"], "the model has no XML names in it"),
    row(
        "wire",
        &["permit", "id", "report", "version", "codes"],
        "documents are read before they are checked, signed or sent",
    ),
    row("convert", &["*"], "it stands on all of the core"),
    row(
        "check",
        &["permit", "id", "report", "version", "codes", "wire", "sign::rules", "epix_native::*"],
        "stages drive the wire; rules look at the model, and know no element names",
    ),
    row("sign", &["id", "report", "wire", "epix_native::*"], "a signature covers bytes, not meaning"),
    row("soap", &["id", "report", "version", "codes", "wire"], "messages carry documents, they do not judge them"),
    row("audit", &["id", "epix_native::*"], "a record of what was done knows no document"),
    row("receive", &["*"], "it stands on all of the core"),
    row("policies", &["check", "convert"], "a file names rules and forms, and no document"),
];

const CLIENT: &[Row] = &[
    row("partner", &["epix_core::*"], "a partner is a profile: data and pure hooks"),
    row("transport", &["epix_core::*"], "bytes to a partner and back"),
    row("call", &["partner", "transport", "epix_core::*"], "one call from the question to the answer"),
    row(
        "conformance",
        &["partner", "transport", "epix_core::*"],
        "cases are data; it asks, and knows no service of ours",
    ),
    row("gateway", &["transport", "epix_core::*"], "the REST face of one's own gateway, from outside"),
    row("simulate", &["partner", "epix_core::*"], "the other end of a call: it knows no transport of ours"),
];

const STORED: &[&str] = &[
    "epix_core::id",
    "epix_core::report",
    "epix_core::version",
    "epix_core::receive::Accepted",
    "epix_core::receive::signed::Requirement",
    "store",
    "audit",
];

const SERVER: &[Row] = &[
    row("app", &["*", "epix_core::*", "epix_client::*"], "the composition root"),
    row(
        "command",
        &[
            "app",
            "config",
            "tls",
            "expiry",
            "problem",
            "audit",
            "auditor",
            "store",
            "service",
            "notary",
            "epix_core::*",
            "epix_client::*",
        ],
        "offline commands stand beside the faces",
    ),
    row("calls", &[], "it counts, and knows no face"),
    row("config", &["epix_core::*"], "it knows no face, no backend, no service"),
    row("notary", &["config", "store", "epix_core::*"], "it signs and verifies, and asks no backend"),
    row("tls", &["config", "epix_core::*"], "it knows no face, no backend, no service"),
    row("identity", &["tls", "epix_core::*"], "who calls, whatever the face"),
    row("recent", &[], "a memory for a moment"),
    row(
        "proxy",
        &["config", "identity", "recent", "tls"],
        "who calls where a proxy stands in front, whatever the face",
    ),
    row("audit", &["identity", "epix_core::*"], "it knows no face, no backend, no service"),
    row("auditor", &["audit", "config", "store", "epix_core::*"], "it asks the store trait: no SQL, no face"),
    row("telemetry", &["config", "epix_core::*"], "it knows no face, no backend, no service"),
    row(
        "problem",
        &["service", "identity", "epix_core::*", "epix_client::*"],
        "it turns service errors into words and never asks the store",
    ),
    row(
        "service",
        &["store", "identity", "audit", "notary", "current", "epix_core::*", "epix_client::*"],
        "no HTTP, no SQL, no concrete backend, no face",
    ),
    row(
        "soap",
        &["service", "report", "proxy", "tls", "problem", "telemetry", "calls", "epix_core::*"],
        "a face never asks the store, nor another face",
    ),
    row(
        "events",
        &["service", "proxy", "tls", "problem", "telemetry", "calls", "epix_core::*"],
        "a face never asks the store, nor another face",
    ),
    row(
        "messenger",
        &["service", "store", "audit", "problem", "telemetry", "epix_core::*", "epix_client::*"],
        "it takes events outward, and answers nobody",
    ),
    row("admin", &["service", "problem", "telemetry", "calls", "expiry"], "the operator's face"),
    row("current", &[], "a value that is replaced while others use it"),
    row("expiry", &["config"], "it looks at files, and knows no face"),
    row("backlog", &["service", "store", "problem"], "what an older build left undone; it answers nobody"),
    row(
        "sharing",
        &["service", "store", "tls", "problem"],
        "what servers on one store tell one another; it answers nobody",
    ),
    row(
        "upkeep",
        &["config", "tls", "notary", "service", "problem", "epix_core::*"],
        "it reads anew what the root put together",
    ),
    row(
        "rest",
        &["service", "audit", "report", "proxy", "tls", "problem", "telemetry", "calls", "epix_core::*"],
        "a face never asks the store, nor another face",
    ),
    row(
        "web",
        &["service", "report", "identity", "problem", "epix_core::*"],
        "a face never asks the store, nor another face",
    ),
    row(
        "store",
        &[
            "epix_core::id",
            "epix_core::report",
            "epix_core::version",
            "epix_core::receive::Accepted",
            "epix_core::receive::signed::Requirement",
            "epix_core::sign::seal::Seal",
            "audit",
        ],
        "the trait knows nothing above it",
    ),
    row("store::sqlite", STORED, "a backend knows the trait and its row types only"),
    row("store::postgres", STORED, "a backend knows the trait and its row types only"),
    row("store::memory", STORED, "a backend knows the trait and its row types only"),
    row(
        "store::remote",
        &["epix_core::id", "epix_core::version", "epix_core::receive", "store", "audit"],
        "it passes the trait on, and knows no backend; what comes by it is accepted anew",
    ),
    row("store::suite", &["store", "audit", "epix_core::*"], "the suite knows the trait, not who stands behind it"),
    row("report", &["store", "epix_core::*"], "a report asks the store trait: no SQL, no face"),
];

const CLI: &[Row] = &[
    row("exit", &["epix_core::*", "epix_client::*"], "one table of exit statuses"),
    row("args", &["epix_core::*"], "what was typed, not yet what it means"),
    row("plan", &["args", "exit", "epix_core::*", "epix_client::*"], "what was meant"),
    row("output", &["exit", "epix_core::*", "epix_client::*"], "how it is said"),
    row("cmd", &["args", "plan", "output", "exit", "epix_core::*", "epix_client::*"], "one file per verb"),
];

/// Frameworks and databases stay behind their modules.
pub(super) const FENCES: &[Fence] = &[
    Fence { external: "rusqlite", only: &["epix_server::store::sqlite"], why: "SQL stands in its backend only" },
    Fence {
        external: "tokio_postgres",
        only: &["epix_server::store::postgres"],
        why: "SQL stands in its backend only",
    },
    Fence {
        external: "deadpool_postgres",
        only: &["epix_server::store::postgres"],
        why: "SQL stands in its backend only",
    },
    Fence { external: "actix_web", only: HTTP, why: "faces are thin: service and store know no HTTP" },
    Fence { external: "actix_tls", only: HTTP, why: "faces are thin: service and store know no HTTP" },
    Fence { external: "multer", only: &["epix_server::rest"], why: "forms are how REST is spoken to" },
    Fence {
        external: "utoipa",
        only: &["epix_server::rest"],
        why: "what is described is what the face says, and no row of the store",
    },
    Fence {
        external: "reqwest",
        only: &["epix_client::transport", "epix_client::gateway"],
        why: "HTTP to partners stands in the transport, to one's own gateway in its client",
    },
];

const HTTP: &[&str] = &[
    "epix_server::app",
    "epix_server::tls",
    "epix_server::identity",
    "epix_server::proxy",
    "epix_server::config",
    "epix_server::problem",
    "epix_server::telemetry",
    "epix_server::soap",
    "epix_server::events",
    "epix_server::admin",
    "epix_server::command",
    "epix_server::rest",
    "epix_server::web",
];

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::{BTreeMap, BTreeSet};

    /// Rows on which a row stands, itself left out; a row that may import everything stands above all others.
    fn foundations(of: &Crate) -> BTreeMap<&'static str, BTreeSet<&'static str>> {
        let narrow = of.rows.iter().filter(|row| !row.may.contains(&"*"));
        narrow
            .map(|row| (row.module, row.may.iter().copied().filter(|may| !may.starts_with("epix_")).collect()))
            .collect()
    }

    #[test]
    fn each_module_has_one_row() {
        for krate in CRATES {
            let modules: BTreeSet<&str> = krate.rows.iter().map(|row| row.module).collect();

            assert_eq!(modules.len(), krate.rows.len(), "{}", krate.name);
        }
    }

    #[test]
    fn the_table_has_no_cycle() {
        for krate in CRATES {
            let mut left = foundations(krate);
            loop {
                let grounded = |needs: &BTreeSet<&str>| needs.iter().all(|need| !left.contains_key(need));
                let next: Vec<&str> =
                    left.iter().filter(|(_, needs)| grounded(needs)).map(|(module, _)| *module).collect();
                if next.is_empty() {
                    break;
                }
                left.retain(|module, _| !next.contains(module));
            }
            assert!(left.is_empty(), "{}: {:?}", krate.name, left.keys());
        }
    }

    #[test]
    fn each_fence_names_rows_that_exist() {
        let rows: BTreeSet<String> = CRATES
            .iter()
            .flat_map(|krate| krate.rows.iter().map(|row| format!("{}::{}", krate.name, row.module)))
            .collect();

        for fence in FENCES {
            assert!(fence.only.iter().all(|module| rows.contains(*module)), "{}", fence.external);
        }
    }
}
