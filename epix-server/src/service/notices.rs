//! What a party is told of permits that concern it: cancelled, replaced, lost and the like, in the order in which it happened.

use chrono::{DateTime, SecondsFormat, Utc};
use epix_core::id::{AuthorityId, Country, Operation};
use serde::Serialize;

use super::error::CallError;
use super::{Context, Exchange, Refused, rights};
use crate::audit::AuditEvent;
use crate::store::{Authority, Ledger, Notice, Party, PermitEvent, Standing, StoreError};

/// How many notices are looked at for one page, so that a party which few of them concern is answered soon too.
const LOOKED_AT: usize = 1_000;

/// The name of the call in audit and metrics.
pub const LIST_EVENTS: &str = "ListEvents";

/// One event of a permit, as partners are told it. The authority's own words are not among it: they may name people.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Told {
    /// The same however often it is told: receivers drop what they know.
    pub id: String,
    /// Its place in the order; the cursor behind it.
    pub sequence: u64,
    /// The authority whose permit it is.
    pub authority: AuthorityId,
    /// Its country.
    pub country: Country,
    /// The number of the permit.
    pub permit: String,
    /// What happened.
    pub event: &'static str,
    /// When, in UTC.
    pub at: String,
    /// The permit that stands in its place, where it was replaced.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub replaced_by: Option<String>,
    /// In which book, where quantities were confirmed.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub book: Option<Ledger>,
}

/// Some of what a party is told.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Page {
    /// The events, oldest first.
    pub events: Vec<Told>,
    /// The cursor to ask from the next time: behind everything that was looked at, whether it concerns the party or not.
    pub next: u64,
}

impl Exchange {
    /// Lists what the caller is told, from behind a cursor; the call is in the audit, durably, before this returns.
    ///
    /// # Errors
    /// [`CallError`]; it is in the audit.
    pub async fn notices(
        &self,
        context: &Context,
        country: Option<Country>,
        after: u64,
        limit: usize,
    ) -> Result<Page, CallError> {
        let admitted = match self.check_pace(context, false) {
            Ok(()) => self.admit_to_service(context, country, Operation::GetNonFinal).await,
            Err(error) => Err(error.into()),
        };
        let found = match admitted {
            Ok((authority, party)) => match self.notices_for(authority, &party, after, limit, context.at).await {
                Ok(page) => Ok((authority, party, page)),
                Err(error) => {
                    Err(Refused { authority: Some(authority.clone()), party: Some(party), error: error.into() })
                }
            },
            Err(refused) => Err(refused),
        };
        match found {
            Ok((authority, party, page)) => {
                let mut event = self.blank_event(context, authority, Some(&party), LIST_EVENTS);
                event.detail.insert("after".to_owned(), after.to_string());
                event.detail.insert("events".to_owned(), page.events.len().to_string());
                self.store.record(event, Standing::Registered).await?;
                Ok(page)
            }
            Err(refused) => Err(self.write_down_as(context, LIST_EVENTS, None, refused).await),
        }
    }

    /// Lists what a party is told, from behind a cursor: of the permits that it may read now.
    ///
    /// # Errors
    /// What the store says.
    pub async fn notices_for(
        &self,
        authority: &Authority,
        party: &Party,
        after: u64,
        limit: usize,
        at: DateTime<Utc>,
    ) -> Result<Page, StoreError> {
        let mut page = Page { events: Vec::new(), next: after };
        for notice in self.store.notices(&authority.id, after, LOOKED_AT).await? {
            if page.events.len() == limit {
                break;
            }
            page.next = notice.sequence;
            let Some(record) = self.store.find(&authority.id, &notice.number).await? else { continue };
            if rights::may_use(party, authority, &record, Operation::GetNonFinal, at).is_ok() {
                page.events.push(told(authority, notice));
            }
        }
        Ok(page)
    }

    /// The authorities whose permits are kept here.
    pub fn authorities(&self) -> &[Authority] {
        &self.authorities
    }

    /// The audit line for what the gateway does by itself.
    pub fn own_event(&self, authority: &Authority, operation: &str, at: DateTime<Utc>) -> AuditEvent {
        let mut event = AuditEvent::new(authority.id.clone(), at, uuid::Uuid::new_v4().to_string().into(), operation);
        event.actor.name = Some("epix-server".to_owned());
        event
    }
}

fn told(authority: &Authority, notice: Notice) -> Told {
    let Notice { sequence, number, at, event } = notice;
    let replaced_by = match &event {
        PermitEvent::Replaced { by, .. } => Some(by.raw().to_owned()),
        _ => None,
    };
    let book = match &event {
        PermitEvent::Confirmed { ledger, .. } => Some(*ledger),
        _ => None,
    };
    Told {
        id: format!("{}/{sequence}", authority.id),
        sequence,
        authority: authority.id.clone(),
        country: authority.country,
        permit: number.raw().to_owned(),
        event: event.word(),
        at: at.to_rfc3339_opts(SecondsFormat::Micros, true),
        replaced_by,
        book,
    }
}
