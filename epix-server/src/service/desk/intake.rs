//! Taking in a permit that the authority issued: looked at, signed where it came without, stored with what travels with it.

use chrono::{DateTime, Utc};
use epix_core::id::{PermitNumber, Sha256Digest};
use epix_core::receive::{Accepted, Rejected};
use epix_core::report::Report;

use super::{Deed, Desk, DeskError};
use crate::notary::{SIGNATURE, attachment};
use crate::service::catalogue;
use crate::store::{
    Attachment, Attachments, Authority, Inserted, NewPermit, PermitRecord, Proven, Refusal, StoreError, TokenHash,
};

/// The most bytes of attachments with one permit: in base64, beside the permit, they still fit into what partners take in
/// one answer (`Limits::DOCUMENT`).
const ATTACHED: usize = 16 << 20;

/// A permit that is to be stored.
#[derive(Debug, Default)]
pub struct Submission {
    /// Toolkit XML, our JSON form, or an EPIX answer that carries a permit.
    pub bytes: Vec<u8>,
    /// Its detached signature, where it has one that is not within it.
    pub signature: Option<Vec<u8>>,
    /// What travels with it.
    pub attachments: Vec<Attachment>,
    /// What a caller's token must hash to.
    pub token: Option<TokenHash>,
}

impl Submission {
    /// A file travels with it.
    pub fn attach(&mut self, name: String, content: Vec<u8>) {
        self.attachments.push(Attachment { name, content });
    }
}

impl Stored {
    /// Was it new?
    pub fn is_new(&self) -> bool {
        self.inserted == Inserted::Created
    }
}

/// A permit that is stored.
#[derive(Debug)]
pub struct Stored {
    /// Its number.
    pub number: PermitNumber,
    /// Whether it is new.
    pub inserted: Inserted,
    /// Digest of what is kept.
    pub digest: Sha256Digest,
    /// What was remarked.
    pub report: Report,
}

/// A document that may be stored, with its signature.
pub(super) struct Taken {
    pub(super) accepted: Accepted,
    /// The signature, where there is one.
    pub(super) signature: Option<Attachment>,
    /// What the verdict on it rests on, where it came with one.
    pub(super) proven: Option<Proven>,
    /// For the audit.
    pub(super) told: Vec<(String, String)>,
}

impl Desk {
    /// Stores a permit; the same one again changes nothing. A refused one is kept apart with its report.
    ///
    /// # Errors
    /// [`DeskError`]; nothing was stored as a permit.
    pub async fn store(&self, deed: &Deed<'_>, submission: Submission, verb: &str) -> Result<Stored, DeskError> {
        let Submission { bytes, signature, attachments, token } = submission;
        let found: usize = attachments.iter().map(|file| file.content.len()).sum();
        if found > ATTACHED {
            return Err(DeskError::TooMuchAttached { found, most: ATTACHED });
        }
        let (authority, at) = (deed.authority, deed.audit.at);
        let taken = match self.take(authority, &bytes, signature.as_deref(), at).await? {
            Ok(taken) => issued_by(authority, taken)?,
            Err(rejected) => return Err(self.keep_apart(deed, *rejected, verb).await?),
        };
        let Taken { accepted, signature, proven, told } = taken;
        let (number, digest, report) = (accepted.number().clone(), accepted.digest(), accepted.report().clone());
        let mut audit = deed.event(verb, Some(&number));
        audit.document_digest = Some(digest);
        audit.detail.extend(told);
        let attachments: Vec<Attachment> = attachments.into_iter().chain(signature).collect();
        audit.detail.extend(imprinted(&attachments));
        let entry = catalogue::entry(accepted.permit());
        match self.store.insert(NewPermit { accepted, token, attachments, proven, entry, audit }).await {
            Ok(inserted) => Ok(Stored { number, inserted, digest, report }),
            Err(error @ StoreError::Different { .. }) => Err(DeskError::Different(error)),
            Err(error) => Err(error.into()),
        }
    }

    /// Looks at a document as one that is to be stored is looked at, and stores nothing: whether it would be accepted, and the report.
    ///
    /// # Errors
    /// [`DeskError::NotLookedAt`] when nobody could look.
    pub async fn judge(
        &self,
        authority: &Authority,
        bytes: &[u8],
        at: DateTime<Utc>,
    ) -> Result<(bool, Report), DeskError> {
        let policy = self.policies.of(authority.id.as_str());
        Ok(match self.notary.receive(bytes, None, authority.country, at, &policy)? {
            Ok((accepted, _)) => (true, accepted.report().clone()),
            Err(rejected) => (false, rejected.report),
        })
    }

    /// Keeps a refused document with its report.
    async fn keep_apart(&self, deed: &Deed<'_>, rejected: Rejected, verb: &str) -> Result<DeskError, DeskError> {
        let mut audit = deed.event(verb, None);
        audit.outcome = "refused".to_owned();
        let report = serde_json::to_string(&rejected.report).expect("a report is made of texts, numbers and lists");
        self.store.keep_refused(Refusal { bytes: rejected.bytes.clone(), report, audit }).await?;
        Ok(DeskError::Rejected(Box::new(rejected)))
    }

    /// Looks at a document with its signature, and signs what came without.
    pub(super) async fn take(
        &self,
        authority: &Authority,
        bytes: &[u8],
        detached: Option<&[u8]>,
        at: DateTime<Utc>,
    ) -> Result<Result<Taken, Box<Rejected>>, DeskError> {
        let policy = self.policies.of(authority.id.as_str());
        let (accepted, signature) = match self.notary.receive(bytes, detached, authority.country, at, &policy)? {
            Ok(received) => received,
            Err(rejected) => return Ok(Err(rejected)),
        };
        let mut told = self.notary.told(&signature);
        let proven = self.notary.proven(bytes, &accepted, &signature, authority.country);
        if let Some(content) = signature.bytes {
            let signature = Some(Attachment { name: SIGNATURE.to_owned(), content });
            return Ok(Ok(Taken { accepted, signature, proven, told }));
        }
        let made = match self.kept_signature(authority, &accepted).await? {
            Some(kept) => Some(kept),
            None => self.notary.sign(accepted.bytes(), at, None)?.map(attachment),
        };
        if made.is_some() {
            told = vec![("signature".to_owned(), "made here".to_owned())];
        }
        Ok(Ok(Taken { accepted, signature: made, proven: None, told }))
    }

    /// The signature of the same bytes, where they are kept already: a second one would be another attachment.
    async fn kept_signature(
        &self,
        authority: &Authority,
        accepted: &Accepted,
    ) -> Result<Option<Attachment>, DeskError> {
        let Some(record) = self.store.find(&authority.id, accepted.number()).await? else { return Ok(None) };
        let Some(version) = record.versions.iter().find(|version| version.digest == accepted.digest()) else {
            return Ok(None);
        };
        let document = self.store.document(&authority.id, accepted.number(), version.ordinal).await?;
        Ok(document.and_then(|document| document.attachments.into_iter().find(|file| file.name == SIGNATURE)))
    }

    /// What travels with a document that takes the place of another: as before, with its own signature or none.
    pub(super) async fn travels(
        &self,
        record: &PermitRecord,
        signature: Option<Attachment>,
    ) -> Result<Attachments, DeskError> {
        let ordinal = record.versions.last().map_or(1, |version| version.ordinal);
        let before = self.store.document(&record.authority, &record.number, ordinal).await?;
        let before = before.into_iter().flat_map(|document| document.attachments);
        let others = before.filter(|file| file.name != SIGNATURE);
        Ok(Attachments::These(others.chain(signature).collect()))
    }
}

/// An authority keeps the permits that it issued; a document that names no issuing country is taken at its word.
pub(super) fn issued_by(authority: &Authority, taken: Taken) -> Result<Taken, DeskError> {
    match taken.accepted.permit().issuing_country() {
        Some(country) if country != authority.country => {
            let number = taken.accepted.number().clone();
            Err(DeskError::IssuedElsewhere { number, country, ours: authority.country })
        }
        _ => Ok(taken),
    }
}

/// What travels with a document, for the audit: by digest, because the name of a file may name a person.
fn imprinted(attachments: &[Attachment]) -> Option<(String, String)> {
    let all: Vec<String> = attachments.iter().map(|file| Sha256Digest::of(&file.content).to_string()).collect();
    (!all.is_empty()).then(|| ("attachments".to_owned(), all.join(" ")))
}
