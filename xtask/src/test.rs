//! Does everything pass that must pass?

use std::fs;
use std::path::{Path, PathBuf};
use std::time::Duration;

use crate::answers;
use crate::json;
use crate::pki::Holder;
use crate::process::{Call, files_with_extension, read_text, repository, work_folder, write_text};
use crate::signatures;
use crate::story;
use crate::system::{self, Group};
use crate::tally::{Failure, Tally};
use crate::trouble::Trouble;
use crate::world::{Programs, World};

/// The folders of good permits and the schema of each.
const VALID: &[(&str, &str)] = &[
    ("fixtures/v1/valid", "xsd/v1/CBFShip.xsd"),
    ("fixtures/v2/valid", "xsd/v2/CITESEPermit.xsd"),
    ("fixtures/v3/valid", "xsd/v3/CITESEPermit.xsd"),
    ("fixtures/wco/valid", "xsd/wco/CITESePermit.xsd"),
];
const VALIDATORS: &str = "conformance/validators";
const PEER_LIMIT: Duration = Duration::from_secs(600);
const INSTALL_LIMIT: Duration = Duration::from_secs(1200);

/// What a part says: passed, or what is wrong.
pub(crate) type Verdict = Result<Result<(), Failure>, Trouble>;

/// How a client of somebody else is made ready and started.
#[derive(Debug, Clone, Copy)]
enum Kind {
    /// A Python program; `requirements.txt` beside it goes into a virtual environment.
    Python,
    /// A Node program; `package-lock.json` beside it says what `npm ci` installs.
    Node,
    /// A shell script that makes what it needs itself.
    Script,
}

/// Which service description a client is pointed at.
#[derive(Debug, Clone, Copy)]
enum Description {
    /// The one that imports its schemas.
    Linked,
    /// All in one file: node-soap does not find the schemas otherwise.
    Inline,
}

struct Peer {
    name: &'static str,
    kind: Kind,
    program: &'static str,
    description: Description,
}

/// SOAP stacks of others. Each gets a fresh world, since each makes the permit final, and is called as
/// `PROGRAM --wsdl URL --endpoint URL --cert F --key F --ca F --number N --country XA` with the certificate of XA's
/// customs: only the issuing country's side makes a permit final.
const PEERS: &[Peer] = &[
    peer("zeep", Kind::Python, "conformance/clients/zeep/client.py", Description::Linked),
    peer("node-soap", Kind::Node, "conformance/clients/node-soap/client.js", Description::Inline),
    peer("jax-ws", Kind::Script, "conformance/clients/jaxws/run.sh", Description::Linked),
];

const CALLER: Holder = Holder::XaCustoms;

const fn peer(name: &'static str, kind: Kind, program: &'static str, description: Description) -> Peer {
    Peer { name, kind, program, description }
}

/// Installs what is missing, runs all parts, prints the tally; `true` when all passed.
pub(crate) fn run() -> Result<bool, Trouble> {
    system::provide(&[Group::Build, Group::Demo, Group::Test])?;
    let mut tally = Tally::default();
    tally.part("cargo test --workspace", cargo_test)?;
    tally.part("fixtures against the schema (xmllint)", fixtures_fit_the_schema)?;
    tally.part("schemas against other validators (xmllint, xmlschema, JDK)", schemas_agree)?;
    let mut programs = None;
    tally.part("the programs are built", || {
        programs = Some(Programs::build()?);
        Ok(Ok(()))
    })?;
    for tool in signatures::TOOLS {
        tally
            .part(&format!("signatures beside {}", tool.name()), || signatures::agree(tool, &built(&programs)?.epix))?;
    }
    tally.part("answers against the schema (xmllint)", || answers::obey_the_schema(built(&programs)?))?;
    tally.part("JSON against its schemas (Python jsonschema)", || json_obeys(built(&programs)?))?;
    for peer in PEERS {
        tally.part(&format!("client {}", peer.name), || peer_passes(peer, built(&programs)?))?;
    }
    tally.part("the story (demo --once)", || story_passes(built(&programs)?))?;
    Ok(tally.close())
}

fn built(programs: &Option<Programs>) -> Result<&Programs, Trouble> {
    programs.as_ref().ok_or_else(|| Trouble::Missing("the programs could not be built".into()))
}

fn cargo_test() -> Verdict {
    let call = Call::cargo().args(["test", "--workspace"]);
    let ended = call.show()?;
    Ok(if ended.is_good() { Ok(()) } else { Err(format!("`{}` failed", call.text())) })
}

fn fixtures_fit_the_schema() -> Verdict {
    let mut refused = Vec::new();
    for (folder, schema) in VALID {
        let fixtures = files_with_extension(&repository().join(folder), "xml")?;
        if fixtures.is_empty() {
            return Ok(Err(format!("there is no fixture in {folder}")));
        }
        let before = refused.len();
        for fixture in &fixtures {
            let call =
                Call::new("xmllint").args(["--nonet", "--noout", "--schema", schema]).arg(fixture).within(PEER_LIMIT);
            let ended = call.capture()?;
            if !ended.is_good() {
                refused.push(ended.output());
            }
        }
        println!("{folder}: {} of {} fixtures accepted", fixtures.len() + before - refused.len(), fixtures.len());
    }
    Ok(if refused.is_empty() { Ok(()) } else { Err(refused.concat()) })
}

/// Has our verdicts compared with those of three other validators, over the fixtures and many mutants of them.
fn schemas_agree() -> Verdict {
    let work = work_folder().join("validators");
    fs::create_dir_all(&work).map_err(Trouble::file(&work))?;
    let python = python_with(&repository().join(VALIDATORS).join("requirements.txt"), &work)?;
    let call = Call::cargo()
        .args(["test", "--package", "epix-core", "--test", "parity", "--", "--ignored", "--nocapture"])
        .env("EPIX_PYTHON", python.display().to_string())
        .within(PEER_LIMIT);
    println!("$ {}", call.text());
    let ended = call.show()?;
    Ok(if ended.is_good() { Ok(()) } else { Err(format!("`{}` failed", call.text())) })
}

fn json_obeys(programs: &Programs) -> Verdict {
    let work = work_folder().join("validators");
    fs::create_dir_all(&work).map_err(Trouble::file(&work))?;
    let python = python_with(&repository().join(VALIDATORS).join("requirements.txt"), &work)?;
    json::obeys_its_schemas(&python, &programs.epix, &work)
}

fn peer_passes(peer: &Peer, programs: &Programs) -> Verdict {
    let program = repository().join(peer.program);
    if !program.is_file() {
        return Ok(Err(format!("{} is not there", peer.program)));
    }
    let work = work_folder().join("peers").join(peer.name);
    fs::create_dir_all(&work).map_err(Trouble::file(&work))?;
    let command = make_ready(peer, &program, &work)?;
    let world = World::start(programs, &work_folder().join("test").join(peer.name))?;
    let call = command.args(peer_arguments(peer, &world)).env("NO_PROXY", "127.0.0.1,localhost").within(PEER_LIMIT);
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

fn peer_arguments(peer: &Peer, world: &World) -> Vec<String> {
    let endpoint = world.xa.endpoint();
    let wsdl = match peer.description {
        Description::Linked => format!("{endpoint}?wsdl"),
        Description::Inline => format!("{endpoint}?wsdl&inline"),
    };
    let path = |path: PathBuf| path.display().to_string();
    let pairs = [
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
            println!("$ {}   (in {})", install.text(), folder.display());
            install.must()?;
            Ok(Call::new("node").arg(program))
        }
        Kind::Script => Ok(Call::new("sh").arg(program)),
    }
}

/// The Python of the virtual environment of a part that holds these pinned requirements; made anew when they change.
pub(crate) fn python_with(requirements: &Path, work: &Path) -> Result<PathBuf, Trouble> {
    let wanted = read_text(requirements)?;
    let venv = work.join("venv");
    let python = venv.join("bin/python");
    let installed = work.join("installed-requirements.txt");
    if python.is_file() && fs::read_to_string(&installed).is_ok_and(|text| text == wanted) {
        println!("{} holds what {} asks for", venv.display(), requirements.display());
        return Ok(python);
    }
    let make = Call::new("python3").args(["-m", "venv", "--clear"]).arg(&venv).within(INSTALL_LIMIT);
    let install = Call::new(&python)
        .args(["-m", "pip", "install", "--disable-pip-version-check", "--quiet", "-r"])
        .arg(requirements);
    for call in [make, install.within(INSTALL_LIMIT)] {
        println!("$ {}", call.text());
        call.must()?;
    }
    write_text(&installed, &wanted)?;
    Ok(python)
}

fn story_passes(programs: &Programs) -> Verdict {
    let world = World::start(programs, &work_folder().join("test/story"))?;
    let told = story::tell(&world)?;
    let stopped_well = story::has_stopped_well(world)?;
    Ok(match (told, stopped_well) {
        (true, true) => Ok(()),
        (false, _) => Err("the story did not go as told".into()),
        (true, false) => Err("a gateway did not stop in good order".into()),
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeSet;

    #[test]
    fn each_peer_has_its_own_name_and_stands_under_conformance() {
        let names: BTreeSet<&str> = PEERS.iter().map(|peer| peer.name).collect();

        assert_eq!(names.len(), PEERS.len());
        assert!(PEERS.iter().all(|peer| peer.program.starts_with("conformance/clients/")));
    }
}
