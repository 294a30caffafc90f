//! What `cargo xtask bench exchange` needs of us beside the server itself: a full store, a peer of bare actix, the speed of the disk.
//!
//! `seed` fills the store of a configuration, `signed` writes signed permits, `peer` answers every call with the same bytes from
//! memory, `statement` runs one statement for each, `flush` tells how often a second the disk can be flushed.

#![allow(clippy::unwrap_used, reason = "a bench may end loudly")]

mod peer;
mod seed;
mod statement;

use std::fs::File;
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use clap::Parser;

/// How long the disk is asked.
const ASKED: Duration = Duration::from_secs(2);

#[derive(Debug, Parser)]
enum Work {
    /// Fills the store of a configuration with variants of a permit.
    Seed(seed::Arguments),
    /// Writes variants of a permit with a signature inside.
    Signed(seed::Signed),
    /// Answers every call with the same bytes; prints the port.
    Peer(peer::Arguments),
    /// Answers every call by one statement on a database; prints the port.
    Statement(statement::Arguments),
    /// Prints how many flushes a second the disk of a folder does.
    Flush {
        /// The folder.
        folder: PathBuf,
    },
}

fn main() {
    // Cargo calls every bench with this word.
    let words = std::env::args().filter(|word| word != "--bench");
    match Work::parse_from(words) {
        Work::Seed(arguments) => seed::run(&arguments),
        Work::Signed(arguments) => seed::sign(&arguments),
        Work::Peer(arguments) => peer::run(&arguments),
        Work::Statement(arguments) => statement::run(&arguments),
        Work::Flush { folder } => println!("{:.0}", flushes(&folder)),
    }
}

/// One page written and flushed, again and again, as the log of a database does.
fn flushes(folder: &Path) -> f64 {
    let path = folder.join("flushed");
    let mut file = File::create(&path).unwrap();
    let (begun, mut count) = (Instant::now(), 0_u32);
    while begun.elapsed() < ASKED {
        file.write_all(&[7; 4096]).unwrap();
        file.sync_data().unwrap();
        count += 1;
    }
    let rate = f64::from(count) / begun.elapsed().as_secs_f64();
    std::fs::remove_file(path).unwrap();
    rate
}
