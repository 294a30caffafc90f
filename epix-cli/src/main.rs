//! The command `epix`.

use std::io::{BufWriter, IsTerminal as _, Write as _};
use std::process::ExitCode;

use epix_cli::{Console, run};

fn main() -> ExitCode {
    let stderr = std::io::stderr();
    let shows_progress = stderr.is_terminal();
    let mut out = BufWriter::with_capacity(OUTPUT, std::io::stdout().lock());
    let (mut stdin, mut stderr) = (std::io::stdin(), stderr.lock());
    let mut console = Console { input: &mut stdin, out: &mut out, err: &mut stderr, shows_progress };
    let exit = run(std::env::args_os(), &mut console);
    // What is left goes to a reader that is gone: `run` has flushed, and said so where that failed.
    let _ = out.flush();
    exit.into()
}

/// Enough lines at a time that writing them costs nothing beside finding them.
const OUTPUT: usize = 64 << 10;
