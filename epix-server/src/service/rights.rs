//! Who may do what: by role, by country, and for each permit.
//!
//! By default only the issuing country and the Party named in boxes 3/3a may read a permit or confirm on it. The caller's
//! registered country decides the book: the issuing country certifies what left, the country of import what arrived.

use epix_core::id::{Country, Operation};

use super::error::CallError;
use crate::store::{Authority, Ledger, Party, PermitRecord, Role};

/// What a party may call, where its entry in the register does not say.
fn by_role(role: Role) -> &'static [Operation] {
    match role {
        Role::ManagementAuthority | Role::Customs => &Operation::ALL,
        Role::ScientificAuthority => &[Operation::GetNonFinal, Operation::GetFinal, Operation::ServiceState],
        // A hub acts with the rights of the original caller, which this build does not take over from it yet.
        Role::SystemManager | Role::Hub => &[Operation::ServiceState],
    }
}

/// May this party call this operation at all?
///
/// # Errors
/// [`CallError::NoRight`].
pub(super) fn may_call(party: &Party, operation: Operation) -> Result<(), CallError> {
    let by_roles = || party.roles.iter().any(|role| by_role(*role).contains(&operation));
    let allowed = party.operations.as_ref().map_or_else(by_roles, |operations| operations.contains(&operation));
    if allowed && !party.suspended { Ok(()) } else { Err(CallError::NoRight) }
}

/// May this party see this permit?
///
/// # Errors
/// [`CallError::NoRight`].
pub(super) fn may_see(party: &Party, authority: &Authority, record: &PermitRecord) -> Result<(), CallError> {
    side(party.country, authority.country, record.destination).map(|_| ()).ok_or(CallError::NoRight)
}

/// In which book does a confirmation of this party stand?
///
/// # Errors
/// [`CallError::NoRight`] when the party is on neither side.
pub(super) fn book_of(party: &Party, authority: &Authority, record: &PermitRecord) -> Result<Ledger, CallError> {
    side(party.country, authority.country, record.destination).ok_or(CallError::NoRight)
}

fn side(caller: Country, issuer: Country, destination: Option<Country>) -> Option<Ledger> {
    if caller == issuer {
        return Some(Ledger::Export);
    }
    (Some(caller) == destination).then_some(Ledger::Import)
}
