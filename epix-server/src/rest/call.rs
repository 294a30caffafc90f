//! One call: who makes it, what it is about, what it brings.

use actix_web::HttpRequest;
use actix_web::http::header;
use actix_web::web::{Bytes, Query};
use chrono::{DateTime, Utc};
use epix_core::id::{CallId, Country, PermitNumber, Sha256Digest, Token};
use serde::de::DeserializeOwned;

use super::Face;
use super::body::header_of;
use super::problem::Problem;
use super::routes::{Right, Route};
use crate::audit::{Actor, AuditEvent};
use crate::proxy;
use crate::service::{CallError, Clerk, Context, Deed, Desk, DeskError, PermitRequest};

/// Who calls.
pub(super) enum Caller {
    /// A system of the authority, by key.
    Clerk(Box<Clerk>),
    /// A partner, by certificate.
    Partner,
    /// Anybody: for what holds no secrets.
    Anybody,
}

/// A call that may be made.
pub(super) struct Call<'c> {
    pub(super) route: &'static Route,
    pub(super) http: &'c HttpRequest,
    pub(super) face: &'c Face,
    pub(super) body: Bytes,
    pub(super) caller: Caller,
    pub(super) context: Context,
    pub(super) request_id: &'c str,
}

impl<'c> Call<'c> {
    /// Finds out who calls, and whether they may.
    pub(super) async fn begin(
        route: &'static Route,
        http: &'c HttpRequest,
        face: &'c Face,
        body: Bytes,
        request_id: &'c str,
        at: DateTime<Utc>,
    ) -> Result<Call<'c>, Problem> {
        let said = [http.method().as_str().as_bytes(), http.uri().to_string().as_bytes(), &body].concat();
        let mut context = Context::new(at, request_id, Sha256Digest::of(b""), &said);
        let key = header_of(http, header::AUTHORIZATION);
        let caller = match key.map(|value| value.split_once(' ').unwrap_or((value, ""))) {
            _ if route.right == Right::Anybody => Caller::Anybody,
            Some((scheme, key)) if scheme.eq_ignore_ascii_case("bearer") => {
                clerk(http, face, key, &mut context).await?
            }
            Some(_) => return Err(Problem::of(401, "scheme-unknown", "a key is sent as Authorization: Bearer KEY")),
            None => partner(http, face, &mut context)?,
        };
        let call = Call { route, http, face, body, caller, context, request_id };
        call.check_right().await?;
        Ok(call)
    }

    async fn check_right(&self) -> Result<(), Problem> {
        let (scope, is_for_partners) = match self.route.right {
            Right::Anybody => return Ok(()),
            Right::Key(scope) => (scope, false),
            Right::KeyOrPartner(scope) => (scope, true),
        };
        let refused = Problem::of(403, "no-right", "the caller has no right to this");
        match &self.caller {
            Caller::Clerk(clerk) if clerk.may(scope) => Ok(()),
            Caller::Clerk(_) => {
                let written = self.desk().write_down(&self.deed()?, self.route.name, "no-right").await;
                written.map_err(|error| self.refused(&error))?;
                Err(refused.lacking(scope))
            }
            Caller::Partner if is_for_partners => Ok(()),
            _ => {
                let recorded = self.face.exchange.not_understood(&self.context, "no-right").await;
                recorded.map_err(|error| Problem::of_call(&error, self.request_id))?;
                Err(refused)
            }
        }
    }

    /// The number in the address.
    pub(super) fn number(&self) -> Result<PermitNumber, Problem> {
        PermitNumber::parse(&self.segment("number")?).map_err(|error| Problem::invalid(error.to_string()))
    }

    /// A piece of the address, its escapes undone.
    pub(super) fn segment(&self, name: &str) -> Result<String, Problem> {
        let written = self.http.match_info().get(name).unwrap_or_default();
        let text = percent_encoding::percent_decode_str(written).decode_utf8();
        text.map(|text| text.into_owned()).map_err(|_| Problem::invalid(format!("{name} is not UTF-8")))
    }

    /// What stands behind the question mark; anything else than what is known is refused.
    pub(super) fn query<T: DeserializeOwned>(&self) -> Result<T, Problem> {
        let query = Query::<T>::from_query(self.http.query_string());
        query.map(Query::into_inner).map_err(|error| Problem::invalid(error.to_string()))
    }

    /// The body as JSON.
    pub(super) fn json<T: DeserializeOwned>(&self) -> Result<T, Problem> {
        serde_json::from_slice(&self.body).map_err(|error| Problem::invalid(format!("the body: {error}")))
    }

    /// A header as text.
    pub(super) fn header(&self, name: &'static str) -> Option<&str> {
        header_of(self.http, header::HeaderName::from_static(name))
    }

    /// The revision that the caller has in mind (`If-Match`).
    pub(super) fn expected(&self) -> Result<Option<u64>, Problem> {
        let Some(tag) = self.header("if-match").filter(|tag| *tag != "*") else { return Ok(None) };
        let revision = tag.trim_matches('"').split('-').next().and_then(|text| text.parse().ok());
        revision
            .map(Some)
            .ok_or_else(|| Problem::of(412, "changed", "If-Match names no state that this permit ever had"))
    }

    /// Has the caller what bears this tag?
    pub(super) fn has(&self, tag: &str) -> bool {
        self.header("if-none-match").is_some_and(|tags| tags.split(',').any(|known| known.trim() == tag))
    }

    /// The authority's own side.
    pub(super) fn desk(&self) -> Desk {
        self.face.exchange.desk()
    }

    /// The clerk who calls.
    pub(super) fn clerk(&self) -> Result<&Clerk, Problem> {
        match &self.caller {
            Caller::Clerk(clerk) => Ok(clerk),
            _ => Err(Problem::of(403, "no-right", "the caller has no right to this")),
        }
    }

    /// What a clerk does with this call.
    pub(super) fn deed(&self) -> Result<Deed<'_>, Problem> {
        let clerk = self.clerk()?;
        let id = clerk.authority.id.clone();
        let blank = AuditEvent::new(id, self.context.at, self.context.request_id.clone(), self.route.name);
        let own = self.context.own.as_ref().map(|own| own.actor()).unwrap_or_default();
        let (remote, request_digest) = (self.context.remote.clone(), Some(self.context.request_digest));
        Ok(Deed { authority: &clerk.authority, audit: AuditEvent { actor: own, remote, request_digest, ..blank } })
    }

    /// The permit that is meant, as partners name it: with its token in a header, never in the address.
    pub(super) fn request(&self, country: Option<Country>) -> Result<PermitRequest, Problem> {
        let token = self.header("epix-token").and_then(Token::parse);
        Ok(PermitRequest { number: self.number()?, token, country })
    }

    /// The caller's own id of a confirmation.
    pub(super) fn call_id(&self) -> Result<Option<CallId>, Problem> {
        let wrong = |error: epix_core::id::IdError| Problem::invalid(format!("Idempotency-Key: {error}"));
        self.header("idempotency-key").map(CallId::parse).transpose().map_err(wrong)
    }

    pub(super) fn refused(&self, error: &DeskError) -> Problem {
        Problem::of_desk(error, self.request_id)
    }

    pub(super) fn call_refused(&self, error: &CallError) -> Problem {
        Problem::of_call(error, self.request_id)
    }
}

async fn clerk(http: &HttpRequest, face: &Face, key: &str, context: &mut Context) -> Result<Caller, Problem> {
    context.remote = http.peer_addr().map(|address| address.to_string());
    let authority = face.exchange.first_authority().clone();
    let mut blank = AuditEvent::new(authority, context.at, context.request_id.clone(), "rest");
    blank.actor = Actor::default();
    blank.remote.clone_from(&context.remote);
    let clerk = face.exchange.clerk(key, context.at, blank).await;
    let clerk = clerk.map_err(|error| match error {
        CallError::CallerUnknown => Problem::of(401, "key-unknown", "this key is not taken"),
        error => Problem::of_call(&error, context.request_id.as_str()),
    })?;
    context.fingerprint = clerk.imprint();
    context.own = Some(clerk.own());
    Ok(Caller::Clerk(Box::new(clerk)))
}

fn partner(http: &HttpRequest, face: &Face, context: &mut Context) -> Result<Caller, Problem> {
    let request_id = context.request_id.as_str();
    let peer = proxy::peer_of(http).map_err(|reason| {
        tracing::warn!(request_id, %reason, "a request without a caller");
        Problem::of(401, "caller-missing", "neither a key nor a certificate says who calls")
    })?;
    context.fingerprint = peer.fingerprint;
    context.remote.clone_from(&peer.address);
    context.is_revoked = face.trust.is_revoked(&peer.serials);
    Ok(Caller::Partner)
}
