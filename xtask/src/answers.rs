//! Does a judge from elsewhere accept what the gateway sends: the answer as a whole, and the permit taken out of it?
//!
//! The whole body of an answer is held against the schema of the service by `xmllint`, and so is the stand-alone permit
//! that `epix fetch` makes of it, before and after customs has filled box 14.

use std::fs;
use std::path::{Path, PathBuf};
use std::time::Duration;

use crate::pki::Holder;
use crate::process::{Call, repository, work_folder, write_text};
use crate::story::connection;
use crate::tally::Failure;
use crate::trouble::Trouble;
use crate::world::{Programs, World};

const LIMIT: Duration = Duration::from_secs(60);

/// The schemas of the service, which name each other as siblings although two of them live with the document.
const SCHEMAS: [&str; 3] = ["wsdl/v2/exchange.xsd", "xsd/v2/CITESEPermit.xsd", "xsd/v2/components.xsd"];

/// Fetches a permit as non-final and as final and has both judged.
pub(crate) fn obey_the_schema(programs: &Programs) -> Result<Result<(), Failure>, Trouble> {
    let world = World::start(programs, &work_folder().join("test/answers"))?;
    let schemas = world.folder.join("schemas");
    fs::create_dir_all(&schemas).map_err(Trouble::file(&schemas))?;
    for schema in SCHEMAS {
        let from = repository().join(schema);
        let name = from.file_name().unwrap_or_default();
        fs::copy(&from, schemas.join(name)).map_err(Trouble::file(&from))?;
    }
    let mut refused = judged(&world, &schemas, "GetNonFinalCitesCertificate", &[])?;
    epix(&world, Holder::XaCustoms, "confirm", &["--quantity", "A=1"]).must()?;
    refused.extend(judged(&world, &schemas, "GetFinalCitesCertificate", &["--final"])?);
    let complaints = world.stop()?;
    refused.extend(complaints);
    Ok(if refused.is_empty() { Ok(()) } else { Err(refused.join("\n")) })
}

/// Fetches the permit in both forms; gives what the judge says against them.
fn judged(world: &World, schemas: &Path, operation: &str, stage: &[&str]) -> Result<Vec<String>, Trouble> {
    let file = |name: &str| world.folder.join(format!("{operation}-{name}.xml"));
    let (answer, permit, body) = (file("answer"), file("permit"), file("body"));
    for (path, how) in [(&answer, &["--raw"][..]), (&permit, &[])] {
        let output = path.display().to_string();
        epix(world, Holder::Xb, "fetch", &[stage, how, &["-o", &output]].concat()).must()?;
    }
    let response = format!("//*[local-name()='{operation}Response']");
    let taken_out = Call::new("xmllint").args(["--nonet", "--xpath", &response]).arg(&answer).within(LIMIT).must()?;
    write_text(&body, &taken_out.stdout)?;
    let mut refused = Vec::new();
    for (document, schema) in [(&body, "exchange.xsd"), (&permit, "CITESEPermit.xsd")] {
        let said = against(document, schemas.join(schema))?;
        println!("{operation}, {schema}: {}", said.as_deref().unwrap_or("accepted"));
        refused.extend(said);
    }
    Ok(refused)
}

/// What `xmllint` says against a document; nothing when it accepts it.
fn against(document: &Path, schema: PathBuf) -> Result<Option<String>, Trouble> {
    let ended = Call::new("xmllint")
        .args(["--nonet", "--noout", "--schema"])
        .arg(schema)
        .arg(document)
        .within(LIMIT)
        .capture()?;
    Ok(if ended.is_good() { None } else { Some(ended.output()) })
}

fn epix(world: &World, who: Holder, verb: &str, words: &[&str]) -> Call {
    Call::new(&world.programs.epix)
        .args([verb, &world.number, "--country", "XA"])
        .args(words)
        .args(connection(world, &world.xa, who))
        .within(LIMIT)
}
