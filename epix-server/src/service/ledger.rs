//! May these quantities be confirmed? The arithmetic of the two books: exported ≤ permitted, imported ≤ exported.

use epix_core::id::{Amount, CallId, PositionId, Sha256Digest};
use epix_core::permit::{Permit, Quantity};

use super::error::CallError;
use super::status::{Quantities, Standing};
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
    pub fn permitted(&self) -> Quantities {
        self.rows.iter().map(|(id, permitted, _)| (id.clone(), amount(*permitted))).collect()
    }

    /// What box 14 of the document itself certifies, where it does.
    pub fn endorsed(&self) -> Option<Quantities> {
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
fn settle(allowed: &Quantities, call: &[(PositionId, Amount)]) -> Result<Quantities, CallError> {
    let mut settled = Quantities::new();
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

/// What was confirmed in all.
pub(super) fn sum(standing: &[Standing<'_>]) -> Quantities {
    standing.iter().fold(Quantities::new(), |total, confirmation| together(&total, confirmation.positions))
}

/// Two sets of quantities together.
pub(super) fn together(first: &Quantities, second: &Quantities) -> Quantities {
    let mut total = first.clone();
    for (position, amount) in second {
        let so_far = total.entry(position.clone()).or_insert(Amount::ZERO);
        // Each sum was held against what is allowed before it was recorded, so that it has no more digits than that.
        *so_far = so_far.plus(*amount).unwrap_or(*so_far);
    }
    total
}

/// What is left of what is allowed after what was taken.
pub(super) fn rest(allowed: &Quantities, taken: &Quantities) -> Quantities {
    let left = |(position, amount): (&PositionId, &Amount)| {
        let taken = taken.get(position).copied().unwrap_or(Amount::ZERO);
        (position.clone(), amount.minus(taken).unwrap_or(Amount::ZERO))
    };
    allowed.iter().map(left).collect()
}

/// What is asked to be confirmed, and how.
#[derive(Debug)]
pub(super) struct Asked<'a> {
    /// In which book.
    pub(super) ledger: Ledger,
    /// By whom.
    pub(super) caller: &'a str,
    /// The caller's own id of the call.
    pub(super) call: Option<&'a CallId>,
    /// True when the permit may be used in parts.
    pub(super) in_parts: bool,
    /// What.
    pub(super) positions: &'a [(PositionId, Amount)],
}

/// What becomes of a confirmation.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Decision {
    /// It stands in the book already.
    Repeated,
    /// It is to be recorded.
    Recorded {
        /// Every position of the permit.
        positions: Quantities,
        /// What makes a repetition recognisable.
        identity: Sha256Digest,
        /// True when it may not be the last one.
        is_part: bool,
    },
}

/// Holds a confirmation against what is allowed in all and what stands in its book.
///
/// # Errors
/// [`CallError`] that says why it cannot be; then nothing of it counts.
pub(super) fn decide(asked: &Asked<'_>, allowed: &Quantities, book: &[Standing<'_>]) -> Result<Decision, CallError> {
    // A book is continued as it was begun, whatever the policy has become.
    let in_parts = book.first().map_or(asked.in_parts, |first| first.is_part);
    if in_parts { decide_part(asked, allowed, book) } else { decide_whole(asked, allowed, book) }
}

fn decide_whole(asked: &Asked<'_>, allowed: &Quantities, book: &[Standing<'_>]) -> Result<Decision, CallError> {
    let positions = settle(allowed, asked.positions)?;
    let identity = identity(asked.ledger, asked.caller, &positions);
    match book.first() {
        None => Ok(Decision::Recorded { positions, identity, is_part: false }),
        Some(standing) if standing.identity == identity => Ok(Decision::Repeated),
        Some(_) => Err(CallError::AlreadyConfirmed),
    }
}

fn decide_part(asked: &Asked<'_>, allowed: &Quantities, book: &[Standing<'_>]) -> Result<Decision, CallError> {
    let call = asked.call.ok_or(CallError::CallIdMissing)?;
    let identity = identity_of_call(asked.ledger, asked.caller, call);
    if let Some(standing) = book.iter().find(|standing| standing.identity == identity) {
        let same = settle(allowed, asked.positions)? == *standing.positions;
        return if same { Ok(Decision::Repeated) } else { Err(CallError::AlreadyConfirmed) };
    }
    let rest = rest(allowed, &sum(book));
    let positions = settle(&rest, asked.positions)?;
    Ok(Decision::Recorded { positions, identity, is_part: true })
}

/// What makes a repetition of a part recognisable: book, caller and the caller's own id of the call.
fn identity_of_call(ledger: Ledger, caller: &str, call: &CallId) -> Sha256Digest {
    Sha256Digest::of(format!("epix confirmation in parts 1\n{ledger:?}\n{caller}\n{call}\n").as_bytes())
}

/// What makes a repetition recognisable: book, caller and quantities. EPIX carries no call id, so the same quantities by the
/// same caller are the same call.
fn identity(ledger: Ledger, caller: &str, positions: &Quantities) -> Sha256Digest {
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

    /// Confirms one part after another of A=10, B=2.75.
    fn parts(calls: &[(&str, &[(&str, &str)])]) -> Vec<&'static str> {
        let allowed: Quantities = quantities(&[("A", "10"), ("B", "2.75")]).into_iter().collect();
        let mut recorded: Vec<(Quantities, Sha256Digest)> = Vec::new();
        let mut outcomes = Vec::new();
        for (id, positions) in calls {
            let book: Vec<Standing<'_>> = (1..)
                .zip(&recorded)
                .map(|(sequence, (positions, identity))| Standing {
                    sequence,
                    positions,
                    identity: *identity,
                    is_part: true,
                })
                .collect();
            let (call, positions) = (CallId::parse(id).ok(), quantities(positions));
            let call = call.as_ref();
            let asked = Asked { ledger: Ledger::Export, caller: "p", call, in_parts: true, positions: &positions };
            match decide(&asked, &allowed, &book) {
                Ok(Decision::Repeated) => outcomes.push("repeated"),
                Ok(Decision::Recorded { positions, identity, .. }) => {
                    recorded.push((positions, identity));
                    outcomes.push("recorded");
                }
                Err(error) => outcomes.push(error.outcome()),
            }
        }
        outcomes
    }

    #[test]
    fn parts_add_up_to_what_is_allowed_and_no_further() {
        let outcomes = parts(&[
            ("1", &[("A", "4"), ("B", "2.7")]),
            ("2", &[("A", "6"), ("B", "0.06")]),
            ("3", &[("A", "6"), ("B", "0.05")]),
            ("4", &[("A", "0.0001")]),
        ]);

        assert_eq!(outcomes, ["recorded", "quantity-exceeded", "recorded", "quantity-exceeded"]);
    }

    #[test]
    fn a_part_counts_once_under_its_id_and_no_part_is_without_one() {
        let outcomes = parts(&[
            ("1", &[("A", "6")]),
            ("1", &[("A", "6.0"), ("B", "0")]),
            ("1", &[("A", "1")]),
            ("", &[("A", "1")]),
            ("2", &[("A", "1")]),
        ]);

        assert_eq!(outcomes, ["recorded", "repeated", "already-confirmed", "call-id-missing", "recorded"]);
    }
}
