//! How does a message reach a partner, and what can go wrong on the way?

mod classify;
mod failure;
pub mod http;
pub mod stub;

use std::future::Future;
use std::pin::Pin;

#[cfg(feature = "gateway")]
pub(crate) use classify::classify;
pub use failure::{CertificateFlaw, Refusal, TransportError, WhoActs, Words};

/// One message on its way out. It may hold a token, so it cannot be printed.
#[derive(Clone, Copy)]
pub struct Outgoing<'a> {
    /// The whole address of the service.
    pub url: &'a str,
    /// The value of the SOAPAction header, with its quotes.
    pub soap_action: &'a str,
    /// The SOAP message.
    pub body: &'a str,
    /// HTTP headers beyond those that every message has.
    pub headers: &'a [(&'static str, String)],
}

/// What came back over HTTP, whatever it is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Reply {
    /// HTTP status.
    pub status: u16,
    /// `Content-Type`, where there is one.
    pub content_type: Option<String>,
    /// `Location`, where there is one; redirects are never followed.
    pub location: Option<String>,
    /// The body; never longer than the limit for documents.
    pub body: Vec<u8>,
}

/// A reply in the making.
pub type Sending<'a> = Pin<Box<dyn Future<Output = Result<Reply, TransportError>> + Send + 'a>>;

/// A road to partners. It carries messages and does not look into them.
pub trait Transport: Send + Sync {
    /// Sends one message and waits for what comes back, once: nothing is repeated.
    ///
    /// # Errors
    /// The future gives [`TransportError`] when nothing came back that could be looked at.
    fn send<'a>(&'a self, message: Outgoing<'a>) -> Sending<'a>;
}
