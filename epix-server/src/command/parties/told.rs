//! How parties are told to people: in one line, in full, and how two registers differ.

use std::collections::BTreeMap;

use chrono::{DateTime, TimeDelta, Utc};
use epix_core::id::{Fingerprint, PartyId};
use serde_json::Value;

use crate::store::{Party, Term, Terms};

/// How long before its end a certificate is warned about: time for a partner to get a new one and tell us.
const WARNING: TimeDelta = TimeDelta::days(30);

/// What applying would change, party by party; empty when nothing.
pub(super) fn difference(present: &[Party], wanted: &[Party]) -> String {
    let by_id = |parties: &[Party]| -> BTreeMap<PartyId, Party> {
        parties.iter().map(|party| (party.id.clone(), party.clone())).collect()
    };
    let (present, wanted) = (by_id(present), by_id(wanted));
    let mut text = String::new();
    for (id, party) in &present {
        match wanted.get(id) {
            None => text.push_str(&in_full(party, "- ")),
            Some(other) if other != party => {
                text.push_str(&in_full(party, "- "));
                text.push_str(&in_full(other, "+ "));
            }
            Some(_) => {}
        }
    }
    for (_, party) in wanted.iter().filter(|(id, _)| !present.contains_key(id)) {
        text.push_str(&in_full(party, "+ "));
    }
    text
}

/// Everything about a party, each line after a mark.
pub(super) fn in_full(party: &Party, mark: &str) -> String {
    let operations = party.operations.as_ref().map_or("by role".to_owned(), words);
    let suspended = if party.suspended { ", suspended" } else { "" };
    let mut text = format!("{mark}{} {} ({}){suspended}\n", party.id, party.name, party.country);
    text.push_str(&format!("{mark}    roles {}; operations {operations}\n", words(&party.roles)));
    for (fingerprint, term) in &party.certificates {
        text.push_str(&format!("{mark}    certificate sha256 {fingerprint}{}\n", told_term(term)));
    }
    for (name, value) in agreed(&party.terms) {
        text.push_str(&format!("{mark}    {} {value}\n", name.replace('_', " ")));
    }
    text
}

/// A party in one line.
pub(super) fn in_a_line(party: &Party) -> String {
    let certificates = match party.certificates.len() {
        1 => "1 certificate".to_owned(),
        other => format!("{other} certificates"),
    };
    let suspended = if party.suspended { ", suspended" } else { "" };
    let calls = party.terms.endpoint.as_ref().map(|endpoint| format!(", called at {}", endpoint.url));
    let (id, country, roles) = (&party.id, party.country, words(&party.roles));
    format!("{id}  {country}  {}  ({roles}; {certificates}{}{suspended})", party.name, calls.unwrap_or_default())
}

/// What somebody should look at soon: certificates that end, or have ended.
pub(super) fn warnings(party: &Party, now: DateTime<Utc>) -> Vec<String> {
    let mut warnings = Vec::new();
    for (fingerprint, term) in &party.certificates {
        let Some(end) = term.end() else { continue };
        let name = short(fingerprint);
        let when = end.format("%Y-%m-%d %H:%M UTC");
        if end <= now {
            warnings.push(format!("certificate {name} of {} has ended on {when}", party.id));
        } else if end - now <= WARNING {
            let days = (end - now).num_days();
            warnings.push(format!("certificate {name} of {} ends in {days} days, on {when}", party.id));
        }
    }
    warnings
}

/// The beginning of a fingerprint: enough to find it in the full list.
fn short(fingerprint: &Fingerprint) -> String {
    fingerprint.to_string().chars().take(16).collect()
}

fn told_term(term: &Term) -> String {
    let from = term.from.map(|day| format!(", from {day}"));
    let until = term.until.map(|day| format!(", until {day}"));
    let expires = term.expires.map(|end| format!(", expires {}", end.format("%Y-%m-%d")));
    [from, until, expires].into_iter().flatten().collect()
}

/// What was agreed, where it differs from what holds for everybody.
fn agreed(terms: &Terms) -> Vec<(String, String)> {
    let fields = |terms: &Terms| match serde_json::to_value(terms) {
        Ok(Value::Object(fields)) => fields,
        _ => serde_json::Map::new(),
    };
    let usual = fields(&Terms::default());
    let differs = |(name, value): &(String, Value)| usual.get(name) != Some(value);
    fields(terms).into_iter().filter(differs).map(|(name, value)| (name, plain(&value))).collect()
}

fn words(value: &impl serde::Serialize) -> String {
    match serde_json::to_value(value).as_ref().map(plain).unwrap_or_default() {
        none if none.is_empty() => "none".to_owned(),
        words => words,
    }
}

/// A value without brackets and quotes.
fn plain(value: &Value) -> String {
    match value {
        Value::Null => String::new(),
        Value::Bool(yes) => if *yes { "yes" } else { "no" }.to_owned(),
        Value::String(text) => text.clone(),
        Value::Number(number) => number.to_string(),
        Value::Array(values) => values.iter().map(plain).collect::<Vec<_>>().join(", "),
        Value::Object(fields) => {
            let said = |(name, value): (&String, &Value)| {
                let value = plain(value);
                (!value.is_empty()).then(|| format!("{name} {value}"))
            };
            fields.iter().filter_map(said).collect::<Vec<_>>().join("; ")
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn party(until: &str) -> Party {
        let term = Term { until: until.parse().ok(), ..Term::default() };
        Party {
            id: PartyId::parse("XB-MA").unwrap(),
            name: "Management Authority of XB".to_owned(),
            country: epix_core::id::Country::parse("XB").unwrap(),
            roles: [crate::store::Role::ManagementAuthority].into(),
            certificates: [(Fingerprint::of(b"x"), term)].into(),
            operations: None,
            suspended: false,
            terms: Terms { blanket: true, ..Terms::default() },
        }
    }

    #[test]
    fn a_certificate_is_warned_about_a_month_before_its_end() {
        let warned = |now: &str| warnings(&party("2026-06-30"), now.parse().unwrap());

        assert!(warned("2026-05-31T23:00:00Z").is_empty());
        assert!(warned("2026-06-10T12:00:00Z")[0].contains("ends in 20 days"));
        assert!(warned("2026-07-01T00:00:00Z")[0].contains("has ended"));
    }

    #[test]
    fn only_what_differs_from_the_usual_is_told() {
        let told = in_full(&party("2026-06-30"), "+ ");

        assert!(told.contains("+     blanket yes\n") && told.contains(", until 2026-06-30"), "{told}");
        assert!(!told.contains("availability") && !told.contains("webhook"), "{told}");
    }

    #[test]
    fn a_party_that_changed_is_told_twice_and_an_equal_one_not_at_all() {
        let (before, after) = (party("2026-06-30"), party("2027-06-30"));

        assert_eq!(difference(std::slice::from_ref(&before), std::slice::from_ref(&before)), "");
        let told = difference(&[before], &[after]);
        assert!(told.contains("- XB-MA") && told.contains("+ XB-MA"), "{told}");
    }
}
