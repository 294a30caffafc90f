//! The rules that signatures are judged by: one row each, with what to do about it; ids are for ever.

use crate::report::RuleId;

/// One rule.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Row {
    /// Its id.
    pub id: RuleId,
    /// What holds.
    pub sentence: &'static str,
    /// What to do when it does not.
    pub remedy: &'static str,
}

macro_rules! declare {
    ($($name:ident $id:literal $sentence:literal => $remedy:literal;)+) => {
        $(#[doc = $sentence] pub const $name: Row = Row { id: RuleId($id), sentence: $sentence, remedy: $remedy };)+

        /// Every rule of this file.
        pub const ROWS: &[Row] = &[$($name),+];
    };
}

declare! {
    MISSING "EPIX-SIGN-01" "A permit that must be signed is signed."
        => "ask the authority that issued the permit for its signature";
    PLACE "EPIX-SIGN-02" "There is one signature, beside the permit or as the last child of its root."
        => "do not trust the document: ask the authority that issued it for the original";
    STRUCTURE "EPIX-SIGN-03" "A signature holds the elements of the profile, once and in order, and no others."
        => "have it signed again with the profile of docs/signatures.md";
    CANONICAL "EPIX-SIGN-04" "What is signed is made canonical by Exclusive Canonical XML without comments or parameters."
        => "have it signed again with exclusive canonicalisation";
    METHOD "EPIX-SIGN-05" "The signature method is RSA or ECDSA with SHA-256 or stronger, and not retired."
        => "have it signed again with rsa-sha256 or ecdsa-sha256";
    DIGEST_METHOD "EPIX-SIGN-06" "The digest method is SHA-256 or stronger, and not retired."
        => "have it signed again with sha256";
    REFERENCES "EPIX-SIGN-07" "A signature refers to one thing."
        => "have it signed again with one reference";
    ADDRESS "EPIX-SIGN-08" "The reference is to the whole permit: permit.xml beside it, or the empty address within it."
        => "have it signed again with a reference to the whole permit";
    TRANSFORMS "EPIX-SIGN-09" "The transforms are enveloped-signature (where the address is empty) and exclusive canonicalisation."
        => "have it signed again without other transforms";
    KEY_INFO "EPIX-SIGN-10" "The signer's certificate stands in X509Data, and no key is given in another way."
        => "have it signed again with the certificate in X509Data";
    KEY "EPIX-SIGN-11" "The signer's key is RSA from 2048 bits, P-256 or P-384, and fits the signature method."
        => "have it signed again with a key that is strong enough";
    DIGEST "EPIX-SIGN-12" "The document is the one that was signed."
        => "do not trust the document: it was changed, or the signature belongs to another one";
    VALUE "EPIX-SIGN-13" "The signature was made with the key of the certificate."
        => "do not trust the document: the signature was changed or made by somebody else";
    ANCHOR "EPIX-SIGN-14" "The signer's certificate leads to a certificate authority that is trusted."
        => "ask the authority which root certificate it uses; trust it only after asking by another road";
    EXPIRED "EPIX-SIGN-15" "Every certificate of the chain was still valid at the time that counts."
        => "have it signed again, or bring a time stamp from when the certificate was valid";
    NOT_YET_VALID "EPIX-SIGN-16" "Every certificate of the chain was valid already at the time that counts."
        => "look at the clock of this computer, and at the time that was given";
    USAGE "EPIX-SIGN-17" "The signer's certificate may be used for signatures."
        => "have it signed again with a certificate for signatures";
    REVOKED "EPIX-SIGN-18" "No certificate of the chain was revoked."
        => "do not trust the document: ask the authority what happened to its key";
    REVOCATION_LIST "EPIX-SIGN-19" "The revocation lists answer for every certificate of the chain at the time that counts."
        => "fetch the current revocation list of the certificate authority";
    AUTHORITY "EPIX-SIGN-20" "The signer is registered for the authority that issued the permit."
        => "do not trust the document: a valid certificate of one Party says nothing of another Party's permit";
    COMMENT "EPIX-SIGN-21" "No comment stands inside of a value: signatures do not cover comments."
        => "ask for the document without the comment";
    STAMP "EPIX-SIGN-22" "A time stamp was made over this signature by a trusted time-stamping authority."
        => "take the time stamp out, or bring one that holds";
    STATED_TIME "EPIX-SIGN-23" "The stated time of signing is shown, never trusted (noted)."
        => "nothing: validity was judged at a time that can be trusted";
    NO_LIST "EPIX-SIGN-24" "Revocation was looked at (noted where no revocation list was given)."
        => "give the revocation list of the certificate authority";
}

/// The rule of an id.
pub fn rule(id: &str) -> Option<&'static Row> {
    ROWS.iter().find(|row| row.id.0 == id)
}
