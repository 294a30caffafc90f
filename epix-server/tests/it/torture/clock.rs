//! A clock that is moved back while the server runs.

use std::path::PathBuf;
use std::process::Command;

use epix_core::soap::Call;

use crate::permits::permit;
use crate::torture::judge::judge;
use crate::torture::{Deed, Done};
use crate::world::{Who, World, confirm, epix_server, key};

/// The library of Debian's `faketime`, which stands between a program and the clock.
fn library() -> PathBuf {
    let folders = std::fs::read_dir("/usr/lib").unwrap().map(|entry| entry.unwrap().path());
    let found = folders.map(|folder| folder.join("faketime/libfaketime.so.1")).find(|file| file.is_file());
    found.expect("the package faketime is there: cargo xtask test installs it")
}

/// The server under a clock that a file moves.
fn under_a_clock(world: &World) -> Command {
    let mut program = epix_server();
    program.env("LD_PRELOAD", library()).env("FAKETIME_TIMESTAMP_FILE", world.path("clock"));
    program.env("FAKETIME_NO_CACHE", "1").env("FAKETIME_DONT_FAKE_MONOTONIC", "1");
    program
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_clock_that_is_moved_back_stops_nothing_and_leaves_the_audit_whole() {
    let permits: Vec<String> = ["N1", "N2"].map(|number| permit(number, &[("A", "10")])).into();
    let mut world = World::in_a_file(&permits);
    std::fs::write(world.path("clock"), "+0").unwrap();
    world.start_by(under_a_clock(&world));

    assert_eq!(world.word(Who::Customs, confirm("N1", "A=1")).await, "confirmed");
    std::fs::write(world.path("clock"), "-20m").unwrap();
    assert_eq!(world.word(Who::Customs, confirm("N2", "A=2")).await, "confirmed");
    assert_eq!(world.word(Who::Customs, confirm("N1", "A=1")).await, "confirmed", "the same again, counted once");
    assert_eq!(world.word(Who::Xb, Call::GetNonFinal(key("N1"))).await, "permit");
    assert_eq!(world.word(Who::Xb, Call::ServiceState(None)).await, "OK");
    assert!(world.tool("/readyz").starts_with("ready\n"), "{}", world.tool("/readyz"));
    world.succeeds(&["audit", "checkpoint"]);
    world.stop();

    let store = world.store().await;
    let mut times = Vec::new();
    for head in store.heads().await.unwrap() {
        let lines = store.audit_lines(&head.authority, head.shard, 0, usize::MAX >> 1).await.unwrap();
        let events = lines.iter().map(|line| line.event().unwrap());
        times.extend(events.filter(|event| event.operation == "ConfirmQuantities").map(|event| event.at));
    }
    drop(store);
    assert!(times.len() == 3 && times[1] < times[0], "as the clock said, in the order of the chain: {times:?}");
    let done = |number: &str, amount: &str| Done {
        number: number.to_owned(),
        deed: Deed::Confirm(amount.to_owned()),
        acknowledged: true,
    };
    tokio::task::block_in_place(|| {
        std::thread::scope(|scope| {
            scope.spawn(|| judge(&world, &[done("N1", "1"), done("N2", "2")])).join().unwrap();
        })
    });
}
