//! An answer on its way out: status, type, body and headers; packed where the caller can unpack it.

use std::io::Write as _;

use actix_web::http::StatusCode;
use actix_web::http::header::{self, HeaderName, HeaderValue};
use actix_web::{HttpRequest, HttpResponse, body};
use serde::{Deserialize, Serialize};

use super::body::header_of;

/// An answer; it can be kept, and given again.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(super) struct Answer {
    status: u16,
    content_type: String,
    /// Texts only: what is kept for a repetition is the answer to a change.
    headers: Vec<(String, String)>,
    #[serde(with = "text")]
    body: Vec<u8>,
}

/// Bodies of changes are JSON texts.
mod text {
    use serde::{Deserialize as _, Deserializer, Serializer};

    pub(super) fn serialize<S: Serializer>(bytes: &[u8], serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&String::from_utf8_lossy(bytes))
    }

    pub(super) fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Vec<u8>, D::Error> {
        String::deserialize(deserializer).map(String::into_bytes)
    }
}

impl Answer {
    /// A value as JSON.
    pub(super) fn json(value: &impl Serialize) -> Answer {
        let body = serde_json::to_vec(value).expect("texts, numbers and maps with text keys always serialise");
        Answer::bytes("application/json", body)
    }

    pub(super) fn bytes(content_type: &str, body: Vec<u8>) -> Answer {
        Answer { status: 200, content_type: content_type.to_owned(), headers: Vec::new(), body }
    }

    /// Something is there that was not before.
    pub(super) fn created(self, location: &str) -> Answer {
        Answer { status: 201, ..self }.header("location", location)
    }

    /// The caller has it already.
    pub(super) fn not_modified(tag: &str) -> Answer {
        Answer { status: 304, ..Answer::bytes("", Vec::new()) }.tagged(tag)
    }

    pub(super) fn header(mut self, name: &str, value: &str) -> Answer {
        self.headers.push((name.to_owned(), value.to_owned()));
        self
    }

    pub(super) fn tagged(self, tag: &str) -> Answer {
        self.header("etag", tag)
    }

    pub(super) fn response(self) -> HttpResponse {
        let mut response = HttpResponse::build(StatusCode::from_u16(self.status).unwrap_or(StatusCode::OK));
        for (name, value) in &self.headers {
            response.insert_header((name.as_str(), value.as_str()));
        }
        // What one caller may read is nobody else's, and a browser takes nothing for what it is not.
        response.insert_header((header::CACHE_CONTROL, "private, no-cache"));
        response.insert_header((header::X_CONTENT_TYPE_OPTIONS, "nosniff"));
        if self.status == 304 {
            return response.finish();
        }
        response.content_type(self.content_type).body(self.body)
    }
}

/// Shorter bodies gain nothing by being packed.
const WORTH_IT: usize = 1_024;

/// Level 3 of zstd and 6 of gzip pack a permit to a tenth in well under a millisecond.
const LEVEL: i32 = 3;

/// Packs the body of a response in the way that the caller can unpack best.
pub(super) async fn packed(http: &HttpRequest, response: HttpResponse) -> HttpResponse {
    let accepted = header_of(http, header::ACCEPT_ENCODING).unwrap_or_default();
    let takes = |name: &str| {
        accepted.split(',').any(|offer| {
            let mut words = offer.split(';').map(str::trim);
            words.next() == Some(name) && !words.any(|word| matches!(word, "q=0" | "q=0.0" | "q=0.00" | "q=0.000"))
        })
    };
    let encoding = if takes("zstd") {
        "zstd"
    } else if takes("gzip") {
        "gzip"
    } else {
        ""
    };
    let (mut response, plain) = response.into_parts();
    response.headers_mut().insert(header::VARY, HeaderValue::from_static("accept, accept-encoding"));
    let Ok(bytes) = body::to_bytes(plain).await else { return response.set_body(body::BoxBody::new(())) };
    if encoding.is_empty() || bytes.len() < WORTH_IT {
        return response.set_body(body::BoxBody::new(bytes));
    }
    let shorter = match encoding {
        "zstd" => zstd::bulk::compress(&bytes, LEVEL).ok(),
        _ => gzipped(&bytes),
    };
    let Some(shorter) = shorter else { return response.set_body(body::BoxBody::new(bytes)) };
    let name = HeaderName::from_static("content-encoding");
    response.headers_mut().insert(name, HeaderValue::from_static(encoding));
    response.set_body(body::BoxBody::new(shorter))
}

fn gzipped(bytes: &[u8]) -> Option<Vec<u8>> {
    let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::default());
    encoder.write_all(bytes).ok()?;
    encoder.finish().ok()
}
