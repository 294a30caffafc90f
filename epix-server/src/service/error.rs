//! Why a call is refused, in the words of the trade; each face has one table that turns this into its own.

use epix_core::id::{Amount, PermitNumber, PositionId};
use epix_core::report::Lost;
use epix_core::sign::SignError;
use epix_core::version::ToolkitVersion;

use super::relay::UpstreamError;
use crate::store::StoreError;

/// Why a call was not done. Nothing was changed.
#[derive(Debug, thiserror::Error)]
pub enum CallError {
    /// The certificate of the caller is registered for nobody.
    #[error("the caller is not registered")]
    CallerUnknown,
    /// No authority of that country is kept here, or several are and none was named.
    #[error("no authority answers for the country that was named")]
    AuthorityUnknown,
    /// Several authorities of the country keep a permit of this number.
    #[error("several authorities of the country keep a permit of this number")]
    AuthorityAmbiguous,
    /// The caller may not do this.
    #[error("the caller has no right to this")]
    NoRight,
    /// The permit is somebody else's: from outside the same as an unknown one.
    #[error("the permit is not theirs to use")]
    NotTheirs,
    /// The caller asks more often than it may.
    #[error("the caller may ask again in {seconds} seconds")]
    TooOften {
        /// How long it has to wait.
        seconds: u64,
    },
    /// The certificate was revoked by its issuer.
    #[error("the certificate of the caller is revoked")]
    CertificateRevoked,
    /// The certificate is registered, but not for this day.
    #[error("the certificate of the caller is not taken on this day")]
    CertificateOutOfTerm,
    /// No such permit, or a missing or wrong token: from outside the same.
    #[error("no such permit for this caller and token")]
    PermitUnknown,
    /// The permit has no certified quantities.
    #[error("the permit is not final")]
    NotFinal,
    /// The permit was cancelled.
    #[error("the permit was cancelled")]
    Cancelled,
    /// Another permit stands in its place.
    #[error("the permit was replaced by {by}")]
    Replaced {
        /// Which.
        by: PermitNumber,
    },
    /// The permit was lost or stolen.
    #[error("the permit was reported as lost or stolen")]
    Lost,
    /// The permit was given back unused.
    #[error("the permit was returned unused")]
    Returned,
    /// The permit is suspended.
    #[error("the permit is suspended")]
    Suspended,
    /// The permit is past its last day, and the authority takes no late reports.
    #[error("the permit is past its last day")]
    Expired,
    /// A part of a permit was confirmed without the caller's own id of the call.
    #[error("the confirmation of a part carries no call id")]
    CallIdMissing,
    /// The permit has no such position.
    #[error("the permit has no position {position}")]
    PositionUnknown {
        /// The letter that was named.
        position: PositionId,
    },
    /// A position stands twice, in the call or on the permit.
    #[error("position {position} stands twice")]
    PositionTwice {
        /// The letter.
        position: PositionId,
    },
    /// More than the permit allows.
    #[error("position {position}: {confirmed} is more than {allowed}")]
    QuantityExceeded {
        /// The letter.
        position: PositionId,
        /// What was reported.
        confirmed: Amount,
        /// What is allowed: the permitted quantity, or for import the exported one.
        allowed: Amount,
    },
    /// Other quantities stand in the book already.
    #[error("other quantities are confirmed already")]
    AlreadyConfirmed,
    /// Import before export.
    #[error("the export is not certified")]
    NotExported,
    /// The toolkit version of the answer has no place for a part of the permit, and the policy does not accept the loss.
    #[error("toolkit {wanted} cannot carry all of the permit, which is kept in toolkit {kept}")]
    ToolkitNotCarried {
        /// The version it is kept in.
        kept: ToolkitVersion,
        /// The version of the answer.
        wanted: ToolkitVersion,
        /// What has no place.
        losses: Vec<Lost>,
    },
    /// The document is of a toolkit version that has no place for certified quantities.
    #[error("the permit is a document of toolkit {kept}, which has no place for box 14")]
    NoBox14 {
        /// The version it is kept in.
        kept: ToolkitVersion,
    },
    /// The Party that was asked for does not answer now.
    #[error("the Party does not answer now")]
    CalleeClosed {
        /// What it wants to be said meanwhile.
        words: Option<String>,
    },
    /// The Party to which the call was passed on brought nothing to answer with.
    #[error("the call was passed on in vain")]
    Upstream(#[source] Box<UpstreamError>),
    /// Others changed the permit all the while; to be tried again.
    #[error("the permit is being changed by others")]
    Busy,
    /// What is stored could not be used.
    #[error("a stored document could not be used: {0}")]
    Document(String),
    /// The gateway's key cannot sign what it made.
    #[error("the gateway cannot sign")]
    Unsigned(#[from] SignError),
    /// The store failed.
    #[error("the store failed")]
    Store(#[from] StoreError),
}

impl CallError {
    /// The outcome that stands in the audit and the metrics.
    pub fn outcome(&self) -> &'static str {
        match self {
            CallError::CallerUnknown => "caller-unknown",
            CallError::AuthorityUnknown => "authority-unknown",
            CallError::AuthorityAmbiguous => "authority-ambiguous",
            CallError::NoRight => "no-right",
            CallError::NotTheirs => "not-theirs",
            CallError::TooOften { .. } => "too-often",
            CallError::CertificateRevoked => "certificate-revoked",
            CallError::CertificateOutOfTerm => "certificate-out-of-term",
            CallError::PermitUnknown => "permit-unknown",
            CallError::NotFinal => "not-final",
            CallError::Cancelled => "cancelled",
            CallError::Replaced { .. } => "replaced",
            CallError::Lost => "lost",
            CallError::Returned => "returned",
            CallError::Suspended => "suspended",
            CallError::Expired => "expired",
            CallError::CallIdMissing => "call-id-missing",
            CallError::PositionUnknown { .. } => "position-unknown",
            CallError::PositionTwice { .. } => "position-twice",
            CallError::QuantityExceeded { .. } => "quantity-exceeded",
            CallError::AlreadyConfirmed => "already-confirmed",
            CallError::NotExported => "not-exported",
            CallError::ToolkitNotCarried { .. } => "toolkit-not-carried",
            CallError::NoBox14 { .. } => "no-box-14",
            CallError::CalleeClosed { .. } => "callee-closed",
            CallError::Upstream(error) => error.outcome(),
            CallError::Busy => "busy",
            CallError::Document(_) => "document-unusable",
            CallError::Unsigned(_) => "not-signed",
            CallError::Store(_) => "store-failed",
        }
    }
}

impl From<UpstreamError> for CallError {
    fn from(error: UpstreamError) -> CallError {
        CallError::Upstream(Box::new(error))
    }
}
