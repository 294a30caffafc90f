//! What does a verdict on a signature rest on, and does it still say the same when it is asked again with just that?

use chrono::{DateTime, Utc};
use epix_core::id::{Country, Fingerprint, Sha256Digest};
use epix_core::receive::{Accepted, Signature};
use epix_core::sign::seal::TimeSource;
use epix_core::sign::{Anchors, Certificate, KeyError, Profile, Question, Trust, Verdict};

use super::{Notary, Witness};
use crate::store::{Proof, Proven};

/// Why a verdict cannot be asked for again.
#[derive(Debug, thiserror::Error)]
pub enum RepeatError {
    /// Nobody could look.
    #[error("nobody could look at the signature")]
    Key(#[from] KeyError),
    /// The proof names a piece that is not with it.
    #[error("the proof lacks {what} {digest}")]
    Lacks {
        /// What kind of piece.
        what: &'static str,
        /// Which.
        digest: Sha256Digest,
    },
    /// The file that retired algorithms is kept, and cannot be read any longer.
    #[error("the kept rules on algorithms cannot be read")]
    Algorithms(#[source] epix_core::sign::profile::ProfileError),
}

/// Digests and pieces of evidence while a proof is put together.
#[derive(Default)]
struct Pieces(Vec<Vec<u8>>);

impl Pieces {
    fn take(&mut self, piece: &[u8]) -> Sha256Digest {
        self.0.push(piece.to_vec());
        Sha256Digest::of(piece)
    }

    fn all<'p>(&mut self, pieces: impl Iterator<Item = &'p [u8]>) -> Vec<Sha256Digest> {
        pieces.map(|piece| self.take(piece)).collect()
    }
}

impl Notary {
    /// What is kept with a document that came signed, so that its verdict can be repeated in ten years.
    pub fn proven(&self, came: &[u8], accepted: &Accepted, signature: &Signature, country: Country) -> Option<Proven> {
        signature.bytes.as_ref()?;
        let mut pieces = Pieces::default();
        let mut proof = Proof::default();
        if let (Some(verdict), Some(trust)) = (&signature.verdict, &self.trust) {
            proof.seal = verdict.seal.clone();
            proof.chain = pieces.all(verdict.chain.iter().map(Vec::as_slice));
            proof.lists = pieces.all(trust.anchors.lists());
            proof.clocks = pieces.all(trust.clocks.iter().flat_map(|clocks| clocks.roots()).map(Certificate::der));
            proof.algorithms = self.algorithms.as_ref().map(|text| pieces.take(text.as_bytes()));
            proof.signers = self.registered(country);
        }
        proof.received = (came != accepted.bytes()).then(|| pieces.take(came));
        Some(Proven::new(proof, pieces.0))
    }

    /// Asks again for the verdict on a signature, with what it rested on and nothing else; `None` when the proof says only that
    /// nobody had looked.
    ///
    /// # Errors
    /// [`RepeatError`] when that cannot be asked.
    pub fn repeat(
        document: &[u8],
        signature: &[u8],
        proven: &Proven,
        country: Country,
        received: DateTime<Utc>,
    ) -> Result<Option<Verdict>, RepeatError> {
        let proof = &proven.proof;
        let Some(root) = proof.chain.last() else { return Ok(None) };
        let mut anchors = Anchors::new(vec![certificate(proven, root)?]);
        for list in &proof.lists {
            anchors.add_list(piece(proven, "revocation list", list)?)?;
        }
        let clocks = proof.clocks.iter().map(|root| certificate(proven, root)).collect::<Result<Vec<_>, _>>()?;
        let clocks = (!clocks.is_empty()).then(|| Anchors::new(clocks));
        let profile = match &proof.algorithms {
            None => Profile::default(),
            Some(digest) => {
                let text = String::from_utf8_lossy(piece(proven, "the rules on algorithms", digest)?);
                Profile::read(&text).map_err(RepeatError::Algorithms)?
            }
        };
        let trust = Trust { anchors, clocks, profile };
        let registered = |_: Country| -> Vec<Fingerprint> { proof.signers.clone() };
        let witness = Witness {
            trust: &trust,
            question: Question { at: received, by: TimeSource::Receipt },
            country,
            registered: (!proof.signers.is_empty()).then_some(&registered),
        };
        Ok(witness.look(document, signature)?)
    }
}

fn piece<'p>(proven: &'p Proven, what: &'static str, digest: &Sha256Digest) -> Result<&'p [u8], RepeatError> {
    proven.piece(digest).ok_or(RepeatError::Lacks { what, digest: *digest })
}

fn certificate(proven: &Proven, digest: &Sha256Digest) -> Result<Certificate, RepeatError> {
    Ok(Certificate::from_der(piece(proven, "the certificate", digest)?)?)
}
