//! The command `epix`.

use std::io::{BufWriter, IsTerminal as _, Write as _};
use std::process::ExitCode;

use epix_cli::{Console, run};

fn main() -> ExitCode {
    let (stdout, stderr) = (std::io::stdout().lock(), std::io::stderr());
    // A count is of use where the lines themselves are not seen.
    let shows_progress = stderr.is_terminal() && !stdout.is_terminal();
    let mut out = BufWriter::new(stdout);
    let mut stderr = stderr.lock();
    let mut console = Console { input: &mut std::io::stdin().lock(), out: &mut out, err: &mut stderr, shows_progress };
    let exit = run(std::env::args_os(), &mut console);
    // What is left goes to a reader that is gone: `run` has flushed, and said so where that failed.
    let _ = out.flush();
    exit.into()
}
