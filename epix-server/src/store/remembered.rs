//! What a process remembers of the database: documents for ever, who calls and what became of a permit until that has changed.
//!
//! A document never changes once it stands, so that it is given out from here. Registrations and permits do change. A process that
//! alone writes to its file forgets them with each change, before that is acknowledged. Of a database that others change too, an
//! answer that rests on them is recorded on its [`Basis`] only, at which the database looks with the line of the audit.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use epix_core::id::{AuthorityId, Fingerprint, PermitNumber};
use epix_core::version::ToolkitVersion;
use prometheus::IntGauge;
use prometheus::core::Collector;
use quick_cache::Weighter;
use quick_cache::unsync::Cache;

use super::packed::{Packed, PackedRendition, PackedVersion};
use super::{Basis, Looked, Party, PermitRecord, Rendition, Sought, StoreError, StoredDocument};

/// How much is remembered where nothing is said, in bytes.
pub(super) const USUAL: usize = 128 * 1024 * 1024;

/// What a permit and its document weigh, about: a first size for the table, which grows.
const TYPICAL: usize = 4 * 1024;

/// How many certificates are remembered: more than are registered anywhere; strangers must not fill the memory.
const MOST: usize = 10_000;

/// What an entry costs beside its bytes, about.
const ENTRY: usize = 256;

type Registrations = Vec<(AuthorityId, Party)>;

/// Which permit: authority and normalised number.
pub(super) type Key = (String, String);

pub(super) fn key(authority: &AuthorityId, number: &PermitNumber) -> Key {
    (authority.to_string(), number.normalised().to_owned())
}

/// The memory of a process.
#[derive(Debug)]
pub(super) struct Remembered {
    held: Mutex<Held>,
    bytes: IntGauge,
}

#[derive(Debug)]
struct Held {
    /// How often something was forgotten, because it had changed.
    forgotten: u64,
    registered: Registered,
    values: Values,
}

/// Values, each with its weight in bytes: what is asked for often stays, what was asked for once makes room.
type Values = Cache<What, (usize, Value), Weight>;

#[derive(Debug, Clone)]
struct Weight;

impl Weighter<What, (usize, Value)> for Weight {
    fn weight(&self, _: &What, (weight, _): &(usize, Value)) -> u64 {
        *weight as u64
    }
}

fn values(most: usize) -> Values {
    Cache::with_weighter((most / TYPICAL).min(MOST), most as u64, Weight)
}

/// What the registers said after so many replacements.
#[derive(Debug, Default)]
struct Registered {
    registers: u64,
    by_certificate: BTreeMap<Fingerprint, Registrations>,
}

#[derive(Debug, Clone, PartialEq, Eq, Hash)]
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
    /// Remembers nothing yet.
    pub(super) fn new() -> Remembered {
        let held = Held { forgotten: 0, registered: Registered::default(), values: values(USUAL) };
        let bytes = IntGauge::new("epix_store_memory_bytes", "Bytes of permits and documents that are remembered.");
        Remembered { held: Mutex::new(held), bytes: bytes.expect("the name is a constant that prometheus takes") }
    }

    /// How many bytes it holds, for the operator's tools.
    pub(super) fn collector(&self) -> Box<dyn Collector> {
        Box::new(self.bytes.clone())
    }

    /// Remembers so many bytes at most, from now on.
    pub(super) fn hold_at_most(&self, bytes: usize) {
        self.held().values = values(bytes);
    }

    fn held(&self) -> MutexGuard<'_, Held> {
        self.held.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// What is known of all that is sought, and on what it rests; `None` when some of it has to be asked for.
    pub(super) fn look(&self, sought: &Sought<'_>) -> Option<Looked> {
        let held = self.held();
        let mut looked = Looked::default();
        if let Some(certificate) = sought.certificate {
            looked.registrations = held.registered.by_certificate.get(certificate)?.clone();
            looked.basis.registers.insert(held.registered.registers);
        }
        for authority in sought.books(&looked.registrations) {
            let Some((_, Value::Permit(permit))) = held.values.get(&What::Permit(key(authority, sought.number))) else {
                return None;
            };
            looked.basis.permits.insert((authority.clone(), permit.number.clone(), permit.revision));
            looked.permits.push((**permit).clone());
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

    /// Who a certificate belongs to, where one process alone changes that: what is known, or what `ask` finds.
    pub(super) fn registrations_or(
        &self,
        certificate: &Fingerprint,
        ask: impl FnOnce() -> Result<Registrations, StoreError>,
    ) -> Result<Registrations, StoreError> {
        let forgotten = {
            let held = self.held();
            if let Some(known) = held.registered.by_certificate.get(certificate) {
                return Ok(known.clone());
            }
            held.forgotten
        };
        let found = ask()?;
        let mut held = self.held();
        // Asked before something changed, it may be what was so before.
        if held.forgotten == forgotten && held.registered.by_certificate.len() < MOST && !found.is_empty() {
            held.registered.by_certificate.insert(*certificate, found.clone());
        }
        Ok(found)
    }

    /// The same of a permit.
    pub(super) fn permit_or(
        &self,
        authority: &AuthorityId,
        number: &PermitNumber,
        ask: impl FnOnce() -> Result<Option<PermitRecord>, StoreError>,
    ) -> Result<Option<PermitRecord>, StoreError> {
        let forgotten = {
            let held = self.held();
            if let Some((_, Value::Permit(permit))) = held.values.get(&What::Permit(key(authority, number))).cloned() {
                drop(held);
                return Ok(Some((*permit).clone()));
            }
            held.forgotten
        };
        let found = ask()?;
        if let Some(permit) = &found {
            let (what, weight, value) = entry(permit);
            let mut held = self.held();
            if held.forgotten == forgotten {
                held.values.insert(what, (weight, value));
            }
        }
        Ok(found)
    }

    /// Remembers a permit.
    pub(super) fn learn_permit(&self, permit: &PermitRecord) {
        let (what, weight, value) = entry(permit);
        self.put(what, weight, value);
    }

    /// A document, if it is remembered.
    pub(super) fn document(&self, permit: Key, ordinal: u32) -> Option<StoredDocument> {
        let name = PackedVersion::name(&permit.0, &permit.1, ordinal);
        let Value::Document(document) = self.value(&What::Document(permit, ordinal))? else { return None };
        document.unpack(Packed::unpack_again, &name).ok()
    }

    /// Remembers a document that came back whole.
    pub(super) fn learn_document(&self, permit: Key, ordinal: u32, document: PackedVersion) {
        let what = What::Document(permit, ordinal);
        self.put(what, ENTRY + document.bytes(), Value::Document(Arc::new(document)));
    }

    /// A rendition, if it is remembered.
    pub(super) fn rendition(&self, permit: Key, ordinal: u32, toolkit: ToolkitVersion) -> Option<Rendition> {
        let name = PackedRendition::name(&permit.0, &permit.1, ordinal, toolkit);
        let what = What::Rendition(permit, ordinal, toolkit.spec().label);
        let Value::Rendition(rendition) = self.value(&what)? else { return None };
        rendition.unpack(ordinal, toolkit, Packed::unpack_again, &name).ok()
    }

    /// Remembers a rendition that came back whole.
    pub(super) fn learn_rendition(
        &self,
        permit: Key,
        ordinal: u32,
        toolkit: ToolkitVersion,
        rendition: PackedRendition,
    ) {
        let what = What::Rendition(permit, ordinal, toolkit.spec().label);
        self.put(what, ENTRY + rendition.bytes(), Value::Rendition(Arc::new(rendition)));
    }

    fn value(&self, what: &What) -> Option<Value> {
        self.held().values.get(what).map(|(_, value)| value.clone())
    }

    fn put(&self, what: What, weight: usize, value: Value) {
        let mut held = self.held();
        held.values.insert(what, (weight, value));
        self.bytes.set(i64::try_from(held.values.weight()).unwrap_or(i64::MAX));
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
        let mut held = self.held();
        held.forgotten += 1;
        held.values.remove(&What::Permit(key(authority, number)));
    }

    /// Forgets who calls.
    pub(super) fn forget_registers(&self) {
        let mut held = self.held();
        held.forgotten += 1;
        held.registered.by_certificate.clear();
    }

    /// Forgets everything: behind a new connection there may be another database, put back from a backup.
    pub(super) fn clear(&self) {
        let mut held = self.held();
        held.forgotten += 1;
        held.registered = Registered::default();
        held.values.clear();
    }
}

/// A permit as it is remembered.
fn entry(permit: &PermitRecord) -> (What, usize, Value) {
    // Twice what it is as text is more than its fields and texts take.
    let weight = serde_json::to_vec(permit).map_or(usize::MAX, |text| ENTRY + 2 * text.len());
    (What::Permit(key(&permit.authority, &permit.number)), weight, Value::Permit(Arc::new(permit.clone())))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::store::suite::{morning, number, party, xa};

    fn record(text: &str) -> PermitRecord {
        PermitRecord {
            authority: xa(),
            number: number(text),
            destination: None,
            token: None,
            revision: 1,
            versions: Vec::new(),
            events: Vec::new(),
            stored_at: morning(),
        }
    }

    /// How many of so many permits are remembered by who may hold so many bytes.
    fn kept(bytes: usize, permits: u32) -> usize {
        let remembered = Remembered::new();
        remembered.hold_at_most(bytes);
        let records: Vec<_> = (0..permits).map(|index| record(&format!("XA-{index}"))).collect();
        records.iter().for_each(|record| remembered.learn_permit(record));
        assert!(remembered.held().values.weight() <= bytes as u64);
        let is_kept =
            |record: &&PermitRecord| remembered.permit_or(&xa(), &record.number, || Ok(None)).unwrap().is_some();
        records.iter().filter(is_kept).count()
    }

    #[test]
    fn no_more_is_remembered_than_may_be() {
        let each = entry(&record("XA-0")).1;

        assert_eq!(kept(0, 10), 0);
        assert_eq!(kept(100 * (each + 10), 100), 100);
        assert!((50..=100).contains(&kept(100 * each, 1_000)), "{}", kept(100 * each, 1_000));
    }

    #[test]
    fn what_was_asked_for_while_it_changed_is_not_remembered() {
        let (remembered, certificate, number) = (Remembered::new(), Fingerprint::of(b"one"), number("XA-1"));
        let record = record("XA-1");
        let permits = |ask: &dyn Fn()| {
            let found = remembered.permit_or(&xa(), &number, || {
                ask();
                Ok(Some(record.clone()))
            });
            assert!(found.unwrap().is_some());
            remembered.permit_or(&xa(), &number, || Ok(None)).unwrap().is_some()
        };
        let callers = |ask: &dyn Fn()| {
            let found = remembered.registrations_or(&certificate, || {
                ask();
                Ok(vec![(xa(), party("XB-MA", &["one"]))])
            });
            assert_eq!(found.unwrap().len(), 1);
            !remembered.registrations_or(&certificate, || Ok(Vec::new())).unwrap().is_empty()
        };

        assert!(!permits(&|| remembered.forget_permit(&xa(), &number)), "it may be what was so before");
        assert!(permits(&|| ()));
        assert!(!callers(&|| remembered.forget_registers()), "it may be what was so before");
        assert!(callers(&|| ()));

        remembered.clear();
        assert!(remembered.permit_or(&xa(), &number, || Ok(None)).unwrap().is_none());
    }
}
