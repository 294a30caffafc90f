//! A server killed under load: every acknowledged change stands once, and the audit is whole.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use epix_core::soap::Call;

use crate::permits::permit;
use crate::world::{Who, World, confirm, key, word};

const PERMITS: usize = 300;
const CLIENTS: usize = 16;

/// Confirms permits in turn until all are done or the server is gone; gives the numbers that were acknowledged.
async fn confirm_until_it_ends(world: Arc<World>, next: Arc<AtomicUsize>, done: Arc<AtomicUsize>) -> Vec<usize> {
    let mut acknowledged = Vec::new();
    loop {
        let index = next.fetch_add(1, Ordering::SeqCst);
        if index >= PERMITS {
            return acknowledged;
        }
        let call = confirm(&format!("N{index}"), &format!("A={}.5", index % 7));
        match world.call(Who::Customs, call).await {
            Ok(answered) => assert_eq!(word(&answered.answer), "confirmed"),
            Err(_) => return acknowledged,
        }
        acknowledged.push(index);
        done.fetch_add(1, Ordering::SeqCst);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_was_acknowledged_before_a_kill_stands_once() {
    let permits: Vec<_> = (0..PERMITS).map(|index| permit(&format!("N{index}"), &[("A", "10")])).collect();
    let world = Arc::new(World::with(&permits));
    let (next, done) = (Arc::new(AtomicUsize::new(0)), Arc::new(AtomicUsize::new(0)));
    let clients: Vec<_> =
        (0..CLIENTS).map(|_| tokio::spawn(confirm_until_it_ends(world.clone(), next.clone(), done.clone()))).collect();

    // Under way, not at the end: a third is acknowledged and the others are being sent.
    while done.load(Ordering::SeqCst) < PERMITS / 3 {
        tokio::time::sleep(Duration::from_millis(1)).await;
    }
    world.kill_from_outside();
    let mut acknowledged = Vec::new();
    for client in clients {
        acknowledged.extend(client.await.unwrap());
    }
    assert!(acknowledged.len() < PERMITS, "the server was killed too late to show anything");

    let mut world = Arc::into_inner(world).unwrap();
    world.wait_for_end();
    assert!(world.succeeds(&["audit", "verify"]).contains("whole"));
    for index in &acknowledged {
        let shown = world.succeeds(&["show", &format!("N{index}")]);
        assert_eq!(shown.matches("Export confirmed").count(), 1, "{shown}");
        assert!(shown.contains(&format!("A={}.5", index % 7)), "{shown}");
    }

    world.start();
    let answer = world.word(Who::Xb, Call::GetFinal(key(&format!("N{}", acknowledged[0])))).await;
    assert_eq!(answer, "permit");
}
