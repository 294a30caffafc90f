//! Permits: stored, listed, handed out in the form that is asked for, with what travels with them.

use chrono::{DateTime, NaiveDate, Utc};
use epix_core::convert::{Target, convert_accepted};
use epix_core::id::{Country, PermitNumber, Sha256Digest};
use epix_core::receive::receive_again;
use epix_core::report::Severity;
use epix_core::sign::ATTACHMENT as SIGNATURE;
use epix_core::version::ToolkitVersion;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::BASE;
use super::answer::Answer;
use super::body;
use super::call::{Call, Caller};
use super::problem::Problem;
use super::told::{self, Finding};
use crate::service::{Carries, Filter, Row, State, Submission, Wanted};

/// A piece of an address.
pub(super) fn escaped(text: &str) -> String {
    percent_encoding::utf8_percent_encode(text, percent_encoding::NON_ALPHANUMERIC).to_string()
}

/// The address of a permit.
pub(super) fn address(number: &PermitNumber) -> String {
    format!("{BASE}/permits/{}", escaped(number.raw()))
}

/// A permit that is stored.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct StoredPermit {
    number: String,
    outcome: Outcome,
    /// SHA-256 of what is kept.
    digest: String,
    warnings: usize,
    notes: usize,
    findings: Vec<Finding>,
}

/// Whether it is new, or the same bytes were kept already.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "lowercase")]
enum Outcome {
    Stored,
    Unchanged,
}

/// Stores a permit.
pub(super) async fn store(call: &Call<'_>) -> Result<Answer, Problem> {
    let submission = submission(call).await?;
    let stored = call.desk().store(&call.deed()?, submission, "submit").await.map_err(|error| call.refused(&error))?;
    let of = |severity| stored.report.findings.iter().filter(|finding| finding.severity == severity).count();
    let answer = Answer::json(&StoredPermit {
        number: stored.number.raw().to_owned(),
        outcome: if stored.is_new() { Outcome::Stored } else { Outcome::Unchanged },
        digest: stored.digest.to_string(),
        warnings: of(Severity::Warning),
        notes: of(Severity::Note),
        findings: told::findings(&stored.report.findings),
    });
    Ok(if stored.is_new() { answer.created(&address(&stored.number)) } else { answer })
}

/// What came: a document alone, or in parts.
pub(super) async fn submission(call: &Call<'_>) -> Result<Submission, Problem> {
    let mut submission = Submission::default();
    let Some(parts) = body::parts(call.http, &call.body).await? else {
        submission.bytes = call.body.to_vec();
        return Ok(submission);
    };
    for part in parts {
        match part.name.as_str() {
            "permit" => submission.bytes = part.content,
            "signature" => submission.signature = Some(part.content),
            "attachment" => {
                let name = part.file.filter(|name| !name.is_empty() && name != SIGNATURE);
                let name = name.ok_or_else(|| Problem::invalid("each attachment needs a file name of its own"))?;
                submission.attach(name, part.content);
            }
            other => return Err(Problem::invalid(format!("parts are permit, signature and attachment, not {other}"))),
        }
    }
    Ok(submission)
}

/// What a list may be asked for.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
struct Asked {
    country: Option<Country>,
    number: Option<String>,
    state: Option<State>,
    species: Option<String>,
    party: Option<String>,
    q: Option<String>,
    issued_from: Option<NaiveDate>,
    issued_until: Option<NaiveDate>,
    valid_from: Option<NaiveDate>,
    valid_until: Option<NaiveDate>,
    after: Option<String>,
    limit: Option<usize>,
}

/// The most permits of one page, and the usual number.
const MOST: usize = 500;
const USUAL: usize = 50;

/// Lists permits.
pub(super) async fn list(call: &Call<'_>) -> Result<Answer, Problem> {
    let asked: Asked = call.query()?;
    let wrong = |what: &str, error: epix_core::id::IdError| Problem::invalid(format!("{what}: {error}"));
    let after = asked.after.as_deref().map(PermitNumber::parse).transpose().map_err(|error| wrong("after", error))?;
    if let Some(number) = &asked.number {
        PermitNumber::parse(number).map_err(|error| wrong("number", error))?;
    }
    let limit = asked.limit.unwrap_or(USUAL);
    if !(1..=MOST).contains(&limit) {
        return Err(Problem::invalid(format!("limit must be 1 to {MOST}")));
    }
    let filter = Filter {
        country: asked.country,
        number: asked.number,
        state: asked.state,
        species: asked.species,
        party: asked.party,
        text: asked.q,
        issued_from: asked.issued_from,
        issued_until: asked.issued_until,
        valid_from: asked.valid_from,
        valid_until: asked.valid_until,
    };
    let (deed, desk) = (call.deed()?, call.desk());
    let hits = desk.look_up(deed.authority, &filter, after, limit, call.context.at).await;
    let hits = hits.map_err(|error| call.refused(&error))?;
    desk.write_down(&deed, "list", "ok").await.map_err(|error| call.refused(&error))?;
    let permits = hits.rows.iter().map(|row| listed(row, call)).collect();
    Ok(Answer::json(&PermitPage { permits, next: hits.next.map(|number| number.normalised().to_owned()) }))
}

fn listed(Row { listed, card }: &Row, call: &Call<'_>) -> ListedPermit {
    let card = card.as_ref();
    ListedPermit {
        number: listed.number.raw().to_owned(),
        href: address(&listed.number),
        destination: listed.destination.map(|country| country.to_string()),
        revision: listed.revision,
        stored_at: listed.stored_at,
        state: card.map(|card| card.state(call.context.at)),
        document_type: card.and_then(|card| card.document_type.clone()),
        issued: card.and_then(|card| card.issued),
        last_day: card.and_then(|card| card.last_day),
        species: card.map(|card| card.species.clone()).unwrap_or_default(),
        consignor: card.and_then(|card| card.consignor.clone()),
        consignee: card.and_then(|card| card.consignee.clone()),
    }
}

/// A page of a list.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct PermitPage {
    permits: Vec<ListedPermit>,
    /// What to ask for the next page with (`after`); null where there is none.
    next: Option<String>,
}

/// A permit in a list; what its document says is null until it is entered.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
struct ListedPermit {
    number: String,
    href: String,
    /// The country of import.
    destination: Option<String>,
    revision: u64,
    stored_at: DateTime<Utc>,
    #[schema(value_type = Option<String>)]
    state: Option<State>,
    /// The code of box 1.
    document_type: Option<String>,
    issued: Option<NaiveDate>,
    /// The last day of validity.
    last_day: Option<NaiveDate>,
    /// The scientific names.
    species: Vec<String>,
    consignor: Option<String>,
    consignee: Option<String>,
}

/// In which way a document is asked for.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
struct Way {
    form: Option<String>,
    country: Option<Country>,
    document: Option<Which>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(super) enum Which {
    Issued,
    Final,
}

/// A document with what travels with it.
struct Handed {
    bytes: Vec<u8>,
    attachments: Vec<(String, Vec<u8>)>,
    losses: Vec<String>,
    tag: String,
}

/// The form that is asked for, by name or by type; `None` where it is taken as it is.
pub(super) fn form(call: &Call<'_>, named: Option<&str>) -> Result<Option<&'static Target>, Problem> {
    if let Some(name) = named {
        let unknown = || Problem::invalid(format!("form {name}: there are {}", Target::names()));
        return Target::named(name).filter(|target| target.name != "v2-guide").map(Some).ok_or_else(unknown);
    }
    let accepted = call.header("accept").unwrap_or("*/*");
    let takes = |media: &str| accepted.split(',').any(|offer| offer.split(';').next().map(str::trim) == Some(media));
    let takes_xml = takes("application/xml") || takes("text/xml") || takes("application/*") || takes("*/*");
    match (takes_xml, takes("application/json")) {
        (true, _) => Ok(None),
        (false, true) => Ok(Target::version(ToolkitVersion::Json)),
        (false, false) => Err(Problem::of(406, "not-acceptable", "permits are application/xml or application/json")),
    }
}

async fn handed(call: &Call<'_>, way: &Way) -> Result<Handed, Problem> {
    let target = form(call, way.form.as_deref())?;
    match call.caller {
        Caller::Partner => to_partner(call, way, target).await,
        _ => to_clerk(call, way, target).await,
    }
}

/// As SOAP would: with the rights, the token and the losses that hold there.
async fn to_partner(call: &Call<'_>, way: &Way, target: Option<&'static Target>) -> Result<Handed, Problem> {
    let carries = target.map_or(Carries::Usually(ToolkitVersion::V2), |target| Carries::Only(target.version));
    let wanted = if way.document == Some(Which::Final) { Wanted::Final } else { Wanted::NonFinal };
    let handed = call.face.exchange.fetch(&call.context, &call.request(way.country)?, wanted, carries).await;
    let handed = handed.map_err(|error| call.call_refused(&error))?;
    let bytes = handed.document.into_bytes();
    let tag = format!("\"{}\"", Sha256Digest::of(&bytes));
    let attachments = handed.attachments.into_iter().map(|file| (file.name, file.content)).collect();
    let losses = handed.losses.iter().map(|lost| named(&lost.form_box, &lost.path)).collect();
    Ok(Handed { bytes, attachments, losses, tag })
}

/// What was issued last; in another form it may lose something, which is told.
async fn to_clerk(call: &Call<'_>, way: &Way, target: Option<&'static Target>) -> Result<Handed, Problem> {
    if way.document.is_some() || way.country.is_some() {
        return Err(Problem::invalid("document and country are for partners; a key reads /versions"));
    }
    let (record, stored) =
        call.desk().read(&call.deed()?, &call.number()?, None).await.map_err(|error| call.refused(&error))?;
    let attachments = stored.attachments.into_iter().map(|file| (file.name, file.content)).collect();
    // Bytes that were taken as JSON are handed out as XML to whoever takes no JSON.
    let wants_xml = target.is_none()
        && stored.toolkit == ToolkitVersion::Json
        && call.header("accept").is_some_and(|accept| !accept.contains("*/*"));
    let target = if wants_xml { Target::version(ToolkitVersion::V2) } else { target };
    let tag = |form: &str| format!("\"{}-{form}\"", record.revision);
    match target.filter(|target| target.version != stored.toolkit) {
        None => Ok(Handed { bytes: stored.bytes, attachments, losses: Vec::new(), tag: tag("kept") }),
        Some(target) => {
            let damaged = |_| Problem::of(500, "document-unusable", "the stored document can no longer be read");
            let converted = convert_accepted(&receive_again(&stored.bytes).map_err(damaged)?, target);
            let losses = converted.losses.iter().map(|loss| named(loss.form_box, &loss.path)).collect();
            Ok(Handed { bytes: converted.document.into_bytes(), attachments, losses, tag: tag(target.name) })
        }
    }
}

/// The box of a loss, or the path of what is not on the form.
pub(super) fn named(form_box: &str, path: &str) -> String {
    if form_box.is_empty() { path.to_owned() } else { form_box.to_owned() }
}

/// The type of a document.
pub(super) fn media_type(bytes: &[u8]) -> &'static str {
    if epix_core::wire::json::is_json(bytes) { "application/json" } else { "application/xml" }
}

/// Hands out a document.
pub(super) async fn document(call: &Call<'_>) -> Result<Answer, Problem> {
    let handed = handed(call, &call.query()?).await?;
    if call.has(&handed.tag) {
        return Ok(Answer::not_modified(&handed.tag));
    }
    let answer = Answer::bytes(media_type(&handed.bytes), handed.bytes).tagged(&handed.tag);
    Ok(if handed.losses.is_empty() { answer } else { answer.header("epix-losses", &handed.losses.join(" ")) })
}

async fn files(call: &Call<'_>) -> Result<Vec<(String, Vec<u8>)>, Problem> {
    let way: Way = call.query()?;
    if way.form.is_some() || way.document.is_some() {
        return Err(Problem::invalid("form and document are asked for with the permit itself"));
    }
    Ok(handed(call, &Way { form: None, ..way }).await?.attachments)
}

/// Hands out the signature.
pub(super) async fn signature(call: &Call<'_>) -> Result<Answer, Problem> {
    let found = files(call).await?.into_iter().find(|(name, _)| name == SIGNATURE);
    let (_, content) = found.ok_or_else(|| Problem::of(404, "not-signed", "the permit has no signature"))?;
    Ok(Answer::bytes("application/xml", content))
}

/// Lists what travels with a permit.
pub(super) async fn attachments(call: &Call<'_>) -> Result<Answer, Problem> {
    let told = |(name, content): (String, Vec<u8>)| AttachedFile {
        name,
        size: content.len(),
        digest: Sha256Digest::of(&content).to_string(),
    };
    Ok(Answer::json(&Attachments { attachments: files(call).await?.into_iter().map(told).collect() }))
}

/// What travels with a permit.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct Attachments {
    attachments: Vec<AttachedFile>,
}

#[derive(Debug, Serialize, ToSchema)]
struct AttachedFile {
    name: String,
    /// In bytes.
    size: usize,
    /// SHA-256 of its bytes.
    digest: String,
}

/// Hands out one file that travels with a permit.
pub(super) async fn attachment(call: &Call<'_>) -> Result<Answer, Problem> {
    let wanted = call.segment("name")?;
    let found = files(call).await?.into_iter().find(|(name, _)| *name == wanted);
    let (name, content) =
        found.ok_or_else(|| Problem::of(404, "no-attachment", "no such file travels with the permit"))?;
    // Whatever it is, a browser saves it and opens nothing.
    let disposition = format!("attachment; filename*=UTF-8''{}", escaped(&name));
    Ok(Answer::bytes("application/octet-stream", content).header("content-disposition", &disposition))
}
