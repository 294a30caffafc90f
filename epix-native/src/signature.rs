//! Does a signature over bytes hold, whose certificate is that, and who vouches for it? OpenSSL behind small safe types.
//!
//! Nothing here knows XML. Keys and certificates are parsed at the door; what cannot be read is a [`KeyError`]. A chain is
//! judged by [`Anchors`] for one moment, against the revocation lists given with it; nothing is fetched.

mod bare;
mod certificate;
mod key;
mod stamp;
mod trust;

pub use bare::{BareKey, PublicKey};
pub use certificate::{Certificate, KeyKind};
pub use key::{Algorithm, Digest, KeyError, SoftwareKey, holds};
pub use stamp::{StampFlaw, stamped_at};
pub use trust::{Anchors, ChainFlaw};
