//! How does Ctrl-C reach us so that everything we started is stopped in order?
//!
//! The standard library cannot catch a signal, and `unsafe` lives in `epix-native` only. So each command runs under a
//! small shell that catches INT, TERM and HUP and leaves a note in a file; we look for that note wherever we wait.
//! What the shell starts in the background ignores INT, so the note is the only way in.

use std::env;
use std::fs;
use std::os::unix::process::{CommandExt, parent_id};
use std::path::PathBuf;
use std::process::Command;
use std::sync::OnceLock;

use crate::process::work_folder;
use crate::trouble::Trouble;

/// Names the file the supervising shell writes to; its presence says that we run under one.
const NOTE: &str = "EPIX_XTASK_NOTE";

const SUPERVISOR: &str = r#"
interrupted=
trap 'interrupted=yes; : > "$EPIX_XTASK_NOTE"' INT TERM HUP
"$@" & inner=$!
while interrupted=; wait "$inner"; status=$?; [ -n "$interrupted" ]; do :; done
rm -f "$EPIX_XTASK_NOTE"
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
    let _ = fs::remove_file(&note); // an old note under a reused process id would stop us at once
    let cause = Command::new("sh")
        .args(["-c", SUPERVISOR, "xtask"])
        .arg(this)
        .args(env::args_os().skip(1))
        .env(NOTE, note)
        .exec();
    Trouble::CannotStart { command: "sh".into(), cause }
}
