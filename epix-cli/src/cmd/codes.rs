//! What does a code of the standard mean, and on which days?

use std::fmt::Write as _;

use epix_core::codes::{Entry, Language, List, Lookup, edition, entries, hint, lookup};

use super::say;
use crate::args::Format;
use crate::exit::{Exit, Trouble};
use crate::output::json::{self, CodeLine, CodeListLine};
use crate::output::{Console, plain};
use crate::plan::{Codes, Question};

/// Answers from the lists.
pub(crate) fn run(plan: &Codes, console: &mut Console<'_>) -> Result<Exit, Trouble> {
    match &plan.question {
        Question::Lists => List::ALL.into_iter().try_for_each(|list| tell_list(list, plan, console))?,
        Question::Rows(list, day) => {
            let wanted = |entry: &&Entry| day.is_none_or(|day| entry.is_valid_on(day));
            for entry in entries(*list).iter().filter(wanted) {
                tell_row(*list, entry, day.map(|_| "current"), plan, console)?;
            }
        }
        Question::Code(list, code, day) => {
            let answer = lookup(*list, code, *day);
            match answer.entry() {
                Some(entry) => tell_row(*list, entry, Some(standing(&answer)), plan, console)?,
                None => tell_unknown(*list, code, plan, console)?,
            }
            return Ok(if answer.is_current() { Exit::Good } else { Exit::Invalid });
        }
    }
    Ok(Exit::Good)
}

fn standing(answer: &Lookup) -> &'static str {
    match answer {
        Lookup::Current(_) => "current",
        Lookup::NotYet(_) => "not-yet",
        Lookup::Former(_) => "former",
        Lookup::Unknown => "unknown",
    }
}

fn tell_list(list: List, plan: &Codes, console: &mut Console<'_>) -> Result<(), Trouble> {
    let (edition, rows) = (edition(list), entries(list).len());
    match plan.format {
        Format::Human => say(console, &format!("{list:<16} {rows:>4} rows, edition {edition}\n")),
        Format::Json => {
            let (id, date) = (edition.id, edition.date.to_string());
            json::line(console, &CodeListLine { list: list.name(), edition: id, edition_date: date, rows })
        }
    }
}

fn tell_row(
    list: List,
    entry: &Entry,
    standing: Option<&'static str>,
    plan: &Codes,
    console: &mut Console<'_>,
) -> Result<(), Trouble> {
    match plan.format {
        Format::Human => say(console, &row(entry, standing, plan.language)),
        Format::Json => json::line(console, &line(list, entry, standing, plan.language)),
    }
}

/// `COS   coral sand (until 2013-06-11; not valid on that day; now write SAN) - recalled`
fn row(entry: &Entry, standing: Option<&'static str>, language: Language) -> String {
    let mut facts: Vec<String> = match standing {
        Some("former") => vec!["no longer valid on that day".to_owned()],
        Some("not-yet") => vec!["not valid yet on that day".to_owned()],
        _ => Vec::new(),
    };
    facts.extend(entry.from.map(|day| format!("from {day}")));
    facts.extend(entry.until.map(|day| format!("until {day}")));
    if !entry.replaced_by.is_empty() {
        facts.push(format!("now write {}", entry.replaced_by.join(" or ")));
    }
    if !entry.note.is_empty() {
        facts.push(entry.note.to_owned());
    }
    let mut row = format!("{:<5} {} [{}]", entry.code, entry.name(language), entry.grade);
    if !facts.is_empty() {
        let _ = write!(row, " - {}", facts.join("; "));
    }
    row + "\n"
}

fn line(list: List, entry: &Entry, standing: Option<&'static str>, language: Language) -> CodeLine<'static> {
    CodeLine {
        list: list.name(),
        edition: edition(list).id,
        code: entry.code,
        standing,
        name: Some(entry.name(language)),
        from: entry.from.map(|day| day.to_string()),
        until: entry.until.map(|day| day.to_string()),
        replaced_by: entry.replaced_by.clone(),
        grade: Some(entry.grade.as_str()),
        sources: entry.sources.clone(),
        note: Some(entry.note).filter(|note| !note.is_empty()),
        meant: None,
    }
}

fn tell_unknown(list: List, code: &str, plan: &Codes, console: &mut Console<'_>) -> Result<(), Trouble> {
    let hint = hint(list, code);
    match plan.format {
        Format::Human => {
            let mut text = format!("{} is not on the list {list}\n", plain(code));
            if let Some(hint) = hint {
                let _ = writeln!(text, "  hint: {} may be meant: {}", hint.code, hint.because);
            }
            say(console, &text)
        }
        Format::Json => {
            let line = CodeLine {
                list: list.name(),
                edition: edition(list).id,
                code,
                standing: Some("unknown"),
                name: None,
                from: None,
                until: None,
                replaced_by: Vec::new(),
                grade: None,
                sources: Vec::new(),
                note: None,
                meant: hint.map(|hint| hint.code),
            };
            json::line(console, &line)
        }
    }
}
