//! `epix-server import`: permit files into the store; refused ones are kept apart with their report.

use std::path::{Path, PathBuf};

use clap::Args;
use epix_core::check::policy::{Action, Policy};
use epix_core::id::{AuthorityId, Token};
use epix_core::report::{Report, Severity};

use super::{CommandError, Office, Outcome};
use crate::app::StartError;
use crate::service::{DeskError, Stored, Submission, TokenKey};
use crate::store::{Attachment, Authority, Inserted};

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
    let submission = Submission {
        bytes: read(file)?,
        signature: beside(file)?,
        attachments: attachments(arguments)?,
        token: token(office, arguments)?,
    };
    match office.desk()?.store(&office.deed(authority), submission, "import").await {
        Ok(Stored { number, inserted: Inserted::Created, report, .. }) => {
            say!("{}: stored as {number}{}", file.display(), remarks(&report));
        }
        Ok(Stored { number, inserted: Inserted::Unchanged, .. }) => {
            say!("{}: {number} is stored already, unchanged", file.display());
        }
        Err(DeskError::Rejected(rejected)) => {
            print_why(file, &office.config.policies.of(authority.id.as_str()), &rejected.report);
            return Ok(Outcome::Refused);
        }
        Err(error @ DeskError::TooMuchAttached { .. }) => return Err(CommandError::Usage(error.to_string())),
        Err(error) if error.is_the_callers() => {
            say!("{}: refused: {error}", file.display());
            return Ok(Outcome::Refused);
        }
        Err(error) => return Err(error.into()),
    }
    Ok(Outcome::Done)
}

/// The detached signature in the file beside a document.
pub(super) fn beside(file: &Path) -> Result<Option<Vec<u8>>, CommandError> {
    let beside = file.with_extension("sig.xml");
    if beside.is_file() { read(&beside).map(Some) } else { Ok(None) }
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
    say!("{}: refused", file.display());
    for finding in report.findings.iter().filter(|finding| policy.action(finding) == Action::Refuse) {
        say!("  {}: {} [{}]", finding.place, finding.sentence, finding.rule);
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

fn attachments(arguments: &Arguments) -> Result<Vec<Attachment>, CommandError> {
    let attach = |path: &PathBuf| {
        let name = path.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
        Ok(Attachment { name, content: read(path)? })
    };
    arguments.attach.iter().map(attach).collect()
}

pub(super) fn read(path: &Path) -> Result<Vec<u8>, CommandError> {
    std::fs::read(path).map_err(|source| CommandError::File { path: path.to_owned(), source })
}
