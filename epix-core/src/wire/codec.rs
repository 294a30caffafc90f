//! What can be done with the documents of a version: read, written, endorsed.

use std::fmt;

use super::form::FormError;
use super::trace::Trace;
use super::tree::Node;
use super::view::View;
use crate::permit::{Examination, Fact, Permit, Quantity};
use crate::report::Finding;

/// What a version can do with a document.
pub struct Codec {
    /// Reads the root of a view into the model, with what is wrong and where each field came from.
    pub read: Read,
    /// Writes a permit as a stand-alone document, saying what it could not carry.
    pub write: fn(&Permit) -> Written,
    /// Inserts box 14 into an issued document and leaves every other byte.
    pub endorse: fn(&str, &Endorsement) -> Result<String, FormError>,
}

/// Reads a root, with its view for the places.
pub(super) type Read = fn(Node<'_, '_>, &View) -> (Permit, Vec<Finding>, Trace);

/// A permit as a document of one version.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Written {
    /// The stand-alone document.
    pub document: String,
    /// What the version could not carry, in the order of the form.
    pub losses: Vec<Loss>,
}

/// A fact of a permit that a version has no place for.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Loss {
    /// The box of the paper form, such as `12a`; empty for what is not on the form.
    pub form_box: &'static str,
    /// Where it stands in the model, such as `consignment.items[2].marks`; what stands below it is lost with it.
    pub path: String,
    /// What is lost, in words.
    pub what: String,
}

/// How much of what is lost is shown: enough to know it by.
const SHOWN: usize = 160;

impl From<Fact> for Loss {
    fn from(fact: Fact) -> Loss {
        let field = fact.path.rsplit('.').next().unwrap_or_default().replace('_', " ");
        let mut shown: String = fact.text.chars().take(SHOWN).collect();
        if shown.len() < fact.text.len() {
            shown.push('…');
        }
        Loss { form_box: fact.form_box, path: fact.path, what: format!("{field}: {shown}") }
    }
}

impl fmt::Display for Loss {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let form_box =
            if self.form_box.is_empty() { "not on the form".to_owned() } else { format!("box {}", self.form_box) };
        write!(f, "{form_box}, {}: {}", self.path, self.what)
    }
}

/// What customs certified (box 14).
#[derive(Debug, Clone)]
pub struct Endorsement {
    /// When, where and by whom.
    pub examination: Examination,
    /// What left, for each position of the document in its order; `None` leaves the position as it is.
    pub quantities: Vec<Option<Quantity>>,
}
