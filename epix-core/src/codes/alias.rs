//! What may a sender have meant who wrote something that is no code of the list?

use std::sync::LazyLock;

use super::list::List;
use super::spans;
use super::table::Sheet;

/// A guess at what was meant: to be shown to a person, never to change a document.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Hint {
    /// The code that was probably meant.
    pub code: &'static str,
    /// Why one may think so.
    pub because: &'static str,
}

/// One row of the table of traps.
#[derive(Debug)]
pub(super) struct Alias {
    pub(super) list: List,
    pub(super) text: &'static str,
    pub(super) hint: Hint,
}

/// The rows; a row that cannot be read is left out here and told by a test.
static ALIASES: LazyLock<Vec<Alias>> = LazyLock::new(|| {
    let sheet = sheet();
    let rows = sheet.rows().filter_map(Result::ok);
    rows.filter_map(|(_, row)| {
        let hint = Hint { code: row.cell("code"), because: row.cell("note") };
        Some(Alias { list: row.cell("list").parse().ok()?, text: row.cell("text"), hint })
    })
    .collect()
});

/// The data file.
pub(super) fn sheet() -> Sheet {
    Sheet::read(include_str!("data/aliases.tsv"))
}

/// The table of traps, in the order of its file.
pub(super) fn aliases() -> &'static [Alias] {
    &ALIASES
}

/// Guesses which code was meant; `None` for a code of the list, and where nothing comes to mind.
///
/// The code that is proposed may be one of the past, and for a country a special code: look it up.
///
/// ```
/// use epix_core::codes::{List, hint};
///
/// assert_eq!(hint(List::Countries, "UK").unwrap().code, "GB");
/// assert_eq!(hint(List::Units, "kg ").unwrap().code, "KGM");
/// assert_eq!(hint(List::Countries, "CH "), Some(hint(List::Countries, "ch").unwrap()));
/// assert_eq!(hint(List::Countries, "CH"), None);
/// ```
pub fn hint(list: List, text: &str) -> Option<Hint> {
    if spans(list, text).next().is_some() {
        return None;
    }
    let text = text.trim().to_ascii_uppercase();
    if let Some(entry) = spans(list, &text).next() {
        return Some(Hint { code: entry.code, because: "the letters are right, case or white space is not" });
    }
    aliases().iter().find(|alias| alias.list == list && alias.text == text).map(|alias| alias.hint)
}
