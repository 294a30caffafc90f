//! Does systemd take the unit of the gateway, and does it shut the service in?

use std::fs;

use crate::process::{Call, read_text, repository, work_folder, write_text};
use crate::test::{PEER_LIMIT, Verdict};
use crate::trouble::Trouble;
use crate::world::Programs;

const UNIT: &str = "epix-server/dist/epix-server.service";
/// Where the unit looks for the program; here it is the one that was built.
const INSTALLED: &str = "/usr/bin/epix-server";
/// The most exposure, in tenths of systemd's own scale from 0 to 10; what it calls OK ends at 4.
const EXPOSURE: &str = "25";

/// Asks `systemd-analyze`, which needs no running systemd for that.
pub(crate) fn is_taken(programs: &Programs) -> Verdict {
    let folder = work_folder().join("test/unit");
    fs::create_dir_all(&folder).map_err(Trouble::file(&folder))?;
    let unit = folder.join("epix-server.service");
    let text = read_text(&repository().join(UNIT))?;
    write_text(&unit, &text.replace(INSTALLED, &programs.server.display().to_string()))?;
    let analyze = || Call::new("systemd-analyze").within(PEER_LIMIT);
    let threshold = format!("--threshold={EXPOSURE}");
    for call in [
        analyze().args(["verify", "--man=no"]).arg(&unit),
        analyze().args(["security", "--offline=yes", "--no-pager", &threshold]).arg(&unit),
    ] {
        let ended = call.capture()?;
        // It tells of settings that it does not know, and goes on.
        if !ended.is_good() || ended.output().contains("Unknown key") {
            return Ok(Err(format!("`{}` says\n{}", call.text(), ended.output())));
        }
    }
    Ok(Ok(()))
}
