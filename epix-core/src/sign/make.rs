//! How is a document signed?

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD as BASE64;
use chrono::{DateTime, SecondsFormat, Utc};
use epix_native::signature::{Algorithm, Certificate, Digest, KeyError, KeyKind, SoftwareKey};

use super::canonical::{self, canonical};
use super::names::{DOCUMENT, DS, ENVELOPED, EXCLUSIVE, STATED};
use super::place::{HEAD, Place, join, part};
use super::profile::{DIGESTS, Row, method_for};
use super::seal::Original;
use super::structure::id_of;
use crate::id::Fingerprint;
use crate::report::{Finding, Severity};
use crate::wire::form;

/// Who can sign. A key in a token or in another process never has to be seen: only its certificates and its answers are.
pub trait Signer: Send + Sync {
    /// What kind of key it is.
    fn kind(&self) -> KeyKind;

    /// The certificate of the key, then those that vouch for it.
    fn chain(&self) -> &[Certificate];

    /// The signature value over some bytes.
    ///
    /// # Errors
    /// [`KeyError`] when the key cannot do it.
    fn sign(&self, algorithm: Algorithm, data: &[u8]) -> Result<Vec<u8>, KeyError>;
}

impl Signer for SoftwareKey {
    fn kind(&self) -> KeyKind {
        SoftwareKey::kind(self)
    }

    fn chain(&self) -> &[Certificate] {
        SoftwareKey::chain(self)
    }

    fn sign(&self, algorithm: Algorithm, data: &[u8]) -> Result<Vec<u8>, KeyError> {
        SoftwareKey::sign(self, algorithm, data)
    }
}

/// Why a document could not be signed.
#[derive(Debug, thiserror::Error)]
pub enum SignError {
    /// The text is not what can be signed.
    #[error("{}", .0.sentence)]
    Document(Box<Finding>),
    /// The document is signed already.
    #[error("the document holds a signature already")]
    Signed,
    /// The profile has no method for this kind of key.
    #[error("keys of the kind {0} are not accepted: use RSA from 2048 bits, P-256 or P-384")]
    Kind(String),
    /// The signer's certificate may not be used for signatures.
    #[error("the certificate of {subject} may not be used for signatures (key usage)")]
    Usage {
        /// Whose certificate.
        subject: String,
    },
    /// The key could not do it.
    #[error(transparent)]
    Key(#[from] KeyError),
}

/// What is stated beside the signature.
#[derive(Debug, Clone, Copy, Default)]
pub struct Statement {
    /// The time of signing. Nobody trusts it.
    pub time: Option<DateTime<Utc>>,
    /// What the document was made from; the signature covers this.
    pub original: Option<Original>,
}

/// Signs a stand-alone document that passed the guard: gives the signature alone, or the document that holds it.
///
/// # Errors
/// [`SignError`]: the text is not XML or signed already, the key is not good enough, or cannot sign.
pub fn sign(document: &str, signer: &dyn Signer, place: Place, statement: &Statement) -> Result<String, SignError> {
    let parted = part(document).map_err(SignError::Document)?;
    if parted.signature.is_some() {
        return Err(SignError::Signed);
    }
    let method = method_of(signer)?;
    let covered = canonical(document).map_err(|error| SignError::Document(super::place::not_xml(&error)))?;
    let digest = &DIGESTS[0];
    let info = signed_info(place, method, digest, &digest.is.of(covered.as_bytes())?, statement);
    let value = signer.sign(method.is, canonical_info(&info).as_bytes())?;
    let signature = write(&info, &value, signer.chain(), statement.time);
    match place {
        Place::Detached => Ok(signature),
        Place::Enveloped => join(document, &signature).map_err(SignError::Document),
    }
}

fn method_of(signer: &dyn Signer) -> Result<&'static Row<Algorithm>, SignError> {
    let kind = signer.kind();
    let objection = super::Profile::default().objection(&kind, chrono::NaiveDate::MIN);
    let method = method_for(&kind).filter(|_| objection.is_none());
    let method = method.ok_or_else(|| SignError::Kind(kind.to_string()))?;
    match signer.chain().first() {
        Some(own) if own.may_sign() => Ok(method),
        own => Err(SignError::Usage { subject: own.map(Certificate::subject).unwrap_or_default() }),
    }
}

fn signed_info(
    place: Place,
    method: &Row<Algorithm>,
    digest: &Row<Digest>,
    digest_value: &[u8],
    statement: &Statement,
) -> String {
    let id = statement.original.map(|original| format!(" Id=\"{}\"", id_of(&original))).unwrap_or_default();
    let (address, transforms): (_, &[&str]) = match place {
        Place::Detached => (DOCUMENT, &[EXCLUSIVE]),
        Place::Enveloped => ("", &[ENVELOPED, EXCLUSIVE]),
    };
    let transforms: String =
        transforms.iter().map(|uri| format!("<ds:Transform Algorithm=\"{uri}\"></ds:Transform>")).collect();
    format!(
        "<ds:SignedInfo{id}>\
         <ds:CanonicalizationMethod Algorithm=\"{EXCLUSIVE}\"></ds:CanonicalizationMethod>\
         <ds:SignatureMethod Algorithm=\"{}\"></ds:SignatureMethod>\
         <ds:Reference URI=\"{address}\"><ds:Transforms>{transforms}</ds:Transforms>\
         <ds:DigestMethod Algorithm=\"{}\"></ds:DigestMethod>\
         <ds:DigestValue>{}</ds:DigestValue></ds:Reference></ds:SignedInfo>",
        method.uri,
        digest.uri,
        BASE64.encode(digest_value),
    )
}

/// The canonical form of a SignedInfo as it will stand in its signature.
fn canonical_info(info: &str) -> String {
    let text = format!("<ds:Signature xmlns:ds=\"{DS}\">{info}</ds:Signature>");
    let tree = form::parse(&text).expect("written here, of parts that need no escaping");
    let info = tree.root_element().first_element_child().expect("SignedInfo stands in it");
    canonical::of_element(&text, info, None)
}

fn write(info: &str, value: &[u8], chain: &[Certificate], time: Option<DateTime<Utc>>) -> String {
    let certificate =
        |one: &Certificate| format!("<ds:X509Certificate>{}</ds:X509Certificate>", BASE64.encode(one.der()));
    let certificates: String = chain.iter().map(certificate).collect();
    let stated = time.map(|time| {
        let time = time.to_rfc3339_opts(SecondsFormat::Secs, true);
        format!("<ds:Object><Stated xmlns=\"{STATED}\"><SigningTime>{time}</SigningTime></Stated></ds:Object>")
    });
    format!(
        "{HEAD}<ds:Signature xmlns:ds=\"{DS}\">{info}<ds:SignatureValue>{}</ds:SignatureValue>\
         <ds:KeyInfo><ds:X509Data>{certificates}</ds:X509Data></ds:KeyInfo>{}</ds:Signature>\n",
        BASE64.encode(value),
        stated.unwrap_or_default(),
    )
}

/// The bytes of the signature value: what a time-stamping authority is asked to stamp.
///
/// # Errors
/// A finding when the text is not a signature of the profile.
pub fn value_of(signature: &str) -> Result<Vec<u8>, Box<Finding>> {
    let tree = form::parse(signature).map_err(|error| super::place::not_xml(&error))?;
    Ok(super::structure::read(signature, tree.root_element())?.value)
}

/// The fingerprint of the certificate that a signature names; nothing of it was checked.
pub fn signer_of(signature: &str) -> Option<Fingerprint> {
    let tree = form::parse(signature).ok()?;
    let claim = super::structure::read(signature, tree.root_element()).ok()?;
    claim.certificates.first().map(|own| Fingerprint::from_bytes(own.fingerprint()))
}

/// Puts a time-stamp token beside the signature value of a signature that has none yet.
///
/// # Errors
/// A finding when the text is not a signature of the profile, or holds a time stamp already.
pub fn stamp(signature: &str, token: &[u8]) -> Result<String, Box<Finding>> {
    let tree = form::parse(signature).map_err(|error| super::place::not_xml(&error))?;
    let root = tree.root_element();
    let claim = super::structure::read(signature, root)?;
    if claim.stamp.is_some() {
        let sentence = "the signature holds a time stamp already".to_owned();
        return Err(super::place::finding(signature, root, &super::rules::STAMP, Severity::Error, sentence));
    }
    let token = format!("<TimeStamp xmlns=\"{STATED}\">{}</TimeStamp>", BASE64.encode(token));
    let element = &signature[root.range()];
    let (stated, object) = (element.rfind("</Stated>"), element.rfind("</"));
    let (at, text) = match (claim.stated, stated, object) {
        (Some(_), Some(at), _) => (at, token),
        (_, _, at) => {
            let object = format!("<Object xmlns=\"{DS}\"><Stated xmlns=\"{STATED}\">{token}</Stated></Object>");
            (at.unwrap_or(element.len()), object)
        }
    };
    let at = root.range().start + at;
    Ok(format!("{}{text}{}", &signature[..at], &signature[at..]))
}
