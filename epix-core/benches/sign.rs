//! How fast is a permit signed and verified, by one thread and by two?
//!
//! Run by `cargo xtask bench`: `--permit FILE` is the permit, `--write FOLDER` keeps the signed ones for the peers. Verifying
//! includes the guard, the chain of certificates, and the canonical bytes that would be read. Medians are printed.

#![allow(clippy::unwrap_used, reason = "a bench may end loudly")]

use std::hint::black_box;
use std::path::Path;
use std::thread;
use std::time::{Duration, Instant};

use chrono::DateTime;
use epix_core::id::Sha256Digest;
use epix_core::sign::make::Statement;
use epix_core::sign::seal::TimeSource;
use epix_core::sign::{Anchors, Certificate, Place, Profile, Question, SoftwareKey, Trust, sign, verify};
use epix_core::wire::guard::{Limits, guard};

const ROUNDS: usize = 21;
const CALLS: u32 = 100;

fn main() {
    let words: Vec<String> = std::env::args().collect();
    let named = |option: &str| words.iter().position(|word| word == option).map(|at| words[at + 1].clone());
    let fixture = keys().join("../../v2/valid/xa-export-permit.xml").display().to_string();
    let permit = std::fs::read_to_string(named("--permit").unwrap_or(fixture)).unwrap();
    println!("a permit of {} bytes; {ROUNDS} rounds of {CALLS}", permit.len());
    // What two threads of this machine can do at most: they share nothing but the processors.
    tell("digest", "SHA-256", &|| {
        for _ in 0..20 {
            black_box(Sha256Digest::of(permit.as_bytes()));
        }
    });
    for name in ["xa-rsa", "xa-p256"] {
        let signed = sign(&permit, &key(name), Place::Enveloped, &Statement::default()).unwrap();
        if let Some(folder) = named("--write") {
            std::fs::write(Path::new(&folder).join(format!("{name}.xml")), &signed).unwrap();
        }
        measure(name, &permit, &signed);
    }
}

fn measure(name: &str, permit: &str, signed: &str) {
    let (key, trust) = (key(name), trust());
    let signing = || {
        black_box(sign(permit, &key, Place::Enveloped, &Statement::default()).unwrap());
    };
    let verifying = || {
        let text = guard(signed.as_bytes(), &Limits::DOCUMENT).unwrap();
        let at = DateTime::from_timestamp(1_800_000_000, 0).unwrap();
        let question = Question { at, by: TimeSource::Asked };
        assert!(black_box(verify(text, None, &trust, &question).unwrap()).is_trusted());
    };
    for (what, work) in [("sign", &signing as &(dyn Fn() + Sync)), ("verify", &verifying)] {
        tell(what, name, work);
    }
}

/// One thread and two by turns, so that whatever else the machine does falls on both alike.
fn tell(what: &str, name: &str, work: &(dyn Fn() + Sync)) {
    let rounds: Vec<(Duration, Duration)> = (0..ROUNDS).map(|_| (timed(work, 1), timed(work, 2))).collect();
    let one = median(rounds.iter().map(|round| round.0).collect());
    let factor = median(rounds.iter().map(|(one, two)| one.as_secs_f64() / two.as_secs_f64()).collect());
    let micros = one.as_secs_f64() * 1e6;
    println!("{what:<7} {name:<8} {micros:>9.1} us, two threads {factor:>5.2} times as many");
}

/// The time for each call, with so many threads at it.
fn timed(work: &(dyn Fn() + Sync), threads: u32) -> Duration {
    let started = Instant::now();
    thread::scope(|scope| {
        for _ in 0..threads {
            scope.spawn(|| (0..CALLS).for_each(|_| work()));
        }
    });
    started.elapsed() / (CALLS * threads)
}

fn median<T: PartialOrd + Copy>(mut values: Vec<T>) -> T {
    values.sort_by(|a, b| a.partial_cmp(b).unwrap());
    values[values.len() / 2]
}

fn keys() -> &'static Path {
    Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/../fixtures/signatures/keys"))
}

fn certificates(name: &str) -> Vec<Certificate> {
    Certificate::all_from_pem(&std::fs::read(keys().join(format!("{name}.pem"))).unwrap()).unwrap()
}

fn key(name: &str) -> SoftwareKey {
    let pem = std::fs::read(keys().join(format!("{name}.key"))).unwrap();
    SoftwareKey::from_pem(&pem, None, certificates(name)).unwrap()
}

fn trust() -> Trust {
    Trust { anchors: Anchors::new(certificates("ca")), clocks: None, profile: Profile::default() }
}
