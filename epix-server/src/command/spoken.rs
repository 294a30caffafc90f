//! How do commands speak? A reader that has gone away (`| head`) stops no work; output that is lost otherwise is told at the end.

use std::fmt::Arguments;
use std::io::{self, ErrorKind, Write as _};
use std::sync::{Mutex, MutexGuard, PoisonError};

/// Why nothing more is written: the first thing that failed.
static LOST: Mutex<Option<io::Error>> = Mutex::new(None);

/// Says a line on standard output.
macro_rules! say {
    ($($words:tt)*) => {{
        $crate::command::spoken::say(format_args!($($words)*));
        $crate::command::spoken::say(format_args!("\n"));
    }};
}

/// Says something that brings its own line ends.
macro_rules! say_all {
    ($($words:tt)*) => { $crate::command::spoken::say(format_args!($($words)*)) };
}

/// Says a line on standard error, for people.
macro_rules! remark {
    ($($words:tt)*) => {{
        use std::io::Write as _;
        // Whom it does not reach does not miss it.
        drop(writeln!(std::io::stderr(), $($words)*));
    }};
}

/// Says something, unless it cannot be heard any more.
pub(super) fn say(words: Arguments<'_>) {
    let mut lost = lost();
    if lost.is_none() {
        *lost = io::stdout().write_fmt(words).err();
    }
}

/// False once nobody can be reached: work that is done for its words alone may end.
pub(super) fn is_heard() -> bool {
    lost().is_none()
}

/// Brings out what is left, and says what could not be written to a reader that is there.
pub(super) fn end() -> io::Result<()> {
    match lost().take().map_or_else(|| io::stdout().flush(), Err) {
        Err(error) if error.kind() == ErrorKind::BrokenPipe => Ok(()),
        ended => ended,
    }
}

fn lost() -> MutexGuard<'static, Option<io::Error>> {
    LOST.lock().unwrap_or_else(PoisonError::into_inner)
}
