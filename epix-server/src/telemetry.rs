//! What the operator can see: logs on standard error, and counters for `/metrics`.

use std::io::{self, BufWriter, IsTerminal as _};
use std::time::Duration;

use prometheus::core::Collector;
use prometheus::{
    Encoder as _, HistogramOpts, HistogramVec, IntCounterVec, IntGauge, IntGaugeVec, Opts, PullingGauge, Registry,
    TextEncoder,
};
use tracing_appender::non_blocking::{ErrorCounter, NonBlockingBuilder, WorkerGuard};
use tracing_subscriber::EnvFilter;

use crate::config::{LogFormat, LogSection};

/// How many lines wait for whoever reads the log; beyond it lines are lost and counted, because calls go on.
const LINES: usize = 16_384;

/// The log, as long as this lives: at its end every line that waits is written.
pub struct Log {
    _worker: WorkerGuard,
    lost: ErrorCounter,
}

/// Starts logging to standard error, on a thread of its own: many lines go out together, and a reader that hangs holds up no call.
/// A second start changes nothing and gives nothing.
///
/// # Errors
/// The filter, when it cannot be understood.
pub fn start_logging(section: &LogSection) -> Result<Option<Log>, String> {
    let filter =
        EnvFilter::try_new(&section.level).map_err(|error| format!("log.level {:?}: {error}", section.level))?;
    let lines = NonBlockingBuilder::default().lossy(true).buffered_lines_limit(LINES).thread_name("log");
    let (writer, worker) = lines.finish(BufWriter::new(io::stderr()));
    let lost = writer.error_counter();
    let builder = tracing_subscriber::fmt().with_env_filter(filter).with_writer(writer);
    let builder = builder.with_ansi(io::stderr().is_terminal());
    let started = match section.format {
        LogFormat::Human => builder.try_init(),
        LogFormat::Json => builder.json().try_init(),
    };
    // Only a second start can fail, as in tests that run several servers in one process.
    Ok(started.is_ok().then_some(Log { _worker: worker, lost }))
}

impl Log {
    /// How many lines were lost, for the operator's tools.
    ///
    /// # Errors
    /// What the registry says of the name, which is good.
    pub fn collectors(&self) -> Result<Vec<Box<dyn Collector>>, prometheus::Error> {
        let lost = self.lost.clone();
        let help = "Lines of the log that were lost because nobody read the ones before.";
        let lost = PullingGauge::new("epix_log_lines_lost", help, Box::new(move || lost.dropped_lines() as f64))?;
        Ok(vec![Box::new(lost)])
    }
}

/// The edges of the histogram of answers: most take below a millisecond, and a disk that is slow takes many.
const SECONDS: [f64; 14] = [0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0];

/// Counters of the calls that were answered.
#[derive(Debug, Clone)]
pub struct Metrics {
    registry: Registry,
    calls: IntCounterVec,
    seconds: HistogramVec,
    events: IntCounterVec,
    alarms: IntCounterVec,
    expiry: IntGaugeVec,
    under_way: IntGauge,
}

impl Metrics {
    /// Starts at zero.
    ///
    /// # Errors
    /// What the registry says, which can only be a name that is taken.
    pub fn new() -> Result<Metrics, prometheus::Error> {
        let registry = Registry::new();
        let calls = IntCounterVec::new(
            Opts::new("epix_calls_total", "Calls that were answered, by operation and outcome (ok or the fault code)."),
            &["operation", "outcome"],
        )?;
        let seconds = HistogramVec::new(
            HistogramOpts::new("epix_call_seconds", "Time from the head of a request to its answer, by operation.")
                .buckets(SECONDS.to_vec()),
            &["operation"],
        )?;
        let events = IntCounterVec::new(
            Opts::new(
                "epix_events_told_total",
                "Events brought to partners, by party; not-taken counts the attempts that failed.",
            ),
            &["party", "outcome"],
        )?;
        let alarms =
            IntCounterVec::new(Opts::new("epix_alarms_total", "What somebody should look at, by kind."), &["kind"])?;
        let expiry = IntGaugeVec::new(
            Opts::new(
                "epix_expires_seconds",
                "Time until a certificate or revocation list ends, by the setting that names it; negative once it has.",
            ),
            &["setting", "file"],
        )?;
        let under_way = IntGauge::new("epix_calls_under_way", "Calls that are being answered.")?;
        registry.register(Box::new(expiry.clone()))?;
        registry.register(Box::new(under_way.clone()))?;
        registry.register(Box::new(alarms.clone()))?;
        registry.register(Box::new(events.clone()))?;
        registry.register(Box::new(calls.clone()))?;
        registry.register(Box::new(seconds.clone()))?;
        Ok(Metrics { registry, calls, seconds, events, alarms, expiry, under_way })
    }

    /// Counts a call.
    pub fn count(&self, operation: &str, outcome: &str, took: Duration) {
        self.calls.with_label_values(&[operation, outcome]).inc();
        self.seconds.with_label_values(&[operation]).observe(took.as_secs_f64());
    }

    /// Shows what another part counts by itself.
    ///
    /// # Errors
    /// What the registry says, which can only be a name that is taken.
    pub fn show(&self, collectors: Vec<Box<dyn Collector>>) -> Result<(), prometheus::Error> {
        collectors.into_iter().try_for_each(|collector| self.registry.register(collector))
    }

    /// Tells how long a file still holds.
    pub fn expires(&self, setting: &str, file: &str, seconds: i64) {
        self.expiry.with_label_values(&[setting, file]).set(seconds);
    }

    /// Tells how many calls are under way.
    pub fn under_way(&self, calls: usize) {
        self.under_way.set(i64::try_from(calls).unwrap_or(i64::MAX));
    }

    /// Counts an alarm.
    pub fn alarm(&self, kind: &str) {
        self.alarms.with_label_values(&[kind]).inc();
    }

    /// Counts events that were brought to a partner, or an attempt to.
    pub fn events_told(&self, party: &str, outcome: &str, count: u64) {
        self.events.with_label_values(&[party, outcome]).inc_by(count);
    }

    /// The counters in the text format of Prometheus.
    pub fn render(&self) -> String {
        let mut text = Vec::new();
        // Writing to memory cannot fail; should a metric not encode, the rest is still shown.
        drop(TextEncoder::new().encode(&self.registry.gather(), &mut text));
        String::from_utf8_lossy(&text).into_owned()
    }
}
