//! Does every database end with the same layout, wherever it began and whichever backend made it?

use std::collections::BTreeSet;

use super::schema::{self, MIGRATIONS, SUPPORTED};
use super::*;
use crate::store::suite::{QUOTAS, number, xa};
use crate::store::{SqliteStore, sqlite};

/// Everything that a database declares: columns, constraints, indexes, triggers and functions.
const DECLARED: &str = "
    SELECT concat_ws(' ', 'column', table_name, column_name, data_type, is_nullable, column_default, collation_name)
    FROM information_schema.columns WHERE table_schema = current_schema()
    UNION ALL SELECT concat_ws(' ', 'constraint', conrelid::regclass, conname, pg_get_constraintdef(oid))
    FROM pg_constraint WHERE connamespace = current_schema()::regnamespace
    UNION ALL SELECT 'index ' || indexdef FROM pg_indexes WHERE schemaname = current_schema()
    UNION ALL SELECT 'trigger ' || pg_get_triggerdef(oid) FROM pg_trigger WHERE NOT tgisinternal
    UNION ALL SELECT 'function ' || pg_get_functiondef(oid) FROM pg_proc WHERE pronamespace = current_schema()::regnamespace
    ORDER BY 1";

/// The columns of the books, each with its table; `epix_layout` says what SQLite keeps in the header of its file.
const COLUMNS: &str = "
    SELECT table_name::text, column_name::text FROM information_schema.columns
    WHERE table_schema = current_schema() AND table_name <> 'epix_layout'";

async fn declared(database: &TestDatabase) -> Vec<String> {
    let rows = database.client().await.query(DECLARED, &[]).await.unwrap();
    rows.iter().map(|row| row.get(0)).collect()
}

/// A database as a build of that time left it, with a permit.
async fn of_layout(newest: i64) -> TestDatabase {
    let database = TestDatabase::create().await;
    let client = database.client().await;
    client.batch_execute(schema::LAYOUT).await.unwrap();
    for (step, title, sql) in MIGRATIONS.iter().filter(|(step, ..)| *step <= newest) {
        client.batch_execute(sql).await.unwrap();
        client.execute("INSERT INTO epix_layout (step, title) VALUES ($1, $2)", &[step, title]).await.unwrap();
    }
    let permit = "INSERT INTO authority (id, country, name) VALUES ('XA', 'XA', 'Authority of XA');
        INSERT INTO permit (authority, number, written, revision, stored_at)
        VALUES ('XA', 'XA-1', 'XA-1', 1, '2026-01-01T00:00:00.000000Z')";
    client.batch_execute(permit).await.unwrap();
    database
}

#[tokio::test]
#[ignore = "needs PostgreSQL: `cargo xtask test` starts one and names it"]
async fn a_database_of_any_older_layout_becomes_what_a_fresh_one_is() {
    let fresh = TestDatabase::create().await;
    drop(fresh.create_store(QUOTAS).await.unwrap());
    let newest = declared(&fresh).await;
    assert!(newest.iter().any(|words| words.starts_with("column permit ")), "{newest:?}");

    for layout in 1..SUPPORTED {
        let database = of_layout(layout).await;
        assert_ne!(declared(&database).await, newest, "layout {layout} is an older one");

        let store = database.open_store(QUOTAS).await.unwrap();

        assert_eq!(store.numbers(&xa(), None, 10).await.unwrap(), [number("XA-1")]);
        drop(store);
        assert_eq!(declared(&database).await, newest, "from layout {layout}");
    }
}

#[tokio::test]
#[ignore = "needs PostgreSQL: `cargo xtask test` starts one and names it"]
async fn both_backends_have_the_same_tables_with_the_same_columns() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("store.sqlite");
    drop(SqliteStore::create(&file, QUOTAS).unwrap());
    let database = TestDatabase::create().await;
    drop(database.create_store(QUOTAS).await.unwrap());

    let rows = database.client().await.query(COLUMNS, &[]).await.unwrap();
    let columns: BTreeSet<(String, String)> = rows.iter().map(|row| (row.get(0), row.get(1))).collect();

    assert!(columns.contains(&("permit".to_owned(), "number".to_owned())), "{columns:?}");
    assert_eq!(columns, sqlite::columns(&file));
}

#[test]
fn both_backends_take_steps_of_the_same_numbers_and_titles() {
    let steps: Vec<(i64, &str)> = MIGRATIONS.iter().map(|(step, title, _)| (*step, *title)).collect();

    assert_eq!(steps, sqlite::steps());
    assert!(steps.iter().map(|(step, _)| *step).eq(1..=SUPPORTED), "{steps:?}");
}
