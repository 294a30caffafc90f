//! How does a limit hold over several servers? Each tells what it gave, and goes by what is left at all of them.
//!
//! Between two times callers may take at each server what that server believes to be there: that is given beyond the limit at most, and
//! is made up for before anything is given again. Where nobody can be told, a server goes by its own count.

use chrono::{DateTime, Utc};

use super::{Bucket, Caller, Meter};
use crate::audit::AuditEvent;
use crate::store::{Alarm, Allowance, Left, Spent};

impl Meter {
    /// What callers took since it was last asked for, and which alarms are to be raised by one server.
    pub(in crate::service) fn untold(&self, at: DateTime<Utc>) -> Vec<Spent> {
        let mut spent = Vec::new();
        for (fingerprint, caller) in self.callers().iter_mut() {
            let alarm = std::mem::take(&mut caller.is_alarm_untold) || caller.is_alarm_due(at);
            for allowance in Allowance::ALL {
                let bucket = caller.bucket(allowance);
                let (taken, alarm) = (bucket.tell(), alarm && allowance == Allowance::Misses);
                if taken > 0.0 || alarm {
                    let (size, refill) = (bucket.size, bucket.refill());
                    spent.push(Spent { caller: *fingerprint, allowance, size, refill, taken, alarm });
                }
            }
        }
        spent
    }

    /// Nobody could be told of this: it is told the next time.
    pub(in crate::service) fn keep_untold(&self, spent: &[Spent], at: DateTime<Utc>) {
        for Spent { caller, allowance, taken, alarm, .. } in spent {
            self.with(caller, at, |known| {
                known.bucket(*allowance).keep_untold(*taken);
                known.is_alarm_untold |= *alarm && !known.is_alarm_due(at);
            });
        }
    }

    /// Goes by what callers have left at all servers; gives the alarms that are to be raised here.
    pub(in crate::service) fn go_by(&self, left: &[Left], at: DateTime<Utc>) -> Vec<AuditEvent> {
        let adopt = |told: &Left| {
            self.with(&told.caller, at, |known| {
                known.bucket(told.allowance).go_by(told.size, told.left, at);
                match told.alarm {
                    Alarm::Granted if known.is_alarm_due(at) => known.raise(at),
                    Alarm::Raised if known.is_alarm_due(at) => {
                        known.raise(at);
                        None
                    }
                    _ => None,
                }
            })
        };
        left.iter().filter_map(adopt).collect()
    }
}

impl Caller {
    fn bucket(&mut self, allowance: Allowance) -> &mut Bucket {
        match allowance {
            Allowance::Calls => &mut self.calls,
            Allowance::Misses => &mut self.misses,
        }
    }
}

#[cfg(test)]
mod tests {
    use chrono::TimeDelta;
    use epix_core::id::{AuthorityId, Fingerprint};

    use super::*;
    use crate::audit::RequestId;
    use crate::service::limits::Limits;

    fn at(seconds: i64) -> DateTime<Utc> {
        DateTime::from_timestamp(1_800_000_000, 0).unwrap() + TimeDelta::seconds(seconds)
    }

    fn meter() -> Meter {
        Meter::new(Limits { calls_per_minute: 6, misses_per_hour: 3 })
    }

    fn caller() -> Fingerprint {
        Fingerprint::of(b"somebody")
    }

    fn miss(meter: &Meter) -> Option<AuditEvent> {
        let alarm = AuditEvent::new(AuthorityId::parse("XA").unwrap(), at(0), RequestId::from("1"), "alarm");
        meter.missed(&caller(), at(0), alarm)
    }

    fn told(allowance: Allowance, size: f64, left: f64, alarm: Alarm) -> Left {
        Left { caller: caller(), allowance, size, left, alarm }
    }

    #[test]
    fn what_was_taken_is_told_once_and_again_when_nobody_heard_it() {
        let meter = meter();
        meter.call(&caller(), at(0)).unwrap();
        meter.call(&caller(), at(0)).unwrap();

        let spent = meter.untold(at(0));
        assert_eq!(
            spent.iter().map(|spent| (spent.allowance, spent.taken)).collect::<Vec<_>>(),
            [(Allowance::Calls, 2.0)]
        );
        assert_eq!(meter.untold(at(0)), []);

        meter.keep_untold(&spent, at(0));
        meter.call(&caller(), at(0)).unwrap();
        assert_eq!(meter.untold(at(0))[0].taken, 3.0);
    }

    #[test]
    fn what_others_gave_is_not_given_here() {
        let meter = meter();
        meter.call(&caller(), at(0)).unwrap();
        meter.untold(at(0));
        meter.call(&caller(), at(0)).unwrap();

        meter.go_by(&[told(Allowance::Calls, 6.0, 2.0, Alarm::None)], at(0));

        let answers = [meter.call(&caller(), at(0)), meter.call(&caller(), at(0))];
        assert_eq!(answers, [Ok(()), Err(10)], "one of the two that were left was given meanwhile");
    }

    #[test]
    fn what_was_counted_before_the_register_was_asked_gives_nothing_back() {
        let meter = meter();
        meter.call(&caller(), at(0)).unwrap();
        meter.agree(&caller(), Some(2), at(0));
        meter.untold(at(0));
        meter.call(&caller(), at(0)).unwrap();
        meter.call(&caller(), at(0)).unwrap();

        meter.go_by(&[told(Allowance::Calls, 6.0, 5.0, Alarm::None)], at(0));
        assert_eq!(meter.call(&caller(), at(0)), Err(30));

        meter.go_by(&[told(Allowance::Calls, 2.0, 1.0, Alarm::None)], at(0));
        assert_eq!(meter.call(&caller(), at(0)), Err(60), "the two were taken after it was counted");
    }

    #[test]
    fn what_was_given_beyond_the_limit_is_made_up_for() {
        let meter = meter();

        meter.go_by(&[told(Allowance::Calls, 6.0, -3.0, Alarm::None)], at(0));

        assert_eq!(meter.call(&caller(), at(0)), Err(40));
    }

    #[test]
    fn an_alarm_that_only_all_counts_together_make_due_is_raised_by_one() {
        let (first, second, idle) = (meter(), meter(), meter());
        for meter in [&first, &second] {
            assert!(miss(meter).is_none());
            assert!(miss(meter).is_none());
        }
        let used_up = |alarm| [told(Allowance::Misses, 3.0, -1.0, alarm)];
        for meter in [&first, &second, &idle] {
            meter.untold(at(0));
            assert_eq!(meter.go_by(&used_up(Alarm::None), at(0)), []);
        }

        let asks = |meter: &Meter| meter.untold(at(0)).iter().any(|spent| spent.alarm);
        assert_eq!(
            [asks(&first), asks(&second), asks(&idle)],
            [true, true, false],
            "who has seen no miss has nothing to tell"
        );
        assert_eq!(first.go_by(&used_up(Alarm::Granted), at(0)).len(), 1);
        assert_eq!(second.go_by(&used_up(Alarm::Raised), at(0)).len(), 0);
        assert_eq!([asks(&first), asks(&second)], [false, false]);
    }

    #[test]
    fn an_alarm_that_was_raised_here_is_told_until_somebody_heard_it() {
        let meter = meter();
        assert_eq!([miss(&meter).is_some(), miss(&meter).is_some(), miss(&meter).is_some()], [false, false, true]);

        let spent = meter.untold(at(0));
        assert!(spent[0].alarm);
        meter.keep_untold(&spent, at(0));

        assert!(meter.untold(at(0))[0].alarm);
    }
}
