//! What does the page about the rules (`docs/rules.md`) say?

use std::fmt::Write as _;

use super::{PACK, Row, TOPICS, Topic, rows};
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
*Catalogue* is the number in the catalogue that the rules were drawn from. Codes and dates are judged by the day of issue.
A rule that needs what is not in the document is skipped, with the reason, where nobody tells it.
";

/// What the catalogue has and the rules have not, and why: a person who looks for a number finds an answer.
pub const LEFT_OUT: &[(&str, &str)] = &[
    ("F27", "toolkits 1.0 and 2.0 have no place for a second source code"),
    ("F42", "a signature is a layer of its own, not yet looked at"),
    (
        "L02, L04 to L08, L10, L12, L13",
        "they speak of what happens to a permit after its issue; the store knows that, no document does",
    ),
    ("L09", "no toolkit says of a document that it is retrospective"),
    ("L11", "box 1 says \"other\" in words, not whether it is a passport, an instrument or an exhibition"),
    ("R01 to R31", "they are for annual reports"),
];

/// Prints the page, Markdown, from the rows.
pub fn render() -> String {
    let mut page = HEAD.to_owned();
    let of = |severity: Severity| rows().filter(|row| row.severity == severity).count();
    let (errors, warnings, notes) = (of(Severity::Error), of(Severity::Warning), of(Severity::Note));
    let _ = write!(page, "\nEdition {} of {}: {} rules, ", PACK.id, PACK.date, rows().count());
    let _ = writeln!(page, "{errors} errors, {warnings} warnings, {notes} notes.");
    page.push_str("\n| topic | about | errors | warnings | notes |\n|---|---|--:|--:|--:|\n");
    TOPICS.iter().for_each(|topic| summary(&mut page, topic));
    page.push_str("\n## Layers before the rules\n\n| rule | what must be so |\n|---|---|\n");
    for (id, sentence) in wire::rules::ROWS {
        let _ = writeln!(page, "| {id} | {} |", sentence.trim());
    }
    let _ = writeln!(page, "| {OBEYS_SCHEMA} | A document obeys the schema of its version. |");
    for topic in TOPICS {
        let _ = write!(page, "\n## {}\n\n{}.\n", topic.name, topic.about);
        topic.rows.iter().for_each(|row| page.push_str(&entry(row)));
    }
    page.push_str("\n## Left out\n\n| catalogue | why |\n|---|---|\n");
    for (numbers, why) in LEFT_OUT {
        let _ = writeln!(page, "| {numbers} | {why} |");
    }
    page
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
