//! Which algorithms and keys are good enough, and until when? Data with days, so that one is retired without touching code.

use std::collections::BTreeMap;

use chrono::NaiveDate;
use epix_native::signature::{Algorithm, Digest, KeyKind};
use serde::{Deserialize, Deserializer, de::Error as _};

/// An algorithm of the profile.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Row<T: 'static> {
    /// How policy files and reports call it.
    pub name: &'static str,
    /// How a signature calls it.
    pub uri: &'static str,
    /// What it is.
    pub is: T,
}

/// The signature methods.
pub const METHODS: &[Row<Algorithm>] = &[
    Row {
        name: "rsa-sha256",
        uri: "http://www.w3.org/2001/04/xmldsig-more#rsa-sha256",
        is: Algorithm::Rsa(Digest::Sha256),
    },
    Row {
        name: "rsa-sha384",
        uri: "http://www.w3.org/2001/04/xmldsig-more#rsa-sha384",
        is: Algorithm::Rsa(Digest::Sha384),
    },
    Row {
        name: "rsa-sha512",
        uri: "http://www.w3.org/2001/04/xmldsig-more#rsa-sha512",
        is: Algorithm::Rsa(Digest::Sha512),
    },
    Row {
        name: "ecdsa-sha256",
        uri: "http://www.w3.org/2001/04/xmldsig-more#ecdsa-sha256",
        is: Algorithm::Ecdsa(Digest::Sha256),
    },
    Row {
        name: "ecdsa-sha384",
        uri: "http://www.w3.org/2001/04/xmldsig-more#ecdsa-sha384",
        is: Algorithm::Ecdsa(Digest::Sha384),
    },
    Row {
        name: "ecdsa-sha512",
        uri: "http://www.w3.org/2001/04/xmldsig-more#ecdsa-sha512",
        is: Algorithm::Ecdsa(Digest::Sha512),
    },
];

/// The digest methods.
pub const DIGESTS: &[Row<Digest>] = &[
    Row { name: "sha256", uri: "http://www.w3.org/2001/04/xmlenc#sha256", is: Digest::Sha256 },
    Row { name: "sha384", uri: "http://www.w3.org/2001/04/xmldsig-more#sha384", is: Digest::Sha384 },
    Row { name: "sha512", uri: "http://www.w3.org/2001/04/xmlenc#sha512", is: Digest::Sha512 },
];

/// The kinds of keys, by their names.
pub const KEYS: &[&str] = &["rsa", "p256", "p384"];

/// RSA keys have at least this many bits unless a policy asks for more.
pub const RSA_BITS: u32 = 2048;

/// The days on which an algorithm is good; open at both ends where nothing is said.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Window {
    /// The first day.
    #[serde(default, deserialize_with = "day")]
    pub from: Option<NaiveDate>,
    /// The last day.
    #[serde(default, deserialize_with = "day")]
    pub until: Option<NaiveDate>,
}

impl Window {
    /// True when a day is one of them.
    pub fn holds(&self, day: NaiveDate) -> bool {
        self.from.is_none_or(|from| from <= day) && self.until.is_none_or(|until| day <= until)
    }
}

fn day<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<NaiveDate>, D::Error> {
    let written = String::deserialize(deserializer)?;
    let day = NaiveDate::parse_from_str(&written, "%Y-%m-%d");
    day.map(Some).map_err(|_| D::Error::custom(format!("{written:?} is not a day such as 2030-12-31")))
}

/// What narrows the algorithms of this page, such as this in TOML:
///
/// ```toml
/// rsa_bits = 3072
/// [windows]
/// rsa-sha256 = { until = "2031-12-31" }
/// p256 = { until = "2035-12-31" }
/// ```
///
/// A policy can retire what is on the lists, and never add to them.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Profile {
    /// RSA keys have at least this many bits.
    #[serde(deserialize_with = "bits")]
    pub rsa_bits: u32,
    /// When a method, a digest or a kind of key is good, by its name; always where nothing is said.
    #[serde(deserialize_with = "known")]
    pub windows: BTreeMap<String, Window>,
}

impl Default for Profile {
    fn default() -> Profile {
        Profile { rsa_bits: RSA_BITS, windows: BTreeMap::new() }
    }
}

fn bits<'de, D: Deserializer<'de>>(deserializer: D) -> Result<u32, D::Error> {
    let bits = u32::deserialize(deserializer)?;
    match bits >= RSA_BITS {
        true => Ok(bits),
        false => Err(D::Error::custom(format!("rsa_bits is at least {RSA_BITS}"))),
    }
}

fn known<'de, D: Deserializer<'de>>(deserializer: D) -> Result<BTreeMap<String, Window>, D::Error> {
    let windows = BTreeMap::<String, Window>::deserialize(deserializer)?;
    let mut names = METHODS.iter().map(|row| row.name).chain(DIGESTS.iter().map(|row| row.name)).chain(KEYS.to_vec());
    match windows.keys().find(|key| !names.clone().any(|name| name == key.as_str())) {
        None => Ok(windows),
        Some(key) => {
            let all: Vec<&str> = names.by_ref().collect();
            Err(D::Error::custom(format!("{key:?} is none of {}", all.join(", "))))
        }
    }
}

/// Says why a file of algorithms cannot be used.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error(transparent)]
pub struct ProfileError(#[from] toml::de::Error);

impl Profile {
    /// Reads what a file says.
    ///
    /// # Errors
    /// [`ProfileError`] with line and column.
    pub fn read(text: &str) -> Result<Profile, ProfileError> {
        Ok(toml::from_str(text)?)
    }

    /// True when an algorithm may be used on a day.
    pub fn allows(&self, name: &str, day: NaiveDate) -> bool {
        self.windows.get(name).is_none_or(|window| window.holds(day))
    }

    /// Why a key is not good enough on a day; `None` when it is.
    pub fn objection(&self, kind: &KeyKind, day: NaiveDate) -> Option<String> {
        let name = match kind {
            KeyKind::Rsa { bits } if *bits < self.rsa_bits => {
                return Some(format!(
                    "the signer's key is RSA with {bits} bits; at least {} are asked for",
                    self.rsa_bits
                ));
            }
            KeyKind::Rsa { .. } => "rsa",
            KeyKind::P256 => "p256",
            KeyKind::P384 => "p384",
            KeyKind::Other(name) => {
                return Some(format!("the signer's key is of the kind {name}; RSA, P-256 and P-384 are accepted"));
            }
        };
        (!self.allows(name, day)).then(|| format!("keys of the kind {kind} are not accepted on {day}"))
    }
}

/// The method that is used to sign with a kind of key.
pub fn method_for(kind: &KeyKind) -> Option<&'static Row<Algorithm>> {
    let wanted = match kind {
        KeyKind::Rsa { .. } => "rsa-sha256",
        KeyKind::P256 => "ecdsa-sha256",
        KeyKind::P384 => "ecdsa-sha384",
        KeyKind::Other(_) => return None,
    };
    METHODS.iter().find(|row| row.name == wanted)
}
