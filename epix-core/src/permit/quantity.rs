//! How much: a decimal number with the unit that was written.

use serde::{Deserialize, Serialize};

use super::value::Word;
use crate::id::Amount;

/// An amount with its unit as written; no unit means number of specimens.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Quantity {
    /// How much.
    pub amount: Amount,
    /// The unit (`unitCode`): a CITES or UN/ECE Rec 20 code, kept as written.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub unit: Option<Word>,
}
