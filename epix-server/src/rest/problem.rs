//! What a refusal looks like in REST: the one table from the service's errors to problem documents (RFC 9457).

use actix_web::HttpResponse;
use actix_web::http::{StatusCode, header};
use epix_core::codes::Language;
use epix_core::report::Report;
use epix_core::soap::{Fact, FaultCode};
use serde_json::{Value, json};

use crate::problem;
use crate::service::{CallError, DeskError, ErrandError, UpstreamError};

/// What a partner says no to, because of the state of the permit.
const PARTNERS_NO: [FaultCode; 10] = [
    FaultCode::NotFinal,
    FaultCode::PermitCancelled,
    FaultCode::PermitReplaced,
    FaultCode::PermitSuspended,
    FaultCode::PermitLost,
    FaultCode::PermitReturned,
    FaultCode::PermitExpired,
    FaultCode::AlreadyConfirmed,
    FaultCode::NotExported,
    FaultCode::NothingToConfirm,
];

/// What a partner says no to, because the quantities do not fit the permit.
const PARTNERS_MISFIT: [FaultCode; 4] =
    [FaultCode::PositionUnknown, FaultCode::PositionIdInvalid, FaultCode::QuantityInvalid, FaultCode::QuantityExceeded];

/// As much as is passed on of what a partner says of its refusal.
const LONGEST_WORDS: usize = 500;

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
        Problem::of(status, told(error), fault.code.sentence(Language::English)).stating(&fault.facts)
    }

    /// What an errand to a partner ended with: what the partner said of the permit has the status that it would have here, what is the
    /// matter with the partner or with the way to it is 502 to 504.
    pub(super) fn of_errand(error: &ErrandError, request_id: &str) -> Problem {
        let status = match error {
            ErrandError::PartyUnknown { .. } => 404,
            ErrandError::NoEndpoint { .. } | ErrandError::Suspended { .. } => 409,
            ErrandError::Closed { .. } => 503,
            ErrandError::InVain { error, may_be_done, .. } => {
                let problem = Problem::of_upstream(error, request_id);
                return if *may_be_done { problem.with("mayBeDone", true) } else { problem };
            }
            ErrandError::Store(_) => return Problem::ours(error, request_id),
        };
        let problem = Problem::of(status, error.outcome(), &error.to_string());
        match error {
            ErrandError::Closed { words: Some(words), .. } => Problem { detail: Some(words.clone()), ..problem },
            _ => problem,
        }
    }

    fn of_upstream(error: &UpstreamError, request_id: &str) -> Problem {
        let fault = problem::upstream_fault(error);
        let status = match (fault.code, error) {
            (FaultCode::Internal, UpstreamError::Fault(_)) => 502,
            (FaultCode::Internal, _) => return Problem::ours(error, request_id),
            (FaultCode::UpstreamTimeout, _) => 504,
            (FaultCode::RateLimited, _) => 503,
            (FaultCode::OperationNotAvailable, _) => 501,
            (FaultCode::CallIdMissing, _) => 400,
            (FaultCode::PermitNotFound, _) => 404,
            (code, UpstreamError::Fault(_)) if PARTNERS_NO.contains(&code) => 409,
            (code, UpstreamError::Fault(_)) if PARTNERS_MISFIT.contains(&code) => 422,
            _ => 502,
        };
        let mut problem = Problem::of(status, error.outcome(), fault.code.sentence(Language::English));
        problem.detail = Some(fault.remark.clone()).filter(|remark| !remark.is_empty());
        let problem = problem.stating(&fault.facts);
        match error {
            UpstreamError::Fault(said) => {
                let code = said.code.as_deref().or(said.meaning().map(FaultCode::as_str));
                let words = said.message.as_deref().unwrap_or(&said.faultstring);
                let words: String = words.chars().take(LONGEST_WORDS).collect();
                problem.with("partnerFault", json!({ "code": code, "blames": said.faultcode, "words": words }))
            }
            _ => problem,
        }
    }

    /// The same facts as in a SOAP fault.
    fn stating(mut self, facts: &[(Fact, String)]) -> Problem {
        self.retry_after = facts.iter().find(|(fact, _)| *fact == Fact::RetryAfter).map(|(_, s)| s.clone());
        let facts: serde_json::Map<String, Value> =
            facts.iter().map(|(fact, value)| (fact.as_str().to_owned(), Value::from(value.as_str()))).collect();
        if facts.is_empty() { self } else { self.with("facts", facts) }
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
