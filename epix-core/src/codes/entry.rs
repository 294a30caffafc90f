//! What does one row of a list say?

use std::fmt;

use chrono::NaiveDate;

use super::country::Standing;
use super::language::Language;
use super::unit::Crosswalk;

/// How sure a row is: the weakest of its code, its meaning and its days.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Grade {
    /// Read in the source.
    Certain,
    /// Concluded from what was read.
    Inferred,
    /// Read nowhere, recalled; to be compared with the official text.
    Recalled,
}

impl Grade {
    /// All grades, the surest first.
    pub const ALL: [Grade; 3] = [Grade::Certain, Grade::Inferred, Grade::Recalled];

    /// The word for it.
    pub fn as_str(self) -> &'static str {
        match self {
            Grade::Certain => "certain",
            Grade::Inferred => "inferred",
            Grade::Recalled => "recalled",
        }
    }

    /// Reads the word; `None` for any other.
    pub(super) fn read(word: &str) -> Option<Grade> {
        Grade::ALL.into_iter().find(|grade| grade.as_str() == word)
    }
}

impl fmt::Display for Grade {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}

/// One row: a code, what it means, and the days on which it means that.
#[derive(Debug, PartialEq, Eq)]
pub struct Entry {
    /// The code as it is written on a permit.
    pub code: &'static str,
    /// First day on which it is valid; `None` where no beginning is known.
    pub from: Option<NaiveDate>,
    /// Last day on which it is valid; `None` while it is in use.
    pub until: Option<NaiveDate>,
    /// What is written instead today: several codes where it depends on the specimen or the place, none where nobody knows.
    pub replaced_by: Vec<&'static str>,
    /// Where the facts are from: short names, spelled out by [`super::reference`].
    pub sources: Vec<&'static str>,
    /// How sure the row is.
    pub grade: Grade,
    /// What a reader should know besides; may be empty.
    pub note: &'static str,
    /// English, French, Spanish; the latter two may be empty.
    pub(super) names: [&'static str; 3],
    /// Only in the list of units.
    pub(super) crosswalk: Option<Crosswalk>,
    /// Only in the list of countries.
    pub(super) standing: Option<Standing>,
}

impl Entry {
    /// The name in a language, in English where it is not known in that language.
    pub fn name(&self, language: Language) -> &'static str {
        self.name_in(language).unwrap_or(self.names[0])
    }

    /// The name in a language; `None` where no source gives it.
    pub fn name_in(&self, language: Language) -> Option<&'static str> {
        let name = match language {
            Language::English => self.names[0],
            Language::French => self.names[1],
            Language::Spanish => self.names[2],
        };
        (!name.is_empty()).then_some(name)
    }

    /// True on each day from the first to the last.
    pub fn is_valid_on(&self, day: NaiveDate) -> bool {
        self.from.is_none_or(|from| from <= day) && self.until.is_none_or(|until| day <= until)
    }

    /// The Rec 20 code of the same unit; only rows of [`super::List::Units`] have one.
    pub fn crosswalk(&self) -> Option<Crosswalk> {
        self.crosswalk
    }

    /// What a country is to the Convention; only rows of [`super::List::Countries`] have it.
    pub fn standing(&self) -> Option<Standing> {
        self.standing
    }
}

impl fmt::Display for Entry {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}", self.code, self.names[0])
    }
}
