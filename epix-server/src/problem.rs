//! What a refusal looks like on the wire: the one table from the service's errors to SOAP faults.

use epix_core::soap::{Fact, Fault, FaultCode};

use crate::service::CallError;

/// The fault for a refused call; what the operator needs beyond it stands in the log.
pub fn fault(error: &CallError) -> Fault {
    match error {
        CallError::CallerUnknown | CallError::CertificateOutOfTerm => Fault::of(FaultCode::CallerNotFound),
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
        CallError::ToolkitNotCarried { kept } => Fault::of(FaultCode::VersionNotSupported).stating(Fact::Toolkit, kept),
        CallError::NoBox14 { kept } => {
            let fault = Fault::with(FaultCode::VersionNotSupported, "its toolkit version has no place for box 14");
            fault.stating(Fact::Toolkit, kept)
        }
        CallError::Busy | CallError::Document(_) | CallError::Store(_) => Fault::of(FaultCode::Internal),
    }
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
