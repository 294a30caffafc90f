//! What is said of the command line, and to whom: a page like the help, and words for a reader that may have gone away.

use std::path::PathBuf;
use std::process::{Output, Stdio};

use clap::CommandFactory as _;
use epix_server::command::Arguments;

use crate::permits::permit;
use crate::world::{World, epix_server};

fn help() -> String {
    let mut server = Arguments::command().term_width(100);
    server.build();
    let mut text = "# The command line of the server\n\n\
        What `epix-server --help` says, and the help of each verb; how they are used is told in [operations](operations.md).\n\
        This page is generated: `cargo xtask gen`.\n"
        .to_owned();
    add(&mut text, "epix-server", &mut server);
    text
}

/// A command, and below it those that it has.
fn add(text: &mut String, name: &str, command: &mut clap::Command) {
    let help = command.render_long_help().to_string();
    let lines: Vec<&str> = help.lines().map(str::trim_end).collect();
    text.push_str(&format!("\n## {name}\n\n```text\n{}\n```\n", lines.join("\n").trim_end()));
    for verb in command.get_subcommands_mut().filter(|verb| verb.get_name() != "help") {
        add(text, &format!("{name} {}", verb.get_name()), verb);
    }
}

#[test]
fn the_generated_page_about_the_server_is_what_help_says() {
    let page = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../docs/server-cli.md");
    let said = help();
    if std::env::var_os("EPIX_BLESS").is_some() {
        std::fs::write(&page, &said).unwrap();
    }

    let written = std::fs::read_to_string(&page).unwrap_or_default();

    assert!(written == said, "docs/server-cli.md is not what --help says; cargo xtask gen writes it anew");
}

/// What a command says on standard error while its words go to a pipe of which nobody reads.
fn unheard(world: &World, arguments: &[&str]) -> Output {
    let (reader, writer) = std::io::pipe().unwrap();
    drop(reader);
    let mut command = epix_server();
    command.arg("--config").arg(world.path("epix-server.toml")).args(arguments);
    command.stdout(writer).stderr(Stdio::piped()).output().unwrap()
}

#[test]
fn a_reader_that_has_gone_away_stops_no_work_and_is_no_reason_to_complain() {
    let world = World::stopped(&[permit("N1", &[("A", "10")])]);
    let file = world.path("more.xml");
    std::fs::write(&file, permit("N2", &[("A", "10")])).unwrap();
    let file = file.display().to_string();

    for arguments in [&["default-config"][..], &["list"], &["check-config"], &["import", &file], &["audit", "verify"]] {
        let output = unheard(&world, arguments);

        let words = String::from_utf8_lossy(&output.stderr);
        assert!(!words.contains("panicked") && !words.contains("epix-server:"), "{arguments:?}: {words}");
        assert!(output.status.code().is_some_and(|code| code < 2), "{arguments:?}: {:?}", output.status);
    }
    assert!(world.succeeds(&["list"]).contains("N2"), "the work was done");
}

#[test]
fn words_that_are_lost_on_a_full_disk_are_told() {
    let full = std::fs::File::options().write(true).open("/dev/full").unwrap();

    let output = epix_server().arg("default-config").stdout(full).stderr(Stdio::piped()).output().unwrap();

    let words = String::from_utf8_lossy(&output.stderr);
    assert_eq!(output.status.code(), Some(2), "{words}");
    assert!(words.starts_with("epix-server: the output cannot be written"), "{words}");
}
