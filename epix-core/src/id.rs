//! What everybody may name: countries, authorities, permit numbers, amounts, fingerprints, secrets.
//!
//! Every identifier has its own type, parsed once at the door, so that a call cannot be made the wrong way round.

mod amount;

use std::fmt;

pub use amount::Amount;
use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};

/// Says why a text is not the identifier it should be.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum IdError {
    /// A country code is two letters (ISO 3166-1 alpha-2, user-assigned codes such as XA included).
    #[error("a country code has two letters, found {found:?}")]
    Country {
        /// What stood there, cut to a printable length.
        found: String,
    },
    /// An authority id is 1 to 64 letters, digits, `-`, `_` or `.`.
    #[error("an authority id has 1 to 64 letters, digits, hyphens, underscores or dots, found {found:?}")]
    Authority {
        /// What stood there, cut to a printable length.
        found: String,
    },
    /// A party id follows the same rule as an authority id.
    #[error("a party id has 1 to 64 letters, digits, hyphens, underscores or dots, found {found:?}")]
    Party {
        /// What stood there, cut to a printable length.
        found: String,
    },
    /// A permit number has 1 to 100 visible characters.
    #[error("a permit number has 1 to 100 visible characters, found {found:?}")]
    PermitNumber {
        /// What stood there, cut to a printable length.
        found: String,
    },
    /// A SHA-256 value is 64 hexadecimal digits (colons and spaces between them are allowed).
    #[error("a SHA-256 value has 64 hexadecimal digits, found {found:?}")]
    Sha256 {
        /// What stood there, cut to a printable length.
        found: String,
    },
    /// Not an `xsd:decimal`, or more than 24 digits.
    #[error("{found:?} is not a decimal number of at most 24 digits")]
    Decimal {
        /// What stood there, cut to a printable length.
        found: String,
    },
    /// A caller's id of a call is 1 to 64 visible characters of ASCII.
    #[error("a call id has 1 to 64 visible ASCII characters, found {found:?}")]
    Call {
        /// What stood there, cut to a printable length.
        found: String,
    },
    /// A position is named by a token: no white space, 1 to 64 characters (`CitesPosition/ID`).
    #[error("a position is named by a token without white space, found {found:?}")]
    Position {
        /// What stood there, cut to a printable length.
        found: String,
    },
}

/// Cuts a wrong value to a length that can be printed in an error.
fn shown(text: &str) -> String {
    text.chars().take(40).collect()
}

/// A country by its ISO 3166-1 alpha-2 code, upper case; user-assigned codes (XA to XZ) are countries too.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Country([u8; 2]);

impl Country {
    /// Reads a code in any case, white space around it ignored.
    ///
    /// # Errors
    /// [`IdError::Country`] when it is not two ASCII letters.
    ///
    /// ```
    /// use epix_core::id::Country;
    /// assert_eq!(Country::parse("xa ").unwrap().as_str(), "XA");
    /// ```
    pub fn parse(text: &str) -> Result<Country, IdError> {
        match text.trim().as_bytes() {
            [a, b] if a.is_ascii_alphabetic() && b.is_ascii_alphabetic() => {
                Ok(Country([a.to_ascii_uppercase(), b.to_ascii_uppercase()]))
            }
            _ => Err(IdError::Country { found: shown(text) }),
        }
    }

    /// The two upper-case letters.
    pub fn as_str(&self) -> &str {
        std::str::from_utf8(&self.0).expect("two ASCII letters are UTF-8")
    }
}

impl fmt::Display for Country {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl From<Country> for String {
    fn from(country: Country) -> String {
        country.as_str().to_owned()
    }
}

impl TryFrom<String> for Country {
    type Error = IdError;
    fn try_from(text: String) -> Result<Country, IdError> {
        Country::parse(&text)
    }
}

/// True for the letters that an authority or party id may be made of.
fn is_id(text: &str) -> bool {
    let letter = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '.');
    (1..=64).contains(&text.len()) && text.chars().all(letter)
}

/// Declares a text identifier: parsed at the door, printed as it is, (de)serialised as its text.
macro_rules! text_id {
    ($(#[$doc:meta])* $name:ident, $error:ident, $valid:expr) => {
        $(#[$doc])*
        #[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
        #[serde(try_from = "String", into = "String")]
        pub struct $name(String);

        impl $name {
            /// Reads the identifier, white space around it ignored.
            ///
            /// # Errors
            /// The [`IdError`] variant of the same name, with what was found.
            pub fn parse(text: &str) -> Result<$name, IdError> {
                let text = text.trim();
                let valid: fn(&str) -> bool = $valid;
                if !valid(text) {
                    return Err(IdError::$error { found: shown(text) });
                }
                Ok($name(text.to_owned()))
            }

            /// The text of the identifier.
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(&self.0)
            }
        }

        impl From<$name> for String {
            fn from(id: $name) -> String {
                id.0
            }
        }

        impl TryFrom<String> for $name {
            type Error = IdError;
            fn try_from(text: String) -> Result<$name, IdError> {
                $name::parse(&text)
            }
        }
    };
}

text_id! {
    /// An authority whose permits this installation keeps; every row in the store belongs to one.
    AuthorityId, Authority, is_id
}

text_id! {
    /// An organisation registered with an authority: a partner's management authority, customs, a hub.
    PartyId, Party, is_id
}

text_id! {
    /// The letter of a position on the permit (`IncludedSupplyChainConsignmentItem/ID`: A, B, C …; any token is allowed).
    PositionId, Position,
    |text| (1..=64).contains(&text.len()) && !text.contains(char::is_whitespace)
}

text_id! {
    /// The caller's own id of one call: the same id is the same call, however often it is sent.
    CallId, Call,
    |text| (1..=64).contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_graphic())
}

/// The number of a permit: as written, and in the form under which it is looked up.
///
/// Foreign numbers vary widely and are never refused for their format. Two numbers are the same number when their
/// normalised forms are equal: upper case, white space and what nobody can see removed.
///
/// ```
/// use epix_core::id::PermitNumber;
/// let number = PermitNumber::parse("10us 18890A/9").unwrap();
/// assert_eq!(number.raw(), "10us 18890A/9");
/// assert_eq!(number.normalised(), "10US18890A/9");
/// ```
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct PermitNumber {
    normalised: String,
    raw: String,
}

impl PermitNumber {
    /// Reads a number; white space around it is ignored.
    ///
    /// # Errors
    /// [`IdError::PermitNumber`] when nothing of it can be seen, when it is longer than 100 characters, or holds control characters.
    pub fn parse(text: &str) -> Result<PermitNumber, IdError> {
        let raw = text.trim();
        let length = raw.chars().count();
        let visible = raw.chars().filter(|c| !c.is_whitespace() && !is_invisible(*c));
        let normalised: String = visible.flat_map(char::to_uppercase).collect();
        if normalised.is_empty() || length > 100 || raw.chars().any(char::is_control) {
            return Err(IdError::PermitNumber { found: shown(raw) });
        }
        Ok(PermitNumber { normalised, raw: raw.to_owned() })
    }

    /// The number as it was written.
    pub fn raw(&self) -> &str {
        &self.raw
    }

    /// The form under which it is looked up.
    pub fn normalised(&self) -> &str {
        &self.normalised
    }
}

/// Soft hyphens, zero-width characters and changes of direction: two numbers that differ in them look the same.
fn is_invisible(c: char) -> bool {
    matches!(c, '\u{AD}' | '\u{200B}'..='\u{200F}' | '\u{202A}'..='\u{202E}' | '\u{2060}'..='\u{206F}' | '\u{FEFF}')
}

impl fmt::Display for PermitNumber {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.raw)
    }
}

impl From<PermitNumber> for String {
    fn from(number: PermitNumber) -> String {
        number.raw
    }
}

impl TryFrom<String> for PermitNumber {
    type Error = IdError;
    fn try_from(text: String) -> Result<PermitNumber, IdError> {
        PermitNumber::parse(&text)
    }
}

/// A SHA-256 value: the digest of stored bytes, or the fingerprint of a certificate (over its DER form).
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Sha256Digest([u8; 32]);

/// The SHA-256 value over the whole certificate (DER): who a caller is.
pub type Fingerprint = Sha256Digest;

impl Sha256Digest {
    /// Digests bytes.
    pub fn of(bytes: &[u8]) -> Sha256Digest {
        Sha256Digest(Sha256::digest(bytes).into())
    }

    /// Takes a digest that was made elsewhere.
    pub fn from_bytes(bytes: [u8; 32]) -> Sha256Digest {
        Sha256Digest(bytes)
    }

    /// Reads 64 hexadecimal digits; colons and spaces (as `openssl x509 -fingerprint` prints) are allowed.
    ///
    /// # Errors
    /// [`IdError::Sha256`] when it is anything else.
    pub fn parse(text: &str) -> Result<Sha256Digest, IdError> {
        let digits: String = text.chars().filter(|c| *c != ':' && !c.is_whitespace()).collect();
        let mut bytes = [0; 32];
        hex::decode_to_slice(&digits, &mut bytes).map_err(|_| IdError::Sha256 { found: shown(text) })?;
        Ok(Sha256Digest(bytes))
    }

    /// The 32 bytes.
    pub fn as_bytes(&self) -> &[u8; 32] {
        &self.0
    }
}

impl fmt::Display for Sha256Digest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&hex::encode(self.0))
    }
}

impl fmt::Debug for Sha256Digest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Sha256Digest({self})")
    }
}

impl From<Sha256Digest> for String {
    fn from(digest: Sha256Digest) -> String {
        digest.to_string()
    }
}

impl TryFrom<String> for Sha256Digest {
    type Error = IdError;
    fn try_from(text: String) -> Result<Sha256Digest, IdError> {
        Sha256Digest::parse(&text)
    }
}

/// The four operations of an EPIX service.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Operation {
    /// The permit as issued, before customs certified quantities.
    GetNonFinal,
    /// The permit with certified quantities (box 14).
    GetFinal,
    /// Reports the quantities that were found.
    ConfirmQuantities,
    /// Asks whether the service can answer.
    ServiceState,
}

impl Operation {
    /// The four, in the order of the service description.
    pub const ALL: [Operation; 4] =
        [Operation::GetNonFinal, Operation::GetFinal, Operation::ConfirmQuantities, Operation::ServiceState];

    /// The name in the service description, from which element names and SOAPAction are made.
    pub fn name(self) -> &'static str {
        match self {
            Operation::GetNonFinal => "GetNonFinalCitesCertificate",
            Operation::GetFinal => "GetFinalCitesCertificate",
            Operation::ConfirmQuantities => "ConfirmQuantities",
            Operation::ServiceState => "ServiceState",
        }
    }
}

/// The security token of a permit (`TokenId`): a bearer secret, so it can be compared but never printed.
#[derive(Clone)]
pub struct Token(String);

impl Token {
    /// Reads a token; `None` for a blank one, which means "no token" on the wire.
    pub fn parse(text: &str) -> Option<Token> {
        let text = text.trim();
        (!text.is_empty()).then(|| Token(text.to_owned()))
    }

    /// The secret itself, for hashing and for sending to the partner only.
    pub fn reveal(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for Token {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Token(secret)")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_number_is_found_whatever_its_case_and_blanks() {
        let written = PermitNumber::parse(" 10us 18890a/9 ").unwrap();

        assert_eq!(written.normalised(), PermitNumber::parse("10US18890A/9").unwrap().normalised());
        assert_eq!(written.normalised(), PermitNumber::parse("10\u{200B}US18890A/9\u{FEFF}").unwrap().normalised());
        assert_eq!(written.raw(), "10us 18890a/9");
    }

    #[test]
    fn a_blank_number_is_refused() {
        assert!(PermitNumber::parse("  ").is_err());
        assert!(PermitNumber::parse("a\u{0}b").is_err());
        assert!(PermitNumber::parse("\u{200B}\u{2060}").is_err());
    }

    #[test]
    fn a_country_has_two_letters() {
        assert_eq!(Country::parse(" ch").unwrap().as_str(), "CH");
        for wrong in ["", "C", "CHE", "C1", "ÄÖ"] {
            assert!(Country::parse(wrong).is_err(), "{wrong}");
        }
    }

    #[test]
    fn a_token_is_never_printed() {
        let token = Token::parse("s3cret").unwrap();

        assert!(!format!("{token:?}").contains("s3cret"));
    }

    #[test]
    fn a_fingerprint_is_read_as_openssl_prints_it() {
        let digest = Sha256Digest::of(b"x");
        let with_colons: Vec<String> =
            digest.to_string().as_bytes().chunks(2).map(|pair| String::from_utf8_lossy(pair).to_uppercase()).collect();

        assert_eq!(Sha256Digest::parse(&with_colons.join(":")).unwrap(), digest);
    }
}
