//! Which lines of the audit are past their time?
//!
//! A line is kept for a number of years behind the expiry of its permit, and behind its own date. A chain is purged from its
//! first line up to the first that must stay, and never beyond the newest checkpoint.

use std::collections::BTreeMap;

use chrono::{DateTime, Months, Utc};
use epix_core::id::{AuthorityId, PermitNumber};
use epix_core::receive;

use super::AuditorError;
use crate::audit::{AuditLine, Checkpoint, Head};
use crate::store::{PAGE, Store};

/// How long lines are kept.
#[derive(Debug, Clone, Copy)]
pub struct Rule {
    /// Years behind the expiry of the permit and behind the line's own date.
    pub keep_years: u32,
    /// As of when.
    pub now: DateTime<Utc>,
    /// Only lines that were written before this.
    pub before: Option<DateTime<Utc>>,
}

/// The lines of a chain that may go.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Purgeable {
    /// The last of them.
    pub up_to: Head,
    /// How many there are.
    pub lines: u64,
    /// When the last of them was written.
    pub last: DateTime<Utc>,
}

/// Finds what may go of every chain that a checkpoint knows.
///
/// # Errors
/// What the store says.
pub async fn purgeable(store: &dyn Store, signed: &Checkpoint, rule: Rule) -> Result<Vec<Purgeable>, AuditorError> {
    let mut found = Vec::new();
    for head in &signed.heads {
        let mut keepers = Keepers { store, rule, known: BTreeMap::new() };
        found.extend(prefix(&mut keepers, head).await?);
    }
    Ok(found)
}

async fn prefix(keepers: &mut Keepers<'_>, signed: &Head) -> Result<Option<Purgeable>, AuditorError> {
    let mut found: Option<Purgeable> = None;
    let mut after = 0;
    loop {
        let page = keepers.store.audit_lines(&signed.authority, signed.shard, after, PAGE).await?;
        let Some(last) = page.last() else { return Ok(found) };
        after = last.sequence;
        for line in &page {
            if line.sequence > signed.sequence {
                return Ok(found);
            }
            let Some(written) = keepers.may_go(line).await? else { return Ok(found) };
            let lines = found.map_or(0, |before| before.lines) + 1;
            found = Some(Purgeable { up_to: line.head(), lines, last: written });
        }
    }
}

/// What keeps lines from going: the rule, and the permits they are about.
struct Keepers<'s> {
    store: &'s dyn Store,
    rule: Rule,
    /// Until when a permit counts, where it is kept here.
    known: BTreeMap<String, Option<DateTime<Utc>>>,
}

impl Keepers<'_> {
    /// When the line was written, if it may go. What cannot be read stays.
    async fn may_go(&mut self, line: &AuditLine) -> Result<Option<DateTime<Utc>>, AuditorError> {
        let Ok(event) = line.event() else { return Ok(None) };
        let is_late = self.rule.before.is_some_and(|before| event.at >= before);
        if is_late || !self.is_past(event.at) {
            return Ok(None);
        }
        let counts = match &event.permit {
            Some(number) => self.counts_until(&line.authority, number).await?,
            None => None,
        };
        Ok(counts.is_none_or(|until| self.is_past(until)).then_some(event.at))
    }

    fn is_past(&self, moment: DateTime<Utc>) -> bool {
        let kept_until = moment.checked_add_months(Months::new(12 * self.rule.keep_years));
        kept_until.is_some_and(|until| until < self.rule.now)
    }

    async fn counts_until(
        &mut self,
        authority: &AuthorityId,
        number: &PermitNumber,
    ) -> Result<Option<DateTime<Utc>>, AuditorError> {
        if let Some(known) = self.known.get(number.normalised()) {
            return Ok(*known);
        }
        let until = counts_until(self.store, authority, number).await?;
        self.known.insert(number.normalised().to_owned(), until);
        Ok(until)
    }
}

/// The end of the last day of any document of a permit, and the last thing that happened to it, whichever is later.
async fn counts_until(
    store: &dyn Store,
    authority: &AuthorityId,
    number: &PermitNumber,
) -> Result<Option<DateTime<Utc>>, AuditorError> {
    let Some(record) = store.find(authority, number).await? else { return Ok(None) };
    let mut until = record.events.last().map_or(record.stored_at, |event| event.at);
    for version in &record.versions {
        let Some(document) = store.document(authority, number, version.ordinal).await? else { continue };
        let (reading, _) = receive::inspect(&document.bytes);
        let end = reading.and_then(|reading| reading.permit.validity()?.end.as_ref().map(|end| end.date()));
        let end = end.and_then(|day| day.succ_opt()).and_then(|day| day.and_hms_opt(0, 0, 0));
        until = end.map_or(until, |end| until.max(end.and_utc()));
    }
    Ok(Some(until))
}
