//! Whose call is it, when a hub calls? Its word counts only with the role `hub`, and the rights are the smaller of both.

use std::collections::BTreeSet;

use epix_core::id::{Country, Operation};
use epix_core::soap::OriginalCaller;

use super::error::CallError;
use super::rights::may_of;
use crate::store::{Party, Role, Terms};

/// The party whose rights hold for a call: whoever called, or for a hub the original caller as far as both may.
///
/// `registered` is who stands in the register under the id that the hub names. Nobody acts for the own side through a hub
/// unless the register knows them: a hub must not be able to make permits of this authority final.
///
/// # Errors
/// [`CallError::NoRight`] for an original caller that the register contradicts.
pub(super) fn acting(
    caller: Party,
    original: Option<&OriginalCaller>,
    registered: Option<&Party>,
    own: Country,
) -> Result<Party, CallError> {
    let Some(original) = original.filter(|_| caller.roles.contains(&Role::Hub)) else { return Ok(caller) };
    let claimed: BTreeSet<Role> = original.roles.iter().filter_map(|role| Role::of_trade(role)).collect();
    let acting = match registered {
        Some(party) if party.country == original.country => {
            let roles = party.roles.intersection(&claimed).copied().collect();
            Party { roles, ..party.clone() }
        }
        Some(_) => return Err(CallError::NoRight),
        None if original.country == own => return Err(CallError::NoRight),
        None => Party {
            id: original.party.clone(),
            name: original.name.clone(),
            country: original.country,
            roles: claimed,
            operations: None,
            suspended: false,
            terms: Terms::default(),
            certificates: Default::default(),
        },
    };
    let through_hub = caller.operations.clone().unwrap_or_else(|| Operation::ALL.into_iter().collect());
    let operations = may_of(&acting).intersection(&through_hub).copied().collect();
    Ok(Party {
        operations: Some(operations),
        suspended: acting.suspended || caller.suspended,
        // The certificate that was shown is the hub's, for its time.
        certificates: caller.certificates,
        ..acting
    })
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use epix_core::id::PartyId;

    use super::*;

    fn country(code: &str) -> Country {
        Country::parse(code).unwrap()
    }

    fn party(id: &str, code: &str, roles: &[Role]) -> Party {
        Party {
            id: PartyId::parse(id).unwrap(),
            name: id.to_owned(),
            country: country(code),
            roles: roles.iter().copied().collect(),
            certificates: BTreeMap::new(),
            operations: None,
            suspended: false,
            terms: Terms::default(),
        }
    }

    fn original(id: &str, code: &str, role: &str) -> OriginalCaller {
        OriginalCaller {
            party: PartyId::parse(id).unwrap(),
            name: "somebody".to_owned(),
            country: country(code),
            roles: vec![role.to_owned()],
            request_id: "r-1".to_owned(),
            call_id: None,
        }
    }

    fn operations(acting: &Party) -> usize {
        may_of(acting).len()
    }

    #[test]
    fn the_word_of_anybody_but_a_hub_changes_nothing() {
        let caller = party("XC-MA", "XC", &[Role::ManagementAuthority]);

        let acting = acting(caller.clone(), Some(&original("XB-MA", "XB", "customs")), None, country("XA")).unwrap();

        assert_eq!(acting, caller);
    }

    #[test]
    fn a_hub_calls_with_the_smaller_of_both_rights() {
        let hub = party("HUB", "XD", &[Role::Hub]);
        let reader = Party { operations: Some(BTreeSet::from([Operation::GetNonFinal])), ..hub.clone() };
        let registered = Party { suspended: true, ..party("XB-MA", "XB", &[Role::ScientificAuthority]) };
        let of = |hub: &Party, role: &str, registered: Option<&Party>| {
            acting(hub.clone(), Some(&original("XB-MA", "XB", role)), registered, country("XA")).unwrap()
        };

        assert_eq!(of(&hub, "customs", None).country, country("XB"));
        assert_eq!(operations(&of(&hub, "customs", None)), Operation::ALL.len());
        assert_eq!(operations(&of(&reader, "customs", None)), 1);
        assert_eq!(operations(&of(&hub, "hub", None)), 0, "a role that nobody in the trade has");
        assert_eq!(operations(&of(&hub, "customs", Some(&registered))), 0, "the register says another role");
        assert!(of(&hub, "scientific-authority", Some(&registered)).suspended);
    }

    #[test]
    fn the_register_is_not_overruled_by_a_hub() {
        let hub = || party("HUB", "XD", &[Role::Hub]);
        let of = |original: OriginalCaller, registered: Option<&Party>| {
            acting(hub(), Some(&original), registered, country("XA"))
        };
        let customs = party("XA-CUSTOMS", "XA", &[Role::Customs]);

        assert!(of(original("XA-CUSTOMS", "XA", "customs"), None).is_err(), "the own side, unknown here");
        assert!(of(original("XA-CUSTOMS", "XB", "customs"), Some(&customs)).is_err(), "another country");
        assert!(of(original("XA-CUSTOMS", "XA", "customs"), Some(&customs)).is_ok());
    }
}
