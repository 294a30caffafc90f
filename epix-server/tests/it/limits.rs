//! How often may somebody ask, and what comes of trying numbers out?

use epix_core::soap::Call;

use crate::permits::permit;
use crate::world::{Who, World, key};

#[tokio::test]
async fn whoever_tries_numbers_out_is_slowed_and_an_alarm_is_raised() {
    let mut world = World::in_a_file(&[permit("N1", &[("A", "10")])]);
    world.configure("# misses_per_hour = 120", "misses_per_hour = 3");
    world.start();

    for number in ["M1", "N1", "M2"] {
        assert_eq!(world.word(Who::Xc, Call::GetNonFinal(key(number))).await, "PermitNotFound");
    }
    for number in ["N1", "M3"] {
        assert_eq!(world.word(Who::Xc, Call::GetNonFinal(key(number))).await, "RateLimited");
    }

    assert_eq!(world.word(Who::Xc, Call::ServiceState(None)).await, "OK", "other calls are answered");
    assert_eq!(world.word(Who::Xb, Call::GetNonFinal(key("N1"))).await, "permit", "and other callers");
    assert!(world.metrics().contains("epix_alarms_total{kind=\"misses\"} 1"), "{}", world.metrics());
    world.logged("ALARM");
    let store = std::fs::read(world.path("store.sqlite-wal")).unwrap();
    assert!(store.windows(11).any(|window| window == b"many-misses"), "the alarm stands in the audit");
}

#[tokio::test]
async fn a_party_is_answered_as_often_as_the_register_says() {
    let world = World::with(&[]);
    let register = std::fs::read_to_string(world.path("parties.toml")).unwrap();
    let limited = register.replace("country = \"XC\"\n", "country = \"XC\"\ncalls_per_minute = 2\n");
    std::fs::write(world.path("parties.toml"), limited).unwrap();
    world.succeeds(&["parties", "apply", "--yes", &world.path("parties.toml").display().to_string()]);

    let mut words = Vec::new();
    for _ in 0..4 {
        words.push(world.word(Who::Xc, Call::ServiceState(None)).await);
    }

    // The first call tells who it is; from then on two in a minute are taken. Where counts are shared, it may be among the two.
    assert_eq!([&words[..2], &words[3..]].concat(), ["OK", "OK", "RateLimited"], "{words:?}");
    let raw = world.get(Who::Xc, "/epix/events");
    assert_eq!(raw.status, 429, "{}", raw.body);
}
