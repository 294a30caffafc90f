//! The composition root: the only place that names concrete backends and puts the parts together.

use std::collections::BTreeMap;
use std::io;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use actix_web::{App, HttpServer, dev::Server, web};
use chrono::Utc;
use epix_core::id::AuthorityId;
use tokio::signal::unix::{Signal, SignalKind, signal};
use tokio::task::JoinHandle;

use crate::audit::{AuditEvent, RequestId};
use crate::auditor::{AuditorError, Rounds};
use crate::calls::Calls;
use crate::config::{Config, ConfigError, LateReports, LimitsSection, ProxySection, QuotasSection, RestSection};
use crate::messenger::Messenger;
use crate::notary::{Notary, NotaryError};
use crate::proxy::Proxies;
use crate::service::{Exchange, Limits, Practice, Relay, Roads, TokenKey, TokenKeyError};
use crate::sharing::Sharing;
use crate::store::{self, Authority, Control, Place, Quotas, RemoteStore, Store, StoreError};
use crate::telemetry::{Log, Metrics};
use crate::tls::TlsError;
use crate::upkeep::Upkeep;
use crate::{admin, backlog, events, expiry, identity, rest, soap, telemetry, tls};

/// How long a caller may take to send its request head, and how long an idle connection is kept.
const REQUEST_HEAD: Duration = Duration::from_secs(10);
const KEEP_ALIVE: Duration = Duration::from_secs(75);
/// How long a TLS handshake may take: many partners may greet at once after a restart.
const HANDSHAKE: Duration = Duration::from_secs(10);
/// How long calls under way may take after a stop was asked for.
const DRAIN: Duration = Duration::from_secs(30);
const MEBIBYTE: usize = 1 << 20;

/// How long connections may take to send out their last answer before they are cut, in seconds.
const LINGER: u64 = 1;

/// Why the server could not start, or stopped.
#[derive(Debug, thiserror::Error)]
pub enum StartError {
    /// The configuration cannot be used.
    #[error(transparent)]
    Config(#[from] ConfigError),
    /// Logging cannot be set up as configured.
    #[error("{0}")]
    Logging(String),
    /// The store cannot be opened.
    #[error("the store cannot be opened")]
    Store(#[from] StoreError),
    /// The password for the store cannot be read.
    #[error("the password in {} cannot be read", path.display())]
    Password {
        /// Which file.
        path: PathBuf,
        /// Why.
        #[source]
        source: io::Error,
    },
    /// The token key cannot be used.
    #[error(transparent)]
    TokenKey(#[from] TokenKeyError),
    /// TLS cannot be set up.
    #[error(transparent)]
    Tls(#[from] TlsError),
    /// The signals that ask for a stop cannot be listened to.
    #[error("signals cannot be listened to")]
    Signals(#[source] io::Error),
    /// The counters cannot be set up.
    #[error("the counters cannot be set up")]
    Metrics(#[from] prometheus::Error),
    /// An address cannot be listened on.
    #[error("cannot listen on {address}")]
    Listen {
        /// The address.
        address: SocketAddr,
        /// Why.
        #[source]
        source: io::Error,
    },
    /// The socket for commands cannot be made.
    #[error("the control socket {} cannot be made", path.display())]
    Control {
        /// Where.
        path: PathBuf,
        /// Why.
        #[source]
        source: io::Error,
    },
    /// The checkpoints of the audit cannot be made.
    #[error(transparent)]
    Auditor(#[from] AuditorError),
    /// Keys or certificates of `[signature]` stand in the way.
    #[error(transparent)]
    Notary(#[from] NotaryError),
    /// The server failed while it ran.
    #[error("the server failed")]
    Run(#[source] io::Error),
}

/// The store of a configuration, with its authorities declared; for the server and for the commands beside it.
///
/// # Errors
/// [`StartError::Store`], for instance when a server holds the file.
pub async fn open_store(config: &Config) -> Result<Arc<dyn Store>, StartError> {
    let opened = store::open(&place(config)?).await?;
    for authority in authorities(config) {
        let event = AuditEvent::new(authority.id.clone(), Utc::now(), request_id(), "declare");
        opened.declare(authority, event).await?;
    }
    Ok(opened)
}

/// The same for a command: while a server holds the store, the command works through it.
///
/// # Errors
/// As for [`open_store`].
pub async fn reach_store(config: &Config) -> Result<Arc<dyn Store>, StartError> {
    match (open_store(config).await, control_socket(config)) {
        (Err(StartError::Store(locked @ StoreError::Locked { .. })), Some(socket)) => {
            match RemoteStore::connect(&socket).await {
                Ok(store) => Ok(Arc::new(store)),
                // Another command holds it, and will be done soon; or the server is just starting.
                Err(_) => Err(locked.into()),
            }
        }
        (other, _) => other,
    }
}

/// Where a server takes commands: beside the file that it holds, because whoever may use the one may use the other. A database
/// takes any number of processes, so that commands need no server.
fn control_socket(config: &Config) -> Option<PathBuf> {
    let mut name = file(config)?.clone().into_os_string();
    name.push(".control");
    Some(name.into())
}

/// The file of the store, where it is one.
pub fn file(config: &Config) -> Option<&PathBuf> {
    config.store.path.as_ref().filter(|_| config.store.url.is_none())
}

/// Where the store of a configuration is.
///
/// # Errors
/// [`StartError::Password`], or [`StartError::Store`] for a URL that names no backend.
pub fn place(config: &Config) -> Result<Place, StartError> {
    let QuotasSection { lines_per_hour, refused_documents, refused_mebibytes } = config.quotas;
    let refused_bytes = refused_mebibytes << 20;
    let quotas = Quotas { stranger_lines_per_hour: lines_per_hour, refused_documents, refused_bytes };
    Ok(somewhere(config)?.within(quotas))
}

fn somewhere(config: &Config) -> Result<Place, StartError> {
    let section = &config.store;
    let mut place = match (&section.url, &section.path) {
        (Some(url), _) => Place::parse(url)?.over(section.connections),
        (None, path) => Place::sqlite(path.as_deref().unwrap_or(Path::new(""))),
    };
    place = place.remembering(section.memory_mib.saturating_mul(MEBIBYTE));
    if let Some(path) = &section.password_file {
        let text = std::fs::read_to_string(path);
        let text = text.map_err(|source| StartError::Password { path: path.clone(), source })?;
        place = place.with_password(text.lines().next().unwrap_or_default().to_owned());
    }
    if let Some(ca) = &section.ca {
        place = place.trusting(ca.clone());
    }
    Ok(place)
}

/// The authorities of a configuration as rows of the store.
pub fn authorities(config: &Config) -> Vec<Authority> {
    let row = |section: &crate::config::AuthoritySection| Authority {
        id: section.id.clone(),
        country: section.country,
        name: section.name.clone(),
    };
    config.authorities.iter().map(row).collect()
}

/// How the authorities of a configuration do things.
fn practices(config: &Config) -> BTreeMap<AuthorityId, Practice> {
    let practice = |section: &crate::config::AuthoritySection| {
        let takes_late_reports = section.late_reports == LateReports::Taken;
        let practice = Practice { partial_use: section.partial_use.clone(), takes_late_reports };
        (section.id.clone(), practice)
    };
    config.authorities.iter().map(practice).collect()
}

/// A new id for a call or command.
pub fn request_id() -> RequestId {
    RequestId::from(uuid::Uuid::new_v4().to_string())
}

/// A server that listens and will answer once it is run.
pub struct Gateway {
    exchange: Server,
    proxied: Option<Server>,
    rest: Option<Server>,
    admin: Server,
    calls: Arc<Calls>,
    signals: Signals,
    control: Option<Control>,
    background: Vec<JoinHandle<()>>,
    rounds: Arc<Rounds>,
    log: Option<Log>,
    /// Where partners are answered.
    pub exchange_address: SocketAddr,
    /// Where proxies are answered, if there are any.
    pub proxy_address: Option<SocketAddr>,
    /// Where REST is answered, if it is.
    pub rest_address: Option<SocketAddr>,
    /// Where the operator's tools are answered.
    pub admin_address: SocketAddr,
}

impl Gateway {
    /// Opens the store and both listeners.
    ///
    /// # Errors
    /// [`StartError`] naming what is in the way.
    pub async fn start(config: &Config) -> Result<Gateway, StartError> {
        let log = telemetry::start_logging(&config.log).map_err(StartError::Logging)?;
        let signals = Signals::listen().map_err(StartError::Signals)?;
        let token_key = TokenKey::load(&config.store.token_key_file)?;
        let notary = Arc::new(Notary::load(&config.signature)?);
        let store = open_store(config).await?;
        let control = listen_for_commands(config, &store)?;
        let metrics = Metrics::new()?;
        metrics.show(store.collectors())?;
        metrics.show(log.as_ref().map(Log::collectors).transpose()?.unwrap_or_default())?;
        let counted = metrics.clone();
        let rounds = Rounds::of(&config.audit, store.clone(), Box::new(move |kind| counted.alarm(kind)))?;
        let exchange = Exchange::new(store, authorities(config), token_key);
        let LimitsSection { calls_per_minute, misses_per_hour } = config.limits;
        let (limits, counted) = (Limits { calls_per_minute, misses_per_hour }, metrics.clone());
        let exchange = exchange.limited(limits, Box::new(move |kind| counted.alarm(kind)));
        let service =
            Arc::new(exchange.practising(practices(config)).deciding_by(config.policies.clone()).signed_by(notary));
        let trust = tls::Live::load(&config.exchange)?;
        let mut sharing = Sharing::new(service.clone(), trust.clone());
        sharing.catch_up().await;
        let calls = Arc::new(Calls::default());
        let (public_url, hub_as_was) = (config.exchange.public_url.clone(), config.exchange.hub_as_was);
        let options = soap::FaceOptions { public_url, hub_as_was };
        let roads = Roads::new(config.exchange.certificate.clone(), config.exchange.key.clone());
        let relay = Arc::new(Relay::new(service.clone(), roads));
        let face =
            soap::Face::new(service.clone(), relay.clone(), metrics.clone(), calls.clone(), trust.clone(), options);
        let events = events::Face::new(service.clone(), metrics.clone(), calls.clone(), trust.clone());
        let faces = Faces { soap: web::Data::new(face), events: web::Data::new(events), rest: None };
        let (exchange, exchange_address) = listen_for_partners(config, &trust, faces.clone())?;
        let rest = rest::Face::new(service.clone(), relay, metrics.clone(), calls.clone(), trust.clone());
        let is_proxied = config.rest.as_ref().is_some_and(|section| section.proxied);
        let faces = Faces { rest: is_proxied.then(|| web::Data::new(rest.clone())), ..faces };
        let proxied = config.proxy.as_ref().map(|section| listen_for_proxies(section, &trust, faces)).transpose()?;
        let (proxied, proxy_address) = proxied.unzip();
        let rest = config.rest.as_ref().map(|section| listen_for_systems(section, &trust, rest)).transpose()?;
        let (rest, rest_address) = rest.unzip();
        let (signature, policies) = (config.signature.clone(), config.policy.file.clone());
        let upkeep = Upkeep::new(trust, service.clone(), signature, policies);
        let tools = admin::Face {
            exchange: service.clone(),
            metrics: metrics.clone(),
            calls: calls.clone(),
            dated: expiry::dated(&config.exchange, &config.signature),
            failing: upkeep.failing(),
        };
        let (admin, admin_address) = listen_for_tools(config.admin.listen, tools)?;
        let (certificate, key) = (config.exchange.certificate.clone(), config.exchange.key.clone());
        let hangup = signal(SignalKind::hangup()).map_err(StartError::Signals)?;
        let backlog = backlog::enter(service.clone());
        let messenger = Messenger::new(service, metrics, certificate, key);
        let rounds = Arc::new(rounds);
        let background = vec![
            tokio::spawn(messenger.run()),
            tokio::spawn(upkeep.run(hangup)),
            tokio::spawn(rounds.clone().run()),
            tokio::spawn(backlog),
            tokio::spawn(sharing.run()),
        ];
        Ok(Gateway {
            exchange,
            proxied,
            rest,
            admin,
            calls,
            signals,
            control,
            background,
            rounds,
            log,
            exchange_address,
            proxy_address,
            rest_address,
            admin_address,
        })
    }

    /// Answers until a stop is asked for (SIGTERM or SIGINT), then finishes the calls under way.
    ///
    /// # Errors
    /// [`StartError::Run`] when a listener fails.
    pub async fn run(self) -> Result<(), StartError> {
        let Gateway { exchange, proxied, rest, admin, calls, mut signals, control, background, rounds, log, .. } = self;
        let for_callers: Vec<_> = std::iter::once(&exchange).chain(&proxied).chain(&rest).map(Server::handle).collect();
        let for_tools = admin.handle();
        let stop = async {
            signals.asked_to_stop().await;
            tracing::info!("stopping: no new connections are taken, calls under way are finished");
            for handle in &for_callers {
                handle.pause().await;
            }
            if tokio::time::timeout(DRAIN, calls.drain()).await.is_err() {
                tracing::warn!("calls are still under way after {} seconds; they are cut off", DRAIN.as_secs());
            }
            for handle in for_callers.iter().chain([&for_tools]) {
                handle.stop(true).await;
            }
        };
        let served =
            async { tokio::try_join!(exchange, served_if_any(proxied), served_if_any(rest), admin).map(|_| ()) };
        let (served, ()) = tokio::join!(served, stop);
        // What was posted and not remembered is posted again after the next start.
        background.iter().for_each(JoinHandle::abort);
        rounds.end().await;
        drop(control);
        tracing::info!("stopped");
        drop(log);
        served.map_err(StartError::Run)
    }
}

async fn served_if_any(server: Option<Server>) -> io::Result<()> {
    match server {
        Some(server) => server.await,
        None => Ok(()),
    }
}

/// What callers reach, over TLS of ours or behind a proxy.
#[derive(Clone)]
struct Faces {
    soap: web::Data<soap::Face>,
    events: web::Data<events::Face>,
    /// Where the operator wants it beside the others.
    rest: Option<web::Data<rest::Face>>,
}

impl Faces {
    fn offer(&self, app: &mut web::ServiceConfig) {
        app.app_data(self.soap.clone()).app_data(self.events.clone());
        app.configure(soap::routes).configure(events::routes);
        if let Some(rest) = &self.rest {
            app.app_data(rest.clone()).configure(rest::routes);
        }
    }
}

fn listen_for_partners(
    config: &Config,
    trust: &Arc<tls::Live>,
    faces: Faces,
) -> Result<(Server, SocketAddr), StartError> {
    let address = config.exchange.listen;
    let server = HttpServer::new(move || App::new().configure(|app| faces.offer(app)))
        .on_connect(identity::remember_peer)
        // Without it an answer of 43 kB over TLS takes 40 ms longer (measured: 364 against 22,965 calls a second).
        .tcp_nodelay(true)
        .tls_handshake_timeout(HANDSHAKE)
        .client_request_timeout(REQUEST_HEAD)
        .keep_alive(KEEP_ALIVE)
        .shutdown_timeout(LINGER)
        .disable_signals()
        .bind_openssl(address, trust.acceptor()?)
        .map_err(|source| StartError::Listen { address, source })?;
    let bound = server.addrs().first().copied().unwrap_or(address);
    Ok((server.run(), bound))
}

/// The same faces for proxies, without TLS; who calls is what the proxy says, if it is one of ours.
fn listen_for_proxies(
    section: &ProxySection,
    trust: &Arc<tls::Live>,
    faces: Faces,
) -> Result<(Server, SocketAddr), StartError> {
    let address = section.listen;
    let proxies = web::Data::new(Proxies::new(section, trust.clone()));
    let app = move || App::new().app_data(proxies.clone()).configure(|app| faces.offer(app));
    let server = HttpServer::new(app)
        .on_connect(identity::remember_peer)
        .tcp_nodelay(true)
        .client_request_timeout(REQUEST_HEAD)
        .keep_alive(KEEP_ALIVE)
        .shutdown_timeout(LINGER)
        .disable_signals()
        .bind(address)
        .map_err(|source| StartError::Listen { address, source })?;
    let bound = server.addrs().first().copied().unwrap_or(address);
    Ok((server.run(), bound))
}

/// REST: with TLS like that of the exchange, but a certificate is no must; or without TLS on loopback.
fn listen_for_systems(
    section: &RestSection,
    trust: &Arc<tls::Live>,
    face: rest::Face,
) -> Result<(Server, SocketAddr), StartError> {
    let (address, face) = (section.listen, web::Data::new(face));
    let server = HttpServer::new(move || App::new().app_data(face.clone()).configure(rest::alone))
        .on_connect(identity::remember_peer)
        .tcp_nodelay(true)
        .tls_handshake_timeout(HANDSHAKE)
        .client_request_timeout(REQUEST_HEAD)
        .keep_alive(KEEP_ALIVE)
        .shutdown_timeout(LINGER)
        .disable_signals();
    let bound =
        if section.tls { server.bind_openssl(address, trust.lenient_acceptor()?) } else { server.bind(address) };
    let server = bound.map_err(|source| StartError::Listen { address, source })?;
    let bound = server.addrs().first().copied().unwrap_or(address);
    Ok((server.run(), bound))
}

/// Where the store is a file that one process holds.
fn listen_for_commands(config: &Config, store: &Arc<dyn Store>) -> Result<Option<Control>, StartError> {
    let (Some(socket), Some(beside)) = (control_socket(config), file(config)) else {
        return Ok(None);
    };
    let control = Control::listen(&socket, beside, store.clone());
    control.map(Some).map_err(|source| StartError::Control { path: socket, source })
}

fn listen_for_tools(address: SocketAddr, face: admin::Face) -> Result<(Server, SocketAddr), StartError> {
    let face = web::Data::new(face);
    let app = move || App::new().app_data(face.clone()).configure(admin::routes);
    let server = HttpServer::new(app)
        .workers(1)
        .shutdown_timeout(LINGER)
        .disable_signals()
        .bind(address)
        .map_err(|source| StartError::Listen { address, source })?;
    let bound = server.addrs().first().copied().unwrap_or(address);
    Ok((server.run(), bound))
}

/// The signals that ask for a stop; listened to before anybody is told that the server is there.
struct Signals {
    terminate: Signal,
    interrupt: Signal,
}

impl Signals {
    fn listen() -> io::Result<Signals> {
        Ok(Signals { terminate: signal(SignalKind::terminate())?, interrupt: signal(SignalKind::interrupt())? })
    }

    async fn asked_to_stop(&mut self) {
        tokio::select! {
            _ = self.terminate.recv() => {}
            _ = self.interrupt.recv() => {}
        }
    }
}
