//! What is asked, and what is expected? The cases as data.

use std::collections::BTreeSet;

use epix_core::id::Operation;
use epix_core::soap::Dialect;
use serde::{Deserialize, Deserializer};

/// The cases of this build.
pub const CASES: &str = include_str!("../../../conformance/exchange/cases.toml");

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Cases {
    #[serde(rename = "case")]
    cases: Vec<Case>,
}

/// Says why a text holds no cases.
#[derive(Debug, thiserror::Error)]
#[error("the cases cannot be used")]
pub struct CasesError(#[from] toml::de::Error);

/// Reads cases.
///
/// # Errors
/// [`CasesError`] with the place in the text.
pub fn cases(text: &str) -> Result<Vec<Case>, CasesError> {
    Ok(toml::from_str::<Cases>(text)?.cases)
}

/// One case: its steps must all end as expected, in their order.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Case {
    /// Its id, such as `E5.3`: the grade stands before the dot.
    pub id: String,
    /// What a service does that passes it.
    pub title: String,
    /// The clause or inference that it rests on, and how sure that is.
    pub rests_on: String,
    #[serde(rename = "step")]
    pub(super) steps: Vec<Step>,
}

#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Step {
    #[serde(deserialize_with = "operation")]
    pub(super) ask: Operation,
    #[serde(default, deserialize_with = "dialect")]
    pub(super) dialect: Option<Dialect>,
    pub(super) number: Option<Input>,
    pub(super) token: Option<Input>,
    pub(super) country: Option<Input>,
    pub(super) quantities: Option<Quantities>,
    #[serde(default)]
    pub(super) caller: Caller,
    /// True where other people's names are claimed in headers.
    #[serde(default)]
    pub(super) forged: bool,
    pub(super) soap_action: Option<String>,
    /// The whole message, with `{namespace}`, `{request}` and `{padding}`.
    pub(super) raw: Option<String>,
    pub(super) expect: Expected,
    /// The codes that a fault may have, where it has one that is known.
    #[serde(default)]
    pub(super) code: Vec<String>,
    /// The toolkit version of the permit.
    pub(super) version: Option<String>,
    /// What box 14 of the permit certifies.
    pub(super) certified: Option<Quantities>,
    #[serde(default)]
    pub(super) attachments: bool,
    /// True where attachments are taken, and must come, in parts of their own.
    #[serde(default)]
    pub(super) in_parts: bool,
    /// True where the fault must be that of the step before.
    #[serde(default)]
    pub(super) same_as_before: bool,
}

/// What a case is given from outside, by name; `Unknown` and `Wrong` are made up.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Deserialize)]
#[serde(rename_all = "kebab-case")]
#[allow(missing_docs, reason = "the names are those of the options")]
pub enum Input {
    Country,
    Number,
    TokenNumber,
    Token,
    Cancelled,
    Confirm,
    Papers,
    RelayCountry,
    RelayNumber,
    SlowCountry,
    FaultCountry,
    JunkCountry,
    NewCert,
    OtherCert,
    UnregisteredCert,
    Unknown,
    Wrong,
}

impl Input {
    /// The option that gives it.
    pub fn option(self) -> &'static str {
        match self {
            Input::Country => "--country",
            Input::Number => "--number",
            Input::TokenNumber => "--token-number",
            Input::Token => "--token-file",
            Input::Cancelled => "--cancelled",
            Input::Confirm => "--confirm",
            Input::Papers => "--papers",
            Input::RelayCountry => "--relay-country",
            Input::RelayNumber => "--relay-number",
            Input::SlowCountry => "--slow-country",
            Input::FaultCountry => "--fault-country",
            Input::JunkCountry => "--junk-country",
            Input::NewCert => "--new-cert",
            Input::OtherCert => "--other-cert",
            Input::UnregisteredCert => "--unregistered-cert",
            Input::Unknown | Input::Wrong => "",
        }
    }
}

/// With whose certificate is called.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(super) enum Caller {
    #[default]
    Own,
    New,
    Other,
    Unregistered,
}

impl Caller {
    pub(super) fn input(self) -> Option<Input> {
        match self {
            Caller::Own => None,
            Caller::New => Some(Input::NewCert),
            Caller::Other => Some(Input::OtherCert),
            Caller::Unregistered => Some(Input::UnregisteredCert),
        }
    }
}

/// Which quantities are confirmed, or certified; made from the permit as it is issued.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(super) enum Quantities {
    /// No positions at all.
    None,
    /// A half at the first position; nothing of the others.
    Decimal,
    /// A quarter at the first position.
    Other,
    /// One more than is permitted at the first position.
    Over,
    /// A letter that no permit has.
    UnknownPosition,
    /// Two letters with a space between them.
    WhiteSpace,
    /// One of position A, without looking at the permit.
    LetterA,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(super) enum Expected {
    State,
    Permit,
    Confirmed,
    Fault,
    /// A fault, or no connection because of the certificate.
    Refused,
}

fn operation<'de, D: Deserializer<'de>>(from: D) -> Result<Operation, D::Error> {
    let name = String::deserialize(from)?;
    match name.as_str() {
        "ServiceState" => Ok(Operation::ServiceState),
        "GetNonFinal" => Ok(Operation::GetNonFinal),
        "GetFinal" => Ok(Operation::GetFinal),
        "ConfirmQuantities" => Ok(Operation::ConfirmQuantities),
        _ => Err(serde::de::Error::custom(format!("{name:?} is no operation of EPIX"))),
    }
}

fn dialect<'de, D: Deserializer<'de>>(from: D) -> Result<Option<Dialect>, D::Error> {
    let name = String::deserialize(from)?;
    let found = Dialect::named(&name).ok_or_else(|| serde::de::Error::custom(format!("{name:?} is no dialect")));
    found.map(Some)
}

impl Case {
    /// The grade, such as `E5`.
    pub fn grade(&self) -> &str {
        self.id.split('.').next().unwrap_or_default()
    }

    /// The inputs that it needs.
    pub fn needs(&self) -> BTreeSet<Input> {
        let named = |step: &Step| [step.number, step.token, step.country, step.caller.input()];
        let given = |input: &Input| !matches!(input, Input::Unknown | Input::Wrong | Input::Country);
        self.steps.iter().flat_map(named).flatten().filter(given).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_case_has_an_id_of_its_own_and_says_what_it_rests_on() {
        let cases = cases(CASES).unwrap();
        let ids: BTreeSet<_> = cases.iter().map(|case| case.id.as_str()).collect();

        assert_eq!(ids.len(), cases.len());
        assert!(cases.iter().all(|case| !case.rests_on.is_empty() && !case.steps.is_empty()));
        let grades: BTreeSet<_> = cases.iter().map(Case::grade).collect();
        assert_eq!(grades.len(), 10, "{grades:?}");
    }
}
