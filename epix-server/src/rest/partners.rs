//! Exchange with a partner for the authority's own systems: its state, its permits, and what arrived of them.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD as BASE64;
use epix_core::convert::{Target, convert};
use epix_core::id::{CallId, PartyId, Sha256Digest};
use epix_core::receive::Signature;
use epix_core::soap::{Attachment, Call as Message, CertificateKey};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use utoipa::ToSchema;

use super::answer::Answer;
use super::call::Call;
use super::life::{QuantitiesTaken, positions};
use super::permits::{Which, form, media_type, named};
use super::problem::Problem;
use super::told::{self, Finding, Report};
use crate::service::{Brought, Demand, Done, PermitRequest};

/// What a partner says of itself.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct PartnerState {
    party: String,
    /// Its own word, `OK` where it said none.
    state: String,
}

/// Asks a partner for its state.
pub(super) async fn state(call: &Call<'_>) -> Result<Answer, Problem> {
    let asked = ask(call, Message::ServiceState(None), None, Demand::AsRegistered).await?;
    let Done::State(word) = asked else { return Err(beside_the_point()) };
    Ok(Answer::json(&PartnerState { party: call.segment("party")?, state: word }))
}

/// In which way a document is asked for.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
struct Way {
    form: Option<String>,
    document: Option<Which>,
}

/// Fetches a document from a partner, and hands it out in the form that is asked for.
pub(super) async fn document(call: &Call<'_>) -> Result<Answer, Problem> {
    let way: Way = call.query()?;
    let target = form(call, way.form.as_deref())?;
    let brought = fetched(call, way.document, Demand::AsRegistered).await?;
    let told = |answer: Answer| {
        let answer = answer.header("epix-accepted", if brought.is_accepted { "true" } else { "false" });
        answer.header("epix-signature", verdict(&brought.signature))
    };
    let tag = tag(&brought, target);
    if call.has(&tag) {
        return Ok(told(Answer::not_modified(&tag)));
    }
    let (bytes, losses) = match target.filter(|target| target.version != brought.version) {
        None => (brought.document.clone(), Vec::new()),
        Some(target) => {
            let converted = convert(&brought.permit, target);
            let losses = converted.losses.iter().map(|loss| named(loss.form_box, &loss.path)).collect();
            (converted.document, losses)
        }
    };
    let answer = told(Answer::bytes(media_type(bytes.as_bytes()), bytes.into_bytes()).tagged(&tag));
    Ok(if losses.is_empty() { answer } else { answer.header("epix-losses", &losses.join(" ")) })
}

fn tag(brought: &Brought, target: Option<&Target>) -> String {
    format!("\"{}-{}\"", Sha256Digest::of(brought.document.as_bytes()), target.map_or("kept", |target| target.name))
}

/// Fetches a document from a partner, and tells all that came and what there is to say of it; it refuses nothing.
pub(super) async fn report(call: &Call<'_>) -> Result<Answer, Problem> {
    let way: Way = call.query()?;
    if way.form.is_some() {
        return Err(Problem::invalid("form is asked for with the permit itself"));
    }
    let brought = fetched(call, way.document, Demand::Reported).await?;
    let verdict_of = brought.signature.verdict.as_ref();
    let seal = verdict_of.and_then(|verdict| verdict.seal.as_ref()).map(told::of_row).transpose();
    Ok(Answer::json(&InspectedPermit {
        party: call.segment("party")?,
        number: call.number()?.raw().to_owned(),
        accepted: brought.is_accepted,
        report: Report::from(&brought.report),
        signature: SignatureVerdict {
            verdict: verdict(&brought.signature),
            findings: told::findings(verdict_of.iter().flat_map(|verdict| &verdict.findings)),
            seal: seal.map_err(|error| Problem::ours(&error, call.request_id))?,
        },
        document: FetchedDocument {
            toolkit: brought.version.to_string(),
            digest: Sha256Digest::of(brought.document.as_bytes()).to_string(),
            content: brought.document.clone(),
        },
        attachments: brought.attachments.iter().map(attached).collect(),
    }))
}

/// All that came from a partner, and what there is to say of it.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct InspectedPermit {
    party: String,
    number: String,
    /// Whether it would be accepted here, by the policy for the partner.
    accepted: bool,
    report: Report,
    signature: SignatureVerdict,
    document: FetchedDocument,
    attachments: Vec<FetchedFile>,
}

#[derive(Debug, Serialize, ToSchema)]
struct SignatureVerdict {
    /// trusted, refused, not-looked-at or none.
    verdict: &'static str,
    findings: Vec<Finding>,
    /// Who signed, how and when; null where that could not be read.
    seal: Option<serde_json::Map<String, Value>>,
}

#[derive(Debug, Serialize, ToSchema)]
struct FetchedDocument {
    /// The toolkit version that it is written in.
    toolkit: String,
    /// SHA-256 of its bytes.
    digest: String,
    /// As it came.
    content: String,
}

#[derive(Debug, Serialize, ToSchema)]
struct FetchedFile {
    name: String,
    /// In bytes.
    size: usize,
    /// SHA-256 of its bytes.
    digest: String,
    /// Its bytes in base64.
    content: String,
}

fn attached(Attachment { name, content }: &Attachment) -> FetchedFile {
    let digest = Sha256Digest::of(content).to_string();
    FetchedFile { name: name.clone(), size: content.len(), digest, content: BASE64.encode(content) }
}

/// What there is to say of a signature, in a word.
fn verdict(signature: &Signature) -> &'static str {
    match (&signature.verdict, &signature.bytes) {
        (Some(verdict), _) if verdict.is_trusted() => "trusted",
        (Some(_), _) => "refused",
        (None, Some(_)) => "not-looked-at",
        (None, None) => "none",
    }
}

/// Tells a partner what arrived.
pub(super) async fn confirm(call: &Call<'_>) -> Result<Answer, Problem> {
    let (positions, id, number) = (positions(call)?, call.call_id()?, call.number()?);
    let message = Message::ConfirmQuantities(key(call)?, positions);
    let asked = ask(call, message, id.as_ref(), Demand::AsRegistered).await?;
    let Done::Confirmed = asked else { return Err(beside_the_point()) };
    Ok(Answer::json(&QuantitiesTaken { number: number.raw().to_owned(), confirmed: true }))
}

async fn fetched(call: &Call<'_>, which: Option<Which>, demand: Demand) -> Result<Box<Brought>, Problem> {
    let message = match which {
        Some(Which::Final) => Message::GetFinal(key(call)?),
        Some(Which::Issued) | None => Message::GetNonFinal(key(call)?),
    };
    match ask(call, message, None, demand).await? {
        Done::Permit(brought) => Ok(brought),
        _ => Err(beside_the_point()),
    }
}

/// The permit in the address; its country is that of the partner.
fn key(call: &Call<'_>) -> Result<CertificateKey, Problem> {
    let PermitRequest { number, token, .. } = call.request(None)?;
    Ok(CertificateKey { number, token, country: None })
}

async fn ask(call: &Call<'_>, message: Message, id: Option<&CallId>, demand: Demand) -> Result<Done, Problem> {
    let party = PartyId::parse(&call.segment("party")?).map_err(|error| Problem::invalid(error.to_string()))?;
    let ended = call.face.relay.run(&call.deed()?, &party, message, id, demand).await;
    ended.map_err(|error| Problem::of_errand(&error, call.request_id))
}

fn beside_the_point() -> Problem {
    Problem::of(502, "upstream-no-answer", "the partner answered something else than what it was asked")
}
