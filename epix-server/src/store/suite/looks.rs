//! What a store promises about looking for a caller and a permit at once, and about what it remembers of them.

use epix_core::id::Fingerprint;

use super::*;

fn caller() -> Fingerprint {
    Sha256Digest::of(b"caller")
}

/// Answers a read as the service does: from memory where that still holds, else afresh.
pub(in crate::store) async fn answered(store: &dyn Store) -> Looked {
    let (certificate, number) = (caller(), number("XA-1"));
    let sought = Sought { certificate: Some(&certificate), authorities: &[xa()], number: &number };
    for memory in [Memory::Used, Memory::Unused] {
        let looked = store.look(&sought, memory).await.unwrap();
        assert!(memory == Memory::Used || looked.basis.is_fresh());
        if store.record_on(&looked.basis, audit("read"), Standing::Registered).await.unwrap() {
            return looked;
        }
    }
    panic!("what was read just now does not hold")
}

/// A permit, and a party that may ask for it.
pub(in crate::store) async fn prepare(store: &dyn Store) {
    store.apply_parties(vec![party("XB-MA", &["caller"])], audit("parties")).await.unwrap();
    store.insert(permit("XA-1")).await.unwrap();
}

/// Everything of which the very next answer must know: each step made by `changed`, looked at by `asked`.
pub(in crate::store) async fn sees_every_change(changed: &dyn Store, asked: &dyn Store) {
    let permit = |looked: Looked| looked.permits.into_iter().next().unwrap();
    let party_of = |looked: Looked| looked.registrations.into_iter().next().unwrap().1;
    for _ in 0..2 {
        assert_eq!(permit(answered(asked).await).revision, 1);
    }

    changed.append(change("XA-1", 1, confirmed("A", "1.5"))).await.unwrap();
    assert_eq!(permit(answered(asked).await).events.last().unwrap().event, confirmed("A", "1.5"));
    let voided = PermitEvent::Voided { sequence: 2, reason: "wrong".to_owned() };
    changed.append(change("XA-1", 2, voided.clone())).await.unwrap();
    assert_eq!(permit(answered(asked).await).events.last().unwrap().event, voided);

    let suspended = Party { suspended: true, ..party("XB-MA", &["caller"]) };
    changed.apply_parties(vec![suspended], audit("parties")).await.unwrap();
    assert!(party_of(answered(asked).await).suspended);
    changed.apply_parties(vec![party("XB-MA", &["another"])], audit("parties")).await.unwrap();
    let looked = answered(asked).await;
    assert!(looked.registrations.is_empty() && looked.permits.is_empty(), "the certificate was removed: {looked:?}");
    changed.apply_parties(vec![party("XB-CU", &["caller"])], audit("parties")).await.unwrap();
    assert_eq!(party_of(answered(asked).await).id.as_str(), "XB-CU", "it is another party's now");
    changed.apply_parties(Vec::new(), audit_of("XB", "parties")).await.unwrap();
    assert_eq!(answered(asked).await.permits.len(), 1, "the register of another authority was replaced");
}

pub(super) async fn a_look_finds_the_caller_and_the_permit(bench: Bench) {
    prepare(&*bench.store).await;

    for _ in 0..2 {
        let looked = answered(&*bench.store).await;

        assert_eq!(looked.registrations, [(xa(), party("XB-MA", &["caller"]))]);
        assert_eq!(looked.permits, [bench.record("XA-1").await]);
    }
    let sought = Sought { certificate: None, authorities: &[xa(), authority("XB")], number: &number("xa-1") };
    let own = bench.store.look(&sought, Memory::Used).await.unwrap();
    assert_eq!((own.registrations, own.permits), (Vec::new(), vec![bench.record("XA-1").await]));
}

pub(super) async fn a_look_finds_nothing_for_a_stranger(bench: Bench) {
    prepare(&*bench.store).await;
    let (stranger, known, number) = (Sha256Digest::of(b"stranger"), caller(), number("XA-1"));

    for (certificate, books) in [(&stranger, xa()), (&known, authority("XB"))] {
        for memory in [Memory::Used, Memory::Unused] {
            let sought =
                Sought { certificate: Some(certificate), authorities: std::slice::from_ref(&books), number: &number };
            assert_eq!(bench.store.look(&sought, memory).await.unwrap().permits, [], "{books}");
        }
    }
}

pub(super) async fn an_answer_is_recorded_once(bench: Bench) {
    prepare(&*bench.store).await;

    for _ in 0..3 {
        answered(&*bench.store).await;
    }
    bench.store.append(change("XA-1", 1, cancelled())).await.unwrap();
    answered(&*bench.store).await;

    let lines = ["declare", "parties", "import", "read", "read", "read", "append", "read"];
    assert_eq!(bench.audited().await, lines);
}

pub(super) async fn what_has_changed_is_not_answered_with_any_more(bench: Bench) {
    prepare(&*bench.store).await;

    sees_every_change(&*bench.store, &*bench.store).await;
}
