//! A key without certificates: whoever knows its public half knows who signed.

use openssl::ec::EcKey;
use openssl::hash::{MessageDigest, hash};
use openssl::nid::Nid;
use openssl::pkey::{HasPublic, Id, PKey, PKeyRef, Private, Public};
use openssl::sign::{Signer, Verifier};

use super::key::KeyError;

const WANTED: KeyError = KeyError::Unreadable { what: "private key (Ed25519 or P-256, not encrypted)" };
const PUBLIC: KeyError = KeyError::Unreadable { what: "public key (Ed25519 or P-256)" };

/// A private key that signs bytes as they are: Ed25519, or ECDSA over P-256 with SHA-256.
pub struct BareKey(PKey<Private>);

impl std::fmt::Debug for BareKey {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("BareKey(secret)")
    }
}

impl BareKey {
    /// Makes a new Ed25519 key.
    ///
    /// # Errors
    /// [`KeyError::Library`].
    pub fn generate() -> Result<BareKey, KeyError> {
        PKey::generate_ed25519().map(BareKey).map_err(KeyError::library("making a key"))
    }

    /// Reads a key from PEM.
    ///
    /// # Errors
    /// [`KeyError::Unreadable`] when it is none, or of another kind.
    pub fn from_pem(pem: &[u8]) -> Result<BareKey, KeyError> {
        // The callback keeps OpenSSL from asking on the terminal behind our back.
        let key = PKey::private_key_from_pem_callback(pem, |_| Ok(0)).map_err(|_| WANTED)?;
        if is_taken(&key) { Ok(BareKey(key)) } else { Err(WANTED) }
    }

    /// The key as PEM (PKCS#8).
    ///
    /// # Errors
    /// [`KeyError::Library`].
    pub fn to_pem(&self) -> Result<Vec<u8>, KeyError> {
        self.0.private_key_to_pem_pkcs8().map_err(KeyError::library("writing a key"))
    }

    /// Its public half.
    ///
    /// # Errors
    /// [`KeyError::Library`].
    pub fn public(&self) -> Result<PublicKey, KeyError> {
        let doing = KeyError::library("reading a key");
        PublicKey::new(PKey::public_key_from_der(&self.0.public_key_to_der().map_err(&doing)?).map_err(&doing)?)
    }

    /// The signature over bytes.
    ///
    /// # Errors
    /// [`KeyError::Library`].
    pub fn sign(&self, data: &[u8]) -> Result<Vec<u8>, KeyError> {
        let signer = match digest_of(&self.0) {
            Some(digest) => Signer::new(digest, &self.0),
            None => Signer::new_without_digest(&self.0),
        };
        signer.and_then(|mut signer| signer.sign_oneshot_to_vec(data)).map_err(KeyError::library("signing"))
    }
}

/// The public half of such a key.
#[derive(Debug, Clone)]
pub struct PublicKey {
    key: PKey<Public>,
    digest: [u8; 32],
}

impl PublicKey {
    fn new(key: PKey<Public>) -> Result<PublicKey, KeyError> {
        let doing = KeyError::library("reading a key");
        let der = key.public_key_to_der().map_err(&doing)?;
        let digest = hash(MessageDigest::sha256(), &der).map_err(&doing)?;
        let digest = <[u8; 32]>::try_from(&digest[..]).map_err(|_| KeyError::Library { doing: "hashing a key" })?;
        Ok(PublicKey { key, digest })
    }

    /// Reads it from PEM: a public key, or a private one, of which only the public half is taken.
    ///
    /// # Errors
    /// [`KeyError::Unreadable`] when it is none, or of another kind.
    pub fn from_pem(pem: &[u8]) -> Result<PublicKey, KeyError> {
        let Ok(key) = PKey::public_key_from_pem(pem) else {
            return BareKey::from_pem(pem).map_err(|_| PUBLIC)?.public();
        };
        if is_taken(&key) { PublicKey::new(key) } else { Err(PUBLIC) }
    }

    /// The key as PEM.
    ///
    /// # Errors
    /// [`KeyError::Library`].
    pub fn to_pem(&self) -> Result<Vec<u8>, KeyError> {
        self.key.public_key_to_pem().map_err(KeyError::library("writing a key"))
    }

    /// SHA-256 over the key (its `SubjectPublicKeyInfo`): which key it is.
    pub fn digest(&self) -> &[u8; 32] {
        &self.digest
    }

    /// True when `value` is the signature of this key over `data`.
    ///
    /// # Errors
    /// [`KeyError::Library`] when the library could not look; a value that makes no sense is simply not the signature.
    pub fn holds(&self, data: &[u8], value: &[u8]) -> Result<bool, KeyError> {
        let verifier = match digest_of(&self.key) {
            Some(digest) => Verifier::new(digest, &self.key),
            None => Verifier::new_without_digest(&self.key),
        };
        let mut verifier = verifier.map_err(KeyError::library("checking a signature"))?;
        Ok(verifier.verify_oneshot(value, data).unwrap_or(false))
    }
}

/// Ed25519 hashes by itself.
fn digest_of<T>(key: &PKeyRef<T>) -> Option<MessageDigest> {
    (key.id() != Id::ED25519).then(MessageDigest::sha256)
}

fn is_taken<T: HasPublic>(key: &PKeyRef<T>) -> bool {
    let is_p256 = |key: EcKey<T>| key.group().curve_name() == Some(Nid::X9_62_PRIME256V1);
    key.id() == Id::ED25519 || key.ec_key().is_ok_and(is_p256)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn p256() -> BareKey {
        use openssl::ec::EcGroup;
        let group = EcGroup::from_curve_name(Nid::X9_62_PRIME256V1).unwrap();
        BareKey(PKey::from_ec_key(EcKey::generate(&group).unwrap()).unwrap())
    }

    #[test]
    fn what_a_key_signed_holds_under_its_public_half_and_no_other() {
        for key in [BareKey::generate().unwrap(), p256()] {
            let read = BareKey::from_pem(&key.to_pem().unwrap()).unwrap();
            let public = PublicKey::from_pem(&key.public().unwrap().to_pem().unwrap()).unwrap();

            let value = read.sign(b"a checkpoint").unwrap();

            assert!(public.holds(b"a checkpoint", &value).unwrap());
            assert!(!public.holds(b"a checkpoinT", &value).unwrap());
            assert!(!public.holds(b"a checkpoint", b"junk").unwrap());
            assert!(!BareKey::generate().unwrap().public().unwrap().holds(b"a checkpoint", &value).unwrap());
        }
    }

    #[test]
    fn keys_of_other_kinds_are_refused() {
        let rsa = PKey::from_rsa(openssl::rsa::Rsa::generate(2048).unwrap()).unwrap();
        let pem = rsa.private_key_to_pem_pkcs8().unwrap();

        assert_eq!(BareKey::from_pem(&pem).unwrap_err(), WANTED);
        assert_eq!(PublicKey::from_pem(&pem).unwrap_err(), PUBLIC);
        assert_eq!(PublicKey::from_pem(&rsa.public_key_to_pem().unwrap()).unwrap_err(), PUBLIC);
        assert_eq!(BareKey::from_pem(b"junk").unwrap_err(), WANTED);
    }
}
