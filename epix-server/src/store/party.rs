//! What is kept of an organisation: who it is, what it may do here, and how it is reached.

use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;

use chrono::{DateTime, Days, NaiveDate, NaiveTime, Utc};
use epix_core::id::{Country, Fingerprint, Operation, PartyId, PermitNumber};
use epix_core::receive::Requirement;
use epix_core::version::ToolkitVersion;
use serde::{Deserialize, Serialize};

use super::Availability;

/// An organisation that may call an authority, or is called by it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Party {
    /// Its id within the authority.
    pub id: PartyId,
    /// Its name.
    pub name: String,
    /// Its country.
    pub country: Country,
    /// What it is; rights follow from it.
    pub roles: BTreeSet<Role>,
    /// The certificates it may call with, each for its time.
    pub certificates: BTreeMap<Fingerprint, Term>,
    /// What it may call; `None` means what its roles may.
    pub operations: Option<BTreeSet<Operation>>,
    /// True while its calls are refused.
    pub suspended: bool,
    /// Everything else that was agreed with it.
    pub terms: Terms,
}

/// What a party is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Role {
    /// A Management Authority of the Convention.
    ManagementAuthority,
    /// Customs or border police.
    Customs,
    /// A Scientific Authority of the Convention.
    ScientificAuthority,
    /// Runs a system, has no part in the trade.
    SystemManager,
    /// Calls in the name of others; its word about the original caller counts.
    Hub,
}

impl Role {
    /// The word for it, as the register spells it.
    pub fn name(self) -> &'static str {
        match self {
            Role::ManagementAuthority => "management-authority",
            Role::Customs => "customs",
            Role::ScientificAuthority => "scientific-authority",
            Role::SystemManager => "system-manager",
            Role::Hub => "hub",
        }
    }

    /// The role of a name, when it is one that has a part in the trade.
    pub fn of_trade(name: &str) -> Option<Role> {
        let of_trade = [Role::ManagementAuthority, Role::Customs, Role::ScientificAuthority];
        of_trade.into_iter().find(|role| role.name() == name)
    }
}

/// From when until when a certificate is taken, so that an old and a new one overlap while they are rolled over.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Term {
    /// The first day (UTC).
    pub from: Option<NaiveDate>,
    /// The last day (UTC).
    pub until: Option<NaiveDate>,
    /// When the certificate itself expires, where it was given as a file.
    pub expires: Option<DateTime<Utc>>,
}

impl Term {
    /// Is the certificate taken at this moment? Its own expiry is for TLS to see.
    pub fn holds(&self, at: DateTime<Utc>) -> bool {
        let day = at.date_naive();
        self.from.is_none_or(|first| first <= day) && self.until.is_none_or(|last| day <= last)
    }

    /// When it ends: by the register or by the certificate, whichever comes first.
    pub fn end(&self) -> Option<DateTime<Utc>> {
        let after = self.until.and_then(|last| last.checked_add_days(Days::new(1)));
        let by_register = after.map(|day| day.and_time(NaiveTime::MIN).and_utc());
        [by_register, self.expires].into_iter().flatten().min()
    }
}

/// What was agreed with a party beyond its roles.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Terms {
    /// True when it may read every permit of the authority, whatever boxes 3/3a say.
    pub blanket: bool,
    /// Rights to permits that it would not have by default.
    pub grants: Vec<Grant>,
    /// True when its confirmations may use a permit up in several parts.
    pub partial_use: bool,
    /// When it answers.
    pub availability: Availability,
    /// The toolkit version of documents in answers to it in the hub's dialect; `None` means 2.0. National dialects name theirs.
    pub toolkit: Option<ToolkitVersion>,
    /// The section of the policy that decides about its documents; `None` means the one for everybody.
    pub policy: Option<String>,
    /// Whether answers of its endpoint that are passed on have to be signed; it can make the configuration stricter, never laxer.
    pub signature: Requirement,
    /// Where and how it is called; `None` when it only calls us.
    pub endpoint: Option<EndpointEntry>,
    /// Where events about permits that concern it are posted.
    pub webhook: Option<Webhook>,
    /// How many calls in a minute are taken from it; `None` means what the configuration says.
    pub calls_per_minute: Option<u32>,
}

/// A right that an authority gives beyond boxes 3/3a.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Grant {
    /// What may be called; confirmations stand in the book of imports.
    pub operations: BTreeSet<Operation>,
    /// For these permits.
    #[serde(default)]
    pub permits: Vec<PermitNumber>,
    /// For permits to these countries.
    #[serde(default)]
    pub destinations: BTreeSet<Country>,
    /// The last day (UTC).
    pub until: Option<NaiveDate>,
    /// Why it was given, for the record.
    pub reason: String,
}

impl Grant {
    /// Does it give this right to this permit at this moment?
    pub fn covers(
        &self,
        operation: Operation,
        number: &PermitNumber,
        destination: Option<Country>,
        at: DateTime<Utc>,
    ) -> bool {
        let named = self.permits.iter().any(|permit| permit.normalised() == number.normalised());
        let bound_there = destination.is_some_and(|country| self.destinations.contains(&country));
        let in_time = self.until.is_none_or(|last| at.date_naive() <= last);
        self.operations.contains(&operation) && (named || bound_there) && in_time
    }
}

/// Where and how a party is called.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct EndpointEntry {
    /// The whole address of its service.
    pub url: String,
    /// What it speaks.
    pub dialect: Speaks,
    /// How many seconds a call may take.
    #[serde(default = "EndpointEntry::default_timeout")]
    pub timeout: u32,
    /// How often a read is tried again; confirmations never are.
    #[serde(default = "EndpointEntry::default_retries")]
    pub retries: u8,
    /// PEM file with the only roots under which its certificate is trusted.
    pub ca: PathBuf,
    /// PEM file with the certificate that we show; `None` means that of the exchange listener.
    pub certificate: Option<PathBuf>,
    /// PEM file with the key to it.
    pub key: Option<PathBuf>,
    /// The profile of its deviations, by name; `None` when it has none.
    pub profile: Option<String>,
    /// File with our user name and password, for a profile that asks for them.
    pub login: Option<PathBuf>,
    /// The countries whose organisations may ask it through us; none named means nobody.
    #[serde(default)]
    pub callers: BTreeSet<Country>,
}

impl EndpointEntry {
    /// The longest that a call may be given, in seconds: nobody waits at a counter for longer.
    pub const LONGEST: u32 = 300;
    /// The most that a read is tried again: beyond it the partner is down, not slow.
    pub const MOST_RETRIES: u8 = 5;

    fn default_timeout() -> u32 {
        30
    }

    fn default_retries() -> u8 {
        2
    }
}

/// A dialect of the service, as the register names it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Speaks {
    /// The national style, version 1.
    V1,
    /// The national style, version 2.
    V2,
    /// The public hub's.
    Hub,
}

/// Where events about permits are posted, and how the receiver knows that they are ours.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Webhook {
    /// The whole address.
    pub url: String,
    /// PEM file with the only roots under which its certificate is trusted.
    pub ca: PathBuf,
    /// File with the secret under which each message is signed (HMAC-SHA-256), at least 32 characters.
    pub secret: PathBuf,
}

#[cfg(test)]
mod tests {
    use super::*;

    fn day(text: &str) -> NaiveDate {
        text.parse().unwrap()
    }

    fn at(text: &str) -> DateTime<Utc> {
        text.parse().unwrap()
    }

    #[test]
    fn a_term_holds_from_its_first_day_to_the_end_of_its_last() {
        let term = Term { from: Some(day("2026-03-01")), until: Some(day("2026-03-31")), expires: None };

        assert!(!term.holds(at("2026-02-28T23:59:59Z")));
        assert!(term.holds(at("2026-03-01T00:00:00Z")));
        assert!(term.holds(at("2026-03-31T23:59:59Z")));
        assert!(!term.holds(at("2026-04-01T00:00:00Z")));
        assert_eq!(term.end(), Some(at("2026-04-01T00:00:00Z")));
    }

    #[test]
    fn a_term_ends_with_the_certificate_when_that_is_sooner() {
        let expires = Some(at("2026-03-10T12:00:00Z"));
        let term = Term { from: None, until: Some(day("2026-03-31")), expires };

        assert_eq!(term.end(), expires);
    }

    #[test]
    fn a_grant_covers_what_it_names_and_no_more() {
        let grant = Grant {
            operations: [Operation::GetFinal].into(),
            permits: vec![PermitNumber::parse("XA 1").unwrap()],
            destinations: [Country::parse("XC").unwrap()].into(),
            until: Some(day("2026-03-31")),
            reason: "transit".to_owned(),
        };
        let covers = |operation, number: &str, destination: &str, time: &str| {
            let (number, destination) = (PermitNumber::parse(number).unwrap(), Country::parse(destination).ok());
            grant.covers(operation, &number, destination, at(time))
        };

        assert!(covers(Operation::GetFinal, "xa1", "XB", "2026-03-31T10:00:00Z"));
        assert!(covers(Operation::GetFinal, "XA2", "XC", "2026-03-31T10:00:00Z"));
        assert!(!covers(Operation::GetFinal, "XA2", "XB", "2026-03-31T10:00:00Z"));
        assert!(!covers(Operation::ConfirmQuantities, "XA1", "XB", "2026-03-31T10:00:00Z"));
        assert!(!covers(Operation::GetFinal, "XA1", "XC", "2026-04-01T00:00:00Z"));
    }
}
