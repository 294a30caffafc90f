//! Where does one rule object? Places in the model with what stands there, as many as a report lists.

use crate::permit::ModelPath;
use crate::report::LISTED;

/// One place where a rule objects.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Breach {
    /// Where.
    pub path: ModelPath,
    /// What stands there, in words; empty where the rule's sentence says all.
    pub detail: String,
}

/// What one rule found.
#[derive(Debug, Default)]
pub struct Found {
    breaches: Vec<Breach>,
}

impl Found {
    /// Objects to what stands at a place; past the limit of a report nothing is made any more.
    pub(super) fn add(&mut self, breach: impl FnOnce() -> (ModelPath, String)) {
        if self.breaches.len() <= LISTED {
            let (path, detail) = breach();
            self.breaches.push(Breach { path, detail });
        }
    }

    /// Objects to something that is missing, or wrong without further words.
    pub(super) fn at(&mut self, path: impl FnOnce() -> ModelPath) {
        self.add(|| (path(), String::new()));
    }

    /// The places, in the order in which they were found.
    pub fn breaches(self) -> Vec<Breach> {
        self.breaches
    }
}
