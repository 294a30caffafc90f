//! What does the page about the rules (`docs/rules.md`) say?

use std::fmt::Write as _;

use super::{PACK, Row, TOPICS, Topic, catalogue, rows};
use crate::check::explain;
use crate::check::schema::OBEYS_SCHEMA;
use crate::codes::Grade;
use crate::report::Severity;
use crate::version::VERSIONS;
use crate::wire;

const HEAD: &str = "# Rules

Printed from the rows in `epix-core/src/check/rules`; a test compares. After a change of the rows:
`cargo xtask gen`.

Ids are for ever: a rule that no longer holds gets the end of its days, and its row stays. What is *certain* was read in the
source and gives errors; what is *inferred* or *recalled* (read nowhere, to be compared with the official text) gives warnings
or notes. A certain rule that weighs less says why. What is done about a finding is for a policy to say, by rule id.
*Catalogue* is the number in the catalogue that the rules were drawn from; the last table goes through all of it. Codes and dates are judged by the day of issue.
A rule that needs what is not in the document is skipped, with the reason, where nobody tells it.
";

/// Prints the page, Markdown, from the rows.
pub fn render() -> String {
    let mut page = HEAD.to_owned();
    let of = |severity: Severity| rows().filter(|row| row.severity == severity).count();
    let (errors, warnings, notes) = (of(Severity::Error), of(Severity::Warning), of(Severity::Note));
    let _ = write!(page, "\nEdition {} of {}: {} rules, ", PACK.id, PACK.date, rows().count());
    let _ = writeln!(page, "{errors} errors, {warnings} warnings, {notes} notes.");
    page.push_str("\n| topic | about | errors | warnings | notes |\n|---|---|--:|--:|--:|\n");
    TOPICS.iter().for_each(|topic| summary(&mut page, topic));
    page.push_str("\n## Layers before the rules\n\n| rule | what must be so | what to do |\n|---|---|---|\n");
    for wire::rules::Row { id, sentence, remedy } in wire::rules::ROWS {
        let _ = writeln!(page, "| {id} | {} | {remedy} |", sentence.trim());
    }
    let (schema, remedy) = (OBEYS_SCHEMA, explain::SCHEMA_REMEDY);
    let _ = writeln!(page, "| {schema} | A document obeys the schema of its version. | {remedy} |");
    for topic in TOPICS {
        let _ = write!(page, "\n## {}\n\n{}.\n", topic.name, topic.about);
        topic.rows.iter().for_each(|row| page.push_str(&entry(row)));
    }
    page.push_str("\n## The catalogue, number by number\n\n");
    page + &catalogue::table()
}

fn summary(page: &mut String, topic: &Topic) {
    let of = |severity| topic.rows.iter().filter(|row| row.severity == severity).count();
    let (errors, warnings, notes) = (of(Severity::Error), of(Severity::Warning), of(Severity::Note));
    let name = topic.name;
    let anchor = name.to_lowercase();
    let _ = writeln!(page, "| [{name}](#{anchor}) | {} | {errors} | {warnings} | {notes} |", topic.about);
}

/// One rule in lines of Markdown: what `epix rules ID` prints too.
pub fn entry(row: &Row) -> String {
    let Row {
        id, catalogue, form_box, sentence, remedy, source, grade, severity, lenient, needs, versions, days, ..
    } = row;
    let mut text = format!("\n### {id}\n\n{}.\n\n", capital(sentence));
    let _ = writeln!(text, "- {severity}, {grade}; box {form_box}; catalogue {catalogue}");
    let _ = writeln!(text, "- source: {source}");
    if let Some(why) = lenient.filter(|_| *grade == Grade::Certain) {
        let _ = writeln!(text, "- no error, because {}", why);
    }
    if !needs.is_empty() {
        let words: Vec<&str> = needs.iter().map(|need| need.because()).collect();
        let _ = writeln!(text, "- skipped when {}", words.join(", or "));
    }
    if versions.is_bounded() {
        let held = VERSIONS.into_iter().filter(|spec| versions.contains(spec.version));
        let _ = writeln!(text, "- versions {}", held.map(|spec| spec.label).collect::<Vec<_>>().join(", "));
    }
    if days.is_bounded() {
        let _ = writeln!(text, "- issued {}", span(days.from, days.until));
    }
    let _ = writeln!(text, "- what to do: {remedy}");
    text
}

fn span<T: std::fmt::Display>(from: Option<T>, until: Option<T>) -> String {
    let from = from.map(|from| format!("from {from}"));
    let until = until.map(|until| format!("until {until}"));
    from.into_iter().chain(until).collect::<Vec<_>>().join(" ")
}

fn capital(text: &str) -> String {
    let mut letters = text.chars();
    letters.next().map_or_else(String::new, |first| first.to_uppercase().chain(letters).collect())
}
