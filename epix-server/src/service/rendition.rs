//! A permit in the toolkit version that an answer carries: rendered at most once for each of its documents, then kept.

use epix_core::check::policy::Action;
use epix_core::convert::{Converted, Target, convert_accepted};
use epix_core::id::Sha256Digest;
use epix_core::receive::receive_again;
use epix_core::report::Lost;
use epix_core::sign::place;
use epix_core::version::ToolkitVersion;
use epix_core::wire::Loss;

use super::error::CallError;
use super::{Admitted, Context, Exchange};
use crate::notary::{SIGNATURE, attachment, resealed};
use crate::store::{Attachment, Party, Rendition, StoredDocument};

/// Which toolkit version an answer carries.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Carries {
    /// This one, which the description of the dialect names.
    Only(ToolkitVersion),
    /// This one, unless the party is registered for another.
    Usually(ToolkitVersion),
}

impl Carries {
    pub(super) fn for_party(self, party: &Party) -> ToolkitVersion {
        match self {
            Carries::Only(version) => version,
            Carries::Usually(version) => party.terms.toolkit.unwrap_or(version),
        }
    }
}

/// A document of a permit, and which of its versions it is.
pub(super) struct Held {
    pub(super) ordinal: u32,
    pub(super) document: StoredDocument,
}

/// A document as an answer carries it, and what did not come along.
pub(super) struct Carried {
    pub(super) document: StoredDocument,
    pub(super) losses: Vec<Lost>,
    /// The digest of what is kept, where this is a rendition of it.
    pub(super) rendered_from: Option<Sha256Digest>,
}

impl Exchange {
    /// Gives a document in the version that the answer carries; what is kept in it goes out byte for byte.
    ///
    /// What the version has no place for is refused, unless the policy for the party accepts the loss.
    pub(super) async fn carried(
        &self,
        context: &Context,
        admitted: &Admitted<'_>,
        held: Held,
        carries: Carries,
    ) -> Result<Carried, CallError> {
        let wanted = carries.for_party(&admitted.party);
        if held.document.toolkit == wanted {
            return Ok(Carried { document: held.document, losses: Vec::new(), rendered_from: None });
        }
        let rendition = self.rendition(context, admitted, &held, wanted).await?;
        if !rendition.losses.is_empty() && self.refuses_losses(&admitted.party, wanted) {
            let kept = held.document.toolkit;
            return Err(CallError::ToolkitNotCarried { kept, wanted, losses: rendition.losses });
        }
        let document = taken_apart(held.document.attachments, rendition.bytes, wanted)?;
        Ok(Carried { document, losses: rendition.losses, rendered_from: Some(held.document.digest) })
    }

    pub(super) fn refuses_losses(&self, party: &Party, wanted: ToolkitVersion) -> bool {
        let section = party.terms.policy.as_deref().unwrap_or(party.id.as_str());
        let form = Target::version(wanted).map_or("", |target| target.name);
        self.policies.get().of(section).on_loss(form) == Action::Refuse
    }

    /// The rendition that is kept, or a new one that is kept from now on.
    async fn rendition(
        &self,
        context: &Context,
        admitted: &Admitted<'_>,
        held: &Held,
        wanted: ToolkitVersion,
    ) -> Result<Rendition, CallError> {
        let (authority, number) = (admitted.authority, &admitted.record.number);
        if let Some(kept) = self.store.rendition(&authority.id, number, held.ordinal, wanted).await? {
            return Ok(kept);
        }
        let mut rendition = rendered(held, wanted)?;
        self.seal(context, held, &mut rendition)?;
        let mut audit = self.blank_event(context, authority, Some(&admitted.party), "render");
        audit.permit = Some(number.clone());
        audit.document_digest = Some(Sha256Digest::of(&rendition.bytes));
        audit.detail.extend(told(wanted, &held.document.digest, &rendition.losses));
        Ok(self.store.keep_rendition(number.clone(), rendition, audit).await?)
    }

    /// Signs a rendition, where the gateway has a key: the signature is kept within it.
    fn seal(&self, context: &Context, held: &Held, rendition: &mut Rendition) -> Result<(), CallError> {
        let travels = resealed(&self.notary.get(), &rendition.bytes, &held.document, context.at)?;
        let Some(signature) = travels.into_iter().find(|file| file.name == SIGNATURE) else { return Ok(()) };
        let text = String::from_utf8_lossy(&rendition.bytes);
        let joined = place::join(&text, &String::from_utf8_lossy(&signature.content));
        rendition.bytes = joined.map_err(|finding| CallError::Document(finding.sentence))?.into_bytes();
        Ok(())
    }
}

/// A rendition as it travels: the signature that it is kept with is one of its attachments, in the place of the author's.
fn taken_apart(
    attachments: Vec<Attachment>,
    kept: Vec<u8>,
    toolkit: ToolkitVersion,
) -> Result<StoredDocument, CallError> {
    let unusable = |why: String| CallError::Document(format!("the rendition in toolkit {toolkit}: {why}"));
    let text = String::from_utf8(kept).map_err(|error| unusable(error.to_string()))?;
    let parted = place::part(&text).map_err(|finding| unusable(finding.sentence))?;
    let others = attachments.into_iter().filter(|file| file.name != SIGNATURE);
    let attachments = others.chain(parted.signature.map(attachment)).collect();
    let bytes = parted.document.into_bytes();
    Ok(StoredDocument { toolkit, digest: Sha256Digest::of(&bytes), bytes, attachments })
}

/// What the audit says of a rendition.
pub(super) fn told(wanted: ToolkitVersion, from: &Sha256Digest, losses: &[Lost]) -> Vec<(String, String)> {
    let lost: Vec<&str> = losses.iter().map(name_of).collect();
    let mut told = vec![("toolkit".to_owned(), wanted.to_string()), ("rendered-from".to_owned(), from.to_string())];
    if !lost.is_empty() {
        told.push(("losses".to_owned(), lost.join(" ")));
    }
    told
}

/// The box of a loss, or the path of what is not on the form.
pub(super) fn name_of(lost: &Lost) -> &str {
    if lost.form_box.is_empty() { &lost.path } else { &lost.form_box }
}

/// A loss without what it said.
pub(super) fn lost(loss: Loss) -> Lost {
    Lost { form_box: loss.form_box.to_owned(), path: loss.path }
}

/// Renders a document: converted, then read again as a stranger would read it.
fn rendered(held: &Held, wanted: ToolkitVersion) -> Result<Rendition, CallError> {
    let unusable = |why: &str| CallError::Document(format!("version {} of the permit: {why}", held.ordinal));
    let accepted = receive_again(&held.document.bytes).map_err(|_| unusable("it can no longer be read"))?;
    let target = Target::version(wanted).ok_or_else(|| unusable("nothing writes the version that is wanted"))?;
    let Converted { document, losses, .. } = convert_accepted(&accepted, target);
    receive_again(document.as_bytes()).map_err(|_| unusable("its rendition cannot be read"))?;
    let losses = losses.into_iter().map(lost).collect();
    Ok(Rendition { ordinal: held.ordinal, toolkit: wanted, losses, bytes: document.into_bytes() })
}
