//! How fast are we, beside a named peer in the same run?
//!
//! Four parts: a permit read and checked in memory beside libxml2 (`epix-core/benches/permit.rs`), `epix validate` over ten
//! thousand files beside one `xmllint` process over the same files, signatures beside xmlsec, and the running server beside bare actix and gSOAP. Nothing passes or fails here:
//! figures are for `docs/performance.md`, and a machine that does other things at the same time says so in its spread.

mod exchange;
mod load;
mod signatures;

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use crate::process::{Call, files_with_extension, read_text, renew_folder, repository, work_folder, write_text};
use crate::system::{self, Group};
use crate::trouble::Trouble;

const FILES: usize = 10_000;
/// How many permits are in the large store.
pub(crate) const MANY: usize = 1_000_000;
const ROUNDS: usize = 5;
const SCHEMA: &str = "xsd/v2/CITESEPermit.xsd";

/// Builds in release mode, measures, prints.
pub(crate) fn run() -> Result<bool, Trouble> {
    system::provide(&[Group::Build, Group::Demo, Group::Test])?;
    let folder = work_folder().join("bench");
    let permit = folder.join("permit.xml");
    renew_folder(&folder)?;
    let bench = Call::cargo().args(["bench", "--quiet", "--package", "epix-core", "--bench", "permit", "--"]);
    if !bench.arg("--write").arg(&permit).show()?.is_good() {
        return Ok(false);
    }
    if !Call::cargo().args(["build", "--release", "--package", "epix-cli"]).show()?.is_good() {
        return Ok(false);
    }
    many_files(&folder, &permit)?;
    let is_good = signatures::run(&folder, &permit)?;
    Ok(exchange::run(&folder, &permit, MANY)? && is_good)
}

/// The part of the server alone, with so many permits in the large store.
pub(crate) fn exchange(many: usize) -> Result<bool, Trouble> {
    system::provide(&[Group::Build, Group::Demo, Group::Test])?;
    let folder = work_folder().join("bench");
    let permit = folder.join("permit.xml");
    fs::create_dir_all(&folder).map_err(Trouble::file(&folder))?;
    let bench = Call::cargo().args(["bench", "--quiet", "--package", "epix-core", "--bench", "permit", "--"]);
    bench.arg("--write").arg(&permit).args(["--only", "guard"]).must()?;
    exchange::run(&folder, &permit, many)
}

fn many_files(folder: &Path, permit: &Path) -> Result<(), Trouble> {
    let files = folder.join("files");
    renew_folder(&files)?;
    let text = read_text(permit)?;
    for index in 0..FILES {
        write_text(&files.join(format!("{index:05}.xml")), &text.replacen("26XA", &format!("{index:05}XA"), 1))?;
    }
    println!("\n{FILES} files of {} bytes, {ROUNDS} rounds each in turn", text.len());
    let epix = crate::world::target_folder()?.join("release/epix");
    let (mut ours, mut theirs, mut peak) = (Vec::new(), Vec::new(), 0);
    for _ in 0..ROUNDS {
        let (took, memory) = timed(Command::new(&epix).arg("validate").arg(&files))?;
        ours.push(took);
        peak = peak.max(memory);
        theirs.push(timed(&mut xmllint(&files)?)?.0);
    }
    let (ours, theirs) = (median(ours), median(theirs));
    println!("epix validate                 {:>8.2} s, at most {} MiB", ours.as_secs_f64(), peak / 1024);
    println!("xmllint --noout --schema      {:>8.2} s", theirs.as_secs_f64());
    println!(
        "ratio: xmllint to epix        {:>8.2}   (to be at least 1.25)",
        theirs.as_secs_f64() / ours.as_secs_f64()
    );
    fs::remove_dir_all(&files).map_err(Trouble::file(&files))
}

fn xmllint(files: &Path) -> Result<Command, Trouble> {
    let mut command = Command::new("xmllint");
    command.args(["--nonet", "--noout", "--schema"]).arg(repository().join(SCHEMA));
    let names: Vec<PathBuf> = files_with_extension(files, "xml")?;
    command.args(names);
    Ok(command)
}

/// Runs a program to its end; gives its time and the most memory (KiB) it was seen to hold.
fn timed(command: &mut Command) -> Result<(Duration, u64), Trouble> {
    let name = command.get_program().to_string_lossy().into_owned();
    let started = Instant::now();
    let mut child =
        command.stdout(Stdio::null()).stderr(Stdio::null()).spawn().map_err(Trouble::file(Path::new(&name)))?;
    let status = PathBuf::from(format!("/proc/{}/status", child.id()));
    let mut peak = 0;
    loop {
        if let Some(ended) = child.try_wait().map_err(Trouble::file(Path::new(&name)))? {
            let took = started.elapsed();
            return if ended.success() {
                Ok((took, peak))
            } else {
                Err(Trouble::Failed { command: name, output: "it found something invalid".into() })
            };
        }
        peak = peak.max(high_water(&status));
        std::thread::sleep(Duration::from_millis(5));
    }
}

fn high_water(status: &Path) -> u64 {
    let text = fs::read_to_string(status).unwrap_or_default();
    let line = text.lines().find_map(|line| line.strip_prefix("VmHWM:"));
    line.and_then(|line| line.trim().trim_end_matches("kB").trim().parse().ok()).unwrap_or(0)
}

fn median(mut times: Vec<Duration>) -> Duration {
    times.sort();
    times[times.len() / 2]
}
