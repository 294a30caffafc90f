//! Which road leads to a Party? Its endpoint, our credentials for it, and the roots that we trust there.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, SystemTime};

use epix_client::{Endpoint, HttpTransport, Identity, Login, Partner, Profile, STANDARD, Timeouts, Transport};
use epix_core::id::Country;
use epix_core::soap::{Answer, Call, Dialect};

use super::UpstreamError;
use crate::store::{EndpointEntry, Speaks};

/// A Party and how bytes get there.
#[derive(Clone)]
pub(super) struct Road {
    pub(super) partner: Partner,
    pub(super) transport: Arc<dyn Transport>,
}

/// The roads that were taken, with their open connections, and the certificate that is shown where the register names none.
pub struct Roads {
    certificate: PathBuf,
    key: PathBuf,
    open: Mutex<BTreeMap<Credentials, Arc<dyn Transport>>>,
}

/// Why an endpoint did not tell its state.
#[derive(Debug, thiserror::Error)]
pub enum Unanswered {
    /// There is no road: a file or a name in the register.
    #[error(transparent)]
    Road(#[from] UpstreamError),
    /// The call brought no answer.
    #[error(transparent)]
    Call(#[from] epix_client::CallError),
}

/// What a road is made of. A file that was changed makes another road.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
struct Credentials {
    certificate: PathBuf,
    key: PathBuf,
    authority: PathBuf,
    timeout: u32,
    changed: [Option<SystemTime>; 3],
}

/// Roads that nobody takes any more are forgotten beyond this number: one for each Party of the Convention, and some.
const MOST: usize = 400;

impl Roads {
    /// No road is open yet.
    pub fn new(certificate: PathBuf, key: PathBuf) -> Roads {
        Roads { certificate, key, open: Mutex::default() }
    }

    /// Asks an endpoint whether it can answer, just as a call would travel to it.
    ///
    /// # Errors
    /// [`Unanswered`] with what is in the way.
    pub async fn state(&self, entry: &EndpointEntry, country: Country) -> Result<Answer, Unanswered> {
        let road = self.to(entry, country).await?;
        let answered = epix_client::call(&*road.transport, &road.partner, Call::ServiceState(Some(country))).await?;
        Ok(answered.answer)
    }

    /// The road to an endpoint. Files are read apart from the threads that answer.
    pub(super) async fn to(&self, entry: &EndpointEntry, country: Country) -> Result<Road, UpstreamError> {
        let profile = match &entry.profile {
            None => &STANDARD,
            Some(name) => Profile::named(name).ok_or_else(|| UpstreamError::Profile(name.clone()))?,
        };
        let partner = Partner {
            profile,
            country: Some(country),
            login: entry.login.as_deref().map(login).transpose()?,
            retries: entry.retries,
            ..Partner::new(Endpoint::parse(&entry.url)?, dialect(entry.dialect))
        };
        Ok(Road { partner, transport: self.transport(self.credentials(entry)).await? })
    }

    fn credentials(&self, entry: &EndpointEntry) -> Credentials {
        let certificate = entry.certificate.clone().unwrap_or_else(|| self.certificate.clone());
        let key = entry.key.clone().unwrap_or_else(|| self.key.clone());
        let authority = entry.ca.clone();
        let changed =
            [&certificate, &key, &authority].map(|file| std::fs::metadata(file).and_then(|meta| meta.modified()).ok());
        Credentials { certificate, key, authority, timeout: entry.timeout, changed }
    }

    async fn transport(&self, credentials: Credentials) -> Result<Arc<dyn Transport>, UpstreamError> {
        let known = |open: &BTreeMap<Credentials, Arc<dyn Transport>>| open.get(&credentials).cloned();
        if let Some(transport) = known(&self.open.lock().unwrap_or_else(PoisonError::into_inner)) {
            return Ok(transport);
        }
        let wanted = credentials.clone();
        let made = tokio::task::spawn_blocking(move || {
            let Credentials { certificate, key, authority, timeout, .. } = &wanted;
            let timeouts = Timeouts::within(Duration::from_secs((*timeout).into()));
            HttpTransport::new(Identity { certificate, key, authority }, timeouts)
        });
        let made = made.await.expect("making a road does not panic")?;
        let transport: Arc<dyn Transport> = Arc::new(made);
        let mut open = self.open.lock().unwrap_or_else(PoisonError::into_inner);
        if open.len() >= MOST {
            open.clear();
        }
        open.insert(credentials, transport.clone());
        Ok(transport)
    }
}

fn dialect(speaks: Speaks) -> Dialect {
    match speaks {
        Speaks::V1 => Dialect::V1,
        Speaks::V2 => Dialect::V2,
        Speaks::Hub => Dialect::Hub,
    }
}

fn login(file: &Path) -> Result<Login, UpstreamError> {
    let text = std::fs::read_to_string(file).map_err(|error| UpstreamError::Login(error.to_string()))?;
    Login::parse(&text).map_err(|error| UpstreamError::Login(error.to_string()))
}
