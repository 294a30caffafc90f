//! A memory that is bounded by bytes: what was not asked for longest is forgotten, half of it at a time.

use std::collections::BTreeMap;

/// Values by their keys. Those of the young generation were asked for since it began; when it has grown to half of what may be kept,
/// it becomes the old one, and the old one is forgotten.
#[derive(Debug)]
pub(super) struct Generations<K, V> {
    most: usize,
    young: Generation<K, V>,
    old: Generation<K, V>,
}

#[derive(Debug)]
struct Generation<K, V> {
    /// Each value with its weight.
    values: BTreeMap<K, (usize, V)>,
    bytes: usize,
}

impl<K, V> Default for Generation<K, V> {
    fn default() -> Generation<K, V> {
        Generation { values: BTreeMap::new(), bytes: 0 }
    }
}

impl<K: Ord, V> Generation<K, V> {
    fn put(&mut self, key: K, weight: usize, value: V) {
        let before = self.values.insert(key, (weight, value));
        self.bytes += weight;
        self.bytes -= before.map_or(0, |(weight, _)| weight);
    }

    fn remove(&mut self, key: &K) -> Option<(K, (usize, V))> {
        let found = self.values.remove_entry(key);
        self.bytes -= found.as_ref().map_or(0, |(_, (weight, _))| *weight);
        found
    }
}

impl<K: Ord, V: Clone> Generations<K, V> {
    /// Keeps so many bytes at most.
    pub(super) fn new(most: usize) -> Generations<K, V> {
        Generations { most, young: Generation::default(), old: Generation::default() }
    }

    /// What is kept; it is young again.
    pub(super) fn get(&mut self, key: &K) -> Option<V> {
        if let Some((_, value)) = self.young.values.get(key) {
            return Some(value.clone());
        }
        let (key, (weight, value)) = self.old.remove(key)?;
        self.put(key, weight, value.clone());
        Some(value)
    }

    /// Keeps a value of so many bytes, unless it alone is as much as a generation.
    pub(super) fn put(&mut self, key: K, weight: usize, value: V) {
        self.remove(&key);
        if weight > self.most / 2 {
            return;
        }
        if self.young.bytes + weight > self.most / 2 {
            self.old = std::mem::take(&mut self.young);
        }
        self.young.put(key, weight, value);
    }

    /// Forgets a value.
    pub(super) fn remove(&mut self, key: &K) {
        self.young.remove(key);
        self.old.remove(key);
    }

    /// Forgets everything.
    pub(super) fn clear(&mut self) {
        *self = Generations::new(self.most);
    }

    /// How many bytes are kept.
    pub(super) fn bytes(&self) -> usize {
        self.young.bytes + self.old.bytes
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_not_asked_for_longest_is_forgotten() {
        let mut kept = Generations::new(40);

        for key in ["a", "b", "c"] {
            kept.put(key, 10, key);
            assert_eq!(kept.get(&"a"), Some("a"), "it is asked for again and again");
        }
        kept.put("d", 10, "d");

        assert_eq!((kept.get(&"a"), kept.get(&"b"), kept.get(&"d")), (Some("a"), None, Some("d")));
        assert!(kept.bytes() <= 40, "{}", kept.bytes());
    }

    #[test]
    fn what_is_put_again_is_counted_once_and_what_is_too_large_is_not_kept() {
        let mut kept = Generations::new(40);

        kept.put("a", 10, 1);
        kept.put("a", 20, 2);
        assert_eq!((kept.get(&"a"), kept.bytes()), (Some(2), 20));
        kept.put("a", 21, 3);
        assert_eq!((kept.get(&"a"), kept.bytes()), (None, 0), "the older value is not given for it");

        kept.put("b", 5, 4);
        kept.remove(&"b");
        assert_eq!((kept.get(&"b"), kept.bytes()), (None, 0));
    }

    #[test]
    fn whoever_may_keep_nothing_keeps_nothing() {
        let mut kept = Generations::new(0);

        kept.put("a", 1, 1);

        assert_eq!((kept.get(&"a"), kept.bytes()), (None, 0));
    }
}
