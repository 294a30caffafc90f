//! Who is at the other end of a connection: a whole certificate, never a piece of its name.

use std::net::SocketAddr;

use actix_tls::accept::openssl::TlsStream;
use actix_web::dev::Extensions;
use actix_web::rt::net::TcpStream;
use epix_core::id::{Fingerprint, Sha256Digest};
use openssl::error::ErrorStack;
use openssl::x509::X509Ref;

use crate::tls::Serial;

/// The caller, as TLS proved it, here or at a proxy that the operator trusts.
#[derive(Debug, Clone)]
pub struct Peer {
    /// The SHA-256 value over the whole certificate (DER).
    pub fingerprint: Fingerprint,
    /// How the issuers of its chain would name each certificate in a revocation list, the caller's own first.
    pub serials: Vec<Serial>,
    /// The address it came from.
    pub address: Option<String>,
}

/// The other end of a plain connection: it counts only when it is a proxy of ours.
#[derive(Debug, Clone, Copy)]
pub struct Neighbour(pub SocketAddr);

impl Peer {
    /// The holder of a certificate, with the chain that was verified for it (the certificate itself may stand in it).
    ///
    /// # Errors
    /// What OpenSSL says of a certificate that it cannot write.
    pub fn of<'chain>(
        certificate: &X509Ref,
        chain: impl IntoIterator<Item = &'chain X509Ref>,
        address: Option<String>,
    ) -> Result<Peer, ErrorStack> {
        let mut serials = vec![Serial::of(certificate)?];
        for above in chain {
            serials.push(Serial::of(above)?);
        }
        Ok(Peer { fingerprint: Sha256Digest::of(&certificate.to_der()?), serials, address })
    }
}

/// Keeps the peer of a new TLS connection with it; for a plain connection, which a proxy makes, its address.
pub fn remember_peer(connection: &dyn std::any::Any, extensions: &mut Extensions) {
    if let Some(plain) = connection.downcast_ref::<TcpStream>() {
        if let Ok(address) = plain.peer_addr() {
            extensions.insert(Neighbour(address));
        }
        return;
    }
    let Some(stream) = connection.downcast_ref::<TlsStream<TcpStream>>() else { return };
    let Some(certificate) = stream.ssl().peer_certificate() else { return };
    let address = stream.get_ref().peer_addr().ok().map(|address| address.to_string());
    let chain = stream.ssl().verified_chain();
    if let Ok(peer) = Peer::of(&certificate, chain.into_iter().flatten(), address) {
        extensions.insert(peer);
    }
}
