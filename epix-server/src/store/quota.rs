//! How much strangers can make us write.

use std::collections::BTreeMap;
use std::sync::{Mutex, PoisonError};

use chrono::{DateTime, DurationRound as _, TimeDelta, Utc};
use epix_core::id::AuthorityId;

use super::commands::Standing;
use crate::audit::AuditEvent;

/// Under which detail a line says how many like it were left out before it.
pub const SUPPRESSED: &str = "suppressed";

/// The limits of what strangers can make a store write, for each authority.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Quotas {
    /// Audit lines of unregistered callers in one hour. The default is ten a minute: enough to see who tries what, and at
    /// some 700 bytes a line no more than 10 MB a day.
    pub stranger_lines_per_hour: u64,
    /// Refused documents kept. The default is what a person can still look through.
    pub refused_documents: u64,
    /// Bytes of refused documents kept, before compression. The default is 64 MiB: more than a thousand ordinary permits
    /// (44 kB) and a few of the largest. A single document beyond it leaves its audit line only.
    pub refused_bytes: u64,
}

impl Default for Quotas {
    fn default() -> Quotas {
        Quotas { stranger_lines_per_hour: 600, refused_documents: 1_000, refused_bytes: 64 << 20 }
    }
}

/// Counts the lines of strangers. The count is kept in memory only: writing it down for every line left out would be the
/// very load that the quota is there to prevent.
#[derive(Debug)]
pub(super) struct StrangerQuota {
    per_hour: u64,
    hours: Mutex<BTreeMap<AuthorityId, Hour>>,
}

#[derive(Debug)]
struct Hour {
    begins: DateTime<Utc>,
    admitted: u64,
    suppressed: u64,
}

impl StrangerQuota {
    pub(super) fn new(quotas: Quotas) -> StrangerQuota {
        StrangerQuota { per_hour: quotas.stranger_lines_per_hour, hours: Mutex::default() }
    }

    /// The event as it is to be written, or `None` when the quota of the hour is used up.
    pub(super) fn admit(&self, mut event: AuditEvent, standing: Standing) -> Option<AuditEvent> {
        if standing == Standing::Registered {
            return Some(event);
        }
        let mut hours = self.hours.lock().unwrap_or_else(PoisonError::into_inner);
        let begins = event.at.duration_trunc(TimeDelta::hours(1)).unwrap_or(event.at);
        let hour = hours.entry(event.authority.clone()).or_insert(Hour { begins, admitted: 0, suppressed: 0 });
        // Calls of the old hour may arrive late; a clock that was set back further must not stop the count for ever.
        if begins > hour.begins || hour.begins - begins > TimeDelta::hours(1) {
            hour.begins = begins;
            hour.admitted = 0;
        }
        if hour.admitted >= self.per_hour {
            hour.suppressed += 1;
            return None;
        }
        hour.admitted += 1;
        if hour.suppressed > 0 {
            event.detail.insert(SUPPRESSED.to_owned(), std::mem::take(&mut hour.suppressed).to_string());
        }
        Some(event)
    }
}
