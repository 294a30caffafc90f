//! What does it mean? Everything that can be checked before the work begins is checked here.

pub(crate) mod sign;

use std::fs;
use std::path::{Path, PathBuf};
use std::time::{SystemTime, UNIX_EPOCH};

use chrono::{Days, NaiveDate};
use clap_complete::Shell;
use epix_client::gateway::Gateway;
use epix_core::check::policy::Policy;
use epix_core::codes::{Language, List};
use epix_core::convert::Target as Form;
use epix_core::id::{IdError, PermitNumber};
use epix_core::policies;
use epix_core::receive::Requirement;

use crate::args::{
    Args, CodesArgs, ConvertArgs, DiffArgs, Format, PolicyArgs, ReportFormat, ShowArgs, Tongue, ValidateArgs, Verb,
};
use crate::exit::Trouble;

mod audit;
mod conformance;
mod gateway;
mod link;
mod partner;
mod simulate;

pub(crate) use audit::Audit;
use audit::audit;
pub(crate) use conformance::Conformance;
use conformance::conformance;
pub(crate) use gateway::{Import, Listing, Submit};
use gateway::{import, list, submit};
pub(crate) use link::Link;
pub(crate) use partner::{Confirm, Fetch, Keep, Stage, State};
use partner::{confirm, fetch, state};
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
    Import(Box<Import>),
    List(Box<Listing>),
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
    pub(crate) source: Source,
    pub(crate) format: Format,
}

/// Where a permit is shown from.
pub(crate) enum Source {
    Document(Input),
    /// From the books of a gateway.
    Books(Box<Gateway>, PermitNumber),
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

/// Works out what was meant.
pub(crate) fn plan(args: Args) -> Result<Plan, Trouble> {
    Ok(match args.verb {
        Verb::Validate(args) => Plan::Validate(validate(&args)?),
        Verb::Show(args) => Plan::Show(show(&args)?),
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
        Verb::Import(args) => Plan::Import(Box::new(import(*args)?)),
        Verb::List(args) => Plan::List(Box::new(list(&args)?)),
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

fn show(args: &ShowArgs) -> Result<Show, Trouble> {
    let source = match &args.to {
        None => Source::Document(Input::named(&args.file)),
        Some(to) => {
            let number = args.file.to_string_lossy();
            let number = PermitNumber::parse(&number).map_err(wrong("NUMBER", &number))?;
            Source::Books(Box::new(gateway::gateway(to, &args.caller)?), number)
        }
    };
    Ok(Show { source, format: args.output.format })
}

fn wrong(option: &'static str, typed: &str) -> impl Fn(IdError) -> Trouble {
    let typed = typed.to_owned();
    move |cause| Trouble::Value { option, typed: typed.clone(), cause }
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
    fn a_dash_is_standard_input() {
        assert_eq!(Input::named(Path::new("-")), Input::Stdin);
        assert_eq!(Input::named(Path::new("./-")), Input::File("./-".into()));
    }
}
