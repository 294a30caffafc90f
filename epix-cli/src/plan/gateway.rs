//! Which gateway is meant, and what is to be sent into its books?

use std::path::PathBuf;
use std::time::Duration;

use epix_client::Timeouts;
use epix_client::gateway::{Caller, Gateway};

use super::Input;
use crate::args::{Format, GatewayArgs, SubmitArgs};
use crate::exit::Trouble;

/// `submit`.
pub(crate) struct Submit {
    /// Files, folders, archives.
    pub(crate) inputs: Vec<Input>,
    pub(crate) gateway: Gateway,
    /// Where the outcomes are remembered.
    pub(crate) journal: PathBuf,
    /// How many documents are under way at the same time.
    pub(crate) jobs: usize,
    /// Whether refused ones are sent again.
    pub(crate) again: bool,
    pub(crate) format: Format,
}

pub(super) fn submit(args: SubmitArgs) -> Result<Submit, Trouble> {
    let SubmitArgs { paths, gateway, journal, jobs, again, output } = args;
    Ok(Submit {
        inputs: paths.iter().map(|path| Input::named(path)).collect(),
        gateway: self::gateway(&gateway)?,
        journal,
        jobs: jobs.into(),
        again,
        format: output.format,
    })
}

/// The gateway that was typed; nothing is sent yet.
pub(super) fn gateway(args: &GatewayArgs) -> Result<Gateway, Trouble> {
    let caller = Caller {
        identity: args.cert.as_deref().zip(args.key.as_deref()),
        key: args.api_key_file.as_deref(),
        authority: args.ca.as_deref(),
    };
    let timeouts = Timeouts::within(Duration::from_secs(args.timeout.into()));
    Gateway::new(&args.to, caller, timeouts).map_err(Trouble::Gateway)
}
