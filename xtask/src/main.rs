//! Which automation is asked for, and what does its exit status say?

mod answers;
mod bench;
mod check;
mod generate;
mod interrupt;
mod json;
mod manifest;
mod paste;
mod peers;
mod pki;
mod postgres;
mod process;
mod quantity;
mod rest;
mod signatures;
mod story;
mod submission;
mod system;
mod tally;
mod test;
mod torture;
mod trouble;
mod unit;
mod world;

use std::env;
use std::process::ExitCode;

use trouble::Trouble;

const HELP: &str = "\
cargo xtask: the one door for automation

usage: cargo xtask COMMAND

  demo [--once]  build, start the authorities XA and XB and play the exchange of a permit; then stay up until Ctrl-C
                 (--once: end after the story; exit status 0 only if each step went as told)
  test           install what the tests need, then run everything that must pass
  test TEXT      the same for those parts alone whose name holds the text, such as client or submit
  torture [--minutes N]
                 kill servers, fill disks and cut connections under load, and judge after each (10 minutes)
  postgres COMMAND…
                 run a command with EPIX_TEST_POSTGRES naming a PostgreSQL that is gone afterwards, such as
                 cargo test -p epix-server --lib -- --include-ignored store
  check          format, lints, docs, architecture, generated files, dependencies
  gen            write the files that follow from tables: fixtures of rules, pages, schemas
  bless          write the files that say what the program says; a person reads the difference
  bench          measure speed beside libxml2, xmllint, xmlsec, actix and gSOAP in one run, in release mode
  bench exchange [--many N]
                 the running server alone, with N permits in the large store (a million; 0 leaves it out)
  help           print this text

exit status: 0 all good, 1 something did not go as told, 2 could not do the work";

fn main() -> ExitCode {
    let words: Vec<String> = env::args().skip(1).collect();
    let words: Vec<&str> = words.iter().map(String::as_str).collect();
    match words.as_slice() {
        ["demo"] => run(|| story::demo(story::Ending::StayUp)),
        ["demo", "--once"] => run(|| story::demo(story::Ending::Once)),
        ["test"] => run(|| test::run("")),
        ["test", only] => run(|| test::run(only)),
        ["torture"] => run(|| torture::run(torture::MINUTES)),
        ["torture", "--minutes", minutes] if minutes.parse::<u64>().is_ok() => {
            let minutes = minutes.parse().unwrap_or(torture::MINUTES);
            run(move || torture::run(minutes))
        }
        ["postgres", words @ ..] => run(|| postgres::run(words)),
        ["check"] => run(check::run),
        ["gen"] => run(generate::generate),
        ["bless"] => run(generate::bless),
        ["bench"] => run(bench::run),
        ["bench", "exchange"] => run(|| bench::exchange(bench::MANY)),
        ["bench", "exchange", "--many", many] if many.parse::<usize>().is_ok() => {
            let many = many.parse().unwrap_or(bench::MANY);
            run(move || bench::exchange(many))
        }
        ["help" | "-h" | "--help"] => {
            println!("{HELP}");
            ExitCode::SUCCESS
        }
        _ => {
            eprintln!("{HELP}");
            ExitCode::from(2)
        }
    }
}

/// Runs one command under the supervisor; `true` is "all good".
fn run(command: impl FnOnce() -> Result<bool, Trouble>) -> ExitCode {
    match interrupt::supervised().and_then(|()| command()) {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => ExitCode::from(1),
        Err(trouble) => {
            eprintln!("xtask: {trouble}");
            ExitCode::from(2)
        }
    }
}
