//! What a store promises about permits: bytes kept, versions immutable, events one after the other.

use chrono::SubsecRound as _;

use super::*;

pub(super) async fn a_stored_permit_is_found_with_its_bytes(bench: Bench) {
    let mut permit = permit("XA-1");
    permit.token = Some(TokenHash::from_bytes([7; 32]));
    permit.attachments = vec![file("b.pdf", b"second by name"), file("a.pdf", b"")];
    permit.audit.actor.party = Some(PartyId::parse("XA-MA").unwrap());
    permit.audit.actor.fingerprint = Some(Sha256Digest::of(b"certificate"));

    assert_eq!(bench.store.insert(permit.clone()).await.unwrap(), Inserted::Created);

    let at = morning().trunc_subsecs(6);
    let found = bench.record("XA-1").await;
    let version = VersionRow {
        ordinal: 1,
        toolkit: permit.accepted.version(),
        digest: permit.accepted.digest(),
        size: permit.accepted.bytes().len() as u64,
        reason: VersionReason::Received,
        at,
    };
    let issued = RecordedEvent {
        sequence: 1,
        at,
        party: permit.audit.actor.party.clone(),
        fingerprint: permit.audit.actor.fingerprint,
        event: PermitEvent::Issued,
    };
    let expected = PermitRecord {
        authority: xa(),
        number: number("XA-1"),
        destination: Some(country("XB")),
        token: permit.token,
        revision: 1,
        versions: vec![version],
        events: vec![issued],
        stored_at: at,
    };
    assert_eq!(found, expected);
    let document = bench.store.document(&xa(), &number("XA-1"), 1).await.unwrap().unwrap();
    assert_eq!(document.bytes, permit.accepted.bytes());
    assert_eq!(document.digest, permit.accepted.digest());
    assert_eq!(document.attachments, permit.attachments);
}

pub(super) async fn the_same_bytes_again_change_nothing_but_the_audit(bench: Bench) {
    let mut first = permit("XA-1");
    first.token = Some(TokenHash::from_bytes([7; 32]));
    first.attachments = vec![file("a.pdf", b"a")];
    bench.store.insert(first.clone()).await.unwrap();
    let before = bench.record("XA-1").await;

    // Once with everything, once without what says nothing when it is left out.
    assert_eq!(bench.store.insert(first).await.unwrap(), Inserted::Unchanged);
    assert_eq!(bench.store.insert(permit("XA-1")).await.unwrap(), Inserted::Unchanged);

    assert_eq!(bench.record("XA-1").await, before);
    assert_eq!(bench.audited().await, ["declare", "import", "import", "import"]);
}

pub(super) async fn other_bytes_under_the_same_number_are_refused(bench: Bench) {
    bench.store.insert(permit("XA-1")).await.unwrap();
    let before = bench.record("XA-1").await;

    let other = NewPermit { accepted: document("xa - 1", "XB", "forged"), ..permit("XA-1") };
    let refused = bench.store.insert(other).await.unwrap_err();

    assert!(matches!(refused, StoreError::Different { what: Difference::Bytes, .. }), "{refused}");
    assert_eq!(bench.record("XA-1").await, before);
}

pub(super) async fn another_token_or_other_attachments_are_refused(bench: Bench) {
    bench.store.insert(permit("XA-1")).await.unwrap();

    let token = NewPermit { token: Some(TokenHash::from_bytes([7; 32])), ..permit("XA-1") };
    let refused = bench.store.insert(token).await.unwrap_err();
    assert!(matches!(refused, StoreError::Different { what: Difference::Token, .. }), "{refused}");

    let attachments = NewPermit { attachments: vec![file("a.pdf", b"a")], ..permit("XA-1") };
    let refused = bench.store.insert(attachments).await.unwrap_err();
    assert!(matches!(refused, StoreError::Different { what: Difference::Attachments, .. }), "{refused}");
}

pub(super) async fn a_permit_is_found_whatever_case_and_blanks_its_number_has(bench: Bench) {
    bench.store.insert(permit("xa 1/b")).await.unwrap();

    let found = bench.record("XA1 / B").await;

    assert_eq!(found.number.raw(), "xa 1/b");
}

pub(super) async fn a_permit_of_one_authority_is_not_found_under_another(bench: Bench) {
    bench.store.insert(permit("XA-1")).await.unwrap();
    let number = number("XA-1");

    assert_eq!(bench.store.find(&authority("XB"), &number).await.unwrap(), None);
    assert_eq!(bench.store.document(&authority("XB"), &number, 1).await.unwrap(), None);
    assert_eq!(bench.store.numbers(&authority("XB"), None, 10).await.unwrap(), []);
    let elsewhere = Append { audit: audit_of("XB", "append"), ..change("XA-1", 1, cancelled()) };
    assert!(matches!(bench.store.append(elsewhere).await, Err(StoreError::NotFound { .. })));

    let same_number = NewPermit { audit: audit_of("XB", "import"), ..permit("XA-1") };
    assert_eq!(bench.store.insert(same_number).await.unwrap(), Inserted::Created);
}

pub(super) async fn an_unknown_permit_is_no_error_to_look_for(bench: Bench) {
    bench.store.insert(permit("XA-1")).await.unwrap();

    assert_eq!(bench.store.find(&xa(), &number("XA-2")).await.unwrap(), None);
    assert_eq!(bench.store.document(&xa(), &number("XA-1"), 0).await.unwrap(), None);
    assert_eq!(bench.store.document(&xa(), &number("XA-1"), 2).await.unwrap(), None);
    assert_eq!(bench.store.find(&authority("nobody"), &number("XA-1")).await.unwrap(), None);
}

pub(super) async fn an_event_makes_a_new_revision(bench: Bench) {
    bench.store.insert(permit("XA-1")).await.unwrap();

    let revision = bench.store.append(change("XA-1", 1, cancelled())).await.unwrap();

    let found = bench.record("XA-1").await;
    assert_eq!((revision, found.revision), (2, 2));
    assert_eq!(found.events[1].sequence, 2);
    assert_eq!(found.events[1].event, cancelled());
    assert_eq!(bench.audited().await, ["declare", "import", "append"]);
}

pub(super) async fn every_kind_of_event_comes_back_as_it_was_stored(bench: Bench) {
    bench.store.insert(permit("XA-1")).await.unwrap();
    let events = [
        confirmed("A", "2.750"),
        PermitEvent::Voided { sequence: 2, reason: "counted twice".to_owned() },
        PermitEvent::Reissued { ordinal: 2, reason: "wrong name".to_owned() },
        PermitEvent::Suspended { reason: "in doubt".to_owned() },
        PermitEvent::Resumed { reason: "no doubt".to_owned() },
        PermitEvent::Replaces { number: number("XA-0"), reason: "new form".to_owned() },
        PermitEvent::Replaced { by: number("XA-2"), reason: "wrong form".to_owned() },
        PermitEvent::Lost { reason: "in the post".to_owned() },
        PermitEvent::Returned { reason: "not needed".to_owned() },
        cancelled(),
    ];

    for (revision, event) in (1..).zip(&events) {
        bench.store.append(change("XA-1", revision, event.clone())).await.unwrap();
    }

    let found: Vec<PermitEvent> = bench.record("XA-1").await.events.into_iter().map(|event| event.event).collect();
    assert_eq!(found[0], PermitEvent::Issued);
    assert_eq!(found[1..], events);
    assert!(format!("{:?}", found[1]).contains("2.750"), "a decimal is kept as it was written");
}

pub(super) async fn an_event_decided_on_another_revision_is_refused(bench: Bench) {
    bench.store.insert(permit("XA-1")).await.unwrap();
    bench.store.append(change("XA-1", 1, confirmed("A", "1"))).await.unwrap();
    let before = bench.record("XA-1").await;

    for wrong in [0, 1, 3] {
        let refused = bench.store.append(change("XA-1", wrong, cancelled())).await.unwrap_err();
        assert!(matches!(refused, StoreError::Conflict { revision: 2 }), "{refused}");
    }

    assert_eq!(bench.record("XA-1").await, before);
}

pub(super) async fn of_many_events_decided_on_the_same_revision_exactly_one_stands(bench: Bench) {
    bench.store.insert(permit("XA-1")).await.unwrap();

    let attempts: Vec<_> = (0..64)
        .map(|_| {
            let store = bench.store.clone();
            tokio::spawn(async move { store.append(change("XA-1", 1, confirmed("A", "1"))).await })
        })
        .collect();
    let mut stood = 0;
    for attempt in attempts {
        match attempt.await.unwrap() {
            Ok(revision) => {
                assert_eq!(revision, 2);
                stood += 1;
            }
            Err(refused) => assert!(matches!(refused, StoreError::Conflict { revision: 2 }), "{refused}"),
        }
    }

    assert_eq!(stood, 1);
    assert_eq!(bench.record("XA-1").await.events.len(), 2);
    assert_eq!(bench.audited().await, ["declare", "import", "append"]);
}

pub(super) async fn an_event_of_an_unknown_permit_is_refused(bench: Bench) {
    let refused = bench.store.append(change("XA-1", 0, cancelled())).await.unwrap_err();

    assert!(matches!(refused, StoreError::NotFound { .. }), "{refused}");
}

/// The change that shows a confirmation on the document.
fn endorsement(issued: &NewPermit, attachments: Attachments) -> Append {
    let original = issued.accepted.digest();
    let reason = VersionReason::Endorsed { original, event: 2 };
    let accepted = document("XA-1", "XB", "endorsed");
    let document = Some(NewDocument { accepted, reason, attachments, proven: None });
    Append { document, ..change("XA-1", 1, confirmed("A", "1")) }
}

pub(super) async fn a_new_version_leaves_the_old_ones_as_they_were(bench: Bench) {
    let issued = NewPermit { attachments: vec![file("a.pdf", b"a")], ..permit("XA-1") };
    bench.store.insert(issued.clone()).await.unwrap();
    let before = bench.record("XA-1").await;
    let change = endorsement(&issued, Attachments::AsBefore);

    bench.store.append(change.clone()).await.unwrap();

    let after = bench.record("XA-1").await;
    assert_eq!(after.versions.len(), 2);
    assert_eq!(after.versions[0], before.versions[0]);
    assert_eq!(after.versions[1].ordinal, 2);
    assert_eq!(after.versions[1].reason, VersionReason::Endorsed { original: issued.accepted.digest(), event: 2 });
    let first = bench.store.document(&xa(), &number("XA-1"), 1).await.unwrap().unwrap();
    let second = bench.store.document(&xa(), &number("XA-1"), 2).await.unwrap().unwrap();
    assert_eq!(first.bytes, issued.accepted.bytes());
    assert_eq!(second.bytes, change.document.unwrap().accepted.bytes());
    assert_eq!(second.attachments, issued.attachments);
    // The issued document sent again is still the same bytes.
    assert_eq!(bench.store.insert(issued).await.unwrap(), Inserted::Unchanged);
}

pub(super) async fn a_new_version_may_bring_its_own_attachments(bench: Bench) {
    let issued = NewPermit { attachments: vec![file("a.pdf", b"a")], ..permit("XA-1") };
    bench.store.insert(issued.clone()).await.unwrap();

    bench.store.append(endorsement(&issued, Attachments::These(Vec::new()))).await.unwrap();

    let first = bench.store.document(&xa(), &number("XA-1"), 1).await.unwrap().unwrap();
    let second = bench.store.document(&xa(), &number("XA-1"), 2).await.unwrap().unwrap();
    assert_eq!(first.attachments, issued.attachments);
    assert_eq!(second.attachments, []);
}

pub(super) async fn a_new_version_sends_the_permit_where_it_says(bench: Bench) {
    bench.store.insert(permit("XA-1")).await.unwrap();
    let reason = VersionReason::Reissued { reason: "wrong consignee".to_owned() };
    let document = NewDocument {
        accepted: document("XA-1", "XC", "new"),
        reason,
        attachments: Attachments::AsBefore,
        proven: None,
    };
    let event = PermitEvent::Reissued { ordinal: 2, reason: "wrong consignee".to_owned() };

    bench.store.append(Append { document: Some(document), ..change("XA-1", 1, event) }).await.unwrap();

    assert_eq!(bench.record("XA-1").await.destination, Some(country("XC")));
}

pub(super) async fn a_version_of_another_permit_is_refused(bench: Bench) {
    let issued = permit("XA-1");
    bench.store.insert(issued.clone()).await.unwrap();
    let mut change = endorsement(&issued, Attachments::AsBefore);
    change.document.as_mut().unwrap().accepted = document("XA-2", "XB", "endorsed");

    let refused = bench.store.append(change).await.unwrap_err();

    assert!(matches!(refused, StoreError::Different { what: Difference::Number, .. }), "{refused}");
    assert_eq!(bench.record("XA-1").await.revision, 1);
}

pub(super) async fn numbers_come_in_pages(bench: Bench) {
    for number in ["xa-3", "XA-1", "XA-2"] {
        bench.store.insert(permit(number)).await.unwrap();
    }

    let first = bench.store.numbers(&xa(), None, 2).await.unwrap();
    let rest = bench.store.numbers(&xa(), first.last(), 2).await.unwrap();

    assert_eq!(first, [number("XA-1"), number("XA-2")]);
    assert_eq!(rest, [number("xa-3")]);
    assert_eq!(bench.store.numbers(&xa(), rest.last(), 2).await.unwrap(), []);
}

pub(super) async fn a_clock_that_is_set_back_changes_neither_order_nor_chain(bench: Bench) {
    let mut earlier = change("XA-1", 1, PermitEvent::Suspended { reason: "doubt".to_owned() });
    earlier.audit.at = morning() - TimeDelta::days(400);
    let mut later = change("XA-1", 2, PermitEvent::Resumed { reason: "no doubt".to_owned() });
    later.audit.at = morning() - TimeDelta::days(200);

    bench.store.insert(permit("XA-1")).await.unwrap();
    bench.store.append(earlier).await.unwrap();
    bench.store.append(later).await.unwrap();

    let found = bench.store.find(&xa(), &number("XA-1")).await.unwrap().unwrap();
    let order: Vec<u64> = found.events.iter().map(|event| event.sequence).collect();
    assert_eq!((found.revision, order), (3, vec![1, 2, 3]));
    assert!(matches!(found.events[2].event, PermitEvent::Resumed { .. }) && found.events[1].at < found.events[0].at);
    verify_audit(&*bench.store).await.unwrap();
}
