//! What went wrong on the way, and whose turn is it to act?

use std::fmt;
use std::time::Duration;

/// Says why a message brought nothing back. The source, where there is one, is what the system said.
#[derive(Debug, thiserror::Error)]
pub enum TransportError {
    /// The name server knows no such host.
    #[error("no host is called {host}")]
    UnknownHost {
        /// The host in the address.
        host: String,
        /// What the system said.
        #[source]
        cause: Words,
    },
    /// The host is there and nothing listens at the port.
    #[error("nothing listens at {host}")]
    Refused {
        /// Host and port.
        host: String,
    },
    /// No road to the host.
    #[error("{host} cannot be reached")]
    Unreachable {
        /// Host and port.
        host: String,
        /// What the system said.
        #[source]
        cause: Words,
    },
    /// No connection within the time that was given.
    #[error("no connection to {host} within {} s", .limit.as_secs_f32())]
    ConnectTimeout {
        /// Host and port.
        host: String,
        /// The time that was given.
        limit: Duration,
    },
    /// Connected, and no whole answer within the time that was given. What was asked for may have been done.
    #[error("no whole answer from {host} within {} s", .limit.as_secs_f32())]
    AnswerTimeout {
        /// Host and port.
        host: String,
        /// The time that was given.
        limit: Duration,
    },
    /// What listens there does not speak TLS.
    #[error("{host} does not speak TLS")]
    NotTls {
        /// Host and port.
        host: String,
    },
    /// The certificate of the partner is not one that we trust.
    #[error("the certificate of {host} is not trusted: {flaw}")]
    PartnerCertificate {
        /// Host and port.
        host: String,
        /// What is wrong with it.
        flaw: CertificateFlaw,
    },
    /// The partner does not take our certificate.
    #[error("{host} refuses our certificate: {refusal}")]
    OurCertificate {
        /// Host and port.
        host: String,
        /// What the partner said.
        refusal: Refusal,
    },
    /// TLS failed in another way.
    #[error("no TLS connection to {host}")]
    Tls {
        /// Host and port.
        host: String,
        /// What the TLS library said.
        #[source]
        cause: Words,
    },
    /// The connection ended before the answer did. What was asked for may have been done.
    #[error("{host} closed the connection before it had answered")]
    Closed {
        /// Host and port.
        host: String,
        /// What the system said.
        #[source]
        cause: Words,
    },
    /// The answer is larger than any document may be.
    #[error("the answer of {host} has more than {limit} bytes")]
    TooLarge {
        /// Host and port.
        host: String,
        /// How many bytes are read.
        limit: usize,
    },
    /// The address cannot be called, or what came back is no HTTP.
    #[error("the call to {host} failed")]
    Failed {
        /// Host and port.
        host: String,
        /// What the HTTP library said.
        #[source]
        cause: Words,
    },
}

/// What is wrong with a partner's certificate.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum CertificateFlaw {
    /// Its authority is not the one that we trust.
    UnknownAuthority,
    /// It is made out for another host.
    OtherHost,
    /// Its time is over.
    Expired,
    /// Its time has not begun.
    NotYetValid,
    /// Anything else, in the words of the TLS library.
    Other(String),
}

impl fmt::Display for CertificateFlaw {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            CertificateFlaw::UnknownAuthority => "it comes from another authority than the one trusted here",
            CertificateFlaw::OtherHost => "it is made out for another host name",
            CertificateFlaw::Expired => "it has expired",
            CertificateFlaw::NotYetValid => "it is not valid yet",
            CertificateFlaw::Other(words) => words,
        })
    }
}

/// Why a partner refuses our certificate, as far as TLS alerts tell.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Refusal {
    /// It wants one and got none.
    Required,
    /// It does not know the authority that made it.
    UnknownAuthority,
    /// Its time is over.
    Expired,
    /// It was revoked.
    Revoked,
    /// Not acceptable, without saying why.
    NotAccepted,
}

impl fmt::Display for Refusal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Refusal::Required => "it asks for a client certificate and got none that it can use",
            Refusal::UnknownAuthority => "it does not know the authority that made it",
            Refusal::Expired => "it says that it has expired",
            Refusal::Revoked => "it says that it was revoked",
            Refusal::NotAccepted => "it does not say why",
        })
    }
}

/// What a library said, in its words, without the links to further causes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Words(pub(super) String);

impl fmt::Display for Words {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl std::error::Error for Words {}

/// Whose turn it is to act after a call that failed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum WhoActs {
    /// Us: an address, a certificate or the authority that we trust is not what it should be.
    We,
    /// Those who keep the partner's service.
    Partner,
    /// Nobody but time, or those who keep the network between us.
    Network,
}

impl TransportError {
    /// Whose turn it is to act, as far as it can be told from here.
    pub fn who_acts(&self) -> WhoActs {
        match self {
            TransportError::UnknownHost { .. }
            | TransportError::NotTls { .. }
            | TransportError::OurCertificate { .. }
            | TransportError::PartnerCertificate { flaw: CertificateFlaw::UnknownAuthority, .. } => WhoActs::We,
            TransportError::Refused { .. }
            | TransportError::AnswerTimeout { .. }
            | TransportError::PartnerCertificate { .. }
            | TransportError::Tls { .. }
            | TransportError::Closed { .. }
            | TransportError::TooLarge { .. }
            | TransportError::Failed { .. } => WhoActs::Partner,
            TransportError::Unreachable { .. } | TransportError::ConnectTimeout { .. } => WhoActs::Network,
        }
    }
}
