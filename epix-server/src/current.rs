//! A value that is replaced while others use it: policies, keys, roots.

use std::sync::{Arc, PoisonError, RwLock};

/// What holds now. Whoever has asked keeps what it was given, so that one call never sees two.
#[derive(Debug, Default)]
pub struct Current<T>(RwLock<Arc<T>>);

impl<T> Current<T> {
    /// Begins with a value.
    pub fn new(value: Arc<T>) -> Current<T> {
        Current(RwLock::new(value))
    }

    /// What holds now.
    pub fn get(&self) -> Arc<T> {
        Arc::clone(&self.0.read().unwrap_or_else(PoisonError::into_inner))
    }

    /// Puts another value in its place.
    pub fn set(&self, value: Arc<T>) {
        *self.0.write().unwrap_or_else(PoisonError::into_inner) = value;
    }
}
