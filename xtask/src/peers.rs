//! Do the SOAP stacks of others understand the service, each in every dialect?
//!
//! `conformance/manifest.toml` says of each stack and dialect what is to be expected: that it passes, or why it is skipped. A
//! row for a case that there is not, and a case without a row, fail.

use std::fs;
use std::path::{Path, PathBuf};

use crate::manifest::{self, Row};
use crate::pki::Holder;
use crate::process::{Call, read_text, repository, work_folder};
use crate::story;
use crate::tally::Tally;
use crate::test::{INSTALL_LIMIT, PEER_LIMIT, Verdict, built, python_with};
use crate::trouble::Trouble;
use crate::world::{Programs, World};

const MANIFEST: &str = "conformance/manifest.toml";
const DIALECTS: [&str; 3] = ["v1", "v2", "hub"];

/// How a client of somebody else is made ready and started.
#[derive(Debug, Clone, Copy)]
enum Kind {
    /// A Python program; `requirements.txt` beside it goes into a virtual environment.
    Python,
    /// A Node program; `package-lock.json` beside it says what `npm ci` installs.
    Node,
    /// A PHP program.
    Php,
    /// A shell script that makes what it needs itself.
    Script,
}

/// Which service description a client is pointed at.
#[derive(Debug, Clone, Copy)]
enum Description {
    /// The one that imports its schemas.
    Linked,
    /// All in one file: for those that do not find the schemas otherwise.
    Inline,
}

struct Peer {
    name: &'static str,
    kind: Kind,
    program: &'static str,
    description: Description,
}

/// SOAP stacks of others. Each gets a fresh world, since each makes the permit final, and is called as
/// `PROGRAM --dialect D --wsdl URL --endpoint URL --cert F --key F --ca F --number N --country XA` with the certificate of
/// XA's customs: only the issuing country's side makes a permit final.
const PEERS: &[Peer] = &[
    peer("zeep", Kind::Python, "conformance/clients/zeep/client.py", Description::Linked),
    peer("suds", Kind::Python, "conformance/clients/suds/client.py", Description::Linked),
    peer("node-soap", Kind::Node, "conformance/clients/node-soap/client.js", Description::Inline),
    peer("php", Kind::Php, "conformance/clients/php/client.php", Description::Inline),
    peer("gsoap", Kind::Script, "conformance/clients/gsoap/run.sh", Description::Inline),
    peer("jax-ws", Kind::Script, "conformance/clients/jaxws/run.sh", Description::Linked),
];

const CALLER: Holder = Holder::XaCustoms;

const fn peer(name: &'static str, kind: Kind, program: &'static str, description: Description) -> Peer {
    Peer { name, kind, program, description }
}

/// Runs every stack in every dialect, as the manifest says.
pub(crate) fn judge(tally: &mut Tally, programs: &Option<Programs>) -> Result<(), Trouble> {
    let rows = manifest::read(&read_text(&repository().join(MANIFEST))?);
    tally.part(&format!("{MANIFEST} and the clients name one another"), || {
        let complaints = rows.as_ref().map_or_else(Clone::clone, |rows| complaints(rows));
        Ok(if complaints.is_empty() { Ok(()) } else { Err(complaints) })
    })?;
    let rows = rows.unwrap_or_default();
    for (peer, dialect) in cases() {
        let case = format!("{} {dialect}", peer.name);
        match rows.iter().find(|row| row.case == case).and_then(|row| row.skip.as_ref()) {
            Some(reason) => println!("\n== client {case}: skipped, because {reason}"),
            None => tally.part(&format!("client {case}"), || passes(peer, dialect, built(programs)?))?,
        }
    }
    Ok(())
}

fn cases() -> impl Iterator<Item = (&'static Peer, &'static str)> {
    PEERS.iter().flat_map(|peer| DIALECTS.iter().map(move |dialect| (peer, *dialect)))
}

/// What is wrong between the rows and the cases, a line each.
fn complaints(rows: &[Row]) -> String {
    let mut complaints = String::new();
    let known: Vec<(String, &str)> =
        cases().map(|(peer, dialect)| (format!("{} {dialect}", peer.name), peer.program)).collect();
    for (case, program) in &known {
        let named = rows.iter().filter(|row| row.case == *case).collect::<Vec<_>>();
        match named.as_slice() {
            [row] if row.source != *program => complaints.push_str(&format!("{case}: its source is {program}\n")),
            [row] if row.expect.is_some() == row.skip.is_some() => {
                complaints.push_str(&format!("{case}: say either expect or skip\n"));
            }
            [_] => {}
            found => complaints.push_str(&format!("{case}: {} rows\n", found.len())),
        }
    }
    for row in rows.iter().filter(|row| known.iter().all(|(case, _)| *case != row.case)) {
        complaints.push_str(&format!("{}: there is no such case\n", row.case));
    }
    complaints
}

fn passes(peer: &Peer, dialect: &str, programs: &Programs) -> Verdict {
    let program = repository().join(peer.program);
    if !program.is_file() {
        return Ok(Err(format!("{} is not there", peer.program)));
    }
    let work = work_folder().join("peers").join(peer.name);
    fs::create_dir_all(&work).map_err(Trouble::file(&work))?;
    let command = make_ready(peer, &program, &work)?;
    let world = World::start(programs, &work_folder().join("test").join(peer.name))?;
    let call = command
        .args(arguments(peer, dialect, &world))
        .env("NO_PROXY", "127.0.0.1,localhost")
        .env("EPIX_WORK", work.display().to_string())
        .within(PEER_LIMIT);
    println!("$ {}", call.text());
    let ended = call.show()?;
    let log = world.xa.log_tail();
    let stopped_well = story::has_stopped_well(world)?;
    if !ended.is_good() {
        let code = ended.code.map_or("a signal".to_owned(), |code| format!("exit status {code}"));
        return Ok(Err(format!("{} ended with {code}; the log of XA ends with\n{log}", peer.program)));
    }
    Ok(if stopped_well { Ok(()) } else { Err("a gateway did not stop in good order".into()) })
}

fn arguments(peer: &Peer, dialect: &str, world: &World) -> Vec<String> {
    let endpoint = format!("https://{}/epix/{dialect}", world.xa.exchange);
    let wsdl = match peer.description {
        Description::Linked => format!("{endpoint}?wsdl"),
        Description::Inline => format!("{endpoint}?wsdl&inline"),
    };
    let path = |path: PathBuf| path.display().to_string();
    let pairs = [
        ("--dialect", dialect.to_owned()),
        ("--wsdl", wsdl),
        ("--endpoint", endpoint),
        ("--cert", path(world.pki.certificate(CALLER))),
        ("--key", path(world.pki.key(CALLER))),
        ("--ca", path(world.pki.certificate(Holder::Root))),
        ("--number", world.number.clone()),
        ("--country", "XA".to_owned()),
    ];
    pairs.into_iter().flat_map(|(name, value)| [name.to_owned(), value]).collect()
}

/// Installs what a client needs and gives the command that starts it, without its arguments.
fn make_ready(peer: &Peer, program: &Path, work: &Path) -> Result<Call, Trouble> {
    let folder = program.parent().unwrap_or(work);
    match peer.kind {
        Kind::Python => Ok(Call::new(python_with(&folder.join("requirements.txt"), work)?).arg(program)),
        Kind::Node => {
            let install = Call::new("npm").args(["ci", "--no-audit", "--no-fund"]).folder(folder).within(INSTALL_LIMIT);
            // Once for all dialects: what is there already is what the lock file says, or `npm ls` complains.
            let is_there = Call::new("npm").args(["ls", "--silent"]).folder(folder).within(INSTALL_LIMIT);
            if !folder.join("node_modules").is_dir() || !is_there.capture()?.is_good() {
                println!("$ {}   (in {})", install.text(), folder.display());
                install.must()?;
            }
            Ok(Call::new("node").arg(program))
        }
        Kind::Php => Ok(Call::new("php").arg(program)),
        Kind::Script => Ok(Call::new("sh").arg(program)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn row(case: &str, skip: Option<&str>) -> Row {
        let source =
            cases().find(|(peer, dialect)| format!("{} {dialect}", peer.name) == case).map(|(peer, _)| peer.program);
        let source = source.unwrap_or("nowhere").to_owned();
        let expect = skip.is_none().then(|| "passed".to_owned());
        Row { case: case.to_owned(), source, expect, skip: skip.map(str::to_owned) }
    }

    #[test]
    fn the_manifest_and_the_clients_name_one_another() {
        let text = std::fs::read_to_string(repository().join(MANIFEST)).unwrap();

        assert_eq!(complaints(&manifest::read(&text).unwrap()), "");
    }

    #[test]
    fn a_skip_that_matches_nothing_and_a_case_without_a_row_are_complained_of() {
        let all = || cases().map(|(peer, dialect)| row(&format!("{} {dialect}", peer.name), None)).collect::<Vec<_>>();
        let (mut more, mut less, mut unclear) = (all(), all(), all());
        more.push(row("zeep v9", Some("it has no version 9")));
        less.pop();
        unclear[0].expect = None;

        assert_eq!(complaints(&all()), "");
        assert_eq!(complaints(&more), "zeep v9: there is no such case\n");
        assert!(complaints(&less).ends_with(": 0 rows\n"));
        assert!(complaints(&unclear).contains("say either expect or skip"));
    }
}
