//! A store full of variants of one permit, put there by the same code as everything else.

use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use chrono::Utc;
use clap::Args;
use epix_core::id::{Amount, Fingerprint, PositionId};
use epix_core::receive::{Accepted, receive};
use epix_core::sign::make::{self, Statement};
use epix_core::sign::{Certificate, Place, SoftwareKey};
use epix_server::app::{authorities, open_store, request_id};
use epix_server::audit::AuditEvent;
use epix_server::config::Config;
use epix_server::service::{Context, Exchange, Facts, PermitRequest, TokenKey, entry};
use epix_server::store::{NewPermit, Store};
use openssl::x509::X509;

/// How many permits are on their way at once, so that they share flushes.
const TOGETHER: usize = 64;

#[derive(Debug, Args)]
pub(crate) struct Arguments {
    /// The configuration.
    #[arg(long)]
    config: PathBuf,
    /// The permit.
    #[arg(long)]
    permit: PathBuf,
    /// How many.
    #[arg(long)]
    count: usize,
    /// PEM file with the certificate of the caller that confirms each; without it they stay as issued.
    #[arg(long)]
    confirmed_by: Option<PathBuf>,
}

#[derive(Debug, Args)]
pub(crate) struct Signed {
    /// The permit.
    #[arg(long)]
    permit: PathBuf,
    /// How many.
    #[arg(long)]
    count: usize,
    /// The folder, which is there.
    #[arg(long)]
    folder: PathBuf,
    /// PEM files with the key and its certificate.
    #[arg(long)]
    key: PathBuf,
    /// The certificate.
    #[arg(long)]
    certificate: PathBuf,
}

/// A permit of which there are variants by number.
struct Pattern {
    text: String,
    number: String,
}

impl Pattern {
    fn read(path: &PathBuf) -> Pattern {
        let text = std::fs::read_to_string(path).unwrap();
        let number = receive(text.as_bytes()).unwrap().number().to_string();
        Pattern { text, number }
    }

    fn variant(&self, index: usize) -> String {
        self.text.replace(&self.number, &format!("B{index:07}"))
    }
}

pub(crate) fn run(arguments: &Arguments) {
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build().unwrap();
    runtime.block_on(fill(arguments));
}

fn fingerprint(certificate: &PathBuf) -> Fingerprint {
    let certificate = X509::from_pem(&std::fs::read(certificate).unwrap()).unwrap();
    Fingerprint::of(&certificate.to_der().unwrap())
}

struct Seeding {
    pattern: Pattern,
    store: Arc<dyn Store>,
    exchange: Exchange,
    confirmed_by: Option<Fingerprint>,
    positions: Vec<(PositionId, Amount)>,
    next: AtomicUsize,
    count: usize,
}

async fn fill(arguments: &Arguments) {
    let config = Config::load(&arguments.config).unwrap();
    let store = open_store(&config).await.unwrap();
    let token_key = TokenKey::load(&config.store.token_key_file).unwrap();
    let exchange = Exchange::new(store.clone(), authorities(&config), token_key);
    let pattern = Pattern::read(&arguments.permit);
    let positions = Facts::of(receive(pattern.text.as_bytes()).unwrap().permit()).permitted.into_iter().collect();
    let confirmed_by = arguments.confirmed_by.as_ref().map(fingerprint);
    let (count, next) = (arguments.count, AtomicUsize::new(0));
    let seeding = Arc::new(Seeding { pattern, store, exchange, confirmed_by, positions, next, count });
    let workers: Vec<_> = (0..TOGETHER).map(|_| tokio::spawn(seed(seeding.clone()))).collect();
    for worker in workers {
        worker.await.unwrap();
    }
}

async fn seed(seeding: Arc<Seeding>) {
    loop {
        let index = seeding.next.fetch_add(1, Ordering::Relaxed);
        if index >= seeding.count {
            return;
        }
        let accepted = receive(seeding.pattern.variant(index).as_bytes()).unwrap();
        let number = accepted.number().clone();
        seeding.insert(accepted).await;
        if let Some(caller) = seeding.confirmed_by {
            let context = Context::new(Utc::now(), &request_id().to_string(), caller, b"");
            let request = PermitRequest { number, token: None, country: None };
            seeding.exchange.confirm(&context, &request, &seeding.positions).await.unwrap();
        }
    }
}

impl Seeding {
    async fn insert(&self, accepted: Accepted) {
        let authority = self.exchange.authorities()[0].id.clone();
        let mut audit = AuditEvent::new(authority, Utc::now(), request_id(), "import");
        audit.permit = Some(accepted.number().clone());
        let entry = entry(accepted.permit());
        self.store
            .insert(NewPermit { accepted, entry, token: None, attachments: Vec::new(), proven: None, audit })
            .await
            .unwrap();
    }
}

pub(crate) fn sign(arguments: &Signed) {
    let pattern = Pattern::read(&arguments.permit);
    let certificates = Certificate::all_from_pem(&std::fs::read(&arguments.certificate).unwrap()).unwrap();
    let key = SoftwareKey::from_pem(&std::fs::read(&arguments.key).unwrap(), None, certificates).unwrap();
    let statement = Statement { time: Some(Utc::now()), original: None };
    for index in 0..arguments.count {
        let signed = make::sign(&pattern.variant(index), &key, Place::Enveloped, &statement).unwrap();
        std::fs::write(arguments.folder.join(format!("{index:07}.xml")), signed).unwrap();
    }
}
