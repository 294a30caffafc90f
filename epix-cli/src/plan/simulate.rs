//! Which partner is to be simulated?

use std::net::SocketAddr;

use epix_client::simulate::{Credentials, Script};
use epix_core::id::Country;

use super::wrong;
use crate::args::{Format, SimulateArgs};
use crate::exit::Trouble;

/// `simulate`.
pub(crate) struct Simulate {
    pub(crate) country: Country,
    pub(crate) importer: Country,
    pub(crate) script: Script,
    pub(crate) credentials: Credentials,
    pub(crate) listen: SocketAddr,
    pub(crate) control: SocketAddr,
    pub(crate) format: Format,
}

/// Works out a partner; nothing listens yet.
pub(super) fn simulate(args: SimulateArgs) -> Result<Simulate, Trouble> {
    let country = |option, typed: &str| Country::parse(typed).map_err(wrong(option, typed));
    let script = args.script.as_deref().map(Script::load).transpose();
    let credentials = match (args.cert, args.key, args.ca) {
        (Some(certificate), Some(key), Some(authority)) => Credentials::Given { certificate, key, authority },
        _ => Credentials::Made(args.pki),
    };
    Ok(Simulate {
        country: country("--country", &args.country)?,
        importer: country("--importer", &args.importer)?,
        script: script.map_err(|cause| Trouble::Simulate(cause.into()))?.unwrap_or_default(),
        credentials,
        listen: args.listen,
        control: args.control,
        format: args.output.format,
    })
}
