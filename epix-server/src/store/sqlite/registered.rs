//! Who a certificate belongs to, kept beside the register: it is asked for every call, and changes a few times a year.
//!
//! This process is the only one that writes to the file, so what is kept here is never older than the register.

use std::collections::BTreeMap;
use std::sync::{Mutex, PoisonError};

use epix_core::id::{AuthorityId, Fingerprint};

use crate::store::{Party, StoreError};

/// How many certificates are kept: more than are registered anywhere; strangers must not fill the memory.
const MOST: usize = 10_000;

type Registrations = Vec<(AuthorityId, Party)>;

/// What the register said, until it is replaced.
#[derive(Debug, Default)]
pub(super) struct Registered(Mutex<Known>);

#[derive(Debug, Default)]
struct Known {
    /// How often the register was replaced.
    replaced: u64,
    /// How many replacements are under way: until each is durable nothing is kept. One whose caller went away stays counted,
    /// which costs time and nothing else.
    under_way: u64,
    by_certificate: BTreeMap<Fingerprint, Registrations>,
}

impl Registered {
    /// What is kept, or what `ask` finds.
    pub(super) fn get_or(
        &self,
        certificate: &Fingerprint,
        ask: impl FnOnce() -> Result<Registrations, StoreError>,
    ) -> Result<Registrations, StoreError> {
        let replaced = {
            let known = self.0.lock().unwrap_or_else(PoisonError::into_inner);
            if let Some(kept) = known.by_certificate.get(certificate) {
                return Ok(kept.clone());
            }
            known.replaced
        };
        let found = ask()?;
        let mut known = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        // Asked before the register was replaced, it may be what stood there before.
        if known.replaced == replaced && known.under_way == 0 && known.by_certificate.len() < MOST && !found.is_empty()
        {
            known.by_certificate.insert(*certificate, found.clone());
        }
        Ok(found)
    }

    /// The register is about to be replaced.
    pub(super) fn close(&self) {
        let mut known = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        known.under_way += 1;
        known.replaced += 1;
        known.by_certificate.clear();
    }

    /// It was replaced, or was not: either is durable.
    pub(super) fn open(&self) {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).under_way -= 1;
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeSet;

    use epix_core::id::PartyId;

    use crate::store::Terms;
    use crate::store::suite::{country, xa};

    fn said() -> Result<Registrations, StoreError> {
        let party = Party {
            id: PartyId::parse("XB-MA").unwrap(),
            name: "Management Authority of XB".to_owned(),
            country: country("XB"),
            roles: BTreeSet::new(),
            certificates: BTreeMap::new(),
            operations: None,
            suspended: false,
            terms: Terms::default(),
        };
        Ok(vec![(xa(), party)])
    }

    /// How many registrations are told when the register has none.
    fn told(registered: &Registered) -> usize {
        registered.get_or(&Fingerprint::of(b"one"), || Ok(Vec::new())).unwrap().len()
    }

    #[test]
    fn what_was_asked_while_the_register_was_replaced_is_not_kept() {
        let (registered, certificate) = (Registered::default(), Fingerprint::of(b"one"));

        registered
            .get_or(&certificate, || {
                registered.close();
                registered.open();
                said()
            })
            .unwrap();
        assert_eq!(told(&registered), 0, "it may be what stood there before");
        registered.close();
        registered.get_or(&certificate, said).unwrap();
        assert_eq!(told(&registered), 0, "it is not durable yet");
        registered.open();
        registered.get_or(&certificate, said).unwrap();
        assert_eq!(told(&registered), 1);
    }
}
