//! Who may do what: by role, by country, and for each permit.
//!
//! By default only the issuing country and the Party named in boxes 3/3a may read a permit or confirm on it; the register can
//! give more: every permit to read (`blanket`), or some of them (`grants`). The caller's registered country decides the book:
//! the issuing country certifies what left, the country of import what arrived.

use std::collections::BTreeSet;

use chrono::{DateTime, Utc};
use epix_core::id::{Country, Operation};

use super::error::CallError;
use crate::store::{Authority, Ledger, Party, PermitRecord, Role};

/// What a party may call, where its entry in the register does not say.
fn by_role(role: Role) -> &'static [Operation] {
    match role {
        Role::ManagementAuthority | Role::Customs => &Operation::ALL,
        Role::ScientificAuthority => &[Operation::GetNonFinal, Operation::GetFinal, Operation::ServiceState],
        // A hub acts with the rights of the original caller (`behalf`); of its own it has none.
        Role::SystemManager | Role::Hub => &[Operation::ServiceState],
    }
}

/// What a party may call, whether or not it is suspended.
pub(super) fn may_of(party: &Party) -> BTreeSet<Operation> {
    let by_roles = || party.roles.iter().flat_map(|role| by_role(*role)).copied().collect();
    party.operations.clone().unwrap_or_else(by_roles)
}

/// May this party call this operation at all?
///
/// # Errors
/// [`CallError::NoRight`].
pub(super) fn may_call(party: &Party, operation: Operation) -> Result<(), CallError> {
    if may_of(party).contains(&operation) && !party.suspended { Ok(()) } else { Err(CallError::NoRight) }
}

/// May this party use this permit for this operation?
///
/// # Errors
/// [`CallError::NotTheirs`], which the caller cannot tell from an unknown number.
pub(super) fn may_use(
    party: &Party,
    authority: &Authority,
    record: &PermitRecord,
    operation: Operation,
    at: DateTime<Utc>,
) -> Result<(), CallError> {
    let is_on_a_side = side(party.country, authority.country, record.destination).is_some();
    let is_a_read = matches!(operation, Operation::GetNonFinal | Operation::GetFinal);
    let is_granted = || is_granted(party, record, operation, at);
    if is_on_a_side || (is_a_read && party.terms.blanket) || is_granted() { Ok(()) } else { Err(CallError::NotTheirs) }
}

/// In which book does a confirmation of this party stand? Whoever was granted the right acts for the side of import.
///
/// # Errors
/// [`CallError::NotTheirs`] when the party is on neither side.
pub(super) fn book_of(
    party: &Party,
    authority: &Authority,
    record: &PermitRecord,
    at: DateTime<Utc>,
) -> Result<Ledger, CallError> {
    let granted = || is_granted(party, record, Operation::ConfirmQuantities, at).then_some(Ledger::Import);
    side(party.country, authority.country, record.destination).or_else(granted).ok_or(CallError::NotTheirs)
}

fn is_granted(party: &Party, record: &PermitRecord, operation: Operation, at: DateTime<Utc>) -> bool {
    party.terms.grants.iter().any(|grant| grant.covers(operation, &record.number, record.destination, at))
}

fn side(caller: Country, issuer: Country, destination: Option<Country>) -> Option<Ledger> {
    if caller == issuer {
        return Some(Ledger::Export);
    }
    (Some(caller) == destination).then_some(Ledger::Import)
}
