//! One harness for everything that must not lose anything: a mixed load, a ledger of what was acknowledged, and a judge.
//!
//! The tests here are short; `cargo xtask torture` repeats the same for as long as it is told to.

mod clock;
mod database;
mod disk;
mod judge;
mod load;
mod rough;

use std::time::{Duration, Instant};

use crate::world::World;

pub(crate) use load::{Load, Plan};

/// What somebody asked for, and whether it was acknowledged.
#[derive(Debug, Clone)]
pub(crate) struct Done {
    pub(crate) number: String,
    pub(crate) deed: Deed,
    pub(crate) acknowledged: bool,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Deed {
    /// A permit was imported.
    Import,
    /// Its position A was confirmed with this amount.
    Confirm(String),
    /// It was suspended for this reason, which occurs once.
    Suspend(String),
    /// The suspension was lifted for this reason, which occurs once.
    Resume(String),
    /// It was read.
    Read,
}

/// A small generator: the seed is printed, so that a run can be repeated as far as threads allow.
#[derive(Debug)]
pub(crate) struct Dice(u64);

impl Dice {
    /// By `EPIX_TORTURE_SEED`, else by the clock.
    pub(crate) fn new() -> Dice {
        let given = std::env::var("EPIX_TORTURE_SEED").ok().and_then(|text| text.parse().ok());
        let seed = given.unwrap_or_else(|| u64::try_from(chrono::Utc::now().timestamp_micros()).unwrap());
        println!("EPIX_TORTURE_SEED={seed}");
        Dice(seed)
    }

    /// A number below a bound (Steele and Vigna's splitmix64).
    pub(crate) fn below(&mut self, bound: u64) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mixed = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        (mixed ^ (mixed >> 27)) % bound
    }
}

/// Waits until something is so; ends the test when it is not after a minute.
pub(crate) fn wait_for(what: &str, is_so: impl Fn() -> bool) {
    let begun = Instant::now();
    while !is_so() {
        assert!(begun.elapsed() < Duration::from_secs(60), "{what}: not after a minute");
        std::thread::sleep(Duration::from_millis(2));
    }
}

/// Kills the server at some moment under load and judges, so many times; the ledger grows from round to round.
fn killed_rounds(rounds: usize, is_over: impl Fn() -> bool) {
    let mut dice = Dice::new();
    let mut world = World::stopped(&[]);
    let mut ledger = Vec::new();
    for round in 0..rounds {
        if is_over() {
            break;
        }
        let plan = Plan { round, permits: 60 };
        ledger.extend(plan.prepare(&world));
        world.start();
        let load = Load::start(world, plan);
        let enough = 5 + usize::try_from(dice.below(40)).unwrap();
        wait_for("acknowledgements", || load.acknowledged() >= enough);
        load.world().kill_from_outside();
        let (killed, done) = load.finish();
        world = killed;
        world.wait_for_end();
        assert!(done.iter().any(|done| !done.acknowledged), "round {round}: it was killed too late to show anything");
        ledger.extend(done);
        judge::judge(&world, &ledger);
        println!("round {round}: killed after {enough} acknowledgements, {} deeds in the ledger", ledger.len());
    }
    world.start();
    assert!(world.tool("/readyz").starts_with("ready\n"), "{}", world.tool("/readyz"));
}

#[test]
fn what_was_acknowledged_before_a_kill_stands_once_under_mixed_load() {
    killed_rounds(2, || false);
}

/// How long the long run takes.
fn minutes() -> u64 {
    std::env::var("EPIX_TORTURE_MINUTES").ok().and_then(|text| text.parse().ok()).unwrap_or(10)
}

#[test]
#[ignore = "it takes as long as EPIX_TORTURE_MINUTES says; `cargo xtask torture` runs it"]
fn everything_is_suffered_again_and_again_until_the_time_is_over() {
    disk::with_mounts("torture::everything_is_suffered_again_and_again_until_the_time_is_over", suffer);
}

fn suffer() {
    let begun = Instant::now();
    let limit = Duration::from_secs(60 * minutes());
    let is_over = || begun.elapsed() >= limit;
    while !is_over() {
        killed_rounds(10, is_over);
        database::stopped_rounds(4, is_over);
        disk::fills_up_and_recovers();
        disk::cannot_write_and_recovers();
        rough::callers_do_their_worst();
    }
}
