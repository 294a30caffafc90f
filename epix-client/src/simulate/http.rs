//! How does a request come out of a connection, and an answer get into one? As much of HTTP/1.1 as that needs.

use std::io::{self, Read, Write};

use epix_core::wire::guard::Limits;

/// The longest head that is read.
const HEAD: usize = 64 * 1024;

/// A request that has arrived.
pub(super) struct HttpRequest {
    pub(super) method: String,
    pub(super) path: String,
    headers: Vec<(String, String)>,
    pub(super) body: Vec<u8>,
}

/// An answer.
pub(super) struct HttpResponse {
    pub(super) status: u16,
    pub(super) content_type: String,
    pub(super) body: Vec<u8>,
}

impl HttpRequest {
    /// The value of a header, whatever its case.
    pub(super) fn header(&self, name: &str) -> Option<&str> {
        let found = self.headers.iter().find(|(header, _)| header.eq_ignore_ascii_case(name));
        found.map(|(_, value)| value.as_str())
    }

    /// Reads a request to its end.
    pub(super) fn read(stream: &mut impl Read) -> io::Result<HttpRequest> {
        let mut bytes = Vec::new();
        let (mut request, head) = loop {
            more(stream, &mut bytes)?;
            if let Some(found) = parsed(&bytes)? {
                break found;
            }
            if bytes.len() > HEAD {
                return Err(broken("the head of the request is too long"));
            }
        };
        let mut body = bytes.split_off(head);
        if request.header("Transfer-Encoding").is_some_and(|coding| coding.eq_ignore_ascii_case("chunked")) {
            request.body = chunked(stream, body)?;
            return Ok(request);
        }
        let length = request.header("Content-Length").and_then(|length| length.trim().parse().ok()).unwrap_or(0);
        while body.len() < length {
            limited(&body)?;
            more(stream, &mut body)?;
        }
        body.truncate(length);
        request.body = body;
        Ok(request)
    }
}

fn parsed(bytes: &[u8]) -> io::Result<Option<(HttpRequest, usize)>> {
    let mut headers = [httparse::EMPTY_HEADER; 64];
    let mut head = httparse::Request::new(&mut headers);
    let status = head.parse(bytes).map_err(|error| broken(&error.to_string()))?;
    let httparse::Status::Complete(length) = status else { return Ok(None) };
    let text = |value: Option<&str>| value.unwrap_or_default().to_owned();
    let (method, path) = (text(head.method), text(head.path));
    let pair =
        |header: &httparse::Header<'_>| (header.name.to_owned(), String::from_utf8_lossy(header.value).into_owned());
    let headers = head.headers.iter().map(pair).collect();
    Ok(Some((HttpRequest { method, path, headers, body: Vec::new() }, length)))
}

/// Reads a body that comes in chunks; what has come of it already is given.
fn chunked(stream: &mut impl Read, mut bytes: Vec<u8>) -> io::Result<Vec<u8>> {
    let (mut body, mut at) = (Vec::new(), 0);
    loop {
        let size = httparse::parse_chunk_size(&bytes[at..]).map_err(|_| broken("a chunk has no size"))?;
        let httparse::Status::Complete((head, size)) = size else {
            more(stream, &mut bytes)?;
            continue;
        };
        if size == 0 {
            return Ok(body);
        }
        let size = usize::try_from(size).map_err(|_| broken("a chunk is too long"))?;
        limited(&body)?;
        let end = at + head + size;
        while bytes.len() < end + 2 {
            limited(&bytes)?;
            more(stream, &mut bytes)?;
        }
        body.extend_from_slice(&bytes[at + head..end]);
        at = end + 2;
    }
}

fn limited(body: &[u8]) -> io::Result<()> {
    if body.len() > Limits::DOCUMENT.bytes { Err(broken("the request is too long")) } else { Ok(()) }
}

fn more(stream: &mut impl Read, bytes: &mut Vec<u8>) -> io::Result<()> {
    let mut chunk = [0; 8192];
    match stream.read(&mut chunk)? {
        0 => Err(io::ErrorKind::UnexpectedEof.into()),
        count => {
            bytes.extend_from_slice(&chunk[..count]);
            Ok(())
        }
    }
}

fn broken(why: &str) -> io::Error {
    io::Error::new(io::ErrorKind::InvalidData, why.to_owned())
}

impl HttpResponse {
    /// The whole answer, head and body.
    pub(super) fn bytes(&self) -> Vec<u8> {
        let HttpResponse { status, content_type, body } = self;
        let length = body.len();
        let mut bytes = format!(
            "HTTP/1.1 {status} {}\r\nContent-Type: {content_type}\r\nContent-Length: {length}\r\nConnection: close\r\n\r\n",
            if *status < 400 { "OK" } else { "Error" },
        )
        .into_bytes();
        bytes.extend_from_slice(body);
        bytes
    }

    /// Sends it.
    pub(super) fn write(&self, stream: &mut impl Write) -> io::Result<()> {
        stream.write_all(&self.bytes())?;
        stream.flush()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_body_comes_whole_or_in_chunks() {
        let whole = b"POST /epix HTTP/1.1\r\nContent-Length: 5\r\nSOAPAction: \"x\"\r\n\r\nhello, and more".as_slice();
        let chunks =
            b"POST /epix HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nhe\r\n3;x=y\r\nllo\r\n0\r\n\r\n".as_slice();

        for mut bytes in [whole, chunks] {
            let request = HttpRequest::read(&mut bytes).unwrap();
            assert_eq!((request.method.as_str(), request.body.as_slice()), ("POST", b"hello".as_slice()));
        }
        assert_eq!(HttpRequest::read(&mut &whole[..]).unwrap().header("soapaction"), Some("\"x\""));
    }

    #[test]
    fn what_is_no_request_ends_the_connection() {
        for bytes in [b"".as_slice(), b"\0\0\0", b"POST / HTTP/1.1\r\nContent-Length: 9\r\n\r\nx"] {
            assert!(HttpRequest::read(&mut &bytes[..]).is_err());
        }
    }
}
