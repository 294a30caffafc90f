//! Who are our partners? Each one is data; an odd one has a profile with small pure hooks, one file each.

mod czech;
mod endpoint;
mod login;
mod profile;

pub use czech::CZECH;
pub use endpoint::{Endpoint, EndpointError};
pub use login::{Login, LoginError};
pub use profile::{Deviation, PROFILES, Profile, STANDARD, Unaskable};
pub(crate) use profile::{Message, Question};

use epix_core::id::Country;
use epix_core::soap::Dialect;

/// A partner that answers EPIX calls.
#[derive(Debug, Clone)]
pub struct Partner {
    /// Where it answers.
    pub endpoint: Endpoint,
    /// Which dialect it speaks.
    pub dialect: Dialect,
    /// In which ways it differs from what the dialect says.
    pub profile: &'static Profile,
    /// The country whose permits it keeps; sent along where a call names none, because hubs route on it.
    pub country: Option<Country>,
    /// User name and password, for a partner that asks for them besides our certificate.
    pub login: Option<Login>,
    /// How often a read is sent again after a trouble that may pass. Confirmations are sent once, always.
    pub retries: u8,
}

impl Partner {
    /// A partner that does what its dialect says; nothing is sent twice.
    pub fn new(endpoint: Endpoint, dialect: Dialect) -> Partner {
        Partner { endpoint, dialect, profile: &STANDARD, country: None, login: None, retries: 0 }
    }

    /// A partner that speaks the national style, version 2.
    ///
    /// # Errors
    /// [`EndpointError`] when the text is no address that can be called.
    ///
    /// ```
    /// use epix_client::Partner;
    /// assert!(Partner::v2("https://epix.example.org/epix/v2", None).is_ok());
    /// assert!(Partner::v2("http://epix.example.org/epix/v2", None).is_err());
    /// ```
    pub fn v2(endpoint: &str, country: Option<Country>) -> Result<Partner, EndpointError> {
        Ok(Partner { country, ..Partner::new(Endpoint::parse(endpoint)?, Dialect::V2) })
    }
}
