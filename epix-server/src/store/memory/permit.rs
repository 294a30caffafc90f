//! What is kept of one permit, and how a change is added to it?

use std::collections::BTreeMap;

use epix_core::receive::Accepted;
use epix_core::version::ToolkitVersion;

use crate::store::commands::{Kept, imprint};
use crate::store::{
    Append, Attachment, Attachments, Entry, Listed, NewPermit, PermitRecord, Proven, Rendition, Search, StoredDocument,
};

#[derive(Debug)]
pub(super) struct Permit {
    pub(super) record: PermitRecord,
    pub(super) entry: Option<Entry>,
    documents: Vec<StoredDocument>,
    pub(super) renditions: Vec<Rendition>,
    pub(super) proofs: BTreeMap<u32, Proven>,
}

impl Permit {
    pub(super) fn begin(permit: &NewPermit) -> Permit {
        let issued = permit.issued();
        let record = PermitRecord {
            authority: permit.audit.authority.clone(),
            number: permit.accepted.number().clone(),
            destination: permit.accepted.destination(),
            token: permit.token,
            revision: issued.sequence,
            versions: vec![permit.version()],
            stored_at: issued.at,
            events: vec![issued],
        };
        let documents = vec![stored(&permit.accepted, permit.attachments.clone())];
        let proofs = permit.proven.iter().map(|proven| (1, proven.clone())).collect();
        Permit { record, entry: Some(permit.entry.clone()), documents, renditions: Vec::new(), proofs }
    }

    pub(super) fn append(&mut self, change: &Append) {
        let recorded = change.recorded();
        self.record.revision = recorded.sequence;
        self.record.events.push(recorded);
        self.entry = Some(change.entry.clone());
        let ordinal = self.record.versions.last().map_or(1, |version| version.ordinal + 1);
        if let (Some(document), Some((version, destination))) = (&change.document, change.version(ordinal)) {
            let attachments = match &document.attachments {
                Attachments::AsBefore => self.documents.last().map(|last| last.attachments.clone()).unwrap_or_default(),
                Attachments::These(files) => files.clone(),
            };
            self.documents.push(stored(&document.accepted, attachments));
            self.proofs.extend(document.proven.iter().map(|proven| (version.ordinal, proven.clone())));
            self.record.versions.push(version);
            self.record.destination = destination;
        }
    }

    pub(super) fn document(&self, ordinal: u32) -> Option<StoredDocument> {
        self.documents.get((ordinal as usize).wrapping_sub(1)).cloned()
    }

    pub(super) fn rendition(&self, ordinal: u32, toolkit: ToolkitVersion) -> Option<Rendition> {
        self.renditions.iter().find(|kept| kept.ordinal == ordinal && kept.toolkit == toolkit).cloned()
    }

    pub(super) fn has(&self, search: &Search) -> bool {
        match &self.entry {
            _ if !self.record.number.normalised().starts_with(&search.prefix) => false,
            Some(entry) => !search.without_entry && search.terms.is_subset(&entry.terms),
            None => search.terms.is_empty(),
        }
    }

    pub(super) fn listed(&self) -> Listed {
        let PermitRecord { number, destination, revision, stored_at, .. } = &self.record;
        let card = self.entry.as_ref().map(|entry| entry.card.clone());
        let (number, revision) = (number.clone(), *revision);
        Listed { number, destination: *destination, revision, stored_at: *stored_at, card }
    }

    pub(super) fn with_bytes(&self, bytes: &[u8]) -> Option<Kept> {
        let same = self.documents.iter().find(|document| document.bytes == bytes)?;
        Some(Kept { token: self.record.token, attachments: imprint(&same.attachments) })
    }
}

fn stored(accepted: &Accepted, attachments: Vec<Attachment>) -> StoredDocument {
    StoredDocument {
        toolkit: accepted.version(),
        digest: accepted.digest(),
        bytes: accepted.bytes().to_vec(),
        attachments,
    }
}
