//! `epix-server parties check`: can a partner be called, and if not, what is in the way and who must act?

use chrono::Utc;
use epix_client::{CallError, TransportError};
use epix_core::id::PartyId;
use epix_core::soap::Answer;

use super::{CommandError, Office, Outcome};
use crate::problem::chain;
use crate::service::{Roads, Unanswered};
use crate::store::{Authority, EndpointEntry, Party};

pub(super) async fn run(office: &Office, authority: &Authority, only: Option<&str>) -> Result<Outcome, CommandError> {
    let only = only.map(PartyId::parse).transpose().map_err(|error| CommandError::Usage(error.to_string()))?;
    let mut parties = office.store.parties(&authority.id).await?;
    parties.retain(|party| only.as_ref().is_none_or(|id| party.id == *id) && party.terms.endpoint.is_some());
    if parties.is_empty() {
        say!("no such party of {} has an endpoint", authority.id);
        return Ok(Outcome::Refused);
    }
    let exchange = &office.config.exchange;
    let roads = Roads::new(exchange.certificate.clone(), exchange.key.clone());
    let mut outcome = Outcome::Done;
    for party in &parties {
        let Some(endpoint) = &party.terms.endpoint else { continue };
        if !check(&roads, party, endpoint).await {
            outcome = Outcome::Refused;
        }
    }
    Ok(outcome)
}

/// Calls one party and tells what came of it; true when all is well.
async fn check(roads: &Roads, party: &Party, endpoint: &EndpointEntry) -> bool {
    say!("{} at {}", party.id, endpoint.url);
    if !party.terms.availability.is_open(Utc::now()) {
        say!("  by the register it does not answer now");
    }
    let (place, words, is_well) = match roads.state(endpoint, party.country).await {
        Ok(Answer::State(word)) => ("all is well", format!("the partner says {word}"), true),
        Ok(Answer::Fault(fault)) => {
            let code = fault.code.clone().unwrap_or_else(|| fault.faultstring.clone());
            (place_of_fault(&code), format!("the partner answers with the fault {code}"), false)
        }
        Ok(_) => ("dialect", "the partner answers something else than its state".to_owned(), false),
        Err(error) => (place_of(&error), chain(&error), false),
    };
    say!("  {place}: {words}");
    is_well
}

/// Where a fault points to.
fn place_of_fault(code: &str) -> &'static str {
    match code {
        "CallerNotFound" | "CertificateMissing" => "our certificate is not registered there",
        "AdapterNotAvailable" => "our rights there",
        "CalleeNotFound" => "its country there",
        "VersionNotSupported" | "VersionMismatch" => "dialect or toolkit version",
        "InvalidRequest" | "Invalid Request" | "OperationMismatch" => "dialect",
        _ => "the service behind it",
    }
}

/// How far the call came.
fn place_of(error: &Unanswered) -> &'static str {
    let transport = match error {
        Unanswered::Road(_) => return "our register or files",
        Unanswered::Call(CallError::Transport(transport)) => transport,
        Unanswered::Call(CallError::Unaskable(_)) => return "its profile",
        Unanswered::Call(_) => return "address or dialect",
    };
    match transport {
        TransportError::UnknownHost { .. } => "name (DNS)",
        TransportError::Refused { .. } | TransportError::Unreachable { .. } | TransportError::ConnectTimeout { .. } => {
            "network (TCP)"
        }
        TransportError::NotTls { .. } | TransportError::Tls { .. } => "TLS",
        TransportError::PartnerCertificate { .. } => "its certificate",
        TransportError::OurCertificate { .. } => "our certificate",
        _ => "the service behind it",
    }
}
