//! Which attacks on signatures are known, and by which rule is each refused? One row each; the files are made from them.

use epix_core::sign::canonical::canonical;
use openssl::hash::MessageDigest;

use crate::files::permit;
use crate::forge::{
    DS, ENVELOPED, EXCLUSIVE, Forged, INCLUSIVE, RSA_SHA256, SHA256, Seal, algorithm, put_in, reference,
    reference_with, x509,
};

/// A document, and the signature beside it where there is one.
pub(crate) type Made = (String, Option<String>);

/// One attack.
pub(crate) struct Attack {
    pub(crate) rule: &'static str,
    pub(crate) slug: &'static str,
    pub(crate) make: fn() -> Made,
}

const fn attack(rule: &'static str, slug: &'static str, make: fn() -> Made) -> Attack {
    Attack { rule, slug, make }
}

/// Every attack.
pub(crate) const ATTACKS: &[Attack] = &[
    attack("EPIX-SIGN-01", "stripped", || (permit(), None)),
    // Wrapping: the reference still finds what was signed, the reader finds something else.
    attack("EPIX-SIGN-02", "wrapped-copied-below-another-root", || {
        let signed = put_in(&permit(), &Forged::within(&permit(), RSA).element());
        (put_in(&changed(), signed.split_once("?>").unwrap().1), None)
    }),
    attack("EPIX-SIGN-02", "wrapped-nested-in-a-child", || {
        (put_in(&changed(), &format!("<x>{}</x>", by_id("#permit").element())), None)
    }),
    attack("EPIX-SIGN-02", "wrapped-first-child", || {
        let signature = Forged::within(&permit(), RSA).element();
        (
            permit().replacen(
                "  <rsm:HeaderExchangedDocument>",
                &format!("{signature}  <rsm:HeaderExchangedDocument>"),
                1,
            ),
            None,
        )
    }),
    attack("EPIX-SIGN-02", "two-enveloped", || {
        let signature = Forged::within(&permit(), RSA).element();
        (put_in(&put_in(&permit(), &signature), &signature), None)
    }),
    attack("EPIX-SIGN-02", "enveloped-and-detached", || {
        let within = put_in(&permit(), &Forged::within(&permit(), RSA).element());
        (within, Some(Forged::beside(&permit(), RSA).element()))
    }),
    attack("EPIX-SIGN-02", "not-a-signature-beside", || (permit(), Some(permit()))),
    attack("EPIX-SIGN-03", "wrapped-moved-into-object", || {
        let moved = format!("<ds:Object>{}</ds:Object>", element_of(&permit()));
        (put_in(&changed(), &by_id("#permit").with(|forged| forged.object = moved).element()), None)
    }),
    attack("EPIX-SIGN-03", "manifest", || {
        let manifest = format!("<ds:Object><ds:Manifest>{}</ds:Manifest></ds:Object>", good_reference());
        beside(Forged::beside(&permit(), RSA).with(|forged| forged.object = manifest))
    }),
    attack("EPIX-SIGN-03", "comment-in-digest", || {
        let commented = good_reference().replacen("<ds:DigestValue>", "<ds:DigestValue><!-- x -->", 1);
        beside(Forged::over(commented, RSA))
    }),
    attack("EPIX-SIGN-03", "no-key-info", || {
        beside(Forged::beside(&permit(), RSA).with(|forged| forged.key_info = String::new()))
    }),
    attack("EPIX-SIGN-03", "foreign-attribute", || {
        beside(Forged::beside(&permit(), RSA).with(|forged| forged.attributes = " Type=\"x\"".into()))
    }),
    attack("EPIX-SIGN-04", "inclusive-canonicalisation", || canonicalised(INCLUSIVE, "")),
    attack("EPIX-SIGN-04", "canonicalisation-with-comments", || canonicalised(&format!("{EXCLUSIVE}WithComments"), "")),
    attack("EPIX-SIGN-04", "inclusive-prefixes", || {
        let list = format!("<InclusiveNamespaces xmlns=\"{EXCLUSIVE}\" PrefixList=\"rsm\"></InclusiveNamespaces>");
        canonicalised(EXCLUSIVE, &list)
    }),
    attack("EPIX-SIGN-05", "hmac-with-public-key", || {
        let uri = "http://www.w3.org/2001/04/xmldsig-more#hmac-sha256";
        method(uri, "", Seal::Hmac(MessageDigest::sha256(), 32))
    }),
    attack("EPIX-SIGN-05", "truncated-hmac", || {
        let length = "<ds:HMACOutputLength>8</ds:HMACOutputLength>";
        method("http://www.w3.org/2000/09/xmldsig#hmac-sha1", length, Seal::Hmac(MessageDigest::sha1(), 1))
    }),
    attack("EPIX-SIGN-05", "rsa-sha1", || method(&format!("{DS}rsa-sha1"), "", Seal::Rsa(RSA, MessageDigest::sha1()))),
    attack("EPIX-SIGN-05", "rsa-md5", || {
        let uri = "http://www.w3.org/2001/04/xmldsig-more#rsa-md5";
        method(uri, "", Seal::Rsa(RSA, MessageDigest::md5()))
    }),
    attack("EPIX-SIGN-06", "digest-sha1", || refers("permit.xml", &[EXCLUSIVE], &format!("{DS}sha1"))),
    attack("EPIX-SIGN-06", "digest-md5", || {
        refers("permit.xml", &[EXCLUSIVE], "http://www.w3.org/2001/04/xmldsig-more#md5")
    }),
    attack("EPIX-SIGN-07", "two-references", || {
        beside(Forged::beside(&permit(), RSA).with(|forged| forged.references.push(good_reference())))
    }),
    attack("EPIX-SIGN-07", "no-reference", || {
        beside(Forged::beside(&permit(), RSA).with(|forged| forged.references.clear()))
    }),
    attack("EPIX-SIGN-08", "wrapped-sibling", || {
        let sibling = format!("<x Id=\"permit\">{}</x>", element_of(&permit()));
        (put_in(&changed(), &format!("{sibling}{}", by_id("#permit").element())), None)
    }),
    attack("EPIX-SIGN-08", "wrapped-id-clash", || {
        let twice = "<x Id=\"permit\"/><x Id=\"permit\"/>";
        (put_in(&changed(), &format!("{twice}{}", by_id("#permit").element())), None)
    }),
    attack("EPIX-SIGN-08", "fragment", || refers("#permit", &[EXCLUSIVE], SHA256)),
    attack("EPIX-SIGN-08", "xpointer", || refers("#xpointer(/*[1])", &[EXCLUSIVE], SHA256)),
    attack("EPIX-SIGN-08", "external-file", || refers("file:///etc/hostname", &[EXCLUSIVE], SHA256)),
    attack("EPIX-SIGN-08", "external-http", || refers("http://127.0.0.1:9/permit.xml", &[EXCLUSIVE], SHA256)),
    attack("EPIX-SIGN-08", "other-file", || refers("other.xml", &[EXCLUSIVE], SHA256)),
    attack("EPIX-SIGN-08", "no-address", || {
        let covered = canonical(&permit()).unwrap();
        let transforms = algorithm("Transform", EXCLUSIVE, "");
        beside(Forged::over(reference_with("Type=\"x\"", &transforms, SHA256, covered.as_bytes()), RSA))
    }),
    attack("EPIX-SIGN-09", "xpath", || {
        let xpath = "<ds:XPath>not(ancestor-or-self::*[local-name()='IncludedSupplyChainTradeLineItem'])</ds:XPath>";
        transformed(&[("http://www.w3.org/TR/1999/REC-xpath-19991116", xpath)])
    }),
    attack("EPIX-SIGN-09", "xpath-filter-2", || {
        let xpath = "<XPath xmlns=\"http://www.w3.org/2002/06/xmldsig-filter2\" Filter=\"intersect\">/none</XPath>";
        transformed(&[("http://www.w3.org/2002/06/xmldsig-filter2", xpath)])
    }),
    attack("EPIX-SIGN-09", "xslt", || {
        let sheet =
            "<xsl:stylesheet xmlns:xsl=\"http://www.w3.org/1999/XSL/Transform\" version=\"1.0\"></xsl:stylesheet>";
        transformed(&[("http://www.w3.org/TR/1999/REC-xslt-19991116", sheet)])
    }),
    attack("EPIX-SIGN-09", "base64-transform", || transformed(&[("http://www.w3.org/2000/09/xmldsig#base64", "")])),
    attack("EPIX-SIGN-09", "enveloped-transform-beside", || refers("permit.xml", &[ENVELOPED, EXCLUSIVE], SHA256)),
    attack("EPIX-SIGN-09", "no-enveloped-transform-within", || refers("", &[EXCLUSIVE], SHA256)),
    attack("EPIX-SIGN-09", "inclusive-transform", || refers("permit.xml", &[INCLUSIVE], SHA256)),
    attack("EPIX-SIGN-09", "no-transform", || refers("permit.xml", &[], SHA256)),
    attack("EPIX-SIGN-10", "bare-key-value", || {
        keyed(
            "<ds:KeyValue><ds:RSAKeyValue><ds:Modulus>AQAB</ds:Modulus><ds:Exponent>AQAB</ds:Exponent></ds:RSAKeyValue></ds:KeyValue>",
        )
    }),
    attack("EPIX-SIGN-10", "key-name", || keyed("<ds:KeyName>xa</ds:KeyName>")),
    attack("EPIX-SIGN-10", "retrieval-method", || {
        keyed("<ds:RetrievalMethod URI=\"http://127.0.0.1:9/key\"></ds:RetrievalMethod>")
    }),
    attack("EPIX-SIGN-10", "subject-name-only", || {
        keyed("<ds:X509Data><ds:X509SubjectName>CN=XA permits</ds:X509SubjectName></ds:X509Data>")
    }),
    attack("EPIX-SIGN-10", "broken-certificate", || {
        keyed("<ds:X509Data><ds:X509Certificate>AAAA</ds:X509Certificate></ds:X509Data>")
    }),
    attack("EPIX-SIGN-11", "rsa-1024", || beside(Forged::beside(&permit(), "weak"))),
    attack("EPIX-SIGN-11", "unknown-curve", || {
        let uri = "http://www.w3.org/2001/04/xmldsig-more#ecdsa-sha256";
        beside(Forged::beside(&permit(), RSA).with(|forged| {
            forged.method = algorithm("SignatureMethod", uri, "");
            forged.key_info = format!("<ds:KeyInfo>{}</ds:KeyInfo>", x509(&["secp256k1"]));
            forged.seal = Seal::Zeros;
        }))
    }),
    attack("EPIX-SIGN-12", "content-changed", || (changed(), Some(Forged::beside(&permit(), RSA).element()))),
    attack("EPIX-SIGN-12", "content-changed-within", || {
        (put_in(&changed(), &Forged::within(&permit(), RSA).element()), None)
    }),
    attack("EPIX-SIGN-12", "white-space-changed", || {
        (permit().replacen("  <rsm:", " <rsm:", 1), Some(Forged::beside(&permit(), RSA).element()))
    }),
    attack("EPIX-SIGN-12", "signature-of-another-permit", || {
        let other = crate::files::text("v2/valid/xa-export-permit-2.xml");
        (permit(), Some(Forged::beside(&other, RSA).element()))
    }),
    attack("EPIX-SIGN-13", "value-changed", || {
        beside(Forged::beside(&permit(), RSA).with(|forged| forged.seal = Seal::Zeros))
    }),
    attack("EPIX-SIGN-13", "certificate-of-another", || {
        let stolen = format!("<ds:KeyInfo>{}</ds:KeyInfo>", x509(&[RSA, "ca"]));
        beside(Forged::beside(&permit(), "rogue").with(|forged| forged.key_info = stolen))
    }),
    attack("EPIX-SIGN-14", "other-authority-with-the-same-names", || beside(Forged::beside(&permit(), "rogue"))),
    attack("EPIX-SIGN-14", "other-authority-behind-the-true-root", || {
        let names = format!("<ds:KeyInfo>{}</ds:KeyInfo>", x509(&["rogue", "ca"]));
        beside(Forged::beside(&permit(), "rogue").with(|forged| forged.key_info = names))
    }),
    attack("EPIX-SIGN-15", "expired", || beside(Forged::beside(&permit(), "expired"))),
    attack("EPIX-SIGN-15", "expired-and-back-dated", || {
        let stated = "<ds:Object><Stated xmlns=\"urn:epix:signature:1\"><SigningTime>2025-01-15T00:00:00Z</SigningTime></Stated></ds:Object>";
        beside(Forged::beside(&permit(), "expired").with(|forged| forged.object = stated.into()))
    }),
    attack("EPIX-SIGN-16", "not-yet-valid", || beside(Forged::beside(&permit(), "future"))),
    attack("EPIX-SIGN-17", "key-usage", || beside(Forged::beside(&permit(), "encipher"))),
    attack("EPIX-SIGN-17", "signed-by-the-authority-itself", || beside(Forged::beside(&permit(), "ca"))),
    attack("EPIX-SIGN-17", "self-made", || beside(Forged::beside(&permit(), "rogue-ca"))),
    attack("EPIX-SIGN-18", "revoked", || beside(Forged::beside(&permit(), "revoked"))),
    attack("EPIX-SIGN-20", "another-party", || beside(Forged::beside(&permit(), "xb-rsa"))),
    attack("EPIX-SIGN-21", "comment-in-a-value", || {
        let commented = permit().replacen("26XA000123/EX", "26XA000123<!-- -->/EX", 1);
        (commented, Some(Forged::beside(&permit(), RSA).element()))
    }),
    attack("EPIX-SIGN-22", "time-stamp-that-is-none", || {
        let stated =
            "<ds:Object><Stated xmlns=\"urn:epix:signature:1\"><TimeStamp>AAAA</TimeStamp></Stated></ds:Object>";
        beside(Forged::beside(&permit(), RSA).with(|forged| forged.object = stated.into()))
    }),
    attack("EPIX-GUARD-04", "ids-by-document-type", || {
        let declared = "<!DOCTYPE x [<!ATTLIST x Id ID #IMPLIED>]>\n<rsm:CITESEPermit";
        let document = put_in(&changed(), &by_id("#permit").element());
        (document.replacen("<rsm:CITESEPermit", declared, 1), None)
    }),
    attack("EPIX-GUARD-04", "document-type-in-signature", || {
        let signature = Forged::beside(&permit(), RSA).element();
        (permit(), Some(format!("<!DOCTYPE x [<!ENTITY e SYSTEM \"file:///etc/hostname\">]>{signature}")))
    }),
];

const RSA: &str = "xa-rsa";

/// The permit with another quantity in it.
fn changed() -> String {
    let document = permit();
    let changed = document.replacen("26XA000123/EX", "26XA000999/EX", 1);
    assert_ne!(changed, document);
    changed
}

/// The root element alone.
fn element_of(document: &str) -> String {
    let element = document.split_once("?>").unwrap().1.trim();
    element.replacen("<rsm:CITESEPermit", "<rsm:CITESEPermit Id=\"permit\"", 1)
}

fn beside(forged: Forged) -> Made {
    (permit(), Some(forged.element()))
}

fn good_reference() -> String {
    Forged::beside(&permit(), RSA).references.remove(0)
}

/// A signature over the good permit, found by an id.
fn by_id(address: &str) -> Forged {
    let covered = canonical(&element_of(&permit())).unwrap();
    Forged::over(reference(address, &[EXCLUSIVE], SHA256, covered.as_bytes()), RSA)
}

fn canonicalised(uri: &str, parameters: &str) -> Made {
    let method = algorithm("CanonicalizationMethod", uri, parameters);
    beside(Forged::beside(&permit(), RSA).with(|forged| forged.canonicalisation = method))
}

fn method(uri: &str, parameters: &str, seal: Seal) -> Made {
    let method = algorithm("SignatureMethod", uri, parameters);
    assert_ne!(uri, RSA_SHA256);
    beside(Forged::beside(&permit(), RSA).with(|forged| (forged.method, forged.seal) = (method, seal)))
}

fn refers(address: &str, transforms: &[&str], digest: &str) -> Made {
    let covered = canonical(&permit()).unwrap();
    beside(Forged::over(reference(address, transforms, digest, covered.as_bytes()), RSA))
}

/// A transform in front of the canonicalisation, over bytes that it leaves alone or empties.
fn transformed(transforms: &[(&str, &str)]) -> Made {
    let covered = canonical(&permit()).unwrap();
    let extra: String = transforms.iter().map(|(uri, content)| algorithm("Transform", uri, content)).collect();
    let transforms = format!("{extra}{}", algorithm("Transform", EXCLUSIVE, ""));
    let reference = reference_with("URI=\"permit.xml\"", &transforms, SHA256, covered.as_bytes());
    beside(Forged::over(reference, RSA))
}

fn keyed(key_info: &str) -> Made {
    beside(
        Forged::beside(&permit(), RSA).with(|forged| forged.key_info = format!("<ds:KeyInfo>{key_info}</ds:KeyInfo>")),
    )
}
