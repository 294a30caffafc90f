//! Where does a partner's service answer?

use std::fmt;

/// The whole address of a service, such as `https://epix.example.org:8443/epix/v2`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Endpoint(String);

/// Says why a text is no address of a service.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum EndpointError {
    /// Anything but `https`: certificates on both sides are what makes a call trustworthy.
    #[error("the address must begin with https://, found {found:?}")]
    NotHttps {
        /// What stood there.
        found: String,
    },
    /// No host, or a port that is no number.
    #[error("{found:?} names no host that can be called")]
    NoHost {
        /// What stood there.
        found: String,
    },
    /// A user name or password, which would end up in logs.
    #[error("the address must not carry a user name or password")]
    Credentials,
    /// White space, control characters or a fragment.
    #[error("{found:?} is not written as an address")]
    Spelling {
        /// What stood there.
        found: String,
    },
}

impl Endpoint {
    /// Reads an address; white space around it is ignored.
    ///
    /// # Errors
    /// [`EndpointError`] when it is not `https` or names no host.
    pub fn parse(text: &str) -> Result<Endpoint, EndpointError> {
        let text = text.trim();
        let found = || text.to_owned();
        let scheme = text.get(..8).unwrap_or_default();
        if !scheme.eq_ignore_ascii_case("https://") {
            return Err(EndpointError::NotHttps { found: found() });
        }
        let rest = &text[8..];
        let authority = &rest[..rest.find(['/', '?', '#', '\\']).unwrap_or(rest.len())];
        if authority.contains('@') {
            return Err(EndpointError::Credentials);
        }
        if text.contains(|c: char| c.is_whitespace() || c.is_control() || matches!(c, '#' | '\\')) {
            return Err(EndpointError::Spelling { found: found() });
        }
        if !is_host_and_port(authority) {
            return Err(EndpointError::NoHost { found: found() });
        }
        Ok(Endpoint(found()))
    }

    /// The address as it was given.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// A host name, an IPv4 address or an IPv6 address in brackets, with an optional port.
fn is_host_and_port(authority: &str) -> bool {
    let after_brackets = authority.rfind(']').map_or(0, |end| end + 1);
    let colon = authority[after_brackets..].find(':').map(|at| at + after_brackets);
    let (host, port) = colon.map_or((authority, None), |at| (&authority[..at], Some(&authority[at + 1..])));
    let port_is_good = port.is_none_or(|port| port.parse::<u16>().is_ok_and(|port| port > 0));
    !host.is_empty() && port_is_good
}

impl fmt::Display for Endpoint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_https_address_is_taken_as_it_is() {
        for good in ["https://localhost:8443/epix/v2", "HTTPS://a.b/c?d=e", "https://[::1]:8443/", "https://h"] {
            assert_eq!(Endpoint::parse(good).unwrap().as_str(), good);
        }
    }

    #[test]
    fn what_is_no_address_of_a_service_is_refused() {
        let refused = |text: &str| Endpoint::parse(text).unwrap_err();

        assert!(matches!(refused("http://a/b"), EndpointError::NotHttps { .. }));
        assert!(matches!(refused("a.b/c"), EndpointError::NotHttps { .. }));
        assert!(matches!(refused("https://u:p@a/b"), EndpointError::Credentials));
        for text in ["https://", "https:///x", "https://:443/x", "https://a:b/", "https://a:0/", "https://a:99999/"] {
            assert!(matches!(refused(text), EndpointError::NoHost { .. }), "{text}");
        }
        assert!(matches!(refused("https://a/b c"), EndpointError::Spelling { .. }));
    }

    #[test]
    fn a_password_in_an_address_is_not_repeated() {
        assert!(!Endpoint::parse("https://u:s3cret@a/b").unwrap_err().to_string().contains("s3cret"));
    }
}
