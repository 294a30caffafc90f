//! How revocation lists go from one process to the others: the newest of each issuer stands in the database.

use tokio_postgres::Row;

use super::background::Background;
use super::value::{Columns as _, from_time};
use crate::store::StoreError;
use crate::store::columns::time;
use crate::store::revocation::{KnownLists, RevocationList};

/// Publishes a list, unless one as new is there.
const PUBLISH: &str = "
    INSERT INTO revocation_list AS known (issuer, issued_at, content) VALUES ($1, $2, $3)
    ON CONFLICT (issuer) DO UPDATE SET issued_at = excluded.issued_at, content = excluded.content
    WHERE known.issued_at < excluded.issued_at";

/// Gives what is newer than what somebody knows; no more than a server keeps in memory without being asked.
const NEWER: &str = "
    SELECT issuer, issued_at, content FROM revocation_list
    WHERE octet_length(content) <= $3 AND NOT EXISTS (
        SELECT FROM unnest($1::bytea[], $2::text[]) AS known (issuer, issued_at)
        WHERE known.issuer = revocation_list.issuer AND known.issued_at >= revocation_list.issued_at)
    ORDER BY issuer LIMIT 16";

/// Publishes lists, and gives those that are newer than what is known.
pub(super) async fn share(
    background: &Background,
    news: &[RevocationList],
    known: &KnownLists,
) -> Result<Vec<RevocationList>, StoreError> {
    for RevocationList { issuer, issued_at, bytes } in news {
        background.ask(PUBLISH, &[issuer, &time(*issued_at), bytes]).await?;
    }
    let issuers: Vec<&[u8]> = known.keys().map(Vec::as_slice).collect();
    let issued: Vec<String> = known.values().map(|at| time(*at)).collect();
    let longest = RevocationList::LONGEST as i32;
    let rows = background.ask(NEWER, &[&issuers, &issued, &longest]).await?;
    rows.iter().map(list).collect()
}

fn list(row: &Row) -> Result<RevocationList, StoreError> {
    let (issuer, bytes) = (row.bytes(0)?.unwrap_or_default(), row.bytes(2)?.unwrap_or_default());
    Ok(RevocationList { issuer, issued_at: from_time(row, 1)?, bytes })
}

#[cfg(test)]
mod tests {
    use chrono::{DateTime, Utc};

    use super::super::TestDatabase;
    use super::*;
    use crate::store::Store as _;
    use crate::store::suite::QUOTAS;

    fn at(seconds: i64) -> DateTime<Utc> {
        DateTime::from_timestamp(1_800_000_000 + seconds, 0).unwrap()
    }

    fn list(issuer: &str, seconds: i64) -> RevocationList {
        let bytes = format!("{issuer} {seconds}").into_bytes();
        RevocationList { issuer: issuer.into(), issued_at: at(seconds), bytes }
    }

    #[tokio::test]
    #[ignore = "needs PostgreSQL: `cargo xtask test` starts one and names it"]
    async fn the_newest_list_of_each_issuer_is_passed_on_to_whoever_has_an_older_one() {
        let database = TestDatabase::create().await;
        let first = database.create_store(QUOTAS).await.unwrap();
        let second = database.open_store(QUOTAS).await.unwrap();
        let knows = |issuer: &str, seconds| KnownLists::from([(issuer.into(), at(seconds))]);

        let nothing = first.share_lists(&[list("A", 1), list("B", 5)], &KnownLists::new()).await.unwrap();
        assert_eq!(nothing.unwrap(), [list("A", 1), list("B", 5)]);
        assert_eq!(second.share_lists(&[], &knows("A", 1)).await.unwrap().unwrap(), [list("B", 5)]);
        assert_eq!(
            second.share_lists(&[list("B", 4)], &knows("B", 4)).await.unwrap().unwrap(),
            [list("A", 1), list("B", 5)]
        );
        assert_eq!(second.share_lists(&[list("A", 2)], &knows("A", 2)).await.unwrap().unwrap(), [list("B", 5)]);
        assert_eq!(first.share_lists(&[], &knows("B", 5)).await.unwrap().unwrap(), [list("A", 2)]);
    }
}
