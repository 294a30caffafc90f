//! Does the SQLite store keep what only a store in a file promises?

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use epix_core::id::Sha256Digest;
use rusqlite::Connection;

use super::schema::{self, MIGRATIONS, SUPPORTED};
use super::*;
use crate::audit::{Break, Flaw};
use crate::store::suite::{QUOTAS, audit, cancelled, change, declare, document, entry, number, permit, xa};
use crate::store::{self, AuditError, PermitEvent, Place, verify_audit};

/// A store with one permit, closed again, in a folder of its own.
async fn closed() -> (tempfile::TempDir, PathBuf) {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("store.sqlite");
    let store = SqliteStore::create(&path, QUOTAS).unwrap();
    declare(&store).await;
    store.insert(permit("XA-1")).await.unwrap();
    store.append(change("XA-1", 1, cancelled())).await.unwrap();
    (folder, path)
}

/// Edits the closed database as somebody with a shell could.
fn edit(path: &Path, sql: &str) {
    Connection::open(path).unwrap().execute_batch(sql).unwrap();
}

fn open(path: &Path) -> Result<SqliteStore, StoreError> {
    SqliteStore::open(path, QUOTAS)
}

#[tokio::test]
async fn a_reopened_store_finds_everything() {
    let (_folder, path) = closed().await;

    let store = open(&path).unwrap();

    let found = store.find(&xa(), &number("XA-1")).await.unwrap().unwrap();
    assert_eq!((found.revision, found.events.len()), (2, 2));
    let stored = store.document(&xa(), &number("XA-1"), 1).await.unwrap().unwrap();
    assert_eq!(stored.bytes, permit("XA-1").accepted.bytes());
    store.record(audit("after"), Standing::Registered).await.unwrap();
    verify_audit(&store).await.unwrap();
}

/// Readers that never rest meet every moment between a change and its acknowledgement.
#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn no_reader_finds_less_than_what_was_acknowledged() {
    let folder = tempfile::tempdir().unwrap();
    let store = Arc::new(SqliteStore::create(&folder.path().join("store.sqlite"), QUOTAS).unwrap());
    declare(&*store).await;
    store.insert(permit("XA-1")).await.unwrap();
    let acknowledged = Arc::new(AtomicU64::new(1));
    let read = |store: Arc<SqliteStore>, acknowledged: Arc<AtomicU64>| async move {
        loop {
            let least = acknowledged.load(Ordering::SeqCst);
            let found = store.find(&xa(), &number("XA-1")).await.unwrap().unwrap();
            assert!(found.revision >= least, "{} is older than {least}", found.revision);
            if least > 200 {
                return;
            }
            tokio::task::yield_now().await;
        }
    };
    let readers: Vec<_> = (0..3).map(|_| tokio::spawn(read(store.clone(), acknowledged.clone()))).collect();

    for revision in 1..=200 {
        let event = if revision % 2 == 1 { suspended() } else { PermitEvent::Resumed { reason: String::new() } };
        acknowledged.store(store.append(change("XA-1", revision, event)).await.unwrap(), Ordering::SeqCst);
    }

    for reader in readers {
        reader.await.unwrap();
    }
}

fn suspended() -> PermitEvent {
    PermitEvent::Suspended { reason: "looked into".to_owned() }
}

#[tokio::test]
async fn what_was_acknowledged_is_in_the_file_while_the_store_is_open() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("store.sqlite");
    let store = SqliteStore::create(&path, QUOTAS).unwrap();
    declare(&store).await;

    store.insert(permit("XA-1")).await.unwrap();

    let beside = Connection::open(&path).unwrap();
    let count: i64 = beside.query_row("SELECT count(*) FROM permit_version", [], |row| row.get(0)).unwrap();
    assert_eq!(count, 1);
}

#[tokio::test]
async fn the_doors_of_the_trait_lead_here() {
    let folder = tempfile::tempdir().unwrap();
    let place = Place::parse(&format!("sqlite:{}", folder.path().join("store.sqlite").display())).unwrap();

    assert!(matches!(store::open(&place).await, Err(StoreError::Missing { .. })));
    drop(store::create(&place).await.unwrap());
    assert!(matches!(store::create(&place).await, Err(StoreError::Occupied { .. })));
    store::open(&place).await.unwrap().health().await.unwrap();
    store::open(&Place::parse("memory:").unwrap()).await.unwrap().health().await.unwrap();
}

#[tokio::test]
async fn a_second_process_is_kept_out_by_the_lock() {
    let (folder, path) = closed().await;
    let link = folder.path().join("link.sqlite");
    std::os::unix::fs::symlink(&path, &link).unwrap();

    let first = open(&path).unwrap();

    for way in [&path, &link] {
        let refused = open(way).unwrap_err();
        assert!(refused.to_string().ends_with("store.sqlite.lock"), "{refused}");
        assert!(matches!(refused, StoreError::Locked { .. }));
    }
    drop(first);
    open(&path).unwrap();
}

#[tokio::test]
async fn a_change_from_which_a_server_was_cut_off_waits_for_nobody() {
    let (_folder, path) = closed().await;
    let claim = |key: &str| Claim {
        authority: xa(),
        caller: "a".to_owned(),
        key: key.to_owned(),
        request: Sha256Digest::of(b"x"),
        at: "2026-11-22T00:00:00Z".parse().unwrap(),
    };
    let first = open(&path).unwrap();
    for key in ["cut off", "done"] {
        assert_eq!(first.claim(claim(key)).await.unwrap(), Claimed::Yours);
    }
    first.settle(claim("done"), Some("an answer".to_owned())).await.unwrap();
    drop(first);

    let next = open(&path).unwrap();

    assert_eq!(next.claim(claim("cut off")).await.unwrap(), Claimed::Yours);
    assert_eq!(next.claim(claim("done")).await.unwrap(), Claimed::Answered("an answer".to_owned()));
}

#[tokio::test]
async fn a_newer_layout_is_refused_in_words() {
    let (_folder, path) = closed().await;
    edit(&path, "PRAGMA user_version = 99");

    let refused = open(&path).unwrap_err();

    assert_eq!(
        refused.to_string(),
        format!("the store has layout 99, this build knows layouts up to {SUPPORTED}: use the newer build")
    );
}

#[tokio::test]
async fn a_file_of_something_else_is_refused() {
    let folder = tempfile::tempdir().unwrap();
    let text = folder.path().join("notes.txt");
    std::fs::write(&text, "not a database at all, but long enough to be looked at ".repeat(20)).unwrap();
    let other = folder.path().join("other.sqlite");
    edit(&other, "CREATE TABLE x (y)");

    for path in [text, other] {
        assert!(matches!(open(&path), Err(StoreError::NotOurs { .. })), "{}", path.display());
    }
}

#[tokio::test]
async fn the_file_is_for_its_owner_only() {
    use std::os::unix::fs::PermissionsExt as _;
    let (_folder, path) = closed().await;

    assert_eq!(std::fs::metadata(path).unwrap().permissions().mode() & 0o777, 0o600);
}

#[tokio::test]
async fn a_damaged_document_is_an_error_and_not_an_answer() {
    let unseal = "DROP TRIGGER permit_version_stands; UPDATE permit_version SET";
    let other = hex::encode(zstd::bulk::compress(document("XA-1", "XB", "forged").bytes(), 3).unwrap());
    let damages =
        [format!("{unseal} content = x'00ff'"), format!("{unseal} content = x'{other}'"), format!("{unseal} size = 3")];
    for damage in damages {
        let (_folder, path) = closed().await;
        edit(&path, &damage);
        let store = open(&path).unwrap();

        let refused = store.document(&xa(), &number("XA-1"), 1).await.unwrap_err();

        assert!(matches!(refused, StoreError::Corrupt { .. }), "{refused}");
        assert!(refused.to_string().contains("version 1 of permit XA-1 of XA"), "{refused}");
    }
}

#[tokio::test]
async fn the_database_itself_refuses_to_change_what_stands() {
    let (_folder, path) = closed().await;
    let connection = Connection::open(&path).unwrap();

    for table in ["permit_version", "permit_event", "audit_line"] {
        for sql in [format!("DELETE FROM {table}"), format!("UPDATE {table} SET authority = authority")] {
            assert!(connection.execute_batch(&sql).is_err(), "{sql}");
        }
    }
}

#[tokio::test]
async fn a_permit_of_an_older_layout_is_found_and_entered_late() {
    let (_folder, path) = closed().await;
    edit(&path, "DELETE FROM permit_term; UPDATE permit SET entry = NULL");
    let store = open(&path).unwrap();
    let without = Search { without_entry: true, ..Search::default() };

    let found = store.search(&xa(), &without).await.unwrap().permits.remove(0);
    store.enter(&xa(), &found.number, entry(&["late"])).await.unwrap();

    assert_eq!((found.number, found.card), (number("XA-1"), None));
    assert!(store.search(&xa(), &without).await.unwrap().permits.is_empty());
    let late = Search { terms: entry(&["late"]).terms, ..Search::default() };
    assert_eq!(store.search(&xa(), &late).await.unwrap().permits.len(), 1);
}

#[tokio::test]
async fn a_touched_audit_is_named() {
    let body = "DROP TRIGGER audit_line_stands; UPDATE audit_line SET body = replace(body, 'import', 'export')";
    let dropped = "DROP TRIGGER audit_line_stays; DELETE FROM audit_line WHERE authority = 'XA' AND sequence =";
    let cases = [
        (body.to_owned(), 2, Break::Edited),
        (format!("{dropped} 2"), 2, Break::Missing),
        (format!("{dropped} 3"), 3, Break::MissingTail),
        ("UPDATE audit_head SET sequence = 2 WHERE authority = 'XA'".to_owned(), 3, Break::BeyondHead),
    ];
    for (damage, line, what) in cases {
        let (_folder, path) = closed().await;
        edit(&path, &damage);

        let Err(AuditError::Broken(Flaw::Chain(found))) = verify_audit(&open(&path).unwrap()).await else {
            panic!("not found: {damage}");
        };

        assert_eq!((found.authority, found.sequence, found.what), (xa(), line, what), "{damage}");
    }
}

#[tokio::test]
async fn a_caller_that_goes_away_changes_nothing_for_others() {
    let (_folder, path) = closed().await;
    let store = Arc::new(open(&path).unwrap());

    let impatient = tokio::time::timeout(std::time::Duration::ZERO, store.insert(permit("XA-2"))).await;
    let patient = store.insert(permit("XA-3")).await;

    assert_eq!(patient.unwrap(), Inserted::Created);
    let done = store.find(&xa(), &number("XA-2")).await.unwrap().is_some();
    assert!(done || impatient.is_err());
    verify_audit(&*store).await.unwrap();
}

/// The most pages that a store may have, and how many it has.
async fn limit_pages(store: &SqliteStore, beyond: Option<i64>) {
    let limit = move |connection: &Connection| {
        let pages: i64 = connection.pragma_query_value(None, "page_count", |row| row.get(0))?;
        let most = beyond.map_or(1 << 30, |beyond| pages + beyond);
        Ok(connection.pragma_update_and_check(None, "max_page_count", most, |_| Ok(()))?)
    };
    store.writer.run(limit).await.unwrap();
}

#[tokio::test]
async fn a_store_that_may_grow_no_more_refuses_and_goes_on_when_it_may() {
    let folder = tempfile::tempdir().unwrap();
    let store = SqliteStore::create(&folder.path().join("store.sqlite"), QUOTAS).unwrap();
    declare(&store).await;
    limit_pages(&store, Some(6)).await;

    let mut kept = Vec::new();
    let refused = loop {
        let name = format!("XA-{}", kept.len());
        match store.insert(permit(&name)).await {
            Ok(_) => kept.push(name),
            Err(error) => break error,
        }
    };
    let missing = store.find(&xa(), &number(&format!("XA-{}", kept.len()))).await.unwrap();
    limit_pages(&store, None).await;
    store.insert(permit(&format!("XA-{}", kept.len()))).await.unwrap();

    let told = std::error::Error::source(&refused).map(ToString::to_string).unwrap_or_default();
    assert!(told.contains("full"), "{refused}: {told}");
    assert!(!kept.is_empty() && missing.is_none());
    for name in &kept {
        assert!(store.document(&xa(), &number(name), 1).await.unwrap().is_some(), "{name}");
    }
    verify_audit(&store).await.unwrap();
}

/// Everything that a file declares: tables, indexes and triggers, in the words in which they were declared.
fn declared(path: &Path) -> Vec<String> {
    let connection = Connection::open(path).unwrap();
    let sql = "SELECT type || ' ' || name || ' ' || coalesce(sql, '') FROM sqlite_schema ORDER BY 1";
    let mut statement = connection.prepare(sql).unwrap();
    let found = statement.query_map([], |row| row.get(0)).unwrap();
    found.map(Result::unwrap).collect()
}

/// The columns of a file, each with its table.
pub(in crate::store) fn columns(path: &Path) -> BTreeSet<(String, String)> {
    let connection = Connection::open(path).unwrap();
    let sql = "SELECT entry.name, info.name FROM sqlite_schema AS entry JOIN pragma_table_info(entry.name) AS info
               WHERE entry.type = 'table' AND entry.name NOT LIKE 'sqlite!_%' ESCAPE '!'";
    let mut statement = connection.prepare(sql).unwrap();
    let found = statement.query_map([], |row| Ok((row.get(0)?, row.get(1)?))).unwrap();
    found.map(Result::unwrap).collect()
}

/// The numbers and titles of the steps to the newest layout.
pub(in crate::store) fn steps() -> Vec<(i64, &'static str)> {
    MIGRATIONS.iter().map(|(step, title, _)| (*step, *title)).collect()
}

/// A file as a build of that time left it, with a permit.
fn of_layout(path: &Path, newest: i64) {
    let connection = Connection::open(path).unwrap();
    schema::claim(&connection).unwrap();
    for (step, _, sql) in MIGRATIONS.iter().filter(|(step, ..)| *step <= newest) {
        connection.execute_batch(sql).unwrap();
        connection.pragma_update(None, "user_version", step).unwrap();
    }
    let permit = "INSERT INTO authority (id, country, name) VALUES ('XA', 'XA', 'Authority of XA');
        INSERT INTO permit (authority, number, written, revision, stored_at)
        VALUES ('XA', 'XA-1', 'XA-1', 1, '2026-01-01T00:00:00.000000Z')";
    connection.execute_batch(permit).unwrap();
}

#[tokio::test]
async fn a_file_of_any_older_layout_becomes_what_a_fresh_one_is() {
    let folder = tempfile::tempdir().unwrap();
    let fresh = folder.path().join("fresh.sqlite");
    drop(SqliteStore::create(&fresh, QUOTAS).unwrap());
    let newest = declared(&fresh);
    assert!(newest.iter().any(|words| words.starts_with("table permit ")), "{newest:?}");

    for layout in 1..SUPPORTED {
        let path = folder.path().join(format!("layout-{layout}.sqlite"));
        of_layout(&path, layout);
        assert_ne!(declared(&path), newest, "layout {layout} is an older one");

        let store = open(&path).unwrap();

        assert_eq!(store.numbers(&xa(), None, 10).await.unwrap(), [number("XA-1")]);
        drop(store);
        assert_eq!(declared(&path), newest, "from layout {layout}");
    }
}
