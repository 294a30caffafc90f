//! What is to be said of a document, and what was decided about it?

use epix_core::check::knowledge::Knowledge;
use epix_core::check::policy::{Decision, Policy, decide};
use epix_core::check::profile::GUIDE;
use epix_core::permit::Permit;
use epix_core::receive::{Accepted, Rejected, Sealing, inspect_schema, inspect_within, receive_signed, receive_with};
use epix_core::report::{Report, RuleId};
use epix_core::sign::{KeyError, Seal};
use epix_core::version::ToolkitVersion;

/// A document that was looked at, with what a policy decided about it.
pub struct Verdict {
    seen: Seen,
    decision: Decision,
    seal: Option<Seal>,
}

/// What was seen of it.
enum Seen {
    /// It may be kept as a permit.
    Accepted(Box<Accepted>),
    /// It may not; it was read as far as it goes.
    Refused(Box<Rejected>),
    /// It was held against its schema only, and not read.
    Compared { version: Option<ToolkitVersion>, report: Box<Report> },
}

impl Verdict {
    /// Looks at a document and decides by a policy.
    pub fn of(bytes: &[u8], policy: &Policy) -> Verdict {
        let seen = match receive_with(bytes, policy, &Knowledge::default()) {
            Ok(accepted) => Seen::Accepted(Box::new(accepted)),
            Err(rejected) => Seen::Refused(rejected),
        };
        Verdict::decided(seen, policy)
    }

    /// Looks at a document and its signature, and decides by a policy.
    ///
    /// # Errors
    /// [`KeyError`] when nobody could look at the signature.
    pub fn of_signed(bytes: &[u8], sealing: &Sealing<'_>, policy: &Policy) -> Result<Verdict, KeyError> {
        let received = receive_signed(bytes, sealing, policy, &Knowledge::default())?;
        let (seen, seal) = match received {
            Ok((accepted, signature)) => {
                let seal = signature.verdict.and_then(|verdict| verdict.seal);
                (Seen::Accepted(Box::new(accepted)), seal)
            }
            Err(rejected) => (Seen::Refused(rejected), None),
        };
        Ok(Verdict { seal, ..Verdict::decided(seen, policy) })
    }

    /// Who signed the document, where its signature was looked at and the document is accepted.
    pub fn seal(&self) -> Option<&Seal> {
        self.seal.as_ref()
    }

    /// Holds a document against its schema, and looks no further.
    pub fn of_schema(bytes: &[u8], policy: &Policy) -> Verdict {
        let (received, report) = inspect_schema(bytes);
        let seen = Seen::Compared { version: received.map(|received| received.version), report: Box::new(report) };
        Verdict::decided(seen, policy)
    }

    /// Holds a document against its schema and the guide form of toolkit 2.0, and looks no further.
    pub fn of_guide(bytes: &[u8], policy: &Policy) -> Verdict {
        let (received, report) = inspect_within(bytes, &GUIDE);
        let seen = Seen::Compared { version: received.map(|received| received.version), report: Box::new(report) };
        Verdict::decided(seen, policy)
    }

    fn decided(seen: Seen, policy: &Policy) -> Verdict {
        let decision = decide(seen.report(), policy);
        Verdict { seen, decision, seal: None }
    }

    /// True when nothing is refused as far as one has looked: a document that was read may be kept as a permit.
    pub fn is_accepted(&self) -> bool {
        match &self.seen {
            Seen::Accepted(_) => true,
            Seen::Refused(_) => false,
            Seen::Compared { .. } => self.decision.is_accepted(),
        }
    }

    /// True when one looked no further than the schema.
    pub fn is_of_schema(&self) -> bool {
        matches!(self.seen, Seen::Compared { .. })
    }

    /// The permit that may be kept.
    pub fn accepted(&self) -> Option<&Accepted> {
        match &self.seen {
            Seen::Accepted(accepted) => Some(accepted),
            _ => None,
        }
    }

    /// The rules for which the policy refuses it.
    pub fn refused_for(&self) -> &[RuleId] {
        match &self.decision {
            Decision::Refused { rules, .. } => rules,
            Decision::Accepted { .. } => &[],
        }
    }

    /// Everything that was found.
    pub fn report(&self) -> &Report {
        self.seen.report()
    }

    /// The permit as far as it could be read.
    pub fn permit(&self) -> Option<&Permit> {
        match &self.seen {
            Seen::Accepted(accepted) => Some(accepted.permit()),
            Seen::Refused(rejected) => rejected.reading.as_ref().map(|reading| &reading.permit),
            Seen::Compared { .. } => None,
        }
    }

    /// The toolkit version, where it is one.
    pub fn version(&self) -> Option<ToolkitVersion> {
        match &self.seen {
            Seen::Accepted(accepted) => Some(accepted.version()),
            Seen::Refused(rejected) => rejected.reading.as_ref().map(|reading| reading.received.version),
            Seen::Compared { version, .. } => *version,
        }
    }

    /// The number of the permit as written, where there is one.
    pub fn number(&self) -> Option<&str> {
        self.permit()?.document.number.as_ref().map(|number| number.as_str())
    }
}

impl Seen {
    fn report(&self) -> &Report {
        match self {
            Seen::Accepted(accepted) => accepted.report(),
            Seen::Refused(rejected) => &rejected.report,
            Seen::Compared { report, .. } => report,
        }
    }
}
