//! How does Ctrl-C reach us so that everything we started is stopped in order?
//!
//! The standard library cannot catch a signal, and `unsafe` lives in `epix-native` only. So each command runs under a
//! small shell that catches INT, TERM and HUP and leaves a note in a file; we look for that note wherever we wait.
//! What the shell starts in the background ignores INT, so the note is the only way in.

use std::env;
use std::fs::{self, OpenOptions};
use std::io::Write;
use std::os::unix::process::{CommandExt, parent_id};
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::OnceLock;

use crate::process::work_folder;
use crate::trouble::Trouble;

/// Names the file the supervising shell writes to; its presence says that we run under one.
const NOTE: &str = "EPIX_XTASK_NOTE";

/// The terminal's hang-up is noted by the shell too, so what it starts ignores it. If we are killed outright, the
/// shell ends the programs we meant to keep up.
const SUPERVISOR: &str = r#"
note=$EPIX_XTASK_NOTE
interrupted=
trap 'interrupted=yes; : > "$note"' INT TERM HUP
(trap "" HUP; exec "$@") & inner=$!
while interrupted=; wait "$inner"; status=$?; [ -n "$interrupted" ]; do :; done
if [ "$status" -gt 128 ] && [ -f "$note-started" ]; then
  while read -r group; do kill -s TERM -- "-$group" 2>/dev/null; done < "$note-started"
fi
rm -f "$note" "$note-started"
exit "$status"
"#;

struct Supervisor {
    note: PathBuf,
    parent: u32,
}

static SUPERVISOR_SEEN: OnceLock<Supervisor> = OnceLock::new();

/// Makes sure that we run under the supervising shell; the first time it replaces this process by one.
pub(crate) fn supervised() -> Result<(), Trouble> {
    let Some(note) = env::var_os(NOTE) else {
        return Err(replace_by_supervisor());
    };
    SUPERVISOR_SEEN.get_or_init(|| Supervisor { note: note.into(), parent: parent_id() });
    Ok(())
}

/// Whether somebody asked us to stop; also when the supervising shell itself is gone.
pub(crate) fn requested() -> bool {
    SUPERVISOR_SEEN.get().is_some_and(|seen| seen.note.exists() || parent_id() != seen.parent)
}

/// Writes down a process group that stays up, for the case that we are killed before we can end it.
pub(crate) fn remember(group: u32) {
    let Some(seen) = SUPERVISOR_SEEN.get() else { return };
    let list = OpenOptions::new().create(true).append(true).open(started(&seen.note));
    let _ = list.and_then(|mut file| writeln!(file, "{group}")); // a second net: the first is the guard that is dropped
}

/// The list of what stays up, beside the note.
fn started(note: &Path) -> PathBuf {
    let mut path = note.to_path_buf().into_os_string();
    path.push("-started");
    path.into()
}

/// Returns only when the replacement failed.
fn replace_by_supervisor() -> Trouble {
    let work = work_folder();
    if let Err(cause) = fs::create_dir_all(&work) {
        return Trouble::File { path: work, cause };
    }
    let this = match env::current_exe() {
        Ok(path) => path,
        Err(cause) => return Trouble::CannotStart { command: "xtask".into(), cause },
    };
    let note = work.join(format!("interrupted-{}", std::process::id()));
    for old in [note.clone(), started(&note)] {
        let _ = fs::remove_file(old); // left by an earlier process with our id; mostly there is none
    }
    let cause = Command::new("sh")
        .args(["-c", SUPERVISOR, "xtask"])
        .arg(this)
        .args(env::args_os().skip(1))
        .env(NOTE, note)
        .exec();
    Trouble::CannotStart { command: "sh".into(), cause }
}
