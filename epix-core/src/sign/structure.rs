//! Is a signature made of what the profile allows, element by element, and of nothing else?

use crate::wire::tree::Node;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD as BASE64;
use chrono::{DateTime, Utc};
use epix_native::signature::{Algorithm, Certificate, Digest};

use super::names::{DOCUMENT, DS, ENVELOPED, EXCLUSIVE, STATED};
use super::profile::{DIGESTS, METHODS, Row};
use super::rules;
use super::seal::Original;
use super::{canonical, place};
use crate::report::{Finding, Severity};

/// What a signature claims, before anything of it is believed.
#[derive(Debug)]
pub(super) struct Claim {
    pub(super) method: &'static Row<Algorithm>,
    pub(super) digest: &'static Row<Digest>,
    pub(super) digest_value: Vec<u8>,
    pub(super) value: Vec<u8>,
    /// The canonical form of SignedInfo: what the value is made over.
    pub(super) signed_info: String,
    /// At least one; the signer's first.
    pub(super) certificates: Vec<Certificate>,
    pub(super) stated: Option<DateTime<Utc>>,
    pub(super) stamp: Option<Vec<u8>>,
    pub(super) original: Option<Original>,
}

/// The stated time, and the time stamp.
type Stated = (Option<DateTime<Utc>>, Option<Vec<u8>>);

type Judged<T> = Result<T, Box<Finding>>;

/// More certificates than a chain has are there to keep us busy.
const MOST_CERTIFICATES: usize = 10;

/// Reads the element `Signature` of a text that the guard has let through.
///
/// # Errors
/// The first thing that is not of the profile. Whether its algorithms are retired is asked later, when the day is known.
pub(super) fn read(source: &str, signature: Node<'_, '_>) -> Judged<Claim> {
    let form = Form { source };
    let [info, value, key, more @ ..] = &*form.children(signature)? else {
        return Err(form.refuse(signature, &rules::STRUCTURE, "the signature is not complete"));
    };
    form.named(*info, "SignedInfo")?;
    form.named(*value, "SignatureValue")?;
    form.key_info_place(*key)?;
    let (stated, stamp) = match more {
        [] => (None, None),
        [object] => form.stated(*object)?,
        [_, other, ..] => return Err(form.unexpected(*other)),
    };
    form.attributes(signature, &[])?;
    form.attributes(*value, &[])?;
    form.attributes(*key, &[])?;
    let (method, digest, digest_value) = form.signed_info(*info)?;
    Ok(Claim {
        method,
        digest,
        digest_value,
        value: form.bytes(*value)?,
        signed_info: canonical::of_element(source, *info, None),
        certificates: form.certificates(*key)?,
        stated,
        stamp,
        original: info.attribute("Id").and_then(original_of),
    })
}

struct Form<'a> {
    source: &'a str,
}

impl<'n> Form<'_> {
    fn refuse(&self, node: Node<'_, '_>, rule: &rules::Row, sentence: impl Into<String>) -> Box<Finding> {
        place::finding(self.source, node, rule, Severity::Error, sentence.into())
    }

    fn unexpected(&self, node: Node<'_, '_>) -> Box<Finding> {
        self.refuse(node, &rules::STRUCTURE, format!("{} is not expected here", node.tag_name().name()))
    }

    /// The elements in an element that holds nothing else but white space and comments.
    fn children(&self, node: Node<'n, 'n>) -> Judged<Vec<Node<'n, 'n>>> {
        let is_stray = |child: &Node<'_, '_>| child.is_text() && !child.text().unwrap_or_default().trim().is_empty();
        if node.children().any(|child| is_stray(&child)) {
            let sentence = format!("text is not expected in {}", node.tag_name().name());
            return Err(self.refuse(node, &rules::STRUCTURE, sentence));
        }
        Ok(node.children().filter(Node::is_element).collect())
    }

    /// Holds an element to its name.
    fn named(&self, node: Node<'_, '_>, name: &str) -> Judged<()> {
        match node.has_tag_name((DS, name)) {
            true => Ok(()),
            false => Err(self.refuse(
                node,
                &rules::STRUCTURE,
                format!("{} stands where {name} is expected", node.tag_name().name()),
            )),
        }
    }

    /// Allows an `Id`, which means nothing to us, and what is named.
    fn attributes(&self, node: Node<'_, '_>, allowed: &[&str]) -> Judged<()> {
        let is_known = |name: &str| name == "Id" || allowed.contains(&name);
        match node.attributes().find(|one| one.namespace().is_some() || !is_known(one.name())) {
            None => Ok(()),
            Some(one) => {
                Err(self.refuse(node, &rules::STRUCTURE, format!("the attribute {} is not expected", one.name())))
            }
        }
    }

    /// The `Algorithm` of an element that holds nothing.
    fn algorithm(&self, node: Node<'n, 'n>, name: &str, rule: &rules::Row) -> Judged<&'n str> {
        self.named(node, name)?;
        self.attributes(node, &["Algorithm"])?;
        let is_bare = !node.children().any(|child| child.is_element());
        if !is_bare || node.attribute("Id").is_some() {
            return Err(self.refuse(node, rule, format!("{name} has parameters, which are not accepted")));
        }
        self.children(node)?;
        Ok(node.attribute("Algorithm").unwrap_or_default())
    }

    fn signed_info(&self, info: Node<'n, 'n>) -> Judged<(&'static Row<Algorithm>, &'static Row<Digest>, Vec<u8>)> {
        self.attributes(info, &[])?;
        let [canonicalisation, method, references @ ..] = &*self.children(info)? else {
            return Err(self.refuse(info, &rules::STRUCTURE, "SignedInfo is not complete"));
        };
        let uri = self.algorithm(*canonicalisation, "CanonicalizationMethod", &rules::CANONICAL)?;
        if uri != EXCLUSIVE {
            let sentence = format!("SignedInfo is made canonical by {uri}, which is not accepted");
            return Err(self.refuse(*canonicalisation, &rules::CANONICAL, sentence));
        }
        let uri = self.algorithm(*method, "SignatureMethod", &rules::METHOD)?;
        let method = self.row(METHODS, *method, uri, &rules::METHOD)?;
        let [reference] = references else {
            let sentence = format!("the signature has {} references instead of one", references.len());
            return Err(self.refuse(info, &rules::REFERENCES, sentence));
        };
        let (digest, value) = self.reference(*reference)?;
        Ok((method, digest, value))
    }

    fn row<T: Copy>(
        &self,
        rows: &'static [Row<T>],
        node: Node<'_, '_>,
        uri: &str,
        rule: &rules::Row,
    ) -> Judged<&'static Row<T>> {
        let row = rows.iter().find(|row| row.uri == uri);
        row.ok_or_else(|| self.refuse(node, rule, format!("{uri} is not accepted")))
    }

    fn reference(&self, reference: Node<'n, 'n>) -> Judged<(&'static Row<Digest>, Vec<u8>)> {
        self.named(reference, "Reference")?;
        let [transforms, method, value] = &*self.children(reference)? else {
            let sentence = "the reference does not hold Transforms, DigestMethod and DigestValue";
            return Err(self.refuse(reference, &rules::TRANSFORMS, sentence));
        };
        let Some(address) = reference.attribute("URI") else {
            return Err(self.refuse(reference, &rules::ADDRESS, "the reference has no address"));
        };
        let expected: &[&str] = match address {
            "" => &[ENVELOPED, EXCLUSIVE],
            DOCUMENT => &[EXCLUSIVE],
            other => {
                let sentence = format!("the reference is to {other:?}, not to the whole permit");
                return Err(self.refuse(reference, &rules::ADDRESS, sentence));
            }
        };
        self.attributes(reference, &["URI"])?;
        self.transforms(*transforms, expected)?;
        let uri = self.algorithm(*method, "DigestMethod", &rules::DIGEST_METHOD)?;
        let digest = self.row(DIGESTS, *method, uri, &rules::DIGEST_METHOD)?;
        self.named(*value, "DigestValue")?;
        self.attributes(*value, &[])?;
        Ok((digest, self.bytes(*value)?))
    }

    fn transforms(&self, node: Node<'n, 'n>, expected: &[&str]) -> Judged<()> {
        self.named(node, "Transforms")?;
        self.attributes(node, &[])?;
        let mut found = Vec::new();
        for transform in self.children(node)? {
            found.push(self.algorithm(transform, "Transform", &rules::TRANSFORMS)?);
        }
        if found != expected {
            let sentence = format!("the transforms are [{}] instead of [{}]", found.join(", "), expected.join(", "));
            return Err(self.refuse(node, &rules::TRANSFORMS, sentence));
        }
        Ok(())
    }

    fn key_info_place(&self, node: Node<'_, '_>) -> Judged<()> {
        match node.has_tag_name((DS, "KeyInfo")) {
            true => Ok(()),
            false => Err(self.refuse(node, &rules::KEY_INFO, "the signature does not name its certificate in KeyInfo")),
        }
    }

    fn certificates(&self, key: Node<'n, 'n>) -> Judged<Vec<Certificate>> {
        let mut found = Vec::new();
        for data in self.children(key)? {
            if !data.has_tag_name((DS, "X509Data")) {
                let sentence =
                    format!("the key is given by {}; only certificates are accepted", data.tag_name().name());
                return Err(self.refuse(data, &rules::KEY_INFO, sentence));
            }
            self.attributes(data, &[])?;
            for one in self.children(data)? {
                found.push(self.certificate(one)?);
            }
        }
        if found.is_empty() || found.len() > MOST_CERTIFICATES {
            let sentence =
                format!("the signature holds {} certificates; 1 to {MOST_CERTIFICATES} are accepted", found.len());
            return Err(self.refuse(key, &rules::KEY_INFO, sentence));
        }
        Ok(signer_first(found))
    }

    fn certificate(&self, node: Node<'_, '_>) -> Judged<Certificate> {
        if !node.has_tag_name((DS, "X509Certificate")) {
            let sentence = format!("X509Data holds {}; only certificates are accepted", node.tag_name().name());
            return Err(self.refuse(node, &rules::KEY_INFO, sentence));
        }
        self.attributes(node, &[])?;
        let read = Certificate::from_der(&self.bytes(node)?);
        read.map_err(|_| self.refuse(node, &rules::KEY_INFO, "the certificate cannot be read"))
    }

    /// What is stated beside: the time of signing, a time stamp. Nothing of it is covered by the signature.
    fn stated(&self, object: Node<'n, 'n>) -> Judged<Stated> {
        self.named(object, "Object")?;
        self.attributes(object, &[])?;
        let [statement] = &*self.children(object)? else {
            return Err(self.refuse(object, &rules::STRUCTURE, "the object beside the signature is not ours"));
        };
        if !statement.has_tag_name((STATED, "Stated")) {
            return Err(self.unexpected(*statement));
        }
        let (mut time, mut stamp) = (None, None);
        for one in self.children(*statement)? {
            if one.has_tag_name((STATED, "SigningTime")) && time.is_none() && stamp.is_none() {
                time = Some(self.time(one)?);
            } else if one.has_tag_name((STATED, "TimeStamp")) && stamp.is_none() {
                stamp = Some(self.bytes(one)?);
            } else {
                return Err(self.unexpected(one));
            }
        }
        Ok((time, stamp))
    }

    fn time(&self, node: Node<'_, '_>) -> Judged<DateTime<Utc>> {
        let text = self.text(node)?;
        let time = DateTime::parse_from_rfc3339(text.trim());
        time.map(|time| time.to_utc()).map_err(|_| self.refuse(node, &rules::STRUCTURE, "the stated time is no time"))
    }

    /// The text of an element that holds nothing else.
    fn text(&self, node: Node<'_, '_>) -> Judged<String> {
        if node.children().any(|child| !child.is_text()) {
            let sentence = format!("{} holds something beside its text", node.tag_name().name());
            return Err(self.refuse(node, &rules::STRUCTURE, sentence));
        }
        Ok(node.children().filter_map(|child| child.text()).collect())
    }

    fn bytes(&self, node: Node<'_, '_>) -> Judged<Vec<u8>> {
        let text: String = self.text(node)?.split_ascii_whitespace().collect();
        let sentence = || format!("{} is not written in base64", node.tag_name().name());
        BASE64.decode(text).map_err(|_| self.refuse(node, &rules::STRUCTURE, sentence()))
    }
}

/// Tools write a chain in either order: the signer's certificate is the one that issued none of the others.
fn signer_first(mut certificates: Vec<Certificate>) -> Vec<Certificate> {
    let issued_another = |one: &Certificate| {
        let others = certificates.iter().filter(|other| other.der() != one.der());
        others.map(Certificate::issuer).any(|issuer| issuer == one.subject())
    };
    if let Some(at) = certificates.iter().position(|one| !issued_another(one)) {
        certificates.swap(0, at);
    }
    certificates
}

/// How SignedInfo names the original in its `Id`, which the signature covers and every tool lets pass.
pub(super) fn id_of(original: &Original) -> String {
    match original.signer {
        Some(signer) => format!("original-{}-signer-{signer}", original.digest),
        None => format!("original-{}", original.digest),
    }
}

fn original_of(id: &str) -> Option<Original> {
    let rest = id.strip_prefix("original-")?;
    let (digest, signer) = rest.split_once("-signer-").map_or((rest, None), |(digest, signer)| (digest, Some(signer)));
    let digest = crate::id::Sha256Digest::parse(digest).ok()?;
    match signer {
        None => Some(Original { digest, signer: None }),
        Some(signer) => Some(Original { digest, signer: Some(crate::id::Fingerprint::parse(signer).ok()?) }),
    }
}
