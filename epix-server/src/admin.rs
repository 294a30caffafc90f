//! The operator's face, on a loopback listener: is it alive, is it ready, what has it done.

use std::fmt::Write as _;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use actix_web::{HttpResponse, web};
use chrono::{DateTime, TimeDelta, Utc};

use crate::calls::Calls;
use crate::expiry::Dated;
use crate::problem::chain;
use crate::service::Exchange;
use crate::telemetry::Metrics;

/// How long before its end a file is warned of: a month, as certificate authorities remind their customers.
const WARNING: TimeDelta = TimeDelta::days(30);

/// What the face needs to answer.
#[derive(Clone)]
pub struct Face {
    /// The service whose store is asked.
    pub exchange: Arc<Exchange>,
    /// What is counted.
    pub metrics: Metrics,
    /// The calls under way.
    pub calls: Arc<Calls>,
    /// The files that hold for a time.
    pub dated: Vec<Dated>,
    /// True as long as files that have changed cannot be used.
    pub failing: Arc<AtomicBool>,
}

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

/// What an operator has to know: what keeps the server from its work, and what soon will.
#[derive(Debug, Default)]
struct State {
    obstacles: Vec<String>,
    warnings: Vec<String>,
}

async fn ready(face: web::Data<Face>) -> HttpResponse {
    let mut state = State::default();
    if let Err(error) = face.exchange.store().health().await {
        state.obstacles.push(format!("the store cannot read and write: {}", chain(&error)));
    }
    if face.calls.is_stopping() {
        state.obstacles.push("the server is stopping".to_owned());
    }
    if face.failing.load(Ordering::Relaxed) {
        state
            .warnings
            .push("files that have changed cannot be used, the log says why; what was read before stands".into());
    }
    face.dated.iter().for_each(|file| state.look_at(file, Utc::now()));
    let mut response = if state.obstacles.is_empty() { HttpResponse::Ok() } else { HttpResponse::ServiceUnavailable() };
    response.content_type("text/plain; charset=utf-8").body(state.text())
}

impl State {
    fn look_at(&mut self, file: &Dated, now: DateTime<Utc>) {
        let (setting, path) = (file.setting, file.path.display());
        let told = match file.ends() {
            Err(reason) => format!("{setting} {path} cannot be used: {reason}"),
            Ok(Some(end)) if end <= now => format!("{setting} {path} ended on {end}"),
            Ok(Some(end)) if end <= now + WARNING => {
                let days = (end - now).num_days();
                return self.warnings.push(format!("{setting} {path} ends in {days} days, on {end}"));
            }
            Ok(_) => return,
        };
        if file.is_essential() { self.obstacles.push(told) } else { self.warnings.push(told) }
    }

    fn text(&self) -> String {
        let mut text = if self.obstacles.is_empty() { "ready\n".to_owned() } else { "not ready\n".to_owned() };
        for (word, lines) in [("missing", &self.obstacles), ("warning", &self.warnings)] {
            for line in lines {
                writeln!(text, "{word}: {line}").expect("a text takes what is written to it");
            }
        }
        text
    }
}

async fn metrics(face: web::Data<Face>) -> HttpResponse {
    let now = Utc::now();
    for file in &face.dated {
        // One that cannot be read has ended for everybody who asks how long it holds.
        let end = file.ends().unwrap_or(Some(now));
        if let Some(end) = end {
            face.metrics.expires(file.setting, &file.path.display().to_string(), (end - now).num_seconds());
        }
    }
    face.metrics.under_way(face.calls.count());
    HttpResponse::Ok().content_type("text/plain; version=0.0.4; charset=utf-8").body(face.metrics.render())
}
