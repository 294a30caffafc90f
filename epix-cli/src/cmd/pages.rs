//! What does the system want to know of the program? Completions for shells, and man pages.

use std::fs;
use std::path::Path;

use clap::CommandFactory as _;
use clap_complete::Shell;
use clap_mangen::Man;

use super::{files, say};
use crate::args::Args;
use crate::exit::{Exit, Trouble};
use crate::output::{Console, plain};
use crate::plan::Target;

/// Writes the completions for a shell to standard output.
pub(crate) fn completions(shell: Shell, console: &mut Console<'_>) -> Result<Exit, Trouble> {
    let mut script = Vec::new();
    clap_complete::generate(shell, &mut Args::command(), "epix", &mut script);
    console.out.write_all(&script).map_err(Trouble::Output)?;
    Ok(Exit::Good)
}

/// Writes a man page for the program and for each verb, and tells their names.
pub(crate) fn man(folder: &Path, console: &mut Console<'_>) -> Result<Exit, Trouble> {
    fs::create_dir_all(folder).map_err(|cause| Trouble::Write { file: folder.to_owned(), cause })?;
    let mut epix = Args::command().disable_help_subcommand(true);
    epix.build();
    let verbs: Vec<clap::Command> = epix.get_subcommands().cloned().collect();
    page("epix", epix, folder, console)?;
    for verb in verbs {
        let name = format!("epix-{}", verb.get_name());
        page(&name, verb, folder, console)?;
    }
    Ok(Exit::Good)
}

fn page(name: &str, command: clap::Command, folder: &Path, console: &mut Console<'_>) -> Result<(), Trouble> {
    let file = folder.join(format!("{name}.1"));
    let mut page = Vec::new();
    Man::new(command).render(&mut page).map_err(|cause| Trouble::Write { file: file.clone(), cause })?;
    files::write(&Target::File(file.clone()), &page, console)?;
    say(console, &format!("{}\n", plain(&file.display().to_string())))
}
