//! Changing the life of a permit: suspended, resumed, cancelled, replaced, lost, returned, reissued; a confirmation declared void.

use epix_core::id::PermitNumber;
use epix_core::permit::Permit;

use super::intake::{Taken, issued_by};
use super::{Deed, Desk, DeskError};
use crate::service::catalogue::entry_after;
use crate::service::{Change, Confirmation, Facts, Status};
use crate::store::{Append, Ledger, NewDocument, PermitEvent, PermitRecord, StoreError, VersionReason};

/// In which of the two books.
pub type Book = Ledger;

/// One step in the life of a permit.
struct Step {
    verb: &'static str,
    event: PermitEvent,
    document: Option<NewDocument>,
    told: Vec<(String, String)>,
}

impl Step {
    fn plain(verb: &'static str, event: PermitEvent) -> Step {
        Step { verb, event, document: None, told: Vec::new() }
    }
}

/// A permit on which a change is possible, and its document.
struct Open {
    record: PermitRecord,
    permit: Permit,
}

impl Desk {
    /// Makes a change that needs no more than a reason; gives the permit as it was decided on.
    ///
    /// `expected` is the revision that the caller has in mind, where it has one.
    ///
    /// # Errors
    /// [`DeskError`]; nothing was changed.
    pub async fn change(
        &self,
        deed: &Deed<'_>,
        number: &PermitNumber,
        change: Change,
        reason: &str,
        expected: Option<u64>,
    ) -> Result<PermitRecord, DeskError> {
        let reason = given(reason)?;
        let event = match change {
            Change::Suspend => PermitEvent::Suspended { reason },
            Change::Resume => PermitEvent::Resumed { reason },
            Change::Cancel => PermitEvent::Cancelled { reason },
            Change::Lose => PermitEvent::Lost { reason },
            Change::Return => PermitEvent::Returned { reason },
            // These name another permit, or bring a document: `replace`, `reissue`.
            Change::Replace | Change::Reissue => return Err(DeskError::OwnPlace),
        };
        let open = self.open(deed, number, change, expected).await?;
        self.append(deed, &open, Step::plain(change.command(), event)).await?;
        Ok(open.record)
    }

    /// Puts another permit in the place of one; gives the one that was replaced.
    ///
    /// # Errors
    /// [`DeskError`]; nothing was changed.
    pub async fn replace(
        &self,
        deed: &Deed<'_>,
        number: &PermitNumber,
        by: &PermitNumber,
        reason: &str,
        expected: Option<u64>,
    ) -> Result<(PermitRecord, PermitNumber), DeskError> {
        let reason = given(reason)?;
        let old = self.open(deed, number, Change::Replace, expected).await?;
        if by.normalised() == old.record.number.normalised() {
            return Err(DeskError::OwnPlace);
        }
        let new = self.record(deed.authority, by).await?;
        if Status::of(&new).ended.is_some() {
            return Err(DeskError::PlaceTakerEnded { by: new.number });
        }
        let by = new.number.clone();
        let replaces = PermitEvent::Replaces { number: old.record.number.clone(), reason: reason.clone() };
        let is_linked =
            |event: &PermitEvent| matches!(event, PermitEvent::Replaces { number, .. } if *number == old.record.number);
        // The link on the new one comes first: should we be cut off here, the old one still stands and the command is repeated.
        if !new.events.iter().any(|recorded| is_linked(&recorded.event)) {
            let permit = self.issued(&new).await?;
            self.append(deed, &Open { record: new, permit }, Step::plain("replaces", replaces)).await?;
        }
        let replaced = PermitEvent::Replaced { by: by.clone(), reason };
        self.append(deed, &old, Step::plain(Change::Replace.command(), replaced)).await?;
        Ok((old.record, by))
    }

    /// Replaces the document of a permit by a corrected one under the same number; gives the number and which document it is.
    ///
    /// # Errors
    /// [`DeskError`]; nothing was changed. A refused document is not kept apart: the permit stands as it was.
    pub async fn reissue(
        &self,
        deed: &Deed<'_>,
        bytes: &[u8],
        signature: Option<&[u8]>,
        reason: &str,
        meant: Option<(&PermitNumber, Option<u64>)>,
    ) -> Result<(PermitNumber, u32), DeskError> {
        let reason = given(reason)?;
        let taken = self.take(deed.authority, bytes, signature, deed.audit.at).await?.map_err(DeskError::Rejected)?;
        let taken = issued_by(deed.authority, taken)?;
        let (number, told) = (taken.accepted.number().clone(), taken.told.clone());
        if meant.is_some_and(|(meant, _)| meant.normalised() != number.normalised()) {
            return Err(DeskError::OtherNumber { found: number });
        }
        let expected = meant.and_then(|(_, expected)| expected);
        let Open { record, .. } = self.open(deed, &number, Change::Reissue, expected).await?;
        if record.versions.iter().any(|version| version.digest == taken.accepted.digest()) {
            return Err(DeskError::SameBytes);
        }
        let ordinal = record.versions.last().map_or(1, |version| version.ordinal + 1);
        let open = Open { permit: taken.accepted.permit().clone(), record };
        let document = self.reissued(&open.record, taken, &reason).await?;
        let event = PermitEvent::Reissued { ordinal, reason };
        let verb = Change::Reissue.command();
        self.append(deed, &open, Step { verb, event, document: Some(document), told }).await?;
        Ok((open.record.number, ordinal))
    }

    async fn reissued(&self, record: &PermitRecord, taken: Taken, reason: &str) -> Result<NewDocument, DeskError> {
        let Taken { accepted, signature, proven, .. } = taken;
        let attachments = self.travels(record, signature).await?;
        let reason = VersionReason::Reissued { reason: reason.to_owned() };
        Ok(NewDocument { accepted, reason, attachments, proven })
    }

    /// Declares the last confirmation of a book void; without a book the import's, where there is one. Gives its sequence.
    ///
    /// # Errors
    /// [`DeskError`]; nothing was changed.
    pub async fn void(
        &self,
        deed: &Deed<'_>,
        number: &PermitNumber,
        book: Option<Book>,
        reason: &str,
        expected: Option<u64>,
    ) -> Result<(PermitRecord, u64), DeskError> {
        let reason = given(reason)?;
        let record = self.expected(deed, number, expected).await?;
        let permit = self.issued(&record).await?;
        let sequence = last_confirmation(&Status::of(&record), book, &Facts::of(&permit))?.sequence;
        let open = Open { record, permit };
        self.append(deed, &open, Step::plain("void", PermitEvent::Voided { sequence, reason })).await?;
        Ok((open.record, sequence))
    }

    async fn expected(
        &self,
        deed: &Deed<'_>,
        number: &PermitNumber,
        expected: Option<u64>,
    ) -> Result<PermitRecord, DeskError> {
        let record = self.record(deed.authority, number).await?;
        if expected.is_some_and(|expected| expected != record.revision) {
            return Err(DeskError::Changed);
        }
        Ok(record)
    }

    /// Finds a permit on which a change is possible.
    async fn open(
        &self,
        deed: &Deed<'_>,
        number: &PermitNumber,
        change: Change,
        expected: Option<u64>,
    ) -> Result<Open, DeskError> {
        let record = self.expected(deed, number, expected).await?;
        let permit = self.issued(&record).await?;
        let checked = change.check(&Status::of(&record), &Facts::of(&permit), deed.audit.at);
        checked.map_err(|state| DeskError::NotPossible { change, state })?;
        Ok(Open { record, permit })
    }

    async fn append(&self, deed: &Deed<'_>, open: &Open, step: Step) -> Result<(), DeskError> {
        let Step { verb, event, document, told } = step;
        let mut audit = deed.event(verb, Some(&open.record.number));
        audit.detail.extend(told);
        audit.document_digest = document.as_ref().map(|document| document.accepted.digest());
        let entry = entry_after(&open.permit, &open.record, &event);
        let (number, expected_revision) = (open.record.number.clone(), open.record.revision);
        match self.store.append(Append { number, expected_revision, event, document, entry, audit }).await {
            Ok(_) => Ok(()),
            Err(StoreError::Conflict { .. }) => Err(DeskError::Changed),
            Err(error) => Err(error.into()),
        }
    }
}

/// The confirmation that is to be void: the last of a book, because those after it were made on top of it.
fn last_confirmation<'r>(
    status: &Status<'r>,
    book: Option<Book>,
    facts: &Facts,
) -> Result<Confirmation<'r>, DeskError> {
    let book = match book {
        Some(book) => book,
        None if status.imported.is_empty() => Ledger::Export,
        None => Ledger::Import,
    };
    let last = *status.book(book).last().ok_or(DeskError::NothingToVoid)?;
    let without =
        Status { exported: status.exported[..status.exported.len().saturating_sub(1)].to_vec(), ..status.clone() };
    if book == Ledger::Export && !without.covers_what_arrived(facts) {
        return Err(DeskError::ArrivalsStand);
    }
    Ok(last)
}

fn given(reason: &str) -> Result<String, DeskError> {
    match reason.trim() {
        "" => Err(DeskError::NoReason),
        reason => Ok(reason.to_owned()),
    }
}
