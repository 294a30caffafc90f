//! What a refusal looks like on the wire: the one table from the service's errors to SOAP faults.

use epix_core::soap::{Fault, FaultCode};

use crate::service::CallError;

/// The fault for a refused call; what the operator needs beyond it stands in the log.
pub fn fault(error: &CallError) -> Fault {
    match error {
        CallError::CallerUnknown => Fault::of(FaultCode::CallerNotFound),
        CallError::AuthorityUnknown => Fault::of(FaultCode::CalleeNotFound),
        CallError::AuthorityAmbiguous => {
            Fault::with(FaultCode::CalleeNotFound, "several authorities of this country keep a permit of this number")
        }
        CallError::NoRight => Fault::of(FaultCode::AdapterNotAvailable),
        CallError::PermitUnknown => Fault::of(FaultCode::PermitNotFound),
        CallError::NotFinal => Fault::of(FaultCode::NotFinal),
        CallError::Cancelled => Fault::of(FaultCode::PermitCancelled),
        CallError::PositionUnknown { position } => {
            Fault::with(FaultCode::PositionUnknown, format!("position {position}"))
        }
        CallError::PositionTwice { position } => {
            Fault::with(FaultCode::PositionIdInvalid, format!("position {position} stands twice"))
        }
        CallError::QuantityExceeded { position, confirmed, allowed } => {
            Fault::with(FaultCode::QuantityExceeded, format!("position {position}, {confirmed} of {allowed}"))
        }
        CallError::AlreadyConfirmed => Fault::of(FaultCode::AlreadyConfirmed),
        CallError::NotExported => Fault::of(FaultCode::NotExported),
        CallError::ToolkitNotCarried { kept } => {
            Fault::with(FaultCode::VersionNotSupported, format!("the permit is a document of toolkit {kept}"))
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
