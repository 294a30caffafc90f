//! Which calls are under way? So that a stop waits for them, and for nothing else.
//!
//! Partners keep idle connections open for minutes; waiting for connections to end would make every stop as long.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};

use tokio::sync::Notify;

/// Counts the calls under way.
#[derive(Debug, Default)]
pub struct Calls {
    count: AtomicUsize,
    stopping: AtomicBool,
    ended: Notify,
}

/// A call under way; it ends when this is dropped.
#[derive(Debug)]
pub struct UnderWay(Arc<Calls>);

impl Calls {
    /// A call begins.
    pub fn begin(self: &Arc<Calls>) -> UnderWay {
        self.count.fetch_add(1, Ordering::SeqCst);
        UnderWay(Arc::clone(self))
    }

    /// How many are under way.
    pub fn count(&self) -> usize {
        self.count.load(Ordering::SeqCst)
    }

    /// True once a stop was asked for: then answers close their connections.
    pub fn is_stopping(&self) -> bool {
        self.stopping.load(Ordering::SeqCst)
    }

    /// Waits until no call is under way, telling those that come on open connections that they are the last.
    pub async fn drain(&self) {
        self.stopping.store(true, Ordering::SeqCst);
        loop {
            let ended = self.ended.notified();
            if self.count.load(Ordering::SeqCst) == 0 {
                return;
            }
            ended.await;
        }
    }
}

impl Drop for UnderWay {
    fn drop(&mut self) {
        self.0.count.fetch_sub(1, Ordering::SeqCst);
        self.0.ended.notify_one();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn draining_waits_for_the_last_call() {
        let calls = Arc::new(Calls::default());
        let (first, second) = (calls.begin(), calls.begin());
        let draining = tokio::spawn({
            let calls = calls.clone();
            async move { calls.drain().await }
        });

        drop(first);
        tokio::task::yield_now().await;
        assert!(!draining.is_finished());
        drop(second);

        draining.await.unwrap();
        assert!(calls.is_stopping());
    }
}
