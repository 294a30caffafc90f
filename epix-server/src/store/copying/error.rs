//! What can stand in the way of a copy?

use crate::store::StoreError;

/// Why a store was not copied.
#[derive(Debug, thiserror::Error)]
pub enum CopyError {
    /// A store cannot be opened or used.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// What is at the place is the copy of another store.
    #[error("at {to} a copy of {from} was begun, which is another store")]
    Other {
        /// Where that copy comes from.
        from: String,
        /// The place.
        to: String,
    },
    /// Somebody worked with the store between two parts of the copy.
    #[error("{from} was written since its copy was begun: empty {to} and begin anew")]
    Overtaken {
        /// The store that was to be copied.
        from: String,
        /// Where the copy is.
        to: String,
    },
    /// A table cannot be copied.
    #[error("table {table} cannot be copied")]
    Table {
        /// Which.
        table: String,
        /// Why.
        #[source]
        source: StoreError,
    },
}
