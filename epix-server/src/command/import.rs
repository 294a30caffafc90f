//! `epix-server import`: permit files into the store; refused ones are kept apart with their report.

use std::path::{Path, PathBuf};

use clap::Args;
use epix_core::check::policy::{Action, Policy};
use epix_core::id::{AuthorityId, Sha256Digest, Token};
use epix_core::receive::Rejected;
use epix_core::report::{Report, Severity};

use super::sealed::{self, Taken};
use super::{CommandError, Office, Outcome};
use crate::app::StartError;
use crate::service::TokenKey;
use crate::store::{Attachment, Authority, Inserted, NewPermit, Refusal, StoreError};

#[derive(Debug, Args)]
pub(super) struct Arguments {
    /// Permit files: toolkit XML, our JSON form, or EPIX answers that carry a permit.
    #[arg(required = true, value_name = "FILE")]
    files: Vec<PathBuf>,
    /// The authority whose permits they are; needed where several are kept.
    #[arg(long)]
    authority: Option<String>,
    /// A file with the security token that callers must send; for one permit.
    #[arg(long, value_name = "FILE")]
    token_file: Option<PathBuf>,
    /// A file that travels with the permit; for one permit, may be repeated.
    #[arg(long, value_name = "FILE")]
    attach: Vec<PathBuf>,
}

pub(super) async fn run(office: &Office, arguments: &Arguments) -> Result<Outcome, CommandError> {
    if arguments.files.len() > 1 && (arguments.token_file.is_some() || !arguments.attach.is_empty()) {
        return Err(CommandError::Usage("--token-file and --attach belong to one permit: name one FILE".into()));
    }
    let named = arguments.authority.as_deref().map(AuthorityId::parse).transpose();
    let named = named.map_err(|error| CommandError::Usage(error.to_string()))?;
    let authority = office.authority(named.as_ref())?;
    let mut outcome = Outcome::Done;
    for file in &arguments.files {
        if import(office, authority, arguments, file).await? == Outcome::Refused {
            outcome = Outcome::Refused;
        }
    }
    Ok(outcome)
}

async fn import(
    office: &Office,
    authority: &Authority,
    arguments: &Arguments,
    file: &Path,
) -> Result<Outcome, CommandError> {
    let bytes = read(file)?;
    let policy = office.config.policies.of(authority.id.as_str());
    let received = sealed::take(office, authority, file, &bytes, &policy).await?;
    let Taken { accepted, signature, proven, told } = match received.map(|taken| issued_by(authority, taken)) {
        Ok(Ok(taken)) => taken,
        Ok(Err(reason)) => {
            println!("{}: refused: {reason}", file.display());
            return Ok(Outcome::Refused);
        }
        Err(rejected) => return refuse(office, authority, file, &policy, *rejected).await,
    };
    let mut audit = office.event(authority, "import");
    audit.permit = Some(accepted.number().clone());
    audit.document_digest = Some(accepted.digest());
    let number = accepted.number().clone();
    let remarks = remarks(accepted.report());
    audit.detail.extend(told);
    let attachments: Vec<Attachment> = attachments(arguments)?.into_iter().chain(signature).collect();
    audit.detail.extend(imprinted(&attachments));
    let permit = NewPermit { accepted, token: token(office, arguments)?, attachments, proven, audit };
    match office.store.insert(permit).await {
        Ok(Inserted::Created) => println!("{}: stored as {number}{remarks}", file.display()),
        Ok(Inserted::Unchanged) => println!("{}: {number} is stored already, unchanged", file.display()),
        Err(error @ StoreError::Different { .. }) => {
            println!("{}: refused: {error}", file.display());
            return Ok(Outcome::Refused);
        }
        Err(error) => return Err(error.into()),
    }
    Ok(Outcome::Done)
}

/// An authority keeps the permits that it issued; a document that names no issuing country is taken at its word.
fn issued_by(authority: &Authority, taken: Taken) -> Result<Taken, String> {
    let accepted = &taken.accepted;
    match accepted.permit().issuing_country() {
        Some(country) if country != authority.country => {
            Err(format!("{} was issued in {country}, not in {}", accepted.number(), authority.country))
        }
        _ => Ok(taken),
    }
}

async fn refuse(
    office: &Office,
    authority: &Authority,
    file: &Path,
    policy: &Policy,
    rejected: Rejected,
) -> Result<Outcome, CommandError> {
    let Rejected { bytes, report, .. } = rejected;
    print_why(file, policy, &report);
    let mut audit = office.event(authority, "import");
    audit.outcome = "refused".to_owned();
    let report = serde_json::to_string(&report).map_err(|error| CommandError::Other(Box::new(error)))?;
    office.store.keep_refused(Refusal { bytes, report, audit }).await?;
    Ok(Outcome::Refused)
}

/// How much there was to remark about a document that was accepted.
fn remarks(report: &Report) -> String {
    let of = |severity| report.findings.iter().filter(|finding| finding.severity == severity).count();
    match (of(Severity::Warning), of(Severity::Note)) {
        (0, 0) => String::new(),
        (warnings, notes) => format!(" ({warnings} warnings, {notes} notes: epix validate shows them)"),
    }
}

pub(super) fn print_why(file: &Path, policy: &Policy, report: &Report) {
    println!("{}: refused", file.display());
    for finding in report.findings.iter().filter(|finding| policy.action(finding) == Action::Refuse) {
        println!("  {}: {} [{}]", finding.place, finding.sentence, finding.rule);
    }
}

fn token(office: &Office, arguments: &Arguments) -> Result<Option<crate::store::TokenHash>, CommandError> {
    let Some(path) = &arguments.token_file else { return Ok(None) };
    let text = String::from_utf8(read(path)?).unwrap_or_default();
    let blank = || CommandError::Usage(format!("{} holds no token", path.display()));
    let token = Token::parse(&text).ok_or_else(blank)?;
    let key = TokenKey::load(&office.config.store.token_key_file).map_err(StartError::TokenKey)?;
    Ok(Some(key.hash(token.reveal())))
}

/// The most bytes of attachments with one permit: in base64, beside the permit, they still fit into what partners take in
/// one answer (`Limits::DOCUMENT`).
const ATTACHED: usize = 16 << 20;

fn attachments(arguments: &Arguments) -> Result<Vec<Attachment>, CommandError> {
    let attach = |path: &PathBuf| {
        let name = path.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
        Ok(Attachment { name, content: read(path)? })
    };
    let files: Vec<Attachment> = arguments.attach.iter().map(attach).collect::<Result<_, CommandError>>()?;
    let bytes: usize = files.iter().map(|file| file.content.len()).sum();
    if bytes > ATTACHED {
        let said = format!("the attachments have {bytes} bytes; at most {ATTACHED} travel with a permit");
        return Err(CommandError::Usage(said));
    }
    Ok(files)
}

/// What travels with a document, by name and digest, for the audit.
fn imprinted(attachments: &[Attachment]) -> Option<(String, String)> {
    let one = |file: &Attachment| format!("{} {}", file.name, Sha256Digest::of(&file.content));
    let all: Vec<String> = attachments.iter().map(one).collect();
    (!all.is_empty()).then(|| ("attachments".to_owned(), all.join("; ")))
}

pub(super) fn read(path: &Path) -> Result<Vec<u8>, CommandError> {
    std::fs::read(path).map_err(|source| CommandError::File { path: path.to_owned(), source })
}
