//! What does it mean? Everything that can be checked before the work begins is checked here.

pub(crate) mod sign;

use std::fs;
use std::path::{Path, PathBuf};
use std::time::{SystemTime, UNIX_EPOCH};

use chrono::{Days, NaiveDate};
use clap_complete::Shell;
use epix_core::check::policy::Policy;
use epix_core::codes::{Language, List};
use epix_core::convert::Target as Form;
use epix_core::id::{Amount, Country, IdError, PermitNumber, PositionId, Token};
use epix_core::policies;
use epix_core::receive::Requirement;
use epix_core::soap::CertificateKey;

use crate::args::{
    Args, CodesArgs, ConfirmArgs, ConvertArgs, DiffArgs, FetchArgs, Format, KeyArgs, PolicyArgs, ReportFormat,
    ShowArgs, StateArgs, Tongue, ValidateArgs, Verb,
};
use crate::exit::Trouble;

mod audit;
mod conformance;
mod gateway;
mod link;
mod simulate;

pub(crate) use audit::Audit;
use audit::audit;
pub(crate) use conformance::Conformance;
use conformance::conformance;
pub(crate) use gateway::Submit;
use gateway::submit;
pub(crate) use link::Link;
use link::link;
pub(crate) use simulate::Simulate;
use simulate::simulate;

/// What is to be done.
pub(crate) enum Plan {
    Validate(Validate),
    Show(Show),
    Diff(Diff),
    Convert(Convert),
    Sign(Box<sign::Sign>),
    Verify(Box<sign::Verify>),
    Signature(sign::Act),
    Audit(Box<Audit>),
    Codes(Codes),
    Rules(Option<String>),
    State(State),
    Fetch(Box<Fetch>),
    Confirm(Confirm),
    Submit(Box<Submit>),
    Simulate(Box<Simulate>),
    Conformance(Box<Conformance>),
    Completions(Shell),
    Man(PathBuf),
}

/// Where a document comes from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Input {
    Stdin,
    File(PathBuf),
}

impl Input {
    fn named(path: &Path) -> Input {
        if path == Path::new("-") { Input::Stdin } else { Input::File(path.to_owned()) }
    }

    /// How people know it.
    pub(crate) fn name(&self) -> String {
        match self {
            Input::Stdin => "standard input".to_owned(),
            Input::File(path) => path.display().to_string(),
        }
    }
}

/// Where bytes go.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Target {
    Stdout,
    File(PathBuf),
}

/// `validate`.
pub(crate) struct Validate {
    /// Files, folders, archives.
    pub(crate) inputs: Vec<Input>,
    pub(crate) depth: Depth,
    /// Whom to trust; nobody: signatures are not looked at.
    pub(crate) trusted: Option<sign::Trusted>,
    pub(crate) requirement: Requirement,
    pub(crate) policy: Policy,
    pub(crate) notes: bool,
    pub(crate) all: bool,
    pub(crate) format: ReportFormat,
}

/// How far a document is looked at.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Depth {
    /// Up to the schema.
    Schema,
    /// Up to the schema, and against the guide form of toolkit 2.0.
    Guide,
    /// Every layer.
    Whole,
}

/// `show`.
pub(crate) struct Show {
    pub(crate) input: Input,
    pub(crate) format: Format,
}

/// `convert`.
pub(crate) struct Convert {
    pub(crate) input: Input,
    pub(crate) to: &'static Form,
    pub(crate) accept_loss: bool,
    pub(crate) policy: Policy,
    pub(crate) output: Target,
}

/// `diff`.
pub(crate) struct Diff {
    pub(crate) a: Input,
    pub(crate) b: Input,
    pub(crate) format: Format,
}

/// `codes`.
pub(crate) struct Codes {
    pub(crate) question: Question,
    pub(crate) language: Language,
    pub(crate) format: Format,
}

/// What is asked of the lists.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Question {
    /// Which lists are there?
    Lists,
    /// What is on a list, on any day or on that one?
    Rows(List, Option<NaiveDate>),
    /// What is this code on that day?
    Code(List, String, NaiveDate),
}

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

/// Works out what was meant.
pub(crate) fn plan(args: Args) -> Result<Plan, Trouble> {
    Ok(match args.verb {
        Verb::Validate(args) => Plan::Validate(validate(&args)?),
        Verb::Show(args) => Plan::Show(show(&args)),
        Verb::Diff(args) => Plan::Diff(diff(&args)?),
        Verb::Convert(args) => Plan::Convert(convert(&args)?),
        Verb::Sign(args) => Plan::Sign(Box::new(sign::sign(&args)?)),
        Verb::Verify(args) => Plan::Verify(Box::new(sign::verify(&args)?)),
        Verb::Signature(args) => Plan::Signature(sign::act(args.act)),
        Verb::Audit(act) => Plan::Audit(Box::new(audit(&act)?)),
        Verb::Codes(args) => Plan::Codes(codes(args)?),
        Verb::Rules(args) => Plan::Rules(args.id),
        Verb::State(args) => Plan::State(state(&args)?),
        Verb::Fetch(args) => Plan::Fetch(Box::new(fetch(&args)?)),
        Verb::Confirm(args) => Plan::Confirm(confirm(&args)?),
        Verb::Submit(args) => Plan::Submit(Box::new(submit(*args)?)),
        Verb::Simulate(args) => Plan::Simulate(Box::new(simulate(args)?)),
        Verb::Conformance(args) => Plan::Conformance(Box::new(conformance(&args)?)),
        Verb::Completions(args) => Plan::Completions(args.shell),
        Verb::Man(args) => Plan::Man(args.folder),
    })
}

fn validate(args: &ValidateArgs) -> Result<Validate, Trouble> {
    let inputs: Vec<Input> = args.paths.iter().map(|path| Input::named(path)).collect();
    require_one_stdin(&inputs)?;
    let depth = match (args.schema_only, args.guide) {
        (_, true) => Depth::Guide,
        (true, false) => Depth::Schema,
        (false, false) => Depth::Whole,
    };
    let policy = policy(&args.policy)?;
    let trusted = sign::trusted(&args.trust)?;
    let requirement = requirement(args.signed);
    Ok(Validate { inputs, depth, policy, trusted, requirement, notes: args.notes, all: args.all, format: args.format })
}

fn requirement(signed: bool) -> Requirement {
    if signed { Requirement::Required } else { Requirement::Preferred }
}

/// Reads the file of policies, where one is named, and takes what holds for the partner.
fn policy(args: &PolicyArgs) -> Result<Policy, Trouble> {
    let Some(file) = &args.policy else { return Ok(Policy::default()) };
    let name = file.display().to_string();
    let text = fs::read_to_string(file).map_err(|cause| Trouble::Read { file: name, cause })?;
    let policies = policies::read(&text).map_err(|cause| Trouble::Policy { file: file.clone(), cause })?;
    Ok(args.partner.as_deref().map_or_else(|| policies.general.clone(), |partner| policies.of(partner)))
}

fn require_one_stdin(inputs: &[Input]) -> Result<(), Trouble> {
    if inputs.iter().filter(|input| **input == Input::Stdin).count() > 1 {
        return Err(Trouble::Usage("standard input can be read once: give - once".to_owned()));
    }
    Ok(())
}

fn diff(args: &DiffArgs) -> Result<Diff, Trouble> {
    let inputs = [Input::named(&args.a), Input::named(&args.b)];
    require_one_stdin(&inputs)?;
    let [a, b] = inputs;
    Ok(Diff { a, b, format: args.output.format })
}

fn codes(args: CodesArgs) -> Result<Codes, Trouble> {
    let list = args.list.map(|name| name.parse::<List>()).transpose();
    let list = list.map_err(|error| Trouble::Usage(error.to_string()))?;
    let date = args.date.as_deref().map(day).transpose()?;
    let question = match (list, args.code) {
        (Some(list), Some(code)) => Question::Code(list, code, date.unwrap_or_else(today)),
        (Some(list), None) => Question::Rows(list, date),
        (None, _) => Question::Lists,
    };
    let language = match args.language {
        Tongue::En => Language::English,
        Tongue::Fr => Language::French,
        Tongue::Es => Language::Spanish,
    };
    Ok(Codes { question, language, format: args.output.format })
}

fn day(typed: &str) -> Result<NaiveDate, Trouble> {
    typed.parse().map_err(|_| Trouble::Usage(format!("--date {typed:?} is not a day such as 2026-03-01")))
}

/// The day in Greenwich: codes change at most once a year, and a list of the standard names no zone.
fn today() -> NaiveDate {
    let days = SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |since| since.as_secs() / 86_400);
    NaiveDate::default().checked_add_days(Days::new(days)).unwrap_or_default()
}

fn convert(args: &ConvertArgs) -> Result<Convert, Trouble> {
    let unknown = || Trouble::Usage(format!("there is no form {:?}; there are {}", args.to, Form::names()));
    let to = Form::named(&args.to).ok_or_else(unknown)?;
    let to_stdout = |path: &PathBuf| path == Path::new("-");
    let output = match &args.output {
        Some(path) if !to_stdout(path) => Target::File(path.clone()),
        _ => Target::Stdout,
    };
    let (input, accept_loss) = (Input::named(&args.file), args.accept_loss);
    Ok(Convert { input, to, accept_loss, policy: policy(&args.policy)?, output })
}

fn show(args: &ShowArgs) -> Show {
    Show { input: Input::named(&args.file), format: args.output.format }
}

fn state(args: &StateArgs) -> Result<State, Trouble> {
    let country = args.country.as_deref().map(country).transpose()?;
    Ok(State { link: link(&args.connection, country)?, format: args.output.format })
}

fn fetch(args: &FetchArgs) -> Result<Fetch, Trouble> {
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

fn confirm(args: &ConfirmArgs) -> Result<Confirm, Trouble> {
    let key = key(&args.key)?;
    let quantities = quantities(&args.quantities)?;
    Ok(Confirm { link: link(&args.connection, key.country)?, key, quantities, format: args.output.format })
}

fn wrong(option: &'static str, typed: &str) -> impl Fn(IdError) -> Trouble {
    let typed = typed.to_owned();
    move |cause| Trouble::Value { option, typed: typed.clone(), cause }
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
fn token(file: &Path) -> Result<Token, Trouble> {
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

/// It is told before the call, not after, that the answer could not be kept.
fn require_folder(file: &Path) -> Result<(), Trouble> {
    let folder = match file.parent() {
        Some(parent) if !parent.as_os_str().is_empty() => parent,
        _ => Path::new("."),
    };
    match fs::metadata(folder) {
        Ok(folder) if folder.is_dir() => Ok(()),
        Ok(_) => Err(Trouble::Usage(format!("{} is no folder", folder.display()))),
        Err(cause) => Err(Trouble::Write { file: file.to_owned(), cause }),
    }
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

    #[test]
    fn a_dash_is_standard_input() {
        assert_eq!(Input::named(Path::new("-")), Input::Stdin);
        assert_eq!(Input::named(Path::new("./-")), Input::File("./-".into()));
    }
}
