//! How far is it? A line at the bottom of a terminal, gone when the work is done.

use std::fmt::Write as _;
use std::io::Write;
use std::sync::OnceLock;
use std::time::{Duration, Instant};

/// Nobody sees more than this, and drawing costs.
const PAUSE: Duration = Duration::from_millis(100);

/// Columns of the bar itself: with the words behind it the line stays below eighty.
const WIDTH: usize = 24;

/// What the line says.
pub(in crate::cmd) struct SoFar {
    /// How many documents are done.
    pub(in crate::cmd) done: usize,
    /// How they ended, in few words.
    pub(in crate::cmd) words: String,
}

/// The line, drawn or not.
pub(in crate::cmd) struct Bar<'a> {
    /// How many documents there will be, once that is known.
    total: &'a OnceLock<usize>,
    last: Instant,
    is_drawn: bool,
    is_wanted: bool,
}

impl<'a> Bar<'a> {
    /// A bar that first appears after a moment: what is done by then needs none.
    pub(in crate::cmd) fn new(is_wanted: bool, total: &'a OnceLock<usize>) -> Bar<'a> {
        Bar { total, last: Instant::now(), is_drawn: false, is_wanted }
    }

    /// True when it is time to draw.
    pub(in crate::cmd) fn is_due(&self) -> bool {
        self.is_wanted && self.last.elapsed() >= PAUSE
    }

    /// Draws it anew. What cannot be drawn is not missed.
    pub(in crate::cmd) fn draw(&mut self, so_far: &SoFar, terminal: &mut dyn Write) {
        self.last = Instant::now();
        self.is_drawn = true;
        let line = line(so_far, self.total.get().copied());
        let _ = write!(terminal, "\r{line}\x1b[K").and_then(|()| terminal.flush());
    }

    /// Makes room for other lines.
    pub(in crate::cmd) fn clear(&mut self, terminal: &mut dyn Write) {
        if std::mem::take(&mut self.is_drawn) {
            let _ = terminal.write_all(b"\r\x1b[K").and_then(|()| terminal.flush());
        }
    }
}

fn line(so_far: &SoFar, total: Option<usize>) -> String {
    let done = so_far.done;
    let mut line = String::new();
    // An archive counts entries that are no documents, and folders may have grown: then there is no bar to be full.
    match total.filter(|total| *total >= done && *total > 0) {
        Some(total) => {
            let filled = done * WIDTH / total;
            let _ = write!(line, "[{:<WIDTH$}] {done} of {total}", "#".repeat(filled));
        }
        None => {
            let _ = write!(line, "{done} documents");
        }
    }
    let _ = write!(line, ", {}", so_far.words);
    line
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_bar_says_how_far_it_is_where_the_end_is_known() {
        let so_far = SoFar { done: 2, words: "1 refused".to_owned() };

        assert_eq!(line(&so_far, Some(4)), "[############            ] 2 of 4, 1 refused");
        assert_eq!(line(&so_far, None), "2 documents, 1 refused");
        assert_eq!(line(&so_far, Some(1)), "2 documents, 1 refused");
    }

    #[test]
    fn a_bar_that_is_not_wanted_is_never_due() {
        let total = OnceLock::new();
        let mut bar = Bar::new(false, &total);
        let mut terminal = Vec::new();
        std::thread::sleep(PAUSE);

        bar.clear(&mut terminal);

        assert!(!bar.is_due() && terminal.is_empty());
    }
}
