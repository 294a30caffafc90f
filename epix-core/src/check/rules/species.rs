//! Box 7: which species?

use super::context::{lines, names};
use super::found::Found;
use super::row::{Need, Row};
use crate::codes::Grade::{Certain, Recalled};
use crate::permit::{Permit, at};
use crate::report::{RuleId, Severity};

pub(super) const ROWS: &[Row] = &[
    Row {
        id: RuleId("EPIX-SPECIES-01"),
        catalogue: "F12",
        form_box: "7",
        sentence: "a position must give the scientific name of the species",
        remedy: "give genus and species in box 7",
        source: "Res. Conf. 12.3; UNEP-WCMC checks",
        test: |permit, _, found| {
            for (i, item) in super::context::items(permit) {
                if item.scientific_names().next().is_none() {
                    found.at(|| at!(consignment.items[i].lines[0].product.scientific_names[0]));
                }
            }
        },
        ..Row::USUAL
    },
    Row {
        id: RuleId("EPIX-SPECIES-02"),
        catalogue: "F15",
        form_box: "7",
        sentence: "a specimen should be named by species, or box 5 say why it is not",
        remedy: "give the species; a genus or a higher name is for coral rock and for what the Parties agreed on",
        source: "Res. Conf. 12.3; Res. Conf. 11.10",
        grade: Recalled,
        severity: Severity::Warning,
        test: |permit, _, found| {
            each_name(permit, found, |name| is_above_species(name).then(|| format!("{name:?} names no species")));
        },
        ..Row::USUAL
    },
    Row {
        id: RuleId("EPIX-SPECIES-03"),
        catalogue: "F13",
        form_box: "7",
        sentence: "a scientific name should be one of the table of species",
        remedy: "look for a slip of the pen; ask the issuing authority",
        source: "UNEP-WCMC checks; Res. Conf. 12.11",
        grade: Certain,
        severity: Severity::Warning,
        lenient: Some("a name may be right and younger than the table"),
        needs: &[Need::Species],
        test: |permit, context, found| {
            let Some(species) = context.knowledge.species else { return };
            each_name(permit, found, |name| {
                let is_known = species.named(name).is_some() || is_above_species(name) || parents(name).is_some();
                (!is_known).then(|| format!("{name:?} is not in it"))
            });
        },
        ..Row::USUAL
    },
    Row {
        id: RuleId("EPIX-SPECIES-04"),
        catalogue: "F14",
        form_box: "7",
        sentence: "a species should have its accepted name",
        remedy: "write the accepted name; the other one may follow it",
        source: "Res. Conf. 12.11; UNEP-WCMC checks",
        grade: Certain,
        severity: Severity::Warning,
        lenient: Some("a synonym names the same species"),
        needs: &[Need::Species],
        test: |permit, context, found| {
            let Some(species) = context.knowledge.species else { return };
            each_name(permit, found, |name| {
                let accepted = species.named(name)?.accepted;
                (accepted != name).then(|| format!("{name:?} is called {accepted}"))
            });
        },
        ..Row::USUAL
    },
    Row {
        id: RuleId("EPIX-SPECIES-05"),
        catalogue: "F16",
        form_box: "7",
        sentence: "a hybrid should be written as its two parents, or as a genus and the word hybrid",
        remedy: "write the hybrid as \"Falco rusticolus x Falco cherrug\" or \"Falco hybrid\"",
        source: "50 CFR 23.42; sample reports of the Secretariat",
        grade: Certain,
        severity: Severity::Warning,
        lenient: Some("how a hybrid is written is a recommendation on receipt"),
        test: |permit, _, found| {
            each_name(permit, found, |name| is_odd_hybrid(name).then(|| format!("{name:?}")));
        },
        ..Row::USUAL
    },
    Row {
        id: RuleId("EPIX-SPECIES-06"),
        catalogue: "F16",
        form_box: "7, 10",
        sentence: "a hybrid should stand in the stricter of its parents' Appendices",
        remedy: "compare box 10 with the listings of both parents",
        source: "50 CFR 23.42",
        grade: Certain,
        severity: Severity::Warning,
        lenient: Some("for animals only the last four generations count"),
        needs: &[Need::Day, Need::Species],
        test: |permit, context, found| {
            let (Some(species), Some(day)) = (context.knowledge.species, context.day) else { return };
            for (i, j, _, line) in lines(permit) {
                let Some(written) = &line.appendix else { continue };
                for (one, other) in names(line).filter_map(parents) {
                    let listed = |name| species.listed(name, None, day).unwrap_or_default();
                    let strictest = listed(one).into_iter().chain(listed(other)).min();
                    if let Some(due) = strictest.filter(|due| due != written) {
                        let path = || at!(consignment.items[i].lines[j].appendix);
                        found.add(|| (path(), format!("{written} where {due} is due")));
                    }
                }
            }
        },
        ..Row::USUAL
    },
];

fn each_name(permit: &Permit, found: &mut Found, mut objection: impl FnMut(&str) -> Option<String>) {
    for (i, j, _, line) in lines(permit) {
        for (k, name) in names(line).enumerate() {
            if let Some(words) = objection(name) {
                found.add(|| (at!(consignment.items[i].lines[j].product.scientific_names[k]), words));
            }
        }
    }
}

/// True for a genus or a higher name alone. Coral rock is named `Scleractinia`.
fn is_above_species(name: &str) -> bool {
    let mut words = name.split_whitespace();
    let (first, second) = (words.next().unwrap_or_default(), words.next());
    let is_open = matches!(second, None | Some("sp." | "spp." | "sp" | "spp"));
    is_open && first != "Scleractinia"
}

/// The parents of a hybrid that is written as both.
fn parents(name: &str) -> Option<(&str, &str)> {
    let (one, other) = name.split_once(" x ").or_else(|| name.split_once(" × "))?;
    Some((one.trim(), other.trim()))
}

/// True for hints at a hybrid that are none of the two ways of writing one.
fn is_odd_hybrid(name: &str) -> bool {
    let is_odd = |word: &str| matches!(word, "X" | "hyb" | "hyb." | "Hybrid" | "HYBRID" | "hybrids" | "cross");
    name.split_whitespace().skip(1).any(is_odd)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_is_told_from_a_genus_and_a_hybrid() {
        assert!(["Acropora", "Acropora spp.", "Python sp."].into_iter().all(is_above_species));
        assert!(!["Python regius", "Scleractinia spp.", "Falco hybrid"].into_iter().any(is_above_species));
        assert_eq!(parents("Falco rusticolus × Falco cherrug"), Some(("Falco rusticolus", "Falco cherrug")));
        assert!(is_odd_hybrid("Falco rusticolus X cherrug") && !is_odd_hybrid("Falco rusticolus x Falco cherrug"));
    }
}
