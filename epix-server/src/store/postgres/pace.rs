//! How limits are held together by all processes: each adds what its callers took, and is told what is left.
//!
//! The table is not logged: what is in it is worth an hour at most, and nobody waits for a flush. A database that crashed begins
//! with an empty one. The clock is that of the database, so that those of the servers need not agree.

use epix_core::id::Sha256Digest;
use tokio_postgres::Row;

use super::background::Background;
use super::value::digest;
use crate::store::StoreError;
use crate::store::pace::{Alarm, Allowance, Left, Spent};

/// Adds what was taken, row by row in one order for all, and gives what is left of that and of everything that is used up by
/// half: of what is still there in plenty others need not be told. Whoever asks for an alarm gets it where nobody had it lately.
const SHARE: &str = "
    WITH told AS (
        SELECT * FROM unnest($1::bytea[], $2::bigint[], $3::float8[], $4::float8[], $5::float8[], $6::bool[])
            AS told (caller, allowance, size, refill, taken, alarm)
    ), moment AS MATERIALIZED (
        SELECT extract(epoch FROM clock_timestamp())::float8 AS now
    ), counted AS (
        INSERT INTO pace AS known (caller, allowance, size, refill, remaining, at, alarmed_at)
        SELECT caller, allowance, size, refill, size - taken, now, CASE WHEN alarm THEN now END
        FROM told, moment ORDER BY caller, allowance
        ON CONFLICT (caller, allowance) DO UPDATE SET
            size = excluded.size, refill = excluded.refill, at = excluded.at,
            remaining = greatest(-excluded.size, excluded.remaining - excluded.size + least(excluded.size,
                known.remaining + greatest(0, excluded.at - known.at) * excluded.refill)),
            alarmed_at = CASE
                WHEN excluded.alarmed_at - known.alarmed_at < $7 THEN known.alarmed_at
                ELSE coalesce(excluded.alarmed_at, known.alarmed_at) END
        RETURNING caller, allowance, size, remaining, coalesce(at - alarmed_at < $7, false) AS raised,
            coalesce(alarmed_at = at, false) AS granted
    ), others AS (
        SELECT caller, allowance, size, remaining + greatest(0, now - at) * refill AS remaining,
            coalesce(now - alarmed_at < $7, false) AS raised, false AS granted
        FROM pace, moment
        WHERE NOT EXISTS (SELECT FROM told WHERE told.caller = pace.caller AND told.allowance = pace.allowance)
    )
    SELECT * FROM counted
    UNION ALL SELECT * FROM (SELECT * FROM others WHERE remaining < size / 2 ORDER BY remaining LIMIT 10000) AS scarce";

/// Forgets what has come back whole, unless somebody is just taking of it.
const FORGET: &str = "
    DELETE FROM pace USING (
        SELECT caller, allowance FROM pace
        WHERE remaining + (extract(epoch FROM clock_timestamp())::float8 - at) * refill >= size
            AND coalesce(extract(epoch FROM clock_timestamp())::float8 - alarmed_at >= $1, true)
        FOR UPDATE SKIP LOCKED) AS whole
    WHERE pace.caller = whole.caller AND pace.allowance = whole.allowance";

/// The limits are shared so many times before it is looked for what can be forgotten: about once in a minute.
pub(super) const FORGOTTEN_EVERY: u32 = 300;

/// Tells what callers took here, and gives what all have left them.
pub(super) async fn share(background: &Background, spent: &[Spent]) -> Result<Vec<Left>, StoreError> {
    let callers: Vec<&[u8]> = spent.iter().map(|spent| spent.caller.as_bytes().as_slice()).collect();
    let allowances: Vec<i64> = spent.iter().map(|spent| number(spent.allowance)).collect();
    let sizes: Vec<f64> = spent.iter().map(|spent| spent.size).collect();
    let refills: Vec<f64> = spent.iter().map(|spent| spent.refill).collect();
    let taken: Vec<f64> = spent.iter().map(|spent| spent.taken).collect();
    let alarms: Vec<bool> = spent.iter().map(|spent| spent.alarm).collect();
    let rows =
        background.ask(SHARE, &[&callers, &allowances, &sizes, &refills, &taken, &alarms, &Spent::ALARM_HOLDS]).await?;
    rows.iter().filter_map(|row| left(row).transpose()).collect()
}

/// Forgets callers who have been quiet for long enough.
pub(super) async fn forget(background: &Background) -> Result<(), StoreError> {
    background.ask(FORGET, &[&Spent::ALARM_HOLDS]).await?;
    Ok(())
}

/// Under which number an allowance stands in the database.
fn number(allowance: Allowance) -> i64 {
    match allowance {
        Allowance::Calls => 0,
        Allowance::Misses => 1,
    }
}

/// `None` for an allowance that a newer build knows.
fn left(row: &Row) -> Result<Option<Left>, StoreError> {
    let kind: i64 = row.try_get(1)?;
    let Some(allowance) = Allowance::ALL.into_iter().find(|allowance| number(*allowance) == kind) else {
        return Ok(None);
    };
    let alarm = match (row.try_get(4)?, row.try_get(5)?) {
        (_, true) => Alarm::Granted,
        (true, false) => Alarm::Raised,
        (false, false) => Alarm::None,
    };
    let caller: Sha256Digest = digest(row, 0)?;
    Ok(Some(Left { caller, allowance, size: row.try_get(2)?, left: row.try_get(3)?, alarm }))
}

#[cfg(test)]
mod tests {
    use epix_core::id::Fingerprint;

    use super::super::TestDatabase;
    use super::*;
    use crate::store::Store as _;
    use crate::store::suite::QUOTAS;

    /// So much is taken of an allowance of ten that comes back too slowly to matter.
    fn spent(who: &str, allowance: Allowance, taken: f64, alarm: bool) -> Spent {
        let caller = Fingerprint::of(who.as_bytes());
        Spent { caller, allowance, size: 10.0, refill: 1e-9, taken, alarm }
    }

    fn told(left: Option<Vec<Left>>) -> Vec<(Fingerprint, i64, Alarm)> {
        let mut told: Vec<_> =
            left.unwrap().iter().map(|left| (left.caller, left.left.round() as i64, left.alarm)).collect();
        told.sort_by_key(|(caller, ..)| *caller);
        told
    }

    #[tokio::test]
    #[ignore = "needs PostgreSQL: `cargo xtask test` starts one and names it"]
    async fn what_processes_took_is_counted_together() {
        let database = TestDatabase::create().await;
        let first = database.create_store(QUOTAS).await.unwrap();
        let second = database.open_store(QUOTAS).await.unwrap();
        let somebody = Fingerprint::of(b"somebody");
        let takes = |taken| [spent("somebody", Allowance::Calls, taken, false)];

        assert_eq!(told(first.share_pace(&takes(4.0)).await.unwrap()), [(somebody, 6, Alarm::None)]);
        assert_eq!(told(second.share_pace(&[]).await.unwrap()), [], "who has plenty need not be told of");
        assert_eq!(told(second.share_pace(&takes(4.0)).await.unwrap()), [(somebody, 2, Alarm::None)]);
        assert_eq!(told(first.share_pace(&[]).await.unwrap()), [(somebody, 2, Alarm::None)]);
        assert_eq!(told(first.share_pace(&takes(10.0)).await.unwrap()), [(somebody, -8, Alarm::None)]);
        assert_eq!(told(second.share_pace(&takes(10.0)).await.unwrap()), [(somebody, -10, Alarm::None)], "no deeper");
    }

    #[tokio::test]
    #[ignore = "needs PostgreSQL: `cargo xtask test` starts one and names it"]
    async fn an_alarm_is_granted_once_in_an_hour() {
        let database = TestDatabase::create().await;
        let first = database.create_store(QUOTAS).await.unwrap();
        let second = database.open_store(QUOTAS).await.unwrap();
        let asks = |alarm| [spent("somebody", Allowance::Misses, 5.0, alarm)];
        let alarm = |left| told(left)[0].2;

        assert_eq!(alarm(first.share_pace(&asks(false)).await.unwrap()), Alarm::None);
        assert_eq!(alarm(first.share_pace(&asks(true)).await.unwrap()), Alarm::Granted);
        assert_eq!(alarm(second.share_pace(&asks(true)).await.unwrap()), Alarm::Raised);
        assert_eq!(alarm(second.share_pace(&[]).await.unwrap()), Alarm::Raised);

        let later = "UPDATE pace SET alarmed_at = alarmed_at - 3600";
        database.client().await.batch_execute(later).await.unwrap();
        assert_eq!(alarm(second.share_pace(&asks(true)).await.unwrap()), Alarm::Granted);
    }

    #[tokio::test]
    #[ignore = "needs PostgreSQL: `cargo xtask test` starts one and names it"]
    async fn what_has_come_back_is_given_again_and_forgotten() {
        let database = TestDatabase::create().await;
        let store = database.create_store(QUOTAS).await.unwrap();
        for who in ["quiet", "busy"] {
            store.share_pace(&[spent(who, Allowance::Calls, 10.0, false)]).await.unwrap();
        }
        let quiet = Fingerprint::of(b"quiet");
        let client = database.client().await;
        let passes = "UPDATE pace SET refill = 1, at = at - 8 WHERE caller = $1";
        client.execute(passes, &[&quiet.as_bytes().as_slice()]).await.unwrap();

        assert_eq!(told(store.share_pace(&[]).await.unwrap()).len(), 1, "eight of ten are plenty");
        client.execute(passes, &[&quiet.as_bytes().as_slice()]).await.unwrap();
        forget(&store.background).await.unwrap();

        let kept: i64 = client.query_one("SELECT count(*) FROM pace", &[]).await.unwrap().get(0);
        assert_eq!(kept, 1);
    }
}
