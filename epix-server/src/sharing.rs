//! What servers on one store tell one another while they run: what callers took of their limits, and which certificates were
//! revoked.

use std::sync::Arc;
use std::time::Duration;

use chrono::Utc;

use crate::problem::chain;
use crate::service::Exchange;
use crate::store::{KnownLists, RevocationList, StoreError};
use crate::tls::{List, Live, TlsError};

/// How often limits are shared. One that holds over several servers can be overdrawn by what is asked within this time; a statement
/// every so often costs a database nothing to speak of.
const TICK: Duration = Duration::from_millis(200);

/// After so many ticks revocation lists are passed on: as often as it is looked whether files have changed.
const TICKS_OF_LISTS: u32 = 10;

/// Why servers cannot tell one another.
#[derive(Debug, thiserror::Error)]
enum Trouble {
    #[error(transparent)]
    Store(#[from] StoreError),
    #[error(transparent)]
    Tls(#[from] TlsError),
}

/// One server among others.
pub struct Sharing {
    exchange: Arc<Exchange>,
    trust: Arc<Live>,
    /// The lists that it has passed on or taken, since which reading of its files.
    known: KnownLists,
    reading: u64,
    told: Option<String>,
}

impl Sharing {
    /// One that knows of no lists yet.
    pub fn new(exchange: Arc<Exchange>, trust: Arc<Live>) -> Sharing {
        Sharing { exchange, trust, known: KnownLists::new(), reading: 0, told: None }
    }

    /// Takes the lists that others have passed on, before anybody is answered by an older one.
    pub async fn catch_up(&mut self) {
        if let Err(error) = self.share_lists().await {
            self.tell(chain(&error));
        }
    }

    /// Tells and listens for ever, or ends at once where the store has one server only.
    pub async fn run(mut self) {
        for tick in 0_u32.. {
            let shared = self.round((tick + 1).is_multiple_of(TICKS_OF_LISTS)).await;
            match shared {
                Ok(true) => self.told = None,
                Ok(false) => return,
                Err(error) => self.tell(chain(&error)),
            }
            tokio::time::sleep(TICK).await;
        }
    }

    async fn round(&mut self, with_lists: bool) -> Result<bool, Trouble> {
        let is_shared = self.exchange.share_pace(Utc::now()).await?;
        if is_shared && with_lists {
            self.share_lists().await?;
        }
        Ok(is_shared)
    }

    async fn share_lists(&mut self) -> Result<(), Trouble> {
        if self.reading != self.trust.generation() {
            // Other files, perhaps other roots: everything is looked at anew.
            self.reading = self.trust.generation();
            self.known.clear();
        }
        let own = self.trust.own_lists().into_iter().filter(|list| list.bytes.len() <= RevocationList::LONGEST);
        let news: Vec<RevocationList> = own.filter(|list| self.is_news(list)).map(passed_on).collect();
        let mut known = self.known.clone();
        known.extend(news.iter().map(|list| (list.issuer.clone(), list.issued_at)));
        let newer = self.exchange.store().share_lists(&news, &known).await?.unwrap_or_default();
        // Its own are kept like those of others, so that nobody can put an older list back.
        for list in news.into_iter().chain(newer) {
            if !self.trust.take_list(&list.bytes)? {
                let issued_at = list.issued_at.to_string();
                tracing::warn!(issued_at, "a revocation list that was passed on is signed by none of the client roots");
            }
            self.known.insert(list.issuer, list.issued_at);
        }
        Ok(())
    }

    fn is_news(&self, list: &List) -> bool {
        self.known.get(&list.issuer).is_none_or(|known| *known < list.issued_at)
    }

    /// What stands in the way is told once, not five times a second.
    fn tell(&mut self, causes: String) {
        if self.told.as_ref() != Some(&causes) {
            tracing::error!(
                causes,
                "nothing can be shared with the other servers: limits go by this server's own count, revocations by its own lists"
            );
            self.told = Some(causes);
        }
    }
}

fn passed_on(list: List) -> RevocationList {
    RevocationList { issuer: list.issuer, issued_at: list.issued_at, bytes: list.bytes }
}
