//! Does a running gateway answer over REST as its description says, and does a browser show its page out of nothing else?

use std::fs;
use std::time::Duration;

use serde_json::Value;

use crate::pki::Holder;
use crate::process::{Call, read_text, repository, work_folder, write_text};
use crate::test::{Verdict, python_with};
use crate::trouble::Trouble;
use crate::world::{Programs, World};

const DESCRIPTION: &str = "docs/openapi.json";
const REQUIREMENTS: &str = "conformance/rest/requirements.txt";
const SETTINGS: &str = "conformance/rest/schemathesis.toml";
/// The number that stands in these settings.
const NUMBER: &str = "26XA900001";
const SCOPES: &str = "permits:read,permits:write,confirm,exchange,parties,audit";

/// What an answer must keep to.
const CHECKS: &str = "not_a_server_error,status_code_conformance,content_type_conformance,response_headers_conformance,\
                      response_schema_conformance,unsupported_method,ignored_auth";

/// How many calls are drawn for a route.
const EXAMPLES: &str = "10";
const LIMIT: Duration = Duration::from_secs(300);

/// Has every route called by schemathesis, which knows the description alone.
pub(crate) fn keeps_its_description(programs: &Programs) -> Verdict {
    let work = work_folder().join("rest");
    fs::create_dir_all(&work).map_err(Trouble::file(&work))?;
    let python = python_with(&repository().join(REQUIREMENTS), &work)?;
    let world = World::start(programs, &work_folder().join("test/rest"))?;
    let key = world.xa.offline().args(["keys", "add", "schemathesis", "--scope", SCOPES]).must()?;
    write_text(&world.folder.join("key"), &key.stdout)?;
    let permit = read_text(&repository().join("fixtures/v2/valid/xa-export-permit.xml"))?;
    // Without the stroke, which schemathesis does not escape in each place.
    write_text(&world.folder.join("permit.xml"), &permit.replace(&world.number, NUMBER))?;
    let import = Call::new(&programs.epix).args(["import", "permit.xml", "--api-key-file", "key", "--to"]);
    let import = import.arg(format!("https://{}", world.xa.rest)).arg("--ca").arg(world.pki.certificate(Holder::Root));
    import.folder(&world.folder).within(LIMIT).must()?;
    let call = Call::new(python.with_file_name("schemathesis"))
        .arg("--config-file")
        .arg(repository().join(SETTINGS))
        .arg("run")
        .arg(repository().join(DESCRIPTION))
        .args(["--url", &format!("https://{}/rest/v1", world.xa.rest)])
        .arg("--tls-verify")
        .arg(world.pki.certificate(Holder::Root))
        .args(["--header", &format!("Authorization: Bearer {}", key.stdout.trim())])
        .args(["--checks", CHECKS, "--phases", "examples,coverage,fuzzing", "--warnings", "off"])
        .args(["--max-examples", EXAMPLES, "--generation-deterministic", "--no-shrink"])
        .args(["--continue-on-failure", "--no-color"])
        .folder(&world.folder)
        .within(LIMIT);
    let ended = call.capture()?;
    let complaints = world.stop()?;
    let told = ended.output();
    if !ended.is_good() {
        return Ok(Err(told));
    }
    told.lines().rev().take(12).collect::<Vec<_>>().iter().rev().for_each(|line| println!("{line}"));
    Ok(if complaints.is_empty() { Ok(()) } else { Err(complaints.join("\n")) })
}

/// Opens the page in a browser: every route stands in it, and it asks for nothing but what its own server has.
pub(crate) fn shows_its_page(programs: &Programs) -> Verdict {
    let world = World::start(programs, &work_folder().join("test/page"))?;
    let home = format!("https://{}", world.xa.rest);
    let record = world.folder.join("requests.json");
    let call = Call::new("chromium")
        .args(["--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run"])
        .args(["--disable-background-networking", "--disable-component-update", "--disable-sync"])
        .args(["--ignore-certificate-errors", "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1"])
        .arg(format!("--user-data-dir={}", world.folder.join("browser").display()))
        .arg(format!("--log-net-log={}", record.display()))
        .args(["--dump-dom", &format!("{home}/rest/v1/")])
        .within(LIMIT);
    let shown = call.must()?.stdout;
    let complaints = world.stop()?;
    let mut wrong = missing(&shown, &read_text(&repository().join(DESCRIPTION))?);
    let record = read_text(&record)?;
    let asked = asked_by_pages(&record);
    println!("beside itself the page asked for {asked:?}");
    if !record.contains(&format!("\"{home}/rest/v1/\"")) {
        wrong.push("the record of the browser does not know the page".to_owned());
    }
    wrong.extend(asked.into_iter().filter(|url| !url.starts_with(&home)).map(|url| format!("it asked for {url}")));
    wrong.extend(complaints);
    Ok(if wrong.is_empty() { Ok(()) } else { Err(wrong.join("\n")) })
}

/// The routes of the description that are not in the page.
fn missing(page: &str, description: &str) -> Vec<String> {
    let description: Value = serde_json::from_str(description).unwrap_or_default();
    let Some(paths) = description["paths"].as_object() else { return vec![format!("{DESCRIPTION} has no paths")] };
    let operations = paths.values().filter_map(Value::as_object).flat_map(|methods| methods.values());
    let names = operations.filter_map(|operation| operation["operationId"].as_str());
    names
        .filter(|name| !page.contains(&format!("id=\"{name}\"")))
        .map(|name| format!("{name} is not in the page"))
        .collect()
}

/// What pages asked for, by the record of the browser; what the browser asks for of its own accord has no page behind it.
fn asked_by_pages(record: &str) -> Vec<String> {
    let record: Value = serde_json::from_str(record).unwrap_or_default();
    let events = record["events"].as_array().map(Vec::as_slice).unwrap_or_default();
    let by_page = |event: &&Value| event["params"]["initiator"].as_str().is_some_and(|who| who.contains("://"));
    events.iter().filter(by_page).filter_map(|event| event["params"]["url"].as_str().map(str::to_owned)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_route_that_is_not_in_the_page_is_named() {
        let description = r#"{"paths":{"/a":{"get":{"operationId":"a"},"post":{"operationId":"b"}}}}"#;

        assert_eq!(missing("<details id=\"a\">", description), ["b is not in the page"]);
        assert_eq!(missing("<details id=\"a\">", "{}").len(), 1);
    }

    #[test]
    fn what_a_page_asks_for_is_told_from_what_the_browser_asks_for() {
        let record = r#"{"events":[{"params":{"initiator":"not an origin","url":"https://updates"}},
            {"params":{"initiator":"https://127.0.0.1:1","url":"https://elsewhere/x.js"}},{"type":1}]}"#;

        assert_eq!(asked_by_pages(record), ["https://elsewhere/x.js"]);
    }
}
