//! The audit beside a running server: checkpoints, what is found when it was touched, exports.

use std::collections::BTreeSet;
use std::path::PathBuf;

use chrono::{NaiveDate, NaiveTime};
use epix_core::audit::{ExportReader, PublicKey, Verdict};
use epix_core::id::{AuthorityId, Country, PermitNumber};
use epix_core::receive::receive_again;
use epix_core::soap::Call;
use epix_server::audit::AuditEvent;
use epix_server::store::{self, Authority, Entry, NewPermit, Place, Standing};

use crate::permits::{expired, permit};
use crate::world::{Who, World, key};

/// A world in which something happened: five lines that the three checkpoints of a server's life signed, and one behind them.
async fn lived() -> World {
    let mut world = World::in_a_file(&[permit("N1", &[("A", "10")])]);
    world.start();
    world.word(Who::Xb, Call::GetNonFinal(key("N1"))).await;
    world.succeeds(&["audit", "checkpoint"]);
    world.word(Who::Xb, Call::GetNonFinal(key("N1"))).await;
    world.stop();
    world.succeeds(&["suspend", "N1", "--reason", "looked into"]);
    world
}

/// Edits the store as somebody with a shell could.
fn edit(world: &World, sql: &str) {
    rusqlite::Connection::open(world.path("store.sqlite")).unwrap().execute_batch(sql).unwrap();
}

fn checkpoints(world: &World) -> Vec<PathBuf> {
    let entries = std::fs::read_dir(world.path("checkpoints")).unwrap();
    let mut paths: Vec<PathBuf> = entries.map(|entry| entry.unwrap().path()).collect();
    paths.sort();
    paths
}

/// What is said of an export, with the public key and nothing else of the world.
fn verdict(world: &World, export: &str) -> Verdict {
    let key = PublicKey::from_pem(&std::fs::read(world.path("checkpoint.pub")).unwrap()).unwrap();
    let mut reader = ExportReader::new(vec![key], Vec::new());
    let text = std::fs::read_to_string(world.path(export)).unwrap();
    text.lines().for_each(|line| reader.take(line).unwrap());
    reader.verdict().unwrap()
}

fn said(world: &World, arguments: &[&str]) -> (Option<i32>, String) {
    let output = world.command(arguments);
    (output.status.code(), String::from_utf8(output.stdout).unwrap())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_server_makes_checkpoints_by_itself_and_what_they_sign_is_whole() {
    let world = lived().await;

    let (status, verdict) = said(&world, &["audit", "verify"]);
    let (all_status, all) = said(&world, &["audit", "verify", "--all"]);
    let (_, made) = said(&world, &["audit", "checkpoint"]);
    let (_, unchanged) = said(&world, &["audit", "checkpoint"]);

    assert_eq!((status, all_status), (Some(0), Some(0)), "{verdict}{all}");
    assert_eq!(checkpoints(&world).len(), 4, "one at the start, two by hand, one at the stop");
    assert!(all.contains("XA, shard 0: 6 lines, whole; signed up to line 5"), "{all}");
    assert!(verdict.contains("whole from checkpoint 3 on (1 looked at)"), "{verdict}");
    assert!(verdict.contains("checkpoints 1 to 3") && verdict.contains("signatures hold"), "{verdict}");
    assert!(made.contains("checkpoint 4, made") && unchanged.contains("checkpoint 4, unchanged"), "{made}{unchanged}");
}

/// What somebody with a shell does to the store, and what is said of it from the newest checkpoint on, and from the first line.
const TOUCHED: &[(&str, &str, &str, &str)] = &[
    (
        "edited behind the checkpoint",
        "DROP TRIGGER audit_line_stands; UPDATE audit_line SET body = replace(body, 'suspend', 'resume') WHERE sequence = 6",
        "line 6: the line was edited",
        "line 6: the line was edited",
    ),
    (
        "edited before the checkpoint",
        "DROP TRIGGER audit_line_stands; UPDATE audit_line SET body = replace(body, 'import', 'export') WHERE sequence = 3",
        "whole",
        "line 3: the line was edited",
    ),
    (
        "dropped",
        "DROP TRIGGER audit_line_stays; DELETE FROM audit_line WHERE sequence = 4",
        "whole",
        "line 4: the line is missing",
    ),
    (
        "two lines changed places",
        "DROP TRIGGER audit_line_stands; UPDATE audit_line SET sequence = 99 WHERE sequence = 4;
         UPDATE audit_line SET sequence = 4 WHERE sequence = 5; UPDATE audit_line SET sequence = 5 WHERE sequence = 99",
        "line 5: the line was edited",
        "line 4: the line was edited",
    ),
    (
        "tail cut off together with its head",
        "DROP TRIGGER audit_line_stays; DELETE FROM audit_line WHERE sequence > 4;
         UPDATE audit_head SET sequence = 4, hash = (SELECT hash FROM audit_line WHERE sequence = 4)",
        "line 5: the lines from here on are missing, which checkpoint 3 knows",
        "line 5: the lines from here on are missing, which checkpoint 3 knows",
    ),
    (
        "everything gone",
        "DROP TRIGGER audit_line_stays; DELETE FROM audit_line; DELETE FROM audit_head",
        "it is missing, and a checkpoint knows 5 lines of it",
        "it is missing, and a checkpoint knows 5 lines of it",
    ),
];

#[tokio::test(flavor = "multi_thread")]
async fn what_was_done_to_the_store_is_found_and_named() {
    let world = lived().await;
    let kept = std::fs::read(world.path("store.sqlite")).unwrap();
    for (name, sql, since_checkpoint, from_the_first) in TOUCHED {
        std::fs::write(world.path("store.sqlite"), &kept).unwrap();
        edit(&world, sql);

        let (status, all) = said(&world, &["audit", "verify", "--all"]);
        let (_, since) = said(&world, &["audit", "verify"]);

        assert_eq!(status, Some(1), "{name}: {all}");
        assert!(all.contains(from_the_first), "{name}: {all}");
        assert!(since.contains(since_checkpoint), "{name}: {since}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn no_checkpoint_is_made_of_an_audit_that_was_touched() {
    let mut world = lived().await;
    let before = checkpoints(&world).len();
    edit(&world, TOUCHED[4].1);

    let (status, refused) = said(&world, &["audit", "checkpoint"]);
    world.start();
    world.stop();

    assert_eq!(status, Some(1), "{refused}");
    assert!(refused.contains("no checkpoint is made, the audit is not whole"), "{refused}");
    assert_eq!(checkpoints(&world).len(), before);
    assert!(std::fs::read_to_string(world.path("server.log")).unwrap().contains("ALARM: the audit was touched"));
}

#[tokio::test(flavor = "multi_thread")]
async fn touched_checkpoints_are_found_and_named() {
    let world = lived().await;
    let paths = checkpoints(&world);
    let second = std::fs::read_to_string(&paths[1]).unwrap();

    std::fs::write(&paths[1], second.replace("sequence\\\":4", "sequence\\\":3")).unwrap();
    let (_, edited) = said(&world, &["audit", "verify", "--all"]);
    std::fs::remove_file(&paths[1]).unwrap();
    let (status, removed) = said(&world, &["audit", "verify"]);
    let elsewhere = world.path("kept-elsewhere.json");
    std::fs::write(&elsewhere, &second).unwrap();
    let (whole, _) = said(&world, &["audit", "verify", "--checkpoint", elsewhere.to_str().unwrap()]);

    assert!(edited.contains("checkpoint 2: it is not signed with the known key"), "{edited}");
    assert!(removed.contains("checkpoint 2: it is missing"), "{removed}");
    assert_eq!((status, whole), (Some(1), Some(0)));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_folder_of_checkpoints_that_was_emptied_is_found_by_one_that_was_kept_elsewhere() {
    let world = lived().await;
    let elsewhere = world.path("kept-elsewhere.json");
    std::fs::rename(&checkpoints(&world)[2], &elsewhere).unwrap();
    std::fs::remove_dir_all(world.path("checkpoints")).unwrap();
    edit(&world, TOUCHED[4].1);

    let (alone, _) = said(&world, &["audit", "verify"]);
    let (status, told) = said(&world, &["audit", "verify", "--checkpoint", elsewhere.to_str().unwrap()]);

    assert_eq!((alone, status), (Some(0), Some(1)));
    assert!(told.contains("which checkpoint 3 knows"), "{told}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_server_whose_checkpoint_key_was_taken_away_does_not_start() {
    let world = lived().await;
    std::fs::remove_file(world.path("checkpoint.key")).unwrap();

    let refused = world.command(&["run"]);

    let words = String::from_utf8(refused.stderr).unwrap();
    assert_eq!(refused.status.code(), Some(2));
    assert!(words.contains("but no key at") && words.contains("checkpoint.key"), "{words}");
}

#[tokio::test(flavor = "multi_thread")]
async fn an_export_is_whole_where_the_store_is_not_and_begins_where_it_is_told() {
    let mut world = lived().await;
    world.start();
    let file = |name: &str| world.path(name).display().to_string();

    world.succeeds(&["audit", "export", "-o", &file("all.jsonl")]);
    world.succeeds(&["audit", "export", "--authority", "XA", "--since", "2", "-o", &file("since.jsonl")]);
    let again = world.command(&["audit", "export", "-o", &file("all.jsonl")]);
    let unknown = world.command(&["audit", "export", "--since", "99", "-o", &file("none.jsonl")]);

    let (all, since) = (verdict(&world, "all.jsonl"), verdict(&world, "since.jsonl"));
    assert!(all.is_whole() && since.is_whole(), "{all}{since}");
    assert_eq!((all.chains[0].lines, all.chains[0].signed_up_to), (6, 6), "a checkpoint was made right before");
    assert_eq!(since.chains[0].lines, 2);
    assert_eq!((again.status.code(), unknown.status.code()), (Some(2), Some(2)));
    assert!(!world.path("none.jsonl").exists());
}

#[tokio::test(flavor = "multi_thread")]
async fn the_export_of_a_touched_store_is_evidence_and_gets_the_same_verdict() {
    let world = lived().await;
    edit(&world, TOUCHED[4].1);

    let output = world.command(&["audit", "export", "-o", &world.path("all.jsonl").display().to_string()]);

    let verdict = verdict(&world, "all.jsonl");
    let (_, of_store) = said(&world, &["audit", "verify", "--all"]);
    assert_eq!(output.status.code(), Some(1));
    assert!(of_store.contains(&verdict.flaws[0].to_string()), "{verdict}{of_store}");
}

fn event(operation: &str, year: i32, number: Option<&str>) -> AuditEvent {
    let at = NaiveDate::from_ymd_opt(year, 3, 1).unwrap().and_time(NaiveTime::MIN).and_utc();
    let mut event = AuditEvent::new(AuthorityId::parse("XA").unwrap(), at, "r-1".into(), operation);
    event.permit = number.map(|number| PermitNumber::parse(number).unwrap());
    event
}

/// A store that has been in use since 2012: four lines about a permit that expired long ago, then one about one that is valid.
async fn old() -> World {
    let world = World::in_a_file(&[]);
    std::fs::remove_file(world.path("store.sqlite")).unwrap();
    let store = store::create(&Place::sqlite(&world.path("store.sqlite"))).await.unwrap();
    let (id, country) = (AuthorityId::parse("XA").unwrap(), Country::parse("XA").unwrap());
    let authority = Authority { id, country, name: "Management Authority of XA".to_owned() };
    store.declare(authority, event("declare", 2012, None)).await.unwrap();
    for (document, audit) in [
        (expired("OLD"), event("import", 2013, Some("OLD"))),
        (permit("NEW", &[("A", "10")]), event("import", 2014, Some("NEW"))),
    ] {
        let accepted = receive_again(document.as_bytes()).unwrap();
        let after = event("get-final", 2014, Some("OLD"));
        store
            .insert(NewPermit {
                accepted,
                token: None,
                attachments: Vec::new(),
                audit,
                proven: None,
                entry: Entry { terms: BTreeSet::new(), card: "{}".to_owned() },
            })
            .await
            .unwrap();
        store.record(after, Standing::Registered).await.unwrap();
    }
    world
}

#[tokio::test(flavor = "multi_thread")]
async fn lines_past_their_time_go_up_to_the_first_that_must_stay() {
    let world = old().await;
    let file = world.path("before.jsonl").display().to_string();

    let (_, early) = said(&world, &["audit", "purge", "--dry-run", "--before", "2013-01-01"]);
    let (_, all) = said(&world, &["audit", "purge", "--dry-run"]);
    let unnamed = world.command(&["audit", "purge"]);
    let (status, purged) = said(&world, &["audit", "purge", "--export", &file]);
    let (again, nothing) = said(&world, &["audit", "purge", "--no-export"]);

    assert!(early.contains("XA, shard 0: 1 lines up to line 1 of 2012-03-01 are past their time"), "{early}");
    assert!(all.contains("XA, shard 0: 3 lines up to line 3 of 2014-03-01 are past their time"), "{all}");
    assert_eq!(unnamed.status.code(), Some(2), "an export is demanded, or its absence in words");
    assert_eq!(status, Some(0), "{purged}");
    assert!(purged.contains("3 lines removed; checkpoint 2 says so"), "{purged}");
    assert!(again == Some(0) && nothing.contains("nothing is past its time"), "{nothing}");
    let (whole, verdict) = said(&world, &["audit", "verify", "--all"]);
    assert_eq!(whole, Some(0), "{verdict}");
    assert!(verdict.contains("6 lines, whole; the first 3 were purged (checkpoint 2)"), "{verdict}");
    assert!(self::verdict(&world, "before.jsonl").is_whole(), "what went is in the export");
    world.succeeds(&["audit", "export", "-o", &world.path("after.jsonl").display().to_string()]);
    assert!(self::verdict(&world, "after.jsonl").is_whole());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_purge_that_no_checkpoint_signed_is_found() {
    let world = old().await;
    world.succeeds(&["audit", "checkpoint"]);
    edit(&world, "DROP TRIGGER audit_line_stays; DELETE FROM audit_line WHERE sequence < 3");

    let (status, verdict) = said(&world, &["audit", "verify", "--all"]);
    let (refused, words) = said(&world, &["audit", "purge", "--no-export"]);

    assert_eq!(status, Some(1));
    assert!(verdict.contains("line 2: the lines up to here are missing, and no checkpoint says"), "{verdict}");
    assert_eq!(refused, Some(1), "else the next purge would cover up for it: {words}");
}
