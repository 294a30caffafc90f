//! The TLS side of the exchange listener: which certificates are shown, and which callers get through the handshake.

use std::path::{Path, PathBuf};

use openssl::error::ErrorStack;
use openssl::ssl::{
    SslAcceptor, SslAcceptorBuilder, SslMethod, SslOptions, SslSessionCacheMode, SslVerifyMode, SslVersion,
};
use openssl::stack::Stack;
use openssl::x509::X509;
use openssl::x509::store::X509StoreBuilder;

use crate::config::ExchangeSection;

/// Why TLS could not be set up.
#[derive(Debug, thiserror::Error)]
pub enum TlsError {
    /// A file cannot be read.
    #[error("{what} {} cannot be read", path.display())]
    Unreadable {
        /// What the file is for.
        what: &'static str,
        /// Which file.
        path: PathBuf,
        /// Why.
        #[source]
        source: std::io::Error,
    },
    /// A file does not hold what it should.
    #[error("{what} {} is not usable", path.display())]
    Unusable {
        /// What the file is for.
        what: &'static str,
        /// Which file.
        path: PathBuf,
        /// Why.
        #[source]
        source: ErrorStack,
    },
    /// OpenSSL refused a setting.
    #[error("TLS could not be set up")]
    Setup(#[from] ErrorStack),
}

/// Makes the acceptor of the exchange listener: TLS 1.2 and 1.3, a client certificate under one of our roots required.
///
/// Session resumption is off: a resumed session would skip the look at the caller's certificate.
///
/// # Errors
/// [`TlsError`] naming the file.
pub fn acceptor(section: &ExchangeSection) -> Result<SslAcceptorBuilder, TlsError> {
    let mut builder = SslAcceptor::mozilla_intermediate_v5(SslMethod::tls_server())?;
    builder.set_min_proto_version(Some(SslVersion::TLS1_2))?;
    own_certificate(&mut builder, section)?;
    let roots = certificates("the client roots", &section.client_ca)?;
    let mut store = X509StoreBuilder::new()?;
    let mut names = Stack::new()?;
    for root in roots {
        names.push(root.subject_name().to_owned()?)?;
        store.add_cert(root)?;
    }
    builder.set_verify_cert_store(store.build())?;
    builder.set_client_ca_list(names);
    builder.set_verify(SslVerifyMode::PEER | SslVerifyMode::FAIL_IF_NO_PEER_CERT);
    builder.set_session_id_context(b"epix")?;
    builder.set_session_cache_mode(SslSessionCacheMode::OFF);
    builder.set_options(SslOptions::NO_TICKET);
    builder.set_num_tickets(0)?;
    Ok(builder)
}

fn own_certificate(builder: &mut SslAcceptorBuilder, section: &ExchangeSection) -> Result<(), TlsError> {
    let (key, certificate) = (&section.key, &section.certificate);
    readable("the server key", key)?;
    readable("the server certificate", certificate)?;
    let unusable = |what, path: &Path| {
        let path = path.to_owned();
        move |source| TlsError::Unusable { what, path, source }
    };
    builder.set_certificate_chain_file(certificate).map_err(unusable("the server certificate", certificate))?;
    builder.set_private_key_file(key, openssl::ssl::SslFiletype::PEM).map_err(unusable("the server key", key))?;
    builder.check_private_key().map_err(unusable("the server key does not fit the certificate:", key))
}

/// Reads every certificate of a PEM file, at least one.
///
/// # Errors
/// [`TlsError`] naming the file.
pub fn certificates(what: &'static str, path: &Path) -> Result<Vec<X509>, TlsError> {
    let pem = readable(what, path)?;
    let found = X509::stack_from_pem(&pem).map_err(|source| unusable(what, path, source))?;
    if found.is_empty() {
        return Err(unusable(what, path, ErrorStack::get()));
    }
    Ok(found)
}

fn unusable(what: &'static str, path: &Path, source: ErrorStack) -> TlsError {
    TlsError::Unusable { what, path: path.to_owned(), source }
}

fn readable(what: &'static str, path: &Path) -> Result<Vec<u8>, TlsError> {
    std::fs::read(path).map_err(|source| TlsError::Unreadable { what, path: path.to_owned(), source })
}
