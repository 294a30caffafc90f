//! What a store promises about what partners are told.

use super::*;

async fn notices(bench: &Bench, after: u64) -> Vec<(u64, String)> {
    let found = bench.store.notices(&xa(), after, 100).await.unwrap();
    found.into_iter().map(|notice| (notice.sequence, format!("{} {}", notice.number, notice.event.word()))).collect()
}

pub(super) async fn what_happens_to_permits_is_told_in_its_order(bench: Bench) {
    for name in ["XA-1", "XA-2"] {
        bench.store.insert(permit(name)).await.unwrap();
    }
    bench.store.append(change("XA-2", 1, confirmed("A", "1"))).await.unwrap();
    bench.store.append(change("XA-1", 1, cancelled())).await.unwrap();

    let all = notices(&bench, 0).await;

    assert_eq!(all, [(1, "XA-2 confirmed".to_owned()), (2, "XA-1 cancelled".to_owned())]);
    assert_eq!(notices(&bench, 1).await, all[1..]);
    assert_eq!(bench.store.notices(&xa(), 0, 1).await.unwrap().len(), 1);
    assert_eq!(bench.store.notices(&authority("XB"), 0, 9).await.unwrap(), []);
}

pub(super) async fn a_refused_event_is_told_to_nobody(bench: Bench) {
    bench.store.insert(permit("XA-1")).await.unwrap();

    bench.store.append(change("XA-1", 7, cancelled())).await.unwrap_err();

    assert_eq!(notices(&bench, 0).await, []);
}

pub(super) async fn how_far_a_party_was_told_is_kept_and_never_goes_back(bench: Bench) {
    let (xb, xc) = (PartyId::parse("XB-MA").unwrap(), PartyId::parse("XC-MA").unwrap());

    bench.store.advance(&xb, 5, audit("told")).await.unwrap();
    bench.store.advance(&xb, 3, audit("told")).await.unwrap();

    assert_eq!(bench.store.told(&xa(), &xb).await.unwrap(), 5);
    assert_eq!(bench.store.told(&xa(), &xc).await.unwrap(), 0);
    assert_eq!(bench.store.told(&authority("XB"), &xb).await.unwrap(), 0);
    assert_eq!(bench.audited().await, ["declare", "told", "told"]);
}
