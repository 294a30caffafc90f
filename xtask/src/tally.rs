//! Which parts passed, which failed, and how long did each take?

use std::time::{Duration, Instant};

use crate::interrupt;
use crate::trouble::Trouble;

/// What a part says when it looked and something is wrong; a sentence, or several lines.
pub(crate) type Failure = String;

struct Part {
    name: String,
    passed: bool,
    took: Duration,
}

/// The parts run so far, in order.
#[derive(Default)]
pub(crate) struct Tally {
    parts: Vec<Part>,
    /// Only parts whose name holds this are run; empty for all.
    only: String,
    left_out: usize,
}

impl Tally {
    /// A tally that leaves out parts whose name does not hold this text.
    pub(crate) fn only(text: &str) -> Tally {
        Tally { only: text.to_lowercase(), ..Tally::default() }
    }

    /// Runs a part on which others stand, whatever is left out.
    pub(crate) fn foundation(
        &mut self,
        name: &str,
        run: impl FnOnce() -> Result<Result<(), Failure>, Trouble>,
    ) -> Result<(), Trouble> {
        let only = std::mem::take(&mut self.only);
        let ended = self.part(name, run);
        self.only = only;
        ended
    }

    /// Runs one part under a heading; what it could not do counts as failed, and only an interruption ends the whole.
    pub(crate) fn part(
        &mut self,
        name: &str,
        run: impl FnOnce() -> Result<Result<(), Failure>, Trouble>,
    ) -> Result<(), Trouble> {
        if !name.to_lowercase().contains(&self.only) {
            self.left_out += 1;
            return Ok(());
        }
        println!("\n== {name}");
        let started = Instant::now();
        let outcome = match run() {
            _ if interrupt::requested() => return Err(Trouble::Interrupted),
            Err(Trouble::Interrupted) => return Err(Trouble::Interrupted),
            Err(trouble) => Err(trouble.to_string()),
            Ok(outcome) => outcome,
        };
        if let Err(failure) = &outcome {
            println!("{failure}");
        }
        self.parts.push(Part { name: name.to_owned(), passed: outcome.is_ok(), took: started.elapsed() });
        Ok(())
    }

    /// Prints one line per part and the closing line; whether all passed.
    pub(crate) fn close(&self) -> bool {
        println!();
        for line in self.lines() {
            println!("{line}");
        }
        self.parts.iter().all(|part| part.passed)
    }

    fn lines(&self) -> Vec<String> {
        let widest = self.parts.iter().map(|part| part.name.len()).max().unwrap_or(0);
        let mut lines: Vec<String> = self
            .parts
            .iter()
            .map(|part| {
                let word = if part.passed { "passed" } else { "FAILED" };
                format!("{:widest$}  {word}  {:>7.1} s", part.name, part.took.as_secs_f64())
            })
            .collect();
        let passed = self.parts.iter().filter(|part| part.passed).count();
        let left_out = if self.left_out > 0 { format!(", {} left out as asked", self.left_out) } else { String::new() };
        lines.push(format!("{passed} passed, {} failed{left_out}", self.parts.len() - passed));
        lines
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_left_out_is_told() {
        let mut tally = Tally::only("Second");

        tally.part("the first", || panic!("it is left out")).unwrap();
        tally.part("the second", || Ok(Ok(()))).unwrap();
        tally.foundation("the ground", || Ok(Ok(()))).unwrap();

        assert_eq!(tally.lines().last().unwrap(), "2 passed, 0 failed, 1 left out as asked");
    }

    #[test]
    fn a_part_that_could_not_run_is_a_failure() {
        let mut tally = Tally::default();

        tally.part("good", || Ok(Ok(()))).unwrap();
        tally.part("absent", || Err(Trouble::Missing("the file is not there".into()))).unwrap();

        assert_eq!(tally.lines().last().unwrap(), "1 passed, 1 failed");
        assert!(!tally.close());
    }
}
