//! What does the page about the code lists (`docs/codes.md`) say?

use std::collections::BTreeSet;
use std::fmt::Write as _;

use super::alias::aliases;
use super::entry::{Entry, Grade};
use super::language::Language;
use super::list::List;
use super::table::{self, references};
use super::unit::Fit;

const HEAD: &str = "# Code lists

Printed from the data files in `epix-core/src/codes/data`; a test compares. After a change of the data:
`cargo xtask gen`.

Every code has the days on which it is valid, and may have several meanings in turn. An empty *from* means that no
beginning is known, an empty *until* that it is in use. *Certain* was read in the source, *inferred* concluded from it,
*recalled* read nowhere; the grade is that of the weakest of code, meaning and days. An edition is ours: a changed row
makes the next one, and reports name it.
";

/// Prints the page, Markdown, from the rows.
pub fn render() -> String {
    let mut page = HEAD.to_owned();
    page.push_str(
        "\n| list | codes | rows | certain | inferred | recalled | edition |\n|---|--:|--:|--:|--:|--:|---|\n",
    );
    for list in List::ALL {
        summary(&mut page, list);
    }
    for list in List::ALL {
        section(&mut page, list);
    }
    traps(&mut page);
    page.push_str("\n## Where the facts are from\n\n| source | title |\n|---|---|\n");
    for (key, title) in references() {
        line(&mut page, &[key, title]);
    }
    page
}

/// One line of the first table.
fn summary(page: &mut String, list: List) {
    let table = table::of(list);
    let codes: BTreeSet<&str> = table.entries.iter().map(|entry| entry.code).collect();
    let graded = |grade| table.entries.iter().filter(|entry| entry.grade == grade).count().to_string();
    let [certain, inferred, recalled] = Grade::ALL.map(graded);
    let (codes, rows) = (codes.len().to_string(), table.entries.len().to_string());
    let name = format!("[{list}](#{list})");
    line(page, &[&name, &codes, &rows, &certain, &inferred, &recalled, table.edition.id]);
}

/// A list with all its rows.
fn section(page: &mut String, list: List) {
    let table = table::of(list);
    let (count, edition) = (table.entries.len(), table.edition);
    let (about, facts, grade) = (capital(table.about), capital(table.facts), capital(table.grade));
    let _ = write!(page, "\n## {list}\n\n{about}.\n\n{count} rows, edition {edition}.\n");
    let _ = write!(page, "Facts: {facts}.\nGrade: {grade}.\n\n");
    let more: &[&str] = match list {
        List::Units => &["Rec 20"],
        List::Countries => &["Party since", "part of"],
        _ => &[],
    };
    let columns = ["code", "English", "French", "Spanish", "from", "until", "now", "grade", "source", "note"];
    line(page, &[&columns[..], more].concat());
    line(page, &vec!["---"; columns.len() + more.len()]);
    for entry in &table.entries {
        row(page, entry);
    }
}

fn row(page: &mut String, entry: &Entry) {
    let name = |language| entry.name_in(language).unwrap_or_default().to_owned();
    let day = |day: Option<chrono::NaiveDate>| day.map(|day| day.to_string()).unwrap_or_default();
    let mut cells = vec![
        entry.code.to_owned(),
        name(Language::English),
        name(Language::French),
        name(Language::Spanish),
        day(entry.from),
        day(entry.until),
        entry.replaced_by.join(" "),
        entry.grade.to_string(),
        entry.sources.join(" "),
        entry.note.to_owned(),
    ];
    if let Some(crosswalk) = entry.crosswalk {
        cells.push(match (crosswalk.rec20, crosswalk.fit) {
            (Some(code), Fit::Approximate) => format!("about {code}"),
            (code, _) => code.unwrap_or("none").to_owned(),
        });
    }
    if let Some(standing) = entry.standing {
        cells.extend([day(standing.party_from), standing.part_of.unwrap_or_default().to_owned()]);
    }
    let cells: Vec<&str> = cells.iter().map(String::as_str).collect();
    line(page, &cells);
}

/// The table of what senders write instead of a code.
fn traps(page: &mut String) {
    page.push_str("\n## Written instead of a code\n\nFor hints only: no document is ever changed by this table.\n\n");
    line(page, &["list", "written", "probably meant", "because"]);
    line(page, &["---"; 4]);
    for alias in aliases() {
        line(page, &[alias.list.name(), alias.text, alias.hint.code, alias.hint.because]);
    }
}

fn line(page: &mut String, cells: &[&str]) {
    let _ = writeln!(page, "| {} |", cells.join(" | "));
}

/// The first letter as a capital, as a sentence begins.
fn capital(text: &str) -> String {
    let mut letters = text.chars();
    letters.next().map_or_else(String::new, |first| first.to_uppercase().chain(letters).collect())
}
