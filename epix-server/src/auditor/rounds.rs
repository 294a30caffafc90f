//! A running server makes checkpoints by itself: when it starts, from time to time, and when it stops.

use std::sync::Arc;
use std::time::Duration;

use super::{AuditorError, Keeper, Taken};
use crate::audit::Checkpoint;
use crate::config::AuditSection;
use crate::store::Store;

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

    /// Makes one checkpoint after another until it is dropped.
    pub async fn run(self: Arc<Self>) {
        loop {
            self.make().await;
            tokio::time::sleep(self.every).await;
        }
    }

    /// Makes a checkpoint; what stands in the way is told, and keeps nobody from being served.
    pub async fn make(&self) {
        if !self.keeper.has_key() {
            return;
        }
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
