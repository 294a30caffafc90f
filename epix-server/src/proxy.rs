//! Who calls, where a proxy ends TLS in front of this server: the certificate stands in a header, believed only from the proxies
//! that the operator named (RFC 9440).

use std::collections::BTreeSet;
use std::net::IpAddr;
use std::sync::Arc;
use std::time::{Duration, Instant};

use actix_web::http::header::{HeaderMap, HeaderName};
use actix_web::{HttpRequest, web};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use openssl::stack::Stack;
use openssl::x509::X509;

use crate::config::{CertificateForm, ProxySection};
use crate::identity::{Neighbour, Peer};
use crate::recent::Recent;
use crate::tls::Live;

/// The header of RFC 9440 with the certificates between the caller's and its root.
const CHAIN: HeaderName = HeaderName::from_static("client-cert-chain");

/// Why it is not known who sent a request; for the operator's log, never for the caller.
#[derive(Debug, thiserror::Error)]
pub enum NotProved {
    /// There is no certificate, on the connection or in the header.
    #[error("no certificate of the caller came with the request")]
    NoCertificate,
    /// Somebody who is no proxy of ours uses the listener for proxies.
    #[error("{address} is not among proxy.from")]
    NotAProxy {
        /// Who.
        address: String,
    },
    /// The header is there more than once: then one of them was not written by the proxy.
    #[error("the header {header} is there more than once; the proxy must remove what callers send")]
    Twice {
        /// Which.
        header: String,
    },
    /// The header does not hold a certificate in the form that was configured.
    #[error("the header {header} holds no certificate in the form of proxy.form")]
    Unreadable {
        /// Which.
        header: String,
    },
    /// The certificate does not lead to one of the client roots, or not today.
    #[error("the certificate that the proxy names is not trusted: {reason}")]
    NotTrusted {
        /// In OpenSSL's words.
        reason: String,
    },
}

/// Who sent a request: on the exchange listener the peer of the connection, whatever headers say; on the listener for proxies
/// the certificate that a trusted proxy names.
///
/// # Errors
/// [`NotProved`]: why nobody is known.
pub fn peer_of(http: &HttpRequest) -> Result<Peer, NotProved> {
    if let Some(peer) = http.conn_data::<Peer>() {
        return Ok(peer.clone());
    }
    match http.app_data::<web::Data<Proxies>>() {
        Some(proxies) => proxies.peer_of(http),
        None => Err(NotProved::NoCertificate),
    }
}

/// The proxies in front, and how they name the caller.
pub struct Proxies {
    from: BTreeSet<IpAddr>,
    header: HeaderName,
    form: CertificateForm,
    trust: Arc<Live>,
    verified: Recent<(u64, String, String), Peer>,
}

/// How many callers' certificates are remembered: more than there are Parties with all their organisations.
const REMEMBERED: usize = 1_000;

/// How long the trust in one is remembered: one that ends is refused at most so much later. Revocation is asked for every call.
const LASTS: Duration = Duration::from_secs(60);

impl Proxies {
    /// Takes over what the operator set.
    pub fn new(section: &ProxySection, trust: Arc<Live>) -> Proxies {
        let from = section.from.iter().map(IpAddr::to_canonical).collect();
        let verified = Recent::new(REMEMBERED, LASTS);
        Proxies { from, header: section.header.0.clone(), form: section.form, trust, verified }
    }

    /// Who sent a request that came over the listener for proxies.
    ///
    /// # Errors
    /// [`NotProved`].
    pub fn peer_of(&self, http: &HttpRequest) -> Result<Peer, NotProved> {
        let Some(Neighbour(address)) = http.conn_data::<Neighbour>() else { return Err(NotProved::NoCertificate) };
        if !self.from.contains(&address.ip().to_canonical()) {
            return Err(NotProved::NotAProxy { address: address.to_string() });
        }
        let named = single(http.headers(), &self.header)?.ok_or(NotProved::NoCertificate)?;
        let chain = match self.form {
            CertificateForm::Rfc9440 => single(http.headers(), &CHAIN)?.unwrap_or_default(),
            CertificateForm::EscapedPem => "",
        };
        // Under the roots as they are now: other roots, another answer.
        let asked = (self.trust.generation(), named.to_owned(), chain.to_owned());
        let now = Instant::now();
        let peer = match self.verified.get(&asked, now) {
            Some(peer) => peer,
            None => {
                let peer = self.verified(named, chain)?;
                self.verified.put(asked, peer.clone(), now);
                peer
            }
        };
        Ok(Peer { address: Some(address.to_string()), ..peer })
    }

    fn verified(&self, named: &str, chain: &str) -> Result<Peer, NotProved> {
        let unreadable = || NotProved::Unreadable { header: self.header.to_string() };
        let certificate = certificate(named, self.form).ok_or_else(unreadable)?;
        let not_trusted = |reason| NotProved::NotTrusted { reason };
        let verified = self.trust.verified(&certificate, stack(self.chain(chain)?)?).map_err(not_trusted)?;
        Peer::of(&certificate, verified.iter().map(|above| &**above), None).map_err(|_| unreadable())
    }

    fn chain(&self, text: &str) -> Result<Vec<X509>, NotProved> {
        let unreadable = || NotProved::Unreadable { header: CHAIN.to_string() };
        let parts = text.split(',').filter(|part| !part.trim().is_empty());
        parts.map(|part| certificate(part.trim(), self.form).ok_or_else(unreadable)).collect()
    }
}

fn stack(certificates: Vec<X509>) -> Result<Stack<X509>, NotProved> {
    let unwilling = |error: openssl::error::ErrorStack| NotProved::NotTrusted { reason: error.to_string() };
    let mut stack = Stack::new().map_err(unwilling)?;
    for certificate in certificates {
        stack.push(certificate).map_err(unwilling)?;
    }
    Ok(stack)
}

/// The one value of a header.
fn single<'headers>(headers: &'headers HeaderMap, name: &HeaderName) -> Result<Option<&'headers str>, NotProved> {
    let mut values = headers.get_all(name);
    let first = values.next();
    if values.next().is_some() {
        return Err(NotProved::Twice { header: name.to_string() });
    }
    let unreadable = |_| NotProved::Unreadable { header: name.to_string() };
    first.map(|value| value.to_str().map_err(unreadable)).transpose()
}

/// The certificate in a header.
fn certificate(value: &str, form: CertificateForm) -> Option<X509> {
    match form {
        // RFC 9440 clause 2.1: a byte sequence of RFC 8941, base64 between colons.
        CertificateForm::Rfc9440 => {
            let text = value.trim().strip_prefix(':')?.strip_suffix(':')?;
            X509::from_der(&STANDARD.decode(text).ok()?).ok()
        }
        CertificateForm::EscapedPem => {
            let pem: Vec<u8> = percent_encoding::percent_decode_str(value).collect();
            X509::from_pem(&pem).ok()
        }
    }
}
