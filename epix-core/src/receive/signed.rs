//! From bytes and perhaps a signature to a document that may be stored: what is read is what the signature covers.

use std::borrow::Cow;
use std::fmt;

use serde::{Deserialize, Serialize};

use super::{Accepted, Rejected, settle};
use crate::check::knowledge::Knowledge;
use crate::check::policy::{Policy, decide};
use crate::check::stages::{self, Checked};
use crate::report::{Layer, Report};
use crate::sign::place::{self, Parted};
use crate::sign::{self, KeyError, Place, Question, Signers, Trust, Verdict};
use crate::wire;
use crate::wire::guard::Limits;

/// Whether a permit has to be signed.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Requirement {
    /// A permit without a signature that holds is refused.
    Required,
    /// A permit without a signature is taken; a signature that is there has to hold.
    #[default]
    Preferred,
    /// Signatures are not looked at.
    Ignored,
}

impl fmt::Display for Requirement {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Requirement::Required => "required",
            Requirement::Preferred => "preferred",
            Requirement::Ignored => "ignored",
        })
    }
}

/// How the signature of a document is looked at.
#[derive(Clone, Copy)]
pub struct Sealing<'a> {
    /// The signature that stands beside the document; `None` where there is none, or it stands within.
    pub detached: Option<&'a [u8]>,
    /// Whether there has to be one.
    pub requirement: Requirement,
    /// Whom we trust; `None`: nobody, so that nothing can be said.
    pub trust: Option<&'a Trust>,
    /// For which moment.
    pub question: Question,
    /// Who speaks for the authority that issued the permit.
    pub signers: Signers<'a>,
}

/// What was found out about the signature of a document.
#[derive(Debug, Clone, Default)]
pub struct Signature {
    /// The verdict; `None` where nobody looked.
    pub verdict: Option<Verdict>,
    /// Where the signature stood; `None` where there was none.
    pub place: Option<Place>,
    /// The signature, as a document of its own.
    pub bytes: Option<Vec<u8>>,
}

impl Signature {
    /// True when the signature was looked at and holds, the registration of its signer included.
    pub fn is_trusted(&self) -> bool {
        self.verdict.as_ref().is_some_and(Verdict::is_trusted)
    }
}

/// A document that went through the stages, and its signature.
#[derive(Debug, Clone)]
pub struct Judged {
    /// What was found out about the signature.
    pub signature: Signature,
    /// What was read, from the bytes that the signature covers where it holds, and the verdict of every layer.
    pub checked: Checked,
}

/// Sends a document through every stage, its signature first.
///
/// # Errors
/// [`KeyError`] when nobody could look at the signature.
pub fn judge(
    bytes: &[u8],
    sealing: &Sealing<'_>,
    policy: &Policy,
    knowledge: &Knowledge<'_>,
) -> Result<Judged, KeyError> {
    let Looked { read, mut signature, unseen } = look(bytes, sealing)?;
    let mut checked = stages::run(&read, policy, knowledge);
    if let (Some(reading), Some(verdict)) = (&checked.reading, &mut signature.verdict)
        && let Some(seal) = &verdict.seal
    {
        verdict.findings.extend(sign::verify::registered(seal, reading.permit.issuing_country(), &sealing.signers));
    }
    tell(&mut checked.report, &signature, unseen);
    Ok(Judged { signature, checked })
}

/// Looks at a document and its signature in every layer, and decides by a policy.
///
/// # Errors
/// The outer error says that nobody could look at the signature, the inner one why the document was refused.
pub fn receive_signed(
    bytes: &[u8],
    sealing: &Sealing<'_>,
    policy: &Policy,
    knowledge: &Knowledge<'_>,
) -> Result<Result<(Accepted, Signature), Box<Rejected>>, KeyError> {
    let Judged { signature, checked } = judge(bytes, sealing, policy, knowledge)?;
    let decision = decide(&checked.report, policy);
    Ok(settle(bytes, checked, decision).map(|accepted| (accepted, signature)))
}

/// What is to be read, what is known of the signature, and why nobody looked at it where nobody did.
struct Looked<'b> {
    read: Cow<'b, [u8]>,
    signature: Signature,
    unseen: Option<&'static str>,
}

fn look<'b>(bytes: &'b [u8], sealing: &Sealing<'_>) -> Result<Looked<'b>, KeyError> {
    let as_it_is = |verdict, unseen| {
        let signature = Signature { verdict, ..Signature::default() };
        Ok(Looked { read: Cow::Borrowed(bytes), signature, unseen })
    };
    let without = |because| match sealing.requirement {
        Requirement::Required => as_it_is(Some(Verdict::refused(*sign::verify::missing())), None),
        Requirement::Preferred | Requirement::Ignored => as_it_is(None, Some(because)),
    };
    if sealing.detached.is_none() && !place::may_hold_signature(bytes) {
        return without("the document is not signed");
    }
    if wire::json::is_json(bytes) {
        return without("a document in JSON has no signature");
    }
    // The layers before this one say why.
    let Some(opened) = wire::open(bytes, &Limits::DOCUMENT, &mut Report::default()) else {
        return as_it_is(None, Some("the document could not be opened"));
    };
    match place::part(&opened.document) {
        Ok(parted) => looked(&opened.document, parted, sealing),
        Err(finding) => as_it_is(Some(Verdict::refused(*finding)), None),
    }
}

/// `document` is the stand-alone one, `parted` the same without the signature that may stand in it.
fn looked(document: &str, parted: Parted, sealing: &Sealing<'_>) -> Result<Looked<'static>, KeyError> {
    let place = match (&parted.signature, sealing.detached) {
        (Some(_), _) => Some(Place::Enveloped),
        (None, Some(_)) => Some(Place::Detached),
        (None, None) => None,
    };
    let beside = || sealing.detached.map(<[u8]>::to_vec);
    let bytes = parted.signature.map(String::into_bytes).or_else(beside);
    let (verdict, unseen) = match (sealing.requirement, sealing.trust) {
        (Requirement::Ignored, _) => (None, Some("signatures are ignored here")),
        (Requirement::Preferred, _) if bytes.is_none() => (None, Some("the document is not signed")),
        (Requirement::Preferred, None) => (None, Some("it is signed, and no trusted root certificates were given")),
        (Requirement::Required, None) => (Some(Verdict::refused(*sign::verify::nobody_trusted())), None),
        (_, Some(trust)) => (Some(sign::verify(document, sealing.detached, trust, &sealing.question)?), None),
    };
    let covered = verdict.as_ref().and_then(|verdict| verdict.covered.clone());
    let read = Cow::Owned(covered.unwrap_or(parted.document).into_bytes());
    Ok(Looked { read, signature: Signature { verdict, place, bytes }, unseen })
}

fn tell(report: &mut Report, signature: &Signature, unseen: Option<&'static str>) {
    match &signature.verdict {
        Some(verdict) => report.insert(Layer::Signature, Layer::Version, verdict.findings.clone()),
        None => report.insert_skipped(Layer::Signature, Layer::Version, unseen.unwrap_or("nobody looked")),
    }
}
