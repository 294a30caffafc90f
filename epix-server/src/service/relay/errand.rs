//! An errand for the authority's own side: a partner is asked for its state or for a permit, or is told what arrived or left.
//!
//! Nothing of it is kept but the audit. Before quantities leave, a line says so: should we be cut off, it is known that the partner may
//! have them.

use epix_client::{Answered, call_under};
use epix_core::check::policy::decide;
use epix_core::id::{CallId, Operation, PartyId, PermitNumber, Sha256Digest};
use epix_core::permit::Permit;
use epix_core::receive::{self, Signature};
use epix_core::report::Report;
use epix_core::soap::{Answer, Attachment, Call};
use epix_core::version::ToolkitVersion;

use super::{ANSWER, Relay, UpstreamError};
use crate::audit::{AuditEvent, OK};
use crate::notary::{self, Asked, SIGNATURE};
use crate::service::Deed;
use crate::store::{EndpointEntry, Party, Standing, StoreError};

/// The outcome of a line that was written before the call.
const LEAVING: &str = "leaving";

/// Under which detail a line says who was asked.
const ASKED: &str = "asked";

/// A word of the state of a Party is a word.
const LONGEST_WORD: usize = 100;

/// What an errand brought back.
#[derive(Debug)]
pub enum Done {
    /// The word of the partner on its state.
    State(String),
    /// The quantities are taken.
    Confirmed,
    /// A permit.
    Permit(Box<Brought>),
}

/// A permit as a partner gave it, and what there is to say of it.
#[derive(Debug)]
pub struct Brought {
    /// The stand-alone document, as it came.
    pub document: String,
    /// The toolkit version that it is written in.
    pub version: ToolkitVersion,
    /// What it says.
    pub permit: Permit,
    /// What travelled with it, its signature included.
    pub attachments: Vec<Attachment>,
    /// The verdict of every layer.
    pub report: Report,
    /// What our policy for the partner would make of it.
    pub is_accepted: bool,
    /// What was found out about its signature.
    pub signature: Signature,
}

/// Why an errand brought nothing.
#[derive(Debug, thiserror::Error)]
pub enum ErrandError {
    /// Nobody of this id is registered.
    #[error("no party {party} is registered")]
    PartyUnknown {
        /// Who was to be asked.
        party: PartyId,
    },
    /// The register does not say where it answers.
    #[error("the register names no endpoint of {party}")]
    NoEndpoint {
        /// Who was to be asked.
        party: PartyId,
    },
    /// The register suspends it.
    #[error("{party} is suspended in the register")]
    Suspended {
        /// Who was to be asked.
        party: PartyId,
    },
    /// By the register it does not answer now.
    #[error("by the register {party} does not answer now")]
    Closed {
        /// Who was to be asked.
        party: PartyId,
        /// What it wants to be said meanwhile.
        words: Option<String>,
    },
    /// It was asked in vain.
    #[error("{party} was asked in vain")]
    InVain {
        /// Who was asked.
        party: PartyId,
        /// Quantities were sent, and the partner may have taken them, although nobody heard it say so.
        may_be_done: bool,
        /// Why.
        #[source]
        error: Box<UpstreamError>,
    },
    /// The store failed.
    #[error("the store failed")]
    Store(#[from] StoreError),
}

impl ErrandError {
    /// The outcome that stands in the audit and the metrics.
    pub fn outcome(&self) -> &'static str {
        match self {
            ErrandError::PartyUnknown { .. } => "party-unknown",
            ErrandError::NoEndpoint { .. } => "no-endpoint",
            ErrandError::Suspended { .. } => "party-suspended",
            ErrandError::Closed { .. } => "callee-closed",
            ErrandError::InVain { error, .. } => error.outcome(),
            ErrandError::Store(_) => "store-failed",
        }
    }
}

/// Who is asked what, for whom.
struct Errand<'a> {
    deed: &'a Deed<'a>,
    party: &'a PartyId,
    operation: Operation,
    number: Option<PermitNumber>,
}

impl Relay {
    /// Asks a registered partner, with our certificate, on behalf of the authority itself; `call_id` is our own id of a confirmation.
    ///
    /// # Errors
    /// [`ErrandError`]; it is in the audit.
    pub async fn run(
        &self,
        deed: &Deed<'_>,
        party: &PartyId,
        call: Call,
        call_id: Option<&CallId>,
        demand: Demand,
    ) -> Result<Done, ErrandError> {
        let (operation, number) = (call.operation(), call.key().map(|key| key.number.clone()));
        let errand = Errand { deed, party, operation, number };
        let mut line = errand.line();
        let done = self.asked(&errand, call, call_id, demand, &mut line).await;
        if let Err(error) = &done {
            line.outcome = error.outcome().to_owned();
        }
        self.exchange.store.record(line, Standing::Registered).await?;
        done
    }

    async fn asked(
        &self,
        errand: &Errand<'_>,
        call: Call,
        call_id: Option<&CallId>,
        demand: Demand,
        line: &mut AuditEvent,
    ) -> Result<Done, ErrandError> {
        let (party, endpoint) = self.partner(errand).await?;
        line.detail.insert(ASKED.to_owned(), format!("{} ({})", party.id, party.country));
        let is_change = errand.operation == Operation::ConfirmQuantities;
        let in_vain = |error: UpstreamError| {
            let may_be_done = is_change && error.may_have_been_done();
            ErrandError::InVain { party: party.id.clone(), may_be_done, error: Box::new(error) }
        };
        let road = self.roads.to(&endpoint, party.country).await.map_err(in_vain)?;
        if is_change {
            let leaving = AuditEvent { outcome: LEAVING.to_owned(), ..line.clone() };
            self.exchange.store.record(leaving, Standing::Registered).await?;
        }
        let answered = call_under(&*road.transport, &road.partner, call, call_id).await;
        let answered = answered.map_err(|error| in_vain(UpstreamError::Call(error)))?;
        line.detail.insert("received".to_owned(), Sha256Digest::of(&answered.bytes).to_string());
        self.understood(errand, &party, answered, demand, line).map_err(in_vain)
    }

    /// Who is meant, when it can be asked.
    async fn partner(&self, errand: &Errand<'_>) -> Result<(Party, EndpointEntry), ErrandError> {
        let id = || errand.party.clone();
        let parties = self.exchange.store.parties(&errand.deed.authority.id).await?;
        let found = parties.into_iter().find(|party| party.id == *errand.party);
        let party = found.ok_or_else(|| ErrandError::PartyUnknown { party: id() })?;
        if party.suspended {
            return Err(ErrandError::Suspended { party: id() });
        }
        let Some(endpoint) = party.terms.endpoint.clone() else {
            return Err(ErrandError::NoEndpoint { party: id() });
        };
        if !party.terms.availability.is_open(errand.deed.audit.at) {
            let words = party.terms.availability.words.clone();
            return Err(ErrandError::Closed { party: id(), words });
        }
        Ok((party, endpoint))
    }

    fn understood(
        &self,
        errand: &Errand<'_>,
        party: &Party,
        answered: Answered,
        demand: Demand,
        line: &mut AuditEvent,
    ) -> Result<Done, UpstreamError> {
        match answered.answer {
            Answer::Fault(fault) => Err(UpstreamError::Fault(Box::new(fault))),
            Answer::State(word) => {
                let word: String = word.chars().take(LONGEST_WORD).collect();
                let word = if word.is_empty() { "OK".to_owned() } else { word };
                line.detail.insert(ANSWER.to_owned(), word.clone());
                Ok(Done::State(word))
            }
            Answer::Confirmed(Some(false)) => Err(UpstreamError::NotConfirmed),
            // What a Party says to a confirmation is not public: an answer that is no fault is a yes.
            Answer::Confirmed(_) => {
                line.detail.insert(ANSWER.to_owned(), "true".to_owned());
                Ok(Done::Confirmed)
            }
            Answer::Certificate(beside) if !beside.unreadable.is_empty() => {
                Err(UpstreamError::Attachments(beside.unreadable))
            }
            Answer::Certificate(beside) => {
                let brought = self.brought(errand, party, &answered.bytes, beside.files)?;
                line.document_digest = Some(Sha256Digest::of(brought.document.as_bytes()));
                line.detail.extend(self.exchange.notary.get().told(&brought.signature));
                match notary::refused(&brought.signature).filter(|_| demand == Demand::AsRegistered) {
                    Some(because) => Err(UpstreamError::Signature(because)),
                    None => Ok(Done::Permit(Box::new(brought))),
                }
            }
        }
    }

    /// The permit in an answer, when it is the one that was asked for.
    fn brought(
        &self,
        errand: &Errand<'_>,
        party: &Party,
        answer: &[u8],
        attachments: Vec<Attachment>,
    ) -> Result<Brought, UpstreamError> {
        let (reading, _) = receive::inspect(answer);
        let reading = reading.ok_or(UpstreamError::NoPermit)?;
        let number = epix_core::check::number_of(&reading.permit).ok();
        let asked_for = errand.number.as_ref().map(|number| number.normalised());
        if number.as_ref().map(|number| number.normalised()) != asked_for {
            return Err(UpstreamError::OtherPermit);
        }
        let signature = attachments.iter().find(|file| file.name == SIGNATURE).map(|file| file.content.as_slice());
        let asked = Asked { country: party.country, demand: party.terms.signature, at: errand.deed.audit.at };
        let policy = self.exchange.policies.get().of(party.terms.policy.as_deref().unwrap_or(party.id.as_str()));
        let judged = self.exchange.notary.get().judge(answer, signature, &asked, &policy);
        let judged = judged.map_err(|error| UpstreamError::Signature(error.to_string()))?;
        let report = judged.checked.report;
        Ok(Brought {
            document: reading.received.document,
            version: reading.received.version,
            permit: reading.permit,
            attachments,
            is_accepted: decide(&report, &policy).is_accepted(),
            report,
            signature: judged.signature,
        })
    }
}

/// What becomes of a document whose signature is not as it is demanded.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Demand {
    /// It is refused.
    AsRegistered,
    /// It is brought with the verdict on it.
    Reported,
}

impl Errand<'_> {
    fn line(&self) -> AuditEvent {
        let mut line = self.deed.event(&format!("ask-{}", self.operation.name()), self.number.as_ref());
        line.detail.insert(ASKED.to_owned(), self.party.to_string());
        AuditEvent { outcome: OK.to_owned(), ..line }
    }
}
