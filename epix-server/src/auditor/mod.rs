//! Who proves that the audit was not touched: checkpoints made and kept, exports, purges, over the storage trait.

mod error;
mod export;
mod keeper;
mod purge;
mod rounds;

pub use error::AuditorError;
pub use export::{Exported, export};
pub use keeper::{Keeper, Taken, read_checkpoint};
pub use purge::{Purgeable, Rule, purgeable};
pub use rounds::Rounds;
