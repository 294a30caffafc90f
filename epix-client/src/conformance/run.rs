//! How do the cases go, one after the other?

use std::collections::{BTreeMap, BTreeSet};

use epix_core::id::{Country, PermitNumber, Token};
use epix_core::permit::Permit;
use epix_core::receive;
use epix_core::soap::answer::PartnerFault;
use epix_core::soap::{Call, CertificateKey, Dialect, request};
use serde::Serialize;

use super::ask::{Asked, message};
use super::case::{Caller, Case, Input, Quantities, Step};
use super::judge::{Beside, Came, judge};
use crate::partner::Endpoint;
use crate::transport::http::HttpTransport;
use crate::transport::{Outgoing, Transport as _};

/// More of a message helps nobody.
const SHOWN: usize = 2_000;

/// What the cases are given.
pub struct Inputs {
    /// Which service.
    pub endpoint: Endpoint,
    /// In which dialect it is asked where a case does not say.
    pub dialect: Dialect,
    /// The country whose permits it keeps.
    pub country: Country,
    /// The numbers of permits.
    pub numbers: BTreeMap<Input, PermitNumber>,
    /// The countries behind it.
    pub countries: BTreeMap<Input, Country>,
    /// The token of the permit that has one.
    pub token: Option<Token>,
    /// With which certificates it is called.
    pub callers: Callers,
}

/// A road for each certificate.
pub struct Callers {
    /// The registered one.
    pub own: HttpTransport,
    /// One that is registered for the same organisation.
    pub new: Option<HttpTransport>,
    /// One of a Party that the permits do not concern.
    pub other: Option<HttpTransport>,
    /// One that is registered for nobody.
    pub unregistered: Option<HttpTransport>,
}

/// How a case ended.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Outcome {
    /// As it must.
    Passed,
    /// Otherwise; the reason.
    Failed(String),
    /// Not asked; what was missing.
    Skipped(String),
}

/// A case, what was sent and what came.
#[derive(Debug, Clone, Serialize)]
pub struct CaseResult {
    /// Its id.
    pub id: String,
    /// What a service does that passes it.
    pub title: String,
    /// What it rests on.
    pub rests_on: String,
    /// How it ended.
    pub outcome: Outcome,
    /// Its steps, as far as they were asked.
    pub steps: Vec<StepResult>,
}

/// One message and what came back, without tokens.
#[derive(Debug, Clone, Serialize)]
pub struct StepResult {
    /// The message.
    pub sent: String,
    /// HTTP status and message, or why there is none.
    pub came: String,
}

impl Inputs {
    pub(super) fn number(&self, input: Input) -> Option<PermitNumber> {
        self.numbers.get(&input).cloned()
    }

    fn has(&self, input: Input) -> bool {
        match input {
            Input::Token => self.token.is_some(),
            Input::NewCert => self.callers.new.is_some(),
            Input::OtherCert => self.callers.other.is_some(),
            Input::UnregisteredCert => self.callers.unregistered.is_some(),
            Input::Country | Input::Unknown | Input::Wrong => true,
            _ => self.numbers.contains_key(&input) || self.countries.contains_key(&input),
        }
    }

    fn road(&self, caller: Caller) -> &HttpTransport {
        let Callers { own, new, other, unregistered } = &self.callers;
        let road = match caller {
            Caller::Own => None,
            Caller::New => new.as_ref(),
            Caller::Other => other.as_ref(),
            Caller::Unregistered => unregistered.as_ref(),
        };
        road.unwrap_or(own)
    }

    /// A text without the token.
    fn blank(&self, text: &str) -> String {
        let shown: String = match &self.token {
            Some(token) => text.replace(token.reveal(), "***"),
            None => text.to_owned(),
        };
        let mut short: String = shown.chars().take(SHOWN).collect();
        if short.len() < shown.len() {
            short.push('…');
        }
        short
    }
}

/// Runs one case.
pub async fn run(case: &Case, inputs: &Inputs) -> CaseResult {
    let missing: BTreeSet<&str> =
        case.needs().into_iter().filter(|input| !inputs.has(*input)).map(Input::option).collect();
    let mut steps = Vec::new();
    let outcome = if missing.is_empty() {
        match ask_all(case, inputs, &mut steps).await {
            Ok(()) => Outcome::Passed,
            Err(reason) => Outcome::Failed(reason),
        }
    } else {
        let missing: Vec<&str> = missing.into_iter().collect();
        Outcome::Skipped(format!("needs {}", missing.join(", ")))
    };
    let (id, title, rests_on) = (case.id.clone(), case.title.clone(), case.rests_on.clone());
    CaseResult { id, title, rests_on, outcome, steps }
}

async fn ask_all(case: &Case, inputs: &Inputs, told: &mut Vec<StepResult>) -> Result<(), String> {
    let mut before: Option<PartnerFault> = None;
    for step in &case.steps {
        let issued = issued(step, inputs).await?;
        let dialect = step.dialect.unwrap_or(inputs.dialect);
        let Asked { body, soap_action, headers } = message(step, inputs, dialect, issued.as_ref());
        let url = inputs.endpoint.as_str();
        let outgoing = Outgoing { url, soap_action: &soap_action, body: &body, headers: &headers };
        let came = inputs.road(step.caller).send(outgoing).await;
        told.push(StepResult { sent: inputs.blank(&body), came: inputs.blank(&told_of(&came)) });
        let number = step.number.and_then(|input| inputs.number(input));
        let beside = Beside { dialect, number: number.as_ref(), issued: issued.as_ref(), before: before.as_ref() };
        before = judge(step, &came, &beside).map_err(|reason| format!("step {}: {reason}", told.len()))?;
    }
    Ok(())
}

fn told_of(came: &Came) -> String {
    match came {
        Ok(reply) => format!("HTTP {}: {}", reply.status, String::from_utf8_lossy(&reply.body)),
        Err(error) => error.to_string(),
    }
}

/// The permit as issued, where a step makes quantities from it.
async fn issued(step: &Step, inputs: &Inputs) -> Result<Option<Permit>, String> {
    let made_from_it = |quantities| matches!(quantities, Quantities::Decimal | Quantities::Other | Quantities::Over);
    let wanted = [step.quantities, step.certified].into_iter().flatten().any(made_from_it);
    let Some(number) = step.number.filter(|_| wanted).and_then(|input| inputs.number(input)) else { return Ok(None) };
    let key = CertificateKey { number, token: None, country: Some(inputs.country) };
    let (body, soap_action) = request::write(&Call::GetNonFinal(key), inputs.dialect);
    let outgoing = Outgoing { url: inputs.endpoint.as_str(), soap_action: &soap_action, body: &body, headers: &[] };
    let reply =
        inputs.callers.own.send(outgoing).await.map_err(|error| format!("the permit is not to be had: {error}"))?;
    let (reading, _) = receive::inspect(&reply.body);
    let reading = reading.ok_or("the permit is not to be had: there is none in the answer")?;
    Ok(Some(reading.permit))
}
