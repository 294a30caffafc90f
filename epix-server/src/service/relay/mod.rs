//! Passing a call on: to the Party of another country, in its dialect and version, and its answer back.
//!
//! ```text
//! caller ─> rights here ─> who answers for the country ─> may the caller ask it ─> call ─> does the permit concern the caller
//!        ─> the version of the caller ─> audit line durable ─> answer
//! ```
//! Nothing is kept of what passes but the audit line.

mod errand;
mod roads;
mod trouble;

use std::sync::Arc;

use epix_client::{Answered, call_for};
use epix_core::convert::{Target, convert};
use epix_core::id::{Country, Operation, PermitNumber, Sha256Digest};
use epix_core::permit::Permit;
use epix_core::receive;
use epix_core::report::Lost;
use epix_core::soap::{Answer, Attachment, Call, CertificateKey, OriginalCaller};
use epix_core::wire::Received;

pub use errand::{Brought, Demand, Done, ErrandError};
pub use roads::{Roads, Unanswered};
pub use trouble::UpstreamError;

use self::roads::Road;
use super::error::CallError;
use super::fetch::HandedOut;
use super::rendition::{Carries, lost, name_of};
use super::{ANSWER, Context, Exchange, Refused, rights};
use crate::notary::{Asked, SIGNATURE};
use crate::store::{Authority, EndpointEntry, Party, Role, Standing};

/// Passes calls on.
pub struct Relay {
    exchange: Arc<Exchange>,
    roads: Roads,
}

/// What came back, in the version of the caller.
#[derive(Debug)]
pub enum Relayed {
    /// A permit.
    Certificate(HandedOut),
    /// The quantities are taken.
    Confirmed,
    /// The word of the Party.
    State(String),
}

/// A call on its way.
struct Passage<'a> {
    context: &'a Context,
    authority: &'a Authority,
    caller: Party,
    callee: Party,
    country: Country,
    operation: Operation,
    number: Option<PermitNumber>,
    carries: Carries,
}

impl Relay {
    /// Puts the parts together.
    pub fn new(exchange: Arc<Exchange>, roads: Roads) -> Relay {
        Relay { exchange, roads }
    }

    /// True for a call that names a country whose permits are not kept here.
    pub fn concerns(&self, call: &Call) -> bool {
        let country = country_of(call);
        country.is_some_and(|country| self.exchange.authorities_of(Some(country)).is_empty())
    }

    /// Passes a call on and brings the answer; `carries` is what an answer to the caller carries.
    ///
    /// # Errors
    /// [`CallError`]; it is in the audit.
    pub async fn pass_on(&self, context: &Context, call: Call, carries: Carries) -> Result<Relayed, CallError> {
        let operation = call.operation();
        let number = call.key().map(|key| key.number.clone());
        match self.passed(context, call, carries).await {
            Ok(relayed) => Ok(relayed),
            Err(refused) => Err(self.exchange.write_down(context, operation, number.as_ref(), refused).await),
        }
    }

    async fn passed(&self, context: &Context, call: Call, carries: Carries) -> Result<Relayed, Refused> {
        self.exchange.check_pace(context, false)?;
        let (authority, caller) = self.caller(context).await?;
        let refused = |error| {
            let (authority, party) = (Some(authority.clone()), Some(caller.clone()));
            Refused { authority, party, error }
        };
        let (country, operation) = (country_of(&call), call.operation());
        let country = country.ok_or_else(|| refused(CallError::AuthorityUnknown))?;
        rights::may_call(&caller, operation).map_err(refused)?;
        let parties = self.exchange.store.parties(&authority.id).await.map_err(|error| refused(error.into()))?;
        let (callee, endpoint) = callee(parties, country, &caller, context).map_err(refused)?;
        let road = self.roads.to(&endpoint, country).await.map_err(|error| refused(error.into()))?;
        let (caller, number) = (caller.clone(), call.key().map(|key| key.number.clone()));
        let passage = Passage { context, authority, caller, callee, country, operation, number, carries };
        self.travel(&passage, &road, call).await.map_err(refused)
    }

    /// Who calls, as registered with any authority here. What another hub passed on is not passed on again.
    async fn caller(&self, context: &Context) -> Result<(&Authority, Party), Refused> {
        let candidates = self.exchange.authorities.iter().collect();
        let (authority, party) = self.exchange.callers(context, candidates).await?.swap_remove(0);
        if context.original.as_ref().is_some_and(|original| original.party == party.id) {
            let (authority, party) = (Some(authority.clone()), Some(party));
            return Err(Refused { authority, party, error: CallError::AuthorityUnknown });
        }
        Ok((authority, party))
    }

    async fn travel(&self, passage: &Passage<'_>, road: &Road, call: Call) -> Result<Relayed, CallError> {
        if let Call::ConfirmQuantities(key, _) = &call {
            // Before quantities are used up it must be known whom the permit concerns: the Party may know the hub only.
            self.look_before(passage, road, key).await?;
        }
        let answered = ask(passage, road, call).await?;
        // What the other Party answered, byte by byte, whatever becomes of it on the way back.
        let receipt = ("received".to_owned(), Sha256Digest::of(&answered.bytes).to_string());
        match answered.answer {
            Answer::Fault(fault) => Err(UpstreamError::Fault(Box::new(fault)).into()),
            Answer::State(word) => {
                let word = if word.is_empty() { "OK".to_owned() } else { word };
                // Whatever a Party says of its state, the audit keeps a word of it.
                let told = vec![receipt, (ANSWER.to_owned(), word.chars().take(100).collect())];
                self.record(passage, None, &[], told).await?;
                Ok(Relayed::State(word))
            }
            Answer::Confirmed(Some(false)) => Err(UpstreamError::NotConfirmed.into()),
            // What a Party says to a confirmation is not public: an answer that is no fault is a yes.
            Answer::Confirmed(_) => {
                let told = vec![receipt, (ANSWER.to_owned(), "true".to_owned())];
                self.record(passage, None, &[], told).await?;
                Ok(Relayed::Confirmed)
            }
            Answer::Certificate(beside) => {
                if !beside.unreadable.is_empty() {
                    return Err(UpstreamError::Attachments(beside.unreadable).into());
                }
                let (received, permit) = self.permit(passage, &answered.bytes)?;
                let mut told = self.signature(passage, &answered.bytes, &beside.files)?;
                let came = received.document.clone();
                told.push(receipt);
                let (document, losses) = self.in_version(passage, received, &permit)?;
                let attachments = self.beside(passage, &came, &document, beside.files)?;
                self.record(passage, Some(Sha256Digest::of(document.as_bytes())), &losses, told).await?;
                Ok(Relayed::Certificate(HandedOut { document, attachments, losses }))
            }
        }
    }

    async fn look_before(&self, passage: &Passage<'_>, road: &Road, key: &CertificateKey) -> Result<(), CallError> {
        let answered = ask(passage, road, Call::GetNonFinal(key.clone())).await?;
        match answered.answer {
            Answer::Fault(fault) => Err(UpstreamError::Fault(Box::new(fault)).into()),
            _ => self.permit(passage, &answered.bytes).map(|_| ()),
        }
    }

    /// The permit in an answer, when it is the one that was asked for and concerns the caller.
    fn permit(&self, passage: &Passage<'_>, answer: &[u8]) -> Result<(Received, Permit), CallError> {
        let (reading, _) = receive::inspect(answer);
        let reading = reading.ok_or(UpstreamError::NoPermit)?;
        let number = epix_core::check::number_of(&reading.permit).ok();
        let asked = passage.number.as_ref();
        if number.as_ref().map(|number| number.normalised()) != asked.map(|number| number.normalised()) {
            return Err(UpstreamError::OtherPermit.into());
        }
        let caller = &passage.caller;
        let concerned = caller.country == passage.country || Some(caller.country) == reading.permit.destination();
        let may_read_all = caller.terms.blanket && passage.operation != Operation::ConfirmQuantities;
        if concerned || may_read_all { Ok((reading.received, reading.permit)) } else { Err(CallError::NotTheirs) }
    }

    /// Holds the signature of what came to what is asked of its country; what the audit says of it.
    fn signature(
        &self,
        passage: &Passage<'_>,
        answer: &[u8],
        beside: &[Attachment],
    ) -> Result<Vec<(String, String)>, CallError> {
        let signature = beside.iter().find(|file| file.name == SIGNATURE).map(|file| file.content.as_slice());
        let (country, demand) = (passage.country, passage.callee.terms.signature);
        let asked = Asked { country, demand, at: passage.context.at };
        let seen = self.exchange.notary.get().passing(answer, signature, &asked);
        let seen = seen.map_err(|error| UpstreamError::Signature(error.to_string()))?;
        Ok(seen.map_err(UpstreamError::Signature)?)
    }

    /// What travels with a document: as it came; with one that was converted, the gateway's signature instead of the author's.
    fn beside(
        &self,
        passage: &Passage<'_>,
        came: &str,
        document: &str,
        files: Vec<Attachment>,
    ) -> Result<Vec<Attachment>, CallError> {
        if came == document {
            return Ok(files);
        }
        let (author, mut others): (Vec<_>, Vec<_>) = files.into_iter().partition(|file| file.name == SIGNATURE);
        let author = author.first().map(|file| file.content.as_slice());
        let made =
            self.exchange.notary.get().reseal(document.as_bytes(), came.as_bytes(), author, passage.context.at)?;
        others.extend(made.map(|made| Attachment { name: SIGNATURE.to_owned(), content: made.into_bytes() }));
        Ok(others)
    }

    /// The document in the version of the caller: as it came, or rendered when it is of another one.
    fn in_version(
        &self,
        passage: &Passage<'_>,
        received: Received,
        permit: &Permit,
    ) -> Result<(String, Vec<Lost>), CallError> {
        let (kept, wanted) = (received.version, passage.carries.for_party(&passage.caller));
        if kept == wanted {
            return Ok((received.document, Vec::new()));
        }
        let not_carried = |losses| CallError::ToolkitNotCarried { kept, wanted, losses };
        let target = Target::version(wanted).ok_or_else(|| not_carried(Vec::new()))?;
        let converted = convert(permit, target);
        let losses: Vec<Lost> = converted.losses.into_iter().map(lost).collect();
        if !losses.is_empty() && self.exchange.refuses_losses(&passage.caller, wanted) {
            return Err(not_carried(losses));
        }
        Ok((converted.document, losses))
    }

    async fn record(
        &self,
        passage: &Passage<'_>,
        digest: Option<Sha256Digest>,
        losses: &[Lost],
        told: Vec<(String, String)>,
    ) -> Result<(), CallError> {
        let Passage { context, authority, caller, callee, country, operation, number, .. } = passage;
        let mut event = self.exchange.event(context, authority, Some(caller), *operation, number.as_ref());
        event.document_digest = digest;
        event.detail.extend(told);
        event.detail.insert("passed-on-to".to_owned(), format!("{} ({country})", callee.id));
        if !losses.is_empty() {
            let losses: Vec<&str> = losses.iter().map(name_of).collect();
            event.detail.insert("losses".to_owned(), losses.join(" "));
        }
        Ok(self.exchange.store.record(event, Standing::Registered).await?)
    }
}

fn country_of(call: &Call) -> Option<Country> {
    match call {
        Call::ServiceState(country) => *country,
        _ => call.key().and_then(|key| key.country),
    }
}

async fn ask(passage: &Passage<'_>, road: &Road, call: Call) -> Result<Answered, CallError> {
    let Passage { caller, context, .. } = passage;
    let original = OriginalCaller {
        party: caller.id.clone(),
        name: caller.name.clone(),
        country: caller.country,
        roles: caller.roles.iter().map(|role| role.name().to_owned()).collect(),
        request_id: context.request_id.to_string(),
        call_id: context.call.clone(),
    };
    let answered = call_for(&*road.transport, &road.partner, call, Some(&original)).await;
    Ok(answered.map_err(UpstreamError::Call)?)
}

/// Who answers for a country, when the caller may ask it.
fn callee(
    parties: Vec<Party>,
    country: Country,
    caller: &Party,
    context: &Context,
) -> Result<(Party, EndpointEntry), CallError> {
    let mut found: Vec<Party> = parties
        .into_iter()
        .filter(|party| party.country == country && party.terms.endpoint.is_some() && !party.suspended)
        .collect();
    if found.len() > 1 {
        found.retain(|party| party.roles.contains(&Role::ManagementAuthority));
    }
    let party = match found.len() {
        0 => return Err(CallError::AuthorityUnknown),
        1 => found.swap_remove(0),
        _ => return Err(CallError::AuthorityAmbiguous),
    };
    let endpoint = party.terms.endpoint.clone().ok_or(CallError::AuthorityUnknown)?;
    if !endpoint.callers.contains(&caller.country) {
        return Err(CallError::NoRight);
    }
    if !party.terms.availability.is_open(context.at) {
        return Err(CallError::CalleeClosed { words: party.terms.availability.words.clone() });
    }
    Ok((party, endpoint))
}
