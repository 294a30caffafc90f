//! What is to be said of a document?

use epix_core::permit::Permit;
use epix_core::receive::{Accepted, Rejected, inspect_schema, receive};
use epix_core::report::Report;
use epix_core::version::ToolkitVersion;

/// A document that was looked at: good, or not good and read as far as it goes.
pub enum Verdict {
    /// It may be kept as a permit.
    Accepted(Box<Accepted>),
    /// It may not.
    Refused(Box<Rejected>),
    /// It was held against its schema only, and not read.
    Compared {
        /// The toolkit version, where it is one.
        version: Option<ToolkitVersion>,
        /// The layers up to the schema.
        report: Box<Report>,
    },
}

impl Verdict {
    /// Looks at a document.
    pub fn of(bytes: &[u8]) -> Verdict {
        match receive(bytes) {
            Ok(accepted) => Verdict::Accepted(Box::new(accepted)),
            Err(rejected) => Verdict::Refused(rejected),
        }
    }

    /// Holds a document against its schema, and looks no further.
    pub fn of_schema(bytes: &[u8]) -> Verdict {
        let (received, report) = inspect_schema(bytes);
        Verdict::Compared { version: received.map(|received| received.version), report: Box::new(report) }
    }

    /// True when nothing is wrong as far as one has looked: a document that was read may be kept as a permit.
    pub fn is_accepted(&self) -> bool {
        match self {
            Verdict::Accepted(_) => true,
            Verdict::Refused(_) => false,
            Verdict::Compared { report, .. } => report.is_complete() && report.is_clean(),
        }
    }

    /// Everything that was found.
    pub fn report(&self) -> &Report {
        match self {
            Verdict::Accepted(accepted) => accepted.report(),
            Verdict::Refused(rejected) => &rejected.report,
            Verdict::Compared { report, .. } => report,
        }
    }

    /// The permit as far as it could be read.
    pub fn permit(&self) -> Option<&Permit> {
        match self {
            Verdict::Accepted(accepted) => Some(accepted.permit()),
            Verdict::Refused(rejected) => rejected.reading.as_ref().map(|reading| &reading.permit),
            Verdict::Compared { .. } => None,
        }
    }

    /// The toolkit version, where it is one.
    pub fn version(&self) -> Option<ToolkitVersion> {
        match self {
            Verdict::Accepted(accepted) => Some(accepted.version()),
            Verdict::Refused(rejected) => rejected.reading.as_ref().map(|reading| reading.received.version),
            Verdict::Compared { version, .. } => *version,
        }
    }

    /// The number of the permit as written, where there is one.
    pub fn number(&self) -> Option<&str> {
        self.permit()?.document.number.as_ref().map(|number| number.as_str())
    }
}
