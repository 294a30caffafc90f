//! What a store counts of its commits, for the operator's tools.

use std::time::Duration;

use prometheus::core::Collector;
use prometheus::{Histogram, HistogramOpts, IntCounter, IntGauge};

/// The edges of the histogram of commits by their commands.
const COMMANDS: [f64; 9] = [1.0, 2.0, 4.0, 8.0, 16.0, 32.0, 64.0, 128.0, 256.0];
/// The edges of the histogram of commits by their time: a flush takes from a tenth of a millisecond to what a bad disk takes.
const SECONDS: [f64; 12] = [0.0001, 0.00025, 0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.5, 2.0];

/// Counters of a writer.
#[derive(Debug, Clone)]
pub(super) struct Counted {
    commands: Histogram,
    seconds: Histogram,
    failed: IntCounter,
    queue: IntGauge,
}

impl Counted {
    /// Starts at zero.
    pub(super) fn new() -> Counted {
        let histogram = |name, help, buckets: &[f64]| {
            let options = HistogramOpts::new(name, help).buckets(buckets.to_vec());
            Histogram::with_opts(options).expect("the names and edges are constants that prometheus takes")
        };
        let named = "the names are constants that prometheus takes";
        Counted {
            commands: histogram("epix_store_commit_commands", "Commands of one commit.", &COMMANDS),
            seconds: histogram("epix_store_commit_seconds", "Time of one commit, its work included.", &SECONDS),
            failed: IntCounter::new("epix_store_failed_commits_total", "Commits of which nothing stands.")
                .expect(named),
            queue: IntGauge::new("epix_store_queue", "Commands that wait for the next commit.").expect(named),
        }
    }

    /// A command begins to wait.
    pub(super) fn queued(&self) {
        self.queue.inc();
    }

    /// Commands wait no longer.
    pub(super) fn taken(&self, commands: usize) {
        self.queue.sub(i64::try_from(commands).unwrap_or(i64::MAX));
    }

    /// A commit has ended.
    pub(super) fn committed(&self, commands: usize, took: Duration, is_good: bool) {
        self.commands.observe(commands as f64);
        self.seconds.observe(took.as_secs_f64());
        if !is_good {
            self.failed.inc();
        }
    }

    /// The counters.
    pub(super) fn collectors(&self) -> Vec<Box<dyn Collector>> {
        let Counted { commands, seconds, failed, queue } = self.clone();
        vec![Box::new(commands), Box::new(seconds), Box::new(failed), Box::new(queue)]
    }
}
