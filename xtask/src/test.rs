//! Does everything pass that must pass?

use std::fs;
use std::path::{Path, PathBuf};
use std::time::Duration;

use crate::answers;
use crate::json;
use crate::peers;
use crate::postgres;
use crate::process::{Call, files_with_extension, read_text, repository, work_folder, write_text};
use crate::rest;
use crate::signatures;
use crate::story;
use crate::submission;
use crate::system::{self, Group};
use crate::tally::{Failure, Tally};
use crate::trouble::Trouble;
use crate::unit;
use crate::world::{Programs, World};

/// The folders of good permits and the schema of each.
const VALID: &[(&str, &str)] = &[
    ("fixtures/v1/valid", "xsd/v1/CBFShip.xsd"),
    ("fixtures/v2/valid", "xsd/v2/CITESEPermit.xsd"),
    ("fixtures/v3/valid", "xsd/v3/CITESEPermit.xsd"),
    ("fixtures/wco/valid", "xsd/wco/CITESePermit.xsd"),
];
const VALIDATORS: &str = "conformance/validators";
pub(crate) const PEER_LIMIT: Duration = Duration::from_secs(600);
pub(crate) const INSTALL_LIMIT: Duration = Duration::from_secs(1200);

/// What a part says: passed, or what is wrong.
pub(crate) type Verdict = Result<Result<(), Failure>, Trouble>;

/// Installs what is missing, runs all parts, or those whose name holds a text, prints the tally; `true` when all passed.
pub(crate) fn run(only: &str) -> Result<bool, Trouble> {
    system::provide(&[Group::Build, Group::Demo, Group::Test])?;
    let mut tally = Tally::only(only);
    tally.part("cargo test --workspace", cargo_test)?;
    tally.part("the store and the service on PostgreSQL", postgres::cargo_test)?;
    tally.part("fixtures against the schema (xmllint)", fixtures_fit_the_schema)?;
    tally.part("schemas against other validators (xmllint, xmlschema, JDK)", schemas_agree)?;
    let mut programs = None;
    tally.foundation("the programs are built", || {
        programs = Some(Programs::build()?);
        Ok(Ok(()))
    })?;
    for tool in signatures::TOOLS {
        tally
            .part(&format!("signatures beside {}", tool.name()), || signatures::agree(tool, &built(&programs)?.epix))?;
    }
    tally.part("answers against the schema (xmllint)", || answers::obey_the_schema(built(&programs)?))?;
    tally.part("JSON against its schemas (Python jsonschema)", || json_obeys(built(&programs)?))?;
    tally.part("the unit of systemd (systemd-analyze)", || unit::is_taken(built(&programs)?))?;
    peers::judge(&mut tally, &programs)?;
    tally.part("every permit arrives once (epix submit)", || submission::arrives_once(built(&programs)?))?;
    tally.part("REST against its description (schemathesis)", || rest::keeps_its_description(built(&programs)?))?;
    tally.part("the page of REST in a browser (Chromium)", || rest::shows_its_page(built(&programs)?))?;
    tally.part("the story (demo --once)", || story_passes(built(&programs)?))?;
    Ok(tally.close())
}

pub(crate) fn built(programs: &Option<Programs>) -> Result<&Programs, Trouble> {
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
