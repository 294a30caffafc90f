//! How is a data file read?
//!
//! Tab separated. Lines `# key: value` come first (`about`, `facts`, `grade`, `edition`), then the header line, then one
//! row per code and span. A file that ships is read once; a test reads every file, so a flaw never leaves the house.

use std::collections::BTreeMap;
use std::fmt;
use std::sync::LazyLock;

use chrono::NaiveDate;

use super::country::Standing;
use super::entry::{Entry, Grade};
use super::list::List;
use super::unit::Crosswalk;

/// Which edition of a list this is: ours, not that of the source.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Edition {
    /// Name and number: `terms-1`. A changed row makes the next number.
    pub id: &'static str,
    /// The day on which it was made.
    pub date: NaiveDate,
}

impl fmt::Display for Edition {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} of {}", self.id, self.date)
    }
}

/// One list, read.
#[derive(Debug)]
pub(super) struct Table {
    /// What the list is.
    pub(super) about: &'static str,
    /// Where its facts are from.
    pub(super) facts: &'static str,
    /// How sure they are, in a sentence.
    pub(super) grade: &'static str,
    pub(super) edition: Edition,
    pub(super) entries: Vec<Entry>,
    /// Places in `entries`, in the order of the file.
    places: BTreeMap<&'static str, Vec<usize>>,
}

impl Table {
    /// The rows of one code, in the order of the file.
    pub(super) fn spans(&self, code: &str) -> impl Iterator<Item = &Entry> {
        self.places.get(code).into_iter().flatten().map(|place| &self.entries[*place])
    }
}

/// What is wrong with a data file, and where.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Flaw {
    /// Counted from 1; 0 for the file as a whole.
    pub(super) line: usize,
    pub(super) what: String,
}

impl fmt::Display for Flaw {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "line {}: {}", self.line, self.what)
    }
}

static TABLES: LazyLock<Vec<Table>> = LazyLock::new(|| List::ALL.into_iter().map(shipped).collect());

fn shipped(list: List) -> Table {
    match read(list.text()) {
        Ok(table) => table,
        Err(flaw) => unreachable!("a test reads every file that ships, {list} too: {flaw}"),
    }
}

/// A list, read on first use.
pub(super) fn of(list: List) -> &'static Table {
    &TABLES[list.index()]
}

/// Spells out the short name of a source; `None` for a name that no row uses.
pub fn reference(key: &str) -> Option<&'static str> {
    references().find(|(known, _)| *known == key).map(|(_, title)| title)
}

/// All sources: short name and title.
pub(super) fn references() -> impl Iterator<Item = (&'static str, &'static str)> {
    let rows = include_str!("data/references.tsv").lines().filter(|line| !line.starts_with('#')).skip(1);
    rows.filter_map(|line| line.split_once('\t'))
}

/// One row by the names of its columns.
pub(super) struct Row<'t> {
    columns: &'t [&'static str],
    cells: Vec<&'static str>,
}

impl Row<'_> {
    /// What stands in a column; empty where the file has no such column.
    pub(super) fn cell(&self, column: &str) -> &'static str {
        self.columns.iter().position(|known| *known == column).map_or("", |at| self.cells[at])
    }

    /// A day, or nothing.
    pub(super) fn day(&self, column: &str) -> Result<Option<NaiveDate>, String> {
        match self.cell(column) {
            "" => Ok(None),
            text => day(text).map(Some),
        }
    }

    fn words(&self, column: &str) -> Vec<&'static str> {
        self.cell(column).split(' ').filter(|word| !word.is_empty()).collect()
    }
}

fn day(text: &str) -> Result<NaiveDate, String> {
    text.parse().map_err(|_| format!("{text:?} is not a day"))
}

/// The lines of a file: what the head says, the names of the columns, and the rows with their line numbers.
pub(super) struct Sheet {
    pub(super) head: BTreeMap<&'static str, &'static str>,
    columns: Vec<&'static str>,
    lines: Vec<(usize, &'static str)>,
}

impl Sheet {
    pub(super) fn read(text: &'static str) -> Sheet {
        let (mut head, mut lines) = (BTreeMap::new(), Vec::new());
        for (line, number) in text.lines().zip(1..) {
            match line.strip_prefix("# ") {
                Some(comment) => head.extend(comment.split_once(": ")),
                None => lines.push((number, line)),
            }
        }
        let columns = if lines.is_empty() { Vec::new() } else { lines.remove(0).1.split('\t').collect() };
        Sheet { head, columns, lines }
    }

    /// The rows with their line numbers.
    pub(super) fn rows(&self) -> impl Iterator<Item = Result<(usize, Row<'_>), Flaw>> {
        self.lines.iter().map(|(line, text)| {
            let cells: Vec<&'static str> = text.split('\t').collect();
            let (found, wanted) = (cells.len(), self.columns.len());
            if found != wanted {
                return Err(Flaw { line: *line, what: format!("{found} cells where the header has {wanted}") });
            }
            Ok((*line, Row { columns: &self.columns, cells }))
        })
    }

    fn said(&self, key: &str) -> Result<&'static str, Flaw> {
        self.head.get(key).copied().ok_or_else(|| Flaw { line: 0, what: format!("no line \"# {key}: …\"") })
    }
}

/// Reads a data file.
pub(super) fn read(text: &'static str) -> Result<Table, Flaw> {
    let sheet = Sheet::read(text);
    let mut entries = Vec::new();
    let mut places: BTreeMap<&'static str, Vec<usize>> = BTreeMap::new();
    for row in sheet.rows() {
        let (line, row) = row?;
        let entry = entry(&row).map_err(|what| Flaw { line, what })?;
        places.entry(entry.code).or_default().push(entries.len());
        entries.push(entry);
    }
    let edition = edition(sheet.said("edition")?).map_err(|what| Flaw { line: 0, what })?;
    let (about, facts, grade) = (sheet.said("about")?, sheet.said("facts")?, sheet.said("grade")?);
    Ok(Table { about, facts, grade, edition, entries, places })
}

fn edition(text: &'static str) -> Result<Edition, String> {
    let (id, date) = text.split_once(' ').ok_or("an edition is a name and a day")?;
    Ok(Edition { id, date: day(date)? })
}

fn entry(row: &Row<'_>) -> Result<Entry, String> {
    let (code, english, grade) = (row.cell("code"), row.cell("en"), row.cell("grade"));
    if code.is_empty() || english.is_empty() {
        return Err("a row has a code and a name in English".to_owned());
    }
    Ok(Entry {
        code,
        from: row.day("from")?,
        until: row.day("until")?,
        replaced_by: row.words("replaced_by"),
        sources: row.words("source"),
        grade: Grade::read(grade).ok_or_else(|| format!("{grade:?} is no grade"))?,
        note: row.cell("note"),
        names: [english, row.cell("fr"), row.cell("es")],
        crosswalk: Crosswalk::read(row)?,
        standing: Standing::read(row)?,
    })
}
