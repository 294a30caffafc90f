//! What does a certificate say of its holder and its key?

use std::cell::RefCell;

use openssl::asn1::{Asn1Time, Asn1TimeRef};
use openssl::bn::BigNum;
use openssl::ec::EcKeyRef;
use openssl::hash::MessageDigest;
use openssl::nid::Nid;
use openssl::pkey::{HasPublic, Id, PKey, PKeyRef, Public};
use openssl::x509::{X509, X509NameRef};

use super::key::KeyError;

/// A certificate that could be read. Nobody vouches for it yet.
#[derive(Clone)]
pub struct Certificate {
    x509: X509,
    der: Vec<u8>,
}

/// How many certificates each thread remembers: those of the partners that send now.
const MOST_SEEN: usize = 16;

thread_local! {
    /// The certificates read last, the newest first. OpenSSL 3 takes a quarter of a verification to read them, under locks
    /// that all threads share; the same bytes always give the same certificate, and nothing is known of it but what they say.
    static SEEN: RefCell<Vec<Certificate>> = const { RefCell::new(Vec::new()) };
}

/// What kind of key a certificate is for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum KeyKind {
    /// RSA with this many bits.
    Rsa {
        /// Length of the modulus.
        bits: u32,
    },
    /// ECDSA on the curve P-256.
    P256,
    /// ECDSA on the curve P-384.
    P384,
    /// Anything else, by a name.
    Other(String),
}

impl std::fmt::Display for KeyKind {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            KeyKind::Rsa { bits } => write!(f, "RSA {bits}"),
            KeyKind::P256 => f.write_str("ECDSA P-256"),
            KeyKind::P384 => f.write_str("ECDSA P-384"),
            KeyKind::Other(name) => f.write_str(name),
        }
    }
}

impl std::fmt::Debug for Certificate {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Certificate({}, serial {})", self.subject(), self.serial())
    }
}

impl Certificate {
    pub(super) fn new(x509: X509) -> Certificate {
        // A certificate that OpenSSL holds came from its bytes; writing them again cannot fail but for want of memory.
        let der = x509.to_der().unwrap_or_default();
        Certificate { x509, der }
    }

    /// Reads one certificate from DER, with nothing behind it.
    ///
    /// # Errors
    /// [`KeyError::Unreadable`] when it is none.
    pub fn from_der(der: &[u8]) -> Result<Certificate, KeyError> {
        SEEN.with_borrow_mut(|seen| {
            if let Some(found) = seen.iter().position(|seen| seen.der == der) {
                seen[..=found].rotate_right(1);
                return Ok(seen[0].clone());
            }
            let certificate = Certificate::read(der)?;
            seen.truncate(MOST_SEEN - 1);
            seen.insert(0, certificate.clone());
            Ok(certificate)
        })
    }

    fn read(der: &[u8]) -> Result<Certificate, KeyError> {
        let certificate =
            Certificate::new(X509::from_der(der).map_err(|_| KeyError::Unreadable { what: "certificate" })?);
        match certificate.der == der {
            true => Ok(certificate),
            false => Err(KeyError::Unreadable { what: "certificate" }),
        }
    }

    /// Reads every certificate of a PEM text; at least one.
    ///
    /// # Errors
    /// [`KeyError::Unreadable`] when there is none, or one that cannot be read.
    pub fn all_from_pem(pem: &[u8]) -> Result<Vec<Certificate>, KeyError> {
        let unreadable = KeyError::Unreadable { what: "certificate" };
        let found = X509::stack_from_pem(pem).map_err(|_| unreadable.clone())?;
        if found.is_empty() { Err(unreadable) } else { Ok(found.into_iter().map(Certificate::new).collect()) }
    }

    /// The certificate in DER.
    pub fn der(&self) -> &[u8] {
        &self.der
    }

    /// SHA-256 over the certificate in DER.
    pub fn fingerprint(&self) -> [u8; 32] {
        let mut fingerprint = [0; 32];
        if let Ok(digest) = self.x509.digest(MessageDigest::sha256()) {
            fingerprint.copy_from_slice(&digest);
        }
        fingerprint
    }

    /// Its holder, such as `C=XA, O=Ministry, CN=Signer`.
    pub fn subject(&self) -> String {
        name(self.x509.subject_name())
    }

    /// Who issued it, written as [`Certificate::subject`].
    pub fn issuer(&self) -> String {
        name(self.x509.issuer_name())
    }

    /// Its serial number in hexadecimal digits.
    pub fn serial(&self) -> String {
        let number = self.x509.serial_number().to_bn().and_then(|number: BigNum| number.to_hex_str());
        number.map(|text| text.to_string()).unwrap_or_default()
    }

    /// The country of its holder; `None` when it names none, or several.
    pub fn country(&self) -> Option<String> {
        let mut countries = self.x509.subject_name().entries_by_nid(Nid::COUNTRYNAME);
        let country = countries.next()?.data().to_string().ok()?;
        countries.next().is_none().then_some(country)
    }

    /// The seconds (Unix time) from and until which it is valid.
    pub fn validity(&self) -> (i64, i64) {
        (unix(self.x509.not_before()), unix(self.x509.not_after()))
    }

    /// True when it may be used for signatures: its key usage, where it says one, names signatures or non-repudiation, and
    /// it is not one that vouches for others.
    pub fn may_sign(&self) -> bool {
        use openssl::x509::X509KeyUsage;
        let signs = X509KeyUsage::DIGITAL_SIGNATURE | X509KeyUsage::NON_REPUDIATION;
        let is_allowed = self.x509.key_usage().is_none_or(|usage| usage.intersects(signs));
        is_allowed && !self.vouches_for_others()
    }

    fn vouches_for_others(&self) -> bool {
        use openssl::x509::X509KeyUsage;
        self.x509.key_usage().is_some_and(|usage| usage.contains(X509KeyUsage::KEY_CERT_SIGN))
    }

    /// What kind of key it is for.
    pub fn key_kind(&self) -> KeyKind {
        match self.public_key() {
            Ok(key) => kind_of(&key),
            Err(_) => KeyKind::Other("a key that cannot be read".to_owned()),
        }
    }

    pub(super) fn public_key(&self) -> Result<PKey<Public>, KeyError> {
        self.x509.public_key().map_err(|_| KeyError::Unreadable { what: "public key" })
    }

    pub(super) fn x509(&self) -> &X509 {
        &self.x509
    }
}

pub(super) fn kind_of<T: HasPublic>(key: &PKeyRef<T>) -> KeyKind {
    match key.id() {
        Id::RSA => KeyKind::Rsa { bits: key.bits() },
        Id::EC => match key.ec_key().ok().and_then(|key| curve_of(&key)) {
            Some(Nid::X9_62_PRIME256V1) => KeyKind::P256,
            Some(Nid::SECP384R1) => KeyKind::P384,
            other => {
                KeyKind::Other(other.and_then(|nid| nid.short_name().ok()).unwrap_or("a curve without name").to_owned())
            }
        },
        other => KeyKind::Other(Nid::from_raw(other.as_raw()).short_name().unwrap_or("unknown").to_owned()),
    }
}

fn curve_of<T: HasPublic>(key: &EcKeyRef<T>) -> Option<Nid> {
    key.group().curve_name()
}

fn name(name: &X509NameRef) -> String {
    let entry = |entry: &openssl::x509::X509NameEntryRef| {
        let key = entry.object().nid().short_name().unwrap_or("?").to_owned();
        let value = entry.data().to_string().unwrap_or_default();
        format!("{key}={}", value.replace(|c: char| c.is_control(), " "))
    };
    name.entries().map(entry).collect::<Vec<_>>().join(", ")
}

pub(super) fn unix(time: &Asn1TimeRef) -> i64 {
    let epoch = Asn1Time::from_unix(0);
    let since = epoch.and_then(|epoch| epoch.diff(time));
    since.map(|since| i64::from(since.days) * 86_400 + i64::from(since.secs)).unwrap_or(0)
}
