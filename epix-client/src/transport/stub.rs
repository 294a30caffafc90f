//! A road without a network: scripted replies, and what was sent, for tests and for the simulated partner.

use std::collections::VecDeque;
use std::future::ready;
use std::sync::{Mutex, PoisonError};

use super::failure::Words;
use super::{Outgoing, Reply, Sending, Transport, TransportError};

/// What was sent over a [`StubTransport`].
#[derive(Clone, PartialEq, Eq)]
pub struct Sent {
    /// The whole address.
    pub url: String,
    /// The value of the SOAPAction header.
    pub soap_action: String,
    /// The SOAP message.
    pub body: String,
}

/// Gives scripted replies in their order and remembers what was sent.
///
/// ```
/// use epix_client::StubTransport;
/// let stub = StubTransport::new();
/// stub.then(500, "<e:Envelope …");
/// assert!(stub.sent().is_empty());
/// ```
#[derive(Default)]
pub struct StubTransport {
    script: Mutex<VecDeque<Result<Reply, TransportError>>>,
    sent: Mutex<Vec<Sent>>,
}

impl StubTransport {
    /// An empty script: every message fails.
    pub fn new() -> StubTransport {
        StubTransport::default()
    }

    /// Adds a reply with a status and a body.
    pub fn then(&self, status: u16, body: impl Into<Vec<u8>>) {
        let content_type = Some("text/xml; charset=utf-8".to_owned());
        self.then_result(Ok(Reply { status, content_type, location: None, body: body.into() }));
    }

    /// Adds whatever comes back.
    pub fn then_result(&self, result: Result<Reply, TransportError>) {
        self.script.lock().unwrap_or_else(PoisonError::into_inner).push_back(result);
    }

    /// What was sent so far.
    pub fn sent(&self) -> Vec<Sent> {
        self.sent.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    fn next(&self, url: &str) -> Result<Reply, TransportError> {
        let scripted = self.script.lock().unwrap_or_else(PoisonError::into_inner).pop_front();
        let nothing = || TransportError::Failed {
            host: url.to_owned(),
            cause: Words("the script holds no further reply".to_owned()),
        };
        scripted.unwrap_or_else(|| Err(nothing()))
    }
}

impl Transport for StubTransport {
    fn send<'a>(&'a self, message: Outgoing<'a>) -> Sending<'a> {
        let Outgoing { url, soap_action, body, .. } = message;
        let sent = Sent { url: url.to_owned(), soap_action: soap_action.to_owned(), body: body.to_owned() };
        self.sent.lock().unwrap_or_else(PoisonError::into_inner).push(sent);
        Box::pin(ready(self.next(url)))
    }
}
