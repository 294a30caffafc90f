//! Backup while the server runs, restore after a disaster: what is there, what is lost, and how the audit goes on.

use epix_core::soap::Call;

use crate::permits::permit;
use crate::world::{Who, World, key};

/// A world with a backup of two permits that was made while the server ran; then something more happened, a third permit came,
/// and the server stopped.
async fn backed_up() -> World {
    let mut world = World::in_a_file(&[permit("N1", &[("A", "10")]), permit("N2", &[("A", "10")])]);
    world.start();
    world.word(Who::Xb, Call::GetNonFinal(key("N1"))).await;
    world.succeeds(&["backup", "--to", &backup(&world)]);
    let later = world.path("later.xml");
    std::fs::write(&later, permit("N3", &[("A", "10")])).unwrap();
    world.succeeds(&["import", &later.display().to_string()]);
    world.word(Who::Xb, Call::GetNonFinal(key("N3"))).await;
    world.stop();
    world
}

fn backup(world: &World) -> String {
    world.path("backup.sqlite").display().to_string()
}

fn lose_the_store(world: &World) {
    for ending in ["", "-wal", "-shm", ".lock"] {
        std::fs::remove_file(world.path(&format!("store.sqlite{ending}"))).ok();
    }
}

fn said(world: &World, arguments: &[&str]) -> (Option<i32>, String) {
    let output = world.command(arguments);
    let words = [output.stdout, output.stderr].concat();
    (output.status.code(), String::from_utf8(words).unwrap())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_backup_brings_everything_back_and_the_audit_says_what_is_lost() {
    let mut world = backed_up().await;
    lose_the_store(&world);

    let (status, restored) = said(&world, &["restore", "--from", &backup(&world), "--verify"]);

    assert_eq!(status, Some(0), "{restored}");
    assert!(restored.contains("documents: 2 looked at"), "{restored}");
    // Behind the five lines of the backup: that it was made, the third permit, and its hand-out.
    assert!(restored.contains("XA, shard 0: 3 lines behind line 5 are lost, which a checkpoint knows"), "{restored}");
    assert!(restored.contains("the audit goes on in shard 1"), "{restored}");
    assert!(world.succeeds(&["list"]).contains("N2") && !world.succeeds(&["list"]).contains("N3"));

    world.start();
    assert_eq!(world.word(Who::Xb, Call::GetNonFinal(key("N1"))).await, "permit");
    world.stop();
    let (whole, verdict) = said(&world, &["audit", "verify", "--all"]);
    assert_eq!(whole, Some(0), "{verdict}");
    assert!(
        verdict.contains("shard 0: 5 lines, whole") && verdict.contains("3 lines behind it were lost"),
        "{verdict}"
    );
    assert!(verdict.contains("shard 1: 2 lines, whole"), "{verdict}");
}

#[tokio::test(flavor = "multi_thread")]
async fn the_same_backup_restored_twice_begins_a_chain_that_never_was() {
    let world = backed_up().await;
    for _ in 0..2 {
        lose_the_store(&world);
        world.succeeds(&["restore", "--from", &backup(&world)]);
    }

    let (status, verdict) = said(&world, &["audit", "verify", "--all"]);

    assert_eq!(status, Some(0), "{verdict}");
    assert!(verdict.contains("shard 2: 1 lines, whole"), "{verdict}");
}

#[tokio::test(flavor = "multi_thread")]
async fn checkpoints_that_were_lost_too_come_back_from_beside_the_backup() {
    let world = backed_up().await;
    lose_the_store(&world);
    std::fs::remove_dir_all(world.path("checkpoints")).unwrap();

    world.succeeds(&["restore", "--from", &backup(&world)]);

    let (status, verdict) = said(&world, &["audit", "verify", "--all"]);
    assert_eq!(status, Some(0), "{verdict}");
    assert!(verdict.contains("checkpoints 2 to 3"), "{verdict}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_backup_that_is_not_what_was_written_is_refused_and_nothing_is_put_in_place() {
    let world = backed_up().await;
    lose_the_store(&world);
    let bytes = std::fs::read(backup(&world)).unwrap();
    let refused = |expected: &str, more: &[&str]| {
        let (status, words) = said(&world, &[&["restore", "--from", &backup(&world)], more].concat());
        assert_eq!(status, Some(1), "{words}");
        assert!(words.contains(expected), "{words}");
        let left: Vec<_> = std::fs::read_dir(world.path("")).unwrap().map(|entry| entry.unwrap().file_name()).collect();
        assert!(!left.iter().any(|name| name.to_string_lossy().starts_with("store.sqlite")), "{left:?}");
    };

    std::fs::write(backup(&world), &bytes[..bytes.len() - 1]).unwrap();
    refused("is not the one in", &[]);

    // Somebody who also writes the digest anew has to be found out by what the store says of itself.
    std::fs::remove_file(backup(&world) + ".sha256").unwrap();
    std::fs::write(backup(&world), &bytes).unwrap();
    let edit = |sql: &str| {
        std::fs::write(backup(&world), &bytes).unwrap();
        rusqlite::Connection::open(backup(&world)).unwrap().execute_batch(sql).unwrap();
    };
    edit("DROP TRIGGER permit_version_stands; UPDATE permit_version SET content = x'00ff' WHERE number = 'N2'");
    refused("version 1 of permit N2 of XA", &["--verify"]);
    edit(
        "DROP TRIGGER audit_line_stands; UPDATE audit_line SET body = replace(body, 'import', 'export') WHERE sequence = 3",
    );
    refused("line 3: the line was edited", &[]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_backup_is_restored_into_an_empty_place_only_and_can_be_looked_at_alone() {
    let world = backed_up().await;
    let before = std::fs::read(world.path("store.sqlite")).unwrap();

    let (occupied, words) = said(&world, &["restore", "--from", &backup(&world)]);
    let (again, _) = said(&world, &["backup", "--to", &backup(&world)]);
    let (beside, _) = said(&world, &["restore", "--from", &backup(&world), "--dry-run"]);
    assert_eq!((beside, std::fs::read(world.path("store.sqlite")).unwrap() == before), (Some(0), true));
    lose_the_store(&world);
    let (dry, looked) = said(&world, &["restore", "--from", &backup(&world), "--verify", "--dry-run"]);

    assert_eq!((occupied, again, dry), (Some(2), Some(2), Some(0)), "{words}{looked}");
    assert!(words.contains("there is something at") && looked.contains("nothing was put in place"), "{words}{looked}");
    assert!(looked.contains("3 lines behind line 5 are lost"), "{looked}");
    assert!(!world.path("store.sqlite").exists());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_store_that_was_put_in_place_by_hand_is_taken_up_in_place() {
    let world = backed_up().await;
    lose_the_store(&world);
    std::fs::copy(backup(&world), world.path("store.sqlite")).unwrap();
    let (alarming, _) = said(&world, &["audit", "verify"]);

    world.succeeds(&["restore", "--in-place"]);

    let (status, verdict) = said(&world, &["audit", "verify", "--all"]);
    assert_eq!((alarming, status), (Some(1), Some(0)), "{verdict}");
}
