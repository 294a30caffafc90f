//! Box 5: are the conditions that must be stated stated, and in a language that all Parties read?

use super::context::{is_live, leaves, lines, terms};
use super::found::Found;
use super::row::Row;
use crate::codes::Grade::{Certain, Recalled};
use crate::permit::{ModelPath, Text, at};
use crate::report::{RuleId, Severity};

pub(super) const ROWS: &[Row] = &[
    Row {
        id: RuleId("EPIX-CONDITION-01"),
        catalogue: "F40",
        form_box: "5",
        sentence: "a permit for live specimens should state that it is valid only if they are transported by the guidelines",
        remedy: "state in box 5 that transport must follow the CITES guidelines or, by air, the IATA regulations",
        source: "Res. Conf. 12.3; EPIX messages",
        grade: Recalled,
        severity: Severity::Warning,
        test: |permit, _, found| {
            let is_any_live = lines(permit).any(|(_, _, _, line)| terms(line).any(is_live));
            if leaves(permit) && is_any_live && !permit.document.conditions.iter().any(speaks_of_transport) {
                found.at(|| at!(document.conditions[0]));
            }
        },
        ..Row::USUAL
    },
    Row {
        id: RuleId("EPIX-CONDITION-02"),
        catalogue: "F43",
        form_box: "5, 9",
        sentence: "texts should be in English, French or Spanish, or come with a translation",
        remedy: "ask for a translation into one of the three languages",
        source: "50 CFR 23.23",
        grade: Certain,
        severity: Severity::Warning,
        lenient: Some("a translation may come beside the document"),
        test: |permit, _, found| {
            let document = &permit.document;
            foreign(document.conditions.iter(), found, |k| at!(document.conditions[k]));
            foreign(document.purpose_text.iter(), found, |_| at!(document.purpose_text));
            for (i, j, _, line) in lines(permit) {
                let descriptions = line.product.iter().flat_map(|product| &product.descriptions);
                foreign(descriptions, found, |k| at!(consignment.items[i].lines[j].product.descriptions[k]));
            }
        },
        ..Row::USUAL
    },
];

/// True for a text in one of the three languages that speaks of transport.
fn speaks_of_transport(text: &Text) -> bool {
    let text = text.as_str().to_lowercase();
    text.contains("transport") || text.contains("iata")
}

/// Objects where none of the texts is marked as, or may be in, one of the three languages.
fn foreign<'t>(texts: impl Iterator<Item = &'t Text> + Clone, found: &mut Found, path: impl Fn(usize) -> ModelPath) {
    let is_read = |text: &Text| {
        let language = text.language.as_ref().map(|language| language.as_str().to_ascii_lowercase());
        language.is_none_or(|language| matches!(language.split('-').next(), Some("en" | "fr" | "es")))
    };
    if texts.clone().any(is_read) {
        return;
    }
    if let Some(language) = texts.map(|text| &text.language).next().and_then(Option::as_ref) {
        found.add(|| (path(0), format!("it is marked {:?}", language.as_str())));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn transport_is_heard_in_three_languages() {
        for text in ["IATA Live Animals Regulations", "conditions de Transport", "Reglamento de transporte"] {
            assert!(speaks_of_transport(&Text::parse(text).unwrap()), "{text}");
        }
    }
}
