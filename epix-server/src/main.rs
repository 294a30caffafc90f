//! The command `epix-server`.

use std::process::ExitCode;

use clap::Parser as _;

fn main() -> ExitCode {
    epix_server::command::run(epix_server::command::Arguments::parse())
}
