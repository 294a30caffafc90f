//! Does a signature hold, over which bytes, and whose is it?

use crate::wire::tree::Node;
use chrono::{DateTime, Utc};
use epix_native::signature::{self, Anchors, Certificate, ChainFlaw, KeyError};

use super::canonical;
use super::place::{finding, is_signature, not_xml, part_looking};
use super::profile::Profile;
use super::rules::{self, Row};
use super::seal::{Holder, Seal, TimeSource};
use super::structure::{self, Claim};
use crate::id::{Country, Fingerprint, Sha256Digest};
use crate::report::{self, Finding, Severity};
use crate::wire::form;
use crate::wire::guard::{Limits, guard};

/// Whom and what we trust.
#[derive(Debug)]
pub struct Trust {
    /// Root certificates of the authorities that certify signers, with their revocation lists.
    pub anchors: Anchors,
    /// Root certificates of time-stamping authorities; none: no time stamp is believed.
    pub clocks: Option<Anchors>,
    /// Which algorithms are good enough.
    pub profile: Profile,
}

/// For which moment validity is asked.
#[derive(Debug, Clone, Copy)]
pub struct Question {
    /// The moment, unless a time stamp says better.
    pub at: DateTime<Utc>,
    /// Where the moment comes from.
    pub by: TimeSource,
}

/// What was found out about a signature.
#[derive(Debug, Clone, Default)]
pub struct Verdict {
    /// What is wrong, or worth a note.
    pub findings: Vec<Finding>,
    /// Who signed what; also where a finding says that it is not to be trusted, as far as it could be read.
    pub seal: Option<Seal>,
    /// The certificates from signer to anchor in DER: kept with the verdict, so that it can be repeated.
    pub chain: Vec<Vec<u8>>,
    /// The canonical bytes that the signature covers; `None` unless the signature holds.
    pub covered: Option<String>,
}

impl Verdict {
    /// True when nothing speaks against the signature.
    pub fn is_trusted(&self) -> bool {
        self.covered.is_some() && !self.findings.iter().any(|finding| finding.severity == Severity::Error)
    }

    /// Of a signature that does not hold, for one reason.
    pub(crate) fn refused(finding: Finding) -> Verdict {
        Verdict { findings: vec![finding], ..Verdict::default() }
    }
}

/// Who speaks for the authority that issued a permit.
#[derive(Clone, Copy)]
pub enum Signers<'a> {
    /// Certificates of the country that issued it.
    OfIssuer,
    /// Certificates of this country, and it has to be the one that issued the permit, where the permit names one.
    Of(Country),
    /// The certificates that are registered for a country.
    Registered(&'a dyn Fn(Country) -> Vec<Fingerprint>),
}

/// No honest signature is larger: ten certificates and a time stamp are about 40 kB.
const LIMITS: Limits = Limits { bytes: 1 << 18, ..Limits::REQUEST };

/// Checks a detached signature over a stand-alone document that passed the guard, or with `None` the enveloped one in it.
///
/// # Errors
/// [`KeyError`] when nobody could look; everything that is wrong is a finding.
pub fn verify(
    document: &str,
    detached: Option<&[u8]>,
    trust: &Trust,
    question: &Question,
) -> Result<Verdict, KeyError> {
    // What an enveloped signature covers is read from the tree in which it stands: one parse less, and the same bytes.
    let look = |root: Node<'_, '_>, signature: Node<'_, '_>| Some(covered_in(document, root, Some(signature)));
    let (parted, within) = match part_looking(document, look) {
        Ok(parted) => parted,
        Err(finding) => return Ok(Verdict::refused(*finding)),
    };
    let covered = within.unwrap_or_else(|| covered(document));
    match (detached, &parted.signature) {
        (None, None) => Ok(Verdict::refused(*missing())),
        (Some(_), Some(_)) => Ok(Verdict::refused(*both())),
        (Some(bytes), None) => match guard(bytes, &LIMITS) {
            Ok(signature) => examine(covered, signature, trust, question),
            Err(finding) => Ok(Verdict::refused(*finding)),
        },
        (None, Some(signature)) => examine(covered, signature, trust, question),
    }
}

/// Nothing is signed where a signature is required.
pub fn missing() -> Box<Finding> {
    without_place(&rules::MISSING, Severity::Error, "the permit is not signed".to_owned())
}

/// A signature is required, and nobody said whom to trust.
pub(crate) fn nobody_trusted() -> Box<Finding> {
    without_place(&rules::ANCHOR, Severity::Error, "no trusted root certificates were given".to_owned())
}

fn both() -> Box<Finding> {
    let sentence = "the permit holds a signature, and another one stands beside it".to_owned();
    without_place(&rules::PLACE, Severity::Error, sentence)
}

fn without_place(rule: &Row, severity: Severity, sentence: String) -> Box<Finding> {
    let place = report::Place { line: 1, column: 1, path: "/Signature".to_owned() };
    Box::new(Finding { remedy: Some(rule.remedy), ..Finding::new(rule.id, severity, place, sentence) })
}

fn error(rule: &Row, sentence: impl Into<String>) -> Finding {
    *without_place(rule, Severity::Error, sentence.into())
}

/// Checks a signature over what it covers.
fn examine(
    covered: Result<String, Box<Finding>>,
    signature: &str,
    trust: &Trust,
    question: &Question,
) -> Result<Verdict, KeyError> {
    let refused = |finding: Box<Finding>| Ok(Verdict::refused(*finding));
    let covered = match covered {
        Ok(covered) => covered,
        Err(finding) => return refused(finding),
    };
    let tree = match form::parse(signature) {
        Ok(tree) => tree,
        Err(error) => return refused(not_xml(&error)),
    };
    let root = tree.root_element();
    if !is_signature(root) {
        let sentence = format!("{} stands where a signature is expected", root.tag_name().name());
        return refused(finding(signature, root, &rules::PLACE, Severity::Error, sentence));
    }
    match structure::read(signature, root) {
        Ok(claim) => settle(covered, &claim, trust, question),
        Err(finding) => refused(finding),
    }
}

/// The canonical bytes of a document, unless a comment would make them say something else than a reader sees.
fn covered(document: &str) -> Result<String, Box<Finding>> {
    let tree = form::parse(document).map_err(|error| not_xml(&error))?;
    covered_in(document, tree.root_element(), None)
}

/// The same of a document that is parsed, but for the signature in it.
fn covered_in(document: &str, root: Node<'_, '_>, signature: Option<Node<'_, '_>>) -> Result<String, Box<Finding>> {
    let is_of_signature =
        |comment: Node<'_, '_>| signature.is_some_and(|signature| signature.range().contains(&comment.range().start));
    let in_value = |comment: Node<'_, '_>| {
        let siblings = comment.parent().into_iter().flat_map(|parent| parent.children());
        let texts = siblings.filter(|sibling| sibling.is_text());
        texts.filter_map(|text| text.text()).any(|text| !text.trim().is_empty())
    };
    let mut comments = root.descendants().filter(|node| node.is_comment() && !is_of_signature(*node));
    match comments.find(|comment| in_value(*comment)) {
        None => Ok(canonical::of_element(document, root, signature.map(|signature| signature.id()))),
        Some(comment) => {
            let sentence = "a comment stands inside of a value".to_owned();
            let value = comment.parent().unwrap_or(comment);
            Err(finding(document, value, &rules::COMMENT, Severity::Error, sentence))
        }
    }
}

/// Digest and value first: what does not hold is nobody's.
fn settle(covered: String, claim: &Claim, trust: &Trust, question: &Question) -> Result<Verdict, KeyError> {
    let [signer, others @ ..] = claim.certificates.as_slice() else {
        return Ok(Verdict::refused(error(&rules::KEY_INFO, "the signature holds no certificate")));
    };
    if claim.digest.is.of(covered.as_bytes())? != claim.digest_value {
        let sentence = "the document is not the one that was signed: its digest differs";
        return Ok(Verdict::refused(error(&rules::DIGEST, sentence)));
    }
    let kind = signer.key_kind();
    if !claim.method.is.fits(&kind) {
        let sentence = format!("{} is no method for a key of the kind {kind}", claim.method.name);
        return Ok(Verdict::refused(error(&rules::KEY, sentence)));
    }
    if !signature::holds(signer, claim.method.is, claim.signed_info.as_bytes(), &claim.value)? {
        let sentence = format!("the signature was not made with the key of {}", signer.subject());
        return Ok(Verdict::refused(error(&rules::VALUE, sentence)));
    }
    let mut findings = Vec::new();
    let moment = moment(claim, trust, question, &mut findings)?;
    let chain = vouched(signer, others, claim, trust, &moment, &mut findings)?;
    let seal = Seal {
        chain: chain.iter().map(Holder::of).collect(),
        algorithm: claim.method.name.to_owned(),
        key: kind.to_string(),
        covers: Sha256Digest::of(covered.as_bytes()),
        stated: claim.stated,
        judged_at: moment.at,
        judged_by: moment.by,
        original: claim.original,
    };
    let chain = chain.iter().map(|certificate| certificate.der().to_vec()).collect();
    Ok(Verdict { findings, seal: Some(seal), chain, covered: Some(covered) })
}

/// The moment that counts: a time stamp that holds says it, else the caller. A stated time never does.
fn moment(
    claim: &Claim,
    trust: &Trust,
    question: &Question,
    findings: &mut Vec<Finding>,
) -> Result<Question, KeyError> {
    if let Some(stated) = claim.stated {
        let sentence = format!("the signer says to have signed at {stated}, which is not trusted");
        findings.push(*without_place(&rules::STATED_TIME, Severity::Note, sentence));
    }
    let Some(stamp) = &claim.stamp else { return Ok(*question) };
    let Some(clocks) = &trust.clocks else {
        findings
            .push(error(&rules::STAMP, "the signature holds a time stamp, and no time-stamping authority is trusted"));
        return Ok(*question);
    };
    match signature::stamped_at(stamp, &claim.value, clocks)? {
        Ok(at) => {
            let at = DateTime::from_timestamp(at, 0).unwrap_or(question.at);
            Ok(Question { at: at.min(question.at), by: TimeSource::TimeStamp })
        }
        Err(flaw) => {
            findings.push(error(&rules::STAMP, format!("the time stamp is not to be trusted: {flaw}")));
            Ok(*question)
        }
    }
}

/// The chain to an anchor; where there is none, the signer's certificate alone, and the finding that says why.
fn vouched(
    signer: &Certificate,
    others: &[Certificate],
    claim: &Claim,
    trust: &Trust,
    moment: &Question,
    findings: &mut Vec<Finding>,
) -> Result<Vec<Certificate>, KeyError> {
    let day = moment.at.date_naive();
    if let Some(objection) = trust.profile.objection(&signer.key_kind(), day) {
        findings.push(error(&rules::KEY, objection));
    }
    for (name, rule) in [(claim.method.name, &rules::METHOD), (claim.digest.name, &rules::DIGEST_METHOD)] {
        if !trust.profile.allows(name, day) {
            findings.push(error(rule, format!("{name} is not accepted on {day}")));
        }
    }
    if !signer.may_sign() {
        let sentence = format!("the certificate of {} may not be used for signatures", signer.subject());
        findings.push(error(&rules::USAGE, sentence));
    }
    if trust.anchors.lists().next().is_none() {
        let sentence = "revocation was not looked at: no revocation list was given".to_owned();
        findings.push(*without_place(&rules::NO_LIST, Severity::Note, sentence));
    }
    match trust.anchors.chain(signer, others, moment.at.timestamp())? {
        Ok(chain) => Ok(chain),
        Err(flaw) => {
            findings.push(flawed(signer, moment, flaw));
            Ok(vec![signer.clone()])
        }
    }
}

fn flawed(signer: &Certificate, moment: &Question, flaw: ChainFlaw) -> Finding {
    let day = |seconds| DateTime::from_timestamp(seconds, 0).unwrap_or_default();
    match flaw {
        ChainFlaw::NotAnchored => error(
            &rules::ANCHOR,
            format!("nobody who is trusted vouches for {} (issued by {})", signer.subject(), signer.issuer()),
        ),
        ChainFlaw::Expired { subject, until } => error(
            &rules::EXPIRED,
            format!("the certificate of {subject} was valid until {}, not at {}", day(until), moment.at),
        ),
        ChainFlaw::NotYetValid { subject, from } => error(
            &rules::NOT_YET_VALID,
            format!("the certificate of {subject} is valid from {}, not at {}", day(from), moment.at),
        ),
        ChainFlaw::Revoked { subject } => error(&rules::REVOKED, format!("the certificate of {subject} was revoked")),
        ChainFlaw::NoUsableList { subject, reason } => error(
            &rules::REVOCATION_LIST,
            format!("no revocation list answers for the certificate of {subject}: {reason}"),
        ),
        ChainFlaw::Other(words) => {
            error(&rules::ANCHOR, format!("the chain of {} does not hold: {words}", signer.subject()))
        }
    }
}

/// Says why a signer does not speak for the country that issued a permit; `None` when it does.
pub fn registered(seal: &Seal, issuing: Option<Country>, signers: &Signers<'_>) -> Option<Finding> {
    let signer = seal.signer();
    let speaks = match signers {
        Signers::OfIssuer => issuing.is_some() && signer.country == issuing,
        Signers::Of(country) => issuing.is_none_or(|issuing| issuing == *country) && signer.country == Some(*country),
        Signers::Registered(of) => issuing.is_some_and(|issuing| of(issuing).contains(&signer.fingerprint)),
    };
    let by = issuing.map_or("names no country that issued it".to_owned(), |country| format!("was issued by {country}"));
    let sentence = format!("the permit {by}, and {} is not registered to speak for its authority", signer.subject);
    (!speaks).then(|| error(&rules::AUTHORITY, sentence))
}
