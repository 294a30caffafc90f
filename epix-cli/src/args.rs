//! What was typed?

pub mod audit;
pub mod sign;

use std::path::PathBuf;

use clap::{Args as Options, Parser, Subcommand, ValueEnum};

use audit::AuditAct;
use sign::{SignArgs, SignatureArgs, TrustArgs, VerifyArgs};

mod conformance;
mod connection;
mod gateway;
mod partner;
mod simulate;

pub use conformance::ConformanceArgs;
pub use connection::{ConnectionArgs, DialectArg};
pub use gateway::{CallerArgs, GatewayArgs, ImportArgs, ListArgs, SubmitArgs};
pub use partner::{ConfirmArgs, FetchArgs, KeyArgs, StateArgs};
pub use simulate::SimulateArgs;

/// Look at CITES permits, and call partners that keep them.
///
/// A permit is an XML document of the CITES e-permitting toolkit. It is checked and shown wherever it comes from: alone in a
/// file, or inside the answer of an EPIX service. Partners are called over TLS with certificates on both sides.
#[derive(Debug, Parser)]
#[command(name = "epix", version, max_term_width = 100, after_long_help = EXIT_STATUS)]
pub struct Args {
    /// What is to be done.
    #[command(subcommand)]
    pub verb: Verb,
}

const EXIT_STATUS: &str = "\
Exit status:
  0  good
  1  a document or a code is not valid, two permits differ, or the partner refused in words
  2  the work could not be done: a file, the network, the partner's service, what was typed

With --format json a command prints one JSON object per line; docs/json-output.md describes them.";

/// The verbs.
#[derive(Debug, Subcommand)]
pub enum Verb {
    /// Say whether documents are valid permits, and where they are not
    Validate(ValidateArgs),
    /// Show a permit box by box, as on the paper form
    Show(ShowArgs),
    /// Say in which boxes two permits differ
    Diff(DiffArgs),
    /// Write a permit in another form
    Convert(ConvertArgs),
    /// Sign a permit
    Sign(SignArgs),
    /// Say whether the signature of a permit is to be trusted
    Verify(VerifyArgs),
    /// Move a signature about, or stamp it; needs no key
    Signature(SignatureArgs),
    /// Say whether an exported audit is whole
    #[command(subcommand)]
    Audit(AuditAct),
    /// Look up the codes of the standard
    Codes(CodesArgs),
    /// List the rules that permits are held against, or tell about one
    Rules(RulesArgs),
    /// Ask a partner whether its service can answer
    State(StateArgs),
    /// Fetch a permit from the partner that issued it
    Fetch(Box<FetchArgs>),
    /// Report to the partner which quantities were found
    Confirm(ConfirmArgs),
    /// Send one permit into the books of one's own gateway, with what travels with it
    Import(Box<ImportArgs>),
    /// List the permits in the books of one's own gateway
    List(Box<ListArgs>),
    /// Send permits into the books of one's own gateway, however many
    Submit(Box<SubmitArgs>),
    /// Be a partner that does what a script says, to try out what happens then
    Simulate(SimulateArgs),
    /// Say whether a service does what the exchange asks of it
    Conformance(Box<ConformanceArgs>),
    /// Write what a shell needs to complete commands
    Completions(CompletionsArgs),
    /// Write the man pages
    Man(ManArgs),
}

/// For whom the output is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Format {
    /// For people
    Human,
    /// For programs: one JSON object per line
    Json,
}

/// For whom many verdicts are written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum ReportFormat {
    /// For people
    Human,
    /// For programs: one JSON object per line
    Json,
    /// For build servers: one JUnit test case per document
    Junit,
}

/// How the result is written.
#[derive(Debug, Clone, Copy, Options)]
pub struct OutputArgs {
    /// For whom the output is written
    #[arg(long, value_enum, default_value_t = Format::Human)]
    pub format: Format,
}

/// Who decides what is accepted.
#[derive(Debug, Clone, Options)]
pub struct PolicyArgs {
    /// A file that tells which rules and losses are accepted, warned of or refused
    #[arg(long, value_name = "FILE")]
    pub policy: Option<PathBuf>,
    /// The partner whose section of that file holds
    #[arg(long, value_name = "ID", requires = "policy")]
    pub partner: Option<String>,
}

/// `validate`.
#[derive(Debug, Options)]
#[command(after_help = "\
Each document passes its layers: guard, well-formed, version, signature, schema, read, rules. A document is refused \
for an error in any of them, unless the file of --policy says otherwise; notes speak of deviations that \
are tolerated. Where schema and reader speak of the same mistake, only the reader is heard: --all shows \
both, and the rules that could not be asked.

A folder stands for the *.xml and *.json files in it and below it, in the order of their names; a zip \
archive for those in it, in its own order, each called archive.zip!inner.xml. Names that begin with a \
dot, links to folders and archives inside of something are passed over. A folder or archive in which \
nothing was found is an error, because nothing was looked at.

A signature, in the document or in the file beside it (permit.sig.xml for permit.xml), is looked at where \
--trust names root certificates; one that is there has to hold, and with --signed there has to be one. In \
archives only signatures within documents are seen.

Documents are looked at by all processors at once; results come in the order of the documents.

Examples:
  epix validate permit.xml
  epix validate inbox delivery.zip --format json
  epix validate inbox --format junit > report.xml
  epix validate inbox --policy policies.toml --partner XB-MA
  curl … | epix validate -")]
pub struct ValidateArgs {
    /// Permits in any form, or whole EPIX answers that carry one; folders and zip archives of such; - is standard input
    #[arg(value_name = "PATH", required = true)]
    pub paths: Vec<PathBuf>,
    /// Refuse permits without a signature that is trusted
    #[arg(long, requires = "trust", conflicts_with = "schema_only")]
    pub signed: bool,
    /// Whom to trust.
    #[command(flatten)]
    pub trust: TrustArgs,
    /// Stop after the schema: say nothing of what the values mean
    #[arg(long)]
    pub schema_only: bool,
    /// Hold documents of toolkit 2.0 against their schema and the narrower form of the guide, row by row, and look no further
    #[arg(long, conflicts_with = "schema_only")]
    pub guide: bool,
    /// Who decides what is accepted.
    #[command(flatten)]
    pub policy: PolicyArgs,
    /// Show every note, not only the first one of each rule
    #[arg(long)]
    pub notes: bool,
    /// Show everything that was found, and every layer
    #[arg(long)]
    pub all: bool,
    /// For whom the output is written
    #[arg(long, value_enum, default_value_t = ReportFormat::Human)]
    pub format: ReportFormat,
}

/// `show`.
#[derive(Debug, Options)]
#[command(after_help = "\
A document that is not valid is shown as far as it can be read, and the exit status is 1.

With --to the permit is not read from a file but from the books of one's own gateway, by its number.

Examples:
  epix show permit.xml
  epix show answer.xml --format json
  epix show XA-2026-0001 --to https://epix.example.org:8444 --ca ca.pem --api-key-file key")]
pub struct ShowArgs {
    /// A permit in any form, or a whole EPIX answer that carries one; - is standard input; with --to a number
    #[arg(value_name = "FILE")]
    pub file: PathBuf,
    /// The address of a gateway's REST face.
    #[arg(long, value_name = "URL", help = gateway::TO, help_heading = "Connection")]
    pub to: Option<String>,
    /// As whom it is called.
    #[command(flatten)]
    pub caller: CallerArgs,
    /// How the result is written.
    #[command(flatten)]
    pub output: OutputArgs,
}

/// `rules`.
#[derive(Debug, Options)]
#[command(after_help = "\
Examples:
  epix rules
  epix rules EPIX-DATE-01")]
pub struct RulesArgs {
    /// The id of a rule, as reports name it
    #[arg(value_name = "ID")]
    pub id: Option<String>,
}

/// `convert`.
#[derive(Debug, Options)]
#[command(after_help = "\
What the form has no place for is listed on standard error by box and path, and nothing is written \
unless --accept-loss is given or the file of --policy accepts the losses of the form. A permit that has the form already is written as it is, byte for byte; \
one that stood inside an answer is taken out of it. The forms v3 and wco are inferred drafts.

Examples:
  epix convert --to v2 old-permit.xml -o permit.xml
  epix convert --to json answer.xml
  epix convert --to v1 --accept-loss permit.xml > old.xml")]
pub struct ConvertArgs {
    /// The form to write: v1, v2, v2-guide, v3, wco or json
    #[arg(long, value_name = "FORM")]
    pub to: String,
    /// Write also when the form has no place for all that the permit says
    #[arg(long)]
    pub accept_loss: bool,
    /// Who decides what is accepted.
    #[command(flatten)]
    pub policy: PolicyArgs,
    /// A permit in any form, or a whole EPIX answer that carries one; - is standard input
    #[arg(value_name = "FILE")]
    pub file: PathBuf,
    /// Where to write; standard output when left out
    #[arg(short, long, value_name = "FILE")]
    pub output: Option<PathBuf>,
}

/// `diff`.
#[derive(Debug, Options)]
#[command(after_help = "\
Permits are compared by what they say: prefixes, white space between elements, attributes without a \
value, the form (stand-alone or inside an answer) and the toolkit version make no difference. Positions \
are compared by their letters, quantities as numbers, everything else as written.

The exit status is 0 when they say the same, 1 when they differ, 2 when one cannot be read.

Examples:
  epix diff issued.xml final.xml
  epix diff permit.xml answer.xml --format json")]
pub struct DiffArgs {
    /// A permit in any form, or a whole EPIX answer that carries one; - is standard input
    #[arg(value_name = "A")]
    pub a: PathBuf,
    /// The one to compare it with
    #[arg(value_name = "B")]
    pub b: PathBuf,
    /// How the result is written.
    #[command(flatten)]
    pub output: OutputArgs,
}

/// A language in which names are kept.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Tongue {
    /// English
    En,
    /// French; English where no French name is known
    Fr,
    /// Spanish; English where no Spanish name is known
    Es,
}

/// `codes`.
#[derive(Debug, Options)]
#[command(after_help = "\
Without LIST the lists are named; with LIST every code of it, also former ones, and with --date those \
that are valid on that day. A single CODE is looked up for the day, today (UTC) where none is given: the \
exit status is 1 when it is not valid on it.

Examples:
  epix codes
  epix codes sources --language fr
  epix codes terms COS --on 2012-06-30")]
pub struct CodesArgs {
    /// The name of a list
    #[arg(value_name = "LIST")]
    pub list: Option<String>,
    /// A code, as written on a permit
    #[arg(value_name = "CODE")]
    pub code: Option<String>,
    /// The day for which is asked
    #[arg(long, visible_alias = "on", value_name = "YYYY-MM-DD")]
    pub date: Option<String>,
    /// The language of the names
    #[arg(long, value_enum, default_value_t = Tongue::En)]
    pub language: Tongue,
    /// How the result is written.
    #[command(flatten)]
    pub output: OutputArgs,
}

/// `completions`.
#[derive(Debug, Options)]
#[command(after_help = "\
Examples:
  epix completions bash > ~/.local/share/bash-completion/completions/epix
  epix completions zsh > ~/.zfunc/_epix")]
pub struct CompletionsArgs {
    /// For which shell
    #[arg(value_name = "SHELL")]
    pub shell: clap_complete::Shell,
}

/// `man`.
#[derive(Debug, Options)]
#[command(after_help = "\
Writes epix.1 and one page for each command, such as epix-validate.1, and replaces what is there.

Example:
  epix man ~/.local/share/man/man1")]
pub struct ManArgs {
    /// The folder for the pages, which is made where it is missing
    #[arg(value_name = "DIR")]
    pub folder: PathBuf,
}

impl Args {
    /// For whom trouble with the whole command is written.
    pub fn format(&self) -> Format {
        match &self.verb {
            Verb::Validate(args) if args.format == ReportFormat::Json => Format::Json,
            Verb::Conformance(args) if args.format == ReportFormat::Json => Format::Json,
            Verb::Conformance(_) => Format::Human,
            Verb::Validate(_) => Format::Human,
            Verb::Show(args) => args.output.format,
            Verb::Diff(args) => args.output.format,
            Verb::Sign(args) => args.format.format,
            Verb::Verify(args) => args.output.format,
            Verb::Signature(_) => Format::Human,
            Verb::Audit(AuditAct::Verify(args)) => args.output.format,
            Verb::Codes(args) => args.output.format,
            Verb::Convert(_) | Verb::Rules(_) | Verb::Completions(_) | Verb::Man(_) => Format::Human,
            Verb::State(args) => args.output.format,
            Verb::Fetch(args) => args.format.format,
            Verb::Confirm(args) => args.output.format,
            Verb::Import(args) => args.output.format,
            Verb::List(args) => args.output.format,
            Verb::Submit(args) => args.output.format,
            Verb::Simulate(args) => args.output.format,
        }
    }
}
