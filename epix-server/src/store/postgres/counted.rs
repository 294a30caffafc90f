//! What the store counts of its way to the database, beside its commits, for the operator's tools.

use prometheus::core::Collector;
use prometheus::{IntCounter, IntCounterVec, Opts};

/// Counters of the way to the database.
#[derive(Debug, Clone)]
pub(super) struct Counted {
    /// Each time that an answer of the database was waited for.
    pub(super) reading: IntCounter,
    /// The same by the writer; many commands share one.
    pub(super) writing: IntCounter,
    /// Looks that were answered from memory.
    pub(super) remembered: IntCounter,
    /// Looks for which the database was asked.
    pub(super) asked: IntCounter,
    /// Answers from memory that were given up, because something had changed.
    pub(super) outdated: IntCounter,
    trips: IntCounterVec,
    looks: IntCounterVec,
}

impl Counted {
    /// Starts at zero.
    pub(super) fn new() -> Counted {
        let named = "the names are constants that prometheus takes";
        let by = |name, help, label| IntCounterVec::new(Opts::new(name, help), &[label]).expect(named);
        let trips = by("epix_store_round_trips_total", "Answers of the database that were waited for.", "to");
        let looks = by("epix_store_looks_total", "Looks for a caller and a permit, by what answered.", "from");
        Counted {
            reading: trips.with_label_values(&["read"]),
            writing: trips.with_label_values(&["write"]),
            remembered: looks.with_label_values(&["memory"]),
            asked: looks.with_label_values(&["database"]),
            outdated: IntCounter::new("epix_store_outdated_total", "Answers from memory that no longer held.")
                .expect(named),
            trips,
            looks,
        }
    }

    /// The counters.
    pub(super) fn collectors(&self) -> Vec<Box<dyn Collector>> {
        let Counted { outdated, trips, looks, .. } = self.clone();
        vec![Box::new(outdated), Box::new(trips), Box::new(looks)]
    }
}
