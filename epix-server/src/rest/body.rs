//! How the body of a call is taken in: limited in size and time, packed or not, alone or in several parts.

use std::convert::Infallible;
use std::io::Read as _;
use std::time::Duration;

use actix_web::http::header::{self, HeaderName};
use actix_web::{HttpRequest, web};
use multer::Multipart;

use super::problem::Problem;

/// The longest body, packed or unpacked: a permit with all that may travel with it, and a little around it.
const MOST: usize = 40 << 20;

/// How long a caller may take to send its request: a slow one must not hold a place for ever.
const TIME: Duration = Duration::from_secs(60);

/// The most parts of one request.
const MOST_PARTS: usize = 256;

/// A part of a request in several parts.
#[derive(Debug)]
pub(super) struct Part {
    pub(super) name: String,
    pub(super) file: Option<String>,
    pub(super) content: Vec<u8>,
}

/// Reads the body of a call and unpacks it.
pub(super) async fn read(http: &HttpRequest, payload: web::Payload) -> Result<web::Bytes, Problem> {
    let too_large = || Problem::of(413, "too-large", &format!("the request has more than {MOST} bytes"));
    let bytes = match tokio::time::timeout(TIME, payload.to_bytes_limited(MOST)).await {
        Ok(Ok(Ok(bytes))) => bytes,
        Ok(Ok(Err(error))) => return Err(Problem::invalid(format!("the request was cut off: {error}"))),
        Ok(Err(_)) => return Err(too_large()),
        Err(_) => return Err(Problem::of(408, "too-slow", "the request was not complete in time")),
    };
    let unpacked = match header_of(http, header::CONTENT_ENCODING).unwrap_or("identity") {
        "" | "identity" => return Ok(bytes),
        "gzip" => unpack(flate2::read::MultiGzDecoder::new(&bytes[..])),
        "zstd" => unpack(zstd::stream::read::Decoder::new(&bytes[..]).map_err(not_packed)?),
        _ => return Err(Problem::of(415, "encoding-unknown", "bodies may be packed by gzip or zstd")),
    };
    unpacked?.map(web::Bytes::from).ok_or_else(too_large)
}

fn unpack(from: impl std::io::Read) -> Result<Option<Vec<u8>>, Problem> {
    let mut unpacked = Vec::new();
    from.take(MOST as u64 + 1).read_to_end(&mut unpacked).map_err(not_packed)?;
    Ok((unpacked.len() <= MOST).then_some(unpacked))
}

fn not_packed(error: std::io::Error) -> Problem {
    Problem::invalid(format!("the body is not packed as its header says: {error}"))
}

/// A header as text.
pub(super) fn header_of(http: &HttpRequest, name: HeaderName) -> Option<&str> {
    http.headers().get(name).and_then(|value| value.to_str().ok()).map(str::trim)
}

/// The parts of a request in `multipart/form-data`; `None` for one that is alone. All of it is at hand, and not longer than a body
/// may be; only the number of parts is left to be bounded.
pub(super) async fn parts(http: &HttpRequest, body: &web::Bytes) -> Result<Option<Vec<Part>>, Problem> {
    let content_type = header_of(http, header::CONTENT_TYPE).unwrap_or_default();
    let media = content_type.split(';').next().unwrap_or_default().trim();
    if !media.eq_ignore_ascii_case("multipart/form-data") {
        return Ok(None);
    }
    let broken = |error: multer::Error| Problem::invalid(format!("multipart/form-data: {error}"));
    let boundary = multer::parse_boundary(content_type).map_err(broken)?;
    let whole = futures_util::stream::iter([Ok::<_, Infallible>(body.clone())]);
    let (mut fields, mut parts) = (Multipart::new(whole, boundary), Vec::new());
    while let Some(field) = fields.next_field().await.map_err(broken)? {
        if parts.len() == MOST_PARTS {
            return Err(Problem::invalid(format!("there are more than {MOST_PARTS} parts")));
        }
        let name = field.name().map(str::to_owned).ok_or_else(|| Problem::invalid("a part says no name"))?;
        let file = field.file_name().map(str::to_owned);
        parts.push(Part { name, file, content: field.bytes().await.map_err(broken)?.to_vec() });
    }
    Ok(Some(parts))
}

#[cfg(test)]
mod tests {
    use actix_web::test::TestRequest;

    use super::*;

    async fn told(body: &str) -> Result<Vec<(String, Option<String>, String)>, String> {
        let http = TestRequest::post()
            .insert_header((header::CONTENT_TYPE, "multipart/form-data; boundary=\"b\""))
            .to_http_request();
        let text = |part: Part| (part.name, part.file, String::from_utf8(part.content).unwrap());
        let body = web::Bytes::copy_from_slice(body.as_bytes());
        let parts = parts(&http, &body).await.map_err(|problem| problem.code.to_owned())?;
        Ok(parts.unwrap().into_iter().map(text).collect())
    }

    #[tokio::test]
    async fn parts_come_with_their_names_and_bytes() {
        let body = "--b\r\nContent-Disposition: form-data; name=\"permit\"\r\n\r\n<x/>\r\n--b\r\n\
                    Content-Type: application/pdf\r\ncontent-disposition: form-data; name=\"file\"; filename=\"a.pdf\"\r\n\r\n\
                    a\r\n-\r\n--b--\r\n";

        let expected = [
            ("permit".to_owned(), None, "<x/>".to_owned()),
            ("file".to_owned(), Some("a.pdf".to_owned()), "a\r\n-".to_owned()),
        ];
        assert_eq!(told(body).await.unwrap(), expected);
    }

    #[tokio::test]
    async fn more_parts_than_any_permit_has_are_refused() {
        let part = "--b\r\nContent-Disposition: form-data; name=\"attachment\"; filename=\"a\"\r\n\r\n\r\n";
        let of = |count| format!("{}--b--\r\n", part.repeat(count));

        assert_eq!(told(&of(MOST_PARTS)).await.unwrap().len(), MOST_PARTS);
        assert_eq!(told(&of(MOST_PARTS + 1)).await, Err("invalid-request".to_owned()));
    }

    #[tokio::test]
    async fn a_body_that_is_cut_off_or_says_nothing_is_refused() {
        let head = "--b\r\nContent-Disposition: form-data; name=\"permit\"\r\n\r\n";
        for body in
            ["", "x", "--b", "--b\r\nx\r\n--b--", &format!("{head}<x/>"), "--b\r\nContent-Type: x\r\n\r\n\r\n--b--"]
        {
            assert_eq!(told(body).await, Err("invalid-request".to_owned()), "{body}");
        }
    }
}
