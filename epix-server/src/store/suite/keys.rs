//! What a store promises about API keys, and about changes that are made once however often they are asked for.

use chrono::SubsecRound as _;

use super::*;

/// A moment as stores keep it: to the microsecond.
fn moment() -> DateTime<Utc> {
    audit("x").at.trunc_subsecs(6)
}

fn key(id: &str) -> ApiKey {
    ApiKey {
        id: KeyId::parse(id).unwrap(),
        authority: xa(),
        name: "the registry".to_owned(),
        scopes: [Access::PermitsRead, Access::Audit].into(),
        hash: TokenHash::from_bytes([5; 32]),
        created_at: moment(),
        expires_at: Some(moment() + TimeDelta::days(1)),
        revoked_at: None,
    }
}

fn claim(caller: &str, request: &str, minutes: i64) -> Claim {
    let at = moment() + TimeDelta::minutes(minutes);
    let (caller, request) = (caller.to_owned(), Sha256Digest::of(request.as_bytes()));
    Claim { authority: xa(), caller, key: "k-1".to_owned(), request, at }
}

pub(super) async fn a_key_comes_back_as_it_was_kept(bench: Bench) {
    let (first, second) = (key("00000000000a"), key("00000000000b"));

    bench.store.keep_key(second.clone(), audit("key")).await.unwrap();
    bench.store.keep_key(first.clone(), audit("key")).await.unwrap();

    assert_eq!(bench.store.key(&second.id).await.unwrap(), Some(second.clone()));
    assert_eq!(bench.store.key(&KeyId::parse("00000000000c").unwrap()).await.unwrap(), None);
    assert_eq!(bench.store.keys(&xa()).await.unwrap(), [first, second]);
    assert_eq!(bench.store.keys(&authority("XB")).await.unwrap(), []);
    assert_eq!(bench.audited().await, ["declare", "key", "key"]);
}

pub(super) async fn a_key_that_is_kept_again_is_replaced(bench: Bench) {
    bench.store.keep_key(key("00000000000a"), audit("key")).await.unwrap();
    let revoked = ApiKey { revoked_at: Some(moment()), ..key("00000000000a") };

    bench.store.keep_key(revoked.clone(), audit("revoke")).await.unwrap();

    assert_eq!(bench.store.keys(&xa()).await.unwrap(), std::slice::from_ref(&revoked));
    assert_eq!(bench.store.key(&revoked.id).await.unwrap(), Some(revoked));
}

pub(super) async fn a_change_is_claimed_by_one_of_many(bench: Bench) {
    let claims = (0..8).map(|_| {
        let store = bench.store.clone();
        tokio::spawn(async move { store.claim(claim("a", "same", 0)).await.unwrap() })
    });
    let mut yours = 0;
    for claimed in claims.collect::<Vec<_>>() {
        match claimed.await.unwrap() {
            Claimed::Yours => yours += 1,
            other => assert_eq!(other, Claimed::UnderWay),
        }
    }

    assert_eq!(yours, 1);
    assert_eq!(bench.store.claim(claim("another caller", "same", 0)).await.unwrap(), Claimed::Yours);
}

pub(super) async fn an_answer_is_given_again_for_the_same_request_only(bench: Bench) {
    bench.store.claim(claim("a", "this", 0)).await.unwrap();
    bench.store.settle(claim("a", "this", 0), Some("done".to_owned())).await.unwrap();

    let again = bench.store.claim(claim("a", "this", 60)).await.unwrap();
    let other = bench.store.claim(claim("a", "that", 60)).await.unwrap();

    assert_eq!((again, other), (Claimed::Answered("done".to_owned()), Claimed::Another));
}

pub(super) async fn a_claim_that_was_given_up_or_cut_off_can_be_made_again(bench: Bench) {
    bench.store.claim(claim("a", "this", 0)).await.unwrap();
    bench.store.settle(claim("a", "this", 0), None).await.unwrap();

    assert_eq!(bench.store.claim(claim("a", "that", 1)).await.unwrap(), Claimed::Yours);
    assert_eq!(bench.store.claim(claim("a", "that", 2)).await.unwrap(), Claimed::UnderWay);
    assert_eq!(bench.store.claim(claim("a", "that", 6)).await.unwrap(), Claimed::Yours);
    assert_eq!(bench.store.claim(claim("a", "that", 7)).await.unwrap(), Claimed::UnderWay);
}

pub(super) async fn answers_are_forgotten_after_their_time(bench: Bench) {
    let week = Claim::KEPT.num_minutes();
    bench.store.claim(claim("a", "this", 0)).await.unwrap();
    bench.store.settle(claim("a", "this", 0), Some("done".to_owned())).await.unwrap();

    assert_eq!(bench.store.claim(claim("a", "that", week - 1)).await.unwrap(), Claimed::Another);
    assert_eq!(bench.store.claim(claim("a", "that", week)).await.unwrap(), Claimed::Yours);
}
