//! What is known of a signature that holds: who, over what, how, when.

use chrono::{DateTime, Utc};
use epix_native::signature::Certificate;
use serde::{Deserialize, Serialize};

use crate::id::{Country, Fingerprint, Sha256Digest};

/// A certificate as reports name it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Holder {
    /// Its holder.
    pub subject: String,
    /// Who issued it.
    pub issuer: String,
    /// Its serial number, hexadecimal.
    pub serial: String,
    /// SHA-256 over the certificate.
    pub fingerprint: Fingerprint,
    /// The country of its holder, where it names one.
    pub country: Option<Country>,
    /// From when it is valid.
    pub from: Option<DateTime<Utc>>,
    /// Until when.
    pub until: Option<DateTime<Utc>>,
}

impl Holder {
    /// Of a certificate.
    pub fn of(certificate: &Certificate) -> Holder {
        let (from, until) = certificate.validity();
        let moment = |seconds| DateTime::from_timestamp(seconds, 0);
        Holder {
            subject: certificate.subject(),
            issuer: certificate.issuer(),
            serial: certificate.serial(),
            fingerprint: Fingerprint::from_bytes(certificate.fingerprint()),
            country: certificate.country().and_then(|country| Country::parse(&country).ok()),
            from: moment(from),
            until: moment(until),
        }
    }
}

/// What says when a signature was there at the latest.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum TimeSource {
    /// A token of a trusted time-stamping authority over the signature value.
    TimeStamp,
    /// Our own audited receipt.
    Receipt,
    /// The caller's word for which moment is asked.
    Asked,
    /// Nothing: it was judged as of now.
    Now,
}

/// The document that a converted or endorsed one was made from, and who had signed that.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Original {
    /// SHA-256 of the original's canonical form: what a signature over it covers. Of its bytes where it is no XML.
    pub digest: Sha256Digest,
    /// The certificate of its signer; `None` where it was not signed.
    pub signer: Option<Fingerprint>,
}

/// A signature that holds.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Seal {
    /// The certificates from signer to anchor.
    pub chain: Vec<Holder>,
    /// The signature method, such as `rsa-sha256`.
    pub algorithm: String,
    /// The key, such as `RSA 2048`.
    pub key: String,
    /// SHA-256 over the bytes that the signature covers.
    pub covers: Sha256Digest,
    /// When the signer says to have signed; never trusted.
    pub stated: Option<DateTime<Utc>>,
    /// The moment for which validity was judged.
    pub judged_at: DateTime<Utc>,
    /// Where that moment comes from.
    pub judged_by: TimeSource,
    /// What the document was made from, where the signer says so.
    pub original: Option<Original>,
}

impl Seal {
    /// Who signed.
    pub fn signer(&self) -> &Holder {
        &self.chain[0]
    }
}
