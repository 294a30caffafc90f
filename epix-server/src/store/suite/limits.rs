//! What a store promises about strangers: what they make it write has an end.

use super::*;

async fn suppressed(bench: &Bench) -> Vec<Option<String>> {
    let lines = bench.store.audit_lines(&xa(), 0, 1, 100).await.unwrap();
    lines.iter().map(|line| line.event().unwrap().detail.get(SUPPRESSED).cloned()).collect()
}

pub(super) async fn strangers_lines_beyond_the_quota_are_counted_in_the_next(bench: Bench) {
    for minute in [0, 1, 2, 3, 59] {
        bench.store.record(later(audit("stranger"), minute), Standing::Stranger).await.unwrap();
    }
    assert_eq!(suppressed(&bench).await, [None, None, None]);

    for minute in [60, 61] {
        bench.store.record(later(audit("stranger"), minute), Standing::Stranger).await.unwrap();
    }

    assert_eq!(suppressed(&bench).await, [None, None, None, Some("2".to_owned()), None]);
    verify_audit(&*bench.store).await.unwrap();
}

pub(super) async fn registered_callers_have_no_quota(bench: Bench) {
    for _ in 0..9 {
        bench.store.record(audit("get-final"), Standing::Registered).await.unwrap();
    }

    assert_eq!(bench.audited().await.len(), 1 + 9);
}

pub(super) async fn the_quota_of_strangers_is_for_each_authority(bench: Bench) {
    for _ in 0..9 {
        bench.store.record(audit_of("XB", "stranger"), Standing::Stranger).await.unwrap();
    }

    bench.store.record(audit("stranger"), Standing::Stranger).await.unwrap();

    assert_eq!(bench.audited().await, ["declare", "stranger"]);
}

async fn kept(bench: &Bench) -> Vec<Vec<u8>> {
    let refused = bench.store.refused(&xa(), 0, 100).await.unwrap();
    refused.into_iter().map(|document| document.bytes).collect()
}

pub(super) async fn refused_documents_are_kept_apart_with_bytes_and_report(bench: Bench) {
    bench.store.keep_refused(refusal(b"<first/>")).await.unwrap();
    bench.store.keep_refused(refusal(b"<second/>")).await.unwrap();

    let all = bench.store.refused(&xa(), 0, 100).await.unwrap();
    let rest = bench.store.refused(&xa(), all[0].sequence, 100).await.unwrap();

    assert_eq!(all[0].bytes, b"<first/>");
    assert_eq!(all[0].report, r#"{"findings":[]}"#);
    assert_eq!(rest, all[1..]);
    assert_eq!(bench.store.refused(&authority("XB"), 0, 100).await.unwrap(), []);
    assert_eq!(bench.store.numbers(&xa(), None, 10).await.unwrap(), []);
    assert_eq!(bench.audited().await, ["declare", "refuse", "refuse"]);
}

pub(super) async fn the_oldest_refused_documents_make_room(bench: Bench) {
    let elsewhere = Refusal { audit: audit_of("XB", "refuse"), ..refusal(b"elsewhere") };
    bench.store.keep_refused(elsewhere).await.unwrap();

    for bytes in [b"1", b"2", b"3", b"4", b"5"] {
        bench.store.keep_refused(refusal(bytes)).await.unwrap();
    }

    assert_eq!(kept(&bench).await, [b"3", b"4", b"5"]);
    assert_eq!(bench.store.refused(&authority("XB"), 0, 100).await.unwrap().len(), 1);
    assert_eq!(bench.audited().await.len(), 1 + 5);
}

pub(super) async fn refused_documents_beyond_the_quota_of_bytes_make_room(bench: Bench) {
    for bytes in [[b'1'; 40], [b'2'; 40], [b'3'; 40]] {
        bench.store.keep_refused(refusal(&bytes)).await.unwrap();
    }

    assert_eq!(kept(&bench).await, [[b'2'; 40], [b'3'; 40]]);
}

pub(super) async fn a_refused_document_beyond_the_whole_quota_leaves_the_others(bench: Bench) {
    bench.store.keep_refused(refusal(b"small")).await.unwrap();

    bench.store.keep_refused(refusal(&[b'x'; 101])).await.unwrap();

    assert_eq!(kept(&bench).await, [b"small"]);
    assert_eq!(bench.audited().await, ["declare", "refuse", "refuse"]);
}

pub(super) async fn a_store_in_use_is_healthy(bench: Bench) {
    bench.store.insert(permit("XA-1")).await.unwrap();

    bench.store.health().await.unwrap();
}
