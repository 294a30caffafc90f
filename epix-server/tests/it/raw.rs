//! HTTP as a program of others sends it: by curl, with the certificate of a caller and headers of any kind.

use std::io::Write as _;
use std::process::{Command, Stdio};

use crate::world::{Who, World};

/// What came back.
#[derive(Debug)]
pub(crate) struct Raw {
    /// HTTP status.
    pub(crate) status: u16,
    /// The header lines, with small letters.
    pub(crate) headers: String,
    /// The body.
    pub(crate) body: String,
}

impl World {
    /// Sends a request to a path of the exchange listener; `headers` such as `Accept-Language: fr`.
    pub(crate) fn ask(&self, who: Who, path: &str, headers: &[&str], body: &[u8]) -> Raw {
        understood(&self.sent(who, path, headers, body))
    }

    /// Sends a request to `/epix` that must be answered well; gives the Content-Type and the body, which need not be text.
    pub(crate) fn ask_bytes(&self, who: Who, headers: &[&str], body: &[u8]) -> (String, Vec<u8>) {
        let output = self.sent(who, "/epix", headers, body);
        let end = output.windows(4).position(|window| window == b"\r\n\r\n").unwrap();
        let head = String::from_utf8(output[..end].to_vec()).unwrap();
        assert!(head.starts_with("HTTP/1.1 200"), "{head}");
        let content_type = head.lines().find_map(|line| line.strip_prefix("content-type: ")).unwrap();
        (content_type.to_owned(), output[end + 4..].to_vec())
    }

    fn sent(&self, who: Who, path: &str, headers: &[&str], body: &[u8]) -> Vec<u8> {
        let mut curl = self.curl(who, path);
        for header in headers {
            curl.args(["-H", header]);
        }
        let mut curl = curl.args(["-H", "Expect:", "--data-binary", "@-"]).spawn().unwrap();
        curl.stdin.take().unwrap().write_all(body).unwrap();
        curl.wait_with_output().unwrap().stdout
    }

    /// Gets a document from a path of the exchange listener.
    pub(crate) fn get(&self, who: Who, path: &str) -> Raw {
        understood(&self.curl(who, path).output().unwrap().stdout)
    }

    fn curl(&self, who: Who, path: &str) -> Command {
        let mut curl = Command::new("curl");
        curl.args(["-sS", "-i", "--noproxy", "*", "--max-time", "60", "--cacert"])
            .arg(self.path("tls/clients-ca.pem"))
            .arg("--cert")
            .arg(self.certificate(who))
            .arg("--key")
            .arg(self.key(who))
            .arg(format!("https://{}{path}", self.exchange()))
            .stdin(Stdio::piped())
            .stdout(Stdio::piped());
        curl
    }
}

fn understood(output: &[u8]) -> Raw {
    let output = String::from_utf8(output.to_vec()).unwrap();
    let (head, body) = output.split_once("\r\n\r\n").unwrap();
    let status = head.split_whitespace().nth(1).unwrap().parse().unwrap();
    Raw { status, headers: head.to_ascii_lowercase(), body: body.to_owned() }
}
