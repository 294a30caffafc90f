//! Which audit is looked at, and what is known of it?

use std::fs;
use std::path::Path;

use epix_core::audit::{PublicKey, SignedCheckpoint};

use super::Input;
use crate::args::Format;
use crate::args::audit::{AuditAct, AuditVerifyArgs};
use crate::exit::Trouble;

/// `audit verify`.
pub(crate) struct Audit {
    pub(crate) input: Input,
    pub(crate) keys: Vec<PublicKey>,
    pub(crate) checkpoints: Vec<SignedCheckpoint>,
    pub(crate) format: Format,
}

pub(super) fn audit(act: &AuditAct) -> Result<Audit, Trouble> {
    let AuditAct::Verify(AuditVerifyArgs { file, key, checkpoint, output }) = act;
    let keys = key.iter().map(|path| public_key(path)).collect::<Result<_, _>>()?;
    let checkpoints = checkpoint.iter().map(|path| kept(path)).collect::<Result<_, _>>()?;
    Ok(Audit { input: Input::named(file), keys, checkpoints, format: output.format })
}

fn public_key(path: &Path) -> Result<PublicKey, Trouble> {
    PublicKey::from_pem(&read(path)?).map_err(|cause| Trouble::Key { file: path.to_owned(), cause })
}

fn kept(path: &Path) -> Result<SignedCheckpoint, Trouble> {
    let unfit = |error: serde_json::Error| {
        let sentence = format!("it is no checkpoint of an audit ({error})");
        Trouble::Unfit { file: path.display().to_string(), sentence }
    };
    serde_json::from_slice(&read(path)?).map_err(unfit)
}

fn read(path: &Path) -> Result<Vec<u8>, Trouble> {
    fs::read(path).map_err(|cause| Trouble::Read { file: path.display().to_string(), cause })
}
