//! What are the names of XML signatures?

/// Namespace of XML signatures.
pub(super) const DS: &str = "http://www.w3.org/2000/09/xmldsig#";
/// Exclusive canonicalisation without comments: the only one of the profile.
pub(super) const EXCLUSIVE: &str = "http://www.w3.org/2001/10/xml-exc-c14n#";
/// The transform that leaves the signature itself out.
pub(super) const ENVELOPED: &str = "http://www.w3.org/2000/09/xmldsig#enveloped-signature";
/// What a detached signature says it covers. It is never dereferenced.
pub(super) const DOCUMENT: &str = "permit.xml";
/// Namespace of what we state beside a signature; our choice, and never trusted.
pub(super) const STATED: &str = "urn:epix:signature:1";
