//! Which kingdom, units and purposes go with a term? A table of pairs that UNEP-WCMC takes for plausible.

use std::collections::BTreeMap;
use std::sync::LazyLock;

use crate::check::knowledge::Kingdom;

/// What goes with a term.
struct Pairs {
    kingdoms: &'static str,
    units: &'static str,
    purposes: &'static str,
}

static PAIRS: LazyLock<BTreeMap<&'static str, Pairs>> = LazyLock::new(|| {
    let lines = include_str!("data/term-pairs.tsv").lines().filter(|line| !line.starts_with('#')).skip(1);
    lines
        .filter_map(|line| {
            let mut cells = line.split('\t');
            let term = cells.next()?;
            Some((term, Pairs { kingdoms: cells.next()?, units: cells.next()?, purposes: cells.next()? }))
        })
        .collect()
});

/// The kingdom that a term speaks of; `None` for one that speaks of both, or is not in the table.
pub(super) fn kingdom(term: &str) -> Option<Kingdom> {
    match PAIRS.get(term)?.kingdoms {
        "A" => Some(Kingdom::Animals),
        "P" => Some(Kingdom::Plants),
        _ => None,
    }
}

/// The units that go with a term; `None` where the table knows none.
pub(super) fn units(term: &str) -> Option<&'static str> {
    PAIRS.get(term).map(|pairs| pairs.units).filter(|units| !units.is_empty())
}

/// The purposes that go with a term, each one letter; `None` where the table knows none.
pub(super) fn purposes(term: &str) -> Option<&'static str> {
    PAIRS.get(term).map(|pairs| pairs.purposes).filter(|purposes| !purposes.is_empty())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::codes::{List, spans};
    use crate::permit::Purpose;

    #[test]
    fn every_row_names_codes_that_exist() {
        assert_eq!(PAIRS.len(), 91);
        for (term, pairs) in PAIRS.iter() {
            assert!(spans(List::Terms, term).next().is_some(), "{term}");
            assert!(["A", "P", "AP"].contains(&pairs.kingdoms), "{term}");
            assert!(pairs.units.split_whitespace().all(|unit| spans(List::Units, unit).next().is_some()), "{term}");
            let is_purpose = |letter: char| Purpose::LISTED.contains(&letter.to_string().as_str());
            assert!(pairs.purposes.chars().all(is_purpose), "{term}");
        }
    }
}
