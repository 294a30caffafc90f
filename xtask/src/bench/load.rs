//! The load generator: oha, which can show client certificates, always in the same way.

use std::path::{Path, PathBuf};
use std::time::Duration;

use serde_json::Value;

use crate::process::Call;
use crate::test::INSTALL_LIMIT;
use crate::trouble::Trouble;
use crate::world::target_folder;

const VERSION: &str = "1.16.0";
const CONNECTIONS: &str = "64";
const SECONDS: u64 = 5;

/// Makes sure that oha is there; gives its program.
pub(super) fn generator() -> Result<PathBuf, Trouble> {
    let root = target_folder()?.join("tools");
    let program = root.join("bin/oha");
    if !program.is_file() {
        println!("Installing oha {VERSION} (once, some minutes) ...");
        let install = Call::cargo().args(["install", "oha", "--locked", "--version", VERSION, "--root"]).arg(&root);
        install.within(INSTALL_LIMIT).must()?;
    }
    Ok(program)
}

/// What is asked of whom.
#[derive(Debug, Clone)]
pub(super) struct Target {
    pub(super) name: &'static str,
    pub(super) url: String,
    /// One question a line; each call takes one at random.
    pub(super) questions: PathBuf,
    /// Headers, `Name: value`.
    pub(super) headers: Vec<String>,
    /// Certificate, key and root, for TLS.
    pub(super) identity: Option<[PathBuf; 3]>,
}

/// What came of a run.
#[derive(Debug, Clone, Copy)]
pub(super) struct Figures {
    pub(super) per_second: f64,
    pub(super) p50: Duration,
    pub(super) p99: Duration,
}

/// As fast as it goes, over connections that stay open.
pub(super) fn full_speed(oha: &Path, target: &Target) -> Result<Figures, Trouble> {
    run(&call(oha, target, CONNECTIONS), target)
}

/// At a steady rate that leaves the server air, for the times of single calls.
pub(super) fn steady(oha: &Path, target: &Target, per_second: u32) -> Result<Figures, Trouble> {
    run(&call(oha, target, "16").args(["-q", &per_second.to_string()]), target)
}

fn call(oha: &Path, target: &Target, connections: &str) -> Call {
    let mut call = Call::new(oha)
        .args(["--no-tui", "--output-format", "json", "-z", &format!("{SECONDS}s"), "-c", connections, "-m", "POST"])
        .args(["-T", "text/xml; charset=utf-8", "-Z"])
        .arg(&target.questions);
    for header in &target.headers {
        call = call.args(["-H", header]);
    }
    if let Some([certificate, key, root]) = &target.identity {
        call = call.arg("--cert").arg(certificate).arg("--key").arg(key).arg("--cacert").arg(root);
    }
    call.arg(&target.url).within(Duration::from_secs(SECONDS + 60))
}

fn run(call: &Call, target: &Target) -> Result<Figures, Trouble> {
    let ended = call.must()?;
    let told: Value = serde_json::from_str(&ended.stdout).unwrap_or_default();
    let number = |path: &str| told.pointer(path).and_then(Value::as_f64);
    let answered = told["statusCodeDistribution"].as_object();
    let is_good = answered.is_some_and(|codes| codes.len() == 1 && codes.contains_key("200"));
    let figures =
        (number("/summary/requestsPerSec"), number("/latencyPercentiles/p50"), number("/latencyPercentiles/p99"));
    match figures {
        (Some(per_second), Some(p50), Some(p99)) if is_good => {
            let time = Duration::from_secs_f64;
            Ok(Figures { per_second, p50: time(p50), p99: time(p99) })
        }
        _ => {
            let output = format!("{} was not answered well: {}", target.name, told["statusCodeDistribution"]);
            Err(Trouble::Failed { command: call.text(), output: output + &ended.stderr })
        }
    }
}
