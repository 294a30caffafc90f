//! A document that comes with its signature, or gets one here; and `epix-server reverify`: do kept signatures still hold?

use std::collections::BTreeMap;
use std::path::Path;

use chrono::{DateTime, Utc};
use clap::Args;
use epix_core::check::policy::Policy;
use epix_core::id::PermitNumber;
use epix_core::receive::{Accepted, Rejected};
use epix_core::report::Severity;
use epix_core::sign::Verdict;

use super::{CommandError, Office, Outcome};
use crate::notary::{Notary, SIGNATURE, attachment};
use crate::store::{Attachment, Attachments, Authority, PermitRecord, Proven, StoredDocument, VersionRow};

/// A document that may be stored, with its signature.
pub(super) struct Taken {
    pub(super) accepted: Accepted,
    /// What travels with it: the signature, where there is one.
    pub(super) signature: Option<Attachment>,
    /// What the verdict on it rests on, where it came with one.
    pub(super) proven: Option<Proven>,
    /// For the audit.
    pub(super) told: Vec<(String, String)>,
}

/// Looks at a file, with the signature in it or in the file beside it, and signs what came without.
pub(super) async fn take(
    office: &Office,
    authority: &Authority,
    file: &Path,
    bytes: &[u8],
    policy: &Policy,
) -> Result<Result<Taken, Box<Rejected>>, CommandError> {
    let notary = office.notary()?;
    let beside = file.with_extension("sig.xml");
    let detached = if beside.is_file() { Some(super::import::read(&beside)?) } else { None };
    let received = notary.receive(bytes, detached.as_deref(), authority.country, Utc::now(), policy);
    let (accepted, signature) = match received.map_err(other)? {
        Ok(received) => received,
        Err(rejected) => return Ok(Err(rejected)),
    };
    let mut told = notary.told(&signature);
    let proven = notary.proven(bytes, &accepted, &signature, authority.country);
    if let Some(content) = signature.bytes {
        let signature = Some(Attachment { name: SIGNATURE.to_owned(), content });
        return Ok(Ok(Taken { accepted, signature, proven, told }));
    }
    let kept = kept_signature(office, authority, &accepted).await?;
    let made = match kept {
        Some(kept) => Some(kept),
        None => notary.sign(accepted.bytes(), Utc::now(), None).map_err(other)?.map(attachment),
    };
    if made.is_some() {
        told = vec![("signature".to_owned(), "made here".to_owned())];
    }
    Ok(Ok(Taken { accepted, signature: made, proven: None, told }))
}

/// The signature of the same bytes, where they are kept already: a second one would be another attachment.
async fn kept_signature(
    office: &Office,
    authority: &Authority,
    accepted: &Accepted,
) -> Result<Option<Attachment>, CommandError> {
    let Some(record) = office.store.find(&authority.id, accepted.number()).await? else { return Ok(None) };
    let Some(version) = record.versions.iter().find(|version| version.digest == accepted.digest()) else {
        return Ok(None);
    };
    let document = office.store.document(&authority.id, accepted.number(), version.ordinal).await?;
    Ok(document.and_then(|document| document.attachments.into_iter().find(|file| file.name == SIGNATURE)))
}

/// What travels with a document that takes the place of another: as before, with its own signature or none.
pub(super) async fn travels(
    office: &Office,
    authority: &Authority,
    record: &PermitRecord,
    signature: Option<Attachment>,
) -> Result<Attachments, CommandError> {
    let ordinal = record.versions.last().map_or(1, |version| version.ordinal);
    let before = office.store.document(&authority.id, &record.number, ordinal).await?;
    let before = before.into_iter().flat_map(|document| document.attachments);
    let others = before.filter(|file| file.name != SIGNATURE);
    Ok(Attachments::These(others.chain(signature).collect()))
}

fn other(error: impl std::error::Error + Send + Sync + 'static) -> CommandError {
    CommandError::Other(Box::new(error))
}

#[derive(Debug, Args)]
pub(super) struct Reverify {
    /// One permit; all of them when left out.
    #[arg(value_name = "NUMBER")]
    number: Option<String>,
    /// The authority whose permit it is; needed where several are kept.
    #[arg(long)]
    authority: Option<String>,
    /// Judge by today's roots, lists and rules and for now, instead of repeating each verdict with the chain, the revocation
    /// lists and the rules that were kept with it.
    #[arg(long)]
    now: bool,
}

/// How many numbers are asked for at once.
const PAGE: usize = 500;

/// Repeats the verification of every signature that is kept, on the stored bytes.
pub(super) async fn reverify(office: &Office, arguments: &Reverify) -> Result<Outcome, CommandError> {
    let authority = office.named_authority(arguments.authority.as_deref())?;
    let look = Look { office, authority, notary: office.notary()?, now: arguments.now };
    let mut tally = BTreeMap::new();
    if let Some(typed) = &arguments.number {
        let number = PermitNumber::parse(typed).map_err(|error| CommandError::Usage(error.to_string()))?;
        look.permit(&number, &mut tally).await?;
    } else {
        let mut last: Option<PermitNumber> = None;
        loop {
            let page = office.store.numbers(&authority.id, last.as_ref(), PAGE).await?;
            for number in &page {
                look.permit(number, &mut tally).await?;
            }
            match page.last() {
                Some(number) => last = Some(number.clone()),
                None => break,
            }
        }
    }
    let words: Vec<String> = tally.iter().map(|(word, count)| format!("{count} {word}")).collect();
    println!("documents: {}", if words.is_empty() { "none".to_owned() } else { words.join(", ") });
    Ok(if tally.contains_key(REFUSED) { Outcome::Refused } else { Outcome::Done })
}

const REFUSED: &str = "refused";

struct Look<'o> {
    office: &'o Office,
    authority: &'o Authority,
    notary: Notary,
    now: bool,
}

impl Look<'_> {
    async fn permit(
        &self,
        number: &PermitNumber,
        tally: &mut BTreeMap<&'static str, usize>,
    ) -> Result<(), CommandError> {
        let record = self.office.store.find(&self.authority.id, number).await?;
        let unknown = || CommandError::Usage(format!("there is no permit {number}"));
        for version in record.ok_or_else(unknown)?.versions {
            let word = self.version(number, &version).await?;
            *tally.entry(word).or_default() += 1;
        }
        Ok(())
    }

    async fn version(&self, number: &PermitNumber, version: &VersionRow) -> Result<&'static str, CommandError> {
        let document = self.office.store.document(&self.authority.id, number, version.ordinal).await?;
        let Some(document) = document else { return Ok("missing") };
        let Some(signature) = document.attachments.iter().find(|file| file.name == SIGNATURE) else {
            return Ok("not signed");
        };
        let Some(verdict) = self.verdict(number, version, &document, &signature.content).await? else {
            return Ok("not looked at: nobody is trusted");
        };
        if verdict.is_trusted() {
            return Ok("trusted");
        }
        let digest = document.digest;
        println!("{number}, document {} ({digest}): refused", version.ordinal);
        for finding in verdict.findings.iter().filter(|finding| finding.severity == Severity::Error) {
            println!("  {} [{}]", finding.sentence, finding.rule);
        }
        Ok(REFUSED)
    }

    /// The verdict as it was reached when the document was received, or of today. What the gateway signed itself was never
    /// received: it is looked at by today's roots.
    async fn verdict(
        &self,
        number: &PermitNumber,
        version: &VersionRow,
        document: &StoredDocument,
        signature: &[u8],
    ) -> Result<Option<Verdict>, CommandError> {
        let country = self.authority.country;
        if !self.now
            && let Some(proven) = self.office.store.proven(&self.authority.id, number, version.ordinal).await?
            && let Some(verdict) =
                Notary::repeat(&document.bytes, signature, &proven, country, version.at).map_err(other)?
        {
            return Ok(Some(verdict));
        }
        let at: DateTime<Utc> = if self.now { Utc::now() } else { version.at };
        self.notary.look_again(&document.bytes, signature, country, at).map_err(other)
    }
}
