//! What a refusal looks like on the wire: the one table from the service's errors to SOAP faults.

use std::collections::BTreeSet;

use epix_core::report::Lost;
use epix_core::soap::{Fact, Fault, FaultCode};
use epix_core::version::ToolkitVersion;

use crate::service::CallError;

mod upstream;

pub use upstream::fault as upstream_fault;

/// The fault for a refused call; what the operator needs beyond it stands in the log.
pub fn fault(error: &CallError) -> Fault {
    match error {
        CallError::CallerUnknown | CallError::CertificateOutOfTerm | CallError::CertificateRevoked => {
            Fault::of(FaultCode::CallerNotFound)
        }
        CallError::TooOften { seconds } => Fault::of(FaultCode::RateLimited).stating(Fact::RetryAfter, seconds),
        CallError::AuthorityUnknown => Fault::of(FaultCode::CalleeNotFound),
        CallError::AuthorityAmbiguous => {
            Fault::with(FaultCode::CalleeNotFound, "several authorities of this country keep a permit of this number")
        }
        CallError::NoRight => Fault::of(FaultCode::AdapterNotAvailable),
        // Whoever may not use a permit must not learn that it exists.
        CallError::PermitUnknown | CallError::NotTheirs => Fault::of(FaultCode::PermitNotFound),
        CallError::NotFinal => Fault::of(FaultCode::NotFinal),
        CallError::Cancelled => Fault::of(FaultCode::PermitCancelled),
        CallError::Replaced { by } => Fault::of(FaultCode::PermitReplaced).stating(Fact::ReplacedBy, by),
        CallError::Lost => Fault::of(FaultCode::PermitLost),
        CallError::Returned => Fault::of(FaultCode::PermitReturned),
        CallError::Suspended => Fault::of(FaultCode::PermitSuspended),
        CallError::Expired => Fault::of(FaultCode::PermitExpired),
        CallError::CallIdMissing => Fault::of(FaultCode::CallIdMissing),
        CallError::PositionUnknown { position } => {
            Fault::of(FaultCode::PositionUnknown).stating(Fact::Position, position)
        }
        CallError::PositionTwice { position } => {
            Fault::with(FaultCode::PositionIdInvalid, "it stands twice").stating(Fact::Position, position)
        }
        CallError::QuantityExceeded { position, confirmed, allowed } => {
            let exceeded = Fault::of(FaultCode::QuantityExceeded).stating(Fact::Position, position);
            exceeded.stating(Fact::Confirmed, confirmed).stating(Fact::Allowed, allowed)
        }
        CallError::AlreadyConfirmed => Fault::of(FaultCode::AlreadyConfirmed),
        CallError::NotExported => Fault::of(FaultCode::NotExported),
        CallError::ToolkitNotCarried { kept, losses, .. } => not_carried(*kept, losses),
        CallError::NoBox14 { kept } => {
            let fault = Fault::with(FaultCode::VersionNotSupported, "its toolkit version has no place for box 14");
            fault.stating(Fact::Toolkit, kept)
        }
        CallError::CalleeClosed { words } => {
            Fault::with(FaultCode::CalleeNotFound, words.as_deref().unwrap_or("it does not answer now"))
        }
        CallError::Upstream(error) => upstream::fault(error),
        CallError::Busy | CallError::Document(_) | CallError::Unsigned(_) | CallError::Store(_) => {
            Fault::of(FaultCode::Internal)
        }
    }
}

/// The fault that names, once each, the boxes for which a version has no place.
fn not_carried(kept: ToolkitVersion, losses: &[Lost]) -> Fault {
    let boxes: BTreeSet<_> =
        losses.iter().map(|lost| lost.form_box.as_str()).filter(|form_box| !form_box.is_empty()).collect();
    let beside = losses.iter().filter(|lost| lost.form_box.is_empty()).map(|lost| (Fact::Part, lost.path.as_str()));
    let facts = boxes.into_iter().map(|form_box| (Fact::Box, form_box)).chain(beside);
    let fault = Fault::of(FaultCode::VersionNotSupported).stating(Fact::Toolkit, kept);
    facts.fold(fault, |fault, (fact, value)| fault.stating(fact, value))
}

/// An error with all its causes, for logs and for the operator's terminal.
pub fn chain(error: &dyn std::error::Error) -> String {
    let mut text = error.to_string();
    let mut cause = error.source();
    while let Some(error) = cause {
        text.push_str(&format!(": {error}"));
        cause = error.source();
    }
    text
}
