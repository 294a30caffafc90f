//! Which partner is meant, and which road leads to it?

use std::fs;
use std::path::Path;
use std::time::Duration;

use epix_client::{Endpoint, HttpTransport, Identity, Login, PROFILES, Partner, Profile, Timeouts};
use epix_core::id::Country;
use epix_core::soap::Dialect;

use crate::args::{ConnectionArgs, DialectArg};
use crate::exit::Trouble;

/// A partner and the road to it.
pub(crate) struct Link {
    pub(crate) partner: Partner,
    pub(crate) transport: HttpTransport,
}

/// Works out a partner; nothing is sent yet.
pub(super) fn link(args: &ConnectionArgs, country: Option<Country>) -> Result<Link, Trouble> {
    let endpoint = Endpoint::parse(&args.to).map_err(Trouble::Address)?;
    let identity = Identity { certificate: &args.cert, key: &args.key, authority: &args.ca };
    let timeouts = Timeouts::within(Duration::from_secs(args.timeout.into()));
    let dialect = dialect(args.dialect);
    let login = args.login_file.as_deref().map(login).transpose()?;
    let partner = Partner {
        profile: profile(&args.profile)?,
        country,
        login,
        retries: args.retries,
        ..Partner::new(endpoint, dialect)
    };
    Ok(Link { partner, transport: HttpTransport::new(identity, timeouts)? })
}

/// The dialect that was typed.
pub(super) fn dialect(typed: DialectArg) -> Dialect {
    match typed {
        DialectArg::V1 => Dialect::V1,
        DialectArg::V2 => Dialect::V2,
        DialectArg::Hub => Dialect::Hub,
    }
}

fn profile(name: &str) -> Result<&'static Profile, Trouble> {
    let names: Vec<_> = PROFILES.iter().map(|profile| profile.name).collect();
    let unknown = || Trouble::Usage(format!("there is no profile {name:?}; there are {}", names.join(", ")));
    Profile::named(name).ok_or_else(unknown)
}

fn login(file: &Path) -> Result<Login, Trouble> {
    let text = fs::read_to_string(file).map_err(|cause| Trouble::Read { file: file.display().to_string(), cause })?;
    Login::parse(&text).map_err(|cause| Trouble::Login { file: file.to_owned(), cause })
}
