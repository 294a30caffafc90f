//! Does a permit cross from one authority to another as it should, step by step?

use std::fs::{self, File};
use std::path::{Path, PathBuf};
use std::time::Duration;

use serde_json::Value;

use crate::paste;
use crate::pki::Holder;
use crate::process::{Call, pause, seen_from_root, work_folder};
use crate::quantity::Quantity;
use crate::system::{self, Group};
use crate::trouble::Trouble;
use crate::world::{Gateway, Programs, World};

const CALL_LIMIT: Duration = Duration::from_secs(60);

/// Whether the demo ends after its story.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Ending {
    Once,
    StayUp,
}

/// Provides, builds, starts, tells; `true` when each step went as told.
pub(crate) fn demo(ending: Ending) -> Result<bool, Trouble> {
    system::provide(&[Group::Build, Group::Demo])?;
    let programs = Programs::build()?;
    let _held = hold_the_demo()?;
    println!("Making keys and stores, starting the gateways of XA and XB ...");
    let mut world = World::start(&programs, &work_folder().join("demo"))?;
    let told = tell(&world)?;
    if told && ending == Ending::StayUp {
        paste::print_commands(&world)?;
        stay_up(&mut world)?;
    }
    Ok(has_stopped_well(world)? && told)
}

/// Plays the story in a world; prints each step; `false` at the first step that does not go as told.
pub(crate) fn tell(world: &World) -> Result<bool, Trouble> {
    println!("\nThe gateway of XA listens at {}, that of XB at {}.", world.xa.exchange, world.xb.exchange);
    println!("The story is about permit {} of XA.\n", world.number);
    let mut story = Story { world, positions: Vec::new() };
    for (index, (title, step)) in STEPS.iter().enumerate() {
        println!("{}. {title}", index + 1);
        match step(&mut story) {
            Ok(lines) => lines.iter().for_each(|line| println!("   {}", seen_from_root(line))),
            Err(Departure::Trouble(trouble)) => return Err(trouble),
            Err(Departure::NotAsTold { why, said }) => {
                println!("\nStep {} did not go as told: {why}\n{}", index + 1, said.describe());
                println!("The log of XA ends with\n{}", world.xa.log_tail());
                return Ok(false);
            }
        }
    }
    println!("\nEach step went as told.");
    Ok(true)
}

/// Stops both servers; whether both ended with exit status 0.
pub(crate) fn has_stopped_well(world: World) -> Result<bool, Trouble> {
    let complaints = world.stop()?;
    for complaint in &complaints {
        println!("{complaint}");
    }
    if complaints.is_empty() {
        println!("Both gateways stopped in good order.");
    }
    Ok(complaints.is_empty())
}

/// Until Ctrl-C, or until a server is gone.
fn stay_up(world: &mut World) -> Result<(), Trouble> {
    loop {
        match pause() {
            Err(Trouble::Interrupted) => {
                println!("\nStopping ...");
                return Ok(());
            }
            other => other?,
        }
        if let Some(complaint) = world.lost() {
            return Err(Trouble::Missing(complaint));
        }
    }
}

/// Two demos in one folder would pull it from under each other.
fn hold_the_demo() -> Result<File, Trouble> {
    let path = work_folder().join("demo.lock");
    fs::create_dir_all(work_folder()).map_err(Trouble::file(&path))?;
    let file = File::create(&path).map_err(Trouble::file(&path))?;
    match file.try_lock() {
        Ok(()) => Ok(file),
        Err(_) => Err(Trouble::Missing("another demo is up in this folder: end it with Ctrl-C first".into())),
    }
}

type Step = fn(&mut Story) -> Result<Vec<String>, Departure>;

const STEPS: [(&str, Step); 7] = [
    ("XB asks XA how its service is.", ask_state),
    ("XB fetches the permit as it was issued (non-final).", fetch_non_final),
    ("XB asks for it as final, before customs has seen the goods.", ask_final_too_early),
    ("XA's customs confirms what really crosses the border.", confirm),
    ("XB fetches it as final.", fetch_final),
    ("Somebody with a good certificate whom nobody registered asks for it.", ask_unregistered),
    ("A stranger with a certificate under another root asks for it.", ask_as_stranger),
];

/// Why the story stops.
enum Departure {
    NotAsTold { why: String, said: Box<Said> },
    Trouble(Trouble),
}

impl From<Trouble> for Departure {
    fn from(trouble: Trouble) -> Self {
        Self::Trouble(trouble)
    }
}

/// What one run of `epix` said.
struct Said {
    command: String,
    code: Option<i32>,
    output: String,
    value: Value,
}

impl Said {
    fn describe(&self) -> String {
        let code = self.code.map_or("none, ended by a signal".to_owned(), |code| code.to_string());
        let output: String = self.output.lines().map(|line| format!("  | {line}\n")).collect();
        format!("  $ {}\n{output}  exit status: {code}", self.command)
    }

    fn text(&self, name: &str) -> &str {
        self.value[name].as_str().unwrap_or("")
    }

    /// Goes on when the exit status and the kind of the JSON line are as told.
    fn is(self, code: i32, kind: &str) -> Result<Said, Departure> {
        let why = format!("exit status {code} and a line of kind {kind:?} were expected");
        let matches = self.code == Some(code) && self.text("kind") == kind;
        self.holds(matches, &why)
    }

    fn holds(self, condition: bool, why: &str) -> Result<Said, Departure> {
        if condition { Ok(self) } else { Err(Departure::NotAsTold { why: why.to_owned(), said: Box::new(self) }) }
    }
}

/// A line of the permit as `epix fetch` shows it, quantities as text.
#[derive(Debug, Clone, PartialEq)]
struct Position {
    id: String,
    name: String,
    permitted: String,
    confirmed: Option<String>,
    unit: String,
}

impl Position {
    /// Quantities are text in our output; a number of another JSON writer is taken by its digits.
    fn read(value: &Value) -> Option<Self> {
        let text = |name: &str| match &value[name] {
            Value::String(text) => Some(text.clone()),
            Value::Number(number) => Some(number.to_string()),
            _ => None,
        };
        Some(Self {
            id: text("id")?,
            name: text("scientific_name").unwrap_or_default(),
            permitted: text("permitted")?,
            confirmed: text("confirmed"),
            unit: text("unit").unwrap_or_default(),
        })
    }

    fn line(&self) -> String {
        let confirmed = self.confirmed.as_deref().unwrap_or("not yet");
        format!(
            "{}  {:30} permitted {:>8} {:4} confirmed {confirmed:>8}",
            self.id, self.name, self.permitted, self.unit
        )
    }
}

struct Story<'a> {
    world: &'a World,
    /// As permitted; what customs confirms is added in step 4.
    positions: Vec<Position>,
}

impl Story<'_> {
    fn ask_xa(&self, who: Holder, words: &[&str]) -> Result<Said, Trouble> {
        let call = Call::new(&self.world.programs.epix)
            .args(words)
            .args(connection(self.world, &self.world.xa, who))
            .args(["--format", "json"])
            .env("NO_PROXY", "127.0.0.1,localhost")
            .within(CALL_LIMIT);
        let ended = call.capture()?;
        let line = ended.stdout.lines().find(|line| line.starts_with('{')).unwrap_or("");
        Ok(Said {
            command: call.text(),
            code: ended.code,
            output: ended.output(),
            value: serde_json::from_str(line).unwrap_or(Value::Null),
        })
    }

    fn fetch(&self, who: Holder, more: &[&str]) -> Result<Said, Trouble> {
        let words = [["fetch", &self.world.number, "--country", "XA"].as_slice(), more].concat();
        self.ask_xa(who, &words)
    }

    /// Checks a fetched permit and gives its positions.
    fn permit(&self, said: Said, is_final: bool, file: &Path) -> Result<(Said, Vec<Position>), Departure> {
        let positions = positions(&said.value);
        let said = said.is(0, "permit")?;
        let is_ours = said.text("number") == self.world.number;
        let said = said.holds(is_ours, "it is another permit's number")?;
        let is_told = said.value["final"] == is_final;
        let said =
            said.holds(is_told, if is_final { "it is not said to be final" } else { "it is said to be final" })?;
        let said = said.holds(!positions.is_empty(), "it shows no positions")?;
        let said = said.holds(file.is_file(), &format!("{} was not written", file.display()))?;
        Ok((said, positions))
    }

    fn file(&self, name: &str) -> PathBuf {
        self.world.folder.join(name)
    }
}

/// The arguments that say whom `epix` calls and as whom.
pub(crate) fn connection(world: &World, to: &Gateway, who: Holder) -> Vec<String> {
    let path = |path: PathBuf| path.display().to_string();
    let (cert, key, ca) = (world.pki.certificate(who), world.pki.key(who), world.pki.certificate(Holder::Root));
    let pairs = [("--to", to.endpoint()), ("--cert", path(cert)), ("--key", path(key)), ("--ca", path(ca))];
    pairs.into_iter().flat_map(|(name, value)| [name.to_owned(), value]).collect()
}

fn positions(value: &Value) -> Vec<Position> {
    value["positions"].as_array().into_iter().flatten().filter_map(Position::read).collect()
}

fn ask_state(story: &mut Story) -> Result<Vec<String>, Departure> {
    let said = story.ask_xa(Holder::Xb, &["state", "--country", "XA"])?.is(0, "state")?;
    let is_well = said.text("state") == "OK";
    let said = said.holds(is_well, "the state is not OK")?;
    Ok(vec![format!("XA answers: {}", said.text("state"))])
}

fn fetch_non_final(story: &mut Story) -> Result<Vec<String>, Departure> {
    let file = story.file("non-final.xml");
    let said = story.fetch(Holder::Xb, &["-o", &file.to_string_lossy()])?;
    let (said, positions) = story.permit(said, false, &file)?;
    let is_untouched = positions.iter().all(|position| position.confirmed.is_none());
    let said = said.holds(is_untouched, "a position is confirmed although customs has not seen the goods")?;
    story.positions = positions;
    let heading =
        format!("XA hands out {} (toolkit {}), kept in {}:", said.text("number"), said.text("version"), file.display());
    Ok([heading].into_iter().chain(story.positions.iter().map(Position::line)).collect())
}

fn ask_final_too_early(story: &mut Story) -> Result<Vec<String>, Departure> {
    let said = story.fetch(Holder::Xb, &["--final"])?;
    refused(said, "NotFinal")
}

fn confirm(story: &mut Story) -> Result<Vec<String>, Departure> {
    let mut words = vec!["confirm".to_owned(), story.world.number.clone(), "--country".into(), "XA".into()];
    let actual: Vec<(String, bool)> = story.positions.iter().map(|position| actual(&position.permitted)).collect();
    let has_less = actual.iter().any(|(_, is_less)| *is_less);
    for (position, (quantity, _)) in story.positions.iter_mut().zip(actual) {
        words.extend(["--quantity".to_owned(), format!("{}={quantity}", position.id)]);
        position.confirmed = Some(quantity);
    }
    let words: Vec<&str> = words.iter().map(String::as_str).collect();
    let said = story.ask_xa(Holder::XaCustoms, &words)?;
    let said =
        said.holds(has_less, "no position of this permit permits enough to confirm less of it: take another fixture")?;
    let said = said.is(0, "confirmed")?;
    let is_confirmed = said.value["confirmed"] == true;
    said.holds(is_confirmed, "XA does not say that it is confirmed")?;
    let of_each = story.positions.iter().map(|position| {
        let confirmed = position.confirmed.as_deref().unwrap_or("");
        format!("{} of {} {} at position {}", confirmed, position.permitted, position.unit, position.id)
    });
    Ok(vec![format!("XA takes the actual quantities: {}", of_each.collect::<Vec<_>>().join(", "))])
}

fn fetch_final(story: &mut Story) -> Result<Vec<String>, Departure> {
    let file = story.file("final.xml");
    let said = story.fetch(Holder::Xb, &["--final", "-o", &file.to_string_lossy()])?;
    let (said, positions) = story.permit(said, true, &file)?;
    let shows_all = positions.len() == story.positions.len();
    let mut said = said.holds(shows_all, "it has other positions than the permit that was issued")?;
    for told in &story.positions {
        let is_same = positions.iter().any(|shown| is_same_position(shown, told));
        said = said.holds(is_same, &format!("position {} is not as permitted and confirmed", told.id))?;
    }
    let heading = format!("XA hands out the final permit, kept in {}:", file.display());
    Ok([heading].into_iter().chain(positions.iter().map(Position::line)).collect())
}

fn ask_unregistered(story: &mut Story) -> Result<Vec<String>, Departure> {
    let said = story.fetch(Holder::Unregistered, &[])?;
    refused(said, "CallerNotFound")
}

fn ask_as_stranger(story: &mut Story) -> Result<Vec<String>, Departure> {
    let said = story.fetch(Holder::Stranger, &[])?.is(2, "error")?;
    let error = said.text("error").to_lowercase();
    // With TLS 1.3 the client may see the refusal only as the connection's end: it has sent its certificate by then.
    let signs =
        ["tls", "ssl", "handshake", "certificate", "alert", "unknown ca", "reset", "closed", "broken pipe", "eof"];
    let is_handshake = signs.iter().any(|sign| error.contains(sign)) && !error.contains("refused");
    let said = said.holds(is_handshake, "the error does not speak of a failed handshake")?;
    Ok(vec![format!("no connection comes about: {}", said.text("error"))])
}

fn refused(said: Said, code: &str) -> Result<Vec<String>, Departure> {
    let said = said.is(1, "fault")?;
    let is_told = said.text("code") == code;
    let said = said.holds(is_told, &format!("the fault {code} was expected"))?;
    let has_words = !said.text("message").is_empty();
    let said = said.holds(has_words, "the fault carries no message")?;
    Ok(vec![format!("XA refuses: {code}: {}", said.text("message"))])
}

/// What customs counts: about a fifth less, or as much as permitted where that is one piece; and whether it is less.
fn actual(permitted: &str) -> (String, bool) {
    match Quantity::read(permitted).and_then(Quantity::smaller) {
        Some(less) => (less.to_string(), true),
        None => (permitted.to_owned(), false),
    }
}

fn is_same_position(shown: &Position, told: &Position) -> bool {
    let quantity = |text: &Option<String>| text.as_deref().and_then(Quantity::read);
    shown.id == told.id
        && Quantity::read(&shown.permitted) == Quantity::read(&told.permitted)
        && quantity(&shown.confirmed).is_some()
        && quantity(&shown.confirmed) == quantity(&told.confirmed)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn said(code: i32, line: &str) -> Said {
        Said {
            command: "epix".into(),
            code: Some(code),
            output: line.into(),
            value: serde_json::from_str(line).unwrap(),
        }
    }

    fn position(permitted: &str, confirmed: Option<&str>) -> Position {
        let line = serde_json::json!({"id": "A", "scientific_name": "n", "permitted": permitted, "confirmed": confirmed, "unit": "KGM"});
        Position::read(&line).unwrap()
    }

    #[test]
    fn quantities_are_compared_as_decimals() {
        assert!(is_same_position(&position("2.750", Some("2.20")), &position("2.75", Some("2.2"))));
        assert!(!is_same_position(&position("2.75", Some("2.21")), &position("2.75", Some("2.2"))));
        assert!(!is_same_position(&position("2.75", None), &position("2.75", None)));
    }

    #[test]
    fn customs_counts_less_where_there_is_more_than_one() {
        assert_eq!(actual("10"), ("8".to_owned(), true));
        assert_eq!(actual("1"), ("1".to_owned(), false));
    }

    #[test]
    fn the_fault_of_the_story_is_told() {
        let line = r#"{"kind":"fault","faultcode":"Client","code":"NotFinal","message":"not yet","request_id":"r"}"#;

        let lines = refused(said(1, line), "NotFinal").ok().unwrap();

        assert_eq!(lines, ["XA refuses: NotFinal: not yet"]);
    }

    #[test]
    fn another_fault_or_another_exit_status_is_not_as_told() {
        let line =
            r#"{"kind":"fault","faultcode":"Client","code":"PermitNotFound","message":"unknown","request_id":"r"}"#;

        assert!(refused(said(1, line), "NotFinal").is_err());
        assert!(refused(said(0, line), "PermitNotFound").is_err());
    }
}
