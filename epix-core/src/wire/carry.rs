//! What can a message carry of a permit? The walk down its description, with the limits of a narrower set of elements.

use super::describe::Occurs;

/// The limits that a narrower set of elements draws inside a version: paths are `a/b/c` below the root.
pub trait Within {
    /// How many of an element the set has room for.
    fn room(&self, path: &str) -> usize;
    /// True when the set admits a value at a path.
    fn admits(&self, path: &str, value: &str) -> bool;
}

/// The walk: where it is, and which limits hold.
pub struct Carrier<'a> {
    within: Option<&'a dyn Within>,
    path: String,
}

impl<'a> Carrier<'a> {
    /// Starts at the root; without limits everything that is described is carried.
    pub fn new(within: Option<&'a dyn Within>) -> Carrier<'a> {
        Carrier { within, path: String::new() }
    }

    /// Carries the elements of one name; as many as may stand.
    pub fn below<'i, T: 'i>(
        &mut self,
        name: &str,
        occurs: Occurs,
        all: impl Iterator<Item = &'i T>,
        carry: impl Fn(&'i T, &mut Carrier<'a>) -> Option<T>,
        mut put: impl FnMut(T),
    ) {
        let above = self.path.len();
        if above > 0 {
            self.path.push('/');
        }
        self.path.push_str(name);
        let described = if occurs == Occurs::Many { usize::MAX } else { 1 };
        let room = self.within.map_or(described, |within| within.room(&self.path).min(described));
        all.filter_map(|content| carry(content, self)).take(room).for_each(&mut put);
        self.path.truncate(above);
    }

    /// True when a value may stand here.
    pub fn admits(&self, value: &str) -> bool {
        self.within.is_none_or(|within| within.admits(&self.path, value))
    }
}
