//! Handing out a permit: as issued, or final. Final never falls back to non-final.

use chrono::{DateTime, Utc};
use epix_core::id::{Operation, Sha256Digest};
use epix_core::receive;
use epix_core::report::Lost;
use epix_core::soap::Attachment;

use super::error::CallError;
use super::rendition::{Carried, Carries, Held, told};
use super::status::{Facts, State, Status, endorsed_version, issued_version};
use super::{Admitted, Context, Exchange, PermitRequest, Refused};
use crate::audit::AuditEvent;
use crate::store::{Looked, Memory, Standing, VersionRow};

/// Which document of a permit is wanted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Wanted {
    /// The last one that the authority issued.
    NonFinal,
    /// The one with certified quantities.
    Final,
}

/// A permit as it is handed out.
#[derive(Debug, Clone)]
pub struct HandedOut {
    /// The stand-alone document.
    pub document: String,
    /// What travels with it.
    pub attachments: Vec<Attachment>,
    /// What the version of the answer could not carry, where the policy lets that pass.
    pub losses: Vec<Lost>,
}

impl Wanted {
    fn operation(self) -> Operation {
        match self {
            Wanted::NonFinal => Operation::GetNonFinal,
            Wanted::Final => Operation::GetFinal,
        }
    }
}

impl Exchange {
    /// Gives the document of a permit; the hand-out is in the audit, durably, before this returns.
    ///
    /// `carries` is the toolkit version of the answer: a document of another one is rendered, and what that cannot carry is
    /// refused or accepted by the policy for the party.
    ///
    /// # Errors
    /// [`CallError`]; it is in the audit.
    pub async fn fetch(
        &self,
        context: &Context,
        request: &PermitRequest,
        wanted: Wanted,
        carries: Carries,
    ) -> Result<HandedOut, CallError> {
        let refused = |refused| self.write_down(context, wanted.operation(), Some(&request.number), refused);
        if let Err(error) = self.check_pace(context, true) {
            return Err(refused(error.into()).await);
        }
        // What is remembered may be answered with where it still holds; nobody is refused for it.
        for memory in [Memory::Used, Memory::Unused] {
            let looked = match self.look(context, request, memory).await {
                Ok(looked) => looked,
                Err(error) => return Err(refused(error.into()).await),
            };
            let basis = looked.basis.clone();
            match self.find_document(context, request, wanted, carries, looked).await {
                Ok((admitted, carried)) => {
                    let event = self.hand_out(context, request, wanted, &admitted, &carried);
                    if self.store.record_on(&basis, event, Standing::Registered).await? {
                        return handed_out(carried);
                    }
                }
                Err(error) if basis.is_fresh() => return Err(refused(error).await),
                Err(_) => {}
            }
        }
        // No store says of what it has just read that it does not hold.
        Err(CallError::Busy)
    }

    /// What the audit says of a permit that is handed out.
    fn hand_out(
        &self,
        context: &Context,
        request: &PermitRequest,
        wanted: Wanted,
        admitted: &Admitted<'_>,
        Carried { document, losses, rendered_from }: &Carried,
    ) -> AuditEvent {
        let (authority, party) = (admitted.authority, Some(&admitted.party));
        let mut event = self.event(context, authority, party, wanted.operation(), Some(&request.number));
        event.document_digest = Some(document.digest);
        if let Some(original) = rendered_from {
            event.detail.extend(told(document.toolkit, original, losses));
        }
        if !document.attachments.is_empty() {
            let digests = document.attachments.iter().map(|file| Sha256Digest::of(&file.content).to_string());
            event.detail.insert("attachments".to_owned(), digests.collect::<Vec<_>>().join(" "));
        }
        event
    }

    async fn find_document(
        &self,
        context: &Context,
        request: &PermitRequest,
        wanted: Wanted,
        carries: Carries,
        looked: Looked,
    ) -> Result<(Admitted<'_>, Carried), Refused> {
        let admitted = self.admit(context, request, wanted.operation(), looked).await?;
        let held = match wanted {
            Wanted::NonFinal => self.non_final(&admitted).await,
            Wanted::Final => self.final_document(&admitted, context.at).await,
        };
        let carried = match held {
            Ok(held) => self.carried(context, &admitted, held, carries).await,
            Err(error) => Err(error),
        };
        match carried {
            Ok(carried) => Ok((admitted, carried)),
            Err(error) => {
                Err(Refused { authority: Some(admitted.authority.clone()), party: Some(admitted.party), error })
            }
        }
    }

    async fn non_final(&self, admitted: &Admitted<'_>) -> Result<Held, CallError> {
        Status::of(&admitted.record).check_open()?;
        self.issued_document(admitted).await
    }

    /// The confirmed document; or the issued one, when it came with box 14 already filled.
    async fn final_document(&self, admitted: &Admitted<'_>, at: DateTime<Utc>) -> Result<Held, CallError> {
        let status = Status::of(&admitted.record);
        status.check_open()?;
        if !status.speaks_for_itself() {
            let issued = self.issued_document(admitted).await?;
            let (reading, _) = receive::inspect(&issued.document.bytes);
            let facts = reading.map(|reading| Facts::of(&reading.permit)).unwrap_or_default();
            if !matches!(status.state(&facts, at), State::Final | State::Used) {
                return Err(CallError::NotFinal);
            }
            if status.exported.is_empty() {
                return Ok(issued);
            }
        }
        let last = status.exported.last().and_then(|confirmation| endorsed_version(&admitted.record, confirmation));
        self.version(admitted, last).await
    }

    /// The last document that the authority issued.
    pub(super) async fn issued_document(&self, admitted: &Admitted<'_>) -> Result<Held, CallError> {
        self.version(admitted, issued_version(&admitted.record)).await
    }

    async fn version(&self, admitted: &Admitted<'_>, version: Option<&VersionRow>) -> Result<Held, CallError> {
        let missing = || CallError::Document("the version that the events name is not kept".to_owned());
        let ordinal = version.ok_or_else(missing)?.ordinal;
        let (authority, number) = (&admitted.authority.id, &admitted.record.number);
        let document = self.store.document(authority, number, ordinal).await?.ok_or_else(missing)?;
        Ok(Held { ordinal, document })
    }
}

fn handed_out(Carried { document: stored, losses, .. }: Carried) -> Result<HandedOut, CallError> {
    let document = String::from_utf8(stored.bytes).map_err(|error| CallError::Document(error.to_string()))?;
    let attachment = |file: crate::store::Attachment| Attachment { name: file.name, content: file.content };
    Ok(HandedOut { document, attachments: stored.attachments.into_iter().map(attachment).collect(), losses })
}
