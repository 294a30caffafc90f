//! The command `epix`: look at permits and codes, and call partners that keep permits.
//!
//! ```text
//! args (what was typed) ─> plan (what it means, checked) ─> cmd/<verb> ─> output (for people, for programs) ─> exit
//! ```
//! [`run`] is the whole program without the process around it.
#![forbid(unsafe_code)]

pub mod args;
mod cmd;
mod exit;
pub mod output;
mod plan;

use std::ffi::OsString;

use clap::Parser as _;
use clap::error::ErrorKind;

use args::{Args, Format};
pub use exit::{ArchiveFlaw, Exit, Trouble};
pub use output::Console;
use plan::Plan;

/// Runs the program for a command line, the program's own name first.
pub fn run(arguments: impl IntoIterator<Item = OsString>, console: &mut Console<'_>) -> Exit {
    let arguments: Vec<OsString> = arguments.into_iter().collect();
    let args = match Args::try_parse_from(&arguments) {
        Ok(args) => args,
        Err(error) => return not_a_command_line(&error, &arguments, console),
    };
    let format = args.format();
    let ended = perform(args, console).and_then(|exit| {
        console.out.flush().map_err(Trouble::Output)?;
        Ok(exit)
    });
    ended.unwrap_or_else(|trouble| cmd::give_up(&trouble, format, console))
}

fn perform(args: Args, console: &mut Console<'_>) -> Result<Exit, Trouble> {
    match plan::plan(args)? {
        Plan::Validate(plan) => cmd::validate::run(&plan, console),
        Plan::Show(plan) => cmd::show::run(&plan, console),
        Plan::Diff(plan) => cmd::diff::run(&plan, console),
        Plan::Convert(plan) => cmd::convert::run(&plan, console),
        Plan::Sign(plan) => cmd::sign::run(&plan, console),
        Plan::Verify(plan) => cmd::verify::run(&plan, console),
        Plan::Signature(plan) => cmd::sign::act(&plan, console),
        Plan::Audit(plan) => cmd::audit::run(*plan, console),
        Plan::Codes(plan) => cmd::codes::run(&plan, console),
        Plan::Rules(id) => cmd::rules::run(id.as_deref(), console),
        Plan::State(plan) => cmd::state::run(plan, console),
        Plan::Fetch(plan) => cmd::fetch::run(*plan, console),
        Plan::Confirm(plan) => cmd::confirm::run(plan, console),
        Plan::Import(plan) => cmd::import::run(&plan, console),
        Plan::List(plan) => cmd::list::run(&plan, console),
        Plan::Submit(plan) => cmd::submit::run(&plan, console),
        Plan::Simulate(plan) => cmd::simulate::run(*plan, console),
        Plan::Conformance(plan) => cmd::conformance::run(&plan, console),
        Plan::Completions(shell) => cmd::pages::completions(shell, console),
        Plan::Man(folder) => cmd::pages::man(&folder, console),
    }
}

/// Help and version are asked for; anything else was typed wrongly.
fn not_a_command_line(error: &clap::Error, arguments: &[OsString], console: &mut Console<'_>) -> Exit {
    let is_asked_for = matches!(error.kind(), ErrorKind::DisplayHelp | ErrorKind::DisplayVersion);
    if !is_asked_for && wants_json(arguments) {
        return cmd::give_up(&Trouble::Usage(sentence(error)), Format::Json, console);
    }
    let _ = error.print();
    if is_asked_for { Exit::Good } else { Exit::Trouble }
}

/// What clap complains about, without the usage that follows after a blank line.
fn sentence(error: &clap::Error) -> String {
    let text = error.to_string();
    let lines: Vec<&str> = text.lines().map(str::trim).take_while(|line| !line.is_empty()).collect();
    lines.join(" ").trim_start_matches("error: ").to_owned()
}

/// Programs want JSON even when they typed the rest wrongly.
fn wants_json(arguments: &[OsString]) -> bool {
    let pairs = arguments.windows(2).any(|pair| pair[0] == "--format" && pair[1] == "json");
    pairs || arguments.iter().any(|argument| argument == "--format=json")
}
