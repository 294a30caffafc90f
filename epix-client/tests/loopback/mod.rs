//! A partner on the loopback interface for tests: TLS with client certificates, and scripted bytes as answers.
//!
//! The command line's tests use this file too.
#![allow(dead_code, missing_docs, unreachable_pub, reason = "each test program uses its part of this file")]
#![allow(clippy::unwrap_used, reason = "test code outside of test functions")]

use std::fs;
use std::io::{Read, Write};
use std::net::{TcpListener, TcpStream};
use std::path::PathBuf;
use std::sync::{Arc, Mutex};
use std::thread;
use std::time::Duration;

use openssl::asn1::Asn1Time;
use openssl::bn::BigNum;
use openssl::ec::{EcGroup, EcKey};
use openssl::hash::MessageDigest;
use openssl::nid::Nid;
use openssl::pkey::{PKey, Private};
use openssl::ssl::{SslAcceptor, SslMethod, SslVerifyMode, SslVersion};
use openssl::x509::extension::{BasicConstraints, SubjectAlternativeName};
use openssl::x509::store::X509StoreBuilder;
use openssl::x509::{X509, X509Builder, X509NameBuilder};
use tempfile::TempDir;

/// A key with its certificate.
#[derive(Clone)]
pub struct Holder {
    pub certificate: X509,
    pub key: PKey<Private>,
}

/// From when to when a certificate holds, in days from now.
const NOW: (i64, i64) = (-1, 30);

impl Holder {
    /// A root.
    pub fn root(name: &str) -> Holder {
        issue(name, None, true, NOW, &[])
    }

    /// A certificate under this root, for these host names or addresses.
    pub fn issues(&self, name: &str, hosts: &[&str]) -> Holder {
        issue(name, Some(self), false, NOW, hosts)
    }

    /// An authority between this root and others.
    pub fn issues_authority(&self, name: &str) -> Holder {
        issue(name, Some(self), true, NOW, &[])
    }

    /// A certificate under this root whose time is over.
    pub fn issues_expired(&self, name: &str, hosts: &[&str]) -> Holder {
        issue(name, Some(self), false, (-30, -2), hosts)
    }
}

fn issue(name: &str, issuer: Option<&Holder>, is_authority: bool, days: (i64, i64), hosts: &[&str]) -> Holder {
    let group = EcGroup::from_curve_name(Nid::X9_62_PRIME256V1).unwrap();
    let key = PKey::from_ec_key(EcKey::generate(&group).unwrap()).unwrap();
    let mut subject = X509NameBuilder::new().unwrap();
    subject.append_entry_by_text("CN", name).unwrap();
    let subject = subject.build();
    let mut builder = X509Builder::new().unwrap();
    builder.set_version(2).unwrap();
    let mut serial = BigNum::new().unwrap();
    serial.rand(64, openssl::bn::MsbOption::ONE, false).unwrap();
    builder.set_serial_number(&serial.to_asn1_integer().unwrap()).unwrap();
    builder.set_subject_name(&subject).unwrap();
    builder.set_issuer_name(issuer.map_or(&*subject, |issuer| issuer.certificate.subject_name())).unwrap();
    builder.set_pubkey(&key).unwrap();
    builder.set_not_before(&at(days.0)).unwrap();
    builder.set_not_after(&at(days.1)).unwrap();
    if is_authority {
        builder.append_extension(BasicConstraints::new().critical().ca().build().unwrap()).unwrap();
    }
    if !hosts.is_empty() {
        let mut names = SubjectAlternativeName::new();
        for host in hosts {
            let is_address = host.parse::<std::net::IpAddr>().is_ok();
            if is_address {
                names.ip(host)
            } else {
                names.dns(host)
            };
        }
        let extension = names.build(&builder.x509v3_context(None, None)).unwrap();
        builder.append_extension(extension).unwrap();
    }
    builder.sign(issuer.map_or(&key, |issuer| &issuer.key), MessageDigest::sha256()).unwrap();
    Holder { certificate: builder.build(), key }
}

fn at(days: i64) -> Asn1Time {
    let now = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).unwrap().as_secs() as i64;
    Asn1Time::from_unix(now + days * 86_400).unwrap()
}

/// The files that a caller names: its own certificate and key, and the root that it trusts.
pub struct Files {
    pub folder: TempDir,
    pub cert: PathBuf,
    pub key: PathBuf,
    pub ca: PathBuf,
}

impl Files {
    pub fn write(own: &Holder, trusted: &Holder) -> Files {
        let folder = tempfile::tempdir().unwrap();
        let file = |name: &str, content: &[u8]| {
            let path = folder.path().join(name);
            fs::write(&path, content).unwrap();
            path
        };
        let cert = file("own.pem", &own.certificate.to_pem().unwrap());
        let key = file("own.key", &own.key.private_key_to_pem_pkcs8().unwrap());
        let ca = file("ca.pem", &trusted.certificate.to_pem().unwrap());
        Files { cert, key, ca, folder }
    }
}

/// What the partner does with one connection.
#[derive(Clone)]
pub enum Play {
    /// Answers with these bytes, HTTP head included.
    Bytes(Vec<u8>),
    /// Takes the request and says nothing until the caller gives up.
    Silence,
    /// Announces less than it sends: head, then this many bytes.
    Flood(usize),
    /// Takes the request and closes.
    Hangup,
}

impl Play {
    /// A whole HTTP answer.
    pub fn http(status: &str, content_type: &str, body: &str) -> Play {
        let length = body.len();
        let head = format!(
            "HTTP/1.1 {status}\r\nContent-Type: {content_type}\r\nContent-Length: {length}\r\nConnection: close\r\n\r\n"
        );
        Play::Bytes((head + body).into_bytes())
    }

    /// A SOAP message under a status.
    pub fn soap(status: &str, body: &str) -> Play {
        Play::http(status, "text/xml; charset=utf-8", body)
    }
}

/// A running partner. It lives until the test process ends.
pub struct Loopback {
    pub port: u16,
    requests: Arc<Mutex<Vec<String>>>,
}

impl Loopback {
    /// Answers every connection alike; callers must hold a certificate under `clients`.
    pub fn plays(play: Play, server: &Holder, clients: &Holder) -> Loopback {
        Loopback::with_versions(play, server, clients, None)
    }

    /// The same, up to a TLS version.
    pub fn with_versions(play: Play, server: &Holder, clients: &Holder, newest: Option<SslVersion>) -> Loopback {
        let mut builder = SslAcceptor::mozilla_intermediate_v5(SslMethod::tls_server()).unwrap();
        builder.set_certificate(&server.certificate).unwrap();
        builder.set_private_key(&server.key).unwrap();
        builder.set_max_proto_version(newest).unwrap();
        let mut store = X509StoreBuilder::new().unwrap();
        store.add_cert(clients.certificate.clone()).unwrap();
        builder.set_cert_store(store.build());
        builder.set_verify(SslVerifyMode::PEER | SslVerifyMode::FAIL_IF_NO_PEER_CERT);
        let acceptor = Arc::new(builder.build());
        Loopback::serve(move |stream, requests| {
            let plain = stream.try_clone().unwrap();
            if let Ok(mut stream) = acceptor.accept(stream) {
                answer(&mut stream, &play, requests);
                let _ = stream.shutdown();
            }
            linger(plain);
        })
    }

    /// Speaks plain HTTP where TLS is expected.
    pub fn without_tls() -> Loopback {
        Loopback::serve(|mut stream, _| {
            let _ = stream.read(&mut [0; 64]);
            let _ = stream.write_all(b"HTTP/1.1 400 Bad Request\r\nContent-Length: 0\r\n\r\n");
        })
    }

    fn serve(play: impl Fn(TcpStream, &Mutex<Vec<String>>) + Send + Sync + 'static) -> Loopback {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let port = listener.local_addr().unwrap().port();
        let requests = Arc::new(Mutex::new(Vec::new()));
        let seen = Arc::clone(&requests);
        let play = Arc::new(play);
        thread::spawn(move || {
            for stream in listener.incoming().map_while(Result::ok) {
                let (play, seen) = (Arc::clone(&play), Arc::clone(&seen));
                thread::spawn(move || play(stream, &seen));
            }
        });
        Loopback { port, requests }
    }

    pub fn url(&self) -> String {
        format!("https://localhost:{}/epix/v2", self.port)
    }

    /// Heads and bodies as they came.
    pub fn requests(&self) -> Vec<String> {
        self.requests.lock().unwrap().clone()
    }
}

/// Closes without a reset, which could overtake an alert or an answer that the caller has not read yet.
fn linger(mut stream: TcpStream) {
    let _ = stream.shutdown(std::net::Shutdown::Write);
    let _ = stream.set_read_timeout(Some(Duration::from_secs(2)));
    let _ = std::io::copy(&mut stream, &mut std::io::sink());
}

fn answer(stream: &mut (impl Read + Write), play: &Play, requests: &Mutex<Vec<String>>) {
    requests.lock().unwrap().push(request(stream));
    match play {
        Play::Bytes(bytes) => {
            let _ = stream.write_all(bytes);
        }
        Play::Silence => thread::sleep(Duration::from_secs(30)),
        Play::Hangup => {}
        Play::Flood(length) => {
            let _ = stream.write_all(b"HTTP/1.1 200 OK\r\nContent-Type: text/xml\r\nConnection: close\r\n\r\n");
            let block = vec![b' '; 1 << 16];
            let mut sent = 0;
            while sent < *length && stream.write_all(&block).is_ok() {
                sent += block.len();
            }
        }
    }
}

/// Reads one request: head, then as many bytes as it announces.
fn request(stream: &mut impl Read) -> String {
    let mut bytes = Vec::new();
    let mut block = [0; 4096];
    loop {
        let text = String::from_utf8_lossy(&bytes).into_owned();
        if let Some((head, body)) = text.split_once("\r\n\r\n") {
            let length =
                head.lines().find_map(|line| line.to_ascii_lowercase().strip_prefix("content-length: ")?.parse().ok());
            if body.len() >= length.unwrap_or(0) {
                return text;
            }
        }
        match stream.read(&mut block) {
            Ok(0) | Err(_) => return text,
            Ok(count) => bytes.extend_from_slice(&block[..count]),
        }
    }
}
