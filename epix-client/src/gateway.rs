//! How does an authority's own system, or a clerk, talk to the REST face of its gateway?
//!
//! The road is that of [`crate::HttpTransport`]: TLS 1.2 or newer, only the given authority trusted, nothing followed, nothing sent
//! twice unasked. Plain HTTP is for this machine only. Every call that changes something carries an `Idempotency-Key`, so
//! that asking again after a broken connection counts once.

use std::fs;
use std::path::Path;

use epix_core::id::PermitNumber;
use reqwest::header::{ACCEPT, AUTHORIZATION, CONTENT_TYPE, HeaderMap, HeaderValue, RETRY_AFTER};
use reqwest::multipart::{Form, Part};
use reqwest::{Client, RequestBuilder, Response, StatusCode, Url};
use serde::Deserialize;

use crate::transport::http::{self, CredentialError, Timeouts};
use crate::transport::{TransportError, classify};

/// Where the REST face of a gateway stands below its address.
const FACE: &str = "rest/v1/";

/// The media type of problems (RFC 9457).
const PROBLEM: &str = "application/problem+json";

/// The most bytes of an answer that are read: a page of a list, or a document with everything beside it.
const LONGEST: usize = 64 << 20;

/// By what a caller is known, all PEM files but the key of the face.
#[derive(Debug, Clone, Copy, Default)]
pub struct Caller<'a> {
    /// A certificate and its key.
    pub identity: Option<(&'a Path, &'a Path)>,
    /// A file with an API key on its first line.
    pub key: Option<&'a Path>,
    /// The roots under which the gateway's certificate must stand; not needed for plain HTTP on this machine.
    pub authority: Option<&'a Path>,
}

/// Says why a gateway cannot be called, before anything is sent.
#[derive(Debug, thiserror::Error)]
pub enum GatewayAddressError {
    /// The address is none.
    #[error("{0:?} is not the address of a gateway, such as https://epix.example.org:8444")]
    NoAddress(String),
    /// Plain HTTP leaves this machine.
    #[error("{0} would go over the network in clear text; only this machine is called by http")]
    Clear(String),
    /// TLS, and nobody is trusted.
    #[error("whom to trust is not said: the roots of the gateway's certificate are needed")]
    NoAuthority,
    /// The file with the API key holds none. What it holds is never said.
    #[error("{} holds no API key", .0.display())]
    NoKey(std::path::PathBuf),
    /// A file of the caller is not usable.
    #[error(transparent)]
    Credential(#[from] CredentialError),
}

/// Says why a question brought no answer.
#[derive(Debug, thiserror::Error)]
pub enum GatewayError {
    /// Nothing came back.
    #[error(transparent)]
    Transport(#[from] TransportError),
    /// The gateway says no, in words.
    #[error("{0}")]
    Problem(Box<Problem>),
    /// What answered does not speak as a gateway does.
    #[error("{host} answered {status}, which is not how a gateway answers")]
    Strange {
        /// Host and port.
        host: String,
        /// The HTTP status.
        status: u16,
    },
}

/// A refusal in words (RFC 9457).
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
pub struct Problem {
    /// The HTTP status.
    #[serde(default)]
    pub status: u16,
    /// The word for programs.
    #[serde(default)]
    pub code: String,
    /// The problem in a few words.
    #[serde(default)]
    pub title: String,
    /// What is special about the case.
    pub detail: Option<String>,
    /// Under what the gateway's operator finds the call.
    #[serde(rename = "requestId")]
    pub request_id: Option<String>,
    /// What was found in a document, as reports say it.
    #[serde(default)]
    pub findings: Vec<serde_json::Value>,
    /// How many seconds to wait before asking again, where the gateway says so.
    #[serde(skip)]
    pub retry_after: Option<u64>,
}

impl Problem {
    /// True when an earlier call under the same key, whose answer was lost, is being worked on, or was cut off.
    pub fn is_under_way(&self) -> bool {
        self.code == "under-way"
    }

    /// True when the answer would be the same for as long as the document that was sent is.
    pub fn is_about_the_document(&self) -> bool {
        matches!(self.status, 400 | 409 | 413 | 415 | 422)
    }
}

impl std::fmt::Display for Problem {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match &self.detail {
            Some(detail) if self.title.is_empty() => f.write_str(detail),
            Some(detail) => write!(f, "{}: {detail}", self.title),
            None if self.title.is_empty() => write!(f, "the gateway answered {}", self.status),
            None => f.write_str(&self.title),
        }
    }
}

/// A document on its way into the books.
#[derive(Debug, Clone, Copy)]
pub struct Submission<'a> {
    /// The permit: toolkit XML of any version, or our JSON form.
    pub document: &'a [u8],
    /// The signature that stands beside it.
    pub signature: Option<&'a [u8]>,
    /// What travels with it: names and bytes.
    pub attachments: &'a [(String, Vec<u8>)],
    /// The caller's own id of this call: the same for the same document, whenever it is sent again.
    pub key: &'a str,
}

impl Submission<'_> {
    /// The parts of a request, where the document does not travel alone.
    fn parts(&self) -> Result<Option<Form>, reqwest::Error> {
        if self.signature.is_none() && self.attachments.is_empty() {
            return Ok(None);
        }
        let part =
            |bytes: &[u8], name: &str, kind| Part::bytes(bytes.to_vec()).file_name(name.to_owned()).mime_str(kind);
        let mut form = Form::new().part("permit", part(self.document, "permit", media_type(self.document))?);
        if let Some(signature) = self.signature {
            form = form.part("signature", part(signature, "permit.sig.xml", "application/xml")?);
        }
        for (name, bytes) in self.attachments {
            form = form.part("attachment", part(bytes, name, "application/octet-stream")?);
        }
        Ok(Some(form))
    }
}

/// What became of a document that was taken.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Stored {
    /// The number under which it is kept.
    pub number: Option<String>,
    /// False where the same bytes were kept already.
    pub is_new: bool,
}

/// One page of a list.
#[derive(Debug, Clone, Deserialize)]
pub struct Page {
    /// The permits.
    pub permits: Vec<Listed>,
    /// What to ask for the next page with; `None` on the last one.
    pub next: Option<String>,
}

/// A permit as a list tells it.
#[derive(Debug, Clone, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Listed {
    /// Its number, as written.
    pub number: String,
    /// Its state now.
    pub state: Option<String>,
    /// The country of import.
    pub destination: Option<String>,
    /// The code of box 1.
    pub document_type: Option<String>,
    /// The day of issue.
    pub issued: Option<String>,
    /// The last day of validity.
    pub last_day: Option<String>,
    /// The scientific names.
    #[serde(default)]
    pub species: Vec<String>,
    /// Who sends it.
    pub consignor: Option<String>,
    /// Who receives it.
    pub consignee: Option<String>,
    /// When it was stored.
    pub stored_at: Option<String>,
}

/// The REST face of a gateway, and as whom it is called.
#[derive(Debug, Clone)]
pub struct Gateway {
    client: Client,
    base: Url,
    timeouts: Timeouts,
}

impl Gateway {
    /// Reads the files and gets ready; nothing is sent yet. `address` is that of the gateway, with or without `/rest/v1`.
    ///
    /// # Errors
    /// [`GatewayAddressError`] naming what is not as it should be.
    pub fn new(address: &str, caller: Caller<'_>, timeouts: Timeouts) -> Result<Gateway, GatewayAddressError> {
        let base = base_of(address)?;
        let is_clear = base.scheme() == "http";
        if is_clear && !is_this_machine(&base) {
            return Err(GatewayAddressError::Clear(address.to_owned()));
        }
        let authority = match caller.authority {
            Some(file) => http::certificates(file)?,
            None if is_clear => Vec::new(),
            None => return Err(GatewayAddressError::NoAuthority),
        };
        let mut headers = HeaderMap::new();
        if let Some(file) = caller.key {
            headers.insert(AUTHORIZATION, bearer(file)?);
        }
        let identity = caller.identity.map(|(certificate, key)| http::own_identity(certificate, key)).transpose()?;
        let builder = http::builder(authority, timeouts).https_only(!is_clear).default_headers(headers);
        let builder = match identity {
            Some(identity) => builder.identity(identity),
            None => builder,
        };
        let client = builder.build().map_err(|error| match caller.identity {
            Some((certificate, key)) => http::no_identity(certificate, key, &error).into(),
            None => GatewayAddressError::NoAddress(address.to_owned()),
        })?;
        Ok(Gateway { client, base, timeouts })
    }

    /// The address that is called.
    pub fn address(&self) -> &str {
        self.base.as_str()
    }

    /// Sends a document into the books.
    ///
    /// # Errors
    /// [`GatewayError`]; a [`Problem`] with findings says what is wrong with the document.
    pub async fn store(&self, submission: Submission<'_>) -> Result<Stored, GatewayError> {
        let request = self.client.post(self.at("permits")).header("Idempotency-Key", submission.key);
        let request = match submission.parts().map_err(|_| self.strange(0))? {
            Some(form) => request.multipart(form),
            None => request.header(CONTENT_TYPE, media_type(submission.document)).body(submission.document.to_vec()),
        };
        let (status, body) = self.ask(request).await?;
        #[derive(Deserialize)]
        struct Answer {
            number: Option<String>,
        }
        let number = serde_json::from_slice::<Answer>(&body).ok().and_then(|answer| answer.number);
        match status {
            StatusCode::CREATED | StatusCode::OK => Ok(Stored { number, is_new: status == StatusCode::CREATED }),
            _ => Err(self.strange(status.as_u16())),
        }
    }

    /// One page of the list of permits, in the order of their numbers. The questions are those of the description of the face.
    ///
    /// # Errors
    /// [`GatewayError`].
    pub async fn list(&self, questions: &[(&str, String)], after: Option<&str>) -> Result<Page, GatewayError> {
        let after = after.map(|after| ("after", after.to_owned()));
        let mut url = self.at("permits");
        url.query_pairs_mut().extend_pairs(questions.iter().cloned().chain(after));
        let (status, body) = self.ask(self.client.get(url).header(ACCEPT, "application/json")).await?;
        serde_json::from_slice(&body).map_err(|_| self.strange(status.as_u16()))
    }

    /// The document of a permit, byte for byte as it was stored.
    ///
    /// # Errors
    /// [`GatewayError`].
    pub async fn document(&self, number: &PermitNumber) -> Result<Vec<u8>, GatewayError> {
        let mut url = self.at("permits");
        if let Ok(mut segments) = url.path_segments_mut() {
            segments.push(number.raw());
        }
        let (_, body) = self.ask(self.client.get(url).header(ACCEPT, "*/*")).await?;
        Ok(body)
    }

    fn at(&self, name: &str) -> Url {
        let mut url = self.base.clone();
        if let Ok(mut segments) = url.path_segments_mut() {
            segments.pop_if_empty().push(name);
        }
        url
    }

    async fn ask(&self, request: RequestBuilder) -> Result<(StatusCode, Vec<u8>), GatewayError> {
        let sorted = |error: reqwest::Error| classify(&error.without_url(), self.host(), self.timeouts);
        let mut response = request.send().await.map_err(sorted)?;
        let mut body = Vec::new();
        while let Some(chunk) = response.chunk().await.map_err(sorted)? {
            if body.len() + chunk.len() > LONGEST {
                return Err(TransportError::TooLarge { host: self.host(), limit: LONGEST }.into());
            }
            body.extend_from_slice(&chunk);
        }
        if response.status().is_success() {
            return Ok((response.status(), body));
        }
        Err(self.problem(&response, &body))
    }

    fn problem(&self, response: &Response, body: &[u8]) -> GatewayError {
        let status = response.status().as_u16();
        let header = |name| response.headers().get(name).and_then(|value: &HeaderValue| value.to_str().ok());
        let is_problem = header(CONTENT_TYPE).is_some_and(|kind| kind.starts_with(PROBLEM));
        let said = if is_problem { serde_json::from_slice::<Problem>(body).ok() } else { None };
        let retry_after = header(RETRY_AFTER).and_then(|seconds| seconds.parse().ok());
        match said {
            Some(problem) => GatewayError::Problem(Box::new(Problem { status, retry_after, ..problem })),
            // A proxy in front may say this without our words.
            None if matches!(status, 429 | 502..=504) => {
                GatewayError::Problem(Box::new(Problem { status, retry_after, ..Problem::default() }))
            }
            None => self.strange(status),
        }
    }

    fn strange(&self, status: u16) -> GatewayError {
        GatewayError::Strange { host: self.host(), status }
    }

    fn host(&self) -> String {
        http::host_of(self.base.as_str())
    }
}

impl GatewayError {
    /// True when the same may go well a little later: the network, a gateway that restarts, a limit that was reached.
    pub fn may_pass(&self) -> bool {
        match self {
            GatewayError::Transport(error) => matches!(
                error,
                TransportError::Refused { .. }
                    | TransportError::Unreachable { .. }
                    | TransportError::ConnectTimeout { .. }
                    | TransportError::AnswerTimeout { .. }
                    | TransportError::Closed { .. }
                    | TransportError::Failed { .. }
            ),
            GatewayError::Problem(problem) => {
                problem.is_under_way() || matches!(problem.status, 408 | 425 | 429 | 500 | 502..=504)
            }
            GatewayError::Strange { .. } => false,
        }
    }
}

/// The media type of a document, by its first letter: our JSON form is an object.
fn media_type(document: &[u8]) -> &'static str {
    let first = document.iter().find(|byte| !byte.is_ascii_whitespace());
    if first == Some(&b'{') { "application/json" } else { "application/xml" }
}

fn base_of(address: &str) -> Result<Url, GatewayAddressError> {
    let no_address = || GatewayAddressError::NoAddress(address.to_owned());
    let mut url = Url::parse(address).map_err(|_| no_address())?;
    let is_web = matches!(url.scheme(), "http" | "https") && url.has_host() && url.query().is_none();
    if !is_web {
        return Err(no_address());
    }
    let path = url.path().trim_matches('/').to_owned();
    let below = if path.ends_with(FACE.trim_end_matches('/')) { String::new() } else { FACE.to_owned() };
    let parts: Vec<&str> =
        [path.as_str(), below.trim_end_matches('/')].into_iter().filter(|part| !part.is_empty()).collect();
    url.set_path(&format!("/{}/", parts.join("/")));
    Ok(url)
}

fn is_this_machine(url: &Url) -> bool {
    let host = url.host_str().unwrap_or_default().trim_matches(['[', ']']);
    host == "localhost" || host.parse::<std::net::IpAddr>().is_ok_and(|address| address.is_loopback())
}

fn bearer(file: &Path) -> Result<HeaderValue, GatewayAddressError> {
    let unreadable = |cause| CredentialError::Unreadable { file: file.to_owned(), cause };
    let text = fs::read_to_string(file).map_err(unreadable)?;
    let none = || GatewayAddressError::NoKey(file.to_owned());
    let key = text.lines().next().map(str::trim).filter(|key| !key.is_empty()).ok_or_else(none)?;
    let mut value = HeaderValue::try_from(format!("Bearer {key}")).map_err(|_| none())?;
    value.set_sensitive(true);
    Ok(value)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_face_is_found_below_the_address_of_the_gateway() {
        for typed in ["https://a.example:8444", "https://a.example:8444/", "https://a.example:8444/rest/v1"] {
            assert_eq!(base_of(typed).unwrap().as_str(), "https://a.example:8444/rest/v1/");
        }
        assert_eq!(base_of("https://a.example/epix").unwrap().as_str(), "https://a.example/epix/rest/v1/");
        for wrong in ["", "a.example", "ftp://a.example", "https://a.example/?x=1"] {
            assert!(matches!(base_of(wrong), Err(GatewayAddressError::NoAddress(_))), "{wrong}");
        }
    }

    #[test]
    fn clear_text_stays_on_this_machine() {
        let made = |address| Gateway::new(address, Caller::default(), Timeouts::default());

        for near in ["http://127.0.0.1:8444", "http://[::1]:8444", "http://localhost"] {
            assert!(made(near).is_ok(), "{near}");
        }
        assert!(matches!(made("http://a.example"), Err(GatewayAddressError::Clear(_))));
        assert!(matches!(made("https://a.example"), Err(GatewayAddressError::NoAuthority)));
    }

    #[test]
    fn a_document_is_known_by_its_first_letter() {
        assert_eq!(media_type(b"\n {\"a\": 1}"), "application/json");
        assert_eq!(media_type(b"<a/>"), "application/xml");
    }
}
