//! Does a chain of certificates lead to somebody who is trusted, at a moment, and was none of it revoked?

use foreign_types::ForeignType;
use libc::c_int;
use openssl::stack::Stack;
use openssl::x509::store::{X509Store, X509StoreBuilder};
use openssl::x509::verify::{X509VerifyFlags, X509VerifyParam};
use openssl::x509::{X509Crl, X509StoreContext};

use super::certificate::Certificate;
use super::key::KeyError;

unsafe extern "C" {
    fn X509_STORE_add_crl(store: *mut openssl_sys::X509_STORE, crl: *mut openssl_sys::X509_CRL) -> c_int;
}

/// The security level of OpenSSL for every certificate of a chain: 112 bits, so RSA from 2048 bits and no SHA-1.
const SECURITY_LEVEL: i32 = 2;

/// Certificates between signer and anchor: a state has seldom more than two.
const DEPTH: i32 = 8;

/// Error numbers of `X509_verify_cert`, from `openssl/x509_vfy.h`.
mod code {
    pub(super) const UNABLE_TO_GET_ISSUER: i32 = 2;
    pub(super) const NO_CRL: i32 = 3;
    pub(super) const CERTIFICATE_SIGNATURE: i32 = 7;
    pub(super) const CRL_SIGNATURE_FAILURE: i32 = 8;
    pub(super) const NOT_YET_VALID: i32 = 9;
    pub(super) const EXPIRED: i32 = 10;
    pub(super) const CRL_NOT_YET_VALID: i32 = 11;
    pub(super) const CRL_EXPIRED: i32 = 12;
    pub(super) const SELF_SIGNED: i32 = 18;
    pub(super) const SELF_SIGNED_IN_CHAIN: i32 = 19;
    pub(super) const NO_ISSUER_HERE: i32 = 20;
    pub(super) const LEAF_SIGNATURE: i32 = 21;
    pub(super) const REVOKED: i32 = 23;
}

/// Whose word is taken: root certificates, and the revocation lists that go with them.
pub struct Anchors {
    roots: Vec<Certificate>,
    lists: Vec<(X509Crl, Vec<u8>)>,
}

/// Why nobody who is trusted vouches for a certificate.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ChainFlaw {
    /// The chain does not lead to an anchor.
    NotAnchored,
    /// A certificate of the chain is no longer valid.
    Expired {
        /// Whose certificate.
        subject: String,
        /// Until when it was valid (Unix time).
        until: i64,
    },
    /// A certificate of the chain is not valid yet.
    NotYetValid {
        /// Whose certificate.
        subject: String,
        /// From when it will be valid (Unix time).
        from: i64,
    },
    /// A certificate of the chain was revoked.
    Revoked {
        /// Whose certificate.
        subject: String,
    },
    /// There are revocation lists, and none that answers for this certificate at this moment.
    NoUsableList {
        /// Whose certificate.
        subject: String,
        /// What is wrong with the lists.
        reason: &'static str,
    },
    /// Anything else that the library says.
    Other(String),
}

impl std::fmt::Debug for Anchors {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Anchors").field("roots", &self.roots).field("lists", &self.lists.len()).finish()
    }
}

impl Anchors {
    /// Trusts these roots.
    pub fn new(roots: Vec<Certificate>) -> Anchors {
        Anchors { roots, lists: Vec::new() }
    }

    /// Adds a revocation list, PEM or DER. From then on every certificate of a chain needs a list of its issuer.
    ///
    /// # Errors
    /// [`KeyError::Unreadable`] when it is none.
    pub fn add_list(&mut self, bytes: &[u8]) -> Result<(), KeyError> {
        let read = if bytes.starts_with(b"-----") { X509Crl::from_pem(bytes) } else { X509Crl::from_der(bytes) };
        let list = read.map_err(|_| KeyError::Unreadable { what: "revocation list" })?;
        let der = list.to_der().map_err(KeyError::library("writing a revocation list"))?;
        self.lists.push((list, der));
        Ok(())
    }

    /// The anchors themselves.
    pub fn roots(&self) -> &[Certificate] {
        &self.roots
    }

    /// The revocation lists, in DER.
    pub fn lists(&self) -> impl Iterator<Item = &[u8]> {
        self.lists.iter().map(|(_, der)| der.as_slice())
    }

    /// The chain from a certificate to an anchor, valid at a moment (Unix time); `others` may help to build it.
    ///
    /// # Errors
    /// The inner error says what is wrong with the chain, the outer one that the library could not look.
    pub fn chain(
        &self,
        certificate: &Certificate,
        others: &[Certificate],
        at: i64,
    ) -> Result<Result<Vec<Certificate>, ChainFlaw>, KeyError> {
        let doing = KeyError::library("checking a chain of certificates");
        let store = self.store(at)?;
        let mut untrusted = Stack::new().map_err(&doing)?;
        for other in others {
            untrusted.push(other.x509().clone()).map_err(&doing)?;
        }
        let mut context = X509StoreContext::new().map_err(&doing)?;
        let judged = context.init(&store, certificate.x509(), &untrusted, |context| {
            let is_good = context.verify_cert()?;
            let chain: Vec<Certificate> =
                context.chain().into_iter().flatten().map(|one| Certificate::new(one.to_owned())).collect();
            let at_fault = context.current_cert().map(|one| Certificate::new(one.to_owned()));
            Ok((is_good, chain, context.error(), at_fault))
        });
        let (is_good, chain, error, at_fault) = judged.map_err(&doing)?;
        if is_good {
            return Ok(Ok(chain));
        }
        Ok(Err(flaw(error.as_raw(), error.error_string(), &at_fault.unwrap_or_else(|| certificate.clone()))))
    }

    /// What OpenSSL checks a chain against, at a moment.
    pub(super) fn store(&self, at: i64) -> Result<X509Store, KeyError> {
        let doing = KeyError::library("preparing a chain of certificates");
        let mut builder = X509StoreBuilder::new().map_err(&doing)?;
        for root in &self.roots {
            builder.add_cert(root.x509().clone()).map_err(&doing)?;
        }
        for (list, _) in &self.lists {
            // SAFETY: store and list are live and owned; the store takes its own reference to the list.
            let added = unsafe { X509_STORE_add_crl(builder.as_ptr(), list.as_ptr()) };
            if added != 1 {
                return Err(KeyError::Library { doing: "adding a revocation list" });
            }
        }
        let parameters = self.parameters(at)?;
        builder.set_param(&parameters).map_err(&doing)?;
        Ok(builder.build())
    }

    fn parameters(&self, at: i64) -> Result<X509VerifyParam, KeyError> {
        let doing = KeyError::library("preparing a chain of certificates");
        let mut parameters = X509VerifyParam::new().map_err(&doing)?;
        parameters.set_time(at);
        parameters.set_depth(DEPTH);
        parameters.set_auth_level(SECURITY_LEVEL);
        let mut flags = X509VerifyFlags::empty();
        if !self.lists.is_empty() {
            flags |= X509VerifyFlags::CRL_CHECK | X509VerifyFlags::CRL_CHECK_ALL;
        }
        parameters.set_flags(flags).map_err(&doing)?;
        Ok(parameters)
    }
}

fn flaw(code: i32, words: &str, certificate: &Certificate) -> ChainFlaw {
    let subject = certificate.subject();
    let list = |reason| ChainFlaw::NoUsableList { subject: certificate.subject(), reason };
    match code {
        code::EXPIRED => ChainFlaw::Expired { subject, until: certificate.validity().1 },
        code::NOT_YET_VALID => ChainFlaw::NotYetValid { subject, from: certificate.validity().0 },
        code::REVOKED => ChainFlaw::Revoked { subject },
        code::NO_CRL => list("there is none of its issuer"),
        code::CRL_SIGNATURE_FAILURE => list("it was not signed by the issuer"),
        code::CRL_NOT_YET_VALID => list("it was made later"),
        code::CRL_EXPIRED => list("it is out of date"),
        code::UNABLE_TO_GET_ISSUER
        | code::CERTIFICATE_SIGNATURE
        | code::SELF_SIGNED
        | code::SELF_SIGNED_IN_CHAIN
        | code::NO_ISSUER_HERE
        | code::LEAF_SIGNATURE => ChainFlaw::NotAnchored,
        _ => ChainFlaw::Other(words.to_owned()),
    }
}
