//! How bytes are kept: packed, with what proves that they came back whole.

use std::cell::RefCell;
use std::fmt::Display;
use std::io;

use epix_core::id::Sha256Digest;
use epix_core::report::Lost;
use epix_core::version::ToolkitVersion;
use zstd::bulk::Decompressor;

use super::columns::json;
use super::{Attachment, Attachments, Evidence, NewDocument, Proven, Rendition, StoreError, StoredDocument};

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
        let bytes = self.unpack_again(what)?;
        if Sha256Digest::of(&bytes) != self.digest {
            return Err(damaged(what, "its bytes no longer have the digest that was kept"));
        }
        Ok(bytes)
    }

    /// The same of what was unpacked before and stayed in memory since: its digest (a tenth of an answer) is not looked at again.
    pub(super) fn unpack_again(&self, what: &str) -> Result<Vec<u8>, StoreError> {
        let size = usize::try_from(self.size.min(LONGEST)).map_err(|_| damaged(what, "it is too long to be read"))?;
        decompressed(&self.content, size).map_err(|_| damaged(what, "it can no longer be decompressed"))
    }
}

fn damaged(what: &str, how: &str) -> StoreError {
    StoreError::Corrupt { what: format!("{what}: {how}") }
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

/// How something packed is unpacked: [`Packed::unpack`] or [`Packed::unpack_again`].
pub(super) type Unpack = fn(&Packed, &str) -> Result<Vec<u8>, StoreError>;

/// A document of a permit as it is kept, with what travels with it.
#[derive(Debug)]
pub(super) struct PackedVersion {
    pub(super) toolkit: ToolkitVersion,
    pub(super) content: Packed,
    pub(super) attachments: Vec<PackedAttachment>,
}

impl PackedVersion {
    /// How much of the memory it takes.
    pub(super) fn bytes(&self) -> usize {
        let files = self.attachments.iter().map(|file| file.name.len() + file.content.content.len());
        self.content.content.len() + files.sum::<usize>()
    }

    /// The document; `what` names it in an error.
    pub(super) fn unpack(&self, unpack: Unpack, what: &str) -> Result<StoredDocument, StoreError> {
        let bytes = unpack(&self.content, what)?;
        let mut attachments = Vec::new();
        for PackedAttachment { name, content } in &self.attachments {
            let content = unpack(content, &format!("an attachment of {what}"))?;
            attachments.push(Attachment { name: name.clone(), content });
        }
        Ok(StoredDocument { toolkit: self.toolkit, digest: self.content.digest, bytes, attachments })
    }

    /// Names a document in an error.
    pub(super) fn name(authority: impl Display, number: impl Display, ordinal: u32) -> String {
        format!("version {ordinal} of permit {number} of {authority}")
    }
}

/// A rendition as it is kept.
#[derive(Debug)]
pub(super) struct PackedRendition {
    pub(super) losses: Vec<Lost>,
    pub(super) content: Packed,
}

impl PackedRendition {
    /// How much of the memory it takes.
    pub(super) fn bytes(&self) -> usize {
        let losses = self.losses.iter().map(|lost| lost.form_box.len() + lost.path.len());
        self.content.content.len() + losses.sum::<usize>()
    }

    /// The rendition; `what` names it in an error.
    pub(super) fn unpack(
        &self,
        ordinal: u32,
        toolkit: ToolkitVersion,
        unpack: Unpack,
        what: &str,
    ) -> Result<Rendition, StoreError> {
        Ok(Rendition { ordinal, toolkit, losses: self.losses.clone(), bytes: unpack(&self.content, what)? })
    }

    /// Names a rendition in an error.
    pub(super) fn name(authority: impl Display, number: impl Display, ordinal: u32, toolkit: ToolkitVersion) -> String {
        format!("the rendition of version {ordinal} of permit {number} of {authority} in toolkit {toolkit}")
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
