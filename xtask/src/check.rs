//! Is the house in order?

mod audit;
mod dependencies;
mod imports;
mod layout;
mod licence;
mod rows;
mod scanner;

use serde_json::Value;

use crate::generate;
use crate::process::Call;
use crate::system::{self, Group};
use crate::tally::{Failure, Tally};
use crate::trouble::Trouble;

/// What a part says: passed, or what is wrong.
type Verdict = Result<Result<(), Failure>, Trouble>;

/// Runs all parts, prints the tally; `true` when all passed. What needs no compiler comes first: it answers at once.
pub(crate) fn run() -> Result<bool, Trouble> {
    system::provide(&[Group::Build, Group::Demo])?;
    system::provide_rust_components()?;
    let clippy = Call::cargo().args(["clippy", "--workspace", "--all-targets", "--", "-D", "warnings"]);
    let docs = Call::cargo().args(["doc", "--workspace", "--no-deps"]).env("RUSTDOCFLAGS", "-D warnings");

    let mut tally = Tally::default();
    tally.part("format", || passes(&Call::cargo().args(["fmt", "--all", "--check"])))?;
    tally.part("architecture: dependencies of each crate", dependencies::check)?;
    tally.part("architecture: who imports whom", imports::check)?;
    tally.part("architecture: files and folders", layout::check)?;
    tally.part("generated files", || passes(&generate::compare()))?;
    tally.part("lints", || passes(&clippy))?;
    tally.part("docs", || passes(&docs))?;
    tally.part("dependency audit", audit::check)?;
    Ok(tally.close())
}

fn passes(call: &Call) -> Verdict {
    let ended = call.show()?;
    Ok(if ended.is_good() { Ok(()) } else { Err(format!("`{}` failed", call.text())) })
}

/// Nothing found is passed; else one line per finding.
fn verdict(findings: Vec<String>) -> Verdict {
    Ok(if findings.is_empty() { Ok(()) } else { Err(findings.join("\n")) })
}

/// What `cargo metadata` says, with these further arguments.
fn metadata(words: &[&str]) -> Result<Value, Trouble> {
    let call = Call::cargo().args(["metadata", "--format-version", "1"]).args(words);
    let ended = call.must()?;
    serde_json::from_str(&ended.stdout)
        .map_err(|cause| Trouble::Failed { command: call.text(), output: cause.to_string() })
}
