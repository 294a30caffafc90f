//! The SOAP face: `POST /epix/v2` for the four operations, `GET /epix/v2?wsdl` for the service description.
//!
//! A fault is never HTTP 200; an answer goes out after what it changed, and the audit line that says so, are durable.

mod wsdl;

use std::sync::Arc;
use std::time::{Duration, Instant};

use actix_web::http::StatusCode;
use actix_web::http::{ConnectionType, header};
use actix_web::{HttpRequest, HttpResponse, web};
use chrono::Utc;
use epix_core::codes::Language;
use epix_core::id::Operation;
use epix_core::soap::{Call, CertificateKey, Dialect, Fact, Fault, FaultCode, Request, answer, fault, request};
use epix_core::wire::guard::Limits;

use crate::calls::Calls;
use crate::identity::Peer;
use crate::problem;
use crate::service::{CallError, Context, Exchange, HandedOut, PermitRequest, Wanted};
use crate::telemetry::Metrics;

/// Where the face answers.
pub const PATH: &str = "/epix/v2";

/// How long a caller may take to send its request: a slow one must not hold a place for ever.
const BODY: Duration = Duration::from_secs(30);

const XML: &str = "text/xml; charset=utf-8";

/// What the face needs to answer.
#[derive(Clone)]
pub struct Face {
    exchange: Arc<Exchange>,
    metrics: Metrics,
    calls: Arc<Calls>,
    public_url: Option<String>,
}

impl Face {
    /// Puts the parts together; `public_url` is the address that partners use, for the service description.
    pub fn new(exchange: Arc<Exchange>, metrics: Metrics, calls: Arc<Calls>, public_url: Option<String>) -> Face {
        Face { exchange, metrics, calls, public_url }
    }
}

/// Adds the routes of the face.
pub fn routes(config: &mut web::ServiceConfig) {
    config.service(web::resource(PATH).route(web::post().to(call)).route(web::get().to(describe)));
}

async fn describe(http: HttpRequest, face: web::Data<Face>) -> HttpResponse {
    let connection = http.connection_info();
    let asked = || format!("{}://{}", connection.scheme(), connection.host());
    let base = face.public_url.clone().unwrap_or_else(asked);
    let endpoint = format!("{}{PATH}", base.trim_end_matches('/'));
    match wsdl::document(http.query_string(), &endpoint) {
        Some(document) => HttpResponse::Ok().content_type(XML).body(document),
        None => HttpResponse::NotFound()
            .content_type("text/plain; charset=utf-8")
            .body("ask for ?wsdl, ?wsdl&inline or one of the schemas that it names\n"),
    }
}

async fn call(http: HttpRequest, payload: web::Payload, face: web::Data<Face>) -> HttpResponse {
    let _under_way = face.calls.begin();
    let started = Instant::now();
    let request_id = uuid::Uuid::new_v4().to_string();
    let result = match body(&http, payload).await {
        Ok(bytes) => understood(&http, &face, &bytes, &request_id).await,
        Err(fault) => Err(Failure { operation: None, fault }),
    };
    let (operation, outcome, mut response) = match result {
        Ok(Answered { operation, body }) => (operation.name(), "ok", HttpResponse::Ok().content_type(XML).body(body)),
        Err(Failure { operation, fault }) => {
            let response = refusal(&fault, language(&http), &request_id);
            (operation.map_or("not-understood", Operation::name), fault.code.as_str(), response)
        }
    };
    if face.calls.is_stopping() {
        response.head_mut().set_connection_type(ConnectionType::Close);
    }
    face.metrics.count(operation, outcome, started.elapsed());
    let milliseconds = started.elapsed().as_millis();
    tracing::info!(request_id, operation, outcome, milliseconds, "call answered");
    response
}

/// The language in which the caller wants to read sentences.
fn language(http: &HttpRequest) -> Language {
    let accepted = http.headers().get(header::ACCEPT_LANGUAGE).and_then(|value| value.to_str().ok());
    Language::preferred(accepted.unwrap_or_default())
}

fn refusal(fault: &Fault, language: Language, request_id: &str) -> HttpResponse {
    let body = fault::write(fault, Dialect::V2, language, request_id);
    let status = StatusCode::from_u16(fault.code.http_status()).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    let mut response = HttpResponse::build(status);
    if let Some((_, seconds)) = fault.facts.iter().find(|(fact, _)| *fact == Fact::RetryAfter) {
        response.insert_header((header::RETRY_AFTER, seconds.as_str()));
    }
    response.content_type(XML).insert_header((header::CONTENT_LANGUAGE, language.tag())).body(body)
}

/// An answer and the operation it answers.
struct Answered {
    operation: Operation,
    body: String,
}

/// A fault and, where it was understood, the operation that it answers.
struct Failure {
    operation: Option<Operation>,
    fault: Fault,
}

/// Reads the body, which is limited, and refuses what says that it is something other than XML.
async fn body(http: &HttpRequest, payload: web::Payload) -> Result<web::Bytes, Fault> {
    let invalid = |case: String| Fault::with(FaultCode::InvalidRequest, case);
    let content_type = http.headers().get(header::CONTENT_TYPE).and_then(|value| value.to_str().ok());
    let media_type =
        content_type.unwrap_or("text/xml").split(';').next().unwrap_or_default().trim().to_ascii_lowercase();
    if !matches!(media_type.as_str(), "text/xml" | "application/xml" | "application/soap+xml") {
        let remark = format!("it must be text/xml, found {media_type:?}");
        return Err(Fault::with(FaultCode::MediaTypeNotSupported, remark));
    }
    let limit = Limits::REQUEST.bytes;
    match tokio::time::timeout(BODY, payload.to_bytes_limited(limit)).await {
        Ok(Ok(Ok(bytes))) => Ok(bytes),
        Ok(Ok(Err(error))) => Err(invalid(format!("the request was cut off: {error}"))),
        Ok(Err(_)) => Err(Fault::with(FaultCode::RequestTooLarge, format!("it has more than {limit} bytes"))),
        Err(_) => Err(invalid(format!("the request was not complete after {} seconds", BODY.as_secs()))),
    }
}

async fn understood(http: &HttpRequest, face: &Face, bytes: &[u8], request_id: &str) -> Result<Answered, Failure> {
    let Some(peer) = http.conn_data::<Peer>() else {
        // The listener requires a certificate, so this is a mistake in how it was set up.
        tracing::error!(request_id, "a connection without client certificate reached the exchange listener");
        return Err(Failure { operation: None, fault: Fault::of(FaultCode::Internal) });
    };
    let mut context = Context::new(Utc::now(), request_id, peer.fingerprint, bytes);
    context.remote.clone_from(&peer.address);
    let soap_action = http.headers().get("SOAPAction").and_then(|value| value.to_str().ok());
    let request = match request::read(bytes, soap_action) {
        Ok(request) => request,
        Err(fault) => {
            let recorded = face.exchange.not_understood(&context, fault.code.as_str()).await;
            let fault = recorded.map_or_else(|error| failure(&error, request_id), |()| fault);
            return Err(Failure { operation: None, fault });
        }
    };
    context.headers.clone_from(&request.headers);
    let operation = request.call.operation();
    match answer(face, &context, request).await {
        Ok(body) => Ok(Answered { operation, body }),
        Err(error) => Err(Failure { operation: Some(operation), fault: failure(&error, request_id) }),
    }
}

async fn answer(face: &Face, context: &Context, request: Request) -> Result<String, CallError> {
    let Request { dialect, call, .. } = request;
    let exchange = &face.exchange;
    match call {
        Call::ServiceState(country) => {
            let state = exchange.state(context, country).await?;
            Ok(answer::write_state(dialect, state))
        }
        Call::GetNonFinal(key) => {
            let permit = exchange.fetch(context, &wanted(key), Wanted::NonFinal, dialect.toolkit()).await?;
            certificate(Operation::GetNonFinal, dialect, permit)
        }
        Call::GetFinal(key) => {
            let permit = exchange.fetch(context, &wanted(key), Wanted::Final, dialect.toolkit()).await?;
            certificate(Operation::GetFinal, dialect, permit)
        }
        Call::ConfirmQuantities(key, positions) => {
            exchange.confirm(context, &wanted(key), &positions).await?;
            Ok(answer::write_confirmed(dialect))
        }
    }
}

fn wanted(key: CertificateKey) -> PermitRequest {
    let CertificateKey { number, token, country } = key;
    PermitRequest { number, token, country }
}

fn certificate(operation: Operation, dialect: Dialect, permit: HandedOut) -> Result<String, CallError> {
    answer::write_certificate(operation, dialect, &permit.document, &permit.attachments)
        .map_err(|error| CallError::Document(error.to_string()))
}

/// The fault for a failed call; what only the operator may know goes to the log with its causes.
fn failure(error: &CallError, request_id: &str) -> Fault {
    let fault = problem::fault(error);
    if fault.code == FaultCode::Internal {
        let causes = problem::chain(error);
        tracing::error!(request_id, causes, "a call could not be answered");
    }
    fault
}
