//! Does every command that `docs/signatures.md` prints do what the page says, typed as it stands there?

#![allow(clippy::unwrap_used, reason = "all of this is tests")]

mod desk;

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use desk::Desk;

fn repository() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("..").canonicalize().unwrap()
}

/// A desk with everything that the page speaks of: a permit, keys, roots, a revocation list, an inbox.
fn desk() -> Desk {
    let desk = Desk::new();
    let copy = |from: &str, to: &str| desk.put(to, fs::read(repository().join("fixtures").join(from)).unwrap());
    for permit in ["permit.xml", "inbox/permit.xml"] {
        copy("v2/valid/xa-export-permit.xml", permit);
    }
    let keys = [("xa-rsa.key", "xa.key"), ("xa-rsa.pem", "xa.pem"), ("xa-rsa.p12", "xa.p12"), ("ca.crl", "ca.crl")];
    let roots = ["ca.pem", "roots.pem", "tsa-roots.pem"].map(|name| ("ca.pem", name));
    for (from, to) in keys.into_iter().chain(roots) {
        copy(&format!("signatures/keys/{from}"), to);
    }
    desk
}

/// The command lines of the blocks of a page that are marked `sh`, without their remarks.
fn commands(page: &str) -> Vec<String> {
    let text = fs::read_to_string(repository().join("docs").join(page)).unwrap();
    let mut is_within = false;
    let mut found = Vec::new();
    for line in text.lines() {
        match line {
            "```sh" => is_within = true,
            "```" => is_within = false,
            line if is_within => found.push(line.split("   #").next().unwrap().trim().to_owned()),
            _ => {}
        }
    }
    found
}

/// Types a line; where there are answers, at a terminal that asks for them.
fn typed(desk: &Desk, line: &str, answers: &str) -> Output {
    let ours = Path::new(env!("CARGO_BIN_EXE_epix")).parent().unwrap().display().to_string();
    let path = format!("{ours}:{}", std::env::var("PATH").unwrap());
    let mut command = Command::new("sh");
    // `script` gives the command a terminal of its own; what it reads is typed there.
    let asked = "printf '%s' \"$ANSWERS\" | script --quiet --return --command \"$LINE\" /dev/null";
    command.args(["-c", if answers.is_empty() { line } else { asked }]);
    command.env("LINE", line).env("ANSWERS", answers).env("PATH", path).current_dir(desk.path());
    command.output().unwrap()
}

/// False in a root without pseudo-terminals (`/dev/pts` is not mounted): nobody can be asked there.
fn has_terminals() -> bool {
    let tried = Command::new("script").args(["--quiet", "--return", "--command", "true", "/dev/null"]).output();
    let has = tried.is_ok_and(|ended| ended.status.success());
    if !has {
        eprintln!("no terminal can be made here: passphrases come from a file instead of a prompt");
    }
    has
}

/// Plays the authority that answers a query for a time stamp.
fn answer_query(desk: &Desk) {
    let keys = repository().join("fixtures/signatures/keys").display().to_string();
    let settings = format!(
        "[tsa]\ndefault_tsa = one\n[one]\nserial = serial\nsigner_cert = {keys}/clock.pem\nsigner_key = {keys}/clock.key\n\
         signer_digest = sha256\ndefault_policy = 1.2.3.4.1\ndigests = sha256\ness_cert_id_alg = sha256\n"
    );
    desk.put("tsa.cnf", settings);
    let reply = ["ts", "-reply", "-config", "tsa.cnf", "-queryfile", "query.tsq", "-token_out", "-out", "token.der"];
    assert!(Command::new("openssl").args(reply).current_dir(desk.path()).output().unwrap().status.success());
}

#[test]
fn every_command_of_the_page_does_what_it_says() {
    let desk = desk();
    let lines = commands("signatures.md");
    assert!(lines.len() > 8, "{lines:?}");
    desk.put("secret", "not-a-secret\n");
    let has_terminals = has_terminals();
    let sealed = typed(&desk, "epix sign --key xa.key --cert xa.pem inbox/permit.xml", "");
    assert!(sealed.status.success(), "{sealed:?}");

    for line in lines {
        let asks = line.contains("xa.p12");
        let said = match (asks, has_terminals) {
            (true, false) => typed(&desk, &format!("{line} --passphrase-file secret"), ""),
            (true, true) => typed(&desk, &line, "not-a-secret\n"),
            (false, _) => typed(&desk, &line, ""),
        };

        let words = String::from_utf8_lossy(&said.stdout).into_owned();
        assert!(said.status.success(), "{line}: {words}");
        if line.starts_with("openssl ts -query") {
            answer_query(&desk);
        }
    }

    let stamped = typed(&desk, "epix verify --trust roots.pem --tsa tsa-roots.pem --format json permit.xml", "");
    assert!(String::from_utf8_lossy(&stamped.stdout).contains("\"judged_by\":\"time-stamp\""), "{stamped:?}");
}

#[test]
fn a_wrong_passphrase_at_the_prompt_is_told() {
    if !has_terminals() {
        return;
    }
    let desk = desk();

    let refused = typed(&desk, "epix sign --key xa.p12 permit.xml", "another\n");

    let words = String::from_utf8_lossy(&refused.stdout).into_owned();
    assert_eq!(refused.status.code(), Some(2), "{words}");
    assert!(words.contains("passphrase is missing or wrong"), "{words}");
    assert!(!desk.path().join("permit.sig.xml").exists());
}

/// The commands of the table, for the tools that are installed as programs.
#[test]
fn xmlsec1_checks_a_detached_signature_as_the_page_says() {
    let desk = desk();
    let page = fs::read_to_string(repository().join("docs/signatures.md")).unwrap();
    let row = page.lines().find(|line| line.starts_with("| xmlsec1 |")).unwrap();
    let command = row.split('`').find(|part| part.starts_with("xmlsec1 ")).unwrap();
    assert!(typed(&desk, "epix sign --key xa.key --cert xa.pem permit.xml", "").status.success());

    let good = typed(&desk, command, "");
    let permit = fs::read_to_string(desk.path().join("permit.xml")).unwrap();
    desk.put("permit.xml", permit.replacen("XA", "XC", 1));
    let bad = typed(&desk, command, "");

    assert!(good.status.success(), "{good:?}");
    assert!(!bad.status.success(), "{bad:?}");
}
