//! Which layout the database has, and how an older one becomes the newest.

use tokio_postgres::Client;

use crate::store::StoreError;
use crate::store::tables::{MAKE_ORIGIN, ORIGIN, Origin, READ_ORIGIN};

/// The steps from an empty database to the newest layout: number, title, statements. The same numbers and titles as in SQLite.
pub(super) const MIGRATIONS: &[(i64, &str, &str)] = &[
    (1, "books", include_str!("migrations/0001_books.sql")),
    (2, "register", include_str!("migrations/0002_register.sql")),
    (3, "renditions", include_str!("migrations/0003_renditions.sql")),
    (4, "notices", include_str!("migrations/0004_notices.sql")),
    (5, "audit", include_str!("migrations/0005_audit.sql")),
    (6, "proofs", include_str!("migrations/0006_proofs.sql")),
    (7, "rest", include_str!("migrations/0007_rest.sql")),
    (8, "pace", include_str!("migrations/0008_pace.sql")),
    (9, "revocation", include_str!("migrations/0009_revocation.sql")),
    (10, "memory", include_str!("migrations/0010_memory.sql")),
];

/// The newest layout that this build knows.
pub(super) const SUPPORTED: i64 = MIGRATIONS.len() as i64;

/// The table by which a database is known as ours: one row for each step that was taken.
pub(super) const LAYOUT: &str = "CREATE TABLE epix_layout (step BIGINT NOT NULL PRIMARY KEY, title TEXT NOT NULL)";

/// Holds up whoever starts at the same time ("EPIX"), so that each step is taken once.
const ONE_AT_A_TIME: &str = "BEGIN; SELECT pg_advisory_xact_lock(1163938136)";

/// What is to be there before the steps are taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Wanted<'a> {
    /// A store.
    Store,
    /// A place for one: nothing.
    Nothing,
    /// A copy that was begun, or a place for one.
    CopyOf(&'a Origin),
}

/// Recognises the database, or makes it ours where it is to be, and takes the steps that are missing; all of them or none.
pub(super) async fn prepare(client: &Client, wanted: Wanted<'_>, place: &str) -> Result<(), StoreError> {
    client.batch_execute(ONE_AT_A_TIME).await?;
    let taken = take_steps(client, wanted, place).await;
    client.batch_execute(if taken.is_ok() { "COMMIT" } else { "ROLLBACK" }).await?;
    taken
}

async fn take_steps(client: &Client, wanted: Wanted<'_>, place: &str) -> Result<(), StoreError> {
    let tables = tables(client).await?;
    let is_there = |name: &str| tables.iter().any(|table| table == name);
    match wanted {
        Wanted::Nothing | Wanted::CopyOf(_) if tables.is_empty() => client.batch_execute(LAYOUT).await?,
        Wanted::CopyOf(_) if is_there(ORIGIN) => {}
        Wanted::Nothing | Wanted::CopyOf(_) => return Err(StoreError::Occupied { place: place.to_owned() }),
        Wanted::Store if tables.is_empty() => return Err(StoreError::Missing { place: place.to_owned() }),
        Wanted::Store if !is_there("epix_layout") => return Err(StoreError::NotOurs { place: place.to_owned() }),
        Wanted::Store => {}
    }
    let found: i64 = client.query_one("SELECT coalesce(max(step), 0) FROM epix_layout", &[]).await?.try_get(0)?;
    if found > SUPPORTED {
        return Err(StoreError::Newer { found, supported: SUPPORTED });
    }
    match (wanted, origin(client).await?) {
        (Wanted::CopyOf(origin), None) => mark(client, origin).await?,
        (Wanted::Store, Some(origin)) => {
            return Err(StoreError::Unfinished { place: place.to_owned(), from: origin.place });
        }
        _ => {}
    }
    for (step, title, sql) in MIGRATIONS.iter().filter(|(step, ..)| *step > found) {
        client.batch_execute(sql).await?;
        client.execute("INSERT INTO epix_layout (step, title) VALUES ($1, $2)", &[step, title]).await?;
        tracing::debug!(step, title, "a step of the layout was taken");
    }
    Ok(())
}

async fn mark(client: &Client, origin: &Origin) -> Result<(), StoreError> {
    client.batch_execute(MAKE_ORIGIN).await?;
    let sql = format!("INSERT INTO {ORIGIN} (place, heads) VALUES ($1, $2)");
    client.execute(&sql, &[&origin.place, &origin.heads]).await?;
    Ok(())
}

/// Of what the database is a copy that is not finished.
pub(super) async fn origin(client: &Client) -> Result<Option<Origin>, StoreError> {
    if !tables(client).await?.iter().any(|table| table == ORIGIN) {
        return Ok(None);
    }
    let row = client.query_opt(READ_ORIGIN, &[]).await?;
    row.map(|row| Ok(Origin { place: row.try_get(0)?, heads: row.try_get(1)? })).transpose()
}

/// The tables where ours would be made.
async fn tables(client: &Client) -> Result<Vec<String>, StoreError> {
    let rows = client
        .query("SELECT tablename::text FROM pg_tables WHERE schemaname = current_schema() ORDER BY 1", &[])
        .await?;
    rows.iter().map(|row| Ok(row.try_get(0)?)).collect()
}

/// Refuses a server that would not survive a loss of power as it is set.
pub(super) async fn check_durable(client: &Client) -> Result<(), StoreError> {
    for setting in ["fsync", "full_page_writes", "synchronous_commit"] {
        let found: String = client.query_one("SELECT current_setting($1)", &[&setting]).await?.try_get(0)?;
        if found == "off" {
            return Err(StoreError::NotDurable { setting, found });
        }
    }
    Ok(())
}
