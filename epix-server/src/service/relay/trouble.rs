//! Why did the Party that a call was passed on to bring nothing that can be answered with?

use epix_client::{CallError, CredentialError, EndpointError, TransportError};
use epix_core::soap::answer::PartnerFault;

/// What went wrong behind us. The caller is told what failed, never the address or the words of others.
#[derive(Debug, thiserror::Error)]
pub enum UpstreamError {
    /// It refused in words.
    #[error("the Party refused: {} {}", .0.code.as_deref().unwrap_or(&.0.faultcode), .0.faultstring)]
    Fault(Box<PartnerFault>),
    /// It gave no answer.
    #[error("the Party gave no answer")]
    Call(#[source] CallError),
    /// It says that nothing is confirmed.
    #[error("the Party says that nothing is confirmed")]
    NotConfirmed,
    /// Its answer holds no permit that can be read.
    #[error("the answer of the Party holds no permit that can be read")]
    NoPermit,
    /// It answered with another permit than the one that was asked for.
    #[error("the Party answered with another permit than the one that was asked for")]
    OtherPermit,
    /// Attachments that cannot be passed on unchanged.
    #[error("attachments of the Party cannot be read: {}", .0.join(", "))]
    Attachments(Vec<String>),
    /// The permit is not signed as the configuration asks.
    #[error("the signature of the permit is refused: {0}")]
    Signature(String),
    /// Our certificate, our key or the roots for this Party cannot be used.
    #[error("our credentials for the Party cannot be used")]
    Credential(#[from] CredentialError),
    /// Its entry in the register cannot be used.
    #[error("the address of the Party cannot be used")]
    Endpoint(#[from] EndpointError),
    /// Its entry in the register names a profile that there is not.
    #[error("there is no profile {0:?}")]
    Profile(String),
    /// The file with our user name and password for this Party cannot be used.
    #[error("the file with our user name and password for the Party cannot be used: {0}")]
    Login(String),
}

impl UpstreamError {
    /// May the Party have done what it was asked to do, although nobody heard it say so?
    pub fn may_have_been_done(&self) -> bool {
        use TransportError as T;
        match self {
            UpstreamError::Call(CallError::Transport(error)) => {
                matches!(error, T::AnswerTimeout { .. } | T::Closed { .. } | T::Failed { .. } | T::TooLarge { .. })
            }
            UpstreamError::Call(CallError::Unaskable(_)) => false,
            UpstreamError::Call(_) => true,
            _ => false,
        }
    }

    /// The outcome that stands in the audit and the metrics.
    pub fn outcome(&self) -> &'static str {
        match self {
            UpstreamError::Fault(_) => "upstream-fault",
            UpstreamError::Call(CallError::Transport(error)) => transport_outcome(error),
            UpstreamError::Call(CallError::Unaskable(_)) => "upstream-lacks-operation",
            UpstreamError::Call(_) => "upstream-no-answer",
            UpstreamError::NotConfirmed => "upstream-not-confirmed",
            UpstreamError::NoPermit | UpstreamError::OtherPermit => "upstream-wrong-permit",
            UpstreamError::Attachments(_) => "upstream-attachments",
            UpstreamError::Signature(_) => "upstream-signature",
            UpstreamError::Credential(_)
            | UpstreamError::Endpoint(_)
            | UpstreamError::Profile(_)
            | UpstreamError::Login(_) => "upstream-not-configured",
        }
    }
}

fn transport_outcome(error: &TransportError) -> &'static str {
    use TransportError as T;
    match error {
        T::AnswerTimeout { .. } | T::ConnectTimeout { .. } => "upstream-timeout",
        T::NotTls { .. } | T::PartnerCertificate { .. } | T::OurCertificate { .. } | T::Tls { .. } => "upstream-tls",
        T::TooLarge { .. } => "upstream-no-answer",
        T::UnknownHost { .. } | T::Refused { .. } | T::Unreachable { .. } | T::Closed { .. } | T::Failed { .. } => {
            "upstream-unreachable"
        }
    }
}
