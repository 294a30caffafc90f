//! How does an attacker make a signature? Freely: nothing here goes through the code under test but the canonical form.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD as BASE64;
use epix_core::sign::canonical::canonical;
use openssl::hash::{MessageDigest, hash};
use openssl::pkey::PKey;
use openssl::sign::Signer;

use crate::files::{bytes, certificates};

pub(crate) const DS: &str = "http://www.w3.org/2000/09/xmldsig#";
pub(crate) const EXCLUSIVE: &str = "http://www.w3.org/2001/10/xml-exc-c14n#";
pub(crate) const INCLUSIVE: &str = "http://www.w3.org/TR/2001/REC-xml-c14n-20010315";
pub(crate) const ENVELOPED: &str = "http://www.w3.org/2000/09/xmldsig#enveloped-signature";
pub(crate) const RSA_SHA256: &str = "http://www.w3.org/2001/04/xmldsig-more#rsa-sha256";
pub(crate) const SHA256: &str = "http://www.w3.org/2001/04/xmlenc#sha256";

/// A signature as an attacker puts it together.
#[derive(Clone)]
pub(crate) struct Forged {
    pub(crate) canonicalisation: String,
    pub(crate) method: String,
    pub(crate) references: Vec<String>,
    pub(crate) key_info: String,
    pub(crate) object: String,
    /// Attributes of the element `Signature`.
    pub(crate) attributes: String,
    pub(crate) seal: Seal,
}

/// How the value is made.
#[derive(Clone)]
pub(crate) enum Seal {
    Rsa(&'static str, MessageDigest),
    /// With the bytes of the certificate as the secret.
    Hmac(MessageDigest, usize),
    Zeros,
}

/// The element with an `Algorithm`.
pub(crate) fn algorithm(name: &str, uri: &str, content: &str) -> String {
    format!("<ds:{name} Algorithm=\"{uri}\">{content}</ds:{name}>")
}

/// A reference over bytes that are canonical already.
pub(crate) fn reference(address: &str, transforms: &[&str], digest: &str, covered: &[u8]) -> String {
    let transforms: String = transforms.iter().map(|uri| algorithm("Transform", uri, "")).collect();
    reference_with(&format!("URI=\"{address}\""), &transforms, digest, covered)
}

/// The same with anything for attributes and transforms.
pub(crate) fn reference_with(attributes: &str, transforms: &str, digest: &str, covered: &[u8]) -> String {
    let kind = match digest.rsplit('#').next().unwrap() {
        "sha1" => MessageDigest::sha1(),
        "md5" => MessageDigest::md5(),
        _ => MessageDigest::sha256(),
    };
    let value = BASE64.encode(hash(kind, covered).unwrap());
    format!(
        "<ds:Reference {attributes}><ds:Transforms>{transforms}</ds:Transforms>{}<ds:DigestValue>{value}</ds:DigestValue></ds:Reference>",
        algorithm("DigestMethod", digest, ""),
    )
}

/// X509Data with the certificates of test keys.
pub(crate) fn x509(names: &[&str]) -> String {
    let all = names.iter().flat_map(|name| certificates(name));
    let all: String =
        all.map(|one| format!("<ds:X509Certificate>{}</ds:X509Certificate>", BASE64.encode(one.der()))).collect();
    format!("<ds:X509Data>{all}</ds:X509Data>")
}

impl Forged {
    /// A detached signature over a document as it should be, with a test key.
    pub(crate) fn beside(document: &str, key: &'static str) -> Forged {
        let covered = canonical(document).unwrap();
        Forged::over(reference("permit.xml", &[EXCLUSIVE], SHA256, covered.as_bytes()), key)
    }

    /// An enveloped signature over a document as it should be.
    pub(crate) fn within(document: &str, key: &'static str) -> Forged {
        let covered = canonical(document).unwrap();
        Forged::over(reference("", &[ENVELOPED, EXCLUSIVE], SHA256, covered.as_bytes()), key)
    }

    /// A signature over any reference.
    pub(crate) fn over(reference: String, key: &'static str) -> Forged {
        let root = if key.starts_with("rogue") { "rogue-ca" } else { "ca" };
        Forged {
            canonicalisation: algorithm("CanonicalizationMethod", EXCLUSIVE, ""),
            method: algorithm("SignatureMethod", RSA_SHA256, ""),
            references: vec![reference],
            key_info: format!("<ds:KeyInfo>{}</ds:KeyInfo>", x509(&[key, root])),
            object: String::new(),
            attributes: String::new(),
            seal: Seal::Rsa(key, MessageDigest::sha256()),
        }
    }

    /// Changes one thing.
    pub(crate) fn with(mut self, change: impl FnOnce(&mut Forged)) -> Forged {
        change(&mut self);
        self
    }

    /// The element.
    pub(crate) fn element(&self) -> String {
        let info = format!("{}{}{}", self.canonicalisation, self.method, self.references.concat());
        let signed = canonical(&format!("<ds:SignedInfo xmlns:ds=\"{DS}\">{info}</ds:SignedInfo>")).unwrap();
        let value = BASE64.encode(self.value(signed.as_bytes()));
        format!(
            "<ds:Signature xmlns:ds=\"{DS}\"{}><ds:SignedInfo>{info}</ds:SignedInfo><ds:SignatureValue>{value}</ds:SignatureValue>{}{}</ds:Signature>",
            self.attributes, self.key_info, self.object
        )
    }

    fn value(&self, signed: &[u8]) -> Vec<u8> {
        let (key, digest, length) = match &self.seal {
            Seal::Zeros => return vec![0; 64],
            Seal::Rsa(name, digest) => {
                let pem = bytes(&format!("signatures/keys/{name}.key"));
                (PKey::private_key_from_pem(&pem).unwrap(), digest, usize::MAX)
            }
            Seal::Hmac(digest, length) => (PKey::hmac(&bytes("signatures/keys/xa-rsa.pem")).unwrap(), digest, *length),
        };
        let mut value = Signer::new(*digest, &key).unwrap().sign_oneshot_to_vec(signed).unwrap();
        value.truncate(length);
        value
    }
}

/// Puts an element in front of the end of the root.
pub(crate) fn put_in(document: &str, element: &str) -> String {
    let end = document.rfind("</").unwrap();
    format!("{}{element}{}", &document[..end], &document[end..])
}
