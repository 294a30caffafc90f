//! From bytes and perhaps a signature to a document that may be stored: what is read is what the signature covers.

use std::fmt;

use serde::{Deserialize, Serialize};

use super::{Accepted, Rejected, settle};
use crate::check::knowledge::Knowledge;
use crate::check::policy::{Policy, decide};
use crate::check::stages::{self, Checked};
use crate::report::{Layer, Report};
use crate::sign::{self, KeyError, Place, Question, Signers, Trust, Verdict, place};
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
    /// The bytes that were read.
    pub read: Vec<u8>,
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
    let (read, mut signature, outcome) = look(bytes, sealing)?;
    let mut checked = stages::run(&read, policy, knowledge);
    if let (Some(reading), Some(verdict)) = (&checked.reading, &mut signature.verdict)
        && let Some(seal) = &verdict.seal
    {
        verdict.findings.extend(sign::verify::registered(seal, reading.permit.issuing_country(), &sealing.signers));
    }
    tell(&mut checked.report, &signature, outcome);
    Ok(Judged { signature, checked, read })
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
    let Judged { signature, checked, .. } = judge(bytes, sealing, policy, knowledge)?;
    let decision = decide(&checked.report, policy);
    Ok(settle(bytes, checked, decision).map(|accepted| (accepted, signature)))
}

/// The bytes that are to be read, what is known of the signature, and why nobody looked at it where nobody did.
fn look(bytes: &[u8], sealing: &Sealing<'_>) -> Result<(Vec<u8>, Signature, Option<&'static str>), KeyError> {
    let as_it_is = |signature, because| Ok((bytes.to_vec(), signature, because));
    let Some(opened) = wire::open(bytes, &Limits::DOCUMENT, &mut Report::default()) else {
        return as_it_is(Signature::default(), Some("the document could not be opened"));
    };
    let parted = match place::part(&opened.document) {
        Ok(parted) => parted,
        Err(finding) => {
            let verdict = Verdict { findings: vec![*finding], ..Verdict::default() };
            return as_it_is(Signature { verdict: Some(verdict), ..Signature::default() }, None);
        }
    };
    let (place, signature) = match (&parted.signature, sealing.detached) {
        (Some(within), _) => (Some(Place::Enveloped), Some(within.as_bytes().to_vec())),
        (None, Some(beside)) => (Some(Place::Detached), Some(beside.to_vec())),
        (None, None) => (None, None),
    };
    let read = || if parted.signature.is_some() { parted.document.clone().into_bytes() } else { bytes.to_vec() };
    let unseen = |because| {
        let signature = Signature { verdict: None, place, bytes: signature.clone() };
        Ok((read(), signature, Some(because)))
    };
    if sealing.requirement == Requirement::Ignored {
        return unseen("signatures are ignored here");
    }
    if signature.is_none() && sealing.requirement == Requirement::Preferred {
        return unseen("the document is not signed");
    }
    let verdict = match sealing.trust {
        None if sealing.requirement == Requirement::Preferred => {
            return unseen("it is signed, and no trusted root certificates were given");
        }
        None => Verdict { findings: vec![*sign::verify::missing()], ..Verdict::default() },
        Some(trust) => sign::verify(&opened.document, sealing.detached, trust, &sealing.question)?,
    };
    let read = match &verdict.covered {
        Some(covered) => covered.clone().into_bytes(),
        None => read(),
    };
    Ok((read, Signature { verdict: Some(verdict), place, bytes: signature }, None))
}

fn tell(report: &mut Report, signature: &Signature, unseen: Option<&'static str>) {
    match &signature.verdict {
        Some(verdict) => report.insert(Layer::Signature, Layer::Version, verdict.findings.clone()),
        None => report.insert_skipped(Layer::Signature, Layer::Version, unseen.unwrap_or("nobody looked")),
    }
}
