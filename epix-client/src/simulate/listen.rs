//! Where does the simulated partner answer? One listener for calls, over TLS, and one for orders, on loopback.

use std::io::{self, Write as _};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread::{self, JoinHandle};
use std::time::Duration;

use epix_core::id::{Fingerprint, Sha256Digest};
use openssl::error::ErrorStack;
use openssl::ssl::{SslAcceptor, SslAcceptorBuilder, SslFiletype, SslMethod, SslStream, SslVerifyMode};
use openssl::x509::X509;
use openssl::x509::store::{X509Store, X509StoreBuilder};

use super::http::HttpRequest;
use super::pki::{Holder, Pki};
use super::play::{Play, Reacted, Reaction};
use super::script::Shown;
use super::{Credentials, Settings, SimulateError, control};

/// How long a caller may be silent: a rehearsal must not run out of threads.
const SILENCE: Duration = Duration::from_secs(30);

/// A simulated partner that answers until it is dropped.
pub struct Simulator {
    /// Where calls are answered.
    pub address: SocketAddr,
    /// Where orders are taken.
    pub control: SocketAddr,
    stopping: Arc<AtomicBool>,
    listeners: Vec<JoinHandle<()>>,
}

impl Simulator {
    /// Starts a partner; its calls are answered on threads of its own.
    ///
    /// # Errors
    /// [`SimulateError`] naming what is in the way.
    pub fn start(settings: Settings) -> Result<Simulator, SimulateError> {
        let Settings { country, importer, script, credentials, listen, control, told } = settings;
        if !control.ip().is_loopback() {
            return Err(SimulateError::NotLoopback { address: control });
        }
        let acceptor = acceptor(&credentials, script.certificate)?;
        let play = Arc::new(Play::new(script, country, importer)?);
        let (calls, address) = bind(listen)?;
        let (orders, control) = bind(control)?;
        let stopping = Arc::new(AtomicBool::new(false));
        let for_calls = {
            let play = play.clone();
            move |stream| answer_call(stream, &acceptor, &play, &*told)
        };
        let for_orders = move |mut stream: TcpStream| {
            let order = HttpRequest::read(&mut stream)?;
            control::follow(&order, &play).write(&mut stream)
        };
        let listeners = vec![accept(calls, stopping.clone(), for_calls), accept(orders, stopping.clone(), for_orders)];
        Ok(Simulator { address, control, stopping, listeners })
    }

    /// The whole address that partners call.
    pub fn endpoint(&self) -> String {
        format!("https://{}/epix", self.address)
    }
}

impl Drop for Simulator {
    fn drop(&mut self) {
        self.stopping.store(true, Ordering::SeqCst);
        for address in [self.address, self.control] {
            // Wakes the listener up; should it be gone already, that is as good.
            drop(TcpStream::connect(reachable(address)));
        }
        for listener in self.listeners.drain(..) {
            drop(listener.join());
        }
    }
}

/// An address that listens on all interfaces is reached on loopback.
fn reachable(mut address: SocketAddr) -> SocketAddr {
    if address.ip().is_unspecified() {
        address.set_ip(std::net::Ipv4Addr::LOCALHOST.into());
    }
    address
}

fn bind(address: SocketAddr) -> Result<(TcpListener, SocketAddr), SimulateError> {
    let bound = TcpListener::bind(address).and_then(|listener| Ok((listener.local_addr()?, listener)));
    bound.map(|(bound, listener)| (listener, bound)).map_err(|cause| SimulateError::Listen { address, cause })
}

fn accept(
    listener: TcpListener,
    stopping: Arc<AtomicBool>,
    answer: impl Fn(TcpStream) -> io::Result<()> + Send + Sync + 'static,
) -> JoinHandle<()> {
    let answer = Arc::new(answer);
    thread::spawn(move || {
        for stream in listener.incoming() {
            if stopping.load(Ordering::SeqCst) {
                return;
            }
            let Ok(stream) = stream else { continue };
            let answer = answer.clone();
            // A caller that goes away in the middle is its own affair.
            thread::spawn(move || {
                let timed = stream.set_read_timeout(Some(SILENCE)).and_then(|()| stream.set_nodelay(true));
                drop(timed.and_then(|()| answer(stream)));
            });
        }
    })
}

fn answer_call(stream: TcpStream, acceptor: &SslAcceptor, play: &Play, told: &dyn Fn(&str)) -> io::Result<()> {
    let mut stream = match acceptor.accept(stream) {
        Ok(stream) => stream,
        Err(error) => {
            told(&format!("no TLS connection: {error}"));
            return Ok(());
        }
    };
    let caller = fingerprint(&stream);
    let request = HttpRequest::read(&mut stream)?;
    let Reacted { wait, reaction, told: sentence } = play.react(&request, caller);
    told(&sentence);
    thread::sleep(wait);
    match reaction {
        Reaction::Answer(response) => response.write(&mut stream)?,
        Reaction::Cut(response) => {
            let bytes = response.bytes();
            stream.write_all(&bytes[..bytes.len() - response.body.len() / 2])?;
        }
        // Not even the farewell of TLS is sent.
        Reaction::Close => return stream.get_ref().shutdown(std::net::Shutdown::Both),
    }
    stream.shutdown().map(|_| ()).map_err(io::Error::other)
}

fn fingerprint(stream: &SslStream<TcpStream>) -> Option<Fingerprint> {
    let der = stream.ssl().peer_certificate()?.to_der().ok()?;
    Some(Sha256Digest::of(&der))
}

fn acceptor(credentials: &Credentials, shown: Shown) -> Result<SslAcceptor, SimulateError> {
    let mut builder = SslAcceptor::mozilla_intermediate_v5(SslMethod::tls_server()).map_err(setup)?;
    match credentials {
        Credentials::Made(folder) => {
            let pki = Pki::make(folder)?;
            show(&mut builder, &pki, shown).map_err(setup)?;
        }
        Credentials::Given { .. } if shown != Shown::Own => return Err(SimulateError::NoWrongCertificate),
        Credentials::Given { certificate, key, authority } => {
            let of = |file: &Path| {
                let file = file.to_owned();
                move |cause| SimulateError::Credential { file, cause }
            };
            builder.set_certificate_chain_file(certificate).map_err(of(certificate))?;
            builder.set_private_key_file(key, SslFiletype::PEM).map_err(of(key))?;
            builder.set_ca_file(authority).map_err(of(authority))?;
        }
    }
    builder.set_verify(SslVerifyMode::PEER | SslVerifyMode::FAIL_IF_NO_PEER_CERT);
    builder.set_session_id_context(b"epix").map_err(setup)?;
    Ok(builder.build())
}

fn setup(cause: ErrorStack) -> SimulateError {
    SimulateError::Pki(cause.into())
}

fn show(builder: &mut SslAcceptorBuilder, pki: &Pki, shown: Shown) -> Result<(), ErrorStack> {
    let Holder { certificate, key } = match shown {
        Shown::Own => &pki.own,
        Shown::OtherHost => &pki.other_host,
        Shown::Expired => &pki.expired,
        Shown::UnknownAuthority => &pki.unknown,
    };
    builder.set_certificate(certificate)?;
    builder.set_private_key(key)?;
    builder.set_verify_cert_store(trusting(&pki.root.certificate)?)
}

fn trusting(root: &X509) -> Result<X509Store, ErrorStack> {
    let mut store = X509StoreBuilder::new()?;
    store.add_cert(root.clone())?;
    Ok(store.build())
}
