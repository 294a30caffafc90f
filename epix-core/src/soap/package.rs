//! A message that may travel in several MIME parts (MTOM/XOP over SOAP 1.1): taking it apart, and putting it together.
//!
//! Only what MTOM needs of MIME is read: `multipart/related`, one level, parts as they are or in base64. The parts lie in
//! the bytes that came; nothing is copied and nothing is looked up elsewhere.

use std::borrow::Cow;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD as BASE64;

/// More parts than any permit has attachments.
const MOST_PARTS: usize = 256;

/// The media type of a message in several parts.
const RELATED: &str = "multipart/related";

/// A message, whether it came alone or with parts beside it.
#[derive(Debug)]
pub struct Package<'b> {
    root: Cow<'b, [u8]>,
    parts: Vec<Part<'b>>,
}

#[derive(Debug)]
struct Part<'b> {
    id: String,
    content: Cow<'b, [u8]>,
}

/// Says why a message in several parts cannot be taken apart.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum PackageError {
    /// Nothing says where a part ends.
    #[error("multipart/related without a boundary")]
    NoBoundary,
    /// The last boundary is missing: it was cut off.
    #[error("the last part is cut off")]
    CutOff,
    /// The part that is the message is not there.
    #[error("the part with the message is missing")]
    NoRoot,
    /// A part is written in a way that is not read.
    #[error("a part is in an encoding that is not read here; binary, 8bit, 7bit and base64 are")]
    Encoding,
    /// More parts than are taken.
    #[error("there are more than {MOST_PARTS} parts")]
    TooMany,
}

/// The media type of a Content-Type, in small letters.
pub fn media_type(content_type: &str) -> String {
    content_type.split(';').next().unwrap_or_default().trim().to_ascii_lowercase()
}

impl<'b> Package<'b> {
    /// Takes a message apart; without `multipart/related` it is one part.
    ///
    /// # Errors
    /// [`PackageError`] when it says that it has parts, and they cannot be found.
    pub fn open(content_type: Option<&str>, bytes: &'b [u8]) -> Result<Package<'b>, PackageError> {
        let content_type = content_type.unwrap_or_default();
        if media_type(content_type) != RELATED {
            return Ok(Package::alone(bytes));
        }
        let boundary = parameter(content_type, "boundary").filter(|boundary| !boundary.is_empty());
        let mut parts = parts_between(bytes, &boundary.ok_or(PackageError::NoBoundary)?)?;
        let start = parameter(content_type, "start").map(|id| bare(&id).to_owned());
        let root = match start {
            Some(start) => parts.iter().position(|part| part.id == start),
            None => (!parts.is_empty()).then_some(0),
        };
        let root = parts.remove(root.ok_or(PackageError::NoRoot)?).content;
        Ok(Package { root, parts })
    }

    /// A message that came alone.
    pub fn alone(bytes: &'b [u8]) -> Package<'b> {
        Package { root: Cow::Borrowed(bytes), parts: Vec::new() }
    }

    /// The SOAP message.
    pub fn root(&self) -> &[u8] {
        &self.root
    }

    /// The bytes of the message and of all parts.
    pub(super) fn size(&self) -> usize {
        self.root.len() + self.parts.iter().map(|part| part.content.len()).sum::<usize>()
    }

    /// The part that an address such as `cid:1@x` names.
    pub(super) fn part(&self, href: &str) -> Option<&[u8]> {
        let id = unescaped(href.strip_prefix("cid:")?);
        self.parts.iter().find(|part| part.id == id).map(|part| &*part.content)
    }
}

/// A message and the parts that it names, as one body; with the Content-Type to send it under.
///
/// `unique` must occur in no part, such as a new random id: it becomes the boundary.
pub(super) fn packed(message: &str, parts: &[(String, &[u8])], unique: &str) -> (String, Vec<u8>) {
    let root = format!("message.{unique}@epix");
    let mut body = Vec::new();
    let mut write = |id: &str, media_type: &str, content: &[u8]| {
        let head = format!(
            "--{unique}\r\nContent-Type: {media_type}\r\nContent-Transfer-Encoding: binary\r\nContent-ID: <{id}>\r\n\r\n"
        );
        body.extend_from_slice(head.as_bytes());
        body.extend_from_slice(content);
        body.extend_from_slice(b"\r\n");
    };
    write(&root, "application/xop+xml; charset=UTF-8; type=\"text/xml\"", message.as_bytes());
    for (id, content) in parts {
        write(id, "application/octet-stream", content);
    }
    body.extend_from_slice(format!("--{unique}--\r\n").as_bytes());
    let content_type = format!(
        "{RELATED}; type=\"application/xop+xml\"; start=\"<{root}>\"; start-info=\"text/xml\"; boundary=\"{unique}\""
    );
    (content_type, body)
}

/// A parameter of a Content-Type, its quotes taken off.
fn parameter(content_type: &str, name: &str) -> Option<String> {
    let mut rest = content_type.split_once(';')?.1;
    loop {
        let (found, after) = rest.split_once('=')?;
        let (value, after) = value_of(after.trim_start())?;
        if found.trim().eq_ignore_ascii_case(name) {
            return Some(value);
        }
        rest = after.split_once(';')?.1;
    }
}

/// A value, quoted or not, and what stands behind it.
fn value_of(text: &str) -> Option<(String, &str)> {
    let Some(quoted) = text.strip_prefix('"') else {
        let end = text.find(';').unwrap_or(text.len());
        return Some((text[..end].trim().to_owned(), &text[end..]));
    };
    let end = quoted.find('"')?;
    Some((quoted[..end].to_owned(), &quoted[end + 1..]))
}

/// An id without its angle brackets.
fn bare(id: &str) -> &str {
    id.trim().trim_start_matches('<').trim_end_matches('>')
}

fn parts_between<'b>(bytes: &'b [u8], boundary: &str) -> Result<Vec<Part<'b>>, PackageError> {
    let delimiter = format!("\r\n--{boundary}");
    // The first one may stand at the very beginning.
    let first = delimiter.trim_start().as_bytes();
    let mut rest = match bytes.strip_prefix(first) {
        Some(rest) => rest,
        None => after(bytes, delimiter.as_bytes()).ok_or(PackageError::CutOff)?.1,
    };
    let mut parts = Vec::new();
    while !rest.starts_with(b"--") {
        let (content, behind) = after(rest, delimiter.as_bytes()).ok_or(PackageError::CutOff)?;
        if parts.len() == MOST_PARTS {
            return Err(PackageError::TooMany);
        }
        parts.push(part(content)?);
        rest = behind;
    }
    Ok(parts)
}

/// What stands before a mark, and behind it.
fn after<'b>(bytes: &'b [u8], mark: &[u8]) -> Option<(&'b [u8], &'b [u8])> {
    let at = find(bytes, mark)?;
    Some((&bytes[..at], &bytes[at + mark.len()..]))
}

/// Where a mark stands; by its rarest byte first, so that long binary parts are gone through quickly.
fn find(bytes: &[u8], mark: &[u8]) -> Option<usize> {
    let mut from = 0;
    while let Some(at) = bytes[from..].iter().position(|byte| *byte == mark[0]) {
        let start = from + at;
        if bytes[start..].starts_with(mark) {
            return Some(start);
        }
        from = start + 1;
    }
    None
}

fn part(bytes: &[u8]) -> Result<Part<'_>, PackageError> {
    // What stands behind the boundary on its line is padding.
    let (_, rest) = after(bytes, b"\r\n").ok_or(PackageError::CutOff)?;
    let (head, content) = match rest.strip_prefix(b"\r\n") {
        Some(content) => (&b""[..], content),
        None => after(rest, b"\r\n\r\n").ok_or(PackageError::CutOff)?,
    };
    let head = String::from_utf8_lossy(head);
    let field = |name: &str| {
        let fields = head.lines().filter_map(|line| line.split_once(':'));
        fields.into_iter().find(|(field, _)| field.trim().eq_ignore_ascii_case(name)).map(|(_, value)| value.trim())
    };
    let id = bare(field("Content-ID").unwrap_or_default()).to_owned();
    let content = match field("Content-Transfer-Encoding").unwrap_or("binary").to_ascii_lowercase().as_str() {
        "binary" | "8bit" | "7bit" => Cow::Borrowed(content),
        "base64" => Cow::Owned(from_base64(content).ok_or(PackageError::Encoding)?),
        _ => return Err(PackageError::Encoding),
    };
    Ok(Part { id, content })
}

fn from_base64(text: &[u8]) -> Option<Vec<u8>> {
    let digits: Vec<u8> = text.iter().copied().filter(|byte| !byte.is_ascii_whitespace()).collect();
    BASE64.decode(digits).ok()
}

/// A part of a URL without its percent signs; what is none of ours stays as it is.
fn unescaped(text: &str) -> String {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.as_bytes();
    while let [first, behind @ ..] = rest {
        let escaped = behind.get(..2).filter(|_| *first == b'%').and_then(|digits| hex::decode(digits).ok());
        match escaped {
            Some(byte) => {
                bytes.extend(byte);
                rest = &behind[2..];
            }
            None => {
                bytes.push(*first);
                rest = behind;
            }
        }
    }
    String::from_utf8_lossy(&bytes).into_owned()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn what_was_packed_is_found_again() {
        let seal: &[u8] = b"\r\n--b-\0\xff\r\n";

        let (content_type, body) = packed("<e/>", &[("1@epix".to_owned(), seal)], "b-1");

        let package = Package::open(Some(&content_type), &body).unwrap();
        assert_eq!(package.root(), b"<e/>");
        assert_eq!(package.part("cid:1%40epix"), Some(seal));
        assert_eq!(package.part("cid:2@epix"), None);
        assert_eq!(package.part("file:///etc/passwd"), None);
    }

    #[test]
    fn a_message_of_others_is_read_whatever_its_order_and_encoding() {
        let body = b"preamble\r\n--x \r\nContent-ID: <a>\r\ncontent-transfer-encoding: BASE64\r\n\r\nAP8=\r\n\
                     --x\r\nContent-Type: application/xop+xml\r\nContent-ID: <m>\r\n\r\n<m/>\r\n--x--";

        let package = Package::open(Some("Multipart/Related; start=\"<m>\";boundary=x; type=y"), body).unwrap();

        assert_eq!(package.root(), b"<m/>");
        assert_eq!(package.part("cid:a"), Some([0, 255].as_slice()));
        assert_eq!(Package::open(Some("text/xml"), body).unwrap().root(), body);
    }

    proptest! {
        #[test]
        fn no_bytes_make_it_panic(head in ".{0,40}", body in proptest::collection::vec(any::<u8>(), 0..200)) {
            let pieces = [b"--b\r\n".to_vec(), head.as_bytes().to_vec(), b"\r\n\r\n".to_vec(), body, b"\r\n--b--".to_vec()];
            for content_type in [head.as_str(), "multipart/related; boundary=b", "multipart/related; boundary=\"b"] {
                for cut in 0..=pieces.len() {
                    let _ = Package::open(Some(content_type), &pieces[..cut].concat());
                }
            }
            let _ = unescaped(&head);
        }
    }

    #[test]
    fn what_cannot_be_taken_apart_says_why() {
        let open = |content_type: &str, body: &[u8]| Package::open(Some(content_type), body).map(|_| ()).unwrap_err();

        assert_eq!(open("multipart/related", b""), PackageError::NoBoundary);
        assert_eq!(open("multipart/related; boundary=\"\"", b""), PackageError::NoBoundary);
        for cut in
            [&b""[..], b"--x", b"--x\r\n", b"--x\r\n\r\n", b"--x\r\n\r\n<m/>\r\n", b"--x\r\nA: b\r\n<m/>\r\n--x--"]
        {
            assert_eq!(open("multipart/related; boundary=x", cut), PackageError::CutOff, "{cut:?}");
        }
        assert_eq!(open("multipart/related; boundary=x", b"--x--"), PackageError::NoRoot);
        assert_eq!(open("multipart/related; boundary=x; start=m", b"--x\r\n\r\n<m/>\r\n--x--"), PackageError::NoRoot);
        let quoted = b"--x\r\nContent-Transfer-Encoding: quoted-printable\r\n\r\n<m/>\r\n--x--";
        assert_eq!(open("multipart/related; boundary=x", quoted), PackageError::Encoding);
        let many = format!("{}--x--", "--x\r\n\r\n\r\n".repeat(300));
        assert_eq!(open("multipart/related; boundary=x", many.as_bytes()), PackageError::TooMany);
    }
}
