//! What a refusal looks like in REST: the one table from the service's errors to problem documents (RFC 9457).

use std::collections::BTreeMap;

use actix_web::HttpResponse;
use actix_web::http::{StatusCode, header};
use epix_core::codes::Language;
use epix_core::report::Report;
use epix_core::soap::{Fact, FaultCode};
use serde::Serialize;
use utoipa::ToSchema;

use super::told::{self, Finding};
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
    told: Box<Told>,
}

/// A refusal (RFC 9457).
#[derive(Debug, Clone, Default, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = Problem)]
pub(super) struct Told {
    /// A sentence for people.
    title: String,
    status: u16,
    /// The word for programs.
    code: &'static str,
    /// What is special about the case.
    #[serde(skip_serializing_if = "Option::is_none")]
    detail: Option<String>,
    /// Under which the operator finds the call.
    #[serde(skip_serializing_if = "Option::is_none")]
    request_id: Option<String>,
    /// As in the report of `epix validate`.
    #[serde(skip_serializing_if = "Option::is_none")]
    findings: Option<Vec<Finding>>,
    /// As a SOAP fault states them.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    facts: BTreeMap<&'static str, String>,
    /// The scope that the key lacks.
    #[serde(skip_serializing_if = "Option::is_none")]
    scope: Option<&'static str>,
    /// The state that the permit has.
    #[serde(skip_serializing_if = "Option::is_none")]
    state: Option<&'static str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    partner_fault: Option<PartnerFault>,
    /// True where the partner may have taken the quantities, although nobody heard it say so.
    #[serde(skip_serializing_if = "Option::is_none")]
    may_be_done: Option<bool>,
}

/// What a partner says of its refusal.
#[derive(Debug, Clone, Serialize, ToSchema)]
struct PartnerFault {
    /// Its code, where its meaning is known.
    code: Option<String>,
    /// Whom it blames: `Client` or `Server`, mostly.
    blames: String,
    words: String,
}

impl Problem {
    pub(super) fn of(status: u16, code: &'static str, title: &str) -> Problem {
        let told = Told { title: title.to_owned(), status, code, ..Told::default() };
        Problem { status, code, told: Box::new(told) }
    }

    /// What is asked cannot be understood.
    pub(super) fn invalid(detail: impl Into<String>) -> Problem {
        Problem::of(400, "invalid-request", "the request cannot be understood").detailed(detail.into())
    }

    /// What the operator has to look at; the caller learns no more than that.
    pub(super) fn ours(error: &dyn std::error::Error, request_id: &str) -> Problem {
        tracing::error!(request_id, causes = problem::chain(error), "a call could not be answered");
        Problem::of(500, "internal", "the service could not do it; its operator finds the request id in the log")
    }

    /// What is special about the case, where there is anything to say.
    fn detailed(mut self, detail: String) -> Problem {
        self.told.detail = Some(detail).filter(|detail| !detail.is_empty());
        self
    }

    /// The key lacks a scope.
    pub(super) fn lacking(mut self, scope: &'static str) -> Problem {
        self.told.scope = Some(scope);
        self
    }

    /// The same findings as in a report.
    pub(super) fn reporting(mut self, report: &Report) -> Problem {
        self.told.findings = Some(told::findings(&report.findings));
        self
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
        let mut problem = Problem::of(status, error.outcome(), &error.to_string());
        if let DeskError::NotPossible { state, .. } = error {
            problem.told.state = Some(state.word());
        }
        if let DeskError::Rejected(rejected) = error { problem.reporting(&rejected.report) } else { problem }
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
    /// matter with the partner or with the way to it is 501 to 504.
    pub(super) fn of_errand(error: &ErrandError, request_id: &str) -> Problem {
        let status = match error {
            ErrandError::PartyUnknown { .. } => 404,
            ErrandError::NoEndpoint { .. } | ErrandError::Suspended { .. } => 409,
            ErrandError::Closed { .. } => 503,
            ErrandError::InVain { error, may_be_done, .. } => {
                let mut problem = Problem::of_upstream(error, request_id);
                problem.told.may_be_done = may_be_done.then_some(true);
                return problem;
            }
            ErrandError::Store(_) => return Problem::ours(error, request_id),
        };
        let problem = Problem::of(status, error.outcome(), &error.to_string());
        match error {
            ErrandError::Closed { words: Some(words), .. } => problem.detailed(words.clone()),
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
        let problem = Problem::of(status, error.outcome(), fault.code.sentence(Language::English));
        let mut problem = problem.detailed(fault.remark.clone()).stating(&fault.facts);
        if let UpstreamError::Fault(said) = error {
            let code = said.code.as_deref().or(said.meaning().map(FaultCode::as_str)).map(str::to_owned);
            let words = said.message.as_deref().unwrap_or(&said.faultstring).chars().take(LONGEST_WORDS).collect();
            problem.told.partner_fault = Some(PartnerFault { code, blames: said.faultcode.clone(), words });
        }
        problem
    }

    /// The same facts as in a SOAP fault.
    fn stating(mut self, facts: &[(Fact, String)]) -> Problem {
        self.told.facts = facts.iter().map(|(fact, value)| (fact.as_str(), value.clone())).collect();
        self
    }

    /// How it travels.
    pub(super) fn response(&self, request_id: &str) -> HttpResponse {
        let mut told = self.told.clone();
        told.request_id = Some(request_id.to_owned()).filter(|id| !id.is_empty());
        let status = StatusCode::from_u16(self.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
        let mut response = HttpResponse::build(status);
        if self.status == 401 {
            response.insert_header((header::WWW_AUTHENTICATE, "Bearer realm=\"epix\""));
        }
        if let Some(seconds) = told.facts.get(Fact::RetryAfter.as_str()) {
            response.insert_header((header::RETRY_AFTER, seconds.as_str()));
        }
        let body = serde_json::to_string(&told).expect("texts, numbers and maps with text keys always serialise");
        response.content_type("application/problem+json").body(body)
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
