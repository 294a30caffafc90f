//! How do two authorities get up and running on this machine, and down again?

use std::fs::File;
use std::io::{BufRead, BufReader, Write};
use std::path::{Path, PathBuf};
use std::process::ChildStdout;
use std::sync::mpsc::{self, Receiver, TryRecvError};
use std::thread;
use std::time::{Duration, Instant};

use serde_json::Value;

use crate::pki::{Holder, Pki};
use crate::process::{Call, Running, files_with_extension, pause, read_text, renew_folder, repository, write_text};
use crate::trouble::Trouble;

/// Where the permits come from; `xa-*.xml` belong to XA, `xb-*.xml` to XB.
const FIXTURES: &str = "fixtures/v2/valid";

/// The permit the story and the conformance clients are about.
const STORY_PERMIT: &str = "fixtures/v2/valid/xa-export-permit.xml";

/// A debug build on a busy machine opens its store and listens well within this.
const START_LIMIT: Duration = Duration::from_secs(60);
const STOP_LIMIT: Duration = Duration::from_secs(30);
const CALL_LIMIT: Duration = Duration::from_secs(60);

struct Party {
    id: &'static str,
    name: &'static str,
    country: &'static str,
    role: &'static str,
    holder: Holder,
}

struct Site {
    id: &'static str,
    folder: &'static str,
    fixtures: &'static str,
    name: &'static str,
    holder: Holder,
    parties: &'static [Party],
}

const XA: Site = Site {
    id: "XA",
    folder: "xa",
    fixtures: "xa-",
    name: "Management Authority of XA",
    holder: Holder::Xa,
    parties: &[
        Party {
            id: "XB-MA",
            name: "Management Authority of XB",
            country: "XB",
            role: "management-authority",
            holder: Holder::Xb,
        },
        Party { id: "XA-CUSTOMS", name: "Customs of XA", country: "XA", role: "customs", holder: Holder::XaCustoms },
    ],
};

const XB: Site = Site {
    id: "XB",
    folder: "xb",
    fixtures: "xb-",
    name: "Management Authority of XB",
    holder: Holder::Xb,
    parties: &[Party {
        id: "XA-MA",
        name: "Management Authority of XA",
        country: "XA",
        role: "management-authority",
        holder: Holder::Xa,
    }],
};

/// The two programs under test.
#[derive(Debug, Clone)]
pub(crate) struct Programs {
    pub(crate) epix: PathBuf,
    pub(crate) server: PathBuf,
}

impl Programs {
    /// Builds both; cargo's progress goes to the terminal.
    pub(crate) fn build() -> Result<Self, Trouble> {
        println!("Building epix-server and epix (the first time takes some minutes) ...");
        let call = Call::cargo().args(["build", "--bins", "--package", "epix-server", "--package", "epix-cli"]);
        if !call.show()?.is_good() {
            return Err(Trouble::Failed { command: call.text(), output: "cargo's own words are above".into() });
        }
        let folder = target_folder()?.join("debug");
        let programs = Self { epix: folder.join("epix"), server: folder.join("epix-server") };
        for path in [&programs.epix, &programs.server] {
            if !path.is_file() {
                return Err(Trouble::Missing(format!("the build went well, yet {} is not there", path.display())));
            }
        }
        Ok(programs)
    }
}

/// The authorities XA and XB, listening; dropping the world ends them.
#[derive(Debug)]
pub(crate) struct World {
    pub(crate) folder: PathBuf,
    pub(crate) pki: Pki,
    pub(crate) programs: Programs,
    pub(crate) xa: Gateway,
    pub(crate) xb: Gateway,
    /// The number of the permit the story is about.
    pub(crate) number: String,
}

impl World {
    /// Makes everything new in this folder: keys, stores, parties; then starts both servers on free ports.
    pub(crate) fn start(programs: &Programs, folder: &Path) -> Result<Self, Trouble> {
        renew_folder(folder)?;
        let number = permit_number(programs)?;
        let pki = Pki::create(&folder.join("pki"))?;
        let xa = Gateway::start(&XA, programs, folder, &pki)?;
        let xb = Gateway::start(&XB, programs, folder, &pki)?;
        Ok(Self { folder: folder.to_path_buf(), pki, programs: programs.clone(), xa, xb, number })
    }

    /// Stops both servers with SIGTERM; a sentence for each that did not end with exit status 0.
    pub(crate) fn stop(mut self) -> Result<Vec<String>, Trouble> {
        let mut complaints = Vec::new();
        for gateway in [&mut self.xa, &mut self.xb] {
            complaints.extend(gateway.stop()?);
        }
        Ok(complaints)
    }

    /// A sentence when a server ended although nobody asked it to.
    pub(crate) fn lost(&mut self) -> Option<String> {
        [&mut self.xa, &mut self.xb].into_iter().find_map(|gateway| {
            let status = gateway.running.ended()?;
            Some(format!(
                "the gateway of {} ended by itself ({status}); its log ends with\n{}",
                gateway.id,
                gateway.log_tail()
            ))
        })
    }
}

/// One running `epix-server`.
#[derive(Debug)]
pub(crate) struct Gateway {
    pub(crate) id: &'static str,
    /// `127.0.0.1:41234`
    pub(crate) exchange: String,
    pub(crate) admin: String,
    /// Where the REST face listens.
    pub(crate) rest: String,
    server: PathBuf,
    folder: PathBuf,
    running: Running,
    log: PathBuf,
}

impl Gateway {
    /// The EPIX endpoint. By address: a resolver that answers `::1` for localhost would miss the listener.
    pub(crate) fn endpoint(&self) -> String {
        format!("https://{}/epix/v2", self.exchange)
    }

    /// The last lines of the server's log, or why they cannot be shown.
    pub(crate) fn log_tail(&self) -> String {
        log_tail(&self.log)
    }

    fn start(site: &Site, programs: &Programs, world: &Path, pki: &Pki) -> Result<Self, Trouble> {
        let folder = world.join(site.folder);
        let configuration = folder.join("epix-server.toml");
        let offline = || Call::new(&programs.server).arg("--config").arg(&configuration).within(CALL_LIMIT);

        let init =
            Call::new(&programs.server).arg("init").arg(&folder).args(["--authority", site.id, "--name", site.name]);
        init.within(CALL_LIMIT).must()?;
        write_text(&configuration, &configuration_text(site, pki))?;
        // Toolkit 1.0 has no place for much of the permit of the story; those who speak version 1 get the rest of it.
        write_text(&folder.join("policies.toml"), "[losses]\nv1 = \"accept\"\n")?;
        let permits = permits_of(site)?;
        if !permits.is_empty() {
            offline().arg("import").args(&permits).must()?;
        }
        let parties = folder.join("parties.toml");
        write_text(&parties, &parties_text(site, pki))?;
        offline().args(["parties", "apply"]).arg(&parties).arg("--yes").must()?;

        let log = folder.join("server.log");
        let mut running = offline().arg("run").env("RUST_BACKTRACE", "1").stay(&log)?;
        let Ready { exchange, admin, rest } = wait_until_listening(site.id, &mut running, &folder, &log)?;
        Ok(Self { id: site.id, exchange, admin, rest, server: programs.server.clone(), folder, running, log })
    }

    /// A command of the operator beside the running server.
    pub(crate) fn offline(&self) -> Call {
        let configuration = self.folder.join("epix-server.toml");
        Call::new(&self.server).arg("--config").arg(configuration).within(CALL_LIMIT)
    }

    /// Ends the server as a power cut would.
    pub(crate) fn kill(&mut self) -> Result<(), Trouble> {
        self.running.kill(STOP_LIMIT)
    }

    /// Starts the server again; its REST face listens where it did before.
    pub(crate) fn start_again(&mut self) -> Result<(), Trouble> {
        let configuration = self.folder.join("epix-server.toml");
        let text = read_text(&configuration)?;
        let (before, behind) = text.split_once(REST).unwrap_or((&text, ""));
        write_text(&configuration, &format!("{before}[rest]\nlisten = \"{}\"{behind}", self.rest))?;
        self.running = self.offline().arg("run").env("RUST_BACKTRACE", "1").stay(&self.log)?;
        let ready = wait_until_listening(self.id, &mut self.running, &self.folder, &self.log)?;
        (self.exchange, self.admin) = (ready.exchange, ready.admin);
        Ok(())
    }

    fn stop(&mut self) -> Result<Option<String>, Trouble> {
        let status = self.running.stop(STOP_LIMIT)?;
        let complaint = format!(
            "the gateway of {} ended with {status} instead of exit status 0; its log ends with\n{}",
            self.id,
            self.log_tail()
        );
        Ok((status.code() != Some(0)).then_some(complaint))
    }
}

struct Ready {
    exchange: String,
    admin: String,
    rest: String,
}

/// How the listener for REST is set.
const REST: &str = "[rest]\nlisten = \"127.0.0.1:0\"";

fn wait_until_listening(id: &str, running: &mut Running, folder: &Path, log: &Path) -> Result<Ready, Trouble> {
    let unready =
        |why: &str| Trouble::Missing(format!("the gateway of {id} {why}; its log ends with\n{}", log_tail(log)));
    let stdout = running.take_stdout().ok_or_else(|| unready("has no standard output"))?;
    let first_line = first_line_of(stdout, &folder.join("server.out"))?;
    let started = Instant::now();
    loop {
        match first_line.try_recv() {
            Ok(line) => {
                return ready(&line).ok_or_else(|| unready(&format!("said {line:?} instead of where it listens")));
            }
            Err(TryRecvError::Disconnected) => return Err(unready("ended before it listened")),
            Err(TryRecvError::Empty) if started.elapsed() > START_LIMIT => {
                return Err(unready("did not listen in time"));
            }
            Err(TryRecvError::Empty) => pause()?,
        }
    }
}

/// Hands over the first line, and keeps emptying the pipe into a file so that the server never waits for us.
fn first_line_of(stdout: ChildStdout, copy: &Path) -> Result<Receiver<String>, Trouble> {
    let mut copy = File::create(copy).map_err(Trouble::file(copy))?;
    let (sender, receiver) = mpsc::channel();
    thread::spawn(move || {
        let mut sender = Some(sender);
        for line in BufReader::new(stdout).lines().map_while(Result::ok) {
            let _ = writeln!(copy, "{line}"); // the copy is a convenience
            if let Some(sender) = sender.take() {
                let _ = sender.send(line); // nobody listens any more when the start was given up
            }
        }
    });
    Ok(receiver)
}

fn ready(line: &str) -> Option<Ready> {
    let value: Value = serde_json::from_str(line).ok()?;
    let text = |name: &str| value[name].as_str().map(str::to_owned);
    (value["event"] == "listening").then_some(())?;
    Some(Ready { exchange: text("exchange")?, admin: text("admin")?, rest: text("rest")? })
}

fn log_tail(log: &Path) -> String {
    let text = match read_text(log) {
        Ok(text) => text,
        Err(trouble) => return format!("  ({trouble})"),
    };
    let lines: Vec<&str> = text.lines().collect();
    let tail = &lines[lines.len().saturating_sub(20)..];
    tail.iter().map(|line| format!("  | {line}\n")).collect()
}

fn permits_of(site: &Site) -> Result<Vec<PathBuf>, Trouble> {
    let all = files_with_extension(&repository().join(FIXTURES), "xml")?;
    let is_ours =
        |path: &PathBuf| path.file_name().is_some_and(|name| name.to_string_lossy().starts_with(site.fixtures));
    Ok(all.into_iter().filter(is_ours).collect())
}

/// Reads the number from the fixture by `epix show`, so that it stands in one place only.
fn permit_number(programs: &Programs) -> Result<String, Trouble> {
    let fixture = repository().join(STORY_PERMIT);
    if !fixture.is_file() {
        return Err(Trouble::Missing(format!("{STORY_PERMIT} is not there: the story is about this permit")));
    }
    let call = Call::new(&programs.epix).arg("show").arg(&fixture).args(["--format", "json"]).within(CALL_LIMIT);
    let ended = call.must()?;
    let number = ended.stdout.lines().find_map(|line| {
        let value: Value = serde_json::from_str(line).ok()?;
        let number = value.get("number").or_else(|| value.pointer("/permit/number"))?;
        number.as_str().map(str::to_owned)
    });
    number.ok_or_else(|| Trouble::Missing(format!("`{}` shows no number:\n{}", call.text(), ended.output())))
}

pub(crate) fn target_folder() -> Result<PathBuf, Trouble> {
    let call = Call::cargo().args(["metadata", "--no-deps", "--offline", "--format-version", "1"]);
    let ended = call.must()?;
    let value: Value = serde_json::from_str(&ended.stdout).unwrap_or_default();
    let folder = value["target_directory"].as_str().map(PathBuf::from);
    folder.ok_or_else(|| Trouble::Missing(format!("`{}` names no target directory", call.text())))
}

fn configuration_text(site: &Site, pki: &Pki) -> String {
    let Site { id, name, holder, .. } = site;
    format!(
        "# written by cargo xtask

[[authority]]
id = \"{id}\"
country = \"{id}\"
name = \"{name}\"

[store]
path = \"store.sqlite\"
token_key_file = \"token.key\"

[exchange]
listen = \"127.0.0.1:0\"
certificate = {}
key = {}
client_ca = {}

{REST}

[policy]
file = \"policies.toml\"

[admin]
listen = \"127.0.0.1:0\"

[log]
format = \"human\"
level = \"info\"
",
        toml_path(&pki.certificate(*holder)),
        toml_path(&pki.key(*holder)),
        toml_path(&pki.certificate(Holder::Root)),
    )
}

/// The register of XA.
pub(crate) fn parties_of_xa(pki: &Pki) -> String {
    parties_text(&XA, pki)
}

fn parties_text(site: &Site, pki: &Pki) -> String {
    let mut text = format!("# written by cargo xtask\n\nauthority = \"{}\"\n", site.id);
    for Party { id, name, country, role, holder } in site.parties {
        let file = toml_path(&pki.certificate(*holder));
        text += &format!(
            "
[[party]]
id = \"{id}\"
name = \"{name}\"
country = \"{country}\"
roles = [\"{role}\"]
certificates = [{{ file = {file} }}]
"
        );
    }
    text
}

/// A JSON string is a TOML basic string too.
fn toml_path(path: &Path) -> String {
    Value::from(path.to_string_lossy()).to_string()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::process::Scratch;

    #[test]
    fn the_line_on_standard_output_tells_where_it_listens() {
        let line =
            r#"{"event":"listening","exchange":"127.0.0.1:41234","admin":"127.0.0.1:41235","rest":"127.0.0.1:41236"}"#;
        let ready = ready(line).unwrap();

        assert_eq!((ready.exchange.as_str(), ready.admin.as_str()), ("127.0.0.1:41234", "127.0.0.1:41235"));
        assert_eq!(ready.rest, "127.0.0.1:41236");
    }

    #[test]
    fn any_other_line_is_not_readiness() {
        assert!(super::ready("listening on 8443").is_none());
        assert!(super::ready(r#"{"event":"stopped","exchange":"a","admin":"b"}"#).is_none());
    }

    #[test]
    fn a_server_that_ends_early_is_told_with_its_log() {
        let scratch = Scratch::new("early");
        let log = scratch.path().join("server.log");
        let mut running = Call::new("sh").args(["-c", "echo 'no such certificate' >&2; exit 2"]).stay(&log).unwrap();

        let answer = wait_until_listening("XA", &mut running, scratch.path(), &log);

        let Err(trouble) = answer else { panic!("it never listened") };
        let text = trouble.to_string();
        assert!(text.contains("XA") && text.contains("no such certificate"), "{text}");
    }

    #[test]
    fn a_server_that_listens_is_stopped_and_its_exit_status_is_checked() {
        let scratch = Scratch::new("listens");
        let log = scratch.path().join("server.log");
        let line = r#"{"event":"listening","exchange":"127.0.0.1:1","admin":"127.0.0.1:2","rest":"127.0.0.1:3"}"#;
        let script = format!("trap 'exit 5' TERM; echo '{line}'; while :; do sleep 0.02; done");
        let mut running = Call::new("sh").args(["-c", &script]).stay(&log).unwrap();
        let Ready { exchange, admin, rest } = wait_until_listening("XB", &mut running, scratch.path(), &log).unwrap();
        let (server, folder) = (PathBuf::from("sh"), scratch.path().to_owned());
        let mut gateway = Gateway { id: "XB", exchange, admin, rest, server, folder, running, log };

        let complaint = gateway.stop().unwrap().unwrap();

        assert!(complaint.contains("exit status: 5"), "{complaint}");
        assert_eq!(gateway.endpoint(), "https://127.0.0.1:1/epix/v2");
    }

    #[test]
    fn each_party_of_a_site_gets_its_table() {
        let scratch = Scratch::new("parties");
        let pki = Pki::create(scratch.path()).unwrap();

        let text = parties_text(&XA, &pki);

        assert_eq!(text.matches("[[party]]").count(), 2);
        assert!(text.contains("id = \"XA-CUSTOMS\"") && text.contains("roles = [\"customs\"]"), "{text}");
        assert!(configuration_text(&XB, &pki).contains("xb.pem"));
    }
}
