//! Who signs for this gateway, whose signatures does it trust, and what is written down about them?

mod proof;

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use chrono::{DateTime, Utc};
use epix_core::check::knowledge::Knowledge;
use epix_core::check::policy::Policy;
use epix_core::id::{Country, Fingerprint, Sha256Digest};
use epix_core::receive::{self, Accepted, Judged, Rejected, Requirement, Sealing, Signature};
use epix_core::report::Severity;
use epix_core::sign::canonical::canonical;
use epix_core::sign::make::{self, Statement};
use epix_core::sign::profile::ProfileError;
use epix_core::sign::seal::{Original, TimeSource};
use epix_core::sign::{
    Anchors, Certificate, KeyError, Place, Profile, Question, SignError, Signer, Signers, SoftwareKey, Trust, Verdict,
};
use epix_core::wire::json;

use crate::config::{SignatureSection, SignersSection};
use crate::store::{Attachment, StoredDocument};

pub use epix_core::sign::ATTACHMENT as SIGNATURE;
pub use proof::RepeatError;

/// Why the gateway cannot sign, or nobody can be trusted.
#[derive(Debug, thiserror::Error)]
pub enum NotaryError {
    /// A file cannot be read.
    #[error("{} cannot be read", path.display())]
    Unreadable {
        /// Which file.
        path: PathBuf,
        /// Why.
        #[source]
        source: std::io::Error,
    },
    /// A key, a certificate or a revocation list is not usable.
    #[error("{} cannot be used", path.display())]
    Key {
        /// Which file.
        path: PathBuf,
        /// Why.
        #[source]
        source: KeyError,
    },
    /// The file that retires algorithms is not usable.
    #[error("{} cannot be used", path.display())]
    Algorithms {
        /// Which file.
        path: PathBuf,
        /// Where and why.
        #[source]
        source: ProfileError,
    },
    /// The key is not good enough, or may not sign.
    #[error("the key of [signature] cannot sign")]
    Unfit(#[source] SignError),
}

/// Signs what the gateway issues, and looks at the signatures of what it receives.
#[derive(Default)]
pub struct Notary {
    signer: Option<Box<dyn Signer>>,
    trust: Option<Trust>,
    /// The file that retires algorithms, as it was read.
    algorithms: Option<String>,
    require: Requirement,
    countries: BTreeMap<Country, SignersSection>,
}

impl Notary {
    /// Reads what the configuration names.
    ///
    /// # Errors
    /// [`NotaryError`] naming the file; a key that cannot sign keeps the server from starting.
    pub fn load(section: &SignatureSection) -> Result<Notary, NotaryError> {
        let signer = section.key.as_deref().map(|key| software_key(section, key)).transpose()?;
        let notary = Notary {
            signer: signer.map(|key| Box::new(key) as Box<dyn Signer>),
            trust: trust(section)?,
            algorithms: algorithms(section)?.map(|(_, text)| text),
            require: section.require,
            countries: section.country.clone(),
        };
        notary.sign(b"<probe/>", Utc::now(), None).map_err(NotaryError::Unfit)?;
        Ok(notary)
    }

    /// The detached signature of the gateway over a document; `None` when it has no key.
    ///
    /// # Errors
    /// [`SignError`] when the key cannot do it.
    pub fn sign(
        &self,
        document: &[u8],
        at: DateTime<Utc>,
        original: Option<Original>,
    ) -> Result<Option<String>, SignError> {
        // Our JSON form has no place for a signature, and no canonical form.
        let Some(signer) = self.signer.as_ref().filter(|_| !json::is_json(document)) else { return Ok(None) };
        let text = String::from_utf8_lossy(document);
        let statement = Statement { time: Some(at), original };
        make::sign(&text, signer.as_ref(), Place::Detached, &statement).map(Some)
    }

    /// The signature of the gateway over what it made of another document, which it names with its signer.
    ///
    /// # Errors
    /// [`SignError`] when the key cannot do it.
    pub fn reseal(
        &self,
        made: &[u8],
        from: &[u8],
        signature: Option<&[u8]>,
        at: DateTime<Utc>,
    ) -> Result<Option<String>, SignError> {
        self.sign(made, at, Some(original(from, signature)))
    }

    /// Looks at the signature of an answer that is passed on: what the audit says of it, or why it is refused.
    ///
    /// # Errors
    /// The outer error says that nobody could look.
    pub fn passing(
        &self,
        answer: &[u8],
        detached: Option<&[u8]>,
        asked: &Asked,
    ) -> Result<Result<Vec<(String, String)>, String>, KeyError> {
        let judged = self.judge(answer, detached, asked, &Policy::default())?;
        Ok(match refused(&judged.signature) {
            None => Ok(self.told(&judged.signature)),
            Some(because) => Err(because),
        })
    }

    /// Looks in every layer at the permit in an answer that a Party gave, its signature first, and decides nothing. What the
    /// register demands of the Party can make the configuration stricter, never laxer.
    ///
    /// # Errors
    /// [`KeyError`] when nobody could look.
    pub fn judge(
        &self,
        answer: &[u8],
        detached: Option<&[u8]>,
        asked: &Asked,
        policy: &Policy,
    ) -> Result<Judged, KeyError> {
        let requirement = match asked.demand {
            Requirement::Required => Requirement::Required,
            Requirement::Preferred | Requirement::Ignored => self.requirement(asked.country),
        };
        let registered = |issuing: Country| self.registered(issuing);
        let sealing = Sealing {
            detached,
            requirement,
            trust: self.trust.as_ref(),
            question: Question { at: asked.at, by: TimeSource::Receipt },
            signers: self.signers(asked.country, &registered),
        };
        receive::judge(answer, &sealing, policy, &Knowledge::default())
    }

    /// Looks at a document that came for an authority of a country, its signature first.
    ///
    /// # Errors
    /// The outer error says that nobody could look, the inner one why the document is refused.
    pub fn receive(
        &self,
        bytes: &[u8],
        detached: Option<&[u8]>,
        country: Country,
        at: DateTime<Utc>,
        policy: &Policy,
    ) -> Result<Result<(Accepted, Signature), Box<Rejected>>, KeyError> {
        let registered = |issuing: Country| self.registered(issuing);
        let sealing = Sealing {
            detached,
            requirement: self.requirement(country),
            trust: self.trust.as_ref(),
            question: Question { at, by: TimeSource::Receipt },
            signers: self.signers(country, &registered),
        };
        receive::receive_signed(bytes, &sealing, policy, &Knowledge::default())
    }

    /// Looks again at a document that was kept with its signature, as of a moment.
    ///
    /// # Errors
    /// [`KeyError`] when nobody could look; `None` when nobody is trusted.
    pub fn look_again(
        &self,
        document: &[u8],
        signature: &[u8],
        country: Country,
        at: DateTime<Utc>,
    ) -> Result<Option<Verdict>, KeyError> {
        let Some(trust) = &self.trust else { return Ok(None) };
        let registered = |issuing: Country| self.registered(issuing);
        let named = !self.registered(country).is_empty();
        let question = Question { at, by: TimeSource::Receipt };
        let witness = Witness { trust, question, country, registered: named.then_some(&registered) };
        witness.look(document, signature)
    }

    fn requirement(&self, country: Country) -> Requirement {
        self.countries.get(&country).and_then(|section| section.require).unwrap_or(self.require)
    }

    /// The certificates that are registered for a country, or those that name it where none is.
    fn signers<'a>(&self, country: Country, registered: &'a dyn Fn(Country) -> Vec<Fingerprint>) -> Signers<'a> {
        if self.registered(country).is_empty() { Signers::Of(country) } else { Signers::Registered(registered) }
    }

    fn registered(&self, country: Country) -> Vec<Fingerprint> {
        self.countries.get(&country).map(|section| section.signers.clone()).unwrap_or_default()
    }

    /// What the audit says of a signature: the verdict, and the digests of what it rests on.
    pub fn told(&self, signature: &Signature) -> Vec<(String, String)> {
        let line = |name: &str, value: String| (name.to_owned(), value);
        let Some(verdict) = &signature.verdict else {
            let word = if signature.bytes.is_some() { "not looked at" } else { "none" };
            return vec![line("signature", word.to_owned())];
        };
        let word = if verdict.is_trusted() { "trusted" } else { "refused" };
        let mut told = vec![line("signature", word.to_owned())];
        if let Some(seal) = &verdict.seal {
            told.push(line("seal", serde_json::to_string(seal).unwrap_or_default()));
            told.push(line("chain", digests(verdict.chain.iter().map(Vec::as_slice))));
        }
        if let Some(trust) = self.trust.as_ref().filter(|trust| trust.anchors.lists().next().is_some()) {
            told.push(line("revocation-lists", digests(trust.anchors.lists())));
        }
        told
    }
}

/// Which Party was asked, and what its signatures are held to.
#[derive(Debug, Clone, Copy)]
pub struct Asked {
    /// Its country.
    pub country: Country,
    /// What the register demands of it.
    pub demand: Requirement,
    /// When it answered.
    pub at: DateTime<Utc>,
}

/// What speaks against a signature, where anything does.
pub fn refused(signature: &Signature) -> Option<String> {
    let findings = signature.verdict.iter().flat_map(|verdict| &verdict.findings);
    let mut errors = findings.filter(|finding| finding.severity == Severity::Error);
    errors.next().map(|error| format!("{} [{}]", error.sentence, error.rule))
}

fn digests<'b>(all: impl Iterator<Item = &'b [u8]>) -> String {
    all.map(|bytes| Sha256Digest::of(bytes).to_string()).collect::<Vec<_>>().join(" ")
}

/// Who looks at a signature that is kept: by whose word, for when, for whom.
struct Witness<'w> {
    trust: &'w Trust,
    question: Question,
    country: Country,
    /// `None` where the country in the signer's certificate counts.
    registered: Option<&'w dyn Fn(Country) -> Vec<Fingerprint>>,
}

impl Witness<'_> {
    fn look(&self, document: &[u8], signature: &[u8]) -> Result<Option<Verdict>, KeyError> {
        let sealing = Sealing {
            detached: Some(signature),
            requirement: Requirement::Required,
            trust: Some(self.trust),
            question: self.question,
            signers: self.registered.map_or(Signers::Of(self.country), Signers::Registered),
        };
        let judged = receive::judge(document, &sealing, &Policy::default(), &Knowledge::default())?;
        Ok(judged.signature.verdict)
    }
}

/// What travels with a document that the gateway made of another one: as before, with a signature of its own.
///
/// # Errors
/// [`SignError`] when the key cannot do it.
pub fn resealed(
    notary: &Notary,
    made: &[u8],
    from: &StoredDocument,
    at: DateTime<Utc>,
) -> Result<Vec<Attachment>, SignError> {
    let before = from.attachments.iter().find(|file| file.name == SIGNATURE);
    let signature = notary.reseal(made, &from.bytes, before.map(|file| file.content.as_slice()), at)?;
    let others = from.attachments.iter().filter(|file| file.name != SIGNATURE).cloned();
    Ok(others.chain(signature.map(attachment)).collect())
}

/// A signature as it travels.
pub fn attachment(signature: String) -> Attachment {
    Attachment { name: SIGNATURE.to_owned(), content: signature.into_bytes() }
}

/// What a document that the gateway made says of the one it was made from.
///
/// Its digest is that of the canonical form: the same wherever it travels, and what its own signature covers.
fn original(document: &[u8], signature: Option<&[u8]>) -> Original {
    let text = std::str::from_utf8(document).ok();
    let covered = text.and_then(|text| canonical(text).ok()).map(String::into_bytes);
    let digest = Sha256Digest::of(covered.as_deref().unwrap_or(document));
    let signer = signature.and_then(|bytes| std::str::from_utf8(bytes).ok()).and_then(make::signer_of);
    Original { digest, signer }
}

fn software_key(section: &SignatureSection, key: &Path) -> Result<SoftwareKey, NotaryError> {
    let bytes = read(key)?;
    let mut chain = section.certificate.as_deref().map(certificates).transpose()?.unwrap_or_default();
    chain.extend(section.chain.as_deref().map(certificates).transpose()?.unwrap_or_default());
    let passphrase = section.passphrase_file.as_deref().map(read).transpose()?;
    let passphrase = passphrase.map(|bytes| String::from_utf8_lossy(&bytes).lines().next().unwrap_or("").to_owned());
    let opened = if bytes.windows(11).any(|window| window == b"-----BEGIN ") {
        SoftwareKey::from_pem(&bytes, passphrase.as_deref().map(str::as_bytes), chain)
    } else {
        SoftwareKey::from_pkcs12(&bytes, passphrase.as_deref().unwrap_or_default(), chain)
    };
    opened.map_err(|source| NotaryError::Key { path: key.to_owned(), source })
}

fn trust(section: &SignatureSection) -> Result<Option<Trust>, NotaryError> {
    if section.trust.is_empty() {
        return Ok(None);
    }
    let mut anchors = Anchors::new(all_certificates(&section.trust)?);
    for path in &section.crl {
        anchors.add_list(&read(path)?).map_err(|source| NotaryError::Key { path: path.clone(), source })?;
    }
    let clocks = if section.tsa.is_empty() { None } else { Some(Anchors::new(all_certificates(&section.tsa)?)) };
    let profile = algorithms(section)?.map(|(profile, _)| profile).unwrap_or_default();
    Ok(Some(Trust { anchors, clocks, profile }))
}

/// Which algorithms are retired, and the file that says so.
fn algorithms(section: &SignatureSection) -> Result<Option<(Profile, String)>, NotaryError> {
    let Some(path) = &section.algorithms else { return Ok(None) };
    let text = String::from_utf8_lossy(&read(path)?).into_owned();
    let profile = Profile::read(&text).map_err(|source| NotaryError::Algorithms { path: path.clone(), source })?;
    Ok(Some((profile, text)))
}

fn all_certificates(paths: &[PathBuf]) -> Result<Vec<Certificate>, NotaryError> {
    let mut all = Vec::new();
    for path in paths {
        all.extend(certificates(path)?);
    }
    Ok(all)
}

fn certificates(path: &Path) -> Result<Vec<Certificate>, NotaryError> {
    let unusable = |source| NotaryError::Key { path: path.to_owned(), source };
    Certificate::all_from_pem(&read(path)?).map_err(unusable)
}

fn read(path: &Path) -> Result<Vec<u8>, NotaryError> {
    std::fs::read(path).map_err(|source| NotaryError::Unreadable { path: path.to_owned(), source })
}
