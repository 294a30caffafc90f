//! Is what a verdict on a signature rested on kept beside the document?

use super::*;

/// A proof with two pieces of evidence.
fn proven(list: &[u8], received: &[u8]) -> Proven {
    let proof = Proof {
        lists: vec![Sha256Digest::of(list)],
        received: Some(Sha256Digest::of(received)),
        signers: vec![Sha256Digest::of(b"signer")],
        ..Proof::default()
    };
    Proven::new(proof, [list.to_vec(), received.to_vec()])
}

pub(super) async fn what_a_verdict_rested_on_comes_back_with_its_evidence(bench: Bench) {
    let first = NewPermit { proven: Some(proven(b"the list", b"one")), ..permit("XA-1") };
    let second = NewPermit { proven: Some(proven(b"the list", b"two")), ..permit("XA-2") };
    for permit in [first, second, permit("XA-3")] {
        bench.store.insert(permit).await.unwrap();
    }

    assert_eq!(kept(&bench, "XA-1", 1).await, Some(proven(b"the list", b"one")));
    assert_eq!(kept(&bench, "XA-2", 1).await, Some(proven(b"the list", b"two")));
    assert_eq!(kept(&bench, "XA-3", 1).await, None);
    assert_eq!(kept(&bench, "XA-4", 1).await, None);
}

pub(super) async fn a_new_version_has_a_proof_of_its_own(bench: Bench) {
    bench.store.insert(NewPermit { proven: Some(proven(b"the list", b"one")), ..permit("XA-1") }).await.unwrap();
    let document = NewDocument {
        accepted: document("XA-1", "XB", "corrected"),
        reason: VersionReason::Reissued { reason: "a slip".to_owned() },
        attachments: Attachments::AsBefore,
        proven: Some(proven(b"a later list", b"corrected")),
    };
    let event = PermitEvent::Reissued { ordinal: 2, reason: "a slip".to_owned() };

    bench.store.append(Append { document: Some(document), ..change("XA-1", 1, event) }).await.unwrap();

    assert_eq!(kept(&bench, "XA-1", 1).await, Some(proven(b"the list", b"one")));
    assert_eq!(kept(&bench, "XA-1", 2).await, Some(proven(b"a later list", b"corrected")));
}

async fn kept(bench: &Bench, name: &str, ordinal: u32) -> Option<Proven> {
    bench.store.proven(&xa(), &number(name), ordinal).await.unwrap()
}
