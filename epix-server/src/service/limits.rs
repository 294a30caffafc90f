//! How often may somebody ask? Calls and misses of each certificate, refilled evenly, in memory.
//!
//! Permit numbers can be guessed (country, year, running number), so whoever misses often is slowed and an alarm is raised.
//! Several servers on one store count each for itself.

use std::collections::BTreeMap;
use std::sync::{Mutex, MutexGuard, PoisonError};

use chrono::{DateTime, TimeDelta, Utc};
use epix_core::id::Fingerprint;

/// How much is allowed.
#[derive(Debug, Clone, Copy)]
pub struct Limits {
    /// Calls in a minute, where the register says nothing else.
    pub calls_per_minute: u32,
    /// Misses in an hour.
    pub misses_per_hour: u32,
}

impl Limits {
    /// As much as anybody likes.
    pub(super) const NONE: Limits = Limits { calls_per_minute: u32::MAX, misses_per_hour: u32::MAX };
}

/// Beyond so many certificates those that have been quiet are forgotten.
const REMEMBERED: usize = 10_000;

/// Counts what callers ask.
#[derive(Debug)]
pub(super) struct Meter {
    limits: Limits,
    callers: Mutex<BTreeMap<Fingerprint, Caller>>,
}

#[derive(Debug)]
struct Caller {
    calls: Bucket,
    misses: Bucket,
    alarmed_at: Option<DateTime<Utc>>,
}

/// How many are left of those that are allowed in a period; fractions refill evenly.
#[derive(Debug)]
struct Bucket {
    size: f64,
    period: TimeDelta,
    left: f64,
    at: DateTime<Utc>,
}

impl Bucket {
    fn full(size: u32, period: TimeDelta, at: DateTime<Utc>) -> Bucket {
        Bucket { size: f64::from(size), period, left: f64::from(size), at }
    }

    fn refill(&mut self, at: DateTime<Utc>) {
        // A clock that was set back refills nothing.
        let passed = (at - self.at).max(TimeDelta::zero()).as_seconds_f64();
        self.left = (self.left + passed * self.size / self.period.as_seconds_f64()).min(self.size);
        self.at = at;
    }

    /// Takes one, or gives the seconds until there is one.
    fn take(&mut self, at: DateTime<Utc>) -> Result<(), u64> {
        self.refill(at);
        if self.left >= 1.0 {
            self.left -= 1.0;
            return Ok(());
        }
        Err(self.seconds_to_wait())
    }

    fn seconds_to_wait(&self) -> u64 {
        let seconds = (1.0 - self.left) * self.period.as_seconds_f64() / self.size;
        seconds.ceil().max(1.0) as u64
    }
}

impl Meter {
    pub(super) fn new(limits: Limits) -> Meter {
        Meter { limits, callers: Mutex::default() }
    }

    fn callers(&self) -> MutexGuard<'_, BTreeMap<Fingerprint, Caller>> {
        self.callers.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn with<T>(&self, caller: &Fingerprint, at: DateTime<Utc>, work: impl FnOnce(&mut Caller) -> T) -> T {
        let mut callers = self.callers();
        if callers.len() >= REMEMBERED && !callers.contains_key(caller) {
            callers.retain(|_, known| at - known.calls.at < TimeDelta::hours(1));
        }
        let Limits { calls_per_minute, misses_per_hour } = self.limits;
        work(callers.entry(*caller).or_insert_with(|| Caller {
            calls: Bucket::full(calls_per_minute, TimeDelta::minutes(1), at),
            misses: Bucket::full(misses_per_hour, TimeDelta::hours(1), at),
            alarmed_at: None,
        }))
    }

    /// A call comes in: may it be looked at, or after how many seconds?
    pub(super) fn call(&self, caller: &Fingerprint, at: DateTime<Utc>) -> Result<(), u64> {
        self.with(caller, at, |known| known.calls.take(at))
    }

    /// What the register allows this caller.
    pub(super) fn agree(&self, caller: &Fingerprint, calls_per_minute: Option<u32>, at: DateTime<Utc>) {
        let size = f64::from(calls_per_minute.unwrap_or(self.limits.calls_per_minute));
        self.with(caller, at, |known| {
            known.calls.size = size;
            known.calls.left = known.calls.left.min(size);
        });
    }

    /// May this caller name another permit, or after how many seconds?
    pub(super) fn may_look(&self, caller: &Fingerprint, at: DateTime<Utc>) -> Result<(), u64> {
        self.with(caller, at, |known| {
            known.misses.refill(at);
            if known.misses.left >= 1.0 { Ok(()) } else { Err(known.misses.seconds_to_wait()) }
        })
    }

    /// The caller named a permit that is not there for it. True when that is an alarm, at most once in an hour.
    pub(super) fn missed(&self, caller: &Fingerprint, at: DateTime<Utc>) -> bool {
        self.with(caller, at, |known| {
            // Whoever may look has one left.
            let _ = known.misses.take(at);
            let is_used_up = known.misses.left < 1.0;
            let is_news = known.alarmed_at.is_none_or(|alarmed| at - alarmed >= TimeDelta::hours(1));
            if is_used_up && is_news {
                known.alarmed_at = Some(at);
            }
            is_used_up && is_news
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(seconds: i64) -> DateTime<Utc> {
        DateTime::from_timestamp(1_800_000_000 + seconds, 0).unwrap()
    }

    fn meter() -> (Meter, Fingerprint) {
        (Meter::new(Limits { calls_per_minute: 3, misses_per_hour: 2 }), Fingerprint::of(b"somebody"))
    }

    #[test]
    fn calls_beyond_the_limit_wait_until_there_is_room() {
        let (meter, caller) = meter();

        let first: Vec<_> = (0..4).map(|_| meter.call(&caller, at(0))).collect();

        assert_eq!(first, [Ok(()), Ok(()), Ok(()), Err(20)]);
        assert_eq!(meter.call(&caller, at(20)), Ok(()));
        assert_eq!(meter.call(&Fingerprint::of(b"another"), at(0)), Ok(()), "each certificate for itself");
    }

    #[test]
    fn the_register_may_allow_less() {
        let (meter, caller) = meter();
        meter.agree(&caller, Some(1), at(0));

        assert_eq!([meter.call(&caller, at(0)), meter.call(&caller, at(0))], [Ok(()), Err(60)]);
    }

    #[test]
    fn whoever_misses_often_is_slowed_and_raises_one_alarm_an_hour() {
        let (meter, caller) = meter();

        assert_eq!([meter.missed(&caller, at(0)), meter.missed(&caller, at(0))], [false, true]);
        assert_eq!(meter.may_look(&caller, at(0)), Err(1_800));
        assert_eq!(meter.may_look(&caller, at(1_800)), Ok(()));
        assert!(!meter.missed(&caller, at(1_800)), "told already");
        assert!(meter.missed(&caller, at(3_600)));
    }
}
