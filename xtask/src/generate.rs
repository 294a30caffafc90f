//! Which committed files are made by our own code, and how are they made anew?
//!
//! A test that makes a file and compares it has `generated` in its name where the file follows from tables and descriptions
//! (fixtures, pages, schemas), `golden` where it is what the program says today. With `EPIX_BLESS=1` such a test writes. So
//! nothing is listed here, and xtask needs no crate of ours.

use crate::process::Call;
use crate::system::{self, Group};
use crate::trouble::Trouble;

/// The word in the names of tests whose files follow from tables.
const GENERATED: &str = "generated";
/// The word in the names of tests whose files are what the program says.
const GOLDEN: &str = "golden";
/// A file may be made from another one that is made in the same run, in whatever order.
const ROUNDS: usize = 2;

/// Writes the files that follow from tables.
pub(crate) fn generate() -> Result<bool, Trouble> {
    write(GENERATED)
}

/// Writes the files that say what the program says.
pub(crate) fn bless() -> Result<bool, Trouble> {
    write(GOLDEN)
}

/// Compares all of them with what would be written.
pub(crate) fn compare() -> Call {
    tests(&[GENERATED, GOLDEN])
}

fn write(word: &str) -> Result<bool, Trouble> {
    system::provide(&[Group::Build, Group::Demo])?;
    for _ in 0..ROUNDS {
        if !tests(&[word]).env("EPIX_BLESS", "1").show()?.is_good() {
            return Ok(false);
        }
    }
    let good = tests(&[word]).show()?.is_good();
    println!("\nchanged, and to be read before they are committed:");
    Call::new("git").args(["status", "--short"]).show()?;
    Ok(good)
}

fn tests(words: &[&str]) -> Call {
    Call::cargo().args(["test", "--quiet", "--workspace", "--exclude", "xtask", "--lib", "--tests", "--"]).args(words)
}
