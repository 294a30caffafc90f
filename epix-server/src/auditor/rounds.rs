//! A running server makes checkpoints by itself: when it starts, from time to time, and when it stops.

use std::sync::Arc;
use std::time::Duration;

use super::{AuditorError, Keeper, Taken};
use crate::audit::Checkpoint;
use crate::config::AuditSection;
use crate::store::{Store, StoreError};

/// After how long a server asks again for the work that another one does: that one may be gone.
const ASK_AGAIN: Duration = Duration::from_secs(5);

/// Under which name one of several servers makes them.
const WORK: &str = "checkpoints";

/// What is heard when the audit was touched, beside the log: the kind of the alarm.
type Alarm = Box<dyn Fn(&'static str) + Send + Sync>;

/// Makes checkpoints of a store.
pub struct Rounds {
    keeper: Keeper,
    store: Arc<dyn Store>,
    every: Duration,
    alarm: Alarm,
}

impl Rounds {
    /// Reads the keys.
    ///
    /// # Errors
    /// [`AuditorError`] naming the file.
    pub fn of(section: &AuditSection, store: Arc<dyn Store>, alarm: Alarm) -> Result<Rounds, AuditorError> {
        let keeper = Keeper::load(section)?;
        if !keeper.has_key() {
            let path = section.checkpoint_key.display().to_string();
            tracing::warn!(path, "no checkpoints of the audit are made: there is no key (epix-server audit key)");
        }
        let every = Duration::from_secs(60 * u64::from(section.checkpoint_minutes));
        Ok(Rounds { keeper, store, every, alarm })
    }

    /// Makes one checkpoint after another until it is dropped; of several servers on one store one does, and another one when that
    /// one is gone.
    pub async fn run(self: Arc<Self>) {
        if !self.keeper.has_key() {
            return;
        }
        let mut is_told = false;
        loop {
            match self.store.lead(WORK).await {
                Ok(true) => {
                    self.make().await;
                    is_told = false;
                    tokio::time::sleep(self.every).await;
                    continue;
                }
                Ok(false) if !is_told => {
                    tracing::info!("another server makes the checkpoints of the audit, as long as it runs");
                    is_told = true;
                }
                Ok(false) => {}
                Err(error) => untaken(&error),
            }
            tokio::time::sleep(ASK_AGAIN).await;
        }
    }

    /// Makes the last checkpoint before the server stops, if it is the one that makes them.
    pub async fn end(&self) {
        if !self.keeper.has_key() {
            return;
        }
        match self.store.lead(WORK).await {
            Ok(true) => self.make().await,
            Ok(false) => {}
            Err(error) => untaken(&error),
        }
    }

    /// Makes a checkpoint; what stands in the way is told, and keeps nobody from being served.
    async fn make(&self) {
        match self.keeper.take(&*self.store).await {
            Ok(Taken::New(signed)) => {
                let number = signed.read().map_or(0, |checkpoint: Checkpoint| checkpoint.number);
                tracing::info!(number, digest = %signed.digest(), "a checkpoint of the audit was made");
            }
            Ok(Taken::Unchanged(_)) => {}
            Err(AuditorError::Broken(flaw)) => {
                (self.alarm)("audit");
                tracing::error!("ALARM: the audit was touched, and no checkpoint is made of it: {flaw}");
            }
            Err(error) => {
                tracing::error!(error = &error as &dyn std::error::Error, "no checkpoint of the audit was made")
            }
        }
    }
}

fn untaken(error: &StoreError) {
    tracing::error!(error = error as &dyn std::error::Error, "nobody can say who makes the checkpoints of the audit");
}
