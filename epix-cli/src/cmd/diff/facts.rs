//! What does a permit say, fact by fact, so that two permits can be compared?
//!
//! The facts are taken from the model as it is written in JSON: a field that the model gains is compared without a change
//! here.

use std::collections::BTreeMap;

use epix_core::id::Amount;
use epix_core::permit::Permit;
use epix_core::permit::boxes::{box_of, rank_of};
use serde_json::Value;

/// One fact that the two do not share.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Difference {
    pub(super) form_box: Option<&'static str>,
    /// The letter of the position.
    pub(super) position: Option<String>,
    /// The field of the model, `consignment.items[A].packages[1].quantity.amount`.
    pub(super) path: String,
    pub(super) a: Option<String>,
    pub(super) b: Option<String>,
}

/// One value of a permit.
struct Fact {
    /// The path without the numbers of list elements.
    field: String,
    position: Option<String>,
    value: String,
    /// Where people look for it: the number of the position, the box, the fact among those of its box.
    rank: (usize, usize, usize),
}

type Facts = BTreeMap<String, Fact>;

/// The differences: first those that stand once on a permit, then those of each position, by boxes.
pub(super) fn compare(a: &Permit, b: &Permit) -> Vec<Difference> {
    let (a, b) = (facts(a), facts(b));
    let mut ranked = Vec::new();
    for (path, fact) in &a {
        let other = b.get(path);
        if other.is_none_or(|other| !is_same(fact, other)) {
            ranked.push((fact.rank, difference(path, fact, Some(fact), other)));
        }
    }
    for (path, fact) in b.iter().filter(|(path, _)| !a.contains_key(*path)) {
        ranked.push((fact.rank, difference(path, fact, None, Some(fact))));
    }
    ranked.sort_by_key(|(rank, _)| *rank);
    ranked.into_iter().map(|(_, difference)| difference).collect()
}

fn difference(path: &str, place: &Fact, a: Option<&Fact>, b: Option<&Fact>) -> Difference {
    Difference {
        form_box: box_of(&place.field),
        position: place.position.clone(),
        path: path.to_owned(),
        a: a.map(|fact| fact.value.clone()),
        b: b.map(|fact| fact.value.clone()),
    }
}

/// Values are compared as written, amounts as numbers.
fn is_same(one: &Fact, other: &Fact) -> bool {
    let is_same_amount = || match (Amount::parse(&one.value), Amount::parse(&other.value)) {
        (Ok(one), Ok(other)) => one == other,
        _ => false,
    };
    one.value == other.value || (one.field.ends_with(".amount") && is_same_amount())
}

fn facts(permit: &Permit) -> Facts {
    let value = serde_json::to_value(permit).unwrap_or_else(|_| unreachable!("the model has names as keys"));
    let mut walk = Walk { facts: Facts::new(), position: None };
    walk.value("", "", &value);
    walk.facts
}

struct Walk {
    facts: Facts,
    /// Number and name of the position in which the walk is.
    position: Option<(usize, String)>,
}

impl Walk {
    fn value(&mut self, path: &str, field: &str, value: &Value) {
        match value {
            Value::Null => {}
            Value::Object(object) => {
                for (name, value) in object {
                    self.value(&join(path, name), &join(field, name), value);
                }
            }
            Value::Array(list) if field == "consignment.items" => self.positions(path, field, list),
            Value::Array(list) => {
                for (value, number) in list.iter().zip(1..) {
                    self.value(&format!("{path}[{number}]"), field, value);
                }
            }
            Value::String(text) => self.fact(path, field, text.clone()),
            Value::Bool(_) | Value::Number(_) => self.fact(path, field, value.to_string()),
        }
    }

    /// Positions go by their letters; one without a letter, or with that of an earlier one, by its number.
    fn positions(&mut self, path: &str, field: &str, items: &[Value]) {
        let mut seen: Vec<&str> = Vec::new();
        for (item, number) in items.iter().zip(1..) {
            let letter = item["ids"][0]["value"].as_str().filter(|letter| !seen.contains(letter));
            seen.extend(letter);
            let name = letter.map_or_else(|| format!("#{number}"), str::to_owned);
            self.position = Some((number, name.clone()));
            self.value(&format!("{path}[{name}]"), field, item);
        }
        self.position = None;
    }

    fn fact(&mut self, path: &str, field: &str, value: String) {
        let (number, position) = self.position.clone().unzip();
        let rank = (number.unwrap_or(0), rank_of(field), self.facts.len());
        self.facts.insert(path.to_owned(), Fact { field: field.to_owned(), position, value, rank });
    }
}

/// `{"value": …}` is only how the model wraps a text: the name says nothing.
fn join(path: &str, name: &str) -> String {
    match (path.is_empty(), name) {
        (true, _) => name.to_owned(),
        (false, "value") => path.to_owned(),
        (false, _) => format!("{path}.{name}"),
    }
}
