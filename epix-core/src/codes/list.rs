//! Which lists are there, and what are they called?

use std::fmt;
use std::str::FromStr;

/// A list of codes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum List {
    /// Type of document (box 1).
    DocumentTypes,
    /// Purpose of the transaction (box 5a).
    Purposes,
    /// Source of the specimen (box 10).
    Sources,
    /// Appendix of the Convention (box 10).
    Appendices,
    /// Description of specimens (box 9).
    Terms,
    /// Units of CITES (boxes 11, 11a, 14).
    Units,
    /// Units of UN/ECE Recommendation 20 that a permit may carry: a selection.
    Rec20Units,
    /// Countries and territories, ISO 3166-1 alpha-2, former ones included.
    Countries,
    /// Codes that stand where a country stands and are none, such as `XX` for unknown.
    SpecialCodes,
    /// Role of a signatory.
    SignatoryRoles,
    /// Documents that are referred to, UN/EDIFACT 1001: a selection.
    DocumentCodes,
}

/// Each list with its name and its data file, in the order in which they are printed.
const FILES: [(List, &str, &str); 11] = [
    (List::DocumentTypes, "document-types", include_str!("data/document-types.tsv")),
    (List::Purposes, "purposes", include_str!("data/purposes.tsv")),
    (List::Sources, "sources", include_str!("data/sources.tsv")),
    (List::Appendices, "appendices", include_str!("data/appendices.tsv")),
    (List::Terms, "terms", include_str!("data/terms.tsv")),
    (List::Units, "units", include_str!("data/units.tsv")),
    (List::Rec20Units, "rec20-units", include_str!("data/rec20-units.tsv")),
    (List::Countries, "countries", include_str!("data/countries.tsv")),
    (List::SpecialCodes, "special-codes", include_str!("data/special-codes.tsv")),
    (List::SignatoryRoles, "signatory-roles", include_str!("data/signatory-roles.tsv")),
    (List::DocumentCodes, "document-codes", include_str!("data/document-codes.tsv")),
];

impl List {
    /// All lists, in the order in which they are printed.
    pub const ALL: [List; FILES.len()] = {
        let mut all = [List::DocumentTypes; FILES.len()];
        let mut at = 0;
        while at < FILES.len() {
            all[at] = FILES[at].0;
            at += 1;
        }
        all
    };

    /// The name on the command line and in reports: `rec20-units`.
    pub fn name(self) -> &'static str {
        FILES[self.index()].1
    }

    /// The data file, as text.
    pub(super) fn text(self) -> &'static str {
        FILES[self.index()].2
    }

    /// Where the list stands in [`List::ALL`].
    pub(super) fn index(self) -> usize {
        self as usize
    }
}

impl fmt::Display for List {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.name())
    }
}

/// Says that no list has this name.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct UnknownList {
    /// The name that was asked for.
    pub name: String,
}

impl fmt::Display for UnknownList {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let known: Vec<&str> = List::ALL.iter().map(|list| list.name()).collect();
        write!(f, "no code list is called {:?}; there are {}", self.name, known.join(", "))
    }
}

impl std::error::Error for UnknownList {}

impl FromStr for List {
    type Err = UnknownList;

    fn from_str(name: &str) -> Result<List, UnknownList> {
        List::ALL.into_iter().find(|list| list.name() == name).ok_or_else(|| UnknownList { name: name.to_owned() })
    }
}
