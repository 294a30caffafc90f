//! The face for events: `GET /epix/events?after=CURSOR` lists what the caller is told of permits that concern it.

use std::sync::Arc;
use std::time::Instant;

use actix_web::http::{ConnectionType, StatusCode};
use actix_web::{HttpRequest, HttpResponse, web};
use chrono::Utc;
use epix_core::id::Country;
use epix_core::soap::FaultCode;
use serde::Deserialize;
use tracing::Instrument as _;

use crate::calls::Calls;
use crate::service::{CallError, Context, Exchange, LIST_EVENTS, Page};
use crate::telemetry::Metrics;
use crate::tls;
use crate::{problem, proxy};

/// Where the face answers.
pub const PATH: &str = "/epix/events";

/// The most events of one answer.
const MOST: usize = 500;

/// What the face needs to answer.
#[derive(Clone)]
pub struct Face {
    exchange: Arc<Exchange>,
    metrics: Metrics,
    calls: Arc<Calls>,
    trust: Arc<tls::Live>,
}

impl Face {
    /// Puts the parts together.
    pub fn new(exchange: Arc<Exchange>, metrics: Metrics, calls: Arc<Calls>, trust: Arc<tls::Live>) -> Face {
        Face { exchange, metrics, calls, trust }
    }
}

/// Adds the routes of the face.
pub fn routes(config: &mut web::ServiceConfig) {
    config.route(PATH, web::get().to(list));
}

/// What may be asked; anything else is refused.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Question {
    /// The cursor of the last answer; 0 from the beginning.
    #[serde(default)]
    after: u64,
    /// At most so many.
    limit: Option<usize>,
    /// Whose permits; needed where several countries are kept.
    country: Option<Country>,
}

async fn list(http: HttpRequest, face: web::Data<Face>) -> HttpResponse {
    let _under_way = face.calls.begin();
    let started = Instant::now();
    let request_id = uuid::Uuid::new_v4().to_string();
    let span = tracing::error_span!("call", request_id);
    let (outcome, mut response) = match answer(&http, &face, &request_id).instrument(span.clone()).await {
        Ok(page) => ("ok", HttpResponse::Ok().json(page)),
        Err((code, response)) => (code.as_str(), response),
    };
    if face.calls.is_stopping() {
        response.head_mut().set_connection_type(ConnectionType::Close);
    }
    face.metrics.count(LIST_EVENTS, outcome, started.elapsed());
    let _inside = span.enter();
    tracing::info!(operation = LIST_EVENTS, outcome, "call answered");
    response
}

async fn answer(http: &HttpRequest, face: &Face, request_id: &str) -> Result<Page, (FaultCode, HttpResponse)> {
    let peer = proxy::peer_of(http).map_err(|reason| {
        tracing::warn!(%reason, "a request without a caller");
        refusal(FaultCode::CertificateMissing, request_id, None)
    })?;
    let mut context = Context::new(Utc::now(), request_id, peer.fingerprint, http.query_string().as_bytes());
    context.remote.clone_from(&peer.address);
    context.is_revoked = face.trust.is_revoked(&peer.serials);
    let question = match web::Query::<Question>::from_query(http.query_string()) {
        Ok(question) => question.into_inner(),
        Err(error) => {
            let recorded = face.exchange.not_understood(&context, FaultCode::InvalidRequest.as_str()).await;
            return Err(match recorded {
                Ok(()) => refusal(FaultCode::InvalidRequest, request_id, Some(error.to_string())),
                Err(failure) => refused(&failure, request_id),
            });
        }
    };
    let limit = question.limit.unwrap_or(MOST).clamp(1, MOST);
    let page = face.exchange.notices(&context, question.country, question.after, limit).await;
    page.map_err(|error| refused(&error, request_id))
}

fn refused(error: &CallError, request_id: &str) -> (FaultCode, HttpResponse) {
    let fault = problem::fault(error);
    if fault.code == FaultCode::Internal {
        tracing::error!(causes = problem::chain(error), "a call could not be answered");
    }
    refusal(fault.code, request_id, None)
}

/// A problem document (RFC 9457) with the code of the SOAP faults.
fn refusal(code: FaultCode, request_id: &str, detail: Option<String>) -> (FaultCode, HttpResponse) {
    let status = match code {
        FaultCode::CallerNotFound | FaultCode::AdapterNotAvailable | FaultCode::CertificateMissing => {
            StatusCode::FORBIDDEN
        }
        FaultCode::CalleeNotFound => StatusCode::NOT_FOUND,
        FaultCode::InvalidRequest => StatusCode::BAD_REQUEST,
        FaultCode::RateLimited => StatusCode::TOO_MANY_REQUESTS,
        _ => StatusCode::INTERNAL_SERVER_ERROR,
    };
    let title = code.sentence(epix_core::codes::Language::English);
    let mut body = serde_json::json!({
        "title": title, "status": status.as_u16(), "code": code.as_str(), "requestId": request_id,
    });
    if let Some(detail) = detail {
        body["detail"] = detail.into();
    }
    (code, HttpResponse::build(status).content_type("application/problem+json").body(body.to_string()))
}
