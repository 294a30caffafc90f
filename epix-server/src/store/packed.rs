//! How bytes are kept: packed, with what proves that they came back whole.

use std::cell::RefCell;
use std::io;

use epix_core::id::Sha256Digest;
use zstd::bulk::Decompressor;

use super::columns::json;
use super::{Attachment, Attachments, Evidence, NewDocument, Proven, StoreError};

/// Level 3 packs a permit to a tenth in 35 µs; higher levels cost many times as much for little (the row is 4 kB anyway).
const LEVEL: i32 = 3;

/// No value of a database can be longer; a kept size beyond it is damage, not a reason to ask for that much memory.
const LONGEST: u64 = 1_000_000_000;

/// Bytes as they are kept. Packed by the caller, not by the writer.
#[derive(Debug, Clone)]
pub(super) struct Packed {
    pub(super) digest: Sha256Digest,
    pub(super) size: u64,
    pub(super) content: Vec<u8>,
}

impl Packed {
    pub(super) fn of(bytes: &[u8]) -> Result<Packed, StoreError> {
        let content = zstd::bulk::compress(bytes, LEVEL).map_err(StoreError::backend)?;
        Ok(Packed { digest: Sha256Digest::of(bytes), size: bytes.len() as u64, content })
    }

    /// The bytes, checked against size and digest; `what` names them in an error.
    pub(super) fn unpack(&self, what: &str) -> Result<Vec<u8>, StoreError> {
        let damaged = |how: &str| StoreError::Corrupt { what: format!("{what}: {how}") };
        let size = usize::try_from(self.size.min(LONGEST)).map_err(|_| damaged("it is too long to be read"))?;
        let bytes = decompressed(&self.content, size).map_err(|_| damaged("it can no longer be decompressed"))?;
        if Sha256Digest::of(&bytes) != self.digest {
            return Err(damaged("its bytes no longer have the digest that was kept"));
        }
        Ok(bytes)
    }
}

thread_local! {
    /// Making one costs more than unpacking a permit does.
    static DECOMPRESSOR: RefCell<Option<Decompressor<'static>>> = const { RefCell::new(None) };
}

fn decompressed(content: &[u8], size: usize) -> io::Result<Vec<u8>> {
    DECOMPRESSOR.with_borrow_mut(|kept| {
        let mut decompressor = match kept.take() {
            Some(decompressor) => decompressor,
            None => Decompressor::new()?,
        };
        let bytes = decompressor.decompress(content, size)?;
        *kept = Some(decompressor);
        Ok(bytes)
    })
}

/// An attachment as it is kept.
#[derive(Debug, Clone)]
pub(super) struct PackedAttachment {
    pub(super) name: String,
    pub(super) content: Packed,
}

impl PackedAttachment {
    pub(super) fn all(attachments: &[Attachment]) -> Result<Vec<PackedAttachment>, StoreError> {
        let pack =
            |file: &Attachment| Ok(PackedAttachment { name: file.name.clone(), content: Packed::of(&file.content)? });
        attachments.iter().map(pack).collect()
    }
}

/// A new document of a permit as it is kept.
#[derive(Debug, Clone)]
pub(super) struct PackedDocument {
    pub(super) content: Packed,
    /// `None` when it travels with those of the version before.
    pub(super) attachments: Option<Vec<PackedAttachment>>,
    pub(super) proof: Option<PackedProof>,
}

impl PackedDocument {
    pub(super) fn of(document: Option<&NewDocument>) -> Result<Option<PackedDocument>, StoreError> {
        let Some(document) = document else {
            return Ok(None);
        };
        let attachments = match &document.attachments {
            Attachments::AsBefore => None,
            Attachments::These(files) => Some(PackedAttachment::all(files)?),
        };
        let proof = PackedProof::of(document.proven.as_ref())?;
        Ok(Some(PackedDocument { content: Packed::of(document.accepted.bytes())?, attachments, proof }))
    }
}

/// A proof as it is kept.
#[derive(Debug, Clone)]
pub(super) struct PackedProof {
    pub(super) body: String,
    pub(super) evidence: Vec<Packed>,
}

impl PackedProof {
    pub(super) fn of(proven: Option<&Proven>) -> Result<Option<PackedProof>, StoreError> {
        let Some(Proven { proof, evidence }) = proven else { return Ok(None) };
        let evidence = evidence.iter().map(|Evidence(bytes)| Packed::of(bytes)).collect::<Result<_, _>>()?;
        Ok(Some(PackedProof { body: json(proof)?, evidence }))
    }
}
