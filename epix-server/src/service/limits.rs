//! How often may somebody ask? Calls and misses of each certificate, refilled evenly, in memory; several servers on one store tell
//! one another what they gave.
//!
//! Permit numbers can be guessed (country, year, running number), so whoever misses often is slowed and an alarm is raised.

mod bucket;
mod shared;

use std::collections::BTreeMap;
use std::sync::{Mutex, MutexGuard, PoisonError};

use chrono::{DateTime, TimeDelta, Utc};
use epix_core::id::Fingerprint;

use self::bucket::Bucket;
use crate::audit::AuditEvent;

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
    /// True until the other servers know of the alarm.
    is_alarm_untold: bool,
    /// The alarm as it would be told of the last miss: what others count may make it due.
    last_miss: Option<Box<AuditEvent>>,
}

/// After an alarm nobody is told of more misses for so long.
const ALARM_HOLDS: TimeDelta = TimeDelta::hours(1);

impl Caller {
    fn new(limits: Limits, at: DateTime<Utc>) -> Caller {
        Caller {
            calls: Bucket::full(limits.calls_per_minute, TimeDelta::minutes(1), at),
            misses: Bucket::full(limits.misses_per_hour, TimeDelta::hours(1), at),
            alarmed_at: None,
            is_alarm_untold: false,
            last_miss: None,
        }
    }

    fn is_alarm_due(&self, at: DateTime<Utc>) -> bool {
        let is_news = self.alarmed_at.is_none_or(|alarmed| at - alarmed >= ALARM_HOLDS);
        is_news && self.misses.is_used_up() && self.last_miss.is_some()
    }

    fn raise(&mut self, at: DateTime<Utc>) -> Option<AuditEvent> {
        self.alarmed_at = Some(at);
        self.last_miss.take().map(|alarm| *alarm)
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
            callers.retain(|_, known| at - known.calls.at() < TimeDelta::hours(1));
        }
        work(callers.entry(*caller).or_insert_with(|| Caller::new(self.limits, at)))
    }

    /// A call comes in: may it be looked at, or after how many seconds?
    pub(super) fn call(&self, caller: &Fingerprint, at: DateTime<Utc>) -> Result<(), u64> {
        self.with(caller, at, |known| known.calls.take(at))
    }

    /// What the register allows this caller.
    pub(super) fn agree(&self, caller: &Fingerprint, calls_per_minute: Option<u32>, at: DateTime<Utc>) {
        let size = calls_per_minute.unwrap_or(self.limits.calls_per_minute);
        self.with(caller, at, |known| known.calls.resize(f64::from(size)));
    }

    /// May this caller name another permit, or after how many seconds?
    pub(super) fn may_look(&self, caller: &Fingerprint, at: DateTime<Utc>) -> Result<(), u64> {
        self.with(caller, at, |known| known.misses.look(at))
    }

    /// The caller named a permit that is not there for it. Gives the alarm back when that is one, at most once in an hour.
    pub(super) fn missed(&self, caller: &Fingerprint, at: DateTime<Utc>, alarm: AuditEvent) -> Option<AuditEvent> {
        self.with(caller, at, |known| {
            // Whoever may look has one left.
            let _ = known.misses.take(at);
            known.last_miss = Some(Box::new(alarm));
            if !known.is_alarm_due(at) {
                return None;
            }
            known.is_alarm_untold = true;
            known.raise(at)
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::audit::RequestId;
    use epix_core::id::AuthorityId;

    fn at(seconds: i64) -> DateTime<Utc> {
        DateTime::from_timestamp(1_800_000_000 + seconds, 0).unwrap()
    }

    fn alarm() -> AuditEvent {
        AuditEvent::new(AuthorityId::parse("XA").unwrap(), at(0), RequestId::from("1"), "alarm")
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

        let missed = |seconds| meter.missed(&caller, at(seconds), alarm()).is_some();

        assert_eq!([missed(0), missed(0)], [false, true]);
        assert_eq!(meter.may_look(&caller, at(0)), Err(1_800));
        assert_eq!(meter.may_look(&caller, at(1_800)), Ok(()));
        assert!(!missed(1_800), "told already");
        assert!(missed(3_600));
    }
}
