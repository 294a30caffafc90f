//! Does the PostgreSQL store keep what only a store for many processes promises?

use std::sync::Arc;

use super::schema::SUPPORTED;
use super::*;
use crate::store::suite::looks::{answered, prepare, sees_every_change};
use crate::store::suite::{QUOTAS, audit, cancelled, change, declare, number, permit, xa};
use crate::store::verify_audit;

#[tokio::test]
#[ignore = "needs PostgreSQL: `cargo xtask test` starts one and names it"]
async fn a_reopened_store_finds_everything() {
    let database = TestDatabase::create().await;
    let store = database.create_store(QUOTAS).await.unwrap();
    declare(&store).await;
    store.insert(permit("XA-1")).await.unwrap();
    drop(store);

    let store = database.open_store(QUOTAS).await.unwrap();

    assert_eq!(store.find(&xa(), &number("XA-1")).await.unwrap().unwrap().revision, 1);
    let stored = store.document(&xa(), &number("XA-1"), 1).await.unwrap().unwrap();
    assert_eq!(stored.bytes, permit("XA-1").accepted.bytes());
    store.record(audit("after"), Standing::Registered).await.unwrap();
    let ends: Vec<_> = verify_audit(&store).await.unwrap().iter().map(|head| (head.shard, head.sequence)).collect();
    assert_eq!(ends, [(0, 3), (0, 1)], "the shard is taken up again");
}

#[tokio::test]
#[ignore = "needs PostgreSQL: `cargo xtask test` starts one and names it"]
async fn a_store_is_made_in_an_empty_database_only_and_never_by_the_way() {
    let database = TestDatabase::create().await;

    assert!(matches!(database.open_store(QUOTAS).await, Err(StoreError::Missing { .. })));
    let sql = "CREATE TABLE x (y int)";
    database.client().await.batch_execute(sql).await.unwrap();
    assert!(matches!(database.open_store(QUOTAS).await, Err(StoreError::NotOurs { .. })));
    assert!(matches!(database.create_store(QUOTAS).await, Err(StoreError::Occupied { .. })));
    database.client().await.batch_execute("DROP TABLE x").await.unwrap();
    drop(database.create_store(QUOTAS).await.unwrap());
    assert!(matches!(database.create_store(QUOTAS).await, Err(StoreError::Occupied { .. })));
}

#[tokio::test]
#[ignore = "needs PostgreSQL: `cargo xtask test` starts one and names it"]
async fn a_newer_layout_is_refused_in_words() {
    let database = TestDatabase::create().await;
    drop(database.create_store(QUOTAS).await.unwrap());
    database.client().await.batch_execute("INSERT INTO epix_layout VALUES (99, 'later')").await.unwrap();

    let refused = database.open_store(QUOTAS).await.unwrap_err();

    assert_eq!(
        refused.to_string(),
        format!("the store has layout 99, this build knows layouts up to {SUPPORTED}: use the newer build")
    );
}

#[tokio::test]
#[ignore = "needs PostgreSQL: `cargo xtask test` starts one and names it"]
async fn a_database_that_may_forget_is_refused() {
    let database = TestDatabase::create().await;
    drop(database.create_store(QUOTAS).await.unwrap());
    let sql = format!("ALTER DATABASE {} SET synchronous_commit = off", database.name());
    database.client().await.batch_execute(&sql).await.unwrap();

    let refused = database.open_store(QUOTAS).await.unwrap_err();

    assert_eq!(
        refused.to_string(),
        "the database runs with synchronous_commit = off, which does not survive a loss of power"
    );
}

#[tokio::test]
#[ignore = "needs PostgreSQL: `cargo xtask test` starts one and names it"]
async fn several_that_start_at_once_take_each_step_once() {
    let database = TestDatabase::create().await;
    database.client().await.batch_execute(schema::LAYOUT).await.unwrap();

    let opened = futures_util::future::join_all((0..4).map(|_| database.open_store(QUOTAS))).await;

    let stores: Vec<_> = opened.into_iter().map(Result::unwrap).collect();
    let rows = database.client().await.query("SELECT step FROM epix_layout ORDER BY step", &[]).await.unwrap();
    let steps: Vec<i64> = rows.iter().map(|row| row.get(0)).collect();
    assert_eq!(steps, (1..=SUPPORTED).collect::<Vec<_>>());
    declare(&stores[0]).await;
    for store in &stores {
        store.record(audit("here"), Standing::Registered).await.unwrap();
    }
    let heads = verify_audit(&stores[0]).await.unwrap();
    let of_xa: Vec<_> = heads.iter().filter(|head| head.authority == xa()).map(|head| head.shard).collect();
    assert_eq!(of_xa, [0, 1, 2, 3], "each process writes a shard of its own");
}

#[tokio::test]
#[ignore = "needs PostgreSQL: `cargo xtask test` starts one and names it"]
async fn the_database_itself_refuses_to_change_what_stands() {
    let database = TestDatabase::create().await;
    let store = database.create_store(QUOTAS).await.unwrap();
    declare(&store).await;
    store.insert(permit("XA-1")).await.unwrap();
    let client = database.client().await;

    for table in ["permit_version", "permit_event", "audit_line"] {
        for sql in [format!("DELETE FROM {table}"), format!("UPDATE {table} SET authority = authority")] {
            assert!(client.batch_execute(&sql).await.is_err(), "{sql}");
        }
    }
}

#[tokio::test]
#[ignore = "needs PostgreSQL: `cargo xtask test` starts one and names it"]
async fn what_the_database_cannot_hold_fails_alone() {
    let database = TestDatabase::create().await;
    let store = database.create_store(QUOTAS).await.unwrap();
    declare(&store).await;
    // No text of PostgreSQL holds a zero.
    let broken = Refusal { bytes: b"x".to_vec(), report: "\0".to_owned(), audit: audit("refuse") };

    let (first, failed, second) =
        tokio::join!(store.insert(permit("XA-1")), store.keep_refused(broken), store.insert(permit("XA-2")));

    assert!(matches!(failed, Err(StoreError::Backend { .. })));
    assert_eq!((first.unwrap(), second.unwrap()), (Inserted::Created, Inserted::Created));
    verify_audit(&store).await.unwrap();
}

#[tokio::test]
#[ignore = "needs PostgreSQL: `cargo xtask test` starts one and names it"]
async fn a_lost_connection_is_made_anew_and_its_shard_read_again() {
    let database = TestDatabase::create().await;
    let store = database.create_store(QUOTAS).await.unwrap();
    declare(&store).await;
    store.insert(permit("XA-1")).await.unwrap();

    let sql = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity
               WHERE datname = current_database() AND pid <> pg_backend_pid()";
    database.client().await.query(sql, &[]).await.unwrap();

    // The first command may be the one that finds the connection gone.
    let mut outcome = store.append(change("XA-1", 1, cancelled())).await;
    if matches!(outcome, Err(StoreError::Unavailable)) {
        outcome = store.append(change("XA-1", 1, cancelled())).await;
    }
    assert_eq!(outcome.unwrap(), 2);
    assert_eq!(store.find(&xa(), &number("XA-1")).await.unwrap().unwrap().revision, 2);
    verify_audit(&store).await.unwrap();
}

#[tokio::test]
#[ignore = "needs PostgreSQL: `cargo xtask test` starts one and names it"]
async fn a_work_is_led_by_one_until_it_is_gone_and_then_by_another() {
    let database = TestDatabase::create().await;
    let first = database.create_store(QUOTAS).await.unwrap();
    let second = database.open_store(QUOTAS).await.unwrap();

    assert!(first.lead("events of XA").await.unwrap());
    assert!(!second.lead("events of XA").await.unwrap());
    assert!(first.lead("events of XA").await.unwrap(), "who leads goes on leading");
    assert!(second.lead("events of XB").await.unwrap(), "each work has a leader of its own");

    // As when the process or its machine is gone: the lock is free as soon as the connection is.
    let sql = "SELECT pg_terminate_backend(pid, 10000) FROM pg_locks
               WHERE database = (SELECT oid FROM pg_database WHERE datname = current_database())
               AND locktype = 'advisory' AND objsubid = 2 AND objid = hashtext('events of XA')::bigint::bit(32)::bigint::oid";
    assert_eq!(database.client().await.query(sql, &[]).await.unwrap().len(), 1);
    assert!(second.lead("events of XA").await.unwrap(), "the work is taken up");
    while first.lead("events of XA").await.is_err() {}
    assert!(!first.lead("events of XA").await.unwrap(), "who lost it does not believe that it leads");

    drop(second);
    let begun = std::time::Instant::now();
    while !first.lead("events of XB").await.unwrap() {
        assert!(begun.elapsed() < std::time::Duration::from_secs(60), "a store that was closed leads no more");
        tokio::time::sleep(std::time::Duration::from_millis(20)).await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
#[ignore = "needs PostgreSQL: `cargo xtask test` starts one and names it"]
async fn processes_that_change_the_same_permits_do_not_lose_or_double_anything() {
    let database = TestDatabase::create().await;
    let first = Arc::new(database.create_store(QUOTAS).await.unwrap());
    declare(&*first).await;
    let stores = [first, Arc::new(database.open_store(QUOTAS).await.unwrap())];

    let writers: Vec<_> = (0..16)
        .map(|writer| {
            let store = stores[writer % 2].clone();
            tokio::spawn(async move {
                let mut done = 0;
                for round in 0..8 {
                    // Half of the writers go through the permits the other way round.
                    let permits: Vec<_> = if writer < 8 { (0..4).collect() } else { (0..4).rev().collect() };
                    for name in permits.iter().map(|permit| format!("XA-{permit}")) {
                        if round == 0 {
                            store.insert(self::permit(&name)).await.unwrap();
                        }
                        let revision = store.find(&xa(), &number(&name)).await.unwrap().unwrap().revision;
                        match store.append(change(&name, revision, cancelled())).await {
                            Ok(_) => done += 1,
                            Err(StoreError::Conflict { .. }) => {}
                            Err(other) => panic!("{other:?}"),
                        }
                    }
                }
                done
            })
        })
        .collect();
    let mut done = 0;
    for writer in writers {
        done += writer.await.unwrap();
    }

    let mut events = 0;
    for permit in 0..4 {
        let found = stores[0].find(&xa(), &number(&format!("XA-{permit}"))).await.unwrap().unwrap();
        assert_eq!(found.revision, found.events.len() as u64);
        events += found.revision - 1;
    }
    assert_eq!(events, done);
    let told = stores[1].notices(&xa(), 0, 10_000).await.unwrap();
    let sequences: Vec<u64> = told.iter().map(|notice| notice.sequence).collect();
    assert_eq!(sequences, (1..=events).collect::<Vec<_>>(), "notices are numbered without gaps");
    verify_audit(&*stores[0]).await.unwrap();
}

/// How often an answer of the database was waited for, for reading and for writing.
fn trips(store: &PostgresStore) -> (u64, u64) {
    (store.counted.reading.get(), store.counted.writing.get())
}

#[tokio::test]
#[ignore = "needs PostgreSQL: `cargo xtask test` starts one and names it"]
async fn a_change_by_one_process_is_known_to_the_very_next_answer_of_another() {
    let database = TestDatabase::create().await;
    let first = database.create_store(QUOTAS).await.unwrap();
    declare(&first).await;
    prepare(&first).await;
    let second = database.open_store(QUOTAS).await.unwrap();

    sees_every_change(&first, &second).await;

    assert!(second.counted.outdated.get() >= 5, "it had remembered what was changed");
    verify_audit(&second).await.unwrap();
}

#[tokio::test]
#[ignore = "needs PostgreSQL: `cargo xtask test` starts one and names it"]
async fn a_read_with_its_audit_line_waits_once_when_it_is_remembered_and_twice_when_not() {
    let database = TestDatabase::create().await;
    let store = database.create_store(QUOTAS).await.unwrap();
    declare(&store).await;
    prepare(&store).await;
    let read = async || {
        let looked = answered(&store).await;
        let document = store.document(&xa(), &number("XA-1"), 1).await.unwrap().unwrap();
        assert_eq!(Some(document.digest), looked.permits[0].versions.first().map(|version| version.digest));
    };
    // The statements are prepared with the first read.
    read().await;

    let before = trips(&store);
    read().await;
    let remembered = trips(&store);
    assert_eq!((remembered.0 - before.0, remembered.1 - before.1), (0, 1), "one round trip, with the audit line");

    store.remembered.clear();
    read().await;
    let asked = trips(&store);
    assert_eq!((asked.0 - remembered.0, asked.1 - remembered.1), (1, 1), "who, which and what are asked for together");

    let looks: Vec<_> = (0..16).map(|_| answered(&store)).collect();
    let lines = futures_util::future::join_all(looks).await.len() as u64;
    let together = trips(&store);
    assert_eq!(together.0, asked.0);
    assert!(together.1 - asked.1 < lines, "reads at the same time share a round trip");
}

#[tokio::test]
#[ignore = "needs PostgreSQL: `cargo xtask test` starts one and names it"]
async fn an_answer_that_no_longer_holds_does_not_hold_up_its_neighbours() {
    let database = TestDatabase::create().await;
    let store = database.create_store(QUOTAS).await.unwrap();
    declare(&store).await;
    prepare(&store).await;
    answered(&store).await;
    let certificate = epix_core::id::Sha256Digest::of(b"caller");
    let sought = Sought { certificate: Some(&certificate), authorities: &[xa()], number: &number("XA-1") };
    let old = store.look(&sought, Memory::Used).await.unwrap().basis;
    assert!(!old.is_fresh());
    store.append(change("XA-1", 1, cancelled())).await.unwrap();
    answered(&store).await;
    let held = store.look(&sought, Memory::Used).await.unwrap().basis;
    assert!(!held.is_fresh());

    let (outdated, holds, inserted, recorded) = tokio::join!(
        store.record_on(&old, audit("outdated"), Standing::Registered),
        store.record_on(&held, audit("held"), Standing::Registered),
        store.insert(permit("XA-2")),
        store.record(audit("alone"), Standing::Registered),
    );

    assert_eq!((outdated.unwrap(), holds.unwrap(), inserted.unwrap()), (false, true, Inserted::Created));
    recorded.unwrap();
    verify_audit(&store).await.unwrap();
    let lines = store.audit_lines(&xa(), 0, 0, 100).await.unwrap();
    let told: Vec<_> = lines.iter().map(|line| line.event().unwrap().operation).skip(6).collect();
    assert_eq!(told, ["held", "import", "alone"]);
}
