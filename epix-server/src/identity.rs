//! Who is at the other end of a connection: a whole certificate, never a piece of its name.

use actix_tls::accept::openssl::TlsStream;
use actix_web::dev::Extensions;
use actix_web::rt::net::TcpStream;
use epix_core::id::{Fingerprint, Sha256Digest};

use crate::tls::Serial;

/// The peer of a connection, as TLS proved it.
#[derive(Debug, Clone)]
pub struct Peer {
    /// The SHA-256 value over the whole certificate (DER).
    pub fingerprint: Fingerprint,
    /// How its issuer would name it in a revocation list.
    pub serial: Serial,
    /// The address it came from.
    pub address: Option<String>,
}

/// Keeps the peer of a new TLS connection with it; a plain connection has none.
pub fn remember_peer(connection: &dyn std::any::Any, extensions: &mut Extensions) {
    let Some(stream) = connection.downcast_ref::<TlsStream<TcpStream>>() else { return };
    let Some(certificate) = stream.ssl().peer_certificate() else { return };
    let (Ok(der), Ok(serial)) = (certificate.to_der(), Serial::of(&certificate)) else { return };
    let address = stream.get_ref().peer_addr().ok().map(|address| address.to_string());
    extensions.insert(Peer { fingerprint: Sha256Digest::of(&der), serial, address });
}
