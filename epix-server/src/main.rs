//! The command `epix-server`.

use std::process::ExitCode;

use clap::Parser as _;

/// An answer takes and gives back memory some hundred times, on threads that share it: this allocator halves what that costs.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() -> ExitCode {
    epix_server::command::run(epix_server::command::Arguments::parse())
}
