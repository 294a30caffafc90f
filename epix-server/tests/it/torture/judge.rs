//! The judge: what was acknowledged is there once, what was not is there whole or not at all, and the audit is whole.

use std::collections::BTreeMap;

use epix_core::id::{AuthorityId, PermitNumber, Sha256Digest};
use epix_server::store::{PermitEvent, PermitRecord, Store, VersionReason};

use super::{Deed, Done};
use crate::world::World;

/// Looks at the store of a world whose server has ended.
pub(crate) fn judge(world: &World, ledger: &[Done]) {
    let verified = world.succeeds(&["audit", "verify"]);
    assert!(verified.contains("whole"), "{verified}");
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    runtime.block_on(async {
        let store = world.store().await;
        let audited = Audited::of(&*store).await;
        for done in ledger {
            look_at(&*store, &audited, done).await;
        }
    });
}

fn authority() -> AuthorityId {
    AuthorityId::parse("XA").unwrap()
}

async fn look_at(store: &dyn Store, audited: &Audited, done: &Done) {
    let number = PermitNumber::parse(&done.number).unwrap();
    let record = store.find(&authority(), &number).await.unwrap();
    let Some(record) = record else {
        assert!(done.deed == Deed::Import && !done.acknowledged, "{done:?}: the permit is not there");
        return;
    };
    is_whole(store, &record).await;
    let times = match &done.deed {
        Deed::Import => 1,
        Deed::Read => audited.times("GetNonFinalCitesCertificate", &done.number),
        Deed::Confirm(amount) => confirmations(&record, amount),
        Deed::Suspend(reason) => {
            told(&record, |event| matches!(event, PermitEvent::Suspended { reason: r } if r == reason))
        }
        Deed::Resume(reason) => {
            told(&record, |event| matches!(event, PermitEvent::Resumed { reason: r } if r == reason))
        }
    };
    match done.deed {
        // Somebody may read twice.
        Deed::Read => assert!(!done.acknowledged || times >= 1, "{done:?}: no line of the audit"),
        _ => assert!(times == 1 || (times == 0 && !done.acknowledged), "{done:?}: {times} times, {record:?}"),
    }
    if matches!(done.deed, Deed::Confirm(_)) {
        assert!(audited.times("ConfirmQuantities", &done.number) >= times, "{done:?}: no line of the audit");
    }
}

fn told(record: &PermitRecord, is_it: impl Fn(&PermitEvent) -> bool) -> usize {
    record.events.iter().filter(|recorded| is_it(&recorded.event)).count()
}

fn confirmations(record: &PermitRecord, amount: &str) -> usize {
    let all = told(record, |event| matches!(event, PermitEvent::Confirmed { .. }));
    let with_amount = |event: &PermitEvent| matches!(event, PermitEvent::Confirmed { positions, .. } if positions.values().any(|a| a.to_string() == amount));
    assert_eq!(all, told(record, with_amount), "{record:?}");
    all
}

/// Every document can be read, every confirmation has its document, and events are numbered without a gap.
async fn is_whole(store: &dyn Store, record: &PermitRecord) {
    assert_eq!(record.revision, record.events.len() as u64, "{record:?}");
    for version in &record.versions {
        let document = store.document(&authority(), &record.number, version.ordinal).await.unwrap().unwrap();
        assert_eq!(Sha256Digest::of(&document.bytes), version.digest);
    }
    for recorded in &record.events {
        if matches!(recorded.event, PermitEvent::Confirmed { .. }) {
            let shows = |reason: &VersionReason| matches!(reason, VersionReason::Endorsed { event, .. } if *event == recorded.sequence);
            assert!(record.versions.iter().any(|version| shows(&version.reason)), "{record:?}");
        }
    }
}

/// How often the audit names an operation on a permit that was done.
struct Audited(BTreeMap<(String, String), usize>);

impl Audited {
    async fn of(store: &dyn Store) -> Audited {
        let mut counts = BTreeMap::new();
        for head in store.heads().await.unwrap() {
            let lines = store.audit_lines(&head.authority, head.shard, 0, usize::MAX >> 1).await.unwrap();
            for event in lines.iter().map(|line| line.event().unwrap()).filter(|event| event.outcome == "ok") {
                let number = event.permit.map(|number| number.to_string()).unwrap_or_default();
                *counts.entry((event.operation, number)).or_insert(0) += 1;
            }
        }
        Audited(counts)
    }

    fn times(&self, operation: &str, number: &str) -> usize {
        self.0.get(&(operation.to_owned(), number.to_owned())).copied().unwrap_or(0)
    }
}
