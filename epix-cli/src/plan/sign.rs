//! What was meant about signatures?

use std::fs;
use std::io::IsTerminal as _;
use std::path::{Path, PathBuf};

use chrono::{DateTime, NaiveDate, NaiveTime, Utc};
use epix_core::id::Country;
use epix_core::receive::{Requirement, Sealing};
use epix_core::sign::seal::TimeSource;
use epix_core::sign::{Anchors, Certificate, KeyError, Place, Profile, Question, Signers, SoftwareKey, Trust};

use super::{Input, Target, wrong};
use crate::args::Format;
use crate::args::sign::{SignArgs, SignatureAct, TrustArgs, VerifyArgs};
use crate::exit::Trouble;

/// Keys, certificates and passphrases are small; a larger file is another file.
const MOST_BYTES: u64 = 1 << 20;

/// `sign`.
pub(crate) struct Sign {
    pub(crate) input: Input,
    pub(crate) key: SoftwareKey,
    pub(crate) place: Place,
    pub(crate) now: DateTime<Utc>,
    pub(crate) output: Target,
    pub(crate) format: Format,
}

/// `verify`.
pub(crate) struct Verify {
    pub(crate) input: Input,
    pub(crate) signature: Option<PathBuf>,
    pub(crate) trusted: Trusted,
    pub(crate) format: Format,
}

/// Whom to trust, and when.
pub(crate) struct Trusted {
    pub(crate) trust: Trust,
    pub(crate) question: Question,
    pub(crate) issuer: Option<Country>,
}

impl Trusted {
    /// How a document is looked at; `detached` is the signature beside it, `country` the issuer unless `--issuer` named one.
    pub(crate) fn sealing<'a>(
        &'a self,
        detached: Option<&'a [u8]>,
        requirement: Requirement,
        country: Option<Country>,
    ) -> Sealing<'a> {
        Sealing {
            detached,
            requirement,
            trust: Some(&self.trust),
            question: self.question,
            signers: self.issuer.or(country).map_or(Signers::OfIssuer, Signers::Of),
        }
    }
}

/// `signature`.
pub(crate) enum Act {
    Detach { from: Input, document: PathBuf, signature: PathBuf },
    Attach { document: Input, signature: PathBuf, to: Target },
    Value { signature: Input, to: Target },
    Stamp { signature: Input, token: PathBuf, to: Target },
}

pub(super) fn sign(args: &SignArgs) -> Result<Sign, Trouble> {
    let input = Input::named(&args.file);
    let place = if args.enveloped { Place::Enveloped } else { Place::Detached };
    let output = match (&args.output, &input) {
        (Some(path), _) => target(path),
        (None, Input::File(path)) if place == Place::Detached => Target::File(beside(path)),
        (None, _) => Target::Stdout,
    };
    if output == Target::Stdout && args.format.format == Format::Json {
        return Err(Trouble::Usage("standard output carries the JSON object: give -o a file".to_owned()));
    }
    Ok(Sign { input, key: key(args)?, place, now: Utc::now(), output, format: args.format.format })
}

pub(super) fn verify(args: &VerifyArgs) -> Result<Verify, Trouble> {
    let nobody =
        || Trouble::Usage("--trust FILE says whose certificates are trusted; nobody's are by default".to_owned());
    let trusted = trusted(&args.trust)?.ok_or_else(nobody)?;
    let input = Input::named(&args.file);
    let found = || match &input {
        Input::File(path) => Some(beside(path)).filter(|path| path.is_file()),
        Input::Stdin => None,
    };
    let signature = args.sig.clone().or_else(found);
    Ok(Verify { input, signature, trusted, format: args.output.format })
}

pub(super) fn act(act: SignatureAct) -> Act {
    match act {
        SignatureAct::Detach { file, output } => {
            let signature = beside(&output);
            Act::Detach { from: Input::named(&file), document: output, signature }
        }
        SignatureAct::Attach { file, sig, output } => {
            let signature = sig.unwrap_or_else(|| beside(&file));
            Act::Attach { document: Input::named(&file), signature, to: target(&output) }
        }
        SignatureAct::Value { file, output } => Act::Value { signature: Input::named(&file), to: target(&output) },
        SignatureAct::Stamp { file, token, output } => {
            Act::Stamp { signature: Input::named(&file), token, to: target(&output) }
        }
    }
}

fn target(path: &Path) -> Target {
    match Input::named(path) {
        Input::Stdin => Target::Stdout,
        Input::File(path) => Target::File(path),
    }
}

/// `permit.sig.xml` for `permit.xml`.
pub(crate) fn beside(document: &Path) -> PathBuf {
    let name = document.file_name().unwrap_or_default().to_string_lossy();
    let stem = name.strip_suffix(".xml").unwrap_or(&name);
    document.with_file_name(format!("{stem}.sig.xml"))
}

/// Reads what the options say; `None` when nobody is trusted.
pub(crate) fn trusted(args: &TrustArgs) -> Result<Option<Trusted>, Trouble> {
    if args.trust.is_empty() {
        return Ok(None);
    }
    let mut anchors = Anchors::new(all_certificates(&args.trust)?);
    for file in &args.crl {
        anchors.add_list(&small(file)?).map_err(|cause| Trouble::Key { file: file.clone(), cause })?;
    }
    let clocks = if args.tsa.is_empty() { None } else { Some(Anchors::new(all_certificates(&args.tsa)?)) };
    let profile = args.algorithms.as_deref().map(algorithms).transpose()?.unwrap_or_default();
    let question = match &args.at {
        Some(typed) => Question { at: moment(typed)?, by: TimeSource::Asked },
        None => Question { at: Utc::now(), by: TimeSource::Now },
    };
    let issuer = args.issuer.as_deref();
    let issuer = issuer.map(|typed| Country::parse(typed).map_err(wrong("--issuer", typed))).transpose()?;
    Ok(Some(Trusted { trust: Trust { anchors, clocks, profile }, question, issuer }))
}

fn all_certificates(files: &[PathBuf]) -> Result<Vec<Certificate>, Trouble> {
    let mut all = Vec::new();
    for file in files {
        all.extend(certificates(file)?);
    }
    Ok(all)
}

fn certificates(file: &Path) -> Result<Vec<Certificate>, Trouble> {
    Certificate::all_from_pem(&small(file)?).map_err(|cause| Trouble::Key { file: file.to_owned(), cause })
}

fn algorithms(file: &Path) -> Result<Profile, Trouble> {
    let text = String::from_utf8_lossy(&small(file)?).into_owned();
    Profile::read(&text).map_err(|cause| Trouble::Algorithms { file: file.to_owned(), cause })
}

/// A moment, or the last second of a day.
fn moment(typed: &str) -> Result<DateTime<Utc>, Trouble> {
    let last = NaiveTime::from_hms_opt(23, 59, 59).unwrap_or_default();
    let day = typed.parse::<NaiveDate>().map(|day| day.and_time(last).and_utc());
    day.or_else(|_| DateTime::parse_from_rfc3339(typed).map(|moment| moment.to_utc())).map_err(|_| {
        Trouble::Usage(format!(
            "--at {typed:?} is neither a day such as 2027-03-01 nor a moment such as 2027-03-01T12:00:00Z"
        ))
    })
}

fn small(file: &Path) -> Result<Vec<u8>, Trouble> {
    let unreadable = |cause| Trouble::Read { file: file.display().to_string(), cause };
    if fs::metadata(file).map_err(unreadable)?.len() > MOST_BYTES {
        return Err(unreadable(std::io::Error::other("it is far too large for keys and certificates")));
    }
    fs::read(file).map_err(unreadable)
}

fn key(args: &SignArgs) -> Result<SoftwareKey, Trouble> {
    let bytes = small(&args.key)?;
    let refused = |cause| Trouble::Key { file: args.key.clone(), cause };
    let mut chain = args.cert.as_deref().map(certificates).transpose()?.unwrap_or_default();
    chain.extend(args.chain.as_deref().map(certificates).transpose()?.unwrap_or_default());
    let passphrase = args.passphrase_file.as_deref().map(passphrase_in).transpose()?;
    let is_pem = bytes.starts_with(b"-----") || bytes.windows(11).any(|window| window == b"-----BEGIN ");
    if is_pem && chain.is_empty() {
        return Err(Trouble::Usage("--cert FILE is needed: a key in PEM comes without its certificate".to_owned()));
    }
    let open = |passphrase: Option<&str>| match is_pem {
        true => SoftwareKey::from_pem(&bytes, passphrase.map(str::as_bytes), chain.clone()),
        false => SoftwareKey::from_pkcs12(&bytes, passphrase.unwrap_or_default(), chain.clone()),
    };
    match open(passphrase.as_deref()) {
        Err(KeyError::Passphrase) if passphrase.is_none() && std::io::stdin().is_terminal() => {
            let asked = format!("Passphrase of {}: ", args.key.display());
            let typed = rpassword::prompt_password(asked).map_err(|cause| Trouble::Prompt { cause })?;
            open(Some(&typed)).map_err(refused)
        }
        opened => opened.map_err(refused),
    }
}

fn passphrase_in(file: &Path) -> Result<String, Trouble> {
    let text = String::from_utf8_lossy(&small(file)?).into_owned();
    Ok(text.lines().next().unwrap_or_default().to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_signature_stands_beside_its_permit() {
        for (document, signature) in [("a/permit.xml", "a/permit.sig.xml"), ("permit", "permit.sig.xml")] {
            assert_eq!(beside(Path::new(document)), Path::new(signature));
        }
    }

    #[test]
    fn a_day_ends_with_its_last_second() {
        assert_eq!(moment("2027-03-01").unwrap(), moment("2027-03-01T23:59:59Z").unwrap());
        assert_eq!(moment("2027-03-01T01:00:00+01:00").unwrap(), moment("2027-03-01T00:00:00Z").unwrap());
        assert!(moment("soon").is_err());
    }
}
