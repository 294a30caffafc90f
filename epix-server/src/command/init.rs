//! `epix-server init`: everything a new installation needs, in one folder.

use std::path::{Path, PathBuf};

use clap::Args;
use epix_core::id::{AuthorityId, Country};

use super::{CommandError, Outcome};
use crate::app::{self, StartError};
use crate::auditor::Keeper;
use crate::config::{self, Config, Database, Owner};
use crate::service::TokenKey;
use crate::store;

#[derive(Debug, Args)]
pub(super) struct Arguments {
    /// The folder; it is made when it is not there.
    dir: PathBuf,
    /// The id of the authority.
    #[arg(long, default_value = "XA")]
    authority: String,
    /// Its country (ISO 3166-1 alpha-2); the first two letters of the id when left out.
    #[arg(long)]
    country: Option<String>,
    /// Its name.
    #[arg(long)]
    name: Option<String>,
    /// An empty PostgreSQL database for the store, as postgres://USER@HOST/DATABASE; without it, a file in the folder.
    #[arg(long, value_name = "URL")]
    store: Option<String>,
    /// The file with the password for it.
    #[arg(long, value_name = "FILE", requires = "store")]
    password_file: Option<PathBuf>,
}

pub(super) async fn run(arguments: &Arguments) -> Result<Outcome, CommandError> {
    let usage = |error: epix_core::id::IdError| CommandError::Usage(error.to_string());
    let authority = AuthorityId::parse(&arguments.authority).map_err(usage)?;
    let letters = || authority.as_str().chars().take(2).collect::<String>();
    let country = Country::parse(&arguments.country.clone().unwrap_or_else(letters)).map_err(usage)?;
    let name = arguments.name.clone().unwrap_or_else(|| format!("Management Authority of {country}"));

    let dir = &arguments.dir;
    std::fs::create_dir_all(dir).map_err(|source| CommandError::File { path: dir.clone(), source })?;
    let path = dir.join("epix-server.toml");
    let password_file = arguments.password_file.as_ref().map(std::path::absolute).transpose();
    let password_file = password_file.map_err(|source| CommandError::File { path: dir.clone(), source })?;
    let database = arguments.store.as_deref().map(|url| Database { url, password_file: password_file.as_deref() });
    let owner = Owner { id: &authority, country, name: &name, database };
    write_new(&path, &config::template(Some(owner)))?;
    let config = Config::load(&path).map_err(StartError::Config)?;
    TokenKey::create(&config.store.token_key_file).map_err(StartError::TokenKey)?;
    Keeper::create_key(&config.audit.checkpoint_key).map_err(StartError::Auditor)?;
    drop(store::create(&app::place(&config)?).await?);
    drop(app::open_store(&config).await?);

    say!("wrote {}, an empty store, a token key and a key for checkpoints for authority {authority}", path.display());
    say!("next: put certificates into {}, then", dir.join("tls").display());
    say!("  epix-server --config {} parties apply PARTIES.toml", path.display());
    say!("  epix-server --config {} run", path.display());
    Ok(Outcome::Done)
}

fn write_new(path: &Path, text: &str) -> Result<(), CommandError> {
    use std::io::Write as _;
    let file = |source| CommandError::File { path: path.to_owned(), source };
    let mut options = std::fs::OpenOptions::new();
    let mut created = options.write(true).create_new(true).open(path).map_err(file)?;
    created.write_all(text.as_bytes()).and_then(|()| created.sync_all()).map_err(file)
}
