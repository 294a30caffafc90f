//! The real road: HTTP over TLS with certificates on both sides.
//!
//! Chosen once, for every partner, and without a switch: TLS 1.2 or newer; only the authority that is given is trusted,
//! never the roots of the system; the host name is always verified; redirects are not followed; a message is sent once.
//! Proxies are not used, and `HTTPS_PROXY` and its kin are not read: the two ends of this road know each other by their
//! certificates, and a variable left in an environment must not decide which way a permit goes.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::time::Duration;

use epix_core::wire::guard::Limits;
use reqwest::header::{CONTENT_LENGTH, CONTENT_TYPE, HeaderMap, HeaderName, LOCATION};
use reqwest::{Certificate, Client, ClientBuilder, RequestBuilder, Response, Url, redirect, retry, tls};

use super::classify::classify;
use super::failure::{TransportError, Words};
use super::{Outgoing, Reply, Sending, Transport};

/// The files that say who we are and whom we trust, all PEM.
#[derive(Debug, Clone, Copy)]
pub struct Identity<'a> {
    /// Our certificate, followed by the intermediate ones where there are any.
    pub certificate: &'a Path,
    /// Its key, PKCS#8 without a password.
    pub key: &'a Path,
    /// The root certificates under which the partner's certificate must stand.
    pub authority: &'a Path,
}

/// How long is waited.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Timeouts {
    /// For the connection, TLS included.
    pub connect: Duration,
    /// For the whole call until the last byte of the answer.
    pub total: Duration,
}

impl Default for Timeouts {
    /// 10 seconds to connect; 60 in all, because some services ask a back office before they answer.
    fn default() -> Timeouts {
        Timeouts { connect: Duration::from_secs(10), total: Duration::from_secs(60) }
    }
}

impl Timeouts {
    /// So long in all, and never longer than that or ten seconds to connect.
    pub fn within(total: Duration) -> Timeouts {
        Timeouts { connect: Timeouts::default().connect.min(total), total }
    }
}

/// Says which file does not hold what it should.
#[derive(Debug, thiserror::Error)]
pub enum CredentialError {
    /// The file cannot be read.
    #[error("cannot read {}", .file.display())]
    Unreadable {
        /// Which file.
        file: PathBuf,
        /// What the system said.
        #[source]
        cause: io::Error,
    },
    /// There is no certificate in it.
    #[error("{} holds no certificate in PEM", .file.display())]
    NoCertificate {
        /// Which file.
        file: PathBuf,
    },
    /// A certificate in it is broken.
    #[error("{} holds a certificate that cannot be read", .file.display())]
    BrokenCertificate {
        /// Which file.
        file: PathBuf,
        /// What the TLS library said.
        #[source]
        cause: Words,
    },
    /// There is no key in it that can be used.
    #[error("{} holds no usable key: {reason}", .file.display())]
    NoKey {
        /// Which file.
        file: PathBuf,
        /// What stands there instead.
        reason: &'static str,
    },
    /// Certificate and key do not belong together, or cannot be used for TLS.
    #[error("{} and {} do not make an identity", .certificate.display(), .key.display())]
    NoIdentity {
        /// The file with the certificate.
        certificate: PathBuf,
        /// The file with the key.
        key: PathBuf,
        /// What the TLS library said.
        #[source]
        cause: Words,
    },
}

/// A message that is no SOAP call, to a receiver that only says whether it has it.
#[derive(Debug, Clone, Copy)]
pub struct Posting<'a> {
    /// The whole address.
    pub url: &'a str,
    /// Header lines of the sender, by name and value.
    pub headers: &'a [(&'a str, &'a str)],
    /// The body, JSON.
    pub body: &'a str,
}

/// HTTP over TLS, with one identity and one trusted authority.
#[derive(Debug, Clone)]
pub struct HttpTransport {
    client: Client,
    timeouts: Timeouts,
}

impl HttpTransport {
    /// Reads the files and gets ready; nothing is sent yet.
    ///
    /// # Errors
    /// [`CredentialError`] naming the file that does not hold what it should.
    pub fn new(identity: Identity<'_>, timeouts: Timeouts) -> Result<HttpTransport, CredentialError> {
        let authorities = certificates(identity.authority)?;
        let ours = own_identity(identity.certificate, identity.key)?;
        let built = builder(authorities, timeouts).identity(ours).https_only(true).build();
        let client = built.map_err(|error| no_identity(identity.certificate, identity.key, &error))?;
        Ok(HttpTransport { client, timeouts })
    }

    /// Posts JSON once, and gives the status; what the receiver says beyond it is not read.
    ///
    /// # Errors
    /// [`TransportError`] when it cannot be told whether the message came through.
    pub async fn post(&self, message: Posting<'_>) -> Result<u16, TransportError> {
        let mut request = self.client.post(message.url).header(CONTENT_TYPE, "application/json");
        for (name, value) in message.headers {
            request = request.header(*name, *value);
        }
        let sent = request.body(message.body.to_owned()).send().await;
        let sorted = |error: reqwest::Error| classify(&error.without_url(), host_of(message.url), self.timeouts);
        sent.map(|response| response.status().as_u16()).map_err(sorted)
    }

    async fn exchange(&self, message: Outgoing<'_>) -> Result<Reply, TransportError> {
        let host = host_of(message.url);
        let request = self
            .client
            .post(message.url)
            .header(CONTENT_TYPE, "text/xml; charset=utf-8")
            .header("SOAPAction", message.soap_action)
            .body(message.body.to_owned());
        let with = |request: RequestBuilder, (name, value): &(&str, String)| request.header(*name, value);
        let request = message.headers.iter().fold(request, with);
        let sorted = |error: reqwest::Error| classify(&error.without_url(), host.clone(), self.timeouts);
        let mut response = request.send().await.map_err(sorted)?;
        let limit = Limits::DOCUMENT.bytes;
        let too_large = || TransportError::TooLarge { host: host.clone(), limit };
        if announced_length(&response).is_some_and(|length| length > limit as u64) {
            return Err(too_large());
        }
        let mut body = Vec::new();
        while let Some(chunk) = response.chunk().await.map_err(sorted)? {
            if body.len() + chunk.len() > limit {
                return Err(too_large());
            }
            body.extend_from_slice(&chunk);
        }
        let header = |name: HeaderName| text_of(response.headers(), &name);
        Ok(Reply {
            status: response.status().as_u16(),
            content_type: header(CONTENT_TYPE),
            location: header(LOCATION),
            body,
        })
    }
}

impl Transport for HttpTransport {
    fn send<'a>(&'a self, message: Outgoing<'a>) -> Sending<'a> {
        Box::pin(self.exchange(message))
    }
}

/// What every road of ours has in common.
pub(crate) fn builder(authorities: Vec<Certificate>, timeouts: Timeouts) -> ClientBuilder {
    Client::builder()
        .tls_backend_native()
        .tls_certs_only(authorities)
        .tls_version_min(tls::Version::TLS_1_2)
        .redirect(redirect::Policy::none())
        .retry(retry::never())
        .no_proxy()
        .referer(false)
        .tcp_nodelay(true)
        .connect_timeout(timeouts.connect)
        .timeout(timeouts.total)
        .user_agent(concat!("epix/", env!("CARGO_PKG_VERSION")))
}

/// Host and port of an address, for messages.
pub(crate) fn host_of(url: &str) -> String {
    let parsed = Url::parse(url).ok();
    let host = parsed.as_ref().and_then(|url| Some((url.host_str()?, url.port_or_known_default()?)));
    host.map_or_else(|| url.to_owned(), |(host, port)| format!("{host}:{port}"))
}

fn announced_length(response: &Response) -> Option<u64> {
    response.headers().get(CONTENT_LENGTH)?.to_str().ok()?.parse().ok()
}

fn text_of(headers: &HeaderMap, name: &HeaderName) -> Option<String> {
    headers.get(name)?.to_str().ok().map(str::to_owned)
}

fn read(file: &Path) -> Result<Vec<u8>, CredentialError> {
    fs::read(file).map_err(|cause| CredentialError::Unreadable { file: file.to_owned(), cause })
}

pub(crate) fn certificates(file: &Path) -> Result<Vec<Certificate>, CredentialError> {
    let pem = read(file)?;
    let broken = |error: &reqwest::Error| CredentialError::BrokenCertificate {
        file: file.to_owned(),
        cause: Words(innermost(error)),
    };
    let found = Certificate::from_pem_bundle(&pem).map_err(|error| broken(&error))?;
    if found.is_empty() {
        return Err(CredentialError::NoCertificate { file: file.to_owned() });
    }
    Ok(found)
}

pub(crate) fn own_identity(certificate: &Path, key: &Path) -> Result<reqwest::Identity, CredentialError> {
    certificates(certificate)?;
    let (chain, pem) = (read(certificate)?, read(key)?);
    let secret = pkcs8(&pem).map_err(|reason| CredentialError::NoKey { file: key.to_owned(), reason })?;
    reqwest::Identity::from_pkcs8_pem(&chain, secret).map_err(|error| no_identity(certificate, key, &error))
}

pub(crate) fn no_identity(certificate: &Path, key: &Path, error: &reqwest::Error) -> CredentialError {
    CredentialError::NoIdentity {
        certificate: certificate.to_owned(),
        key: key.to_owned(),
        cause: Words(innermost(error)),
    }
}

/// The PKCS#8 block of a file; tools put other text around it, which the TLS library does not take.
fn pkcs8(file: &[u8]) -> Result<&[u8], &'static str> {
    const BEGIN: &str = "-----BEGIN PRIVATE KEY-----";
    const END: &str = "-----END PRIVATE KEY-----";
    let text = std::str::from_utf8(file).map_err(|_| "it is not PEM")?;
    if let Some(start) = text.find(BEGIN) {
        let length = text[start..].find(END).ok_or("the key is cut off")?;
        return Ok(&file[start..start + length + END.len()]);
    }
    if text.contains("-----BEGIN ENCRYPTED PRIVATE KEY-----") {
        return Err("it is protected by a password");
    }
    if text.contains("PRIVATE KEY-----") {
        return Err("it is in an older format than PKCS#8");
    }
    Err("it is not a private key in PEM")
}

/// What the deepest cause says.
fn innermost(error: &reqwest::Error) -> String {
    let mut innermost: &dyn std::error::Error = error;
    while let Some(source) = innermost.source() {
        innermost = source;
    }
    innermost.to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_is_found_between_other_text() {
        let file = b"subject=x\n-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----\nmore";

        assert!(pkcs8(file).unwrap().starts_with(b"-----BEGIN PRIVATE KEY-----"));
        assert!(pkcs8(file).unwrap().ends_with(b"-----END PRIVATE KEY-----"));
    }

    #[test]
    fn what_is_no_usable_key_says_why() {
        assert_eq!(pkcs8(b"-----BEGIN RSA PRIVATE KEY-----"), Err("it is in an older format than PKCS#8"));
        assert_eq!(pkcs8(b"-----BEGIN ENCRYPTED PRIVATE KEY-----"), Err("it is protected by a password"));
        assert_eq!(pkcs8(b"-----BEGIN CERTIFICATE-----"), Err("it is not a private key in PEM"));
        assert_eq!(pkcs8(&[0x30, 0x82, 0xff]), Err("it is not PEM"));
    }

    #[test]
    fn a_short_time_in_all_shortens_the_time_to_connect() {
        assert_eq!(Timeouts::within(Duration::from_secs(2)).connect, Duration::from_secs(2));
        assert_eq!(Timeouts::within(Duration::from_secs(300)).connect, Duration::from_secs(10));
    }
}
