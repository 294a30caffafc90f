//! How an authority does things where the standard leaves it free.

use epix_core::permit::Permit;

/// The ways of one authority.
#[derive(Debug, Clone)]
pub struct Practice {
    /// Permits whose name in box 1 holds one of these words may be used in parts; compared without regard to case.
    pub partial_use: Vec<String>,
    /// Are confirmations taken after the last day? EPIX carries no date of export, so one that was made in time may be told late.
    pub takes_late_reports: bool,
}

impl Default for Practice {
    fn default() -> Practice {
        Practice { partial_use: Vec::new(), takes_late_reports: true }
    }
}

impl Practice {
    /// May this permit be used in parts, by its type?
    pub(super) fn allows_parts(&self, permit: &Permit) -> bool {
        let holds = |name: &str| {
            let name = name.to_lowercase();
            self.partial_use.iter().any(|word| name.contains(&word.to_lowercase()))
        };
        permit.document.names.iter().any(|name| holds(name.as_str()))
    }
}
