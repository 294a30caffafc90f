//! Does `epix simulate` become a partner that the other commands can call, and end when it is asked to?

#![allow(clippy::unwrap_used, reason = "test code outside of test functions")]

use std::io::{BufRead as _, BufReader};
use std::path::Path;
use std::process::{Child, Command, Output, Stdio};

use serde_json::Value;
use tempfile::TempDir;

fn epix(folder: &Path) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_epix"));
    command.current_dir(folder);
    command
}

/// A running partner; it is killed where a test fails before it asks it to end.
struct Partner {
    folder: TempDir,
    process: Child,
    endpoint: String,
}

impl Partner {
    fn with(script: &str) -> Partner {
        let folder = tempfile::tempdir().unwrap();
        std::fs::write(folder.path().join("script.toml"), script).unwrap();
        let mut process = epix(folder.path())
            .args(["simulate", "--country", "XB", "--script", "script.toml", "--pki", "pki", "--format", "json"])
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        let mut line = String::new();
        BufReader::new(process.stdout.take().unwrap()).read_line(&mut line).unwrap();
        let line: Value = serde_json::from_str(&line).unwrap();
        Partner { folder, process, endpoint: line["endpoint"].as_str().unwrap().to_owned() }
    }

    fn call(&self, arguments: &[&str]) -> Output {
        let connection =
            ["--to", &self.endpoint, "--cert", "pki/caller.pem", "--key", "pki/caller.key", "--ca", "pki/ca.pem"];
        epix(self.folder.path()).args(arguments).args(connection).output().unwrap()
    }
}

impl Drop for Partner {
    fn drop(&mut self) {
        self.process.kill().ok();
        self.process.wait().ok();
    }
}

#[test]
fn a_simulated_partner_is_called_and_ends_when_it_is_asked_to() {
    let mut partner = Partner::with("[[rule]]\noperation = \"ServiceState\"\ndo = { state = \"MAINTENANCE\" }");

    let state = partner.call(&["state"]);
    let permit = partner.call(&["fetch", "XB-SIM-1", "--country", "XB", "--format", "json"]);

    assert_eq!(state.status.code(), Some(1));
    assert!(String::from_utf8_lossy(&state.stdout).ends_with("says: MAINTENANCE\n"));
    let permit: Value = serde_json::from_slice(&permit.stdout).unwrap();
    assert_eq!(permit["number"], "XB-SIM-1");
    let asked = Command::new("sh").args(["-c", &format!("kill -TERM {}", partner.process.id())]).status().unwrap();
    assert!(asked.success() && partner.process.wait().unwrap().success());
}

#[test]
fn a_script_that_says_nothing_known_is_refused_with_its_place() {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("script.toml"), "[[rule]]\ndo = \"dance\"\n").unwrap();

    let said = epix(folder.path()).args(["simulate", "--country", "XB", "--script", "script.toml"]).output().unwrap();

    let errors = String::from_utf8_lossy(&said.stderr);
    assert_eq!(said.status.code(), Some(2));
    assert!(errors.contains("line 2") && errors.contains("dance"), "{errors}");
}
