//! What a read rests on: who calls and which permit is meant, found at once; and on what an answer may be given from memory.

use std::collections::BTreeSet;

use epix_core::id::{AuthorityId, Fingerprint, PermitNumber};

use super::{Party, PermitRecord, Store, StoreError};

/// What is looked for.
#[derive(Debug, Clone, Copy)]
pub struct Sought<'a> {
    /// The certificate of the caller; without one, the permit is looked for in all of the books.
    pub certificate: Option<&'a Fingerprint>,
    /// The books that may hold the permit.
    pub authorities: &'a [AuthorityId],
    /// The number of the permit.
    pub number: &'a PermitNumber,
}

/// May a look be answered from what was found out earlier?
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Memory {
    /// It may; whoever answers from it records the answer on its basis.
    Used,
    /// It may not.
    Unused,
}

/// What a look found.
#[derive(Debug, Clone, Default)]
pub struct Looked {
    /// Where the certificate is registered; suspended parties too.
    pub registrations: Vec<(AuthorityId, Party)>,
    /// The permits of this number, in those of the books whose authorities know the caller.
    pub permits: Vec<PermitRecord>,
    /// On what this may be answered.
    pub basis: Basis,
}

/// What must not have changed since it was remembered; nothing, where it was read just now.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Basis {
    /// How often the registers had been replaced, all of them together.
    pub(super) registers: BTreeSet<u64>,
    /// Permits, each with its revision.
    pub(super) permits: BTreeSet<(AuthorityId, PermitNumber, u64)>,
}

impl Basis {
    /// Was it all read just now?
    pub fn is_fresh(&self) -> bool {
        self.registers.is_empty() && self.permits.is_empty()
    }

    /// What this and the other rest on.
    pub(super) fn add(&mut self, other: &Basis) {
        self.registers.extend(&other.registers);
        self.permits.extend(other.permits.iter().cloned());
    }
}

impl<'a> Sought<'a> {
    /// In which of the books the permit is looked for, when the certificate is registered with these.
    pub(super) fn books(&self, registered: &[(AuthorityId, Party)]) -> impl Iterator<Item = &'a AuthorityId> {
        let knows_caller = |id: &AuthorityId| registered.iter().any(|(authority, _)| authority == id);
        self.authorities.iter().filter(move |id| self.certificate.is_none() || knows_caller(id))
    }
}

/// Looks question by question: for stores that ask nobody far away.
pub(super) async fn look_in_turn<S: Store + ?Sized>(store: &S, sought: &Sought<'_>) -> Result<Looked, StoreError> {
    let registrations = match sought.certificate {
        Some(certificate) => store.registrations(certificate).await?,
        None => Vec::new(),
    };
    let mut permits = Vec::new();
    for authority in sought.books(&registrations) {
        permits.extend(store.find(authority, sought.number).await?);
    }
    Ok(Looked { registrations, permits, basis: Basis::default() })
}
