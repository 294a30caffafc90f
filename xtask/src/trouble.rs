//! What keeps us from doing the work?

use std::fmt;
use std::io;
use std::path::{Path, PathBuf};
use std::time::Duration;

/// Could not look or could not do; never "looked, and it is wrong".
#[derive(Debug)]
pub(crate) enum Trouble {
    /// A program could not be started.
    CannotStart { command: String, cause: io::Error },
    /// A program did not end in time and was killed.
    TooSlow { command: String, limit: Duration },
    /// A program ended otherwise than with exit status 0, and nothing can go on without it.
    Failed { command: String, output: String },
    /// A file or folder could not be read or written.
    File { path: PathBuf, cause: io::Error },
    /// Something that must be there is not, in words, with the remedy.
    Missing(String),
    /// Somebody pressed Ctrl-C or sent SIGTERM.
    Interrupted,
}

impl Trouble {
    /// The path a file error belongs to, for `map_err`.
    pub(crate) fn file(path: &Path) -> impl FnOnce(io::Error) -> Trouble + '_ {
        move |cause| Trouble::File { path: path.to_path_buf(), cause }
    }
}

impl fmt::Display for Trouble {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::CannotStart { command, cause } => write!(f, "cannot start `{command}`: {cause}"),
            Self::TooSlow { command, limit } => {
                write!(f, "`{command}` did not end within {} s and was killed", limit.as_secs())
            }
            Self::Failed { command, output } => write!(f, "`{command}` failed\n{}", output.trim_end()),
            Self::File { path, cause } => write!(f, "{}: {cause}", path.display()),
            Self::Missing(sentence) => f.write_str(sentence),
            Self::Interrupted => f.write_str("interrupted"),
        }
    }
}
