//! Which partner is asked for what, and what is reported to it?

use std::fs;
use std::path::{Path, PathBuf};

use epix_core::check::policy::Policy;
use epix_core::id::{Amount, Country, PermitNumber, PositionId, Token};
use epix_core::receive::Requirement;
use epix_core::soap::CertificateKey;

use super::link::{Link, link};
use super::{Input, Target, policy, require_folder, requirement, sign, wrong};
use crate::args::{ConfirmArgs, FetchArgs, Format, KeyArgs, StateArgs};
use crate::exit::Trouble;

/// `state`.
pub(crate) struct State {
    pub(crate) link: Link,
    pub(crate) format: Format,
}

/// Whether the final permit is asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Stage {
    NonFinal,
    Final,
}

/// What of the answer is written.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Keep {
    Nothing,
    Permit(Target),
    WholeAnswer(Target),
}

/// `fetch`.
pub(crate) struct Fetch {
    pub(crate) link: Link,
    pub(crate) key: CertificateKey,
    pub(crate) stage: Stage,
    pub(crate) keep: Keep,
    pub(crate) policy: Policy,
    pub(crate) attachments: Option<PathBuf>,
    /// Whom to trust; nobody: signatures are not looked at.
    pub(crate) trusted: Option<sign::Trusted>,
    pub(crate) requirement: Requirement,
    pub(crate) format: Format,
}

/// `confirm`.
pub(crate) struct Confirm {
    pub(crate) link: Link,
    pub(crate) key: CertificateKey,
    pub(crate) quantities: Vec<(PositionId, Amount)>,
    pub(crate) format: Format,
}

pub(super) fn state(args: &StateArgs) -> Result<State, Trouble> {
    let country = args.country.as_deref().map(country).transpose()?;
    Ok(State { link: link(&args.connection, country)?, format: args.output.format })
}

pub(super) fn fetch(args: &FetchArgs) -> Result<Fetch, Trouble> {
    let key = key(&args.key)?;
    let keep = keep(args)?;
    if let Keep::Permit(Target::File(file)) | Keep::WholeAnswer(Target::File(file)) = &keep {
        require_folder(file)?;
    }
    Ok(Fetch {
        link: link(&args.connection, key.country)?,
        key,
        stage: if args.is_final { Stage::Final } else { Stage::NonFinal },
        keep,
        policy: policy(&args.policy)?,
        attachments: args.attachments.clone(),
        trusted: sign::trusted(&args.trust)?,
        requirement: requirement(args.signed),
        format: args.format.format,
    })
}

fn keep(args: &FetchArgs) -> Result<Keep, Trouble> {
    let target = args.output.as_deref().map(|path| match Input::named(path) {
        Input::Stdin => Target::Stdout,
        Input::File(path) => Target::File(path),
    });
    let keep = match (target, args.raw) {
        (None, false) => Keep::Nothing,
        (Some(target), false) => Keep::Permit(target),
        (target, true) => Keep::WholeAnswer(target.unwrap_or(Target::Stdout)),
    };
    let is_stdout = matches!(keep, Keep::Permit(Target::Stdout) | Keep::WholeAnswer(Target::Stdout));
    if is_stdout && args.format.format == Format::Json {
        let sentence = "standard output carries the JSON objects: give -o a file for the document";
        return Err(Trouble::Usage(sentence.to_owned()));
    }
    Ok(keep)
}

pub(super) fn confirm(args: &ConfirmArgs) -> Result<Confirm, Trouble> {
    let key = key(&args.key)?;
    let quantities = quantities(&args.quantities)?;
    Ok(Confirm { link: link(&args.connection, key.country)?, key, quantities, format: args.output.format })
}

fn country(typed: &str) -> Result<Country, Trouble> {
    Country::parse(typed).map_err(wrong("--country", typed))
}

fn key(args: &KeyArgs) -> Result<CertificateKey, Trouble> {
    let number = PermitNumber::parse(&args.number).map_err(wrong("NUMBER", &args.number))?;
    let token = args.token_file.as_deref().map(token).transpose()?;
    Ok(CertificateKey { number, token, country: Some(country(&args.country)?) })
}

/// Reads a token: the text of a small file, white space around it ignored.
pub(super) fn token(file: &Path) -> Result<Token, Trouble> {
    let refused = |reason| Trouble::Token { file: file.to_owned(), reason };
    let content = fs::read(file).map_err(|cause| Trouble::Read { file: file.display().to_string(), cause })?;
    // Tokens are codes printed on a permit or links made from random bytes; a larger file is another file.
    if content.len() > 4096 {
        return Err(refused("it has more than 4096 bytes"));
    }
    let text = String::from_utf8(content).map_err(|_| refused("it is not text"))?;
    if text.trim().chars().any(char::is_control) {
        return Err(refused("it has more than one line"));
    }
    Token::parse(&text).ok_or_else(|| refused("it is empty"))
}

fn quantities(typed: &[String]) -> Result<Vec<(PositionId, Amount)>, Trouble> {
    let mut quantities: Vec<(PositionId, Amount)> = Vec::new();
    for typed in typed {
        let (id, amount) = quantity(typed)?;
        if quantities.iter().any(|(other, _)| *other == id) {
            return Err(Trouble::Usage(format!("--quantity names position {id} twice")));
        }
        quantities.push((id, amount));
    }
    Ok(quantities)
}

/// Reads `A=2.75`; the letter is what stands before the last `=`, so that a letter may hold one.
fn quantity(typed: &str) -> Result<(PositionId, Amount), Trouble> {
    let Some((id, amount)) = typed.rsplit_once('=') else {
        return Err(Trouble::Usage(format!("--quantity {typed:?} is not written as A=5")));
    };
    let id = PositionId::parse(id).map_err(wrong("--quantity", typed))?;
    let amount = Amount::parse(amount).map_err(wrong("--quantity", typed))?;
    if amount.is_negative() {
        return Err(Trouble::Usage(format!("--quantity {typed}: a quantity is zero or more")));
    }
    Ok((id, amount))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn quantities_are_decimal_and_named_once() {
        let typed = |words: &[&str]| quantities(&words.iter().map(|word| (*word).to_owned()).collect::<Vec<_>>());

        let read = typed(&["A=5", "B=2.750", "x=y=0"]).unwrap();

        let shown: Vec<String> = read.iter().map(|(id, amount)| format!("{id}:{amount}")).collect();
        assert_eq!(shown, ["A:5", "B:2.750", "x=y:0"]);
        for wrong in [&["A"][..], &["=5"], &["A=five"], &["A=-1"], &["A=1,5"], &["A=1", "A=2"], &["A B=1"]] {
            assert!(typed(wrong).is_err(), "{wrong:?}");
        }
    }

    #[test]
    fn a_token_comes_from_a_small_text_file_and_is_never_repeated() {
        let folder = tempfile::tempdir().unwrap();
        let file = |name: &str, content: &[u8]| {
            let path = folder.path().join(name);
            fs::write(&path, content).unwrap();
            path
        };

        assert_eq!(token(&file("good", b" s3cret\n")).unwrap().reveal(), "s3cret");
        for content in [&b""[..], b" \n", b"s3cret\nmore", b"\xff\xfe", &[b'a'; 5000]] {
            let trouble = token(&file("bad", content)).unwrap_err();
            assert!(!trouble.sentences().join(" ").contains("s3cret"));
        }
    }
}
