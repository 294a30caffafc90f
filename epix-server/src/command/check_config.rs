//! `epix-server check-config`: could a server start with this configuration and what it names?

use std::os::unix::fs::PermissionsExt as _;
use std::path::Path;

use chrono::Utc;

use super::Outcome;
use crate::app;
use crate::auditor::Keeper;
use crate::config::Config;
use crate::notary::Notary;
use crate::problem::chain;
use crate::service::TokenKey;
use crate::{expiry, tls};

/// Tells everything that stands in the way, not only the first; the store is left alone, since a server may hold it.
pub(super) fn run(path: &Path) -> Outcome {
    let config = match Config::load(path) {
        Ok(config) => config,
        Err(error) => return tell(path, &[chain(&error)], &[]),
    };
    for variable in &config.variables {
        say!("set by the environment: {variable}");
    }
    tell(path, &obstacles(&config), &warnings(&config))
}

fn obstacles(config: &Config) -> Vec<String> {
    let place = app::place(config).map_err(|error| chain(&error));
    let folder = config.store.path.as_deref().filter(|_| config.store.url.is_none()).and_then(Path::parent);
    let is_there = folder.map_or(Ok(()), |folder| {
        std::fs::read_dir(folder).map(|_| ()).map_err(|error| format!("the folder {}: {error}", folder.display()))
    });
    let token_key = TokenKey::load(&config.store.token_key_file).map_err(|error| chain(&error));
    let trust = tls::Live::load(&config.exchange).map_err(|error| chain(&error));
    let notary = Notary::load(&config.signature).map_err(|error| chain(&error));
    let keeper = Keeper::load(&config.audit).map_err(|error| chain(&error));
    let looked = [place.err(), is_there.err(), token_key.err(), trust.err(), notary.err(), keeper.err()];
    looked.into_iter().flatten().collect()
}

/// The files with keys and passphrases that others than their owner may read.
fn open_secrets(config: &Config) -> Vec<&Path> {
    let always = [&config.store.token_key_file, &config.exchange.key, &config.audit.checkpoint_key];
    let optional = [&config.store.password_file, &config.signature.key, &config.signature.passphrase_file];
    let secrets = always.into_iter().chain(optional.into_iter().flatten()).map(AsRef::as_ref);
    let is_open = |path: &&Path| std::fs::metadata(path).is_ok_and(|found| found.permissions().mode() & 0o007 != 0);
    secrets.filter(is_open).collect()
}

/// What a server would start with all the same.
fn warnings(config: &Config) -> Vec<String> {
    let open = open_secrets(config).into_iter().map(|path| format!("{} can be read by everybody", path.display()));
    let now = Utc::now();
    let dated = expiry::dated(&config.exchange, &config.signature);
    let ended = dated.iter().filter(|file| file.ends().is_ok_and(|end| end.is_some_and(|end| end <= now)));
    open.chain(ended.map(|file| format!("{} {} has ended", file.setting, file.path.display()))).collect()
}

fn tell(path: &Path, obstacles: &[String], warnings: &[String]) -> Outcome {
    for obstacle in obstacles {
        say!("wrong: {obstacle}");
    }
    for warning in warnings {
        say!("warning: {warning}");
    }
    if obstacles.is_empty() {
        say!("{} can be used", path.display());
        return Outcome::Done;
    }
    Outcome::Refused
}
