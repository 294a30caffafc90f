//! What the gateway does for a caller: fetch, confirm, tell its state. No HTTP, no SQL, no XML names.
//!
//! Every call goes the same way: which authority, who calls, may they, which permit, then the work; and every call leaves
//! one audit line, durable before the answer goes out.

mod behalf;
mod catalogue;
mod confirm;
mod desk;
mod error;
mod fetch;
mod ledger;
mod life;
mod limits;
mod notices;
mod own;
mod pace;
mod practice;
mod relay;
mod rendition;
mod rights;
mod status;
mod token;

use std::collections::BTreeMap;
use std::sync::Arc;

use chrono::{DateTime, Utc};
use epix_core::check::policy::Policies;
use epix_core::id::{AuthorityId, CallId, Country, Fingerprint, Operation, PermitNumber, Sha256Digest, Token};
use epix_core::soap::OriginalCaller;

pub use catalogue::{Card, entry, entry_after, entry_of};
pub use desk::{Book, Deed, Desk, DeskError, Filter, Hits, Row, Stored, Submission};
pub use error::CallError;
pub use fetch::{HandedOut, Wanted};
pub use ledger::Positions;
pub use life::Change;
pub use limits::Limits;
use limits::Meter;
pub use notices::{LIST_EVENTS, Page, Told};
pub use own::{AUDIT, CONFIRM, Clerk, EXCHANGE, Once, Own, PARTIES, READ, WRITE, new_key};
pub use practice::Practice;
pub use relay::{Brought, Demand, Done, ErrandError, Relay, Relayed, Roads, Unanswered, UpstreamError};
pub use rendition::Carries;
pub use status::{Ended, Facts, Quantities, Standing as Confirmation, State, Status, issued_version};
pub use token::{TokenKey, TokenKeyError};

use crate::audit::{Actor, AuditEvent, RequestId};
use crate::current::Current;
use crate::notary::Notary;
use crate::store::{Authority, Looked, Memory, Party, PermitRecord, Sought, Standing, Store};

/// Under which name the audit tells an answer that is a word; of a document it tells the digest, and of a refusal the code.
const ANSWER: &str = "answer";

/// The circumstances of one call.
#[derive(Debug, Clone)]
pub struct Context {
    /// When it was received.
    pub at: DateTime<Utc>,
    /// Under which id it is found again.
    pub request_id: RequestId,
    /// The certificate that was shown.
    pub fingerprint: Fingerprint,
    /// The address of the peer.
    pub remote: Option<String>,
    /// Digest of the request as it was received.
    pub request_digest: Sha256Digest,
    /// Names of the header blocks.
    pub headers: Vec<String>,
    /// The caller's own id of the call.
    pub call: Option<CallId>,
    /// For whom the caller says that it calls; whether that counts, the register decides.
    pub original: Option<OriginalCaller>,
    /// True when the certificate was revoked by its issuer.
    pub is_revoked: bool,
    /// Whose own system calls, where it calls by key and not by certificate.
    pub own: Option<Own>,
}

impl Context {
    /// The circumstances of a call that has just come in, under a new request id.
    pub fn new(at: DateTime<Utc>, request_id: &str, fingerprint: Fingerprint, request: &[u8]) -> Context {
        Context {
            at,
            request_id: RequestId::from(request_id),
            fingerprint,
            remote: None,
            request_digest: Sha256Digest::of(request),
            headers: Vec::new(),
            call: None,
            original: None,
            is_revoked: false,
            own: None,
        }
    }
}

/// Which permit a caller means.
#[derive(Debug, Clone)]
pub struct PermitRequest {
    /// Its number.
    pub number: PermitNumber,
    /// Its security token, if the caller has one.
    pub token: Option<Token>,
    /// The country whose authority issued it.
    pub country: Option<Country>,
}

/// The gateway's work, independent of how it is called.
pub struct Exchange {
    store: Arc<dyn Store>,
    authorities: Vec<Authority>,
    token_key: TokenKey,
    practices: BTreeMap<AuthorityId, Practice>,
    meter: Meter,
    alarm: Option<Alarm>,
    policies: Current<Policies>,
    notary: Current<Notary>,
}

/// Who is told of an alarm, beside the audit: the kind of it.
pub type Alarm = Box<dyn Fn(&'static str) + Send + Sync>;

/// What was found out about a call before the work begins.
struct Admitted<'e> {
    authority: &'e Authority,
    party: Party,
    record: PermitRecord,
}

/// Where a refusal is written down: in whose books, and as whose call.
struct Refused {
    authority: Option<Authority>,
    party: Option<Party>,
    error: CallError,
}

impl From<CallError> for Refused {
    fn from(error: CallError) -> Refused {
        Refused { authority: None, party: None, error }
    }
}

impl Exchange {
    /// Puts the parts together. There is at least one authority: the configuration sees to it.
    pub fn new(store: Arc<dyn Store>, authorities: Vec<Authority>, token_key: TokenKey) -> Exchange {
        Exchange {
            store,
            authorities,
            token_key,
            practices: BTreeMap::new(),
            meter: Meter::new(Limits::NONE),
            alarm: None,
            policies: Current::default(),
            notary: Current::default(),
        }
    }

    /// Says how authorities do things; whoever is not named does them as usual.
    pub fn practising(self, practices: BTreeMap<AuthorityId, Practice>) -> Exchange {
        Exchange { practices, ..self }
    }

    /// Says how much callers may ask, and who is told of an alarm.
    pub fn limited(self, limits: Limits, alarm: Alarm) -> Exchange {
        Exchange { meter: Meter::new(limits), alarm: Some(alarm), ..self }
    }

    fn practice_of(&self, authority: &Authority) -> Practice {
        self.practices.get(&authority.id).cloned().unwrap_or_default()
    }

    /// The same, deciding about losses by these policies.
    #[must_use]
    pub fn deciding_by(self, policies: Policies) -> Exchange {
        Exchange { policies: Current::new(Arc::new(policies)), ..self }
    }

    /// Has what the service makes signed by this notary.
    #[must_use]
    pub fn signed_by(self, notary: Arc<Notary>) -> Exchange {
        Exchange { notary: Current::new(notary), ..self }
    }

    /// Decides and signs by these from the next call on.
    pub fn renew(&self, policies: Policies, notary: Notary) {
        self.policies.set(Arc::new(policies));
        self.notary.set(Arc::new(notary));
    }

    /// The authority's own side of the gateway, on the same store.
    pub fn desk(&self) -> Desk {
        Desk::new(self.store.clone(), self.notary.get(), self.policies.get())
    }

    /// The store, for faces that ask for its health.
    pub fn store(&self) -> &dyn Store {
        &*self.store
    }

    /// Tells whether the service can answer a registered caller.
    ///
    /// # Errors
    /// [`CallError`]; it is in the audit.
    pub async fn state(&self, context: &Context, country: Option<Country>) -> Result<&'static str, CallError> {
        let operation = Operation::ServiceState;
        let admitted = match self.check_pace(context, false) {
            Ok(()) => self.admit_to_service(context, country, operation).await,
            Err(error) => Err(error.into()),
        };
        let (authority, party) = match admitted {
            Ok(found) => found,
            Err(refused) => return Err(self.write_down(context, operation, None, refused).await),
        };
        let state = if self.store.health().await.is_ok() { "OK" } else { "DEGRADED" };
        let mut event = self.event(context, authority, Some(&party), operation, None);
        event.detail.insert(ANSWER.to_owned(), state.to_owned());
        self.store.record(event, Standing::Registered).await?;
        Ok(state)
    }

    /// Writes down a call that could not be understood; `outcome` is what it was refused with.
    ///
    /// # Errors
    /// What the store says.
    pub async fn not_understood(&self, context: &Context, outcome: &str) -> Result<(), CallError> {
        let registered = self.store.registrations(&context.fingerprint).await?;
        let found = registered.into_iter().find_map(|(id, party)| {
            self.authorities.iter().find(|authority| authority.id == id).map(|authority| (authority, party))
        });
        let standing = if found.is_some() { Standing::Registered } else { Standing::Stranger };
        let (authority, party) = match found {
            Some((authority, party)) => (authority, Some(party)),
            None => (&self.authorities[0], None),
        };
        let mut event = self.blank_event(context, authority, party.as_ref(), "not-understood");
        event.outcome = outcome.to_owned();
        Ok(self.store.record(event, standing).await?)
    }

    /// The authorities that a country may mean; none named is clear only where one authority is kept.
    fn authorities_of(&self, country: Option<Country>) -> Vec<&Authority> {
        match country {
            Some(country) => self.authorities.iter().filter(|authority| authority.country == country).collect(),
            None if self.authorities.len() == 1 => self.authorities.iter().collect(),
            None => Vec::new(),
        }
    }

    /// Who calls, as registered with one of these authorities.
    async fn callers<'e>(
        &'e self,
        context: &Context,
        candidates: Vec<&'e Authority>,
    ) -> Result<Vec<(&'e Authority, Party)>, Refused> {
        let registered = match context.own {
            Some(_) => Vec::new(),
            None => self.store.registrations(&context.fingerprint).await.map_err(CallError::from)?,
        };
        self.callers_among(context, candidates, &registered).await
    }

    /// The same, where it is known what the register says.
    async fn callers_among<'e>(
        &'e self,
        context: &Context,
        candidates: Vec<&'e Authority>,
        registered: &[(AuthorityId, Party)],
    ) -> Result<Vec<(&'e Authority, Party)>, Refused> {
        let refused = |authority: Option<&Authority>, error| {
            let authority = authority.cloned();
            Refused { authority, party: None, error }
        };
        if let Some(own) = &context.own {
            let ours = self.authorities.iter().find(|authority| authority.id == own.authority);
            let ours = ours.ok_or_else(|| refused(None, CallError::AuthorityUnknown))?;
            return Ok(vec![(ours, own::party(ours))]);
        }
        if context.is_revoked {
            return Err(refused(candidates.first().copied(), CallError::CertificateRevoked));
        }
        let known = |authority: &Authority| {
            registered.iter().find(|(id, _)| *id == authority.id).map(|(_, party)| party.clone())
        };
        let mut callers: Vec<_> =
            candidates.iter().filter_map(|authority| known(authority).map(|party| (*authority, party))).collect();
        let first = callers.first().map(|(authority, _)| *authority);
        callers.retain(|(_, party)| party.certificates.get(&context.fingerprint).is_some_and(|t| t.holds(context.at)));
        match first {
            Some(_) if !callers.is_empty() => {
                self.meter.agree(&context.fingerprint, callers[0].1.terms.calls_per_minute, context.at);
                return self.acting(context, callers).await;
            }
            Some(authority) => return Err(refused(Some(authority), CallError::CertificateOutOfTerm)),
            None => {}
        }
        // Strangers learn nothing about which authorities are kept here.
        if registered.is_empty() || !candidates.is_empty() {
            return Err(refused(candidates.first().copied(), CallError::CallerUnknown));
        }
        Err(refused(None, CallError::AuthorityUnknown))
    }

    /// The callers, or those for whom they call.
    async fn acting<'e>(
        &'e self,
        context: &Context,
        callers: Vec<(&'e Authority, Party)>,
    ) -> Result<Vec<(&'e Authority, Party)>, Refused> {
        let Some(original) = &context.original else { return Ok(callers) };
        let mut acting = Vec::new();
        for (authority, caller) in callers {
            let refused = |error| Refused { authority: Some(authority.clone()), party: Some(caller.clone()), error };
            let parties = self.store.parties(&authority.id).await.map_err(|error| refused(error.into()))?;
            let registered = parties.iter().find(|party| party.id == original.party);
            let party = behalf::acting(caller.clone(), Some(original), registered, authority.country);
            acting.push((authority, party.map_err(refused)?));
        }
        Ok(acting)
    }

    async fn admit_to_service(
        &self,
        context: &Context,
        country: Option<Country>,
        operation: Operation,
    ) -> Result<(&Authority, Party), Refused> {
        // ServiceState needs no country: any authority with which the caller is registered may answer.
        let candidates = match country {
            Some(_) => self.authorities_of(country),
            None => self.authorities.iter().collect(),
        };
        let (authority, party) = self.callers(context, candidates).await?.swap_remove(0);
        match rights::may_call(&party, operation) {
            Ok(()) => Ok((authority, party)),
            Err(error) => Err(Refused { authority: Some(authority.clone()), party: Some(party), error }),
        }
    }

    /// Looks who calls and which permit is meant.
    async fn look(&self, context: &Context, request: &PermitRequest, memory: Memory) -> Result<Looked, CallError> {
        let (certificate, authorities) = match &context.own {
            Some(own) => (None, vec![own.authority.clone()]),
            None => {
                let candidates = self.authorities_of(request.country);
                (Some(&context.fingerprint), candidates.into_iter().map(|authority| authority.id.clone()).collect())
            }
        };
        let sought = Sought { certificate, authorities: &authorities, number: &request.number };
        Ok(self.store.look(&sought, memory).await?)
    }

    /// Finds the permit that a caller means and may use for an operation, among what was found.
    async fn admit(
        &self,
        context: &Context,
        request: &PermitRequest,
        operation: Operation,
        looked: Looked,
    ) -> Result<Admitted<'_>, Refused> {
        let Looked { registrations, mut permits, basis } = looked;
        let callers = self.callers_among(context, self.authorities_of(request.country), &registrations).await?;
        let (first, caller) = callers[0].clone();
        let refused = |error| Refused { authority: Some(first.clone()), party: Some(caller.clone()), error };
        let mut found = Vec::new();
        let mut refusal = refused(CallError::PermitUnknown);
        for (authority, party) in callers {
            rights::may_call(&party, operation).map_err(refused)?;
            let record = permits.iter().position(|permit| permit.authority == authority.id);
            let record = record.map(|position| permits.swap_remove(position));
            let may = match context.own {
                // Who issued a permit needs no token for it.
                Some(_) => Ok(()),
                None => self.check_token(record.as_ref(), request.token.as_ref()),
            };
            let Some(record) = record else { continue };
            match may.and_then(|()| rights::may_use(&party, authority, &record, operation, context.at)) {
                Ok(()) => found.push(Admitted { authority, party, record }),
                Err(error) => refusal = Refused { authority: Some(authority.clone()), party: Some(party), error },
            }
        }
        if found.len() > 1 {
            return Err(refused(CallError::AuthorityAmbiguous));
        }
        match found.pop() {
            Some(admitted) => Ok(admitted),
            // Whoever is refused by what was remembered is looked for again.
            None if !basis.is_fresh() => Err(refusal),
            None => Err(self.missed(context, first, &caller, refusal).await),
        }
    }

    /// A missing or wrong token is answered like an unknown permit, and takes the same time as one.
    fn check_token(&self, record: Option<&PermitRecord>, token: Option<&Token>) -> Result<(), CallError> {
        let given = self.token_key.hash(token.map(Token::reveal).unwrap_or_default());
        let Some(record) = record else { return Err(CallError::PermitUnknown) };
        let Some(expected) = record.token else { return Ok(()) };
        if given == expected && token.is_some() { Ok(()) } else { Err(CallError::PermitUnknown) }
    }

    /// Writes a refusal into the audit and gives back its reason; should that fail, the failure.
    async fn write_down(
        &self,
        context: &Context,
        operation: Operation,
        number: Option<&PermitNumber>,
        refused: Refused,
    ) -> CallError {
        self.write_down_as(context, operation.name(), number, refused).await
    }

    /// The same for a call that is none of the four operations.
    async fn write_down_as(
        &self,
        context: &Context,
        operation: &str,
        number: Option<&PermitNumber>,
        refused: Refused,
    ) -> CallError {
        let Refused { authority, party, error } = refused;
        let authority = authority.as_ref().unwrap_or(&self.authorities[0]);
        // Whoever is refused for calling too often has no party here: such lines have the quota of strangers.
        let standing = if party.is_some() { Standing::Registered } else { Standing::Stranger };
        let mut event = self.blank_event(context, authority, party.as_ref(), operation);
        event.permit = number.cloned();
        event.outcome = error.outcome().to_owned();
        match self.store.record(event, standing).await {
            Ok(()) => error,
            Err(failure) => CallError::Store(failure),
        }
    }

    fn event(
        &self,
        context: &Context,
        authority: &Authority,
        party: Option<&Party>,
        operation: Operation,
        number: Option<&PermitNumber>,
    ) -> AuditEvent {
        AuditEvent { permit: number.cloned(), ..self.blank_event(context, authority, party, operation.name()) }
    }

    fn blank_event(
        &self,
        context: &Context,
        authority: &Authority,
        party: Option<&Party>,
        operation: &str,
    ) -> AuditEvent {
        let mut event = AuditEvent::new(authority.id.clone(), context.at, context.request_id.clone(), operation);
        event.actor = match &context.own {
            Some(own) => own.actor(),
            None => Actor {
                party: party.map(|party| party.id.clone()),
                fingerprint: Some(context.fingerprint),
                name: party.map(|party| party.name.clone()),
            },
        };
        event.remote = context.remote.clone();
        event.request_digest = Some(context.request_digest);
        if let Some(original) = &context.original {
            let said = format!("{} ({}), call {}", original.party, original.country, original.request_id);
            event.detail.insert("original-caller".to_owned(), said);
        }
        if !context.headers.is_empty() {
            event.detail.insert("headers".to_owned(), context.headers.join(" "));
        }
        event
    }
}
