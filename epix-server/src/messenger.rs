//! Who takes events to the partners that want them brought? Posts what stands in the store, again and again until it is taken.
//! Of several processes on one store, one does it for each authority.
//!
//! At least once: what was posted and not remembered as told (because we were killed in between) is posted again under the same id.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use chrono::{DateTime, TimeDelta, Utc};
use epix_client::{HttpTransport, Identity, Posting, Timeouts};
use epix_core::id::{AuthorityId, PartyId};
use hmac::{Hmac, KeyInit as _, Mac as _};
use sha2::Sha256;

use crate::service::{Exchange, Page};
use crate::store::{Authority, Party, StoreError, Webhook};
use crate::telemetry::Metrics;

/// How often it is looked whether there is something to tell.
const ROUND: Duration = Duration::from_secs(2);

/// How long a partner is left alone after it did not take a message: twice as long each time, up to an hour.
const FIRST_PAUSE: TimeDelta = TimeDelta::seconds(5);
const LONGEST_PAUSE: TimeDelta = TimeDelta::hours(1);

/// How long a partner may take to say that it has a message.
const PATIENCE: Duration = Duration::from_secs(30);

/// The most events of one message.
const BATCH: usize = 100;

/// Takes events to partners.
pub struct Messenger {
    exchange: Arc<Exchange>,
    metrics: Metrics,
    certificate: PathBuf,
    key: PathBuf,
    failing: BTreeMap<(AuthorityId, PartyId), Failing>,
}

/// A partner that did not take its messages.
#[derive(Debug, Clone, Copy)]
struct Failing {
    times: u32,
    again_at: DateTime<Utc>,
}

/// Why a message was not taken.
#[derive(Debug, thiserror::Error)]
enum NotTaken {
    #[error(transparent)]
    Store(#[from] StoreError),
    #[error(transparent)]
    Credentials(#[from] epix_client::CredentialError),
    #[error(transparent)]
    Transport(#[from] epix_client::TransportError),
    #[error("the secret {} cannot be read: {source}", path.display())]
    Secret { path: PathBuf, source: std::io::Error },
    #[error("the partner answered with HTTP status {0}")]
    Status(u16),
}

impl Messenger {
    /// Puts the parts together; certificate and key are what partners are shown.
    pub fn new(exchange: Arc<Exchange>, metrics: Metrics, certificate: PathBuf, key: PathBuf) -> Messenger {
        Messenger { exchange, metrics, certificate, key, failing: BTreeMap::new() }
    }

    /// Goes its rounds for ever.
    pub async fn run(mut self) {
        loop {
            self.round(Utc::now()).await;
            tokio::time::sleep(ROUND).await;
        }
    }

    /// Tells each partner that wants it brought what it has not been told.
    async fn round(&mut self, now: DateTime<Utc>) {
        let exchange = Arc::clone(&self.exchange);
        for authority in exchange.authorities() {
            if !self.leads(authority).await {
                continue;
            }
            let parties = match exchange.store().parties(&authority.id).await {
                Ok(parties) => parties,
                Err(error) => {
                    tracing::error!(causes = crate::problem::chain(&error), "the register cannot be read");
                    continue;
                }
            };
            for party in parties.iter().filter(|party| !party.suspended) {
                if let Some(webhook) = &party.terms.webhook {
                    self.bring(authority, party, webhook, now).await;
                }
            }
        }
    }

    /// Is it for this process to tell the partners of an authority? Of all that share a store, one does.
    async fn leads(&self, authority: &Authority) -> bool {
        match self.exchange.store().lead(&format!("events of {}", authority.id)).await {
            Ok(leads) => leads,
            Err(error) => {
                let (authority, causes) = (authority.id.as_str(), crate::problem::chain(&error));
                tracing::error!(authority, causes, "nobody can say who tells its partners");
                false
            }
        }
    }

    async fn bring(&mut self, authority: &Authority, party: &Party, webhook: &Webhook, now: DateTime<Utc>) {
        let key = (authority.id.clone(), party.id.clone());
        let failing = self.failing.get(&key).copied();
        if failing.is_some_and(|failing| now < failing.again_at) {
            return;
        }
        match self.tell(authority, party, webhook, now).await {
            Ok(told) => {
                self.failing.remove(&key);
                if told > 0 {
                    self.metrics.events_told(party.id.as_str(), "taken", told as u64);
                }
            }
            Err(error) => {
                let times = failing.map_or(0, |failing| failing.times);
                self.failing.insert(key, Failing { times: times + 1, again_at: now + pause(times) });
                self.metrics.events_told(party.id.as_str(), "not-taken", 1);
                let (party, causes) = (party.id.as_str(), crate::problem::chain(&error));
                tracing::warn!(party, causes, "a partner did not take its events; it is tried again later");
            }
        }
    }

    /// Tells a partner everything up to now; gives how many events that were.
    async fn tell(
        &self,
        authority: &Authority,
        party: &Party,
        webhook: &Webhook,
        now: DateTime<Utc>,
    ) -> Result<usize, NotTaken> {
        let store = self.exchange.store();
        let mut told = 0;
        let mut after = store.told(&authority.id, &party.id).await?;
        loop {
            let page = self.exchange.notices_for(authority, party, after, BATCH, now).await?;
            if page.next == after {
                return Ok(told);
            }
            if !page.events.is_empty() {
                self.post(webhook, &page, now).await?;
            }
            let mut audit = self.exchange.own_event(authority, "events-told", Utc::now());
            audit.detail.insert("party".to_owned(), party.id.to_string());
            audit.detail.insert("events".to_owned(), page.events.len().to_string());
            store.advance(&party.id, page.next, audit).await?;
            told += page.events.len();
            after = page.next;
        }
    }

    async fn post(&self, webhook: &Webhook, page: &Page, now: DateTime<Utc>) -> Result<(), NotTaken> {
        let secret = std::fs::read_to_string(&webhook.secret)
            .map_err(|source| NotTaken::Secret { path: webhook.secret.clone(), source })?;
        let body = serde_json::json!({ "events": page.events }).to_string();
        let timestamp = now.timestamp().to_string();
        let signature = format!("sha256={}", signature(secret.trim(), &timestamp, &body));
        let identity = Identity { certificate: &self.certificate, key: &self.key, authority: &webhook.ca };
        let transport = HttpTransport::new(identity, Timeouts::within(PATIENCE))?;
        let headers = [("Epix-Timestamp", timestamp.as_str()), ("Epix-Signature", signature.as_str())];
        let status = transport.post(Posting { url: &webhook.url, headers: &headers, body: &body }).await?;
        if (200..300).contains(&status) { Ok(()) } else { Err(NotTaken::Status(status)) }
    }
}

/// HMAC-SHA-256 over time and body, in hexadecimal: the time is covered so that an old message cannot be sent again.
fn signature(secret: &str, timestamp: &str, body: &str) -> String {
    let mut mac = Hmac::<Sha256>::new_from_slice(secret.as_bytes()).expect("HMAC takes keys of any length");
    mac.update(timestamp.as_bytes());
    mac.update(b".");
    mac.update(body.as_bytes());
    hex::encode(mac.finalize().into_bytes())
}

/// How long a partner is left alone after it failed so many times before.
fn pause(times: u32) -> TimeDelta {
    let doubled = FIRST_PAUSE.checked_mul(1_i32.checked_shl(times.min(20)).unwrap_or(i32::MAX));
    doubled.unwrap_or(LONGEST_PAUSE).min(LONGEST_PAUSE)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_partner_that_fails_is_left_alone_twice_as_long_each_time() {
        let seconds: Vec<i64> = [0, 1, 2, 9, 10, 400].map(|times| pause(times).num_seconds()).into();

        assert_eq!(seconds, [5, 10, 20, 2_560, 3_600, 3_600]);
    }

    #[test]
    fn the_signature_is_the_one_that_openssl_makes() {
        // printf '%s' '1700000000.{"events":[]}' | openssl dgst -sha256 -hmac 0123456789abcdef0123456789abcdef
        let made = signature("0123456789abcdef0123456789abcdef", "1700000000", "{\"events\":[]}");

        assert_eq!(made, "df29826f9365a4c39eb569c867ae31fb39108dee0a0b3e4bcf09f11a0ba43081");
    }
}
