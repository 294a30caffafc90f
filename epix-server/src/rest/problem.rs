//! What a refusal looks like in REST: the one table from the service's errors to problem documents (RFC 9457).

use actix_web::HttpResponse;
use actix_web::http::{StatusCode, header};
use epix_core::codes::Language;
use epix_core::report::Report;
use epix_core::soap::{Fact, FaultCode};
use serde_json::{Value, json};

use crate::problem;
use crate::service::{CallError, DeskError};

/// A refusal.
#[derive(Debug)]
pub(super) struct Problem {
    pub(super) status: u16,
    /// The word for programs.
    pub(super) code: &'static str,
    title: String,
    detail: Option<String>,
    more: Vec<(&'static str, Value)>,
    retry_after: Option<String>,
}

impl Problem {
    pub(super) fn of(status: u16, code: &'static str, title: &str) -> Problem {
        Problem { status, code, title: title.to_owned(), detail: None, more: Vec::new(), retry_after: None }
    }

    /// What is asked cannot be understood.
    pub(super) fn invalid(detail: impl Into<String>) -> Problem {
        Problem {
            detail: Some(detail.into()),
            ..Problem::of(400, "invalid-request", "the request cannot be understood")
        }
    }

    /// What the operator has to look at; the caller learns no more than that.
    pub(super) fn ours(error: &dyn std::error::Error, request_id: &str) -> Problem {
        tracing::error!(request_id, causes = problem::chain(error), "a call could not be answered");
        Problem::of(500, "internal", "the service could not do it; its operator finds the request id in the log")
    }

    pub(super) fn with(mut self, name: &'static str, value: impl Into<Value>) -> Problem {
        self.more.push((name, value.into()));
        self
    }

    /// The same findings as in a report.
    pub(super) fn reporting(self, report: &Report) -> Problem {
        let findings = serde_json::to_value(&report.findings).unwrap_or_default();
        self.with("findings", findings)
    }

    /// What an authority's own work was refused with.
    pub(super) fn of_desk(error: &DeskError, request_id: &str) -> Problem {
        let status = match error {
            DeskError::PermitUnknown { .. } => 404,
            DeskError::NotPossible { .. } | DeskError::Different(_) | DeskError::SameBytes => 409,
            DeskError::PlaceTakerEnded { .. } | DeskError::NothingToVoid | DeskError::ArrivalsStand => 409,
            DeskError::Changed => 412,
            DeskError::TooMuchAttached { .. } => 413,
            DeskError::Rejected(_) | DeskError::IssuedElsewhere { .. } | DeskError::OtherNumber { .. } => 422,
            DeskError::NoReason | DeskError::OwnPlace => 422,
            DeskError::Damaged { .. } | DeskError::NotLookedAt(_) | DeskError::Unsigned(_) | DeskError::Store(_) => {
                return Problem::ours(error, request_id);
            }
        };
        let problem = Problem::of(status, error.outcome(), &error.to_string());
        match error {
            DeskError::Rejected(rejected) => problem.reporting(&rejected.report),
            DeskError::NotPossible { state, .. } => problem.with("state", state.word()),
            _ => problem,
        }
    }

    /// What a call was refused with: the words and facts are those of the SOAP fault.
    pub(super) fn of_call(error: &CallError, request_id: &str) -> Problem {
        let fault = problem::fault(error);
        let status = match fault.code {
            FaultCode::Internal => return Problem::ours(error, request_id),
            FaultCode::CallerNotFound | FaultCode::CertificateMissing => 401,
            FaultCode::AdapterNotAvailable => 403,
            FaultCode::CalleeNotFound | FaultCode::PermitNotFound => 404,
            FaultCode::RateLimited => 429,
            FaultCode::RequestTooLarge => 413,
            FaultCode::MediaTypeNotSupported => 415,
            FaultCode::VersionNotSupported => 406,
            FaultCode::InvalidRequest | FaultCode::CallIdMissing => 400,
            FaultCode::PositionUnknown | FaultCode::PositionIdInvalid | FaultCode::QuantityExceeded => 422,
            FaultCode::UpstreamHttp | FaultCode::UpstreamTls | FaultCode::UpstreamUnreachable => 502,
            FaultCode::UpstreamTimeout => 504,
            _ => 409,
        };
        let mut problem = Problem::of(status, told(error), fault.code.sentence(Language::English));
        problem.retry_after = fault.facts.iter().find(|(fact, _)| *fact == Fact::RetryAfter).map(|(_, s)| s.clone());
        let facts: serde_json::Map<String, Value> =
            fault.facts.iter().map(|(fact, value)| (fact.as_str().to_owned(), Value::from(value.as_str()))).collect();
        if facts.is_empty() { problem } else { problem.with("facts", facts) }
    }

    /// How it travels.
    pub(super) fn response(&self, request_id: &str) -> HttpResponse {
        let mut body = json!({ "title": self.title, "status": self.status, "code": self.code });
        if let Some(detail) = &self.detail {
            body["detail"] = detail.as_str().into();
        }
        if !request_id.is_empty() {
            body["requestId"] = request_id.into();
        }
        for (name, value) in &self.more {
            body[*name] = value.clone();
        }
        let status = StatusCode::from_u16(self.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
        let mut response = HttpResponse::build(status);
        if self.status == 401 {
            response.insert_header((header::WWW_AUTHENTICATE, "Bearer realm=\"epix\""));
        }
        if let Some(seconds) = &self.retry_after {
            response.insert_header((header::RETRY_AFTER, seconds.as_str()));
        }
        response.content_type("application/problem+json").body(body.to_string())
    }
}

/// The word for programs: what the audit tells apart and a caller must not is one word here.
fn told(error: &CallError) -> &'static str {
    match error {
        CallError::NotTheirs => CallError::PermitUnknown.outcome(),
        CallError::CertificateRevoked | CallError::CertificateOutOfTerm => CallError::CallerUnknown.outcome(),
        error => error.outcome(),
    }
}
