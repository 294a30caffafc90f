//! What a process remembers of the database: documents for ever, who calls and what became of a permit until that has changed.
//!
//! A document never changes once it stands, so that it is given out from here. Registrations and permits do change, in any
//! process: an answer that rests on them is recorded on its [`Basis`] only, at which the database looks with the line of the audit.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use epix_core::id::{AuthorityId, Fingerprint, PermitNumber};
use epix_core::version::ToolkitVersion;
use prometheus::IntGauge;

use super::documents::PackedVersion;
use super::generations::Generations;
use super::known::{Key, key};
use super::renditions::PackedRendition;
use crate::store::{Basis, Looked, Party, PermitRecord, Sought};

/// How many certificates are remembered: more than are registered anywhere; strangers must not fill the memory.
const MOST: usize = 10_000;

/// What an entry costs beside its bytes, about.
const ENTRY: usize = 256;

type Registrations = Vec<(AuthorityId, Party)>;

/// The memory of a process.
#[derive(Debug)]
pub(super) struct Remembered {
    held: Mutex<Held>,
    bytes: IntGauge,
}

#[derive(Debug)]
struct Held {
    registered: Registered,
    values: Generations<What, Value>,
}

/// What the registers said after so many replacements.
#[derive(Debug, Default)]
struct Registered {
    registers: u64,
    by_certificate: BTreeMap<Fingerprint, Registrations>,
}

#[derive(Debug, PartialEq, Eq, PartialOrd, Ord)]
enum What {
    Permit(Key),
    Document(Key, u32),
    Rendition(Key, u32, &'static str),
}

#[derive(Debug, Clone)]
enum Value {
    Permit(Arc<PermitRecord>),
    Document(Arc<PackedVersion>),
    Rendition(Arc<PackedRendition>),
}

impl Remembered {
    /// Remembers so many bytes at most; what it holds is shown by a gauge.
    pub(super) fn new(most: usize, bytes: IntGauge) -> Remembered {
        let held = Held { registered: Registered::default(), values: Generations::new(most) };
        Remembered { held: Mutex::new(held), bytes }
    }

    fn held(&self) -> MutexGuard<'_, Held> {
        self.held.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// What is known of all that is sought, and on what it rests; `None` when some of it has to be asked for.
    pub(super) fn look(&self, sought: &Sought<'_>) -> Option<Looked> {
        let mut held = self.held();
        let mut looked = Looked::default();
        if let Some(certificate) = sought.certificate {
            looked.registrations = held.registered.by_certificate.get(certificate)?.clone();
            looked.basis.registers.insert(held.registered.registers);
        }
        for authority in sought.books(&looked.registrations) {
            let Some(Value::Permit(permit)) = held.values.get(&What::Permit(key(authority, sought.number))) else {
                return None;
            };
            looked.basis.permits.insert((authority.clone(), permit.number.clone(), permit.revision));
            looked.permits.push((*permit).clone());
        }
        (!looked.permits.is_empty()).then_some(looked)
    }

    /// Remembers what the database said of a certificate, when the registers had been replaced so many times.
    pub(super) fn learn_registrations(&self, certificate: Fingerprint, registers: u64, found: &Registrations) {
        let registered = &mut self.held().registered;
        if registers > registered.registers {
            *registered = Registered { registers, by_certificate: BTreeMap::new() };
        }
        if registers == registered.registers && registered.by_certificate.len() < MOST && !found.is_empty() {
            registered.by_certificate.insert(certificate, found.clone());
        }
    }

    /// Remembers a permit.
    pub(super) fn learn_permit(&self, permit: &PermitRecord) {
        // Twice what it is as text is more than its fields and texts take.
        let weight = serde_json::to_vec(permit).map_or(usize::MAX, |text| ENTRY + 2 * text.len());
        let what = What::Permit(key(&permit.authority, &permit.number));
        self.put(what, weight, Value::Permit(Arc::new(permit.clone())));
    }

    /// A document, if it is remembered.
    pub(super) fn document(&self, permit: Key, ordinal: u32) -> Option<Arc<PackedVersion>> {
        match self.held().values.get(&What::Document(permit, ordinal))? {
            Value::Document(document) => Some(document),
            Value::Permit(_) | Value::Rendition(_) => None,
        }
    }

    /// Remembers a document that came back whole.
    pub(super) fn learn_document(&self, permit: Key, ordinal: u32, document: &Arc<PackedVersion>) {
        let what = What::Document(permit, ordinal);
        self.put(what, ENTRY + document.bytes(), Value::Document(document.clone()));
    }

    /// A rendition, if it is remembered.
    pub(super) fn rendition(&self, permit: Key, ordinal: u32, toolkit: ToolkitVersion) -> Option<Arc<PackedRendition>> {
        match self.held().values.get(&What::Rendition(permit, ordinal, toolkit.spec().label))? {
            Value::Rendition(rendition) => Some(rendition),
            Value::Permit(_) | Value::Document(_) => None,
        }
    }

    /// Remembers a rendition that came back whole.
    pub(super) fn learn_rendition(
        &self,
        permit: Key,
        ordinal: u32,
        toolkit: ToolkitVersion,
        rendition: &Arc<PackedRendition>,
    ) {
        let what = What::Rendition(permit, ordinal, toolkit.spec().label);
        self.put(what, ENTRY + rendition.bytes(), Value::Rendition(rendition.clone()));
    }

    fn put(&self, what: What, weight: usize, value: Value) {
        let mut held = self.held();
        held.values.put(what, weight, value);
        self.bytes.set(i64::try_from(held.values.bytes()).unwrap_or(i64::MAX));
    }

    /// Forgets what no longer holds.
    pub(super) fn forget(&self, basis: &Basis) {
        if !basis.registers.is_empty() {
            self.forget_registers();
        }
        for (authority, number, _) in &basis.permits {
            self.forget_permit(authority, number);
        }
    }

    /// Forgets a permit; its documents stand.
    pub(super) fn forget_permit(&self, authority: &AuthorityId, number: &PermitNumber) {
        self.held().values.remove(&What::Permit(key(authority, number)));
    }

    /// Forgets who calls.
    pub(super) fn forget_registers(&self) {
        self.held().registered.by_certificate.clear();
    }

    /// Forgets everything: behind a new connection there may be another database, put back from a backup.
    pub(super) fn clear(&self) {
        let mut held = self.held();
        held.registered = Registered::default();
        held.values.clear();
    }
}
