//! What a store promises about the audit: in the same transaction, unbroken, one chain for each authority.

use super::*;

pub(super) async fn every_command_leaves_its_line_and_a_refused_one_none(bench: Bench) {
    bench.store.insert(permit("XA-1")).await.unwrap();
    let forged = NewPermit { accepted: document("XA-1", "XB", "forged"), ..permit("XA-1") };
    bench.store.insert(forged).await.unwrap_err();
    bench.store.append(change("XA-1", 7, cancelled())).await.unwrap_err();
    let mut refusal_recorded = audit("confirm-quantities");
    refusal_recorded.outcome = "QuantityExceeded".to_owned();
    bench.store.record(refusal_recorded, Standing::Registered).await.unwrap();
    bench.store.append(change("XA-1", 1, cancelled())).await.unwrap();

    assert_eq!(bench.audited().await, ["declare", "import", "confirm-quantities", "append"]);
}

pub(super) async fn the_chain_holds_under_many_writers(bench: Bench) {
    let writers: Vec<_> = (0..16)
        .map(|writer| {
            let store = bench.store.clone();
            tokio::spawn(async move {
                let number = format!("XA-{writer}");
                store.insert(permit(&number)).await.unwrap();
                for revision in 1..8 {
                    store.append(change(&number, revision, confirmed("A", "1"))).await.unwrap();
                    store.append(change(&number, 99, cancelled())).await.unwrap_err();
                    store.record(audit("get-final"), Standing::Registered).await.unwrap();
                }
            })
        })
        .collect();
    for writer in writers {
        writer.await.unwrap();
    }

    assert_eq!(bench.audited().await.len(), 1 + 16 * (1 + 7 * 2));
    for writer in 0..16 {
        assert_eq!(bench.record(&format!("XA-{writer}")).await.revision, 8);
    }
}

pub(super) async fn each_authority_has_a_chain_of_its_own(bench: Bench) {
    bench.store.record(audit_of("XB", "service-state"), Standing::Registered).await.unwrap();

    let heads = verify_audit(&*bench.store).await.unwrap();

    let ends: Vec<_> = heads.iter().map(|head| (head.authority.as_str(), head.shard, head.sequence)).collect();
    assert_eq!(ends, [("XA", 0, 1), ("XB", 0, 2)]);
    assert_eq!(bench.store.audit_lines(&xa(), 1, 0, 10).await.unwrap(), []);
}

pub(super) async fn lines_come_in_pages(bench: Bench) {
    for operation in ["a", "b", "c"] {
        bench.store.record(audit(operation), Standing::Registered).await.unwrap();
    }

    let page = bench.store.audit_lines(&xa(), 0, 1, 2).await.unwrap();

    assert_eq!(page.iter().map(|line| line.sequence).collect::<Vec<_>>(), [2, 3]);
}

pub(super) async fn a_line_comes_back_as_it_was_recorded(bench: Bench) {
    let mut event = audit("get-final");
    event.actor.party = Some(PartyId::parse("XB-MA").unwrap());
    event.actor.fingerprint = Some(Sha256Digest::of(b"certificate"));
    event.actor.name = Some("Behörde von XB".to_owned());
    event.remote = Some("127.0.0.1:5000".to_owned());
    event.permit = Some(number("xa 1"));
    event.outcome = "NotFinal".to_owned();
    event.request_digest = Some(Sha256Digest::of(b"request"));
    event.document_digest = Some(Sha256Digest::of(b"document"));
    event.detail.insert("attachments".to_owned(), "2".to_owned());
    bench.store.record(event.clone(), Standing::Registered).await.unwrap();

    let lines = bench.store.audit_lines(&xa(), 0, 1, 10).await.unwrap();

    event.at = chrono::SubsecRound::trunc_subsecs(event.at, 6);
    assert_eq!(lines[0].event().unwrap(), event);
}

pub(super) async fn nothing_is_written_for_an_undeclared_authority(bench: Bench) {
    let unknown = |result: Result<(), StoreError>| matches!(result, Err(StoreError::UnknownAuthority { .. }));
    let audit = || audit_of("nobody", "x");
    let store = &bench.store;

    assert!(unknown(store.record(audit(), Standing::Registered).await));
    assert!(unknown(store.insert(NewPermit { audit: audit(), ..permit("XA-1") }).await.map(|_| ())));
    assert!(unknown(store.append(Append { audit: audit(), ..change("XA-1", 1, cancelled()) }).await.map(|_| ())));
    assert!(unknown(store.apply_parties(Vec::new(), audit()).await));
    assert!(unknown(store.keep_refused(Refusal { audit: audit(), ..refusal(b"x") }).await));
}

pub(super) async fn a_refused_command_leaves_its_neighbours_standing(bench: Bench) {
    let store = &bench.store;
    let forged = NewPermit { accepted: document("XA-1", "XB", "forged"), ..permit("XA-1") };

    // All at once, so that a store with group commit has them in one transaction.
    let (first, conflict, unknown, different, second) = tokio::join!(
        store.insert(permit("XA-1")),
        store.append(change("XA-1", 5, cancelled())),
        store.append(change("XA-9", 1, cancelled())),
        store.insert(forged),
        store.insert(permit("XA-2")),
    );

    assert_eq!((first.unwrap(), second.unwrap()), (Inserted::Created, Inserted::Created));
    assert!(matches!(conflict, Err(StoreError::Conflict { revision: 1 })));
    assert!(matches!(unknown, Err(StoreError::NotFound { .. })));
    assert!(matches!(different, Err(StoreError::Different { .. })));
    assert_eq!(bench.record("XA-1").await.revision, 1);
    assert_eq!(bench.audited().await, ["declare", "import", "import"]);
}

pub(super) async fn a_new_chain_is_begun_and_the_old_one_is_written_no_more(bench: Bench) {
    let begun = bench.store.begin_shard(audit("restore")).await.unwrap();
    bench.store.insert(permit("XA-1")).await.unwrap();

    let heads = verify_audit(&*bench.store).await.unwrap();

    let ends: Vec<_> = heads.iter().map(|head| (head.authority.as_str(), head.shard, head.sequence)).collect();
    assert_eq!((begun.shard, begun.sequence), (1, 1));
    assert_eq!(ends, [("XA", 0, 1), ("XA", 1, 2), ("XB", 0, 1)]);
    let first = bench.store.audit_lines(&xa(), 1, 0, 1).await.unwrap().remove(0);
    assert_eq!(first.event().unwrap().operation, "restore");
}

pub(super) async fn the_first_lines_of_a_chain_are_purged_and_the_rest_stands(bench: Bench) {
    for operation in ["a", "b", "c"] {
        bench.store.record(audit(operation), Standing::Registered).await.unwrap();
    }
    let lines = bench.store.audit_lines(&xa(), 0, 0, 10).await.unwrap();

    let removed = bench.store.purge_audit(lines[1].head(), audit("audit-purge")).await.unwrap();

    let left = bench.store.audit_lines(&xa(), 0, 0, 10).await.unwrap();
    let operations: Vec<_> = left.iter().map(|line| line.event().unwrap().operation).collect();
    assert_eq!((removed, operations.join(" ")), (2, "b c audit-purge".to_owned()));
    assert_eq!(left[0].before(), lines[1].head());
    crate::audit::verify(lines[1].head(), left).unwrap();
}

pub(super) async fn nothing_is_purged_up_to_a_line_that_is_not_there(bench: Bench) {
    let mut head = bench.store.heads().await.unwrap().remove(0);
    let other = bench.store.purge_audit(head.clone(), audit_of("XB", "audit-purge")).await.unwrap_err();
    head.hash = Sha256Digest::of(b"forged");

    let forged = bench.store.purge_audit(head, audit("audit-purge")).await.unwrap_err();

    assert!(matches!(other, StoreError::UnknownAuthority { .. }));
    assert!(matches!(forged, StoreError::NoLine { sequence: 1, .. }), "{forged}");
    assert_eq!(bench.audited().await, ["declare"]);
}
