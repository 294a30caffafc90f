//! A small memory for what was found out a moment ago, so that it is not found out anew for every call.

use std::collections::BTreeMap;
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

/// Values by their keys, for some time and up to a number. What is beyond it is forgotten, all at once.
#[derive(Debug)]
pub struct Recent<K, V> {
    most: usize,
    lasts: Duration,
    known: Mutex<BTreeMap<K, (Instant, V)>>,
}

impl<K: Ord, V: Clone> Recent<K, V> {
    /// Remembers so many values for so long.
    pub fn new(most: usize, lasts: Duration) -> Recent<K, V> {
        Recent { most, lasts, known: Mutex::default() }
    }

    /// What is remembered.
    pub fn get(&self, key: &K, now: Instant) -> Option<V> {
        let known = self.known.lock().unwrap_or_else(PoisonError::into_inner);
        let (since, value) = known.get(key)?;
        (now.saturating_duration_since(*since) < self.lasts).then(|| value.clone())
    }

    /// Remembers a value.
    pub fn put(&self, key: K, value: V, now: Instant) {
        let mut known = self.known.lock().unwrap_or_else(PoisonError::into_inner);
        if known.len() >= self.most {
            known.clear();
        }
        known.insert(key, (now, value));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_too_old_or_too_much_is_forgotten() {
        let recent = Recent::new(2, Duration::from_secs(10));
        let now = Instant::now();

        recent.put("a", 1, now);
        recent.put("b", 2, now);
        assert_eq!((recent.get(&"a", now), recent.get(&"c", now)), (Some(1), None));
        assert_eq!(recent.get(&"a", now + Duration::from_secs(10)), None);

        recent.put("c", 3, now);
        assert_eq!((recent.get(&"a", now), recent.get(&"c", now)), (None, Some(3)));
    }
}
