//! The TLS side of the exchange listener: which certificates are shown, which callers get through the handshake, and which of
//! their certificates are revoked.

mod revoked;

use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError, RwLock};
use std::time::SystemTime;

use openssl::error::ErrorStack;
use openssl::ssl::{
    AlpnError, SniError, SslAcceptor, SslAcceptorBuilder, SslContext, SslMethod, SslOptions, SslSessionCacheMode,
    SslVerifyMode, SslVersion,
};
use openssl::stack::Stack;
use openssl::x509::store::{X509Store, X509StoreBuilder};
use openssl::x509::{X509, X509PurposeId, X509Ref, X509StoreContext, X509StoreContextRef, X509VerifyResult};

use self::revoked::Revoked;
pub use self::revoked::{List, Serial};
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
    /// A revocation list is signed by none of the roots under which callers are trusted.
    #[error("the revocation list {} is signed by none of the client roots", path.display())]
    ForeignList {
        /// Which file.
        path: PathBuf,
    },
    /// OpenSSL refused a setting.
    #[error("TLS could not be set up")]
    Setup(#[from] ErrorStack),
}

/// What TLS stands on at this moment: it is read anew when its files change, and no connection has to be cut for that.
pub struct Live {
    section: ExchangeSection,
    context: RwLock<SslContext>,
    revoked: RwLock<Revoked>,
    callers: RwLock<Arc<X509Store>>,
    stamps: Mutex<Vec<Option<SystemTime>>>,
    generation: AtomicU64,
}

impl Live {
    /// Reads everything for the first time.
    ///
    /// # Errors
    /// [`TlsError`] naming the file.
    pub fn load(section: &ExchangeSection) -> Result<Arc<Live>, TlsError> {
        let stamps = Mutex::new(stamps(section));
        let revoked = RwLock::new(Revoked::load(section)?);
        let context = RwLock::new(builder(section)?.build().into_context());
        let callers = RwLock::new(Arc::new(callers(section)?));
        Ok(Arc::new(Live {
            section: section.clone(),
            context,
            revoked,
            callers,
            stamps,
            generation: AtomicU64::new(0),
        }))
    }

    /// Makes the acceptor of the exchange listener; each handshake goes by what was read last.
    ///
    /// # Errors
    /// [`TlsError`] naming the file.
    pub fn acceptor(self: &Arc<Live>) -> Result<SslAcceptorBuilder, TlsError> {
        let mut builder = builder(&self.section)?;
        self.keep_current(&mut builder);
        Ok(builder)
    }

    /// The same for a listener on which callers may also prove otherwise who they are: a certificate is asked for, and one that is
    /// shown is verified.
    ///
    /// # Errors
    /// [`TlsError`] naming the file.
    pub fn lenient_acceptor(self: &Arc<Live>) -> Result<SslAcceptorBuilder, TlsError> {
        let mut builder = builder(&self.section)?;
        builder.set_verify(SslVerifyMode::PEER);
        self.keep_current(&mut builder);
        Ok(builder)
    }

    fn keep_current(self: &Arc<Live>, builder: &mut SslAcceptorBuilder) {
        let live = Arc::clone(self);
        builder.set_servername_callback(move |ssl, _| {
            let context = live.context.read().unwrap_or_else(PoisonError::into_inner);
            ssl.set_ssl_context(&context).map_err(|_| SniError::ALERT_FATAL)
        });
    }

    /// Has one of these certificates been revoked by its issuer? Asked for every request, because connections stay open for long.
    pub fn is_revoked(&self, chain: &[Serial]) -> bool {
        let revoked = self.revoked.read().unwrap_or_else(PoisonError::into_inner);
        chain.iter().any(|certificate| revoked.contains(certificate))
    }

    /// The newest revocation list of each issuer in this server's own files.
    pub fn own_lists(&self) -> Vec<List> {
        self.revoked.read().unwrap_or_else(PoisonError::into_inner).own()
    }

    /// Goes by a revocation list (DER) that another server passed on, unless this server's own is newer; false where it is none that
    /// the client roots have signed.
    ///
    /// # Errors
    /// [`TlsError`] where the roots cannot be read.
    pub fn take_list(&self, bytes: &[u8]) -> Result<bool, TlsError> {
        self.revoked.write().unwrap_or_else(PoisonError::into_inner).take(&self.section, bytes)
    }

    /// Verifies a caller's certificate that did not come by a handshake of ours, and gives the chain up to its root.
    ///
    /// # Errors
    /// Why it is not trusted, in OpenSSL's words.
    pub fn verified(&self, certificate: &X509Ref, given: Stack<X509>) -> Result<Vec<X509>, String> {
        let store = Arc::clone(&self.callers.read().unwrap_or_else(PoisonError::into_inner));
        let look = |context: &mut X509StoreContextRef| {
            let trusted = context.verify_cert()?;
            let chain = context.chain().map(|chain| chain.iter().map(ToOwned::to_owned).collect());
            Ok(if trusted { chain.ok_or(X509VerifyResult::OK) } else { Err(context.error()) })
        };
        let looked = X509StoreContext::new().and_then(|mut context| context.init(&store, certificate, &given, look));
        looked.map_err(|error| error.to_string())?.map_err(|reason| reason.error_string().to_owned())
    }

    /// Reads everything anew when a file has changed; true when it has. What cannot be used changes nothing.
    ///
    /// # Errors
    /// [`TlsError`] naming the file.
    pub fn refresh(&self) -> Result<bool, TlsError> {
        let found = stamps(&self.section);
        if *self.stamps.lock().unwrap_or_else(PoisonError::into_inner) == found {
            return Ok(false);
        }
        self.reload()?;
        *self.stamps.lock().unwrap_or_else(PoisonError::into_inner) = found;
        Ok(true)
    }

    /// Reads everything anew.
    ///
    /// # Errors
    /// [`TlsError`] naming the file; then what was read before stands.
    pub fn reload(&self) -> Result<(), TlsError> {
        let (revoked, context) = (Revoked::load(&self.section)?, builder(&self.section)?.build().into_context());
        let callers = Arc::new(callers(&self.section)?);
        let mut lists = self.revoked.write().unwrap_or_else(PoisonError::into_inner);
        *lists = revoked.with_lists_of(&self.section, &lists)?;
        drop(lists);
        *self.callers.write().unwrap_or_else(PoisonError::into_inner) = callers;
        *self.context.write().unwrap_or_else(PoisonError::into_inner) = context;
        self.generation.fetch_add(1, Ordering::SeqCst);
        Ok(())
    }

    /// Which reading of the files holds now: another number, other roots.
    pub fn generation(&self) -> u64 {
        self.generation.load(Ordering::SeqCst)
    }
}

/// When the files were last changed.
fn stamps(section: &ExchangeSection) -> Vec<Option<SystemTime>> {
    let files = [&section.certificate, &section.key, &section.client_ca].into_iter().chain(&section.crl);
    files.map(|file| std::fs::metadata(file).and_then(|metadata| metadata.modified()).ok()).collect()
}

/// The roots of callers, for certificates that a proxy names.
fn callers(section: &ExchangeSection) -> Result<X509Store, TlsError> {
    let mut store = X509StoreBuilder::new()?;
    store.set_purpose(X509PurposeId::SSL_CLIENT)?;
    for root in certificates("the client roots", &section.client_ca)? {
        store.add_cert(root)?;
    }
    Ok(store.build())
}

/// TLS 1.2 and 1.3, a client certificate under one of our roots required.
///
/// Session resumption is off: a resumed session would skip the look at the caller's certificate.
fn builder(section: &ExchangeSection) -> Result<SslAcceptorBuilder, TlsError> {
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
    // What the listener would choose by itself; it can say so only of the first context, not of those read later.
    builder.set_alpn_select_callback(|_, offered| {
        openssl::ssl::select_next_proto(b"\x08http/1.1", offered).ok_or(AlpnError::NOACK)
    });
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
