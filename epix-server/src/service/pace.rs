//! May a call be looked at now, and who is told of callers that try numbers out?

use chrono::{DateTime, Utc};

use super::{CallError, Context, Exchange, Refused};
use crate::audit::AuditEvent;
use crate::store::{Authority, Party, Standing, StoreError};

impl Exchange {
    /// Refuses a call that comes too soon; asked once for each call, before anything is looked up for it.
    pub(super) fn check_pace(&self, context: &Context, names_a_permit: bool) -> Result<(), CallError> {
        let refused = |seconds| CallError::TooOften { seconds };
        self.meter.call(&context.fingerprint, context.at).map_err(refused)?;
        if names_a_permit { self.meter.may_look(&context.fingerprint, context.at).map_err(refused) } else { Ok(()) }
    }

    /// Counts a call that named no permit which the caller may use; often enough, it is an alarm.
    pub(super) async fn missed(
        &self,
        context: &Context,
        authority: &Authority,
        party: &Party,
        refusal: Refused,
    ) -> Refused {
        let mut event = self.blank_event(context, authority, Some(party), "alarm");
        event.outcome = "many-misses".to_owned();
        let Some(alarm) = self.meter.missed(&context.fingerprint, context.at, event) else { return refusal };
        match self.raise(alarm).await {
            Ok(()) => refusal,
            Err(error) => Refused { error: error.into(), ..refusal },
        }
    }

    /// Tells the other servers on the store what callers took here, and goes by what they have left at all of them; false where
    /// there can be no other server.
    ///
    /// # Errors
    /// What the store says; then each server goes by its own count.
    pub async fn share_pace(&self, at: DateTime<Utc>) -> Result<bool, StoreError> {
        let spent = self.meter.untold(at);
        let left = match self.store.share_pace(&spent).await {
            Ok(Some(left)) => left,
            Ok(None) => return Ok(false),
            Err(error) => {
                self.meter.keep_untold(&spent, at);
                return Err(error);
            }
        };
        for alarm in self.meter.go_by(&left, at) {
            self.raise(AuditEvent { at, ..alarm }).await?;
        }
        Ok(true)
    }

    async fn raise(&self, alarm: AuditEvent) -> Result<(), StoreError> {
        let party = alarm.actor.party.as_ref().map_or("", |party| party.as_str());
        tracing::warn!(party, "ALARM: a caller names many permits that it may not use or that are not there");
        if let Some(told) = &self.alarm {
            told("misses");
        }
        self.store.record(alarm, Standing::Registered).await
    }
}
