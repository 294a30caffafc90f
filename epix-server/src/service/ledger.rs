//! May these quantities be confirmed? The arithmetic of the two books: exported ≤ permitted, imported ≤ exported.

use std::collections::BTreeMap;

use epix_core::id::{Amount, PositionId, Sha256Digest};
use epix_core::permit::{Permit, Quantity};

use super::error::CallError;
use crate::store::Ledger;

/// The quantities of a permit by position, in the order of the document.
#[derive(Debug)]
pub struct Positions<'p> {
    rows: Vec<(PositionId, Option<&'p Quantity>, Option<&'p Quantity>)>,
}

impl<'p> Positions<'p> {
    /// Reads the positions of a permit; one without a letter cannot be confirmed and is left out.
    ///
    /// # Errors
    /// [`CallError::PositionTwice`] when the permit names a position twice: then a letter says nothing.
    pub fn of(permit: &'p Permit) -> Result<Positions<'p>, CallError> {
        let mut rows: Vec<(PositionId, _, _)> = Vec::new();
        for item in &permit.consignment.items {
            let Some(position) = item.id().and_then(|id| PositionId::parse(id.as_str()).ok()) else { continue };
            if rows.iter().any(|(other, _, _)| *other == position) {
                return Err(CallError::PositionTwice { position });
            }
            rows.push((position, item.permitted(), item.endorsed()));
        }
        Ok(Positions { rows })
    }

    /// What is permitted (box 11); a position without quantity permits nothing that could be counted.
    pub fn permitted(&self) -> BTreeMap<PositionId, Amount> {
        self.rows.iter().map(|(id, permitted, _)| (id.clone(), amount(*permitted))).collect()
    }

    /// What box 14 of the document itself certifies, where it does.
    pub fn endorsed(&self) -> Option<BTreeMap<PositionId, Amount>> {
        self.rows
            .iter()
            .any(|(_, _, endorsed)| endorsed.is_some())
            .then(|| self.rows.iter().map(|(id, _, endorsed)| (id.clone(), amount(*endorsed))).collect())
    }
}

fn amount(quantity: Option<&Quantity>) -> Amount {
    quantity.map_or(Amount::ZERO, |quantity| quantity.amount)
}

/// Holds the quantities of a call against what is allowed; a position left out counts as 0.
///
/// # Errors
/// Which position is unknown, named twice or exceeded; then nothing of the call counts.
pub(super) fn settle(
    allowed: &BTreeMap<PositionId, Amount>,
    call: &[(PositionId, Amount)],
) -> Result<BTreeMap<PositionId, Amount>, CallError> {
    let mut settled: BTreeMap<PositionId, Amount> = BTreeMap::new();
    for (position, confirmed) in call {
        let Some(allowed) = allowed.get(position) else {
            return Err(CallError::PositionUnknown { position: position.clone() });
        };
        if confirmed > allowed {
            let (position, confirmed, allowed) = (position.clone(), *confirmed, *allowed);
            return Err(CallError::QuantityExceeded { position, confirmed, allowed });
        }
        if settled.insert(position.clone(), *confirmed).is_some() {
            return Err(CallError::PositionTwice { position: position.clone() });
        }
    }
    let left_out = allowed.keys().filter(|position| !settled.contains_key(position)).cloned().collect::<Vec<_>>();
    settled.extend(left_out.into_iter().map(|position| (position, Amount::ZERO)));
    Ok(settled)
}

/// What makes a repetition recognisable: book, caller and quantities. EPIX carries no call id, so the same quantities by the
/// same caller are the same call.
pub(super) fn identity(ledger: Ledger, caller: &str, positions: &BTreeMap<PositionId, Amount>) -> Sha256Digest {
    let mut text = format!("epix confirmation 1\n{ledger:?}\n{caller}\n");
    for (position, amount) in positions {
        text.push_str(&format!("{position}={}\n", amount.canonical()));
    }
    Sha256Digest::of(text.as_bytes())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn quantities(pairs: &[(&str, &str)]) -> Vec<(PositionId, Amount)> {
        let pair = |(id, amount): &(&str, &str)| (PositionId::parse(id).unwrap(), Amount::parse(amount).unwrap());
        pairs.iter().map(pair).collect()
    }

    fn outcome(call: &[(&str, &str)]) -> Result<Vec<String>, &'static str> {
        let allowed = quantities(&[("A", "10"), ("B", "2.75")]).into_iter().collect();
        match settle(&allowed, &quantities(call)) {
            Ok(settled) => Ok(settled.values().map(|amount| amount.canonical()).collect()),
            Err(error) => Err(error.outcome()),
        }
    }

    #[test]
    fn a_position_left_out_counts_as_nothing() {
        assert_eq!(outcome(&[("B", "2.75")]), Ok(vec!["0".to_owned(), "2.75".to_owned()]));
    }

    #[test]
    fn nothing_counts_when_one_position_is_wrong() {
        assert_eq!(outcome(&[("A", "1"), ("B", "2.7500001")]), Err("quantity-exceeded"));
        assert_eq!(outcome(&[("A", "1"), ("C", "0")]), Err("position-unknown"));
        assert_eq!(outcome(&[("A", "1"), ("A", "1")]), Err("position-twice"));
    }

    #[test]
    fn the_same_quantities_have_one_identity_however_written() {
        let of = |amount| identity(Ledger::Export, "p", &quantities(&[("A", amount)]).into_iter().collect());

        assert_eq!(of("5"), of("5.00"));
        assert_ne!(of("5"), of("5.01"));
        assert_ne!(of("5"), identity(Ledger::Import, "p", &quantities(&[("A", "5")]).into_iter().collect()));
    }
}
