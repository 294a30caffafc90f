//! The operator's face, on a loopback listener: is it alive, is it ready, what has it done.

use std::sync::Arc;

use actix_web::{HttpResponse, web};

use crate::service::Exchange;
use crate::telemetry::Metrics;

/// Adds the routes of the face.
pub fn routes(config: &mut web::ServiceConfig) {
    config
        .route("/healthz", web::get().to(alive))
        .route("/readyz", web::get().to(ready))
        .route("/metrics", web::get().to(metrics));
}

async fn alive() -> HttpResponse {
    HttpResponse::Ok().body("alive\n")
}

async fn ready(exchange: web::Data<Arc<Exchange>>) -> HttpResponse {
    match exchange.store().health().await {
        Ok(()) => HttpResponse::Ok().body("ready\n"),
        Err(error) => {
            HttpResponse::ServiceUnavailable().body(format!("not ready: {}\n", crate::problem::chain(&error)))
        }
    }
}

async fn metrics(metrics: web::Data<Metrics>) -> HttpResponse {
    HttpResponse::Ok().content_type("text/plain; version=0.0.4; charset=utf-8").body(metrics.render())
}
