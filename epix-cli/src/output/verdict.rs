//! What is to be said of a document?

use epix_core::permit::Permit;
use epix_core::receive::{Accepted, Reading, inspect, receive};
use epix_core::report::Report;
use epix_core::version::ToolkitVersion;

/// A document that was looked at: good, or not good and read as far as it goes.
pub enum Verdict {
    /// It may be kept as a permit.
    Accepted(Box<Accepted>),
    /// It may not.
    Refused {
        /// Why.
        report: Box<Report>,
        /// What could be read, where anything could.
        reading: Option<Box<Reading>>,
    },
}

impl Verdict {
    /// Looks at a document.
    pub fn of(bytes: &[u8]) -> Verdict {
        match receive(bytes) {
            Ok(accepted) => Verdict::Accepted(Box::new(accepted)),
            Err(rejected) => {
                let (reading, _) = inspect(bytes);
                Verdict::Refused { report: Box::new(rejected.report), reading: reading.map(Box::new) }
            }
        }
    }

    /// True when it may be kept as a permit.
    pub fn is_accepted(&self) -> bool {
        matches!(self, Verdict::Accepted(_))
    }

    /// Everything that was found.
    pub fn report(&self) -> &Report {
        match self {
            Verdict::Accepted(accepted) => accepted.report(),
            Verdict::Refused { report, .. } => report,
        }
    }

    /// The permit as far as it could be read.
    pub fn permit(&self) -> Option<&Permit> {
        match self {
            Verdict::Accepted(accepted) => Some(accepted.permit()),
            Verdict::Refused { reading, .. } => reading.as_ref().map(|reading| &reading.permit),
        }
    }

    /// The toolkit version, where it is one.
    pub fn version(&self) -> Option<ToolkitVersion> {
        match self {
            Verdict::Accepted(accepted) => Some(accepted.version()),
            Verdict::Refused { reading, .. } => reading.as_ref().map(|reading| reading.received.version),
        }
    }

    /// The number of the permit as written, where there is one.
    pub fn number(&self) -> Option<&str> {
        self.permit()?.document.number.as_ref().map(|number| number.as_str())
    }
}
