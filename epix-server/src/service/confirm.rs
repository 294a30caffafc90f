//! Confirming quantities: all positions or none, exact decimals, the identical repeat counted once.

use chrono::{DateTime, SecondsFormat, Utc};
use epix_core::id::{Amount, Operation, PermitNumber, PositionId};
use epix_core::permit::{Examination, Moment, Permit, Quantity, Text, TradeParty};
use epix_core::receive::{self, Accepted};
use epix_core::wire::form::FormError;
use epix_core::wire::{Endorsement, codec};

use super::catalogue::entry_after;
use super::error::CallError;
use super::ledger::{self, Asked, Decision, Positions, decide};
use super::status::{Facts, Quantities, Status};
use super::{ANSWER, Admitted, Context, Exchange, PermitRequest, Refused, rights};
use crate::notary::{Notary, resealed};
use crate::store::{
    Append, Attachments, Entry, Ledger, Memory, NewDocument, Party, PermitEvent, Standing, StoreError, StoredDocument,
    VersionReason,
};

/// How often a decision is made anew because another event came first. Each failure means that somebody else succeeded.
const ATTEMPTS: usize = 100;

/// What came of one attempt to confirm.
enum Attempt {
    /// Recorded, durably, with its audit line.
    Recorded,
    /// The same as what stands: nothing to change.
    Repeated,
    /// Another event came first.
    Overtaken,
}

/// A confirmation that was decided, with what it makes.
struct Step {
    event: PermitEvent,
    document: Option<NewDocument>,
    entry: Entry,
}

impl Exchange {
    /// Records quantities in the book of the caller's side; when this returns they are durable, with their audit line.
    ///
    /// # Errors
    /// [`CallError`]; nothing was changed, and the refusal is in the audit.
    pub async fn confirm(
        &self,
        context: &Context,
        request: &PermitRequest,
        positions: &[(PositionId, Amount)],
    ) -> Result<(), CallError> {
        let operation = Operation::ConfirmQuantities;
        match self.confirm_or_repeat(context, request, positions).await {
            Ok(()) => Ok(()),
            Err(refused) => Err(self.write_down(context, operation, Some(&request.number), refused).await),
        }
    }

    async fn confirm_or_repeat(
        &self,
        context: &Context,
        request: &PermitRequest,
        positions: &[(PositionId, Amount)],
    ) -> Result<(), Refused> {
        self.check_pace(context, true)?;
        for _ in 0..ATTEMPTS {
            let looked = self.look(context, request, Memory::Unused).await?;
            let admitted = self.admit(context, request, Operation::ConfirmQuantities, looked).await?;
            let attempt = match self.attempt(context, request, &admitted, positions).await {
                Ok(Attempt::Repeated) => self.record_repeat(context, request, &admitted).await,
                other => other,
            };
            match attempt {
                Ok(Attempt::Overtaken) => continue,
                Ok(Attempt::Recorded | Attempt::Repeated) => return Ok(()),
                Err(error) => {
                    let (authority, party) = (Some(admitted.authority.clone()), Some(admitted.party));
                    return Err(Refused { authority, party, error });
                }
            }
        }
        Err(Refused { authority: None, party: None, error: CallError::Busy })
    }

    async fn attempt(
        &self,
        context: &Context,
        request: &PermitRequest,
        admitted: &Admitted<'_>,
        positions: &[(PositionId, Amount)],
    ) -> Result<Attempt, CallError> {
        let status = Status::of(&admitted.record);
        status.check_open()?;
        let party = &admitted.party;
        let ledger = rights::book_of(party, admitted.authority, &admitted.record, context.at)?;
        let issued = self.issued_document(admitted).await?.document;
        let permit = permit_of(&issued)?;
        let practice = self.practice_of(admitted.authority);
        let in_parts = match ledger {
            Ledger::Export => party.terms.partial_use || practice.allows_parts(&permit),
            Ledger::Import => status.exported.first().is_some_and(|first| first.is_part),
        };
        let call = context.call.as_ref();
        let asked = Asked { ledger, caller: party.id.as_str(), call, in_parts, positions };
        let allowed = allowed(ledger, &permit, &status)?;
        let Decision::Recorded { positions, identity, is_part } = decide(&asked, &allowed, status.book(ledger))? else {
            return Ok(Attempt::Repeated);
        };
        let late = Facts::of(&permit).is_over(context.at);
        if late && ledger == Ledger::Export && !practice.takes_late_reports {
            return Err(CallError::Expired);
        }
        let document = match ledger {
            Ledger::Export if permit.is_endorsed() => return Err(CallError::AlreadyConfirmed),
            Ledger::Export => {
                let in_all = ledger::together(&ledger::sum(&status.exported), &positions);
                Some(endorsed_document(&self.notary.get(), context, admitted, &issued, &permit, &in_all)?)
            }
            Ledger::Import => None,
        };
        let event = PermitEvent::Confirmed {
            ledger,
            country: party.country,
            organisation: party.name.clone(),
            positions,
            identity,
            late,
            roles: party.roles.clone(),
            call: context.call.clone(),
            part: is_part,
        };
        let entry = entry_after(&permit, &admitted.record, &event);
        self.append(context, &request.number, admitted, Step { event, document, entry }).await
    }

    async fn append(
        &self,
        context: &Context,
        number: &PermitNumber,
        admitted: &Admitted<'_>,
        Step { event, document, entry }: Step,
    ) -> Result<Attempt, CallError> {
        let (authority, party) = (admitted.authority, Some(&admitted.party));
        let mut audit = self.event(context, authority, party, Operation::ConfirmQuantities, Some(number));
        audit.detail.insert(ANSWER.to_owned(), "true".to_owned());
        audit.document_digest = document.as_ref().map(|document| document.accepted.digest());
        let number = admitted.record.number.clone();
        let append = Append { number, expected_revision: admitted.record.revision, event, document, entry, audit };
        match self.store.append(append).await {
            Ok(_) => Ok(Attempt::Recorded),
            Err(StoreError::Conflict { .. }) => Ok(Attempt::Overtaken),
            Err(error) => Err(error.into()),
        }
    }

    async fn record_repeat(
        &self,
        context: &Context,
        request: &PermitRequest,
        admitted: &Admitted<'_>,
    ) -> Result<Attempt, CallError> {
        let (authority, party) = (admitted.authority, Some(&admitted.party));
        let mut event = self.event(context, authority, party, Operation::ConfirmQuantities, Some(&request.number));
        event.detail.insert(ANSWER.to_owned(), "true".to_owned());
        event.detail.insert("repeat".to_owned(), "true".to_owned());
        self.store.record(event, Standing::Registered).await?;
        Ok(Attempt::Repeated)
    }
}

fn permit_of(document: &StoredDocument) -> Result<Permit, CallError> {
    let (reading, _) = receive::inspect(&document.bytes);
    let unreadable = || CallError::Document("it was accepted once and cannot be read now".to_owned());
    reading.map(|reading| reading.permit).ok_or_else(unreadable)
}

/// What the book allows in all: for export what is permitted, for import what was exported.
fn allowed(ledger: Ledger, permit: &Permit, status: &Status<'_>) -> Result<Quantities, CallError> {
    let positions = Positions::of(permit)?;
    match ledger {
        Ledger::Export => Ok(positions.permitted()),
        Ledger::Import if status.exported.is_empty() => positions.endorsed().ok_or(CallError::NotExported),
        Ledger::Import => Ok(ledger::sum(&status.exported)),
    }
}

/// The issued document with box 14: when it was accepted, who certified, what left. The place is not known to EPIX.
fn endorsed_document(
    notary: &Notary,
    context: &Context,
    admitted: &Admitted<'_>,
    issued: &StoredDocument,
    permit: &Permit,
    settled: &Quantities,
) -> Result<NewDocument, CallError> {
    let endorsement = Endorsement {
        examination: examination(&admitted.party, context.at)?,
        quantities: permit.consignment.items.iter().map(|item| left(item, settled)).collect(),
    };
    let unusable = |reason: String| CallError::Document(reason);
    let text = std::str::from_utf8(&issued.bytes).map_err(|error| unusable(error.to_string()))?;
    let endorse = codec(issued.toolkit).endorse;
    let endorsed = endorse(text, &endorsement).map_err(|error| match error {
        FormError::NoBox14(_) => CallError::NoBox14 { kept: issued.toolkit },
        error => unusable(error.to_string()),
    })?;
    let accepted = accept(endorsed.as_bytes())?;
    let event = admitted.record.revision + 1;
    let reason = VersionReason::Endorsed { original: issued.digest, event };
    // The author's signature covers the document before; what travels from here on is sealed by the gateway, or by nobody.
    let attachments = Attachments::These(resealed(notary, accepted.bytes(), issued, context.at)?);
    Ok(NewDocument { accepted, reason, attachments, proven: None })
}

fn accept(document: &[u8]) -> Result<Accepted, CallError> {
    receive::receive_again(document).map_err(|rejected| {
        let first = rejected.report.errors().next().map(|finding| finding.sentence.clone());
        CallError::Document(format!("box 14 could not be put into it: {}", first.unwrap_or_default()))
    })
}

fn examination(party: &Party, at: DateTime<Utc>) -> Result<Examination, CallError> {
    let unusable = |error: epix_core::permit::ValueError| CallError::Document(error.to_string());
    let occurred = Moment::parse(&at.to_rfc3339_opts(SecondsFormat::Secs, true)).map_err(unusable)?;
    let name = Text::parse(&party.name).map_err(unusable)?;
    let certifier = TradeParty { name: Some(name), ..TradeParty::default() };
    Ok(Examination { occurred: Some(occurred), certifiers: vec![certifier], ..Examination::default() })
}

/// What left of an item, in the unit of the permit.
fn left(item: &epix_core::permit::Item, settled: &Quantities) -> Option<Quantity> {
    let position = PositionId::parse(item.id()?.as_str()).ok()?;
    let unit = item.permitted().and_then(|permitted| permitted.unit.clone());
    Some(Quantity { amount: *settled.get(&position)?, unit })
}
