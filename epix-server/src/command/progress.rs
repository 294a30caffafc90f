//! How far is long work? A line at the bottom of a terminal, gone when the work is done.

use std::io::{IsTerminal as _, Write as _};
use std::time::{Duration, Instant};

/// Nobody sees more than this, and drawing costs.
const PAUSE: Duration = Duration::from_millis(100);

/// Columns of the bar itself: with the words behind it the line stays below eighty.
const WIDTH: u64 = 24;

/// The line, for whoever watches.
pub(super) struct Progress {
    is_watched: bool,
    begun: Instant,
    drawn: Option<Instant>,
    /// What was done before the work began.
    before: u64,
}

impl Progress {
    pub(super) fn begin() -> Progress {
        Progress::behind(0)
    }

    /// For work of which so much was done before.
    pub(super) fn behind(before: u64) -> Progress {
        Progress { is_watched: std::io::stderr().is_terminal(), begun: Instant::now(), drawn: None, before }
    }

    pub(super) fn tell(&mut self, done: u64, all: u64) {
        if self.is_watched && self.drawn.is_none_or(|drawn| drawn.elapsed() >= PAUSE) {
            self.drawn = Some(Instant::now());
            let left = left(done.saturating_sub(self.before), all.saturating_sub(done), self.begun.elapsed());
            // What cannot be drawn is not missed.
            drop(write!(std::io::stderr(), "\r{}{}\x1b[K", bar(done, all), left.map(words).unwrap_or_default()));
        }
    }

    pub(super) fn end(&self) {
        if self.drawn.is_some() {
            drop(write!(std::io::stderr(), "\r\x1b[K"));
        }
    }
}

fn bar(done: u64, all: u64) -> String {
    if all == 0 || done > all {
        return done.to_string();
    }
    let filled = "#".repeat((done * WIDTH / all) as usize);
    format!("[{filled:<width$}] {done} of {all}", width = WIDTH as usize)
}

/// How long the rest will take at the pace so far; nobody knows after a moment only.
fn left(done: u64, rest: u64, taken: Duration) -> Option<Duration> {
    if done == 0 || rest == 0 || taken < Duration::from_secs(2) {
        return None;
    }
    Some(Duration::from_secs_f64(taken.as_secs_f64() * rest as f64 / done as f64))
}

fn words(left: Duration) -> String {
    match left.as_secs() {
        seconds @ 0..=90 => format!(", {seconds} s left"),
        seconds => format!(", {} min left", seconds.div_ceil(60)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_bar_is_as_full_as_the_work_is_done() {
        assert_eq!(bar(2, 4), "[############            ] 2 of 4");
        assert_eq!(bar(4, 4), "[########################] 4 of 4");
        assert_eq!((bar(5, 4), bar(3, 0)), ("5".to_owned(), "3".to_owned()));
    }

    #[test]
    fn what_is_left_is_told_once_there_is_a_pace() {
        let seconds = Duration::from_secs;

        assert_eq!(left(100, 300, seconds(10)), Some(seconds(30)));
        assert_eq!(left(100, 300, seconds(1)), None);
        assert_eq!((words(seconds(30)), words(seconds(121))), (", 30 s left".to_owned(), ", 3 min left".to_owned()));
    }
}
