//! Why an authority's own work was not done, in the words of the trade.

use epix_core::id::{Country, PermitNumber};
use epix_core::receive::Rejected;
use epix_core::sign::{KeyError, SignError};

use crate::service::{Change, State};
use crate::store::StoreError;

/// Why it was not done. Nothing was changed.
#[derive(Debug, thiserror::Error)]
pub enum DeskError {
    /// The authority keeps no such permit.
    #[error("no permit {number} is kept")]
    PermitUnknown {
        /// The number that was asked for.
        number: PermitNumber,
    },
    /// The document was refused; it is kept apart with its report.
    #[error("the document is refused")]
    Rejected(Box<Rejected>),
    /// An authority keeps the permits that it issued.
    #[error("{number} was issued in {country}, not in {ours}")]
    IssuedElsewhere {
        /// The permit.
        number: PermitNumber,
        /// Where it was issued.
        country: Country,
        /// The country of the authority.
        ours: Country,
    },
    /// More attachments than travel with a permit.
    #[error("the attachments have {found} bytes; at most {most} travel with a permit")]
    TooMuchAttached {
        /// How many bytes.
        found: usize,
        /// How many are taken.
        most: usize,
    },
    /// Something else is kept under the number.
    #[error(transparent)]
    Different(StoreError),
    /// The state of the permit is in the way.
    #[error("{} is not possible: it is {}", change.command(), state.word())]
    NotPossible {
        /// What was wanted.
        change: Change,
        /// The state that is in the way.
        state: State,
    },
    /// Somebody else changed the permit meanwhile, or the caller had an older one in mind.
    #[error("it was changed by somebody else: look again")]
    Changed,
    /// No reason was given.
    #[error("a reason must be given")]
    NoReason,
    /// A permit cannot take its own place.
    #[error("a permit cannot stand in its own place; a corrected one is reissued")]
    OwnPlace,
    /// The permit that is to take the place has ended itself.
    #[error("{by} cannot stand in the place of another permit: it has ended itself")]
    PlaceTakerEnded {
        /// Which.
        by: PermitNumber,
    },
    /// The permit is kept with these bytes already.
    #[error("it is kept with these bytes already")]
    SameBytes,
    /// The document is of another permit.
    #[error("the document is of permit {found}")]
    OtherNumber {
        /// Its number.
        found: PermitNumber,
    },
    /// Nothing was confirmed.
    #[error("it has no confirmation that could be declared void")]
    NothingToVoid,
    /// What arrived stands on the confirmation.
    #[error("it has arrivals that stand on this export: declare them void first")]
    ArrivalsStand,
    /// The stored document can no longer be read.
    #[error("the document of {number} can no longer be read")]
    Damaged {
        /// Of which permit.
        number: PermitNumber,
    },
    /// The signature could not be looked at.
    #[error("the signature could not be looked at")]
    NotLookedAt(#[from] KeyError),
    /// The gateway's key cannot sign what is issued.
    #[error("the document cannot be signed")]
    Unsigned(#[from] SignError),
    /// The store failed.
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl DeskError {
    /// Is it the caller who has to do something else, and not the operator?
    pub fn is_the_callers(&self) -> bool {
        !matches!(
            self,
            DeskError::Damaged { .. } | DeskError::NotLookedAt(_) | DeskError::Unsigned(_) | DeskError::Store(_)
        )
    }

    /// The outcome that stands in audit and metrics.
    pub fn outcome(&self) -> &'static str {
        match self {
            DeskError::PermitUnknown { .. } => "permit-unknown",
            DeskError::Rejected(_) => "refused",
            DeskError::IssuedElsewhere { .. } => "issued-elsewhere",
            DeskError::TooMuchAttached { .. } => "too-much-attached",
            DeskError::Different(_) => "different",
            DeskError::NotPossible { .. } => "not-possible",
            DeskError::Changed => "changed",
            DeskError::NoReason => "no-reason",
            DeskError::OwnPlace => "own-place",
            DeskError::PlaceTakerEnded { .. } => "place-taker-ended",
            DeskError::SameBytes => "same-bytes",
            DeskError::OtherNumber { .. } => "other-number",
            DeskError::NothingToVoid => "nothing-to-void",
            DeskError::ArrivalsStand => "arrivals-stand",
            DeskError::Damaged { .. } => "document-unusable",
            DeskError::NotLookedAt(_) => "not-looked-at",
            DeskError::Unsigned(_) => "not-signed",
            DeskError::Store(_) => "store-failed",
        }
    }
}
