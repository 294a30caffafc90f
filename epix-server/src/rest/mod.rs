//! The REST face, `/rest/v1`: for the authority's own systems and clerks by API key, for partners by certificate.
//!
//! A route is a row of [`routes`]: path, right, words and work; whatever is told about the face is made from these rows.

mod answer;
mod batches;
mod body;
mod call;
mod items;
mod life;
mod once;
mod openapi;
mod page;
mod parties;
mod partners;
mod permits;
mod problem;
mod routes;
mod told;
mod tools;

use std::sync::Arc;
use std::time::{Duration, Instant};

use actix_web::http::header::{self, HeaderValue};
use actix_web::http::{ConnectionType, Method};
use actix_web::{HttpRequest, HttpResponse, web};
use chrono::Utc;

use self::answer::Answer;
use self::call::Call;
pub use self::openapi::description;
use self::problem::Problem;
use self::routes::{ROUTES, Route};
use crate::calls::Calls;
use crate::service::{Exchange, Relay};
use crate::telemetry::Metrics;
use crate::tls::Live;

/// Where the face answers.
pub const BASE: &str = "/rest/v1";

/// The name of what is asked of no route, in log and metrics.
const NO_ROUTE: &str = "no-route";

/// What the face needs to answer.
#[derive(Clone)]
pub struct Face {
    exchange: Arc<Exchange>,
    relay: Arc<Relay>,
    metrics: Metrics,
    calls: Arc<Calls>,
    trust: Arc<Live>,
}

impl Face {
    /// Puts the parts together.
    pub fn new(
        exchange: Arc<Exchange>,
        relay: Arc<Relay>,
        metrics: Metrics,
        calls: Arc<Calls>,
        trust: Arc<Live>,
    ) -> Face {
        Face { exchange, relay, metrics, calls, trust }
    }
}

/// Adds the routes of the face, and the answer to whoever asks for anything else: for a listener of its own.
pub fn alone(config: &mut web::ServiceConfig) {
    config.configure(routes).default_service(web::to(nothing_here));
}

/// Adds the routes of the face to what a listener has besides.
pub fn routes(config: &mut web::ServiceConfig) {
    let mut paths: Vec<&str> = ROUTES.iter().map(|route| route.path).collect();
    paths.dedup();
    for path in paths {
        let mut resource = web::resource(format!("{BASE}{path}"));
        let mut allowed = Vec::new();
        for route in ROUTES.iter().filter(|route| route.path == path) {
            let method = if route.is_unsafe { Method::POST } else { Method::GET };
            allowed.push(if route.is_unsafe { "POST" } else { "GET" });
            let work = move |http, payload, face| serve(route, http, payload, face);
            resource = resource.route(web::method(method).to(work));
        }
        let allowed = allowed.join(", ");
        config.service(resource.default_service(web::to(move |face| wrong_method(face, allowed.clone()))));
    }
}

async fn wrong_method(face: web::Data<Face>, allowed: String) -> HttpResponse {
    let mut response = no_route(&face, &Problem::of(405, "method-not-allowed", "this method does nothing here"));
    let allowed = HeaderValue::from_str(&allowed).expect("names of methods are letters");
    response.headers_mut().insert(header::ALLOW, allowed);
    response
}

async fn nothing_here(face: web::Data<Face>) -> HttpResponse {
    no_route(&face, &Problem::of(404, "nothing-here", "there is nothing under this address"))
}

/// Answers what no route is for. The address may hold anything, so that the log tells only under which id it was answered.
fn no_route(face: &Face, problem: &Problem) -> HttpResponse {
    let request_id = uuid::Uuid::new_v4().to_string();
    face.metrics.count(NO_ROUTE, problem.code, Duration::ZERO);
    tracing::info!(request_id, operation = NO_ROUTE, outcome = problem.code, "call answered");
    problem.response(&request_id)
}

async fn serve(route: &'static Route, http: HttpRequest, payload: web::Payload, face: web::Data<Face>) -> HttpResponse {
    let started = Instant::now();
    let request_id = uuid::Uuid::new_v4().to_string();
    let doing = {
        let (http, face, request_id, under_way) = (http.clone(), face.clone(), request_id.clone(), face.calls.begin());
        // A caller that goes away changes nothing: what was begun is done, and its answer kept for the next try.
        actix_web::rt::spawn(async move {
            let _under_way = under_way;
            understood(route, &http, payload, &face, &request_id).await
        })
    };
    let done = doing.await.unwrap_or_else(|error| Err(Problem::ours(&error, &request_id)));
    let (outcome, response) = match done {
        Ok(answer) => ("ok", answer.response()),
        Err(problem) => (problem.code, problem.response(&request_id)),
    };
    let mut response = answer::packed(&http, response).await;
    if face.calls.is_stopping() {
        response.head_mut().set_connection_type(ConnectionType::Close);
    }
    face.metrics.count(route.name, outcome, started.elapsed());
    let milliseconds = started.elapsed().as_millis();
    tracing::info!(request_id, operation = route.name, outcome, milliseconds, "call answered");
    response
}

async fn understood(
    route: &'static Route,
    http: &HttpRequest,
    payload: web::Payload,
    face: &Face,
    request_id: &str,
) -> Result<Answer, Problem> {
    let body = body::read(http, payload).await?;
    let call = Call::begin(route, http, face, body, request_id, Utc::now()).await?;
    once::made(&call).await
}
