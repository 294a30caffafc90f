//! Does anything that strangers can send break a promise? A short run in every test, as long a one as you like on demand.
//!
//! `EPIX_FUZZ_SECONDS=600 cargo test -p epix-core --test fuzz -- --ignored --nocapture`, with `EPIX_FUZZ_SEED` to see a
//! run again; `docs/how-to/test-hostile-documents.md` says more.
#![allow(
    clippy::unwrap_used,
    reason = "all of this is tests; the lint excuses only what stands inside a test function"
)]

mod damage;
#[path = "../mutants/mod.rs"]
mod mutants;
mod promises;
mod targets;
#[path = "../trees/mod.rs"]
mod trees;

use std::collections::BTreeSet;
use std::env;
use std::fs;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::Path;
use std::thread;
use std::time::{Duration, Instant, SystemTime};

use damage::Damage;
use mutants::Random;
use targets::{TARGETS, Target};

/// The seed of the short run: any number, the same in every run.
const SEED: u64 = 2013;

/// How many messages are kept to make others from.
const CORPUS: usize = 400;

/// How often a message that breaks a promise is made smaller.
const CUTS: usize = 400;

#[test]
fn each_version_is_read_by_a_target() {
    assert_eq!(targets::unread_versions(), [""; 0]);
}

#[test]
fn the_good_messages_keep_every_promise() {
    for target in TARGETS {
        for message in (target.corpus)() {
            (target.look)(&message);
        }
    }
}

#[test]
fn what_broke_a_promise_once_keeps_it_now() {
    let folder = targets::folder().join("fuzz");
    for path in [targets::files(&folder, "xml"), targets::files(&folder, "json")].concat() {
        let message = fs::read(&path).unwrap();
        for target in TARGETS {
            if let Err(reason) = looked(target, &message) {
                panic!("{}, target {}: {reason}", path.display(), target.name);
            }
        }
    }
}

#[test]
fn some_thousand_damaged_messages_keep_every_promise() {
    thread::scope(|scope| {
        for target in TARGETS {
            scope.spawn(move || {
                let run = fuzz(target, SEED, |number| number < target.short);
                assert!(run.outcomes.len() > 3, "{}: all comes to the same: {:?}", target.name, run.outcomes);
            });
        }
    });
}

#[test]
#[ignore = "it runs as long as EPIX_FUZZ_SECONDS says, and finds other things each time"]
fn damaged_messages_keep_every_promise_for_as_long_as_you_like() {
    let number =
        |name: &str| env::var(name).ok().map(|text| text.parse().unwrap_or_else(|_| panic!("{name} is no number")));
    let seconds = number("EPIX_FUZZ_SECONDS").unwrap_or(60);
    let now = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).unwrap();
    let seed = number("EPIX_FUZZ_SEED").unwrap_or(now.as_secs());
    let share = Duration::from_secs(seconds) / u32::try_from(TARGETS.len()).unwrap();
    for target in TARGETS {
        let started = Instant::now();
        let run = fuzz(target, seed, |_| started.elapsed() < share);
        println!("{}: {} messages, {} outcomes, seed {seed}", target.name, run.messages, run.outcomes.len());
    }
}

/// What a run came to.
struct Run {
    messages: usize,
    outcomes: BTreeSet<String>,
}

/// Looks at damaged messages while it is told to; those with an outcome not seen before are damaged further.
fn fuzz(target: &Target, seed: u64, mut goes_on: impl FnMut(usize) -> bool) -> Run {
    let mut corpus = (target.corpus)();
    let mut outcomes: BTreeSet<String> = corpus.iter().map(|message| (target.look)(message)).collect();
    let damage = Damage::new();
    let mut random = Random::of(seed);
    let mut messages = 0;
    while goes_on(messages) {
        let chosen: &Vec<u8> = random.pick(&corpus);
        let message = damage.of(chosen, &corpus, target.root, &mut random);
        match looked(target, &message) {
            Ok(outcome) => {
                if outcomes.insert(outcome) && corpus.len() < CORPUS {
                    corpus.push(message);
                }
            }
            Err(reason) => broken(target, seed, messages, &message, &reason),
        }
        messages += 1;
    }
    Run { messages, outcomes }
}

/// The outcome, or what the panic says.
fn looked(target: &Target, message: &[u8]) -> Result<String, String> {
    catch_unwind(AssertUnwindSafe(|| (target.look)(message))).map_err(|panic| {
        let text = panic.downcast_ref::<String>().map(String::as_str);
        text.or_else(|| panic.downcast_ref::<&str>().copied()).unwrap_or("a panic").to_owned()
    })
}

/// Makes the message smaller, keeps it in a file, and fails.
fn broken(target: &Target, seed: u64, number: usize, message: &[u8], reason: &str) -> ! {
    let small = smaller(message, |message| looked(target, message).is_err());
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("fuzz");
    fs::create_dir_all(&folder).unwrap();
    let file = folder.join(format!("{}--{seed}-{number}.xml", target.name));
    fs::write(&file, &small).unwrap();
    panic!(
        "target {} breaks a promise: seed {seed}, message {number}\nit is in {}; once it is understood, it goes to \
         fixtures/fuzz under a name that says what was wrong\n{reason}",
        target.name,
        file.display()
    );
}

/// Takes stretches between tags out of a message for as long as it stays broken.
fn smaller(message: &[u8], is_broken: impl Fn(&[u8]) -> bool) -> Vec<u8> {
    let mut pieces: Vec<Vec<u8>> = Vec::new();
    for byte in message {
        if *byte == b'<' || pieces.is_empty() {
            pieces.push(Vec::new());
        }
        pieces.last_mut().expect("one was pushed").push(*byte);
    }
    let mut size = pieces.len().div_ceil(2);
    let mut at = 0;
    for _ in 0..CUTS {
        if at >= pieces.len() {
            if size == 1 {
                break;
            }
            (size, at) = (size.div_ceil(2), 0);
        }
        let end = (at + size).min(pieces.len());
        let without = [&pieces[..at], &pieces[end..]].concat();
        if is_broken(&without.concat()) {
            pieces = without;
        } else {
            at = end;
        }
    }
    pieces.concat()
}
