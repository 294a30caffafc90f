//! What is read anew while the server runs: certificates, roots, revocation lists, keys, policies.
//!
//! Files are looked at every few seconds, and at once on SIGHUP. What cannot be used changes nothing: what was read before stands.

use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, SystemTime};

use epix_core::check::policy::Policies;
use tokio::signal::unix::Signal;

use crate::config::{ConfigError, SignatureSection};
use crate::notary::{Notary, NotaryError};
use crate::problem::chain;
use crate::service::Exchange;
use crate::tls::{Live, TlsError};

/// How often it is looked whether a file has changed.
const LOOK: Duration = Duration::from_secs(2);

/// Why something could not be read anew.
#[derive(Debug, thiserror::Error)]
enum Unusable {
    #[error(transparent)]
    Tls(#[from] TlsError),
    #[error(transparent)]
    Notary(#[from] NotaryError),
    #[error(transparent)]
    Policies(#[from] ConfigError),
}

/// Keeps a running server up with its files.
pub struct Upkeep {
    trust: Arc<Live>,
    exchange: Arc<Exchange>,
    signature: SignatureSection,
    policies: Option<PathBuf>,
    stamps: Vec<Option<SystemTime>>,
    failing: Arc<AtomicBool>,
    told: Option<String>,
}

impl Upkeep {
    /// Remembers how the files stand now.
    pub fn new(
        trust: Arc<Live>,
        exchange: Arc<Exchange>,
        signature: SignatureSection,
        policies: Option<PathBuf>,
    ) -> Upkeep {
        let failing = Arc::new(AtomicBool::new(false));
        let mut upkeep = Upkeep { trust, exchange, signature, policies, stamps: Vec::new(), failing, told: None };
        upkeep.stamps = upkeep.look();
        upkeep
    }

    /// True as long as files that have changed cannot be used.
    pub fn failing(&self) -> Arc<AtomicBool> {
        Arc::clone(&self.failing)
    }

    /// Goes its rounds for ever.
    pub async fn run(mut self, mut hangup: Signal) {
        loop {
            let is_asked = tokio::select! {
                _ = hangup.recv() => true,
                () = tokio::time::sleep(LOOK) => false,
            };
            let read = self.round(is_asked).map_err(|error| chain(&error));
            self.tell(read);
        }
    }

    /// Reads anew what has changed, or all of it; true when there was something to read. The one is read though the other fails.
    fn round(&mut self, all: bool) -> Result<bool, Unusable> {
        let (trust, decisions) = (self.renew_trust(all), self.renew_decisions(all));
        Ok(trust? | decisions?)
    }

    /// A mistake is told once, not every few seconds.
    fn tell(&mut self, read: Result<bool, String>) {
        match read {
            Ok(true) => tracing::info!("certificates, roots, revocation lists, keys and policies were read anew"),
            Ok(false) => return,
            Err(causes) if self.told.as_ref() == Some(&causes) => return,
            Err(causes) => {
                tracing::error!(causes, "files that have changed cannot be used; what was read before stands");
                self.failing.store(true, Ordering::Relaxed);
                self.told = Some(causes);
                return;
            }
        }
        self.failing.store(false, Ordering::Relaxed);
        self.told = None;
    }

    fn renew_trust(&self, all: bool) -> Result<bool, Unusable> {
        if all {
            self.trust.reload()?;
            return Ok(true);
        }
        Ok(self.trust.refresh()?)
    }

    fn renew_decisions(&mut self, all: bool) -> Result<bool, Unusable> {
        let found = self.look();
        if !all && found == self.stamps {
            return Ok(false);
        }
        let notary = Notary::load(&self.signature)?;
        let policies = match &self.policies {
            Some(file) => crate::config::policies_in(file)?,
            None => Policies::default(),
        };
        self.exchange.renew(policies, notary);
        self.stamps = found;
        Ok(true)
    }

    /// When the files of signatures and policies were last changed.
    fn look(&self) -> Vec<Option<SystemTime>> {
        let files = self.signature.files().chain(&self.policies);
        files.map(|file| std::fs::metadata(file).and_then(|metadata| metadata.modified()).ok()).collect()
    }
}
