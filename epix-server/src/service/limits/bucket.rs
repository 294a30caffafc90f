//! How many are left of those that are allowed in a period? Fractions refill evenly.

use chrono::{DateTime, TimeDelta, Utc};

/// What one caller has left, and what it took that other servers have not been told.
#[derive(Debug)]
pub(super) struct Bucket {
    pub(super) size: f64,
    period: TimeDelta,
    left: f64,
    at: DateTime<Utc>,
    untold: f64,
    /// True once the register was asked for the size.
    is_agreed: bool,
}

impl Bucket {
    pub(super) fn full(size: u32, period: TimeDelta, at: DateTime<Utc>) -> Bucket {
        Bucket { size: f64::from(size), period, left: f64::from(size), at, untold: 0.0, is_agreed: false }
    }

    /// How much comes back in a second.
    pub(super) fn refill(&self) -> f64 {
        self.size / self.period.as_seconds_f64()
    }

    /// When something was asked of it last.
    pub(super) fn at(&self) -> DateTime<Utc> {
        self.at
    }

    pub(super) fn resize(&mut self, size: f64) {
        self.size = size;
        self.left = self.left.min(size);
        self.is_agreed = true;
    }

    pub(super) fn is_used_up(&self) -> bool {
        self.left < 1.0
    }

    /// Is there one, or after how many seconds?
    pub(super) fn look(&mut self, at: DateTime<Utc>) -> Result<(), u64> {
        // A clock that was set back refills nothing.
        let passed = (at - self.at).max(TimeDelta::zero()).as_seconds_f64();
        self.left = (self.left + passed * self.refill()).min(self.size);
        self.at = at;
        if self.is_used_up() { Err(self.seconds_to_wait()) } else { Ok(()) }
    }

    /// Takes one, or gives the seconds until there is one.
    pub(super) fn take(&mut self, at: DateTime<Utc>) -> Result<(), u64> {
        self.look(at)?;
        self.left -= 1.0;
        self.untold = (self.untold + 1.0).min(self.size);
        Ok(())
    }

    fn seconds_to_wait(&self) -> u64 {
        ((1.0 - self.left) / self.refill()).ceil().max(1.0) as u64
    }

    /// What the others have not been told; from now on they have.
    pub(super) fn tell(&mut self) -> f64 {
        std::mem::take(&mut self.untold)
    }

    /// The others could not be told of so many.
    pub(super) fn keep_untold(&mut self, taken: f64) {
        self.untold = (self.untold + taken).min(self.size);
    }

    /// So many are left at all servers together, but for what was taken here since they were told.
    pub(super) fn go_by(&mut self, size: f64, left: f64, at: DateTime<Utc>) {
        let left = left - self.untold;
        if self.is_agreed && size != self.size {
            // Counted by another size than the register's, it can take something away, and give nothing.
            self.left = self.left.min(left);
        } else {
            self.size = size;
            self.left = left.min(size);
            self.at = at;
        }
    }
}
