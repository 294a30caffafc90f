//! Does `epix conformance` tell each case to people, programs and build servers, and end with the right status?

#![allow(clippy::unwrap_used, reason = "test code outside of test functions")]

use std::net::SocketAddr;
use std::process::{Command, Output};
use std::sync::Arc;

use epix_client::simulate::{Credentials, Script, Settings, Simulator};
use epix_core::id::Country;
use serde_json::Value;
use tempfile::TempDir;

struct World {
    folder: TempDir,
    partner: Simulator,
}

impl World {
    fn plays(script: &str) -> World {
        let folder = tempfile::tempdir().unwrap();
        let free = SocketAddr::from(([127, 0, 0, 1], 0));
        let [country, importer] = ["XB", "XA"].map(|code| Country::parse(code).unwrap());
        let settings = Settings {
            country,
            importer,
            script: Script::parse(script, folder.path()).unwrap(),
            credentials: Credentials::Made(folder.path().to_owned()),
            listen: free,
            control: free,
            told: Arc::new(|_| ()),
        };
        World { partner: Simulator::start(settings).unwrap(), folder }
    }

    fn run(&self, more: &[&str]) -> Output {
        let mut command = Command::new(env!("CARGO_BIN_EXE_epix"));
        command.current_dir(self.folder.path()).arg("conformance").arg(self.partner.endpoint());
        command.args(["--country", "XB", "--cert", "caller.pem", "--key", "caller.key", "--ca", "ca.pem"]);
        command.args(more).output().unwrap()
    }
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8(bytes.to_vec()).unwrap()
}

#[test]
fn cases_pass_are_skipped_and_fail_each_in_words() {
    let good = World::plays("");
    let bad = World::plays("[[rule]]\noutcome = \"NotFinal\"\ndo = { serve = \"XB-SIM-1\" }");
    let grade = ["--number", "XB-SIM-1", "--only", "E1", "--only", "E5.3", "--only", "E5.4"];

    let passed = good.run(&grade);
    let failed = bad.run(&grade);

    assert_eq!(passed.status.code(), Some(0), "{}", text(&passed.stdout));
    assert!(text(&passed.stdout).contains("skipped  E5.4   a cancelled permit is refused: needs --cancelled"));
    assert!(text(&passed.stdout).ends_with("3 passed, 0 failed, 1 skipped\n"));
    assert_eq!(failed.status.code(), Some(1));
    let told = text(&failed.stdout);
    assert!(
        told.contains("failed   E5.3") && told.contains("rests on: inferred") && told.contains("came: HTTP 200"),
        "{told}"
    );
}

#[test]
fn programs_and_build_servers_get_the_same() {
    let world = World::plays("");

    let lines = text(&world.run(&["--only", "E1", "--format", "json"]).stdout);
    let junit = text(&world.run(&["--only", "E1", "--only", "E5.4", "--format", "junit"]).stdout);

    let first: Value = serde_json::from_str(lines.lines().next().unwrap()).unwrap();
    assert_eq!((&first["kind"], &first["id"], &first["outcome"]), (&"case".into(), &"E1.1".into(), &"passed".into()));
    let tree = roxmltree::Document::parse(&junit).unwrap();
    let named = |name: &str| tree.descendants().filter(|node| node.has_tag_name(name)).count();
    assert_eq!((named("testcase"), named("skipped"), named("failure")), (3, 1, 0));
}

#[test]
fn what_cannot_be_asked_is_trouble() {
    let world = World::plays("");

    assert_eq!(world.run(&["--only", "E5.4"]).status.code(), Some(2), "nothing could be asked");
    assert_eq!(world.run(&["--only", "E99"]).status.code(), Some(2), "there is no such case");
}
