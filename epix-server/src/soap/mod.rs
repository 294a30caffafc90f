//! The SOAP face: `POST /epix` for the four operations in every dialect, `GET /epix?wsdl` for the service descriptions.
//!
//! A fault is never HTTP 200; an answer goes out after what it changed, and the audit line that says so, are durable.

mod address;
mod body;
mod relayed;
mod written;
mod wsdl;

use std::sync::Arc;
use std::time::Instant;

use actix_web::http::{ConnectionType, StatusCode, header};
use actix_web::{HttpRequest, HttpResponse, web};
use chrono::Utc;
use epix_core::codes::Language;
use epix_core::id::Operation;
use epix_core::soap::{Call, CertificateKey, Dialect, Fact, Fault, FaultCode, Refused, fault};
use tracing::Instrument as _;

use self::address::{ADDRESSES, Address};
use self::written::{Manner, Travel, Written};
use crate::calls::Calls;
use crate::service::{CallError, Carries, Context, Exchange, PermitRequest, Relay, Wanted};
use crate::telemetry::Metrics;
use crate::tls::Live;
use crate::{problem, proxy};

/// The HTTP header that tells what an answer could not carry; ours.
const LOSSES: &str = "EPIX-Losses";

/// What the face needs to answer.
#[derive(Clone)]
pub struct Face {
    exchange: Arc<Exchange>,
    relay: Arc<Relay>,
    metrics: Metrics,
    calls: Arc<Calls>,
    trust: Arc<Live>,
    options: FaceOptions,
}

/// What the operator chose.
#[derive(Debug, Clone, Default)]
pub struct FaceOptions {
    /// The address that partners use, for the service descriptions; without it, the one under which it was asked for.
    pub public_url: Option<String>,
    /// True where the hub's dialect is answered as the public hub of 2017 did, mistakes included.
    pub hub_as_was: bool,
}

impl Face {
    /// Puts the parts together.
    pub fn new(
        exchange: Arc<Exchange>,
        relay: Arc<Relay>,
        metrics: Metrics,
        calls: Arc<Calls>,
        trust: Arc<Live>,
        options: FaceOptions,
    ) -> Face {
        Face { exchange, relay, metrics, calls, trust, options }
    }

    /// The dialect in which a request is answered.
    fn answers_in(&self, dialect: Dialect) -> Dialect {
        match dialect {
            Dialect::Hub if self.options.hub_as_was => Dialect::HubAsWas,
            other => other,
        }
    }
}

/// Adds the routes of the face.
pub fn routes(config: &mut web::ServiceConfig) {
    for address in ADDRESSES {
        let resource = web::resource(address.path).app_data(web::Data::new(address));
        config.service(resource.route(web::post().to(call)).route(web::get().to(describe)));
    }
    let of_hub = web::Data::new(&address::HUB_DESCRIPTION);
    config.service(web::resource(address::HUB_DESCRIPTION.path).app_data(of_hub).route(web::get().to(describe)));
}

async fn describe(http: HttpRequest, face: web::Data<Face>, address: web::Data<&'static Address>) -> HttpResponse {
    let connection = http.connection_info();
    let asked = || format!("{}://{}", connection.scheme(), connection.host());
    let base = face.options.public_url.clone().unwrap_or_else(asked);
    match wsdl::document(&address, http.query_string(), base.trim_end_matches('/')) {
        Some(document) => HttpResponse::Ok().content_type("text/xml; charset=utf-8").body(document),
        None => HttpResponse::NotFound()
            .content_type("text/plain; charset=utf-8")
            .body("ask for ?wsdl, ?wsdl&inline or one of the schemas that it names\n"),
    }
}

async fn call(
    http: HttpRequest,
    payload: web::Payload,
    face: web::Data<Face>,
    address: web::Data<&'static Address>,
) -> HttpResponse {
    let request_id = uuid::Uuid::new_v4().to_string();
    // Whatever is logged on the way bears the id under which the call is known to its caller, however little is logged.
    let span = tracing::error_span!("call", request_id);
    answered(http, payload, face, address, &request_id).instrument(span).await
}

async fn answered(
    http: HttpRequest,
    payload: web::Payload,
    face: web::Data<Face>,
    address: web::Data<&'static Address>,
    request_id: &str,
) -> HttpResponse {
    let _under_way = face.calls.begin();
    let started = Instant::now();
    let result = match body::read(&http, payload).await {
        Ok(bytes) => understood(&http, &face, &address, &bytes, request_id).await,
        Err(fault) => Err(Refused::from(fault)),
    };
    let (operation, outcome, mut response) = match result {
        Ok(Answered { operation, written }) => (operation.name(), "ok", success(written)),
        Err(Refused { operation, fault, dialect }) => {
            let dialect = face.answers_in(dialect.unwrap_or(address.usual()));
            let response = refusal(&fault, dialect, language(&http), request_id);
            (operation.map_or("not-understood", Operation::name), fault.code.as_str(), response)
        }
    };
    if face.calls.is_stopping() {
        response.head_mut().set_connection_type(ConnectionType::Close);
    }
    face.metrics.count(operation, outcome, started.elapsed());
    let milliseconds = started.elapsed().as_millis();
    tracing::info!(operation, outcome, milliseconds, "call answered");
    response
}

/// The language in which the caller wants to read sentences.
fn language(http: &HttpRequest) -> Language {
    let accepted = http.headers().get(header::ACCEPT_LANGUAGE).and_then(|value| value.to_str().ok());
    Language::preferred(accepted.unwrap_or_default())
}

fn success(written: Written) -> HttpResponse {
    let Written { content_type, body, losses } = written;
    let mut response = HttpResponse::Ok();
    if !losses.is_empty() {
        response.insert_header((LOSSES, relayed::told(&losses)));
    }
    response.content_type(content_type).body(body)
}

fn refusal(fault: &Fault, dialect: Dialect, language: Language, request_id: &str) -> HttpResponse {
    let body = fault::write(fault, dialect, language, request_id);
    let status = StatusCode::from_u16(fault.code.http_status()).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    let mut response = HttpResponse::build(status);
    if let Some((_, seconds)) = fault.facts.iter().find(|(fact, _)| *fact == Fact::RetryAfter) {
        response.insert_header((header::RETRY_AFTER, seconds.as_str()));
    }
    response
        .content_type(dialect.spec().media_type)
        .insert_header((header::CONTENT_LANGUAGE, language.tag()))
        .body(body)
}

/// An answer, and to what.
struct Answered {
    operation: Operation,
    written: Written,
}

async fn understood(
    http: &HttpRequest,
    face: &Face,
    address: &Address,
    bytes: &[u8],
    request_id: &str,
) -> Result<Answered, Refused> {
    let peer = proxy::peer_of(http).map_err(|reason| {
        tracing::warn!(%reason, "a request without a caller");
        Refused::from(Fault::of(FaultCode::CertificateMissing))
    })?;
    let mut context = Context::new(Utc::now(), request_id, peer.fingerprint, bytes);
    context.remote.clone_from(&peer.address);
    context.is_revoked = face.trust.is_revoked(&peer.serials);
    let soap_action = http.headers().get("SOAPAction").and_then(|value| value.to_str().ok());
    let request = match body::message(http, bytes, soap_action).and_then(|request| address.takes(request)) {
        Ok(request) => request,
        Err(refused) => {
            let recorded = face.exchange.not_understood(&context, refused.fault.code.as_str()).await;
            let fault = recorded.map_or_else(|error| failure(&error), |()| refused.fault);
            return Err(Refused { fault, ..refused });
        }
    };
    context.headers.clone_from(&request.headers);
    context.call.clone_from(&request.call_id);
    context.original.clone_from(&request.original);
    let (operation, spoken) = (request.call.operation(), request.dialect);
    let manner = Manner { dialect: face.answers_in(spoken), travel: Travel::wanted(http), unique: request_id };
    let answered = match face.relay.concerns(&request.call) {
        true => relayed::answer(&face.relay, &context, request.call, &manner).await,
        false => answer(face, &context, request.call, &manner).await,
    };
    match answered {
        Ok(written) => Ok(Answered { operation, written }),
        Err(error) => {
            let fault = failure(&error);
            Err(Refused { fault, dialect: Some(spoken), operation: Some(operation) })
        }
    }
}

async fn answer(face: &Face, context: &Context, call: Call, manner: &Manner<'_>) -> Result<Written, CallError> {
    let (exchange, carries) = (&face.exchange, carries(manner.dialect));
    match call {
        Call::ServiceState(country) => {
            let state = exchange.state(context, country).await?;
            Ok(manner.state(state))
        }
        Call::GetNonFinal(key) => {
            let permit = exchange.fetch(context, &wanted(key), Wanted::NonFinal, carries).await?;
            manner.certificate(Operation::GetNonFinal, permit)
        }
        Call::GetFinal(key) => {
            let permit = exchange.fetch(context, &wanted(key), Wanted::Final, carries).await?;
            manner.certificate(Operation::GetFinal, permit)
        }
        Call::ConfirmQuantities(key, positions) => {
            exchange.confirm(context, &wanted(key), &positions).await?;
            Ok(manner.confirmed())
        }
    }
}

/// The toolkit version of an answer: the national descriptions name theirs, the hub's names none.
fn carries(dialect: Dialect) -> Carries {
    match dialect {
        Dialect::V1 | Dialect::V2 => Carries::Only(dialect.toolkit()),
        Dialect::Hub | Dialect::HubAsWas => Carries::Usually(dialect.toolkit()),
    }
}

fn wanted(key: CertificateKey) -> PermitRequest {
    let CertificateKey { number, token, country } = key;
    PermitRequest { number, token, country }
}

/// The fault for a failed call; what only the operator may know goes to the log with its causes.
fn failure(error: &CallError) -> Fault {
    let fault = problem::fault(error);
    let causes = problem::chain(error);
    if fault.code == FaultCode::Internal {
        tracing::error!(causes, "a call could not be answered");
    } else if matches!(error, CallError::Upstream(_)) {
        tracing::warn!(causes, "a call was passed on in vain");
    }
    fault
}
