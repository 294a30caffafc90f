//! Does `epix submit` bring every permit into the books of a real gateway once, when sender and gateway are killed on the way?

use std::fs;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use serde_json::Value;

use crate::pki::Holder;
use crate::process::{Call, pause, read_text, repository, work_folder, write_text};
use crate::test::Verdict;
use crate::trouble::Trouble;
use crate::world::{Programs, World};

/// How many permits lie in a folder, and how many more in an archive.
const IN_FOLDER: usize = 240;
const IN_ARCHIVE: usize = 60;
/// How many documents are no permits.
const DAMAGED: usize = 3;
const LIMIT: Duration = Duration::from_secs(180);

/// What is submitted, and to whom.
struct Work<'w> {
    programs: &'w Programs,
    folder: PathBuf,
    ca: PathBuf,
    to: String,
}

/// Submits while both ends are killed in turn, then compares the books with what was sent.
pub(crate) fn arrives_once(programs: &Programs) -> Verdict {
    let mut world = World::start(programs, &work_folder().join("test/submission"))?;
    let work = Work {
        programs,
        folder: world.folder.join("sender"),
        ca: world.pki.certificate(Holder::Root),
        to: format!("https://{}", world.xa.rest),
    };
    write_permits(&work.folder)?;
    let key = world.xa.offline().args(["keys", "add", "the clerks", "--scope", "permits:read,permits:write"]).must()?;
    write_text(&work.folder.join("key"), &key.stdout)?;
    let before = work.listed()?.len();

    // The sender is killed first, then the gateway, while the sender waits for it.
    let mut sender = work.submit().stay(&work.folder.join("first.log"))?;
    work.wait_for_settled(30)?;
    sender.kill(LIMIT)?;
    let mut sender = work.submit().stay(&work.folder.join("second.log"))?;
    work.wait_for_settled(120)?;
    world.xa.kill()?;
    world.xa.start_again()?;
    let started = Instant::now();
    while sender.ended().is_none() {
        if started.elapsed() > LIMIT {
            return Ok(Err("the sender did not come to an end".to_owned()));
        }
        pause()?;
    }
    let last = work.submit().capture()?;
    let listed = work.listed()?;
    println!("{}{} permits are listed, {before} of them were there before", last.output(), listed.len());

    let mut wrong = Vec::new();
    let all = IN_FOLDER + IN_ARCHIVE;
    if last.code != Some(1) || !last.stdout.contains(&format!("{DAMAGED} refused")) {
        wrong.push(format!("{DAMAGED} documents were to be refused, and no other"));
    }
    if listed.len() != before + all {
        wrong.push(format!("{} permits are in the books instead of {}", listed.len() - before, all));
    }
    if !last.stdout.contains(&format!("{} of them settled before", all + DAMAGED)) {
        wrong.push("the journal does not know everything".to_owned());
    }
    let shown = work.epix("show").arg(number(7)).capture()?;
    if !shown.is_good() || !shown.stdout.contains(&number(7)) {
        wrong.push(format!("a permit is not shown: {}", shown.output()));
    }
    let audit = world.xa.offline().args(["audit", "verify"]).capture()?;
    if !audit.is_good() {
        wrong.push(audit.output());
    }
    wrong.extend(world.stop()?);
    Ok(if wrong.is_empty() { Ok(()) } else { Err(wrong.join("\n")) })
}

impl Work<'_> {
    fn epix(&self, verb: &str) -> Call {
        let call = Call::new(&self.programs.epix).arg(verb).folder(&self.folder).within(LIMIT);
        call.args(["--api-key-file", "key", "--to", &self.to]).arg("--ca").arg(&self.ca)
    }

    fn submit(&self) -> Call {
        self.epix("submit").args(["--jobs", "4", "inbox", "delivery.zip"])
    }

    /// The numbers in the books.
    fn listed(&self) -> Result<Vec<String>, Trouble> {
        let said = self.epix("list").args(["--format", "json"]).must()?;
        let number = |line: &str| serde_json::from_str::<Value>(line).ok()?["number"].as_str().map(str::to_owned);
        Ok(said.stdout.lines().filter_map(number).collect())
    }

    fn wait_for_settled(&self, wanted: usize) -> Result<(), Trouble> {
        let started = Instant::now();
        let journal = self.folder.join("epix-submit.journal");
        let settled = || fs::read_to_string(&journal).unwrap_or_default().matches("\"outcome\"").count();
        while settled() < wanted {
            if started.elapsed() > LIMIT {
                return Err(Trouble::Missing(format!("only {} of {wanted} documents were settled", settled())));
            }
            pause()?;
        }
        Ok(())
    }
}

fn number(index: usize) -> String {
    format!("26XA9{index:05}/EX")
}

/// Permits that differ in their number, some in a folder, some in an archive, and some documents that are none.
fn write_permits(folder: &Path) -> Result<(), Trouble> {
    let model = read_text(&repository().join("fixtures/v2/valid/xa-export-permit.xml"))?;
    let permit = |index| model.replace("26XA000123/EX", &number(index));
    for (place, numbers) in [("inbox", 0..IN_FOLDER), ("packed", IN_FOLDER..IN_FOLDER + IN_ARCHIVE)] {
        let place = folder.join(place);
        fs::create_dir_all(&place).map_err(Trouble::file(&place))?;
        for index in numbers {
            write_text(&place.join(format!("{index:05}.xml")), &permit(index))?;
        }
    }
    for index in 0..DAMAGED {
        let damaged = permit(90_000 + index).replace("</", "<");
        write_text(&folder.join(format!("inbox/damaged-{index}.xml")), &damaged)?;
    }
    let pack = Call::new("python3").args(["-m", "zipfile", "-c", "delivery.zip", "packed"]).folder(folder);
    pack.must().map(drop)
}
