//! What are the cases given?

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::time::Duration;

use epix_client::conformance::{CASES, Callers, Case, Input, Inputs, cases};
use epix_client::{Endpoint, HttpTransport, Identity, Timeouts};
use epix_core::id::{Country, PermitNumber};

use super::link::dialect;
use super::partner::token;
use super::wrong;
use crate::args::{ConformanceArgs, ReportFormat};
use crate::exit::Trouble;

/// `conformance`.
pub(crate) struct Conformance {
    pub(crate) cases: Vec<Case>,
    pub(crate) inputs: Inputs,
    pub(crate) format: ReportFormat,
}

/// Works out the cases and what they are given; nothing is sent yet.
pub(super) fn conformance(args: &ConformanceArgs) -> Result<Conformance, Trouble> {
    let road = |certificate: &Path, key: &Path| {
        let identity = Identity { certificate, key, authority: &args.ca };
        HttpTransport::new(identity, Timeouts::within(Duration::from_secs(args.timeout.into())))
    };
    let pair = |certificate: &Option<PathBuf>, key: &Option<PathBuf>| match (certificate, key) {
        (Some(certificate), Some(key)) => road(certificate, key).map(Some),
        _ => Ok(None),
    };
    let callers = Callers {
        own: road(&args.cert, &args.key)?,
        new: pair(&args.new_cert, &args.new_key)?,
        other: pair(&args.other_cert, &args.other_key)?,
        unregistered: pair(&args.unregistered_cert, &args.unregistered_key)?,
    };
    let inputs = Inputs {
        endpoint: Endpoint::parse(&args.url).map_err(Trouble::Address)?,
        dialect: dialect(args.dialect),
        country: Country::parse(&args.country).map_err(wrong("--country", &args.country))?,
        numbers: numbers(args)?,
        countries: countries(args)?,
        token: args.token_file.as_deref().map(token).transpose()?,
        callers,
    };
    Ok(Conformance { cases: chosen(&args.only)?, inputs, format: args.format })
}

fn numbers(args: &ConformanceArgs) -> Result<BTreeMap<Input, PermitNumber>, Trouble> {
    let given = [
        (Input::Number, &args.number),
        (Input::TokenNumber, &args.token_number),
        (Input::Cancelled, &args.cancelled),
        (Input::Confirm, &args.confirm),
        (Input::Papers, &args.papers),
        (Input::RelayNumber, &args.relay_number),
    ];
    let parsed = |(input, typed): (Input, &Option<String>)| {
        let typed = typed.as_ref()?;
        let number = PermitNumber::parse(typed).map_err(wrong(input.option(), typed));
        Some(number.map(|number| (input, number)))
    };
    given.into_iter().filter_map(parsed).collect()
}

fn countries(args: &ConformanceArgs) -> Result<BTreeMap<Input, Country>, Trouble> {
    let given = [
        (Input::RelayCountry, &args.relay_country),
        (Input::SlowCountry, &args.slow_country),
        (Input::FaultCountry, &args.fault_country),
        (Input::JunkCountry, &args.junk_country),
    ];
    let parsed = |(input, typed): (Input, &Option<String>)| {
        let typed = typed.as_ref()?;
        let country = Country::parse(typed).map_err(wrong(input.option(), typed));
        Some(country.map(|country| (input, country)))
    };
    given.into_iter().filter_map(parsed).collect()
}

fn chosen(only: &[String]) -> Result<Vec<Case>, Trouble> {
    let all = cases(CASES).expect("the cases of this build can be read, as a test shows");
    let is_known = |name: &String| all.iter().any(|case| case.id == *name || case.grade() == name);
    if let Some(unknown) = only.iter().find(|name| !is_known(name)) {
        return Err(Trouble::Usage(format!(
            "there is no case or grade {unknown:?}; there are E1 to E10, and such as E5.3"
        )));
    }
    let is_wanted = |case: &Case| only.is_empty() || only.iter().any(|name| case.id == *name || case.grade() == name);
    Ok(all.into_iter().filter(is_wanted).collect())
}
