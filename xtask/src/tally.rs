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
}

impl Tally {
    /// Runs one part under a heading; what it could not do counts as failed, and only an interruption ends the whole.
    pub(crate) fn part(
        &mut self,
        name: &str,
        run: impl FnOnce() -> Result<Result<(), Failure>, Trouble>,
    ) -> Result<(), Trouble> {
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
        lines.push(format!("{passed} passed, {} failed", self.parts.len() - passed));
        lines
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_part_that_could_not_run_is_a_failure() {
        let mut tally = Tally::default();

        tally.part("good", || Ok(Ok(()))).unwrap();
        tally.part("absent", || Err(Trouble::Missing("the file is not there".into()))).unwrap();

        assert_eq!(tally.lines().last().unwrap(), "1 passed, 1 failed");
        assert!(!tally.close());
    }
}
