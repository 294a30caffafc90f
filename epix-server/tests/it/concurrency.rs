//! Many at once: nothing is counted twice, nothing is lost.

use std::sync::Arc;

use crate::permits::permit;
use crate::world::{Who, World, confirm};

async fn at_once(world: &Arc<World>, quantities: impl Fn(usize) -> String) -> Vec<String> {
    let tasks: Vec<_> = (0..64)
        .map(|index| {
            let (world, call) = (world.clone(), confirm("N1", &quantities(index)));
            tokio::spawn(async move { world.word(Who::Customs, call).await })
        })
        .collect();
    let mut words = Vec::new();
    for task in tasks {
        words.push(task.await.unwrap());
    }
    words
}

#[tokio::test(flavor = "multi_thread")]
async fn sixty_four_identical_confirmations_count_once() {
    let world = Arc::new(World::with(&[permit("N1", &[("A", "100")])]));

    let words = at_once(&world, |_| "A=7".to_owned()).await;

    assert!(words.iter().all(|word| word == "confirmed"), "{words:?}");
    let mut world = Arc::into_inner(world).unwrap();
    world.stop();
    assert_eq!(world.succeeds(&["show", "N1"]).matches("Export confirmed").count(), 1);
    assert!(world.succeeds(&["audit", "verify"]).contains("whole"));
}

#[tokio::test(flavor = "multi_thread")]
async fn of_sixty_four_different_confirmations_one_wins() {
    let world = Arc::new(World::with(&[permit("N1", &[("A", "100")])]));

    let words = at_once(&world, |index| format!("A={index}")).await;

    assert_eq!(words.iter().filter(|word| *word == "confirmed").count(), 1, "{words:?}");
    assert_eq!(words.iter().filter(|word| *word == "AlreadyConfirmed").count(), 63, "{words:?}");
}
