//! Which gateway is meant, and what is sent into its books, or looked up there?

use std::path::PathBuf;
use std::time::Duration;

use chrono::NaiveDate;
use epix_client::Timeouts;
use epix_client::gateway::{Caller, Gateway};

use super::Input;
use crate::args::{CallerArgs, Format, ImportArgs, ListArgs, SubmitArgs};
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
        gateway: self::gateway(&gateway.to, &gateway.caller)?,
        journal,
        jobs: jobs.into(),
        again,
        format: output.format,
    })
}

/// `import`.
pub(crate) struct Import {
    pub(crate) input: Input,
    pub(crate) attachments: Vec<PathBuf>,
    pub(crate) gateway: Gateway,
    pub(crate) format: Format,
}

pub(super) fn import(args: ImportArgs) -> Result<Import, Trouble> {
    let ImportArgs { file, attach, gateway, output } = args;
    let gateway = self::gateway(&gateway.to, &gateway.caller)?;
    Ok(Import { input: Input::named(&file), attachments: attach, gateway, format: output.format })
}

/// `list`.
pub(crate) struct Listing {
    pub(crate) gateway: Gateway,
    /// What is asked for, in the words of the face.
    pub(crate) questions: Vec<(&'static str, String)>,
    pub(crate) limit: usize,
    pub(crate) format: Format,
}

pub(super) fn list(args: &ListArgs) -> Result<Listing, Trouble> {
    let day = |day: Option<NaiveDate>| day.map(|day| day.to_string());
    let questions = [
        ("country", args.country.clone()),
        ("number", args.number.clone()),
        ("state", args.state.clone()),
        ("species", args.species.clone()),
        ("party", args.party.clone()),
        ("q", args.text.clone()),
        ("issuedFrom", day(args.issued_from)),
        ("issuedUntil", day(args.issued_until)),
        ("validFrom", day(args.valid_from)),
        ("validUntil", day(args.valid_until)),
    ];
    let asked = questions.into_iter().filter_map(|(name, value)| Some((name, value?)));
    let gateway = gateway(&args.gateway.to, &args.gateway.caller)?;
    Ok(Listing { gateway, questions: asked.collect(), limit: args.limit, format: args.output.format })
}

/// The gateway that was typed; nothing is sent yet.
pub(super) fn gateway(to: &str, args: &CallerArgs) -> Result<Gateway, Trouble> {
    if args.api_key_file.is_none() && args.cert.is_none() {
        return Err(Trouble::Usage("say who calls: --api-key-file, or --cert and --key".to_owned()));
    }
    let caller = Caller {
        identity: args.cert.as_deref().zip(args.key.as_deref()),
        key: args.api_key_file.as_deref(),
        authority: args.ca.as_deref(),
    };
    let given = args.timeout.map(|seconds| Timeouts::within(Duration::from_secs(seconds.into())));
    let timeouts = given.unwrap_or_default();
    Gateway::new(to, caller, timeouts).map_err(Trouble::Gateway)
}
