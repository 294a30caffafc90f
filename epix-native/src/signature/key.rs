//! How is a signature made with a key in memory, and how is one checked?

use openssl::bn::BigNum;
use openssl::ecdsa::EcdsaSig;
use openssl::error::ErrorStack;
use openssl::hash::{MessageDigest, hash};
use openssl::pkcs12::Pkcs12;
use openssl::pkey::{HasPublic, PKey, PKeyRef, Private, Public};
use openssl::sign::{Signer, Verifier};

use super::certificate::{Certificate, KeyKind, kind_of};

/// Why keys or certificates are not usable. None of the messages holds secrets.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum KeyError {
    /// Neither PEM nor PKCS#12 of what is wanted.
    #[error("there is no {what} in it that can be read")]
    Unreadable {
        /// What was looked for.
        what: &'static str,
    },
    /// The key is protected, and the passphrase is missing or wrong.
    #[error("the passphrase is missing or wrong")]
    Passphrase,
    /// Key and certificate do not belong together.
    #[error("the key is not the one of the certificate")]
    Mismatch,
    /// The library gave up.
    #[error("OpenSSL failed while {doing}")]
    Library {
        /// What it was asked to do.
        doing: &'static str,
    },
}

impl KeyError {
    pub(super) fn library(doing: &'static str) -> impl Fn(ErrorStack) -> KeyError {
        move |_| KeyError::Library { doing }
    }
}

/// A digest algorithm.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Digest {
    /// SHA-256.
    Sha256,
    /// SHA-384.
    Sha384,
    /// SHA-512.
    Sha512,
}

impl Digest {
    fn of_library(self) -> MessageDigest {
        match self {
            Digest::Sha256 => MessageDigest::sha256(),
            Digest::Sha384 => MessageDigest::sha384(),
            Digest::Sha512 => MessageDigest::sha512(),
        }
    }

    /// The digest of bytes.
    ///
    /// # Errors
    /// [`KeyError::Library`] when the library gives up.
    pub fn of(self, bytes: &[u8]) -> Result<Vec<u8>, KeyError> {
        hash(self.of_library(), bytes).map(|digest| digest.to_vec()).map_err(KeyError::library("hashing"))
    }
}

/// How a signature value is made: the kind of key and the digest under it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Algorithm {
    /// RSASSA-PKCS1-v1_5 over a digest.
    Rsa(Digest),
    /// ECDSA over a digest; the value is r and s side by side, as XML signatures write it.
    Ecdsa(Digest),
}

impl Algorithm {
    /// True when a key of this kind makes such signatures.
    pub fn fits(self, kind: &KeyKind) -> bool {
        match self {
            Algorithm::Rsa(_) => matches!(kind, KeyKind::Rsa { .. }),
            Algorithm::Ecdsa(_) => matches!(kind, KeyKind::P256 | KeyKind::P384),
        }
    }

    fn digest(self) -> MessageDigest {
        match self {
            Algorithm::Rsa(digest) | Algorithm::Ecdsa(digest) => digest.of_library(),
        }
    }
}

/// True when `value` is the signature of the certificate's key over `data`.
///
/// # Errors
/// [`KeyError::Library`] when the library could not look; a value that makes no sense is simply not the signature.
pub fn holds(certificate: &Certificate, algorithm: Algorithm, data: &[u8], value: &[u8]) -> Result<bool, KeyError> {
    let key = certificate.public_key()?;
    if !algorithm.fits(&kind_of(&key)) {
        return Ok(false);
    }
    let value = match algorithm {
        Algorithm::Rsa(_) => value.to_vec(),
        Algorithm::Ecdsa(_) => match sequence_of(value, field_bytes(&key)) {
            Some(sequence) => sequence,
            None => return Ok(false),
        },
    };
    let doing = KeyError::library("checking a signature");
    let mut verifier = Verifier::new(algorithm.digest(), &key).map_err(&doing)?;
    // A value of the wrong length is an error to OpenSSL, and to us one more value that is not the signature.
    Ok(verifier.verify_oneshot(&value, data).unwrap_or(false))
}

/// Bytes of r, and of s: as long as a number of the key's field.
fn field_bytes<T: HasPublic>(key: &PKeyRef<T>) -> usize {
    (key.bits() as usize).div_ceil(8)
}

/// The ASN.1 form that OpenSSL wants, of r and s side by side.
fn sequence_of(value: &[u8], field: usize) -> Option<Vec<u8>> {
    if value.len() != 2 * field {
        return None;
    }
    let (r, s) = value.split_at(field);
    let signature = EcdsaSig::from_private_components(BigNum::from_slice(r).ok()?, BigNum::from_slice(s).ok()?).ok()?;
    signature.to_der().ok()
}

/// A private key in the memory of this process, with the certificates that go with it.
pub struct SoftwareKey {
    key: PKey<Private>,
    chain: Vec<Certificate>,
}

impl std::fmt::Debug for SoftwareKey {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("SoftwareKey").field("chain", &self.chain).finish_non_exhaustive()
    }
}

impl SoftwareKey {
    /// Reads a key from PEM; `certificates` begins with the one of the key.
    ///
    /// # Errors
    /// [`KeyError::Unreadable`], [`KeyError::Passphrase`], [`KeyError::Mismatch`].
    pub fn from_pem(
        pem: &[u8],
        passphrase: Option<&[u8]>,
        certificates: Vec<Certificate>,
    ) -> Result<SoftwareKey, KeyError> {
        let protected = pem.windows(9).any(|window| window == b"ENCRYPTED");
        // The callback keeps OpenSSL from asking on the terminal behind our back.
        let read = PKey::private_key_from_pem_callback(pem, |buffer| {
            let passphrase = passphrase.unwrap_or_default();
            let length = passphrase.len().min(buffer.len());
            buffer[..length].copy_from_slice(&passphrase[..length]);
            Ok(length)
        });
        let key = read.map_err(|_| match protected {
            true => KeyError::Passphrase,
            false => KeyError::Unreadable { what: "private key" },
        })?;
        SoftwareKey::new(key, certificates)
    }

    /// Reads key and certificates from PKCS#12; `more` are certificates that stand elsewhere.
    ///
    /// # Errors
    /// [`KeyError::Unreadable`], [`KeyError::Passphrase`], [`KeyError::Mismatch`].
    pub fn from_pkcs12(der: &[u8], passphrase: &str, more: Vec<Certificate>) -> Result<SoftwareKey, KeyError> {
        let unreadable = KeyError::Unreadable { what: "PKCS#12 key store" };
        let store = Pkcs12::from_der(der).map_err(|_| unreadable)?;
        let parsed = store.parse2(passphrase).map_err(|_| KeyError::Passphrase)?;
        let key = parsed.pkey.ok_or(KeyError::Unreadable { what: "private key" })?;
        let own = parsed.cert.ok_or(KeyError::Unreadable { what: "certificate" })?;
        let others = parsed.ca.into_iter().flatten();
        let mut chain = vec![Certificate::new(own)];
        chain.extend(others.map(Certificate::new));
        for certificate in more {
            if !chain.iter().any(|known| known.der() == certificate.der()) {
                chain.push(certificate);
            }
        }
        SoftwareKey::new(key, chain)
    }

    fn new(key: PKey<Private>, chain: Vec<Certificate>) -> Result<SoftwareKey, KeyError> {
        let own = chain.first().ok_or(KeyError::Unreadable { what: "certificate" })?;
        let public: PKey<Public> = own.public_key()?;
        if !public.public_eq(&key) {
            return Err(KeyError::Mismatch);
        }
        Ok(SoftwareKey { key, chain })
    }

    /// The certificate of the key, then those that vouch for it.
    pub fn chain(&self) -> &[Certificate] {
        &self.chain
    }

    /// What kind of key it is.
    pub fn kind(&self) -> KeyKind {
        kind_of(&self.key)
    }

    /// The signature value over `data`.
    ///
    /// # Errors
    /// [`KeyError::Mismatch`] when the algorithm is not for this kind of key; [`KeyError::Library`].
    pub fn sign(&self, algorithm: Algorithm, data: &[u8]) -> Result<Vec<u8>, KeyError> {
        if !algorithm.fits(&self.kind()) {
            return Err(KeyError::Mismatch);
        }
        let doing = KeyError::library("signing");
        let mut signer = Signer::new(algorithm.digest(), &self.key).map_err(&doing)?;
        let value = signer.sign_oneshot_to_vec(data).map_err(&doing)?;
        match algorithm {
            Algorithm::Rsa(_) => Ok(value),
            Algorithm::Ecdsa(_) => side_by_side(&value, field_bytes(&self.key)).map_err(&doing),
        }
    }
}

/// r and s side by side, of the ASN.1 form that OpenSSL gives.
fn side_by_side(sequence: &[u8], field: usize) -> Result<Vec<u8>, ErrorStack> {
    let signature = EcdsaSig::from_der(sequence)?;
    let width = i32::try_from(field).unwrap_or(i32::MAX);
    let mut value = signature.r().to_vec_padded(width)?;
    value.extend(signature.s().to_vec_padded(width)?);
    Ok(value)
}
