//! What is the caller told when the Party that was asked in turn brought nothing? What failed, and never where or in whose words.

use epix_client::{CallError, CertificateFlaw, Refusal, TransportError};
use epix_core::soap::answer::PartnerFault;
use epix_core::soap::{Fact, Fault, FaultCode};

use crate::service::UpstreamError;

/// The fault for a call that was passed on in vain.
pub fn fault(error: &UpstreamError) -> Fault {
    match error {
        UpstreamError::Fault(fault) => meant(fault),
        UpstreamError::Call(error) => unanswered(error),
        UpstreamError::NotConfirmed => http("it says that nothing is confirmed"),
        UpstreamError::NoPermit => http("it answered without a permit that can be read"),
        UpstreamError::OtherPermit => http("it answered with another permit than the one that was asked for"),
        UpstreamError::Attachments(_) => http("it sent attachments that cannot be read"),
        UpstreamError::Signature(_) => http("its permit is not signed as it should be"),
        UpstreamError::Credential(_)
        | UpstreamError::Endpoint(_)
        | UpstreamError::Profile(_)
        | UpstreamError::Login(_) => Fault::of(FaultCode::Internal),
    }
}

/// A fault keeps its meaning and what it states, unless it speaks of our message or certificate, which are not the caller's;
/// one whose meaning nobody knows is told as such.
fn meant(fault: &PartnerFault) -> Fault {
    let Some(code) = fault.meaning() else {
        let blame = if fault.faultcode == "Client" { "the call" } else { "itself" };
        return http(&format!("it refused with a fault of its own, for which it blames {blame}"));
    };
    match code {
        FaultCode::CertificateMissing | FaultCode::CallerNotFound => return http("it does not know our certificate"),
        FaultCode::InvalidRequest
        | FaultCode::RequestTooLarge
        | FaultCode::MediaTypeNotSupported
        | FaultCode::OperationMismatch
        | FaultCode::MustUnderstand
        | FaultCode::VersionMismatch => return http("it does not take our message"),
        _ => {}
    }
    let stated = |(name, value): &(String, String)| Some((Fact::named(name)?, value.clone()));
    let facts = fault.particulars.iter().filter_map(stated).collect();
    Fault { facts, ..Fault::of(code) }
}

fn http(what: &str) -> Fault {
    Fault::with(FaultCode::UpstreamHttp, what)
}

fn unanswered(error: &CallError) -> Fault {
    match error {
        CallError::Unaskable(_) => Fault::of(FaultCode::OperationNotAvailable),
        CallError::Transport(error) => lost(error),
        CallError::Status { status, .. } => http(&format!("HTTP status {status} and no message of EPIX")),
        CallError::Empty { status } => http(&format!("HTTP status {status} and nothing inside")),
        CallError::Unreadable { .. } => http("something that is no answer to the call"),
    }
}

fn lost(error: &TransportError) -> Fault {
    use TransportError as T;
    let unreachable = |what: &str| Fault::with(FaultCode::UpstreamUnreachable, what);
    let tls = |what: String| Fault::with(FaultCode::UpstreamTls, what);
    match error {
        T::UnknownHost { .. } => unreachable("nobody knows the name of its host"),
        T::Refused { .. } => unreachable("nothing listens there"),
        T::Unreachable { .. } => unreachable("there is no way to its host"),
        T::Closed { .. } => unreachable("it closed the connection before it had answered"),
        T::Failed { .. } => unreachable("the call failed on its way"),
        T::ConnectTimeout { .. } => Fault::with(FaultCode::UpstreamTimeout, "no connection in time"),
        T::AnswerTimeout { .. } => Fault::with(FaultCode::UpstreamTimeout, "no whole answer in time"),
        T::TooLarge { .. } => http("more than any permit may be long"),
        T::NotTls { .. } => tls("it does not speak TLS".to_owned()),
        T::Tls { .. } => tls("no version of TLS in common".to_owned()),
        T::PartnerCertificate { flaw: CertificateFlaw::Other(_), .. } => {
            tls("its certificate is not trusted".to_owned())
        }
        T::PartnerCertificate { flaw, .. } => tls(format!("its certificate is not trusted: {flaw}")),
        T::OurCertificate { refusal: Refusal::NotAccepted, .. } => tls("it refuses our certificate".to_owned()),
        T::OurCertificate { refusal, .. } => tls(format!("it refuses our certificate: {refusal}")),
    }
}
