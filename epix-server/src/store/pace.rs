//! Limits that all servers on one store hold together: what callers took of them at one server, and what all have left them.

use epix_core::id::Fingerprint;

/// What is limited.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Allowance {
    /// Calls in a minute.
    Calls,
    /// Calls in an hour that name no permit which the caller may use.
    Misses,
}

impl Allowance {
    /// Each of them.
    pub const ALL: [Allowance; 2] = [Allowance::Calls, Allowance::Misses];
}

/// What a caller took of an allowance at one server since that server told of it last.
#[derive(Debug, Clone, PartialEq)]
pub struct Spent {
    /// Who took it.
    pub caller: Fingerprint,
    /// Of what.
    pub allowance: Allowance,
    /// How much there is at most.
    pub size: f64,
    /// How much of it comes back in a second.
    pub refill: f64,
    /// How much was taken.
    pub taken: f64,
    /// Whether an alarm was raised about it, or one is to be raised if nobody did so within [`Spent::ALARM_HOLDS`] seconds.
    pub alarm: bool,
}

impl Spent {
    /// For so many seconds an alarm stands for whatever else the caller does.
    pub const ALARM_HOLDS: f64 = 3_600.0;
}

/// What all servers together have left a caller.
#[derive(Debug, Clone, PartialEq)]
pub struct Left {
    /// Whom.
    pub caller: Fingerprint,
    /// Of what.
    pub allowance: Allowance,
    /// How much there is at most.
    pub size: f64,
    /// How much is left; below zero where several servers gave at once what was there once.
    pub left: f64,
    /// What became of the alarm about it.
    pub alarm: Alarm,
}

/// Who raises an alarm, where several servers could.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Alarm {
    /// Nobody has lately.
    None,
    /// Some server has.
    Raised,
    /// It is for whoever asked just now.
    Granted,
}
